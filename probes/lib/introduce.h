/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The kernel introduces everybody once. A task's value says who it is and whether it was introduced
 * as it is now; begin() looks there, introduces if need be, and starts the record.
 */
#ifndef SONDE_INTRODUCE_H
#define SONDE_INTRODUCE_H

#include "walk.h"

enum task_labels {
	LABEL_FOLLOW = 1 << 0, /* given by user space or inherited at fork */
	LABEL_CGROUP =
		1
		<< 1, /* in the cgroup that is traced: recomputed when the task's cgroups change */
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

/* The current task, as a pointer that may be read directly where the kernel allows it. */
#define READ_TASK(out, task, ...)                                                                  \
	do {                                                                                       \
		if (has_task_btf)                                                                  \
			(out) = (typeof(out))___arrow(task, __VA_ARGS__);                          \
		else                                                                               \
			BPF_CORE_READ_INTO(&(out), task, __VA_ARGS__);                             \
	} while (0)

static __always_inline struct task_struct *current_task(void)
{
	if (has_task_btf)
		return bpf_get_current_task_btf();
	return (void *)bpf_get_current_task();
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

/* The value of the current task; NULL when it has none and none was asked for, or there is no
 * memory. */
static __always_inline struct task_value *current_value(bool create)
{
	if (has_task_storage)
		return bpf_task_storage_get(&tasks, bpf_get_current_task_btf(), NULL,
					    create ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0);
	return tid_value((__u32)bpf_get_current_pid_tgid(), create);
}

/* The same of a task that a tracepoint or iterator passes (a pointer that the verifier trusts). */
#define task_value_of(task, create)                                                                \
	(has_task_storage ? bpf_task_storage_get(&tasks, task, NULL,                               \
						 (create) ? BPF_LOCAL_STORAGE_GET_F_CREATE : 0)    \
			  : tid_value((task)->pid, create))

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

static __always_inline __u64 key_of(struct task_struct *task)
{
	return process_key(BPF_CORE_READ(task, tgid),
			   BPF_CORE_READ(task, group_leader, start_boottime));
}

/*
 * Reads the current task's facts into s->facts, and tells whether they are those that it was
 * introduced with. By probe_read: it happens seldom, and for each pointer that is followed directly
 * the verifier searches all types of the kernel, half a millisecond each.
 */
static __always_inline bool facts_are_known(struct scratch *s, struct task_value *v)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u64 *f = s->facts, differ = 0;

	f[FACT_CRED] = (__u64)BPF_CORE_READ(task, cred);
	f[FACT_UIDS] = (__u64)BPF_CORE_READ(task, cred, uid.val) << 32 |
		       BPF_CORE_READ(task, cred, euid.val);
	f[FACT_NAMESPACES] = (__u64)BPF_CORE_READ(task, nsproxy);
	f[FACT_CGROUPS] = (__u64)BPF_CORE_READ(task, cgroups);
	f[FACT_MM] = (__u64)BPF_CORE_READ(task, mm);
	f[FACT_PARENT] = (__u64)BPF_CORE_READ(task, real_parent);
	f[FACT_CWD] = (__u64)BPF_CORE_READ(task, fs, pwd.dentry);
	f[FACT_ROOT] = (__u64)BPF_CORE_READ(task, fs, root.dentry);
	f[FACT_PGRP] = (__u64)BPF_CORE_READ(task, signal, pids[PIDTYPE_PGID]);
	f[FACT_SESSION] = (__u64)BPF_CORE_READ(task, signal, pids[PIDTYPE_SID]);
	f[FACT_TTY] = (__u64)BPF_CORE_READ(task, signal, tty);
	bpf_get_current_comm(&f[FACT_COMM], 16);
	for (int i = 0; i < TASK_FACTS; i++)
		differ |= f[i] ^ v->facts[i];
	return !differ;
}

static __always_inline struct sonde_item *intro_item(struct scratch *s)
{
	__u64 at = s->intro_size;

	if (at >= INTRO_BYTES)
		return NULL;
	return (void *)&s->intro[at & (INTRO_BYTES - 1)];
}

/* Closes the item that began at `start` and pads it: what lies between is its data. */
static __always_inline void intro_close(struct scratch *s, __u32 start, __u8 slot, int walked)
{
	struct sonde_item *item = (void *)&s->intro[start & (INTRO_BYTES - 1)];
	__u32 size = s->intro_size - start - sizeof(*item);

	item->slot = slot;
	item->what = SONDE_ITEM_DATA;
	item->size = size;
	item->whole = walked & WALK_CUT ? SONDE_WHOLE_UNKNOWN : size;
	s->intro_size = start + sizeof(*item) + pad8(size);
}

static __always_inline void intro_fault(struct scratch *s, __u8 slot, __u32 error)
{
	struct sonde_item *item = intro_item(s);

	if (!item)
		return;
	*item = (struct sonde_item){.slot = slot, .what = SONDE_ITEM_FAULT, .whole = error};
	s->intro_size += sizeof(*item);
}

static __always_inline void intro_path(struct scratch *s, __u32 index, __u8 slot,
				       struct vfsmount *mnt, struct dentry *dentry)
{
	__u32 start = s->intro_size;

	if (!dentry) {
		intro_fault(s, slot, ESRCH);
		return;
	}
	if (start >= INTRO_BYTES)
		return;
	s->intro_size = start + sizeof(struct sonde_item);
	intro_close(s, start, slot, walk_path(index, (__u64)mnt, (__u64)dentry));
}

static __always_inline void intro_kernfs(struct scratch *s, __u32 index, __u8 slot,
					 struct kernfs_node *kn)
{
	__u32 start = s->intro_size;

	if (start >= INTRO_BYTES)
		return;
	s->intro_size = start + sizeof(struct sonde_item);
	intro_close(s, start, slot, walk_kernfs(index, (__u64)kn));
}

/* A range of the current task's memory: argv, environ. */
static __always_inline void intro_user(struct scratch *s, __u8 slot, unsigned long start,
				       unsigned long end)
{
	struct sonde_item *item = intro_item(s);
	__u64 whole = end - start, size = whole;
	long err;

	if (!item)
		return;
	if (start >= end) {
		whole = size = 0;
	}
	barrier_var(size);
	if (size > SLACK_BYTES - 16)
		size = SLACK_BYTES - 16;
	err = bpf_probe_read_user(item + 1, size, (void *)start);
	if (err) {
		intro_fault(s, slot, -err);
		return;
	}
	item->slot = slot;
	item->what = SONDE_ITEM_DATA;
	item->size = size;
	item->whole = whole;
	s->intro_size += sizeof(*item) + pad8(size);
}

static __always_inline __u32 pid_number(struct pid *pid, __u32 level)
{
	struct upid u;

	if (!pid || level > BPF_CORE_READ(pid, level))
		return 0;
	bpf_core_read(&u.nr, sizeof(u.nr), &pid->numbers[0].nr);
	if (level)
		bpf_probe_read_kernel(&u.nr, sizeof(u.nr),
				      (void *)pid + bpf_core_field_offset(struct pid, numbers) +
					      level * bpf_core_type_size(struct upid));
	return u.nr;
}

#define NS_INUM(ptr) BPF_CORE_READ(ptr, ns.inum)

static __always_inline void read_namespaces(struct sonde_process *p, struct task_struct *task,
					    struct pid *pid, __u32 level)
{
	struct nsproxy *ns = BPF_CORE_READ(task, nsproxy);
	struct pid_namespace *pid_ns = NULL;

	bpf_probe_read_kernel(&pid_ns, sizeof(pid_ns),
			      (void *)pid + bpf_core_field_offset(struct pid, numbers) +
				      level * bpf_core_type_size(struct upid) +
				      bpf_core_field_offset(struct upid, ns));
	p->ns[SONDE_NS_PID] = NS_INUM(pid_ns);
	p->ns[SONDE_NS_USER] = BPF_CORE_READ(task, cred, user_ns, ns.inum);
	if (!ns)
		return;
	p->ns[SONDE_NS_MNT] = BPF_CORE_READ(ns, mnt_ns, ns.inum);
	p->ns[SONDE_NS_NET] = BPF_CORE_READ(ns, net_ns, ns.inum);
	p->ns[SONDE_NS_IPC] = BPF_CORE_READ(ns, ipc_ns, ns.inum);
	p->ns[SONDE_NS_UTS] = BPF_CORE_READ(ns, uts_ns, ns.inum);
	if (bpf_core_field_exists(ns->cgroup_ns))
		p->ns[SONDE_NS_CGROUP] = BPF_CORE_READ(ns, cgroup_ns, ns.inum);
	if (bpf_core_field_exists(ns->time_ns))
		p->ns[SONDE_NS_TIME] = BPF_CORE_READ(ns, time_ns, ns.inum);
}

static __always_inline __u64 ns_of(struct timespec64 *t)
{
	return t->tv_sec * 1000000000ull + t->tv_nsec;
}

static __always_inline void read_times(struct inode *i, __u64 *mtime, __u64 *ctime)
{
	struct timespec64 m = {}, c = {};

	if (bpf_core_field_exists(i->i_mtime_sec)) {
		m.tv_sec = BPF_CORE_READ(i, i_mtime_sec);
		m.tv_nsec = BPF_CORE_READ(i, i_mtime_nsec);
		c.tv_sec = BPF_CORE_READ(i, i_ctime_sec);
		/* From 6.13 its highest bit says that somebody looked at it (I_CTIME_QUERIED). */
		c.tv_nsec = BPF_CORE_READ(i, i_ctime_nsec) & ~(1u << 31);
	} else if (bpf_core_field_exists(((struct inode___v6_7 *)i)->__i_mtime)) {
		bpf_core_read(&m, sizeof(m), &((struct inode___v6_7 *)i)->__i_mtime);
		bpf_core_read(&c, sizeof(c), &((struct inode___v6_7 *)i)->__i_ctime);
	} else if (bpf_core_field_exists(((struct inode___v6_6 *)i)->__i_ctime)) {
		bpf_core_read(&m, sizeof(m), &((struct inode___v6_6 *)i)->i_mtime);
		bpf_core_read(&c, sizeof(c), &((struct inode___v6_6 *)i)->__i_ctime);
	} else {
		bpf_core_read(&m, sizeof(m), &((struct inode___old *)i)->i_mtime);
		bpf_core_read(&c, sizeof(c), &((struct inode___old *)i)->i_ctime);
	}
	*mtime = ns_of(&m);
	*ctime = ns_of(&c);
}

#define TMPFS_MAGIC     0x01021994
#define HUGETLBFS_MAGIC 0x958458f6
#define OVERLAYFS_MAGIC 0x794c7630

/* An overlay's inode is followed by a pointer to its dentry in the upper layer (struct ovl_inode).
 */
static __always_inline bool in_upper_layer(struct inode *inode)
{
	void *upper = NULL;

	if (BPF_CORE_READ(inode, i_sb, s_magic) != OVERLAYFS_MAGIC)
		return false;
	bpf_probe_read_kernel(&upper, sizeof(upper),
			      (void *)inode + bpf_core_type_size(struct inode));
	return upper != NULL;
}

/* memfd_create() prefixes its dentry's name, and never links it. */
static __always_inline bool is_memfd(struct inode *inode, struct dentry *d)
{
	unsigned long magic = BPF_CORE_READ(inode, i_sb, s_magic);
	char name[8] = {};

	if ((magic != TMPFS_MAGIC && magic != HUGETLBFS_MAGIC) || BPF_CORE_READ(inode, i_nlink))
		return false;
	bpf_probe_read_kernel(name, 7, BPF_CORE_READ(d, d_name.name));
	return name[0] == 'm' && name[1] == 'e' && name[2] == 'm' && name[3] == 'f' &&
	       name[4] == 'd' && name[5] == ':';
}

static __always_inline void read_exe(struct sonde_process *p, struct file *exe)
{
	struct inode *inode = BPF_CORE_READ(exe, f_inode);

	p->exe_ino = BPF_CORE_READ(inode, i_ino);
	p->exe_dev = BPF_CORE_READ(inode, i_sb, s_dev);
	read_times(inode, &p->exe_mtime, &p->exe_ctime);
	if (!BPF_CORE_READ(inode, i_nlink))
		p->exe_flags |= SONDE_EXE_DELETED;
	if (in_upper_layer(inode))
		p->exe_flags |= SONDE_EXE_UPPER;
	if (is_memfd(inode, BPF_CORE_READ(exe, f_path.dentry)))
		p->exe_flags |= SONDE_EXE_MEMFD;
}

/* A cgroup of the v1 hierarchy that most container runtimes and systemd use, when the default one
 * says nothing. */
static __always_inline struct kernfs_node *v1_node(struct css_set *cset)
{
	struct cgroup_subsys_state *css = NULL;

	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
		bpf_core_read(
			&css, sizeof(css),
			&cset->subsys[bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id)]);
	return BPF_CORE_READ(css, cgroup, kn);
}

static __always_inline struct kernfs_node *cgroup_node(struct css_set *cset)
{
	struct kernfs_node *kn = BPF_CORE_READ(cset, dfl_cgrp, kn), *v1;
	void *parent;

	if (bpf_core_field_exists(kn->__parent))
		parent = BPF_CORE_READ(kn, __parent);
	else
		parent = BPF_CORE_READ((struct kernfs_node___old *)kn, parent);
	if (parent)
		return kn;
	v1 = v1_node(cset);
	return v1 ? v1 : kn;
}

static __always_inline __u32 tty_number(struct tty_struct *tty)
{
	if (!tty)
		return 0;
	return BPF_CORE_READ(tty, driver, major) << 20 |
	       (BPF_CORE_READ(tty, driver, minor_start) + BPF_CORE_READ(tty, index));
}

#define PF_KTHREAD         0x00200000
#define PF_IO_WORKER       0x00000010
#define PF_USER_WORKER     0x00004000

#define SLOT(type, member) (offsetof(type, member) / 8)

#define HIERARCHIES        16
#define SYSTEMD            0x00646d6574737973ull /* "systemd" and its NUL, as a word */

/* On cgroup v1 systemd keeps its units in a hierarchy of its own, which has a name and no
 * controllers. */
static __always_inline void intro_systemd(struct scratch *s, __u32 index, struct css_set *cset)
{
	struct list_head *at = BPF_CORE_READ(cset, cgrp_links.next);
	struct cgrp_cset_link *link;
	struct cgroup_root *root;
	__u64 name;

	for (int i = 0; i < HIERARCHIES; i++) {
		link = (void *)at - bpf_core_field_offset(struct cgrp_cset_link, cgrp_link);
		root = BPF_CORE_READ(link, cgrp, root);
		name = 0;
		bpf_core_read(&name, sizeof(name), &root->name);
		if (name == SYSTEMD) {
			intro_kernfs(s, index, SLOT(struct sonde_process, systemd),
				     BPF_CORE_READ(link, cgrp, kn));
			return;
		}
		at = BPF_CORE_READ(at, next);
	}
}

/*
 * Writes the introduction of the task at s->task to intro, and returns its size. What only the task
 * itself can read (argv, environment) is read when it is the current one.
 */
__noinline int introduce_task(__u32 index, __u64 time, __u32 version, __u32 hook)
{
	struct scratch *s = scratch_at(index);
	struct task_struct *task, *parent, *leader;
	struct sonde_record *r;
	struct sonde_process *p;
	const struct cred *cred;
	struct mm_struct *mm;
	struct file *exe;
	struct pid *pid;
	struct kernfs_node *kn;
	bool current;
	__u32 flags, level;

	if (!s)
		return 0;
	task = (void *)s->task;
	r = (void *)s->intro;
	p = (void *)(r + 1);
	__builtin_memset(r, 0, sizeof(*r) + sizeof(*p));
	s->intro_size = sizeof(*r) + sizeof(*p);
	current = s->task == bpf_get_current_task();
	leader = BPF_CORE_READ(task, group_leader);
	r->event = SONDE_EVENT_PROCESS;
	r->class = SONDE_CLASS_INTRO;
	r->subject = SONDE_SUBJECT_CURRENT;
	r->cpu = bpf_get_smp_processor_id();
	r->hook = hook;
	r->pid = BPF_CORE_READ(task, tgid);
	r->tid = BPF_CORE_READ(task, pid);
	r->version = version;
	r->time = time;
	p->start_time = BPF_CORE_READ(leader, start_boottime);
	p->thread_start_time = BPF_CORE_READ(task, start_boottime);
	r->key = process_key(r->pid, p->start_time);

	parent = BPF_CORE_READ(task, real_parent);
	p->ppid = BPF_CORE_READ(parent, tgid);
	p->parent_key = p->ppid ? key_of(parent) : 0;
	pid = BPF_CORE_READ(task, thread_pid);
	level = BPF_CORE_READ(pid, level);
	p->ns_tid = pid_number(pid, level);
	p->ns_pid = pid_number(BPF_CORE_READ(leader, thread_pid), level);
	p->ns_ppid = pid_number(BPF_CORE_READ(parent, group_leader, thread_pid), level);
	pid = BPF_CORE_READ(task, signal, pids[PIDTYPE_PGID]);
	p->pgid = pid_number(pid, 0);
	p->ns_pgid = pid_number(pid, level);
	pid = BPF_CORE_READ(task, signal, pids[PIDTYPE_SID]);
	p->sid = pid_number(pid, 0);
	p->ns_sid = pid_number(pid, level);
	read_namespaces(p, task, BPF_CORE_READ(task, thread_pid), level);

	cred = BPF_CORE_READ(task, cred);
	p->uid = BPF_CORE_READ(cred, uid.val);
	p->gid = BPF_CORE_READ(cred, gid.val);
	p->euid = BPF_CORE_READ(cred, euid.val);
	p->egid = BPF_CORE_READ(cred, egid.val);
	bpf_core_read(&p->cap_effective, 8, &cred->cap_effective);
	bpf_core_read(&p->cap_permitted, 8, &cred->cap_permitted);
	bpf_core_read(&p->cap_inheritable, 8, &cred->cap_inheritable);
	p->loginuid = p->sessionid = -1;
	if (bpf_core_field_exists(task->loginuid)) {
		p->loginuid = BPF_CORE_READ(task, loginuid.val);
		p->sessionid = BPF_CORE_READ(task, sessionid);
	}
	p->tty = tty_number(BPF_CORE_READ(task, signal, tty));
	flags = BPF_CORE_READ(task, flags);
	p->kernel_thread = flags & PF_KTHREAD ? 1 : flags & (PF_IO_WORKER | PF_USER_WORKER) ? 2 : 0;
	bpf_core_read_str(p->comm, sizeof(p->comm), &task->comm);
	bpf_core_read_str(p->leader_comm, sizeof(p->leader_comm), &leader->comm);

	mm = BPF_CORE_READ(task, mm);
	if (mm && !(flags & PF_KTHREAD)) {
		exe = BPF_CORE_READ(mm, exe_file);
		read_exe(p, exe);
		intro_path(s, index, SLOT(struct sonde_process, exe),
			   BPF_CORE_READ(exe, f_path.mnt), BPF_CORE_READ(exe, f_path.dentry));
		if (current) {
			intro_user(s, SLOT(struct sonde_process, argv),
				   BPF_CORE_READ(mm, arg_start), BPF_CORE_READ(mm, arg_end));
			if (capture_env)
				intro_user(s, SLOT(struct sonde_process, env),
					   BPF_CORE_READ(mm, env_start),
					   BPF_CORE_READ(mm, env_end));
		} else {
			intro_fault(s, SLOT(struct sonde_process, argv), ESRCH);
		}
	}
	intro_path(s, index, SLOT(struct sonde_process, cwd), BPF_CORE_READ(task, fs, pwd.mnt),
		   BPF_CORE_READ(task, fs, pwd.dentry));
	kn = cgroup_node(BPF_CORE_READ(task, cgroups));
	p->cgroup_id = BPF_CORE_READ(kn, id);
	intro_kernfs(s, index, SLOT(struct sonde_process, cgroup), kn);
	if (kn != BPF_CORE_READ(task, cgroups, dfl_cgrp, kn))
		intro_systemd(s, index, BPF_CORE_READ(task, cgroups));
	return s->intro_size;
}

static __always_inline bool emit_intro(struct scratch *s)
{
	struct sonde_record *r = (void *)s->intro;
	__u64 size = s->intro_size;

	r->body = (size - sizeof(*r)) / 8;
	return emit(s, SONDE_CLASS_INTRO, r, size, sizeof(s->intro));
}

/*
 * Reading all facts for each record costs more than the record. What changes them (exec, chdir,
 * setuid, a parent's death ...) advances config.changes, and only after that they are read again;
 * what has no hook of its own (a move to another cgroup, a controlling terminal) is noticed within
 * this time.
 */
#define LOOK_INTERVAL_NS 100000000ull

static __always_inline void tasks_changed(void)
{
	__sync_fetch_and_add(&config.changes, 1);
}

/* Makes sure that the current task is known as it is now. */
static __always_inline void introduce_current(struct scratch *s, __u32 index, __u32 hook,
					      struct task_value *v, __u64 time)
{
	__u64 changes = config.changes;
	__u32 version;

	/* Nothing that changes tasks happened on the whole machine, and not long ago was looked at
	 * all. */
	if (__builtin_expect(v->changes == changes && time - v->looked < LOOK_INTERVAL_NS &&
				     v->generation == config.generation && v->version,
			     1))
		return;
	if (facts_are_known(s, v) && v->generation == config.generation && v->version) {
		v->changes = changes;
		v->looked = time;
		return;
	}
	version = (time * 0x9e3779b97f4a7c15ull >> 32) ^ (__u32)bpf_get_current_pid_tgid();
	version |= 1;
	s->task = bpf_get_current_task();
	if (!introduce_task(index, time, version, hook) || !emit_intro(s))
		return; /* not introduced: the next record tries again */
	v->key = ((struct sonde_record *)s->intro)->key;
	v->version = version;
	__builtin_memcpy(v->facts, s->facts, sizeof(v->facts));
	v->generation = config.generation;
	v->changes = changes;
	v->looked = time;
}

/* Whether a css_set (its address) lies in the cgroup that is traced, or below it. */
__noinline int in_traced_cgroup(__u64 address)
{
	struct css_set *set = (void *)address;
	struct cgroup_subsys_state *css = NULL;
	struct kernfs_node *kn;
	__u64 id = config.cgroup_id;

	if (config.cgroup_hierarchy) {
		bpf_probe_read_kernel(&css, sizeof(css),
				      (void *)set + bpf_core_field_offset(struct css_set, subsys) +
					      (config.cgroup_hierarchy - 1) * sizeof(css));
		kn = BPF_CORE_READ(css, cgroup, kn);
	} else {
		kn = BPF_CORE_READ(set, dfl_cgrp, kn);
	}
	for (int i = 0; i < CGROUP_DEPTH && kn; i++) {
		if (BPF_CORE_READ(kn, id) == id)
			return 1;
		if (bpf_core_field_exists(kn->__parent))
			kn = BPF_CORE_READ(kn, __parent);
		else
			kn = (void *)BPF_CORE_READ((struct kernfs_node___old *)kn, parent);
	}
	return 0;
}

/* A task's label is decided anew when its cgroups changed: no move between cgroups need be watched.
 */
static __always_inline void label_by_cgroup(struct task_value *v, __u64 cgroups)
{
	if (v->cgroups == cgroups)
		return;
	v->cgroups = cgroups;
	v->labels =
		in_traced_cgroup(cgroups) ? v->labels | LABEL_CGROUP : v->labels & ~LABEL_CGROUP;
}

/* The current task's value, and whether it is one that is traced. Costs a load for those that are
 * not. */
static __always_inline struct task_value *traced_value(bool *traced)
{
	struct task_value *v = current_value(!follow || follow_cgroup);
	__u64 cgroups;

	if (v && follow_cgroup) {
		cgroups =
			(__u64)BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), cgroups);
		label_by_cgroup(v, cgroups);
	}
	*traced = !follow || (v && v->labels);
	return v;
}

/* The same of another task, which a tracepoint passes. */
#define task_is_followed(task)                                                                     \
	({                                                                                         \
		struct task_value *v__ = follow ? task_value_of(task, false) : NULL;               \
		!follow || (v__ && v__->labels);                                                   \
	})

/*
 * Begins a record about what the current task does, whose value is `v`. Its fixed part is `fixed`
 * bytes (a multiple of 8), and not cleared; NULL: not traced, or counted as lost. The scratch is
 * taken until finish().
 */
static __always_inline struct scratch *begin_record(__u32 hook, __u32 event, __u32 fixed,
						    bool wanted, struct task_value *v)
{
	__u32 index = scratch_index(hook);
	struct scratch *s = scratch_at(index);
	__u64 id = bpf_get_current_pid_tgid();
	struct sonde_record *r;

	if (!s || id >> 32 == own_pid)
		return NULL;
	if (config.stopped || !wanted) {
		count(s, SONDE_FILTERED);
		return NULL;
	}
	if (!scratch__take(s))
		return NULL;
	r = (void *)s->data;
	r->time = bpf_ktime_get_boot_ns();
	r->event = event;
	r->class = SONDE_CLASS_EVENT;
	r->subject = SONDE_SUBJECT_CURRENT;
	r->cpu = bpf_get_smp_processor_id();
	r->hook = hook;
	r->pid = id >> 32;
	r->tid = id;
	r->version = 0;
	r->key = 0;
	s->flags = 0;
	s->size = sizeof(*r) + fixed;
	if (v) {
		introduce_current(s, index, hook, v, r->time);
		r->key = v->key;
		r->version = v->version;
	}
	return s;
}

/* The same, of whoever runs: `also` for events that concern a traced task without being its own
 * doing. */
static __always_inline struct scratch *begin_event(__u32 hook, __u32 event, __u32 fixed, bool also)
{
	struct task_value *v;
	bool traced;

	v = traced_value(&traced);
	if (also && !v)
		v = current_value(true);
	return begin_record(hook, event, fixed, traced || also, v);
}

#define begin(name) begin_if(name, false)
#define begin_if(name, also)                                                                       \
	({                                                                                         \
		struct scratch *s__ = begin_event(sonde_ids__##name.hook, sonde_ids__##name.event, \
						  pad8(sizeof(struct sonde_event__##name)), also); \
		struct sonde_event__##name *e__ = NULL;                                            \
		if (s__) {                                                                         \
			e__ = (void *)&s__->data[sizeof(struct sonde_record)];                     \
			__builtin_memset(e__, 0, sizeof(*e__));                                    \
		}                                                                                  \
		e__;                                                                               \
	})

/* The scratch around an event that begin() returned. */
#define scratch_of(e)                                                                              \
	((struct scratch *)((char *)(e) - sizeof(struct sonde_record) -                            \
			    offsetof(struct scratch, data)))

#define submit(e) finish(scratch_of(e))

#endif
