/* SPDX-License-Identifier: Apache-2.0 */
/* What are the probes told? Before they are loaded what kernel it is, which decides what code
 * exists; while they run what a plan wants of each call, and of what goes with a record. */
#ifndef SONDE_TOLD_H
#define SONDE_TOLD_H

#include "../base/base.h"

struct object;
struct plan;
struct probes;

struct told_constants {
	uint32_t cpus;
	bool task_storage;  /* what is known of a task is kept with it */
	bool follow;        /* only labelled tasks */
	bool follow_cgroup; /* those of a cgroup are labelled */
	bool debug;         /* messages go into the kernel's trace_pipe */
};
/* Before loading. */
/* Those that every program knows, in whatever file; `set` ignores what its file does not have. */
void told__everywhere(struct probes *probes, const struct told_constants *c,
		      void (*set)(void *context, const char *name, const void *value, size_t size),
		      void *context);
void told__constants(struct object *o, struct probes *probes, const struct told_constants *c);
/* While they run. `o`: the object that owns the maps; `variants`: fd of that of the calls'
 * variants, or -1. -ENOMEM.
 */
int told__plan(struct object *o, int variants, const struct plan *plan) __must_check;

#endif
