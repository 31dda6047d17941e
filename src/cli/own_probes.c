// SPDX-License-Identifier: Apache-2.0
#include "own_probes.h"
#include "../source/live.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

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

void own_probes__options(const struct trace_options *o, struct probe_options *ret)
{
	*ret = (struct probe_options){.interface = o->own.interface,
				      .cgroup = o->cgroup,
				      .binary = o->own.binary,
				      .perf = o->own.perf,
				      .pid = o->pids.count == 1 ? o->pids.list[0] : 0,
				      .set = o->own.set.list};
}
