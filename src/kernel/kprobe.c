// SPDX-License-Identifier: Apache-2.0
#include "kprobe.h"
#include "feature_try.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

/* /proc/kallsyms: address type name */
static bool find_variant(const char *function, char *name, size_t room)
{
	FILE *file = fopen("/proc/kallsyms", "re");
	size_t size = strlen(function);
	char line[400];
	bool found = false;

	while (file && !found && fgets(line, sizeof(line), file)) {
		const char *symbol = strchr(line, ' ');

		symbol = symbol ? strchr(symbol + 1, ' ') : NULL;
		if (!symbol++ || strncmp(symbol, function, size) || symbol[size] != '.' ||
		    strstr(symbol, ".cold"))
			continue;
		snprintf(name, room, "%.*s", (int)strcspn(symbol, "\t\n"), symbol);
		found = true;
	}
	if (file)
		fclose(file);
	return found;
}

/* `source`: "kprobe", at the function `name`; or "uprobe", in the file `name`, at `place`. */
static int open_event(const char *source, const char *name, uint64_t place, uint64_t counter,
		      bool at_return)
{
	struct perf_event_attr attr = {.size = sizeof(attr),
				       .config = counter << 32, /* ref_ctr_offset */
				       .config1 = (uintptr_t)name,
				       .config2 = place};
	char path[80], text[64];
	unsigned int bit = 0;
	int code;

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type", source);
	code = read_line(path, text, sizeof(text));
	if (code)
		return code;
	attr.type = atoi(text);
	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/format/retprobe", source);
	if (at_return && !read_line(path, text, sizeof(text)))
		sscanf(text, "config:%u", &bit);
	attr.config |= at_return ? 1ull << bit : 0;
	code = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	return code < 0 ? -errno : code;
}

static int run(int event, int program)
{
	int code;

	if (!ioctl(event, PERF_EVENT_IOC_SET_BPF, program) &&
	    !ioctl(event, PERF_EVENT_IOC_ENABLE, 0))
		return event;
	code = -errno;
	close(event);
	return code;
}

int kprobe__attach(int program, const char *function, bool at_return)
{
	char variant[128];
	int event = open_event("kprobe", function, 0, 0, at_return);

	if (event == -ENOENT && find_variant(function, variant, sizeof(variant)))
		event = open_event("kprobe", variant, 0, 0, at_return);
	if (event < 0)
		return event;
	return run(event, program);
}

void uprobe__read(struct uprobe_place *p, const char *place)
{
	const char *colon = strrchr(place, ':'), *counter = strchr(colon, '(');

	snprintf(p->path, sizeof(p->path), "%.*s", (int)(colon - place), place);
	p->place = strtoull(colon + 1, NULL, 0);
	p->counter = counter ? strtoull(counter + 1, NULL, 0) : 0;
}

int uprobe__attach(int program, const char *place, bool at_return)
{
	struct uprobe_place p;
	int event;

	uprobe__read(&p, place);
	event = open_event("uprobe", p.path, p.place, p.counter, at_return);
	return event < 0 ? event : run(event, program);
}

int uprobe__attach_many(int program, const struct uprobe_places *places, bool at_return)
{
	/* What the kernel takes for BPF_LINK_CREATE then; libbpf 1.1 does not know it. */
	struct {
		uint32_t program, target, attach_type, flags;
		uint64_t path, places, counters, cookies;
		uint32_t count, multi_flags, pid, unused;
	} attr = {
		.program = program,
		.attach_type = UPROBE_MULTI,
		.path = (uintptr_t)places->path,
		.places = (uintptr_t)places->places,
		.counters = (uintptr_t)places->counters,
		.cookies = (uintptr_t)places->cookies,
		.count = places->count,
		.multi_flags = at_return, /* BPF_F_UPROBE_MULTI_RETURN */
	};
	int link = syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));

	return link < 0 ? -errno : link;
}

const char *tracepoint__root(void)
{
	static const char *const roots[] = {"/sys/kernel/tracing", "/sys/kernel/debug/tracing"};
	char path[64];

	for (unsigned int i = 0; i < ARRAY_SIZE(roots); i++) {
		snprintf(path, sizeof(path), "%s/events", roots[i]);
		if (!access(path, R_OK | X_OK))
			return roots[i];
	}
	return NULL;
}

/* Its number, or negative errno. */
static int tracepoint_id(const char *tracepoint)
{
	const char *root = tracepoint__root();
	char path[256], id[16];
	int code;

	if (!root)
		return -ENOENT;
	snprintf(path, sizeof(path), "%s/events/%s/id", root, tracepoint);
	code = read_line(path, id, sizeof(id));
	return code ? code : atoi(id);
}

int tracepoint__format(const char *tracepoint, char **text)
{
	const char *root = tracepoint__root();
	char path[256];
	size_t room = 0;
	FILE *file;

	if (!root)
		return -ENOENT;
	snprintf(path, sizeof(path), "%s/events/%s/format", root, tracepoint);
	file = fopen(path, "re");
	if (!file)
		return -errno;
	*text = NULL;
	if (getdelim(text, &room, '\0', file) < 0) {
		fclose(file);
		return -EIO;
	}
	fclose(file);
	return 0;
}

bool tracepoint__exists(const char *tracepoint)
{
	return tracepoint_id(tracepoint) >= 0;
}

static int open_tracepoint(const char *tracepoint)
{
	struct perf_event_attr attr = {.size = sizeof(attr), .type = PERF_TYPE_TRACEPOINT};
	int id = tracepoint_id(tracepoint), event;

	if (id < 0)
		return id;
	attr.config = id;
	event = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	return event < 0 ? -errno : event;
}

int tracepoint__attach(int program, const char *tracepoint)
{
	int event = open_tracepoint(tracepoint);

	return event < 0 ? event : run(event, program);
}

int tracepoint__attach_with(int program, const char *tracepoint, uint64_t cookie)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .perf_event.bpf_cookie = cookie);
	__cleanup(fd) int event = open_tracepoint(tracepoint);

	/* The link keeps the event. */
	return event < 0 ? event : bpf_link_create(program, event, BPF_PERF_EVENT, &opts);
}
