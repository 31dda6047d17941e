// SPDX-License-Identifier: Apache-2.0
/* Hangs: in a read of a pipe that nobody writes to. With an argument it is interrupted there by a
 * handled signal first. */
#include "../corpus/corpus.h"
#include <signal.h>
#include <sys/time.h>

static void handler(int number)
{
	(void)number;
}

int main(int argc, char **argv)
{
	struct itimerval soon = {{0, 0}, {0, 50000}};
	struct sigaction restart = {.sa_handler = handler, .sa_flags = SA_RESTART},
			 plain = {.sa_handler = handler};
	char byte;
	int pair[2];

	(void)argv;
	if (pipe(pair))
		return 1;
	if (argc > 1) {
		sigaction(SIGALRM, &plain, NULL);
		setitimer(ITIMER_REAL, &soon, NULL);
		CALL(read, pair[0], &byte, 1); /* EINTR to the program, ERESTARTSYS to the kernel */
		sigaction(SIGALRM, &restart, NULL);
		setitimer(ITIMER_REAL, &soon, NULL);
		setitimer(ITIMER_VIRTUAL, &soon, NULL);
	}
	CALL(read, pair[0], &byte, 1);
	return 0;
}
