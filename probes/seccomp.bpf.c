// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What came of a seccomp filter. The kernel tells its action nowhere: some actions have functions
 * of their own, which leave a note for the end of the filter; what is left shows in what the call
 * gets.
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/call.h>
#include <sonde/lib/hooks.h>

HOOK_EVENT(seccomp, process, "a seccomp filter was asked about a call, and its answer obeyed")
{
	__s64 res RESULT HELP(
		"what the program gets instead of the call; 0 with SECCOMP_RET_ALLOW or "
		"SECCOMP_RET_LOG: it goes on");
	__u32 action ENUM(seccomp_action)
		HELP("the answer of a supervisor, and of a tracer that is not there, look like "
		     "SECCOMP_RET_ALLOW or SECCOMP_RET_ERRNO");
	__u32 call KIND(syscall);
	__s32 nr HELP("the call's number");
	__u32 data QUIET HELP(
		"SECCOMP_RET_DATA: ERRNO's errno, TRAP's si_errno (from 5.16), TRACE's message "
		"(from 5.19)");
	__u32 arch ENUM(audit_arch);
	__u64 ip KIND(address) HELP("where the program called");
	__u8 supervised KIND(bool) QUIET HELP("a supervisor listens (SECCOMP_RET_USER_NOTIF)");
}
INSTEAD("trace=seccomp", "blind to what filters answer: only that they are set is seen")
SONDE_TAG("blind:what kills, where kernel.seccomp.actions_logged leaves it out");

#define SECCOMP_RET_KILL_PROCESS 0x80000000u
#define SECCOMP_RET_KILL_THREAD  0x00000000u
#define SECCOMP_RET_TRAP         0x00030000u
#define SECCOMP_RET_ERRNO        0x00050000u
#define SECCOMP_RET_TRACE        0x7ff00000u
#define SECCOMP_RET_ALLOW        0x7fff0000u

#if defined(__TARGET_ARCH_x86)
#define ARCH_NATIVE       0xc000003eu
#define ARCH_COMPAT       0x40000003u
#define READ_RESULT(regs) BPF_CORE_READ(regs, ax)
#else
#define ARCH_NATIVE       0xc00000b7u
#define ARCH_COMPAT       0x40000028u
#define READ_RESULT(regs) BPF_CORE_READ(regs, regs[0])
#endif

#define FILTERS 8 /* of a task, that are looked at */

static __always_inline bool has_supervisor(struct task_struct *task)
{
	struct seccomp_filter *filter = BPF_CORE_READ(task, seccomp.filter);

	for (int i = 0; i < FILTERS && filter; i++) {
		if (BPF_CORE_READ(filter, notif))
			return true;
		filter = BPF_CORE_READ(filter, prev);
	}
	return false;
}

static __always_inline void describe(struct sonde_event__seccomp *e, __s32 nr)
{
	struct task_struct *task = current_task();
	bool compat = call_is_compat(task);
	struct pt_regs *regs = task_regs(task);

	e->call = e->nr = nr;
	e->arch = compat ? ARCH_COMPAT : ARCH_NATIVE;
	if (compat)
		scratch_of(e)->flags |= SONDE_RECORD_COMPAT;
	e->ip = READ_IP(regs);
	e->supervised = has_supervisor(task);
}

FUNCTION_HOOK_AT(int, seccomp, "__seccomp_filter", __s32 this_syscall, __u32 recheck_after_trace)
{
	struct pt_regs *regs = task_regs(current_task());
	struct hook_call note = {};
	struct sonde_event__seccomp *e;
	bool noted;
	__s64 got;

	/* What a tracer has changed is checked within the first check, which tells of it. */
	if ((__u8)recheck_after_trace)
		return end_early(sonde_ids__seccomp.hook, SONDE_MERGED);
	noted = take_note(NOTE_SECCOMP, &note);
	if (noted && note.args[0] == SECCOMP_RET_KILL_PROCESS) /* it was told */
		return end_early(sonde_ids__seccomp.hook, SONDE_MERGED);
	e = begin_hook(seccomp);
	if (!e)
		return 0;
	describe(e, this_syscall);
	got = READ_RESULT(regs);
	if (!e->res) {
		e->action = SECCOMP_RET_ALLOW;
	} else if (got == this_syscall) { /* rolled back: it may be called again */
		e->action = SECCOMP_RET_TRAP;
		scratch_of(e)->flags |= SONDE_RECORD_NO_RETURN;
	} else {
		e->action = SECCOMP_RET_ERRNO;
		e->data = -got;
		e->res = got;
	}
	if (noted) {
		e->action = note.args[0];
		if (note.args[1])
			e->data = note.args[1];
	}
	return submit(e);
}

HOOK_OF(audit_seccomp, seccomp);
HOOK_OF(force_sig_seccomp, seccomp);
HOOK_OF(ptrace_notify, seccomp);

static __always_inline int leave_action(__u32 hook, __u32 action, __u32 data)
{
	struct hook_call note = {.args = {action, data}};

	leave_note(NOTE_SECCOMP, &note);
	return end_early(hook, SONDE_MERGED);
}

/* The actions that are logged. Those that kill come back from the filter on new kernels alone. */
ENTRY_HOOK(audit_seccomp, __u64 syscall, __s64 signr, __u32 code)
{
	struct sonde_event__seccomp *e;

	if (code != SECCOMP_RET_KILL_PROCESS && code != SECCOMP_RET_KILL_THREAD)
		return leave_action(sonde_ids__audit_seccomp.hook, code, 0);
	e = begin_in(audit_seccomp, seccomp, false);
	if (!e)
		return 0;
	scratch_of(e)->flags |= SONDE_RECORD_NO_RETURN;
	e->action = code;
	describe(e, syscall);
	return submit(e);
}

ENTRY_HOOK(force_sig_seccomp, __s32 syscall, __s32 reason, __u32 force_coredump)
{
	return leave_action(sonde_ids__force_sig_seccomp.hook,
			    (__u8)force_coredump ? SECCOMP_RET_KILL_PROCESS : SECCOMP_RET_TRAP,
			    reason);
}

#define PTRACE_EVENT_SECCOMP 7

ENTRY_HOOK(ptrace_notify, __s32 exit_code, __u64 message)
{
	if ((exit_code >> 8) == PTRACE_EVENT_SECCOMP)
		return leave_action(sonde_ids__ptrace_notify.hook, SECCOMP_RET_TRACE, message);
	return end_early(sonde_ids__ptrace_notify.hook, SONDE_FILTERED);
}
