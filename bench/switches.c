// SPDX-License-Identifier: Apache-2.0
/*
 * What does it cost to change from one task to another, while sonde watches the scheduler? Two
 * threads on one CPU hand each other a byte; all who watch take turns in each round, the medians
 * count.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "contender.h"

#define MAX_ROUNDS 99
#define BURSTS     8
#define ROUNDTRIPS 2000 /* of each burst */
#define PAUSE_MS   40

#define ALL_EVENTS "sched_switch,sched_wakeup,runqlat"

static const struct watcher {
	const char *name, *events;
	struct contender how;
} watchers[] = {
	{"bare", NULL, {0}},
	{"another process, all three",
	 ALL_EVENTS,
	 {.command = "exec $sonde trace -qq --strict -o /dev/null -p $other -e $calls"}},
	{"sched_switch",
	 "sched_switch",
	 {.command = "exec $sonde trace -qq --strict -o /dev/null -p $pid -e $calls"}},
	{"sched_wakeup",
	 "sched_wakeup",
	 {.command = "exec $sonde trace -qq --strict -o /dev/null -p $pid -e $calls"}},
	{"runqlat",
	 "runqlat",
	 {.command = "exec $sonde trace -qq --strict -o /dev/null -p $pid -e $calls"}},
	{"all three",
	 ALL_EVENTS,
	 {.command = "exec $sonde trace -qq --strict -o /dev/null -p $pid -e $calls"}},
};

static int there[2], back[2];

static uint64_t process_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* The threads alone: who watches is started without. */
static int pin(cpu_set_t *before)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	return (before && sched_getaffinity(0, sizeof(*before), before)) ||
	       sched_setaffinity(0, sizeof(one), &one);
}

static void *partner(void *unused)
{
	char byte;

	if (pin(NULL))
		return NULL;
	while (read(there[0], &byte, 1) == 1)
		if (write(back[1], &byte, 1) != 1)
			break;
	return NULL;
}

/* CPU time of both threads, for a switch. */
static double sample(void)
{
	struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000};
	uint64_t ns = 0;
	cpu_set_t before;
	char byte = 0;

	if (pin(&before))
		return 0;
	for (unsigned int burst = 0; burst < BURSTS; burst++) {
		uint64_t begin = process_ns();

		for (unsigned int i = 0; i < ROUNDTRIPS; i++)
			if (write(there[1], &byte, 1) != 1 || read(back[0], &byte, 1) != 1)
				return 0;
		ns += process_ns() - begin;
		nanosleep(&pause, NULL);
	}
	sched_setaffinity(0, sizeof(before), &before);
	return (double)ns / (2 * BURSTS * ROUNDTRIPS);
}

static double watched(const struct watcher *w, const char *sonde, bool *lost)
{
	struct contender_run run;
	double ns = 0;
	int status;

	if (!w->events)
		return sample();
	if (!contender__start(&w->how, sonde, w->events, &run))
		ns = sample();
	status = contender__stop(&run);
	*lost |= WIFEXITED(status) && WEXITSTATUS(status) == 4;
	close_fd(run.said);
	return ns;
}

int main(int argc, char **argv)
{
	static double samples[ARRAY_SIZE(watchers)][MAX_ROUNDS];
	bool lost[ARRAY_SIZE(watchers)] = {};
	unsigned int rounds = argc > 2 ? strtoul(argv[2], NULL, 10) : 5;
	pthread_t thread;

	if (argc < 2 || !rounds || rounds > MAX_ROUNDS) {
		fprintf(stderr, "usage: bench-switches SONDE [ROUNDS]\n");
		return 2;
	}
	if (pipe(there) || pipe(back) || pthread_create(&thread, NULL, partner, NULL)) {
		perror("bench-switches");
		return 1;
	}
	for (unsigned int round = 0; round < rounds; round++)
		for (unsigned int i = 0; i < ARRAY_SIZE(watchers); i++) {
			/* Everybody is first now and then. */
			unsigned int who = (i + round) % ARRAY_SIZE(watchers);

			samples[who][round] = watched(&watchers[who], argv[1], &lost[who]);
		}
	close(there[1]);
	pthread_join(thread, NULL);
	printf("%-28s %10s %7s\n", "A switch, of both tasks", "ns of CPU", ": bare");
	for (unsigned int i = 0; i < ARRAY_SIZE(watchers); i++) {
		qsort(samples[i], rounds, sizeof(**samples), by_number);
		if (!samples[i][rounds / 2])
			printf("%-28s %10s\n", watchers[i].name, "did not run");
		else
			printf("%-28s %10.0f %7.2f%s\n", watchers[i].name, samples[i][rounds / 2],
			       samples[i][rounds / 2] / samples[0][rounds / 2],
			       lost[i] ? "  lost some" : "");
	}
	return 0;
}
