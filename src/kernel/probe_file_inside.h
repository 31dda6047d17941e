/* SPDX-License-Identifier: Apache-2.0 */
/* What the two halves of an object file share: what it is (probe_file.c), and how it is loaded
 * (probe_load.c). */
#ifndef SONDE_PROBE_FILE_INSIDE_H
#define SONDE_PROBE_FILE_INSIDE_H

#include "probe_attach.h"
#include "probe_file.h"
#include "probe_hooks.h"

/* A program without which the rest of the file runs, and why. */
struct left_out {
	char *name, *section;
	struct error why;
};

struct probe_file {
	char *path;
	void *elf;
	size_t size;
	struct probes *probes;
	struct btf_schemas *events;
	struct bpf_object *object;
	struct probe_links links;
	struct planner *planner; /* of the hooks that have several programs; NULL until loading */
	unsigned int slots, cpus;
	int code; /* of loading */
	struct left_out *left;
	unsigned int left_count;
	const char *alone; /* the one program that is tried; NULL: all */
	char *counters;    /* the scratches, mapped */
	size_t counters_size, stride;
};

/* Of sections: the section's name, since they are named after the object. */
const char *probe_file__map_name(const struct bpf_map *map);
void probe_file__unload(struct probe_file *f);
struct probe_hooks probe_file__hooks(const struct probe_file *f);

#endif
