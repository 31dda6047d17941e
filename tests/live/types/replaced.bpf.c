// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Its global function is replaced by freplace.bpf.c while it runs. */
#include "mine.h"

COUNT(weighed);

__noinline int weigh(int sig)
{
	int weight = 1;

	/* Who calls it must not know that. */
	barrier_var(sig);
	barrier_var(weight);
	return weight;
}

SEC("kprobe/security_task_kill")
int BPF_KPROBE(replaced, void *task, void *info, int sig)
{
	if (is_mine())
		SAW_SO_MANY(weighed, weigh(sig));
	return 0;
}
