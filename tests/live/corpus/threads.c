// SPDX-License-Identifier: Apache-2.0
/* Threads, and what they wait for. */
#include "corpus.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <time.h>

static uint32_t word = 1, second = 1;

static void *thread(void *argument)
{
	(void)argument;
	CALL(prctl, PR_SET_NAME, "second thread", 0L, 0L, 0L);
	CALL(gettid);
	CALL(getppid);
	CALL(open, "missing", O_RDONLY);
	return NULL;
}

int main(void)
{
	struct timespec moment = {0, 1000000};
	struct futex_waitv waiters[2] = {{1, (uintptr_t)&word, FUTEX_32, 0},
					 {5, (uintptr_t)&second, FUTEX_32, 0}};
	pthread_t t;
	void *head;
	size_t size;

	CALL(futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0);
	CALL(futex, &word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 1, &moment, NULL, 0);
	CALL(futex, &word, FUTEX_WAKE_PRIVATE, 0x7fffffff, NULL, NULL, 0);
	CALL(futex, &word, FUTEX_WAIT_BITSET_PRIVATE | FUTEX_CLOCK_REALTIME, 0, NULL, NULL,
	     0xffffffff);
	CALL(futex, &word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 3);
	CALL(futex, &word, FUTEX_REQUEUE, 1, 2L, &second, 0);
	CALL(futex, &word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 2L, &second, 9);
	CALL(futex, &word, FUTEX_CMP_REQUEUE_PRIVATE, 1, 2L, &second, 1);
	CALL(futex, &word, FUTEX_WAKE_OP, 1, 1L, &second,
	     FUTEX_OP(FUTEX_OP_SET, 1, FUTEX_OP_CMP_EQ, 1));
	CALL(futex, &word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0);
	CALL(futex, &word, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
	CALL(futex, &word, 77, 0, NULL, NULL, 0);
	CALL(futex, BAD_ADDRESS, FUTEX_WAIT, 0, NULL, NULL, 0);
	CALL(futex_waitv, waiters, 2, 0, NULL, CLOCK_MONOTONIC);
	CALL(futex_waitv, waiters, 2, 7, NULL, CLOCK_MONOTONIC);
	CALL(get_robust_list, 0, &head, &size);
	CALL(set_robust_list, NULL, 3L);
	CALL(rseq, NULL, 0, 0, 0);
	for (int i = 0; i < 3; i++) {
		pthread_create(&t, NULL, thread, NULL);
		pthread_join(t, NULL);
	}
	return 0;
}
