// SPDX-License-Identifier: Apache-2.0
/* Who runs where, when and with which priority; pauses. */
#include "corpus.h"
#include <linux/ioprio.h>
#include <sched.h>
#include <sys/resource.h>
#include <time.h>

struct attributes {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
	uint32_t util_min, util_max;
};

int main(void)
{
	struct sched_param param = {3};
	struct attributes attributes = {
		.size = sizeof(attributes), .policy = SCHED_BATCH, .nice = 5};
	struct timespec tick = {0, 1000}, left, wrong = {0, 2000000000};
	unsigned long mask[16] = {1};
	unsigned int cpu, node;

	CALL(sched_yield);
	CALL(sched_getscheduler, 0);
	CALL(sched_getparam, 0, &param);
	param.sched_priority = 3;
	IN_CHILD(CALL(sched_setscheduler, 0, SCHED_FIFO, &param); CALL(sched_getscheduler, 0);
		 CALL(sched_setparam, 0, &param);
		 CALL(sched_setscheduler, 0, SCHED_OTHER | 0x40000000, &param));
	CALL(sched_get_priority_max, SCHED_RR);
	CALL(sched_get_priority_min, SCHED_FIFO);
	CALL(sched_get_priority_min, 99);
	CALL(sched_rr_get_interval, 0x7ffffff, &left);
	IN_CHILD(CALL(sched_setattr, 0, &attributes, 0);
		 CALL(sched_getattr, 0, &attributes, sizeof(attributes), 0));
	CALL(sched_setattr, 0, NULL, 0);
	IN_CHILD(CALL(sched_setaffinity, 0, 8, mask); CALL(sched_getaffinity, 0, 128, mask);
		 CALL(getcpu, &cpu, &node, NULL));
	CALL(sched_setaffinity, 0x7ffffff, 8, mask);
	CALL(sched_getaffinity, 0, 1, mask);
	CALL(getpriority, PRIO_PROCESS, 0);
	IN_CHILD(CALL(setpriority, PRIO_PROCESS, 0, 7); CALL(getpriority, PRIO_PROCESS, 0));
	CALL(setpriority, PRIO_USER, 0x7ffffff, 7);
	IN_CHILD(CALL(ioprio_set, IOPRIO_WHO_PROCESS, 0, IOPRIO_PRIO_VALUE(IOPRIO_CLASS_BE, 6));
		 CALL(ioprio_get, IOPRIO_WHO_PROCESS, 0));
	CALL(ioprio_get, 99, 0);
	CALL(nanosleep, &tick, &left);
	CALL(nanosleep, &wrong, &left);
	CALL(nanosleep, BAD_ADDRESS, NULL);
	CALL(clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &tick, NULL);
	CALL(clock_nanosleep, CLOCK_REALTIME, 0, &tick, &left);
	CALL(clock_nanosleep, 99, 0, &tick, &left);
	return 0;
}
