/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Functions inside the kernel: a body is written once, and becomes a program for each way to attach
 * it. User space takes the best that the running kernel offers:
 *
 *     LSM_HOOK(security_file_open, file_open, struct file *file) { body }
 *         fexit, kprobe and kretprobe, fentry, lsm: the last two know no verdict
 *     LSM_HOOK_AT(event, "security_file_open", file_open, struct file *file) { body }
 *         the same, of an event that bears another name than the function; such are
 *         FUNCTION_HOOK_AT(int, event, "function", ...), ENTRY_HOOK_AT(event, "function", ...)
 *     FUNCTION_HOOK(int, do_truncate, struct dentry *dentry, __s64 length) { body }
 *         fexit, kprobe and kretprobe: when it has returned
 *     ENTRY_HOOK(commit_creds, struct cred *new) { body }
 *         fentry, kprobe: before it runs
 *
 * A tracepoint that shows the same is a program NAME__tp_btf: it is taken where no other is to be
 * had.
 *
 * The arguments bear the names that the kernel gives them: kernels move them, so user space finds
 * each by its name. One that this kernel lacks is 0. They are numbers to the verifier: what they
 * point to is read with BPF_CORE_READ(). Six at most.
 */
#ifndef SONDE_HOOKS_BPF_H
#define SONDE_HOOKS_BPF_H

#include "files.h"

/* Declares an event of such a hook: -e @hooks has them all, -e @hooks_file those of a subject. */
#define HOOK_EVENT(name, subject, help) EVENT_OF(name, "hooks,hooks_" #subject, help)

#define HOOK_ARGS                       6

/* Where the arguments lie among the kernel's, and where fexit finds the result: user space fills it
 * in. */
struct sonde_hook {
	__u8 arg[HOOK_ARGS];
	__u8 result;
	__u8 unused;
};

/* What a body is called with. */
struct hook_call {
	unsigned long long args[HOOK_ARGS];
	__s64 result;
	bool returned; /* the result is known */
};

/* The context of a program that is attached by a function's type: the arguments, then the result. A
 * copy of it, which has numbers for the pointers that the verifier would not let pass. */
struct hook_context {
	unsigned long long words[16];
};

static __always_inline __u64 hook_word(const struct hook_context *c, __u8 place)
{
	return place < 16 ? c->words[place & 15] : 0;
}

static __always_inline __u64 hook_register(struct pt_regs *regs, __u8 place)
{
#if defined(__TARGET_ARCH_x86)
	return place == 0   ? BPF_CORE_READ(regs, di)
	       : place == 1 ? BPF_CORE_READ(regs, si)
	       : place == 2 ? BPF_CORE_READ(regs, dx)
	       : place == 3 ? BPF_CORE_READ(regs, cx)
	       : place == 4 ? BPF_CORE_READ(regs, r8)
	       : place == 5 ? BPF_CORE_READ(regs, r9)
			    : 0;
#else
	__u64 v = 0;

	if (place < 8)
		bpf_core_read(&v, sizeof(v), &regs->regs[place & 7]);
	return v;
#endif
}

#if defined(__TARGET_ARCH_x86)
#define HOOK_RESULT(regs) ((regs)->ax)
#else
#define HOOK_RESULT(regs) ((regs)->regs[0])
#endif

#define HOOK_TAKE(call, name, count, read, from)                                                   \
	do {                                                                                       \
		_Static_assert((count) <= HOOK_ARGS, "six arguments at most");                     \
		_Pragma("unroll") for (int i__ = 0; i__ < (count); i__++)(call)->args[i__] =       \
			read(from, sonde_hook__##name.arg[i__]);                                   \
	} while (0)

/* A function that is running, for kretprobes: by hook and thread. */
struct hook_entry {
	struct hook_call call;
	__u64 depth; /* it runs within itself again: such runs are told as lost */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, struct hook_entry);
} hook_entries SEC(".maps");

static __always_inline __u64 hook_entry_key(__u32 hook)
{
	return (__u64)hook << 32 | (__u32)bpf_get_current_pid_tgid();
}

static __always_inline void hook_enter(__u32 hook, const struct hook_call *call)
{
	__u64 key = hook_entry_key(hook);
	struct hook_entry entry = {.call = *call}, *there;
	struct scratch *s;
	bool traced;

	traced_value(&traced);
	if (!traced)
		return;
	there = bpf_map_lookup_elem(&hook_entries, &key);
	if (!there && !bpf_map_update_elem(&hook_entries, &key, &entry, BPF_ANY))
		return;
	if (there)
		there->depth++;
	s = scratch_at(scratch_index(hook));
	if (s)
		scratch__count(s, SONDE_LOST_NESTED);
}

/* False: nobody saw its entry, or it was told as lost there. */
static __always_inline bool hook_return(__u32 hook, struct hook_call *call, __s64 result)
{
	__u64 key = hook_entry_key(hook);
	struct hook_entry *entry = bpf_map_lookup_elem(&hook_entries, &key);

	if (!entry)
		return false;
	if (entry->depth) {
		entry->depth--;
		return false;
	}
	*call = entry->call;
	call->result = result;
	call->returned = true;
	bpf_map_delete_elem(&hook_entries, &key);
	return true;
}

/* What one hook tells another one of the same thread that comes later: as an entry of hook_entries,
 * whose hook no program has. */
enum hook_note {
	NOTE_SECCOMP = 1u << 31,
	NOTE_VM_WRITE,
};

static __always_inline void leave_note(__u32 what, const struct hook_call *note)
{
	__u64 key = hook_entry_key(what);
	struct hook_entry entry = {.call = *note};
	bool traced;

	traced_value(&traced);
	if (traced)
		bpf_map_update_elem(&hook_entries, &key, &entry, BPF_ANY);
}

static __always_inline bool take_note(enum hook_note what, struct hook_call *note)
{
	__u64 key = hook_entry_key(what);
	struct hook_entry *entry = bpf_map_lookup_elem(&hook_entries, &key);

	if (!entry)
		return false;
	*note = entry->call;
	bpf_map_delete_elem(&hook_entries, &key);
	return true;
}

/* The typed arguments of a body, from call__.args. */
#define HOOK_CAST(args...)      ___bpf_apply(HOOK_CAST_, ___bpf_narg(args))(args)
#define HOOK_CAST_1(x)          (void *)call__.args[0]
#define HOOK_CAST_2(x, rest...) HOOK_CAST_1(rest), (void *)call__.args[1]
#define HOOK_CAST_3(x, rest...) HOOK_CAST_2(rest), (void *)call__.args[2]
#define HOOK_CAST_4(x, rest...) HOOK_CAST_3(rest), (void *)call__.args[3]
#define HOOK_CAST_5(x, rest...) HOOK_CAST_4(rest), (void *)call__.args[4]
#define HOOK_CAST_6(x, rest...) HOOK_CAST_5(rest), (void *)call__.args[5]
#define HOOK_RUN(name, args...)                                                                    \
	({                                                                                         \
		_Pragma("GCC diagnostic push")                                                     \
			_Pragma("GCC diagnostic ignored \"-Wint-conversion\"") int done__ =        \
				____##name(&call__, HOOK_CAST(args));                              \
		_Pragma("GCC diagnostic pop") done__;                                              \
	})

#define HOOK_BODY(name, args...)                                                                   \
	static __always_inline int ____##name(const struct hook_call *call, ##args)

#define HOOK_DECLARE(name, text)                                                                   \
	const volatile struct sonde_hook sonde_hook__##name SONDE_TAG("args:" text) = {}

/* fentry, lsm */
#define HOOK_AT_ENTRY(kind, name, target, args...)                                                 \
	SEC("?" #kind "/" target)                                                                  \
	int name##__##kind(unsigned long long *ctx)                                                \
	{                                                                                          \
		struct hook_call call__ = {};                                                      \
		struct hook_context context__;                                                     \
                                                                                                   \
		bpf_probe_read_kernel(&context__, sizeof(context__), ctx);                         \
		HOOK_TAKE(&call__, name, ___bpf_narg(args), hook_word, &context__);                \
		HOOK_RUN(name, args);                                                              \
		return 0;                                                                          \
	}

#define HOOK_FEXIT(type, name, target, args...)                                                    \
	SEC("?fexit/" target)                                                                      \
	int name##__fexit(unsigned long long *ctx)                                                 \
	{                                                                                          \
		struct hook_call call__ = {.returned = true};                                      \
		struct hook_context context__;                                                     \
                                                                                                   \
		bpf_probe_read_kernel(&context__, sizeof(context__), ctx);                         \
		call__.result = (type)hook_word(&context__, sonde_hook__##name.result);            \
		HOOK_TAKE(&call__, name, ___bpf_narg(args), hook_word, &context__);                \
		return HOOK_RUN(name, args);                                                       \
	}

#define HOOK_KPROBE(name, target, args...)                                                         \
	SEC("?kprobe/" target)                                                                     \
	int name##__entry(struct pt_regs *regs)                                                    \
	{                                                                                          \
		struct hook_call call__ = {};                                                      \
                                                                                                   \
		HOOK_TAKE(&call__, name, ___bpf_narg(args), hook_register, regs);                  \
		return HOOK_RUN(name, args);                                                       \
	}

#define HOOK_KPROBES(type, name, target, args...)                                                  \
	SEC("?kprobe/" target)                                                                     \
	int name##__kprobe(struct pt_regs *regs)                                                   \
	{                                                                                          \
		struct hook_call call__ = {};                                                      \
                                                                                                   \
		HOOK_TAKE(&call__, name, ___bpf_narg(args), hook_register, regs);                  \
		hook_enter(sonde_ids__##name.hook, &call__);                                       \
		return 0;                                                                          \
	}                                                                                          \
	SEC("?kretprobe/" target)                                                                  \
	int name##__kretprobe(struct pt_regs *regs)                                                \
	{                                                                                          \
		struct hook_call call__;                                                           \
                                                                                                   \
		if (!hook_return(sonde_ids__##name.hook, &call__, (type)HOOK_RESULT(regs)))        \
			return 0;                                                                  \
		return HOOK_RUN(name, args);                                                       \
	}

#define LSM_HOOK(name, lsm_name, args...) LSM_HOOK_AT(name, #name, lsm_name, ##args)
#define LSM_HOOK_AT(name, target, lsm_name, args...)                                               \
	HOOK_DECLARE(name, #args);                                                                 \
	HOOK_BODY(name, ##args);                                                                   \
	HOOK_FEXIT(int, name, target, ##args)                                                      \
	HOOK_KPROBES(int, name, target, ##args)                                                    \
	HOOK_AT_ENTRY(fentry, name, target, ##args)                                                \
	HOOK_AT_ENTRY(lsm, name, #lsm_name, ##args)                                                \
	HOOK_BODY(name, ##args)

#define FUNCTION_HOOK(type, name, args...) FUNCTION_HOOK_AT(type, name, #name, ##args)
#define FUNCTION_HOOK_AT(type, name, target, args...)                                              \
	HOOK_DECLARE(name, #args);                                                                 \
	HOOK_BODY(name, ##args);                                                                   \
	HOOK_FEXIT(type, name, target, ##args)                                                     \
	HOOK_KPROBES(type, name, target, ##args)                                                   \
	HOOK_BODY(name, ##args)

#define ENTRY_HOOK(name, args...) ENTRY_HOOK_AT(name, #name, ##args)
#define ENTRY_HOOK_AT(name, target, args...)                                                       \
	HOOK_DECLARE(name, #args);                                                                 \
	HOOK_BODY(name, ##args);                                                                   \
	HOOK_AT_ENTRY(fentry, name, target, ##args)                                                \
	HOOK_KPROBE(name, target, ##args)                                                          \
	HOOK_BODY(name, ##args)

/* As begin(), of an event whose first field is `__s64 res RESULT`. */
#define begin_hook(name) begin_hook_in(name, name)
#define begin_hook_in(program, name)                                                               \
	({                                                                                         \
		struct sonde_event__##name *hook__ = begin_in(program, name, false);               \
                                                                                                   \
		if (hook__) {                                                                      \
			hook__->res = call->result;                                                \
			bpf_debug("verdict of " #name ": %lld, known: %u", call->result,           \
				  call->returned);                                                 \
			if (!call->returned)                                                       \
				scratch_of(hook__)->flags |= SONDE_RECORD_NO_RETURN;               \
		}                                                                                  \
		hook__;                                                                            \
	})

/* The field `member` of the event is this text of the kernel's. */
#define put_text(e, name, member, text)                                                            \
	append_kernel_string(scratch_of(e), SLOT(struct sonde_event__##name, member), text)

/* The same of a text that there need not be. */
#define put_text_if_any(e, name, member, text)                                                     \
	do {                                                                                       \
		const char *text__ = text;                                                         \
		if (text__)                                                                        \
			put_text(e, name, member, text__);                                         \
		else                                                                               \
			(e)->member.address = SONDE_ABSENT;                                        \
	} while (0)

/* An open file of whatever kind (struct file), as the item of `slot`. */
__noinline int append_file(__u32 index, __u64 address, __u32 slot)
{
	struct scratch *s = scratch_at(index);

	if (!s || slot >= DATA_BYTES / 8)
		return 0;
	if (!address)
		*(__u64 *)&s->data[sizeof(struct sonde_record) + slot * 8] = SONDE_ABSENT;
	else
		append_open_file(index, s, (struct file *)address, slot);
	return 0;
}

/* The field `member`, of KIND(file), of the event is this file (struct file *), or this path. */
#define put_file(name, member, file)                                                               \
	append_file(scratch_index(sonde_ids__##name.hook), (__u64)(file),                          \
		    SLOT(struct sonde_event__##name, member))
/* ... or a name in a directory (struct dentry *), of which the mount is not known. */
#define put_dentry(name, member, dentry)                                                           \
	append_dentry(scratch_index(sonde_ids__##name.hook), (__u64)(dentry),                      \
		      SLOT(struct sonde_event__##name, member))
#define put_path(name, member, path)                                                               \
	append_path(scratch_index(sonde_ids__##name.hook), (__u64)BPF_CORE_READ(path, mnt),        \
		    (__u64)BPF_CORE_READ(path, dentry), SLOT(struct sonde_event__##name, member))

/* What put_inode() fills: the file as it is when the function has returned. */
#define INODE_FIELDS                                                                               \
	__u64 ino;                                                                                 \
	__u32 dev KIND(dev) HELP("of the filesystem");                                             \
	__u32 mode KIND(fmode) HELP("as it is afterwards")
#define put_inode(e, node)                                                                         \
	do {                                                                                       \
		struct inode *inode__ = (node);                                                    \
                                                                                                   \
		(e)->mode = BPF_CORE_READ(inode__, i_mode);                                        \
		(e)->dev = user_dev(BPF_CORE_READ(inode__, i_sb, s_dev));                          \
		(e)->ino = BPF_CORE_READ(inode__, i_ino);                                          \
	} while (0)

#endif
