// SPDX-License-Identifier: Apache-2.0
/* A thread that is not the leader executes: it takes the leader's id. */
#include "../corpus/corpus.h"
#include <pthread.h>

static void *run(void *argument)
{
	char *argv[] = {"true", "from-a-thread", NULL}, *envp[] = {NULL};

	(void)argument;
	execve("/bin/true", argv, envp);
	_exit(9);
}

int main(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, run, NULL);
	for (;;)
		pause();
}
