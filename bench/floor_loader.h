/* SPDX-License-Identifier: Apache-2.0 */
/* The floor that sonde is held against, and the clock of the whole machine: loads
 * bench/floor.bpf.c. */
#ifndef SONDE_BENCH_FLOOR_LOADER_H
#define SONDE_BENCH_FLOOR_LOADER_H

#include <sys/types.h>

#include "../src/base/base.h"
#include "floor.h"

enum floor_program { FLOOR_NOTHING, FLOOR_EMPTY, FLOOR_RECORD };

struct floor;

/*
 * Loads the programs from the object at `path` and starts the clock. `calls`: numbers of the calls
 * that are recorded when this process makes them. Returns a negative errno; -EPERM: not root.
 */
__must_check int floor__new(const char *path, const int *calls, unsigned int count,
			    struct floor **ret);
void floor__free(struct floor *f);

/* Attaches one program instead of the one before it. Returns a negative errno. */
__must_check int floor__attach(struct floor *f, enum floor_program program);

/* Whose CPU time FLOOR_TRACER is from now on; 0: nobody's. */
void floor__set_tracer(struct floor *f, pid_t tracer);

/* CPU time in ns, all CPUs together, by enum floor_who. */
void floor__times(const struct floor *f, unsigned long long ns[FLOOR_WHO]);

/* Records read and records that found their ring full, since the start. */
void floor__records(const struct floor *f, unsigned long long *read, unsigned long long *lost);

#endif
