// SPDX-License-Identifier: Apache-2.0
#include "cgroup_path.h"

#include <ctype.h>
#include <string.h>

#define ID_DIGITS 64
#define ID_SHOWN  12

/* How runtimes name the cgroups of their containers: PREFIX id SUFFIX is one component. */
static const struct {
	const char *prefix, *suffix, *runtime;
} patterns[] = {
	{"docker-", ".scope", "docker"},
	{"cri-containerd-", ".scope", "containerd"},
	{"containerd-", ".scope", "containerd"},
	{"nerdctl-", ".scope", "containerd"},
	{"crio-", ".scope", "cri-o"},
	{"crio-", "", "cri-o"}, /* the cgroupfs driver */
	{"libpod-", ".scope", "podman"},
	{"libpod-", "", "podman"},
	{"libpod-payload-", "", "podman"}, /* --cgroups=split: below the unit that started podman */
};

/*
 * Who gave a name that is nothing but the id: the component above it, or, where a slice, a prefix
 * and the id became one component (runc's `slice:prefix:id`, taken as it is by the cgroupfs
 * driver), that prefix.
 */
static const struct {
	const char *name, *runtime;
} owners[] = {
	{"docker", "docker"},
	{"cri-containerd", "containerd"},
	{"containerd", "containerd"},
	{"default", "containerd"},
	{"k8s.io", "containerd"},
	{"nerdctl", "containerd"},
	{"crio", "cri-o"},
	{"libpod", "podman"},
	{"libpod_parent", "podman"},
};

/* Types of unit that hold processes. */
static const char *const unit_types[] = {".service", ".scope", ".socket", ".mount", ".swap"};

struct component {
	const char *text;
	size_t size;
};

static bool is_id(const char *text, size_t size)
{
	if (size != ID_DIGITS)
		return false;
	for (size_t i = 0; i < size; i++)
		if (!isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

static bool equals(const struct component *c, const char *text)
{
	return c->size == strlen(text) && !memcmp(c->text, text, c->size);
}

static bool has_prefix(const struct component *c, const char *prefix)
{
	return c->size > strlen(prefix) && !memcmp(c->text, prefix, strlen(prefix));
}

static bool has_suffix(const struct component *c, const char *suffix)
{
	size_t size = strlen(suffix);

	return c->size > size && !memcmp(c->text + c->size - size, suffix, size);
}

static bool contains(const struct component *c, const char *text)
{
	return memmem(c->text, c->size, text, strlen(text)) != NULL;
}

/* What lies between a prefix and a suffix; size 0 where the component does not have them, or
 * nothing between. */
static struct component inside(const struct component *c, const char *prefix, const char *suffix)
{
	size_t around = strlen(prefix) + strlen(suffix);

	if (c->size <= around || !has_prefix(c, prefix) || (*suffix && !has_suffix(c, suffix)))
		return (struct component){};
	return (struct component){c->text + strlen(prefix), c->size - around};
}

static void copy(char *to, size_t room, const char *from, size_t size)
{
	size = min(size, room - 1);
	memcpy(to, from, size);
	to[size] = 0;
}

static void found(struct cgroup_facts *f, const char *runtime, const char *id, size_t size)
{
	f->runtime = runtime;
	copy(f->id, sizeof(f->id), id, is_id(id, size) ? ID_SHOWN : size);
}

static bool read_pattern(const struct component *c, struct cgroup_facts *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		struct component id = inside(c, patterns[i].prefix, patterns[i].suffix);

		if (!is_id(id.text, id.size))
			continue;
		found(f, patterns[i].runtime, id.text, id.size);
		return true;
	}
	return false;
}

static const char *owner(const struct component *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(owners); i++)
		if (equals(c, owners[i].name))
			return owners[i].runtime;
	return NULL;
}

/* An id and nothing else, or behind `slice:prefix:`. */
static bool read_bare_id(const struct component *c, const struct component *above, bool kube,
			 struct cgroup_facts *f)
{
	const char *colon = memrchr(c->text, ':', c->size), *runtime;
	struct component id = *c, from = *above;

	if (colon) {
		id = (struct component){colon + 1, c->text + c->size - colon - 1};
		from = (struct component){c->text, colon - c->text};
		colon = memrchr(from.text, ':', from.size);
		if (colon)
			from = (struct component){colon + 1, from.text + from.size - colon - 1};
	}
	if (!is_id(id.text, id.size))
		return false;
	runtime = owner(&from);
	found(f, runtime ? runtime : kube ? "kubepods" : "docker", id.text, id.size);
	return true;
}

static int hex_digit(char c)
{
	return isdigit((unsigned char)c)    ? c - '0'
	       : isxdigit((unsigned char)c) ? (c | 32) - 'a' + 10
					    : -1;
}

/* systemd escapes what may not stand in a unit's name: "my-box" becomes "my\x2dbox". */
static void found_machine(struct cgroup_facts *f, const char *runtime, const struct component *name)
{
	char plain[sizeof(f->id)];
	size_t size = 0;

	for (size_t i = 0; i < name->size && size < sizeof(plain); i++) {
		const char *at = name->text + i;

		if (name->size - i >= 4 && at[0] == '\\' && at[1] == 'x' && hex_digit(at[2]) >= 0 &&
		    hex_digit(at[3]) >= 0) {
			plain[size++] = hex_digit(at[2]) << 4 | hex_digit(at[3]);
			i += 3;
		} else {
			plain[size++] = *at;
		}
	}
	found(f, runtime, plain, size);
}

/*
 * What systemd-machined registers. Libvirt's are there too: its LXC containers, and virtual
 * machines, whose emulator is a process of the host.
 */
static bool read_machine(const struct component *c, const struct component *above,
			 struct cgroup_facts *f)
{
	struct component name = inside(c, "systemd-nspawn@", ".service");

	if (!name.size && has_suffix(above, ".slice"))
		name = inside(c, "machine-", ".scope");
	if (!name.size || has_prefix(&name, "qemu\\x2d"))
		return false;
	found_machine(f, has_prefix(&name, "lxc\\x2d") ? "lxc" : "systemd-nspawn", &name);
	return true;
}

static bool read_lxc(const struct component *c, const struct component *above,
		     struct cgroup_facts *f)
{
	struct component name = inside(c, "lxc.payload.", "");

	if (!name.size && (equals(above, "lxc") || equals(above, "lxc.payload")))
		name = *c;
	if (!name.size)
		return false;
	found(f, "lxc", name.text, name.size);
	return true;
}

static void read_unit(const struct component *c, struct cgroup_facts *f)
{
	/* systemd puts "_" before a name that could be taken for one of the kernel's own files */
	size_t skip = c->text[0] == '_';

	for (size_t i = 0; i < ARRAY_SIZE(unit_types); i++)
		if (has_suffix(c, unit_types[i]))
			copy(f->unit, sizeof(f->unit), c->text + skip, c->size - skip);
}

void cgroup_path__read(const char *path, size_t size, struct cgroup_facts *f)
{
	struct component above = {"", 0};
	bool kube = false, machine = false;

	f->runtime = "host";
	f->id[0] = f->unit[0] = 0;
	f->container = NULL;
	for (size_t at = 0; at < size;) {
		const char *slash = memchr(path + at, '/', size - at);
		struct component c = {path + at, slash ? (size_t)(slash - path) - at : size - at};

		at += c.size + 1;
		if (!c.size)
			continue;
		kube = kube || contains(&c, "kubepods");
		read_unit(&c, f);
		/* systemd-nspawn itself, outside of its container */
		if (machine && equals(&c, "supervisor")) {
			f->runtime = "host";
			f->id[0] = 0;
			f->container = NULL;
		}
		machine = read_machine(&c, &above, f);
		if (machine || read_pattern(&c, f) || read_lxc(&c, &above, f) ||
		    read_bare_id(&c, &above, kube, f))
			f->container = c.text;
		above = c;
	}
}
