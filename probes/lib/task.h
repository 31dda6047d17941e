/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What the kernel side remembers of a task, and the facts that tell whether it changed.
 */
#ifndef SONDE_TASK_H
#define SONDE_TASK_H

#include "kernel_fs.h"

enum task_labels {
	LABEL_FOLLOW = 1 << 0, /* given by user space or inherited at fork */
	LABEL_CGROUP = 1 << 1, /* in the traced cgroup: decided anew when its cgroups change */
};

struct task_value {
	__u64 key;
	__u64 facts[TASK_FACTS]; /* as they were introduced */
	__u64 changes;           /* config.changes, as of when the facts were last looked at */
	__u64 looked;            /* when that was, ns since boot */
	__u64 entered; /* ns since boot: the entry of the present call, when latency is asked for */
	__u64 cgroups; /* the css_set for which LABEL_CGROUP was decided */
	__u64 cwd;     /* id of its working directory, as of cwd_changes and cwd_renames; 0: none */
	__u64 cwd_changes, cwd_renames;
	__u64 denied_at; /* ns since boot: when a check refused something last */
	struct sonde_denied denied;
	__u32 version; /* 0: not introduced yet */
	__u32 generation;
	__u32 labels;
	__u32 call; /* the call that was entered, plus one */
};

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct task_value);
} tasks SEC(".maps");

/* Where there is no task storage (before 5.13): by thread id. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 32768);
	__type(key, __u32);
	__type(value, struct task_value);
} tasks_by_tid SEC(".maps");

/* Reads a member of current_task(), or what lies behind it. */
#define READ_TASK(out, task, ...)                                                                  \
	do {                                                                                       \
		if (has_task_btf)                                                                  \
			(out) = (typeof(out))___arrow(task, __VA_ARGS__);                          \
		else                                                                               \
			BPF_CORE_READ_INTO(&(out), task, __VA_ARGS__);                             \
	} while (0)

/* A pointer that may be read directly where the kernel allows it: READ_TASK(). */
static __always_inline struct task_struct *current_task(void)
{
	if (has_task_btf)
		return bpf_get_current_task_btf();
	return (void *)bpf_get_current_task();
}

/* The current thread group's id and the thread's, as bpf_get_current_pid_tgid() has them. */
static __always_inline __u64 current_ids(void)
{
	struct task_struct *task;

	if (has_current)
		return bpf_get_current_pid_tgid();
	task = (void *)bpf_get_current_task();
	return (__u64)BPF_CORE_READ(task, tgid) << 32 | (__u32)BPF_CORE_READ(task, pid);
}

static __always_inline struct task_value *tid_value(__u32 tid, bool create)
{
	static const struct task_value empty;
	struct task_value *v = bpf_map_lookup_elem(&tasks_by_tid, &tid);

	if (v || !create)
		return v;
	bpf_map_update_elem(&tasks_by_tid, &tid, &empty, BPF_NOEXIST);
	return bpf_map_lookup_elem(&tasks_by_tid, &tid);
}

/* A thread id that is a new task's now. */
static __always_inline void forget_tid(__u32 tid)
{
	if (!has_task_storage)
		bpf_map_delete_elem(&tasks_by_tid, &tid);
}

/* A thread that executes takes its leader's id, and what is remembered of it along. */
static __always_inline void change_tid(__u32 old, __u32 tid)
{
	struct task_value *v;

	if (has_task_storage || old == tid)
		return;
	v = tid_value(old, false);
	if (v)
		bpf_map_update_elem(&tasks_by_tid, &tid, v, BPF_ANY);
}

/* The value of the current task; NULL when it has none and none was asked for, or there is no
 * memory. */
static __always_inline struct task_value *current_value(bool create)
{
	if (has_task_storage)
		return bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), NULL,
					    create ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0);
	return tid_value((__u32)current_ids(), create);
}

/* The same of a task that a tracepoint or iterator passes (a pointer that the verifier trusts). */
#define task_value_of(task, create)                                                                \
	(has_task_storage ? bpf_task_storage_get(&tasks, task, NULL,                               \
						 (create) ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0)    \
			  : tid_value(BPF_CORE_READ(task, pid), create))

/* Of the registers at a system call's entry and exit: its number, and whether it is a 32-bit one.
 */
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

#endif

#define PF_EXITING       0x00000004

#define STORAGES         16 /* of one task: other tools have theirs */

#define STORAGE_OF(task) (task_storage_refuses ? (__u64)BPF_CORE_READ(task, bpf_storage) : 0)

/* A task's labels where the kernel refuses to look for its value: found as it does it. */
__noinline int labels_without_lookup(__u64 address)
{
	struct bpf_local_storage *storage = (void *)address;
	struct bpf_local_storage_elem *elem;
	struct hlist_node *node;
	__u32 labels = 0;

	if (!task_storage_refuses)
		return 0;
	node = BPF_CORE_READ(storage, list.first);
	for (int i = 0; i < STORAGES && node; i++) {
		elem = (void *)node - bpf_core_field_offset(struct bpf_local_storage_elem, snode);
		if (BPF_CORE_READ(elem, sdata.smap) == (void *)&tasks) {
			bpf_probe_read_kernel(
				&labels, sizeof(labels),
				(void *)elem +
					bpf_core_field_offset(struct bpf_local_storage_elem,
							      sdata) +
					bpf_core_type_size(struct bpf_local_storage_data) +
					offsetof(struct task_value, labels));
			break;
		}
		node = BPF_CORE_READ(node, next);
	}
	return labels;
}

/* The same in each run and each process that reads: (thread group id, its leader's start). Never 0.
 */
static __always_inline __u64 process_key(__u32 tgid, __u64 leader_start)
{
	__u64 h = leader_start * 0x9e3779b97f4a7c15ull + tgid;

	h ^= h >> 32;
	h *= 0xd6e8feb86659fd93ull;
	h ^= h >> 32;
	return h | 1;
}

/* The version of an introduction made now, of the task `tid`: seldom one that it had before. */
static __always_inline __u32 new_version(__u64 time, __u32 tid)
{
	return ((time * 0x9e3779b97f4a7c15ull >> 32) ^ tid) | 1;
}

static __always_inline __u32 task_state(struct task_struct *task)
{
	if (bpf_core_field_exists(task->__state))
		return BPF_CORE_READ(task, __state);
	return BPF_CORE_READ((struct task_struct___old *)task, state);
}

/* The instruction that saved registers stand at. */
#if defined(__TARGET_ARCH_x86)
#define READ_IP(regs) BPF_CORE_READ(regs, ip)
#else
#define READ_IP(regs) BPF_CORE_READ(regs, pc)
#endif

static __always_inline __u64 key_of(struct task_struct *task)
{
	return process_key(BPF_CORE_READ(task, tgid),
			   BPF_CORE_READ(task, group_leader, start_boottime));
}

/* Words of the kernel's as one, which differs when they do. */
static __always_inline __u64 digest(const __u64 *words, int count)
{
	__u64 h = 0;

	for (int i = 0; i < count; i++)
		h = (h ^ words[i]) * 0x9e3779b97f4a7c15ull;
	return h;
}

#define FACT_COMPONENTS 16

/* What the names of a directory and those above it are; not beyond its mount. */
static __always_inline __u64 digest_of_names(struct dentry *d)
{
	struct dentry *parent;
	__u64 h = 0;

	for (int i = 0; i < FACT_COMPONENTS && d; i++) {
		parent = BPF_CORE_READ(d, d_parent);
		if (parent == d)
			break;
		h = (h ^ BPF_CORE_READ(d, d_name.hash_len)) * 0x9e3779b97f4a7c15ull;
		d = parent;
	}
	return h;
}

/* What read_facts() says besides: the task is ending, its parent is. */
enum task_ends {
	TASK_ENDS = 1 << 0,
	PARENT_ENDS = 1 << 1, /* this was told; that its children are another's comes later, and is
				 told by nobody */
};

/*
 * Reads the current task's facts, or its own alone, into s->facts. By probe_read: it happens
 * seldom, and for each pointer that is followed directly the verifier searches all types of the
 * kernel, half a millisecond each. A function of its own, since stacks are short.
 */
__noinline int read_facts(__u32 index, __u32 own)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct scratch *s = scratch_at(index);
	const struct cred *cred;
	struct nsproxy *ns;
	void *at;
	__u64 *f;

	if (!s)
		return 0;
	f = s->facts;
	cred = BPF_CORE_READ(task, real_cred);
	ns = BPF_CORE_READ(task, nsproxy);
	at = BPF_CORE_READ(task, fs);
	f[FACT_CRED] = (__u64)cred;
	f[FACT_NAMESPACES] = f[FACT_CWD] = f[FACT_ROOT] = f[FACT_PATH] = f[FACT_MM] = 0;
	if (ns) {
		bpf_core_read(s->block, 8 * sizeof(void *), &ns->uts_ns);
		f[FACT_NAMESPACES] = digest(s->block, 8);
	}
	if (at) {
		bpf_core_read(s->block, sizeof(struct path), &((struct fs_struct *)at)->pwd);
		f[FACT_CWD] = digest(s->block, 2);
	}
	if (own)
		return 0;
	if (at) {
		f[FACT_PATH] = digest_of_names((struct dentry *)s->block[1]);
		bpf_core_read(&f[FACT_ROOT], sizeof(void *),
			      &((struct fs_struct *)at)->root.dentry);
	}
	bpf_core_read(&s->block[0], 4 * sizeof(__u64), &cred->uid);
	bpf_core_read(&s->block[4], 3 * sizeof(__u64), &cred->cap_inheritable);
	bpf_core_read(&s->block[7], sizeof(__u64), &cred->user_ns);
	f[FACT_IDS] = digest(s->block, 8);
	f[FACT_CGROUPS] = (__u64)BPF_CORE_READ(task, cgroups);
	at = BPF_CORE_READ(task, mm);
	if (at)
		f[FACT_MM] = (__u64)at ^ BPF_CORE_READ((struct mm_struct *)at, arg_start);
	at = BPF_CORE_READ(task, signal);
	f[FACT_PGRP] = (__u64)BPF_CORE_READ((struct signal_struct *)at, pids[PIDTYPE_PGID]);
	f[FACT_SESSION] = (__u64)BPF_CORE_READ((struct signal_struct *)at, pids[PIDTYPE_SID]);
	f[FACT_TTY] = (__u64)BPF_CORE_READ((struct signal_struct *)at, tty);
	f[FACT_COMM] = f[FACT_COMM_END] = 0; /* 6.1 leaves what is behind the NUL */
	if (has_current)
		bpf_get_current_comm(&f[FACT_COMM], 16);
	else
		bpf_core_read_str(&f[FACT_COMM], 16, &task->comm);
	at = BPF_CORE_READ(task, real_parent);
	f[FACT_PARENT] = (__u64)at;
	return (BPF_CORE_READ(task, flags) & PF_EXITING ? TASK_ENDS : 0) |
	       (BPF_CORE_READ((struct task_struct *)at, flags) & PF_EXITING ? PARENT_ENDS : 0);
}

static __always_inline bool own_facts_are_known(struct scratch *s, __u32 index,
						struct task_value *v)
{
	__u64 differ = 0;

	read_facts(index, true);
	for (int i = 0; i < OWN_FACTS; i++)
		differ |= s->facts[i] ^ v->facts[i];
	return !differ;
}

/* Whether s->facts are those that the task was introduced with. One that ends gives back one thing
 * after the other, and stays who it was. */
static __always_inline bool facts_are_known(struct scratch *s, struct task_value *v, bool ending)
{
	__u64 differ = 0;

	for (int i = 0; i < TASK_FACTS; i++)
		if (s->facts[i] || !ending)
			differ |= s->facts[i] ^ v->facts[i];
	return !differ;
}

#endif
