/* SPDX-License-Identifier: Apache-2.0 */
/* What is done at the same time as something else, where it can be. */
#ifndef SONDE_THREAD_H
#define SONDE_THREAD_H

#include "base.h"

#include <pthread.h>

struct thread {
	pthread_t id;
	bool runs;
};

/* Runs `work` in a thread that the caller's signals do not find, or at once if none can be had.
 * Each begin needs an end, which waits. */
void thread__begin(struct thread *t, void *(*work)(void *context), void *context);
void thread__end(struct thread *t);

#endif
