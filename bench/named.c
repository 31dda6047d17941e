// SPDX-License-Identifier: Apache-2.0
/*
 * What does a tracepoint by name cost, held against a probe of the same fields that was written by
 * hand? One thread makes the calls; all who watch take turns in each round, the medians count.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "contender.h"

#define MAX_ROUNDS 99
#define BURSTS     8
#define CALLS      4000 /* of each burst */
#define PAUSE_MS   40
#define LIMIT      1.5 /* of what both add to a call */

static void burst_close(void)
{
	for (unsigned int i = 0; i < CALLS; i++)
		syscall(SYS_close, -1);
}

/* One that is ignored: made, told, and not delivered. */
static void burst_signal(void)
{
	pid_t self = getpid();

	for (unsigned int i = 0; i < CALLS; i++)
		syscall(SYS_kill, self, SIGURG);
}

enum who { NOBODY, BY_HAND, BY_NAME, WHO };

static const char *const names[WHO] = {"bare", "by hand", "by name"};

static const struct workload {
	const char *name;
	void (*burst)(void);
	const char *events[WHO];
} workloads[] = {
	{"close, 2 fields",
	 burst_close,
	 {NULL, "by_hand_close", "tracepoint:syscalls:sys_enter_close"}},
	{"kill, 7 fields",
	 burst_signal,
	 {NULL, "by_hand_signal", "tracepoint:signal:signal_generate"}},
};

#define WORKLOADS ARRAY_SIZE(workloads)

static const struct contender sonde = {
	.command =
		"exec $sonde trace -qq --strict -o /dev/null --probes ${sonde%/*}/bench/by_hand -p $pid "
		"-e $calls"};

static uint64_t thread_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* CPU time of the thread, for a call. The pauses are for who watches. */
static double sample(const struct workload *w)
{
	struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000};
	uint64_t ns = 0;

	for (unsigned int burst = 0; burst < BURSTS; burst++) {
		uint64_t begin = thread_ns();

		w->burst();
		ns += thread_ns() - begin;
		nanosleep(&pause, NULL);
	}
	return (double)ns / (BURSTS * CALLS);
}

/* 0: it did not run. */
static double watched(const struct workload *w, enum who who, const char *path, bool *lost)
{
	char words[200];
	struct contender_run run;
	double ns = 0;
	int status;

	if (!w->events[who])
		return sample(w);
	if (!contender__start(&sonde, path, w->events[who], &run))
		ns = sample(w);
	status = contender__stop(&run);
	*lost |= WIFEXITED(status) && WEXITSTATUS(status) == 4;
	if (!ns) {
		contender__words(&run, words, sizeof(words));
		fprintf(stderr, "%s: %s\n", w->events[who], words);
	}
	close_fd(run.said);
	return ns;
}

int main(int argc, char **argv)
{
	static double samples[WORKLOADS][WHO][MAX_ROUNDS];
	bool lost[WORKLOADS][WHO] = {}, check = argc > 2 && !strcmp(argv[2], "--check");
	const char *count = argv[min(2 + check, argc)];
	unsigned int rounds = count ? strtoul(count, NULL, 10) : 5, broken = 0;

	if (argc < 2 || !rounds || rounds > MAX_ROUNDS) {
		fprintf(stderr, "usage: bench-named SONDE [--check] [ROUNDS]\n");
		return 2;
	}
	for (unsigned int i = 0; i < rounds * WORKLOADS * WHO; i++) {
		unsigned int round = i / (WORKLOADS * WHO), load = i / WHO % WORKLOADS;
		/* Everybody is first now and then. */
		enum who who = (i + round) % WHO;

		samples[load][who][round] =
			watched(&workloads[load], who, argv[1], &lost[load][who]);
	}
	for (unsigned int load = 0; load < WORKLOADS; load++) {
		double median[WHO], ratio;

		printf("%-20s %10s %7s\n", workloads[load].name, "ns a call", "added");
		for (unsigned int who = 0; who < WHO; who++) {
			qsort(samples[load][who], rounds, sizeof(double), by_number);
			median[who] = samples[load][who][rounds / 2];
			if (!median[who])
				printf("  %-18s %10s\n", names[who], "did not run");
			else
				printf("  %-18s %10.0f %7.0f%s\n", names[who], median[who],
				       median[who] - median[NOBODY],
				       lost[load][who] ? "  lost some" : "");
		}
		if (!median[BY_HAND] || !median[BY_NAME]) {
			broken++;
			continue;
		}
		ratio = (median[BY_NAME] - median[NOBODY]) / (median[BY_HAND] - median[NOBODY]);
		broken += !(ratio <= LIMIT);
		printf("  by name : by hand  %10.2f %7.1f%s\n", ratio, LIMIT,
		       ratio > LIMIT ? "  BROKEN" : "");
	}
	return check && broken;
}
