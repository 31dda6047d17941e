/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The capture of a system call: what `calls` says of its arguments is fetched into a record. */
#ifndef SONDE_CALL_BPF_H
#define SONDE_CALL_BPF_H

#include <sonde/call.h>
#include "fetch.h"

/*
 * The second filter point of sys_exit. A program that user space generates from a filter is its
 * first entry: it reads the sealed record in the scratch, and goes on to the second or the third.
 * Empty: every record is put.
 */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, SONDE_STAGES);
	__type(key, __u32);
	__type(value, __u32);
} exit_stages SEC(".maps");

const volatile bool exit_filter = false;

struct sonde_call calls[2 * SONDE_CALL_NUMBERS] SEC(".data.calls"); /* native, then 32-bit */

#if defined(__TARGET_ARCH_x86)
static __always_inline __u64 call_arg(struct pt_regs *regs, int i, bool compat)
{
	if (compat)
		return (__u32)(i == 0   ? regs->bx
			       : i == 1 ? regs->cx
			       : i == 2 ? regs->dx
			       : i == 3 ? regs->si
			       : i == 4 ? regs->di
					: regs->bp);
	return i == 0   ? regs->di
	       : i == 1 ? regs->si
	       : i == 2 ? regs->dx
	       : i == 3 ? regs->r10
	       : i == 4 ? regs->r8
			: regs->r9;
}
#elif defined(__TARGET_ARCH_arm64)
static __always_inline __u64 call_arg(struct pt_regs *regs, int i, bool compat)
{
	__u64 v = i == 0 ? regs->orig_x0 : regs->regs[i];

	return compat ? (__u32)v : v;
}
#endif

const volatile __u32 thread_bytes = 16384; /* of a kernel stack */

/* The registers that a task saved when it entered the kernel: at the top of its stack. */
#define task_regs(task)                                                                            \
	((struct pt_regs *)(bpf_core_enum_value_exists(enum bpf_func_id, BPF_FUNC_task_pt_regs)    \
				    ? (__u64)bpf_task_pt_regs(task)                                \
				    : (__u64)BPF_CORE_READ(task, stack) + thread_bytes -           \
					      bpf_core_type_size(struct pt_regs)))

#if defined(__TARGET_ARCH_x86)
#define READ_CALL_NUMBER(regs) ((long)BPF_CORE_READ(regs, orig_ax))
#else
#define READ_CALL_NUMBER(regs) ((long)BPF_CORE_READ(regs, syscallno))
#endif

#define CALL_COMPAT (1 << 16)

/* In which system call the current task is, for KIND(call): a 32-bit one has CALL_COMPAT; -1: in
 * none. */
__noinline int current_call(void)
{
	struct task_struct *task = current_task();
	__u32 flags;
	struct pt_regs *regs;
	long nr;

	READ_TASK(flags, task, flags);
	if (flags & (PF_KTHREAD | PF_IO_WORKER))
		return -1;
	regs = task_regs(task);
	nr = READ_CALL_NUMBER(regs);
	if (nr < 0 || nr >= SONDE_CALL_NUMBERS)
		return -1;
	return call_is_compat(task) ? nr | CALL_COMPAT : nr;
}

/* The same as call_arg() of registers that may not be read directly. */
static __always_inline void copy_args(__u64 *to, struct pt_regs *regs, bool compat)
{
#if defined(__TARGET_ARCH_x86)
	if (compat) {
		to[0] = (__u32)BPF_CORE_READ(regs, bx), to[1] = (__u32)BPF_CORE_READ(regs, cx);
		to[2] = (__u32)BPF_CORE_READ(regs, dx), to[3] = (__u32)BPF_CORE_READ(regs, si);
		to[4] = (__u32)BPF_CORE_READ(regs, di), to[5] = (__u32)BPF_CORE_READ(regs, bp);
		return;
	}
	to[0] = BPF_CORE_READ(regs, di), to[1] = BPF_CORE_READ(regs, si);
	to[2] = BPF_CORE_READ(regs, dx), to[3] = BPF_CORE_READ(regs, r10);
	to[4] = BPF_CORE_READ(regs, r8), to[5] = BPF_CORE_READ(regs, r9);
#else
	to[0] = BPF_CORE_READ(regs, orig_x0);
	bpf_core_read(&to[1], 5 * 8, &regs->regs[1]);
#endif
}

#define EPERM  1
#define EACCES 13
#define EROFS  30

enum refusal {
	NOT_REFUSED,
	REFUSED,
	REFUSED_BY_WHOM, /* and the note that the task has is of this call */
};

/* Whether a call failed for want of rights, as far as anybody asked. */
static __always_inline int refusal_of(struct task_value *v, __u32 number, long ret)
{
	if (!config.denied || (ret != -EPERM && ret != -EACCES && ret != -EROFS) || !v)
		return NOT_REFUSED;
	/* Before a call that seccomp refuses is entered, its entry is seen by nobody. */
	if (v->denied.by == SONDE_DENIED_SECCOMP)
		return v->denied.what == (number & (SONDE_CALL_NUMBERS - 1)) ? REFUSED_BY_WHOM
									     : REFUSED;
	return v->entered && v->call == number + 1 && v->denied_at >= v->entered ? REFUSED_BY_WHOM
										 : REFUSED;
}

static __always_inline void append_refusal(struct scratch *s, struct task_value *v, int refusal)
{
	static const struct sonde_denied unknown;
	struct sonde_record *r = (void *)s->data;
	struct sonde_section *section = (void *)item__open(s);

	if (!section)
		return;
	section->what = SONDE_SECTION_DENIED;
	section->size = sizeof(unknown);
	section->unused = 0;
	*(struct sonde_denied *)(section + 1) = refusal == REFUSED_BY_WHOM ? v->denied : unknown;
	v->denied.by = SONDE_DENIED_UNKNOWN;
	v->denied_at = 0;
	s->size += sizeof(*section) + sizeof(unknown);
	r->flags |= SONDE_RECORD_VERDICT;
}

/* Read anew each time, so that the verifier does not follow each number of arguments to the end. */
#define CALL_COUNT(call) (*(const volatile __u8 *)&(call)->count)

static __always_inline int capture_call(void *ctx, struct pt_regs *regs, long ret, __u32 number,
					bool compat, const struct sonde_call *call, __u32 hook,
					__u32 when, __u16 flags)
{
	struct task_value *v;
	struct scratch *s;
	__u64 *fixed;
	int refusal;
	bool traced;

	v = traced_value(&traced);
	s = begin_record(hook, call->event, 0, traced, false, v);
	if (!s)
		return 0;
	s->flags = flags | (compat ? SONDE_RECORD_COMPAT : 0);
	bpf_debug("begins: call %u, result %ld", number, ret);
	fixed = (void *)&s->data[sizeof(struct sonde_record)];
	fixed[0] = compat ? (__s32)ret : ret;
	for (int i = 0; i < SONDE_CALL_ARGS; i++)
		if ((__u32)i < CALL_COUNT(call))
			fixed[1 + i] = call_arg(regs, i, compat);
	s->size = sizeof(struct sonde_record) + 8 * (1 + (CALL_COUNT(call) & 7));
	refusal = when == SONDE_AT_EXIT ? refusal_of(v, number, ret) : NOT_REFUSED;
	if (when == SONDE_AT_EXIT && config.latency) {
		if (v && v->entered >= config.latency && v->call == number + 1) {
			*(__u64 *)&s->data[s->size & (DATA_BYTES - 1)] =
				((struct sonde_record *)s->data)->time - v->entered;
			s->size += 8;
			s->flags |= SONDE_RECORD_LATENCY;
			v->entered = 0;
		}
	}
	if ((call->fetches & when) || call->selector)
		fetch_args(s, scratch_index(hook), call, number, when);
	else
		s->call.flags = call->flags;
	if (when == SONDE_AT_EXIT && (s->call.flags & SONDE_CALL_RESULT_FD) && ret >= 0 &&
	    config.resolve_files)
		append_fd(scratch_index(hook), ret, 0);
	scratch__seal(s);
	if (refusal)
		append_refusal(s, v, refusal);
	if (exit_filter && ctx && when == SONDE_AT_EXIT)
		bpf_tail_call(ctx, &exit_stages, SONDE_STAGE_FILTER);
	return scratch__put(s);
}

/* The entry of the table for what the current task called, and its place there. */
static __always_inline const struct sonde_call *find_call(long nr, __u32 *number, bool *compat)
{
	*compat = call_is_compat(current_task());
	*number = (nr & (SONDE_CALL_NUMBERS - 1)) | (*compat ? SONDE_CALL_NUMBERS : 0);
	barrier_var(*number);
	return &calls[*number & (2 * SONDE_CALL_NUMBERS - 1)];
}

#if defined(__TARGET_ARCH_x86)
#define NR_EXECVE        59
#define NR_EXECVEAT      322
#define NR_IA32_EXECVE   11
#define NR_IA32_EXECVEAT 358

/*
 * A successful execveat leaves as execve: the new program's personality sets the number of the call
 * (set_personality_64bit() and its like), so the entry has to be remembered.
 */
static __always_inline void remember_exec(long nr, __u32 number, bool compat)
{
	struct task_value *v;
	bool traced;

	if (nr != (compat ? NR_IA32_EXECVE : NR_EXECVE) &&
	    nr != (compat ? NR_IA32_EXECVEAT : NR_EXECVEAT))
		return;
	v = traced_value(&traced);
	if (v && traced)
		v->call = number + 1;
}

static __always_inline long number_of_exec(long nr, long ret)
{
	struct task_value *v;
	bool compat;

	if (ret || (nr != NR_EXECVE && nr != NR_IA32_EXECVE))
		return nr;
	compat = call_is_compat(current_task());
	if (nr != (compat ? NR_IA32_EXECVE : NR_EXECVE))
		return nr;
	v = current_value(false);
	if (!v ||
	    (v->call != NR_EXECVEAT + 1 && v->call != (NR_IA32_EXECVEAT | SONDE_CALL_NUMBERS) + 1))
		return nr;
	return compat ? NR_IA32_EXECVEAT : NR_EXECVEAT;
}
#else
static __always_inline void remember_exec(long nr, __u32 number, bool compat)
{
}

static __always_inline long number_of_exec(long nr, long ret)
{
	return nr;
}
#endif

static __always_inline int capture_exit(void *ctx, struct pt_regs *regs, long ret, __u32 hook)
{
	const struct sonde_call *call;
	long nr = call_number(regs);
	__u32 number;
	bool compat;

	if ((unsigned long)nr >= SONDE_CALL_NUMBERS)
		return end_early(hook, SONDE_FILTERED);
	call = find_call(number_of_exec(nr, ret), &number, &compat);
	if ((call->flags & SONDE_CALL_RENAMES) && ret >= 0)
		__sync_fetch_and_add(&config.renames, 1);
	if ((call->flags & SONDE_CALL_CHANGES) && ret >= 0)
		tasks_changed();
	if (!(call->flags & SONDE_CALL_ON) ||
	    (config.outcome && (ret < 0) != (config.outcome == 2)))
		return end_early(hook, SONDE_FILTERED);
	return capture_call(ctx, regs, ret, number, compat, call, hook, SONDE_AT_EXIT, 0);
}

/*
 * The entry: what can be read only now, and the time. A call that does not return the ordinary way
 * (rt_sigreturn) is captured here altogether.
 */
static __always_inline int capture_enter(void *ctx, struct pt_regs *regs, long nr, __u32 hook)
{
	const struct sonde_call *call;
	struct task_value *v;
	__u32 number;
	bool compat, traced;

	if ((unsigned long)nr >= SONDE_CALL_NUMBERS)
		return end_early(hook, SONDE_FILTERED);
	call = find_call(nr, &number, &compat);
	if (!(call->flags & SONDE_CALL_ON))
		return end_early(hook, SONDE_FILTERED);
	if (config.latency) {
		v = traced_value(&traced);
		if (v && traced) {
			v->entered = bpf_ktime_get_boot_ns();
			v->call = number + 1;
		}
	}
	if (!(call->flags & SONDE_CALL_ENTRY))
		return end_early(hook, SONDE_FILTERED);
	remember_exec(nr, number, compat);
	return capture_call(ctx, regs, 0, number, compat, call, hook, SONDE_AT_ENTRY,
			    call->flags & SONDE_CALL_NO_RETURN ? SONDE_RECORD_NO_RETURN
							       : SONDE_RECORD_ENTRY);
}

#endif
