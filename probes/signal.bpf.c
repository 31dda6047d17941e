// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Who sent which signal to whom, and why; and whom the kernel killed for want of memory. */
#include <sonde/probe.bpf.h>

EVENT(signal, signal, "a signal was sent")
{
	__s32 sig KIND(signal);
	__s32 reason ENUM(signal_code)
		HELP("si_code: by a program (SI_USER, SI_TKILL, ...) or by the kernel; as a number "
		     "the kernel's own have the signal << 8");
	__s32 target KIND(pid) HELP("thread group that it is sent to");
	__s32 target_tid KIND(pid);
	__u64 target_key KIND(hex) DETAIL;
	__u8 to_group KIND(bool) HELP("to the whole thread group");
	__u8 result ENUM(signal_result) HELP("delivered, ignored, already pending ...");
	char target_name[16] HELP("comm of the target");
};

/* The kernel passes these instead of an address when there is no more to say. */
#define SEND_SIG_NOINFO 0
#define SEND_SIG_PRIV   1
#define SI_USER         0
#define SI_KERNEL       0x80
#define SI_TIMER        -2
#define SIGALRM         14
#define SIGVTALRM       26
#define SIGPROF         27

SEC("?tp_btf/signal_generate")
int BPF_PROG(signal_generate, int sig, struct kernel_siginfo *info, struct task_struct *task,
	     int group, int result)
{
	struct sonde_event__signal *e = begin_if(signal, task_is_followed(task));
	int code;

	if (!e)
		return 0;
	e->sig = sig;
	if ((__u64)info == SEND_SIG_NOINFO)
		code = SI_USER;
	else if ((__u64)info == SEND_SIG_PRIV)
		code = SI_KERNEL;
	else
		code = BPF_CORE_READ(info, si_code);
	e->reason = SONDE_SIGNAL_CODE(sig, code);
	e->target = BPF_CORE_READ(task, tgid);
	e->target_tid = BPF_CORE_READ(task, pid);
	e->target_key = key_of(task);
	e->to_group = group != 0;
	e->result = result;
	bpf_core_read_str(e->target_name, sizeof(e->target_name), &task->comm);
	/* timers go off in interrupts */
	if (code == SI_TIMER ||
	    (code == SI_KERNEL && (sig == SIGALRM || sig == SIGVTALRM || sig == SIGPROF)))
		subject_is(e, task);
	return submit(e);
}

const volatile bool mark_victim_has_task = false; /* the tracepoint passes the task (6.8 and later
						     stable releases), before: the pid alone */

EVENT(oom_kill, memory, "the kernel chose a process to kill for want of memory")
{
	__s32 victim KIND(pid);
	__u32 uid KIND(uid) HELP("of the victim; -1: an old kernel does not tell");
	struct sonde_data victim_name KIND(string);
};

SEC("?tp_btf/mark_victim")
int oom_kill(__u64 *ctx)
{
	/* seldom and never of one program alone: whoever traces anything wants to know */
	struct sonde_event__oom_kill *e = begin_if(oom_kill, true);
	struct task_struct *task = NULL;

	if (!e)
		return 0;
	if (mark_victim_has_task) {
		task = (void *)ctx[0];
		e->uid = ctx[1];
	} else if ((__u32)ctx[0] == (__u32)bpf_get_current_pid_tgid()) {
		/* as mostly in a cgroup with a limit: who asks for more is the one that has most */
		task = (void *)bpf_get_current_task();
		e->uid = bpf_get_current_uid_gid();
	} else {
		e->victim = ctx[0];
		e->uid = -1;
	}
	if (task) {
		e->victim = BPF_CORE_READ(task, tgid);
		append_kernel_string(scratch_of(e), SLOT(struct sonde_event__oom_kill, victim_name),
				     &task->comm);
	} else {
		append_fault(scratch_of(e), SLOT(struct sonde_event__oom_kill, victim_name),
			     -ESRCH);
	}
	return submit(e);
}
