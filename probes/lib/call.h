/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* The capture of a system call: what `calls` says of its arguments is fetched into a record. */
#ifndef SONDE_CALL_BPF_H
#define SONDE_CALL_BPF_H

#include <sonde/call.h>
#include "files.h"

#define MAX_STRINGS 64  /* of argv */
#define MAX_COUNTED 512 /* of environ: only counted */
#define MAX_VECTORS 8   /* of an iovec whose data is taken */

/* What some arguments are depends on another one: ioctl's on its request, fcntl's on its command.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2048);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sonde_call_key);
	__type(value, struct sonde_call);
} variants SEC(".maps");

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
#define TS_COMPAT 0x0002
static __always_inline long call_number(struct pt_regs *regs)
{
	return regs->orig_ax;
}

static __always_inline bool call_is_compat(struct task_struct *task)
{
	__u32 status;

	READ_TASK(status, task, thread_info.status);
	return status & TS_COMPAT;
}

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
#define TIF_32BIT 22
static __always_inline long call_number(struct pt_regs *regs)
{
	return regs->syscallno;
}

static __always_inline bool call_is_compat(struct task_struct *task)
{
	unsigned long flags;

	READ_TASK(flags, task, thread_info.flags);
	return flags & (1ul << TIF_32BIT);
}

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

/* Closes the item whose bytes a loop has written from s->size on to s->at. */
static __always_inline void close_loop(struct scratch *s, __u32 slot, __u32 whole)
{
	__u64 start = s->size;
	struct sonde_item *item;

	if (start >= DATA_BYTES - SLACK_BYTES)
		return;
	item = (void *)&s->data[start & (DATA_BYTES - 1)];
	item__close(s, item, slot, SONDE_ITEM_DATA, s->at - start - sizeof(*item), whole);
}

/* A NULL-terminated array of strings, each ended by NUL in the item. */
__noinline int append_strings(__u32 index, __u64 address, __u32 slot)
{
	struct scratch *s = scratch_at(index);
	__u64 at, pointer;
	long n;

	if (!s)
		return 0;
	s->at = s->size + sizeof(struct sonde_item);
	for (int i = 0; i < MAX_STRINGS; i++) {
		pointer = 0;
		if (bpf_probe_read_user(&pointer, sizeof(pointer), (void *)(address + i * 8))) {
			append_fault(s, slot, -EFAULT);
			return 0;
		}
		at = s->at;
		if (!pointer) {
			close_loop(s, slot, at - s->size - sizeof(struct sonde_item));
			return 0;
		}
		if (at >= DATA_BYTES - SLACK_BYTES)
			break;
		n = bpf_probe_read_user_str(&s->data[at & (DATA_BYTES - 1)], SLACK_BYTES / 4,
					    (void *)pointer);
		if (n < 0) {
			append_fault(s, slot, n);
			return 0;
		}
		if (n == 0) {
			s->data[at & (DATA_BYTES - 1)] = 0;
			n = 1;
		}
		s->at += n;
	}
	close_loop(s, slot, SONDE_WHOLE_UNKNOWN);
	s->flags |= SONDE_RECORD_CUT;
	return 0;
}

/* How many strings there are: an item without bytes. */
__noinline int append_count(__u32 index, __u64 address, __u32 slot)
{
	struct scratch *s = scratch_at(index);
	struct sonde_item *item;
	__u64 pointer;

	if (!s)
		return 0;
	s->whole = 0;
	for (int i = 0; i < MAX_COUNTED; i++) {
		if (bpf_probe_read_user(&pointer, sizeof(pointer), (void *)(address + i * 8))) {
			append_fault(s, slot, -EFAULT);
			return 0;
		}
		if (!pointer)
			break;
		s->whole++;
	}
	item = item__open(s);
	if (item)
		item__close(s, item, slot, SONDE_ITEM_DATA, 0, s->whole);
	return 0;
}

struct user_iovec {
	__u64 base, len;
};

/* An array of struct iovec, and the bytes behind it: `size` of them at most (a read filled no
 * more). */
__noinline int append_iovec(__u32 index, __u64 address, __u32 count, __u64 size, __u32 slot)
{
	struct scratch *s = scratch_at(index);
	struct user_iovec v;
	__u64 at, n;

	if (!s)
		return 0;
	append_user_bytes(s, slot, SONDE_ITEM_IOVEC, (void *)address, count * sizeof(v),
			  MAX_VECTORS * sizeof(v));
	s->at = s->size + sizeof(struct sonde_item);
	s->left = size < config.string_limit ? size : config.string_limit;
	s->whole = 0;
	for (int i = 0; i < MAX_VECTORS; i++) {
		if ((__u32)i >= count ||
		    bpf_probe_read_user(&v, sizeof(v), (void *)(address + i * sizeof(v))))
			break;
		s->whole += v.len;
		n = s->left;
		if (n > v.len)
			n = v.len;
		at = s->at;
		barrier_var(n);
		if (n > SLACK_BYTES / 2)
			n = SLACK_BYTES / 2;
		if (!n || at >= DATA_BYTES - SLACK_BYTES)
			continue;
		if (bpf_probe_read_user(&s->data[at & (DATA_BYTES - 1)], n, (void *)v.base))
			break;
		s->at += n;
		s->left -= n;
	}
	close_loop(s, slot, s->whole < size ? s->whole : size);
	return 0;
}

struct user_msghdr {
	__u64 name;
	__u32 namelen, unused;
	__u64 iov, iovlen, control, controllen;
	__u32 flags, unused2;
};

__noinline int append_msghdr(__u32 index, __u64 address, __u64 size, __u32 slot)
{
	struct scratch *s = scratch_at(index);
	struct user_msghdr m;

	if (!s)
		return 0;
	if (bpf_probe_read_user(&m, sizeof(m), (void *)address)) {
		append_fault(s, slot, -EFAULT);
		return 0;
	}
	append_user_bytes(s, slot, SONDE_ITEM_DATA, (void *)address, sizeof(m), sizeof(m));
	if (m.name && m.namelen)
		append_user_bytes(s, slot, SONDE_ITEM_NAME, (void *)m.name, m.namelen, 128);
	if (m.control && m.controllen)
		append_user_bytes(s, slot, SONDE_ITEM_CONTROL, (void *)m.control, m.controllen,
				  256);
	if (m.iov && m.iovlen)
		append_iovec(index, m.iov, m.iovlen, size, slot);
	return 0;
}

/* How many elements an argument has; a length of the wildest kind stays within 32 bits. */
static __always_inline __u32 elements(const struct sonde_call_arg *arg, const __u64 *args, long ret)
{
	__u32 from = arg->length & 7, n = 1;
	__u64 value;

	if (arg->length == SONDE_LENGTH_RESULT)
		return ret > 0 ? ret : 0;
	if (!from)
		return 1;
	value = args[(from - 1) & 7];
	if (arg->length & SONDE_LENGTH_AT) {
		if (bpf_probe_read_user(&n, sizeof(n), (void *)value))
			return 0;
		return n;
	}
	if ((arg->length & SONDE_LENGTH_UPTO) && (__s64)value > ret)
		return ret > 0 ? ret : 0;
	if (arg->special)
		value = (value + 63) / 64 * 8;
	return value > 0x7fffffff ? 0x7fffffff : value;
}

/*
 * Fetches one argument, as s->call says. A function of its own, verified once and not six times.
 * The fixed part of the record begins with the result, so that the registers stand behind it.
 */
__noinline int fetch_arg(__u32 index, __u32 i)
{
	struct scratch *s = scratch_at(index);
	const struct sonde_call_arg *arg;
	__u64 *fixed, value, size;
	__u32 slot = i + 1, limit;
	int pair[2];
	long ret;

	if (!s || i >= SONDE_CALL_ARGS)
		return 0;
	arg = &s->call.args[i];
	fixed = (void *)&s->data[sizeof(struct sonde_record)];
	ret = fixed[0];
	value = fixed[1 + i];
	if (arg->fetch == SONDE_FETCH_FD) {
		if (config.resolve_files)
			append_fd(index, value, slot);
		return 0;
	}
	if (!value)
		return 0;
	switch (arg->fetch) {
	case SONDE_FETCH_STRING:
		append_user_string(s, slot, (void *)value,
				   arg->when & SONDE_UNLIMITED ? SLACK_BYTES : config.string_limit);
		break;
	case SONDE_FETCH_STRINGS:
		if (arg->special)
			append_count(index, value, slot);
		else
			append_strings(index, value, slot);
		break;
	case SONDE_FETCH_FD_PAIR:
		if (config.resolve_files &&
		    !bpf_probe_read_user(pair, sizeof(pair), (void *)value)) {
			append_fd(index, pair[0], slot);
			append_fd(index, pair[1], slot);
		}
		/* fall through */
	case SONDE_FETCH_BYTES:
		limit = arg->limit ? arg->limit : config.string_limit;
		size = (__u64)elements(arg, fixed + 1, ret) * arg->size;
		append_user_bytes(s, slot, SONDE_ITEM_DATA, (void *)value,
				  size > 0x7fffffff ? 0x7fffffff : size, limit);
		break;
	case SONDE_FETCH_IOVEC:
		append_iovec(index, value, elements(arg, fixed + 1, ret),
			     arg->when & SONDE_IF_SUCCESS ? ret : 0x7fffffff, slot);
		break;
	case SONDE_FETCH_MSGHDR:
		append_msghdr(index, value, arg->when & SONDE_IF_SUCCESS ? ret : 0x7fffffff, slot);
		break;
	}
	return 0;
}

static __always_inline bool is_due(const struct sonde_call_arg *arg, __u32 when, long ret)
{
	if (!(arg->when & when))
		return false;
	return when != SONDE_AT_EXIT || !(((arg->when & SONDE_IF_SUCCESS) && ret < 0) ||
					  ((arg->when & SONDE_IF_FAILURE) && ret >= 0) ||
					  ((arg->when & SONDE_IF_POSITIVE) && ret <= 0));
}

/* What `call`, or the variant of it that its arguments select, says of each argument. */
static __always_inline void fetch_args(struct scratch *s, __u32 index,
				       const struct sonde_call *call, __u32 number, __u32 when,
				       long ret)
{
	const struct sonde_call *variant = NULL;
	struct sonde_call_key *key = (void *)s->key;
	__u64 *fixed = (void *)&s->data[sizeof(struct sonde_record)];

	if (call->selector) {
		key->number = number;
		key->unused = 0;
		key->value = fixed[call->selector & 7] & call->selector_mask;
		variant = bpf_map_lookup_elem(&variants, key);
	}
	if (variant)
		s->call = *variant;
	else
		s->call = *call;
	for (__u32 i = 0; i < SONDE_CALL_ARGS; i++)
		if (is_due(&s->call.args[i], when, ret))
			fetch_arg(index, i);
}

static __always_inline int capture_call(void *ctx, struct pt_regs *regs, long ret, __u32 number,
					bool compat, const struct sonde_call *call, __u32 hook,
					__u32 when, __u16 flags)
{
	__u32 count = call->count;
	struct task_value *v;
	struct scratch *s;
	__u64 *fixed;
	bool traced;

	v = traced_value(&traced);
	s = begin_record(hook, call->event, 0, traced, v);
	if (!s)
		return 0;
	s->flags = flags | (compat ? SONDE_RECORD_COMPAT : 0);
	fixed = (void *)&s->data[sizeof(struct sonde_record)];
	fixed[0] = compat ? (__s32)ret : ret;
	for (int i = 0; i < SONDE_CALL_ARGS; i++)
		if ((__u32)i < count)
			fixed[1 + i] = call_arg(regs, i, compat);
	s->size = sizeof(struct sonde_record) + 8 * (1 + (count & 7));
	if (when == SONDE_AT_EXIT && config.latency) {
		if (v && v->entered && v->call == number + 1) {
			*(__u64 *)&s->data[s->size & (DATA_BYTES - 1)] =
				((struct sonde_record *)s->data)->time - v->entered;
			s->size += 8;
			s->flags |= SONDE_RECORD_LATENCY;
			v->entered = 0;
		}
	}
	if ((call->fetches & when) || call->selector)
		fetch_args(s, scratch_index(hook), call, number, when, ret);
	else
		s->call.flags = call->flags;
	if (when == SONDE_AT_EXIT && (s->call.flags & SONDE_CALL_RESULT_FD) && ret >= 0 &&
	    config.resolve_files)
		append_fd(scratch_index(hook), ret, 0);
	seal(s);
	if (exit_filter && when == SONDE_AT_EXIT)
		bpf_tail_call(ctx, &exit_stages, SONDE_STAGE_FILTER);
	return put(s);
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

static __always_inline int not_wanted(__u32 hook)
{
	struct scratch *s = scratch_at(scratch_index(hook));

	if (s)
		count(s, SONDE_FILTERED);
	return 0;
}

static __always_inline int capture_exit(void *ctx, struct pt_regs *regs, long ret, __u32 hook)
{
	const struct sonde_call *call;
	long nr = call_number(regs);
	__u32 number;
	bool compat;

	if ((unsigned long)nr >= SONDE_CALL_NUMBERS)
		return not_wanted(hook);
	call = find_call(number_of_exec(nr, ret), &number, &compat);
	if ((call->flags & SONDE_CALL_RENAMES) && ret >= 0)
		__sync_fetch_and_add(&config.renames, 1);
	if ((call->flags & SONDE_CALL_CHANGES) && ret >= 0)
		tasks_changed();
	if (!(call->flags & SONDE_CALL_ON) ||
	    (config.outcome && (ret < 0) != (config.outcome == 2)))
		return not_wanted(hook);
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
		return not_wanted(hook);
	call = find_call(nr, &number, &compat);
	if (!(call->flags & SONDE_CALL_ON))
		return not_wanted(hook);
	if (config.latency) {
		v = traced_value(&traced);
		if (v && traced) {
			v->entered = bpf_ktime_get_boot_ns();
			v->call = number + 1;
		}
	}
	if (!(call->flags & SONDE_CALL_ENTRY))
		return not_wanted(hook);
	remember_exec(nr, number, compat);
	return capture_call(ctx, regs, 0, number, compat, call, hook, SONDE_AT_ENTRY,
			    call->flags & SONDE_CALL_NO_RETURN ? SONDE_RECORD_NO_RETURN
							       : SONDE_RECORD_ENTRY);
}

#endif
