// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Tracepoints and functions of the kernel: kill(2), and the check that it goes through. */
#include "mine.h"

COUNT(tracepoint);
COUNT(tp);
COUNT(raw_tracepoint);
COUNT(raw_tp);
COUNT(raw_tracepoint_w);
COUNT(raw_tp_w);
COUNT(tp_btf);
COUNT(kprobe);
COUNT(kprobe_signals);
COUNT(kretprobe);
COUNT(ksyscall);
COUNT(kretsyscall);
COUNT(fentry);
COUNT(fentry_signals);
COUNT(fexit);
COUNT(fmod_ret);
COUNT(lsm);

struct enter_args {
	char head[8];
	long number;
	unsigned long arguments[6];
};

struct exit_args {
	char head[8];
	long number, result;
};

SEC("tracepoint/raw_syscalls/sys_enter")
int on_tracepoint(struct enter_args *args)
{
	if (args->number == SYS_KILL && is_mine())
		SAW(tracepoint);
	return 0;
}

SEC("tp/raw_syscalls/sys_exit")
int on_tp(struct exit_args *args)
{
	if (args->number == SYS_KILL && is_mine())
		SAW(tp);
	return 0;
}

SEC("raw_tracepoint/sys_enter")
int BPF_PROG(on_raw_tracepoint, struct pt_regs *regs, long number)
{
	if (number == SYS_KILL && is_mine())
		SAW(raw_tracepoint);
	return 0;
}

SEC("raw_tp/sys_enter")
int BPF_PROG(on_raw_tp, struct pt_regs *regs, long number)
{
	if (number == SYS_KILL && is_mine())
		SAW(raw_tp);
	return 0;
}

/* What a test run of an XDP program returns is changed, and seen to be. */
SEC("raw_tracepoint.w/bpf_test_finish")
int on_raw_tracepoint_w(unsigned long long *ctx)
{
	int *error = (int *)ctx[0];

	if (is_mine()) {
		SAW(raw_tracepoint_w);
		*error = -77;
	}
	return 0;
}

SEC("raw_tp.w/bpf_test_finish")
int on_raw_tp_w(unsigned long long *ctx)
{
	int *error = (int *)ctx[0];

	if (is_mine() && *error == -77)
		SAW(raw_tp_w);
	return 0;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(on_tp_btf, struct pt_regs *regs, long number)
{
	if (number == SYS_KILL && is_mine())
		SAW_SO_MANY(tp_btf, regs->si);
	return 0;
}

SEC("kprobe/security_task_kill")
int BPF_KPROBE(on_kprobe, struct task_struct *task, void *info, int sig)
{
	if (!is_mine())
		return 0;
	SAW(kprobe);
	SAW_SO_MANY(kprobe_signals, sig);
	return 0;
}

SEC("kretprobe/security_task_kill")
int BPF_KRETPROBE(on_kretprobe, int ret)
{
	if (is_mine() && !ret)
		SAW(kretprobe);
	return 0;
}

SEC("ksyscall/kill")
int BPF_KSYSCALL(on_ksyscall, int pid, int sig)
{
	if (is_mine())
		SAW_SO_MANY(ksyscall, sig);
	return 0;
}

SEC("kretsyscall/kill")
int BPF_KRETPROBE(on_kretsyscall, int ret)
{
	if (is_mine())
		SAW_SO_MANY(kretsyscall, -ret);
	return 0;
}

SEC("fentry/security_task_kill")
int BPF_PROG(on_fentry, struct task_struct *task, void *info, int sig)
{
	if (!is_mine())
		return 0;
	SAW(fentry);
	SAW_SO_MANY(fentry_signals, sig);
	return 0;
}

SEC("fexit/security_task_kill")
int BPF_PROG(on_fexit, struct task_struct *task, void *info, int sig, void *cred, int ret)
{
	if (is_mine() && ret == -EPERM)
		SAW_SO_MANY(fexit, sig);
	return 0;
}

/* The one that refuses. */
SEC("fmod_ret/security_task_kill")
int BPF_PROG(on_fmod_ret, struct task_struct *task, void *info, int sig, void *cred, int ret)
{
	if (!is_mine())
		return ret;
	SAW(fmod_ret);
	return sig == 42 ? -EPERM : ret;
}

/* Not called for what fmod_ret refused. */
SEC("lsm/task_kill")
int BPF_PROG(on_lsm, struct task_struct *task, void *info, int sig, void *cred, int ret)
{
	if (is_mine())
		SAW(lsm);
	return ret;
}
