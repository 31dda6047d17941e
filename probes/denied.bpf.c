// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Who refused what a call asked for? The last check within it that said no is noted with the task;
 * the call's exit takes the note along if it was made since the call's entry. Attached only when
 * somebody asks for evt.denied_by.
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/call.h>
#include <sonde/lib/hooks.h>

static __always_inline int note(__u8 by, __u32 what, __u64 file, bool soft)
{
	struct task_value *v;
	bool traced;

	v = traced_value(&traced);
	if (!v || !traced)
		return 0;
	/* A security module that refuses for want of a capability: that one has its name already.
	 */
	if (by == SONDE_DENIED_LSM && v->denied.by == SONDE_DENIED_CAPABILITY && !v->denied.soft &&
	    v->denied_at >= v->entered)
		return 0;
	v->denied.by = by;
	v->denied.soft = soft;
	v->denied.what = what;
	v->denied.file = file;
	v->denied_at = bpf_ktime_get_boot_ns();
	return 0;
}

#define CAP_OPT_NOAUDIT 2

HOOK(denied_capability);
FUNCTION_HOOK_AT(int, denied_capability, "cap_capable", int cap, __u32 opts)
{
	if (call->result >= 0)
		return 0;
	return note(SONDE_DENIED_CAPABILITY, cap, 0, opts & CAP_OPT_NOAUDIT);
}

/* Introduces a directory or file, and tells its id. Without a mount: of which the mount is looked
 * for. */
static __always_inline __u64 introduced(__u32 hook, __u64 vfsmount, __u64 dentry)
{
	__u32 index = scratch_index(hook);
	struct scratch *s;
	__u64 file;

	if (!dentry || !begin_scratch(hook, 0, 0, false))
		return 0;
	s = scratch_at(index);
	if (!s)
		return 0;
	s->file = 0;
	if (vfsmount)
		append_path(index, vfsmount, dentry, 0);
	else
		append_dentry(index, dentry, 0);
	file = s->file;
	scratch__drop(s);
	return file;
}

/* Of what was asked for, what the mode does not grant. Whether a stranger's group is among the
 * task's is not looked for: had either the group's or the others' bits all that was asked for, it
 * can only have been the other ones that refused. */
static __always_inline __u32 missing(struct inode *inode, __u32 mask)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	__u32 mode = BPF_CORE_READ(inode, i_mode), group, others;

	mask &= 7;
	if (BPF_CORE_READ(task, cred, fsuid.val) == BPF_CORE_READ(inode, i_uid.val))
		return mask & ~(mode >> 6) ?: mask;
	group = mask & ~(mode >> 3);
	others = mask & ~mode;
	return group & others ?: group | others ?: mask;
}

/* Within an RCU walk it is asked again. */
#define ECHILD 10

HOOK(denied_mode);
/* The component of a path whose mode bits, or access list, do not grant what was asked. */
FUNCTION_HOOK_AT(int, denied_mode, "generic_permission", struct inode *inode, int mask)
{
	__u64 dentry;

	if (call->result >= 0 || call->result == -ECHILD)
		return 0;
	dentry = (__u64)alias_of(inode);
	return note(SONDE_DENIED_MODE, missing(inode, mask),
		    introduced(sonde_ids__denied_mode.hook, 0, dentry), false);
}

static __always_inline int read_only(const struct hook_call *call, __u32 hook, struct vfsmount *m)
{
	if (call->result >= 0)
		return 0;
	return note(SONDE_DENIED_MOUNT, SONDE_MOUNT_READ_ONLY,
		    introduced(hook, (__u64)m, (__u64)BPF_CORE_READ(m, mnt_root)), false);
}

HOOK(denied_read_only);
FUNCTION_HOOK_AT(int, denied_read_only, "mnt_want_write", struct vfsmount *m)
{
	return read_only(call, sonde_ids__denied_read_only.hook, m);
}

/* What is opened to be written: before 6.8, and since. */
HOOK(denied_write);
FUNCTION_HOOK_AT(int, denied_write, "__mnt_want_write", struct vfsmount *m)
{
	return read_only(call, sonde_ids__denied_write.hook, m);
}

HOOK(denied_write_access);
FUNCTION_HOOK_AT(int, denied_write_access, "mnt_get_write_access", struct vfsmount *m)
{
	return read_only(call, sonde_ids__denied_write_access.hook, m);
}

#define MAY_EXEC   1
#define MNT_NODEV  2
#define MNT_NOEXEC 4
#define S_IFBLK    0060000

HOOK(denied_open);
/* What it refuses by itself, before it looks at the file's own permissions. */
FUNCTION_HOOK_AT(int, denied_open, "may_open", const struct path *path, int acc_mode)
{
	struct vfsmount *m;
	struct inode *inode;
	__u32 flags, type, what;

	if (call->result >= 0)
		return 0;
	m = BPF_CORE_READ(path, mnt);
	flags = BPF_CORE_READ(m, mnt_flags);
	inode = BPF_CORE_READ(path, dentry, d_inode);
	type = BPF_CORE_READ(inode, i_mode) & S_IFMT;
	if (call->result == -EROFS)
		what = SONDE_MOUNT_READ_ONLY;
	else if (type == S_IFREG && acc_mode & MAY_EXEC && flags & MNT_NOEXEC)
		what = SONDE_MOUNT_NOEXEC;
	else if ((type == S_IFCHR || type == S_IFBLK) && flags & MNT_NODEV)
		what = SONDE_MOUNT_NODEV;
	else
		return 0;
	return note(SONDE_DENIED_MOUNT, what,
		    introduced(sonde_ids__denied_open.hook, (__u64)m,
			       (__u64)BPF_CORE_READ(m, mnt_root)),
		    false);
}

/* A call that is refused here is not entered: its number says which it was. */
HOOK(denied_seccomp);
FUNCTION_HOOK_AT(int, denied_seccomp, "__secure_computing", void *sd)
{
	struct task_struct *task = current_task();
	struct pt_regs *regs = task_regs(task);

	if (call->result >= 0)
		return 0;
	return note(SONDE_DENIED_SECCOMP, READ_CALL_NUMBER(regs), 0, false);
}

/* Security modules. Which of them it was, their common function does not tell. */
#define DENIER(name)                                                                               \
	HOOK(denied_##name);                                                                       \
	FUNCTION_HOOK_AT(int, denied_##name, "security_" #name, void *none)                        \
	{                                                                                          \
		if (call->result != -EPERM && call->result != -EACCES)                             \
			return 0;                                                                  \
		return note(SONDE_DENIED_LSM, SONDE_DENIER_##name, 0, false);                      \
	}
#include <sonde/deniers.def>
