// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * System calls: one record at the exit, where the saved registers still hold the arguments. One
 * program serves them all; the table `calls`, which user space derives from the catalogue, tells
 * what each argument is. The entry is attached only when somebody asks for what is gone at the
 * exit, or for latency.
 */
#include <sonde/probe.bpf.h>
#include "lib/call.h"

HOOK(sys_exit);
HOOK(sys_enter);

SEC("?tp_btf/sys_exit")
int BPF_PROG(sys_exit, struct pt_regs *regs, long ret)
{
	return capture_exit(ctx, regs, ret, sonde_ids__sys_exit.hook);
}

SEC("?tp_btf/sys_enter")
int BPF_PROG(sys_enter, struct pt_regs *regs, long nr)
{
	return capture_enter(ctx, regs, nr, sonde_ids__sys_enter.hook);
}

/* Where a generated filter goes on: the record is wanted, or not. */
SEC("?tp_btf/sys_exit")
int BPF_PROG(exit_keep, struct pt_regs *regs, long ret)
{
	struct scratch *s = scratch_at(scratch_index(sonde_ids__sys_exit.hook));

	return s ? put(s) : 0;
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(exit_drop, struct pt_regs *regs, long ret)
{
	struct scratch *s = scratch_at(scratch_index(sonde_ids__sys_exit.hook));

	return s ? drop(s) : 0;
}
