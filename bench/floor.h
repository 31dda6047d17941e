/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) OR Apache-2.0 */
/* What floor.bpf.c and the benchmark around it tell each other. */
#ifndef SONDE_BENCH_FLOOR_H
#define SONDE_BENCH_FLOOR_H

#define FLOOR_CPUS  256
#define FLOOR_CALLS 512

/* Whose time a CPU spent. */
enum floor_who {
	FLOOR_WORKLOAD, /* the benchmark: the threads that make the calls, and the floor's own
			   reader */
	FLOOR_TRACER,   /* the program that is compared */
	FLOOR_KERNEL,   /* kernel threads */
	FLOOR_OTHERS,   /* programs that have nothing to do with it */
	FLOOR_IDLE,
	FLOOR_WHO,
};

/* One CPU's time by who had it, up to the last switch at `since`, when `who` came. */
struct floor_cpu {
	unsigned long long changes;
	unsigned long long since;
	unsigned long long who;
	unsigned long long ns[FLOOR_WHO];
} __attribute__((aligned(64)));

/* The least that a record of a call can be. */
struct floor_record {
	unsigned long long time;
	unsigned long long pid_tgid;
	long long number;
	long long result;
	unsigned long long args[4];
};

#endif
