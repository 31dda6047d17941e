// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Who reaches into another process: by ptrace(), or by writing to its memory. */
#include <sonde/probe.bpf.h>
#include <sonde/lib/call.h>
#include <sonde/lib/hooks.h>

HOOK_EVENT(ptrace, process, "a task traces another one: each request, and whom it concerns")
{
	__s64 res RESULT;
	__u64 request ENUM(ptrace);
	__u64 pid KIND(pid);
	__u64 addr KIND(address);
	__u64 data KIND(hex);
	__s32 target KIND(pid)
		HELP("thread group of the traced task; of PTRACE_TRACEME, of the tracer");
	__s32 target_tid KIND(pid);
	__u64 target_key KIND(hex) DETAIL;
	char target_name[16] HELP("comm of the target");
}
INSTEAD("trace=ptrace", "blind to who the target is, but for its pid")
SONDE_TAG("variants:ptrace")
SONDE_TAG("blind:a pid that does not exist, and requests to a task that is not traced");

#define PTRACE_TRACEME 0

static __always_inline int submit_ptrace(struct sonde_event__ptrace *e, struct task_struct *target,
					 __u64 request, __u64 addr, __u64 data)
{
	struct pid *pid;

	if (!e)
		return 0;
	e->request = request;
	e->addr = addr;
	e->data = data;
	e->target = BPF_CORE_READ(target, tgid);
	e->target_tid = BPF_CORE_READ(target, pid);
	e->target_key = key_of(target);
	bpf_core_read_str(e->target_name, sizeof(e->target_name), &target->comm);
	pid = BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), thread_pid);
	e->pid = pid_number(BPF_CORE_READ(target, thread_pid), BPF_CORE_READ(pid, level));
	return submit(e);
}

FUNCTION_HOOK_AT(long, ptrace, "arch_ptrace", struct task_struct *child, __u64 request, __u64 addr,
		 __u64 data)
{
	return submit_ptrace(begin_hook(ptrace), child, request, addr, data);
}

HOOK_OF(compat_arch_ptrace, ptrace);
HOOK_OF(ptrace_attach, ptrace);
HOOK_OF(ptrace_traceme, ptrace);

/* It takes no arguments. */
FUNCTION_HOOK(int, ptrace_traceme, __u64 none)
{
	struct task_struct *task = (void *)bpf_get_current_task();

	return submit_ptrace(begin_hook_in(ptrace_traceme, ptrace),
			     BPF_CORE_READ(task, real_parent), PTRACE_TRACEME, 0, 0);
}

/* PTRACE_ATTACH, PTRACE_SEIZE */
FUNCTION_HOOK(int, ptrace_attach, struct task_struct *task, __u64 request, __u64 addr, __u64 flags)
{
	return submit_ptrace(begin_hook_in(ptrace_attach, ptrace), task, request, addr, flags);
}

FUNCTION_HOOK(long, compat_arch_ptrace, struct task_struct *child, __u64 request, __u64 caddr,
	      __u64 cdata)
{
	return submit_ptrace(begin_hook_in(compat_arch_ptrace, ptrace), child, (__u32)request,
			     (__u32)caddr, (__u32)cdata);
}

HOOK_EVENT(process_vm_write, process, "a task wrote into another process's memory")
{
	__s64 res RESULT HELP("bytes written");
	__s32 pid KIND(pid) HELP("as the caller named it");
	__s32 target KIND(pid) HELP("thread group of the other process; 0: it was not found");
	__u64 target_key KIND(hex) DETAIL;
	char target_name[16] HELP("comm of the target");
	struct sonde_data remote KIND(remote_iovec) HELP("where in its memory, and how much");
	__u64 flags KIND(hex);
}
INSTEAD("process_vm_writev", "blind to who the target is, but for its pid");

#if defined(__TARGET_ARCH_x86)
#define NR_PROCESS_VM_WRITEV        311
#define NR_COMPAT_PROCESS_VM_WRITEV 348
#else
#define NR_PROCESS_VM_WRITEV        271
#define NR_COMPAT_PROCESS_VM_WRITEV 377
#endif

static __always_inline bool is_vm_write(void)
{
	struct task_struct *task = current_task();
	struct pt_regs *regs = task_regs(task);
	long nr = READ_CALL_NUMBER(regs);

	return nr == (call_is_compat(task) ? NR_COMPAT_PROCESS_VM_WRITEV : NR_PROCESS_VM_WRITEV);
}

#define IOVECS 64 /* of the other process's, that are kept */

FUNCTION_HOOK_AT(long, process_vm_write, "process_vm_rw", __s32 pid, __u64 lvec, __u64 liovcnt,
		 __u64 rvec, __u64 riovcnt, __u64 flags)
{
	struct sonde_event__process_vm_write *e;
	struct hook_call note = {};
	bool noted;

	if (!is_vm_write())
		return end_early(sonde_ids__process_vm_write.hook, SONDE_FILTERED);
	noted = take_note(NOTE_VM_WRITE, &note);
	e = begin_hook(process_vm_write);
	if (!e)
		return 0;
	e->pid = pid;
	e->flags = flags;
	if (noted) {
		e->target = note.args[0];
		e->target_key = note.args[1];
		__builtin_memcpy(e->target_name, &note.args[2], 16);
	}
	e->remote.address = rvec;
	append_user_bytes(scratch_of(e), SLOT(struct sonde_event__process_vm_write, remote),
			  SONDE_ITEM_DATA, (void *)rvec, riovcnt * 16, IOVECS * 16);
	return submit(e);
}

HOOK_OF(mm_access, process_vm_write);

/* The caller's rights to a task are asked for here, and nowhere else is it known which it is. */
ENTRY_HOOK(mm_access, struct task_struct *task)
{
	struct hook_call note = {};

	if (!is_vm_write())
		return end_early(sonde_ids__mm_access.hook, SONDE_FILTERED);
	note.args[0] = BPF_CORE_READ(task, tgid);
	note.args[1] = key_of(task);
	bpf_core_read(&note.args[2], 16, &task->comm);
	leave_note(NOTE_VM_WRITE, &note);
	return end_early(sonde_ids__mm_access.hook, SONDE_MERGED);
}
