// SPDX-License-Identifier: Apache-2.0
#include "own_probes.h"
#include "../base/buffer.h"
#include "../probe/maps.h"
#include "../probe/streams.h"
#include "../sink/clock.h"
#include "../source/live.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define DIRECTORY "/etc/sonde/probes.d"

static void add_directory(struct live_schemas *known, const char *directory)
{
	char pattern[4096];
	glob_t found = {};

	snprintf(pattern, sizeof(pattern), "%s/*.bpf.o", directory);
	if (glob(pattern, 0, NULL, &found))
		found.gl_pathc = 0;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		struct error err = {};

		if (live_schemas__add_file(known, found.gl_pathv[i], true, &err))
			fprintf(stderr, "sonde: left out: %s\n", err.text);
	}
	globfree(&found);
}

int own_probes__add(struct live_schemas *known, const struct trace_options *o, struct error *err)
{
	if (o->own.file)
		return live_schemas__add_file(known, o->own.file, false, err);
	if (!o->own.directories.count)
		add_directory(known, DIRECTORY);
	for (unsigned int i = 0; i < o->own.directories.count; i++) {
		const char *directory = o->own.directories.list[i];
		struct stat st;

		if (stat(directory, &st))
			return error__set(err, -EINVAL, "--probes %s: %s", directory,
					  strerror(errno));
		if (!S_ISDIR(st.st_mode))
			return error__set(err, -EINVAL, "--probes %s: not a directory", directory);
		add_directory(known, directory);
	}
	return 0;
}

bool own_probes__attached(const struct live_schemas *known)
{
	unsigned int count;
	struct probe_file *const *files = live_schemas__files(known, &count);

	return count && probe_file__attached(files[count - 1]);
}

bool own_probes__misused(const struct live_schemas *known)
{
	unsigned int count;
	struct probe_file *const *files = live_schemas__files(known, &count);

	return count && probe_file__code(files[count - 1]) == -EINVAL;
}

void own_probes__options(const struct trace_options *o, struct probe_options *ret)
{
	*ret = (struct probe_options){.interface = o->own.interface,
				      .cgroup = o->cgroup,
				      .replaces = o->own.replaces,
				      .socket = o->own.socket,
				      .route = o->own.route,
				      .entries = o->own.entries.list,
				      .binary = o->own.binary,
				      .perf = o->own.perf,
				      .pid = o->pids.count == 1 ? o->pids.list[0] : 0,
				      .always = o->own.file,
				      .set = o->own.set.list};
}

struct own_show {
	const struct probe_file *file;
	struct streams *streams;
	struct probe_maps *maps;
	struct clock clock;
	uint64_t interval, next; /* ns; of the maps */
	bool json;
};

/* Buffers and messages are looked at so often. */
#define POLL_MS 20

int own_show__new(const struct live_schemas *known, const struct trace_options *o,
		  struct own_show **ret, struct error *err)
{
	unsigned int count;
	struct probe_file *const *files = live_schemas__files(known, &count);
	struct own_show *s;
	int code;

	if (!o->own.file)
		return 0;
	s = calloc(1, sizeof(*s));
	if (!s)
		return -ENOMEM;
	s->file = files[count - 1];
	s->interval = o->own.maps_ns;
	s->json = o->json != JSON_NONE;
	code = streams__new(s->file, o->own.types.list, s->json, &s->streams, err);
	if (!code)
		code = probe_maps__new(s->file, s->json, o->own.deltas, &s->maps);
	if (code) {
		own_show__free(s);
		return code;
	}
	*ret = s;
	return 0;
}

void own_show__free(struct own_show *s)
{
	if (!s)
		return;
	streams__free(s->streams);
	probe_maps__free(s->maps);
	free(s);
}

int own_show__patience(const struct own_show *s)
{
	return !s ? -1 : streams__any(s->streams) || s->interval ? POLL_MS : -1;
}

void own_show__put(struct own_show *s, const struct host *host, uint64_t now, bool last,
		   struct buffer *b)
{
	struct timespec t;

	if (!s)
		return;
	streams__take(s->streams, b);
	if (!s->next)
		s->next = now + s->interval;
	if (!last && (!s->interval || now < s->next))
		return;
	s->next = now + s->interval;
	streams__iterate(s->streams, b);
	if (s->interval && !s->json) {
		clock_gettime(CLOCK_BOOTTIME, &t);
		clock__time(&s->clock, b, host, t.tv_sec * 1000000000ull + t.tv_nsec, 0);
		buffer__char(b, '\n');
	}
	probe_maps__put(s->maps, b);
	if (s->interval && !s->json)
		buffer__char(b, '\n');
}
