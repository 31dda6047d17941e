// SPDX-License-Identifier: Apache-2.0
#include "thread.h"

#include <signal.h>

void thread__begin(struct thread *t, void *(*work)(void *context), void *context)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	t->runs = !pthread_create(&t->id, NULL, work, context);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!t->runs)
		work(context);
}

void thread__end(struct thread *t)
{
	if (t->runs)
		pthread_join(t->id, NULL);
	t->runs = false;
}
