/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * The introduction of a task: who it is, what it runs, where, in which namespaces and cgroups. Made
 * once, and again when its facts have changed.
 */
#ifndef SONDE_INTRODUCE_H
#define SONDE_INTRODUCE_H

#include "task.h"
#include "walk.h"

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
	if (start >= end)
		whole = size = 0;
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

static __always_inline void read_namespaces(struct sonde_process *p, struct task_struct *task,
					    struct pid *pid, __u32 level)
{
	struct nsproxy *ns = BPF_CORE_READ(task, nsproxy);
	struct pid_namespace *pid_ns = NULL;

	bpf_probe_read_kernel(&pid_ns, sizeof(pid_ns),
			      (void *)pid + bpf_core_field_offset(struct pid, numbers) +
				      level * bpf_core_type_size(struct upid) +
				      bpf_core_field_offset(struct upid, ns));
	p->ns[SONDE_NS_PID] = BPF_CORE_READ(pid_ns, ns.inum);
	p->ns[SONDE_NS_USER] = BPF_CORE_READ(task, real_cred, user_ns, ns.inum);
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

	if (kernfs_parent(kn))
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
	__u64 name = 0;

	for (int i = 0; i < HIERARCHIES && name != SYSTEMD; i++) {
		link = (void *)at - bpf_core_field_offset(struct cgrp_cset_link, cgrp_link);
		root = BPF_CORE_READ(link, cgrp, root);
		name = 0;
		bpf_core_read(&name, sizeof(name), &root->name);
		at = BPF_CORE_READ(at, next);
	}
	if (name == SYSTEMD)
		intro_kernfs(s, index, SLOT(struct sonde_process, systemd),
			     BPF_CORE_READ(link, cgrp, kn));
}

/* Ids, in the initial pid namespace and in the task's own; and its namespaces. */
static __always_inline void read_ids(struct sonde_process *p, struct task_struct *task,
				     struct task_struct *leader)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	__u32 level = BPF_CORE_READ(pid, level);

	p->ppid = BPF_CORE_READ(parent, tgid);
	p->parent_key = p->ppid ? key_of(parent) : 0;
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
}

static __always_inline void read_credentials(struct sonde_process *p, struct task_struct *task)
{
	const struct cred *cred = BPF_CORE_READ(task, real_cred);

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
}

/* What it runs. What only the task itself can read, arguments and environment, is read where it is
 * the `current` one. */
static __always_inline void intro_program(struct scratch *s, __u32 index, struct sonde_process *p,
					  struct mm_struct *mm, bool current)
{
	struct file *exe = BPF_CORE_READ(mm, exe_file);

	read_exe(p, exe);
	intro_path(s, index, SLOT(struct sonde_process, exe), BPF_CORE_READ(exe, f_path.mnt),
		   BPF_CORE_READ(exe, f_path.dentry));
	if (!current) {
		intro_fault(s, SLOT(struct sonde_process, argv), ESRCH);
		return;
	}
	intro_user(s, SLOT(struct sonde_process, argv), BPF_CORE_READ(mm, arg_start),
		   BPF_CORE_READ(mm, arg_end));
	if (config.environment)
		intro_user(s, SLOT(struct sonde_process, env), BPF_CORE_READ(mm, env_start),
			   BPF_CORE_READ(mm, env_end));
}

/* Writes the introduction of the task at s->task to intro, and returns its size. */
__noinline int introduce_task(__u32 index, __u64 time, __u32 version, __u32 hook)
{
	struct scratch *s = scratch_at(index);
	struct task_struct *task, *leader;
	struct sonde_record *r;
	struct sonde_process *p;
	struct mm_struct *mm;
	struct kernfs_node *kn;
	bool current;
	__u32 flags;

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
	read_ids(p, task, leader);
	read_credentials(p, task);
	p->tty = tty_number(BPF_CORE_READ(task, signal, tty));
	flags = BPF_CORE_READ(task, flags);
	p->kernel_thread = flags & PF_KTHREAD ? 1 : flags & (PF_IO_WORKER | PF_USER_WORKER) ? 2 : 0;
	bpf_core_read_str(p->comm, sizeof(p->comm), &task->comm);
	bpf_core_read_str(p->leader_comm, sizeof(p->leader_comm), &leader->comm);
	mm = BPF_CORE_READ(task, mm);
	if (mm && !(flags & PF_KTHREAD))
		intro_program(s, index, p, mm, current);
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
	return scratch__emit(s, SONDE_CLASS_INTRO, r, size, sizeof(s->intro));
}

#endif
