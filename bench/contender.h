/* SPDX-License-Identifier: Apache-2.0 */
/* Who is compared: nobody, the floor's programs, sonde in several roles, its peers. */
#ifndef SONDE_BENCH_CONTENDER_H
#define SONDE_BENCH_CONTENDER_H

#include <sys/types.h>

#include "../src/base/base.h"
#include "floor_loader.h"

enum contender_id {
	BARE,
	EMPTY,
	RECORD,
	SONDE_OTHER_CALL,
	SONDE_OTHER_PROCESS,
	SONDE_RECORDS,
	SONDE_TEXT,
	SONDE_JSON,
	SONDE_COUNTS,
	BPFTRACE,
	PERF_TRACE,
	STRACE,
	CONTENDERS,
};

struct contender {
	const char *name;
	enum floor_program floor;
	/* A shell command line in which $sonde, $pid, $other and $calls stand for what they say;
	 * NULL: none. */
	const char *command;
	const char *program;  /* what must be installed: a peer; NULL: none */
	unsigned int divisor; /* bursts are shorter for those who take long */
	unsigned int loses; /* exit status that says that records were lost; 0: it does not tell */
};

extern const struct contender contenders[CONTENDERS];

struct contender_run {
	pid_t pid;
	pid_t other; /* a process that sleeps */
	int said;    /* what it wrote to its standard error */
};

/*
 * Starts the command on `calls` and waits until it watches. Returns a negative errno; -ESRCH: it
 * ended at once.
 */
__must_check int contender__start(const struct contender *c, const char *sonde, const char *calls,
				  struct contender_run *run);

/* Ends it as Ctrl-C does and waits for it. Returns its wait status. */
int contender__stop(struct contender_run *run);

/* The last words on its standard error, for people. */
void contender__words(const struct contender_run *run, char *text, size_t size);

/* For qsort(): doubles, the smallest first. */
int by_number(const void *a, const void *b);

#endif
