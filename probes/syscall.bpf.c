// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * System calls: one record at the exit, where the saved registers still hold the arguments. One
 * program serves them all; the table `calls`, which user space derives from the catalogue, tells
 * what each argument is. The entry is attached only when somebody asks for what is gone at the
 * exit, or for latency.
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/call.h>

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

	return s ? scratch__put(s) : 0;
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(exit_drop, struct pt_regs *regs, long ret)
{
	struct scratch *s = scratch_at(scratch_index(sonde_ids__sys_exit.hook));

	return s ? scratch__drop(s) : 0;
}

/*
 * --cheap: the same of a few calls, by hooks of their own, so that all other calls cost nothing.
 * Each program is loaded once for each call: "cheap" stands for its name.
 */
SEC("?fexit/cheap")
int cheap_exit(unsigned long long *ctx)
{
	return capture_exit(NULL, (struct pt_regs *)ctx[0], ctx[1], sonde_ids__sys_exit.hook);
}

SEC("?fentry/cheap")
int cheap_enter(unsigned long long *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx[0];

	return capture_enter(NULL, regs, call_number(regs), sonde_ids__sys_enter.hook);
}

/* Where functions cannot be attached to: tracepoints, whose context has the result alone (5.15). */
struct syscall_tracepoint {
	__u64 common;
	__s32 nr;
	__s64 ret; /* or the first argument */
};

SEC("?tp/syscalls/sys_exit_cheap")
int cheap_tp_exit(struct syscall_tracepoint *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());

	return capture_exit(NULL, regs, ctx->ret, sonde_ids__sys_exit.hook);
}

SEC("?tp/syscalls/sys_enter_cheap")
int cheap_tp_enter(struct syscall_tracepoint *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf());

	return capture_enter(NULL, regs, ctx->nr, sonde_ids__sys_enter.hook);
}
