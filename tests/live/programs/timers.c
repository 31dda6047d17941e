// SPDX-License-Identifier: Apache-2.0
/* Makes calls without a pause while a timer goes off COUNT times, and says how often it did: timers
 * COUNT MICROSECONDS. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/time.h>
#include <unistd.h>

static volatile sig_atomic_t ticks;

static void tick(int sig)
{
	ticks++;
}

int main(int argc, char **argv)
{
	int count = atoi(argv[1]), us = atoi(argv[2]);
	struct itimerval timer = {{0, us}, {0, us}}, none = {};

	signal(SIGALRM, tick);
	setitimer(ITIMER_REAL, &timer, NULL);
	while (ticks < count)
		getppid();
	setitimer(ITIMER_REAL, &none, NULL);
	printf("%d\n", ticks);
	return 0;
}
