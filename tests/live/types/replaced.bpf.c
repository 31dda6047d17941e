// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Its global function is replaced by freplace.bpf.c while it runs. */
#include "mine.h"

COUNT(weighed);

__noinline int weigh(int sig)
{
	barrier_var(sig);
	return sig ? 1 : 1;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(replaced, struct pt_regs *regs, long number)
{
	if (number == SYS_KILL && is_mine())
		SAW_SO_MANY(weighed, weigh(regs->si));
	return 0;
}
