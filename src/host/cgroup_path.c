// SPDX-License-Identifier: Apache-2.0
#include "cgroup_path.h"

#include <ctype.h>
#include <string.h>

#define ID_DIGITS   64
#define ID_SHOWN    12

/* How runtimes name the cgroups of their containers: PREFIX id SUFFIX is one component. */
static const struct {
	const char *prefix, *suffix, *runtime;
} patterns[] = {
	{"docker-", ".scope", "docker"},	 {"cri-containerd-", ".scope", "containerd"},
	{"nerdctl-", ".scope", "containerd"},	 {"crio-", ".scope", "cri-o"},
	{"libpod-", ".scope", "podman"},	 {"libpod-", "", "podman"},
	{"cri-containerd:", "", "containerd"},	 {"containerd-", ".scope", "containerd"},
};

/* Components whose children are named by nothing but the id. */
static const struct {
	const char *parent, *runtime;
} parents[] = {
	{"docker", "docker"}, {"containerd", "containerd"}, {"default", "containerd"}, {"k8s.io", "containerd"},
	{"crio", "cri-o"},
};

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

static void found(struct cgroup_facts *f, const char *runtime, const char *id, size_t size)
{
	f->runtime = runtime;
	f->id = id;
	f->id_size = is_id(id, size) ? ID_SHOWN : size;
}

static bool read_pattern(const struct component *c, struct cgroup_facts *f)
{
	for (size_t i = 0; i < ARRAY_SIZE(patterns); i++) {
		size_t prefix = strlen(patterns[i].prefix), suffix = strlen(patterns[i].suffix);

		if (!has_prefix(c, patterns[i].prefix) || (suffix && !has_suffix(c, patterns[i].suffix)))
			continue;
		if (!is_id(c->text + prefix, c->size - prefix - suffix))
			continue;
		found(f, patterns[i].runtime, c->text + prefix, ID_DIGITS);
		return true;
	}
	return false;
}

/* systemd escapes '-' in machine names as \x2d. */
static bool read_machine(const struct component *c, const struct component *before, struct cgroup_facts *f)
{
	size_t skip = strlen("machine-"), tail = strlen(".scope"), nspawn = strlen("systemd-nspawn@");

	if (has_prefix(c, "machine-") && has_suffix(c, ".scope") && before && equals(before, "machine.slice")) {
		found(f, "systemd-nspawn", c->text + skip, c->size - skip - tail);
		return true;
	}
	if (has_prefix(c, "systemd-nspawn@") && has_suffix(c, ".service")) {
		found(f, "systemd-nspawn", c->text + nspawn, c->size - nspawn - strlen(".service"));
		return true;
	}
	return false;
}

static bool read_lxc(const struct component *c, const struct component *before, struct cgroup_facts *f)
{
	if (has_prefix(c, "lxc.payload.")) {
		found(f, "lxc", c->text + strlen("lxc.payload."), c->size - strlen("lxc.payload."));
		return true;
	}
	if (before && equals(before, "lxc")) {
		found(f, "lxc", c->text, c->size);
		return true;
	}
	return false;
}

static bool is_unit(const struct component *c)
{
	return has_suffix(c, ".service") || has_suffix(c, ".scope") || has_suffix(c, ".socket") ||
	       has_suffix(c, ".mount") || has_suffix(c, ".swap");
}

void cgroup_path__read(const char *path, size_t size, struct cgroup_facts *f)
{
	struct component before = {}, c;
	bool kube = false;

	*f = (struct cgroup_facts){.runtime = "host"};
	for (size_t at = 0; at < size;) {
		const char *slash = memchr(path + at, '/', size - at);

		c = (struct component){path + at, slash ? (size_t)(slash - path) - at : size - at};
		at += c.size + 1;
		if (!c.size)
			continue;
		kube = kube || has_prefix(&c, "kubepods") || equals(&c, "kubepods");
		if (is_unit(&c)) {
			f->unit = c.text;
			f->unit_size = c.size;
		}
		/* The innermost one counts: a container within a container. */
		if (!read_pattern(&c, f) && !read_machine(&c, before.size ? &before : NULL, f) &&
		    !read_lxc(&c, before.size ? &before : NULL, f) && is_id(c.text, c.size)) {
			const char *runtime = kube ? "kubepods" : "docker";

			for (size_t i = 0; i < ARRAY_SIZE(parents); i++)
				if (before.size && equals(&before, parents[i].parent))
					runtime = parents[i].runtime;
			found(f, runtime, c.text, c.size);
		}
		before = c;
	}
}
