/* SPDX-License-Identifier: Apache-2.0 */
/* The calls whose cost is measured: always the same program and the same threads, whoever watches.
 */
#ifndef SONDE_BENCH_WORKLOAD_H
#define SONDE_BENCH_WORKLOAD_H

#include <stdint.h>

#include "../src/base/base.h"

#define WORKLOAD_THREADS 2

struct workload {
	const char *name;
	const char *traced;   /* the calls to be traced meanwhile, by name */
	unsigned int threads; /* thread i is pinned to CPU i */
	unsigned int calls;   /* of each thread in a burst */
	unsigned int burst;   /* index of the function that makes them */
};

extern const struct workload workloads[];
extern const unsigned int workload_count;

/* System calls that the workloads make in the measured time: what is to be traced. */
extern const int workload_calls[];
extern const unsigned int workload_call_count;

/* What one sample took, all threads together. CPU time in ns. */
struct workload_cost {
	uint64_t calls;
	uint64_t timed_ns;   /* of the threads, in the calls */
	uint64_t untimed_ns; /* of the threads, for what stands around them: closing what was opened
			      */
};

struct workers;

/*
 * Starts the threads, which then sleep. The files that they open are made in `directory`.
 * Returns a negative errno.
 */
__must_check int workers__new(const char *directory, struct workers **ret);
void workers__free(struct workers *w);

/*
 * Makes bursts of calls with a pause after each, in which who watches can catch up: nothing is
 * lost, and all that it costs falls into the sample. `divisor` shortens the bursts for those who
 * take very long.
 */
struct workload_cost workers__run(struct workers *w, const struct workload *load,
				  unsigned int bursts, unsigned int pause_ms, unsigned int divisor);

#endif
