// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Who refused what a call asked for? The last check within it that said no is noted with the task;
 * the call's exit takes the note along if it was made since the call's entry. Attached only when
 * somebody asks for evt.denied_by.
 */
#include <sonde/probe.bpf.h>
#include "lib/call.h"
#include "lib/hooks.h"

static __always_inline int note(const struct hook_call *call, __u8 by, __u32 what, __u64 file)
{
	struct task_value *v;
	bool traced;

	if (call->result >= 0)
		return 0;
	v = traced_value(&traced);
	if (!v || !traced)
		return 0;
	v->denied.by = by;
	v->denied.what = what;
	v->denied.file = file;
	v->denied_at = bpf_ktime_get_boot_ns();
	return 0;
}

HOOK(denied_capability);
FUNCTION_HOOK_AT(int, denied_capability, "cap_capable", int cap)
{
	return note(call, SONDE_DENIED_CAPABILITY, cap, 0);
}

HOOK(denied_mode);
/* The component of a path whose mode bits, or access list, do not grant what was asked. */
FUNCTION_HOOK_AT(int, denied_mode, "generic_permission", struct inode *inode, int mask)
{
	__u32 hook = sonde_ids__denied_mode.hook, index = scratch_index(hook);
	struct dentry *dentry;
	struct scratch *s;
	__u64 file = 0;

	if (call->result >= 0)
		return 0;
	dentry = (void *)BPF_CORE_READ(inode, i_dentry.first);
	if (dentry && begin_scratch(hook, 0, 0, false)) {
		dentry = (void *)dentry - bpf_core_field_offset(struct dentry, d_u);
		s = scratch_at(index);
		if (!s)
			return 0;
		s->file = 0;
		append_dentry(index, (__u64)dentry, 0);
		file = s->file;
		drop(s);
	}
	return note(call, SONDE_DENIED_MODE, mask, file);
}

HOOK(denied_read_only);
FUNCTION_HOOK_AT(int, denied_read_only, "mnt_want_write", struct vfsmount *m)
{
	return note(call, SONDE_DENIED_READ_ONLY, 0, 0);
}

/* A call that is refused here is not entered: its number says which it was. */
HOOK(denied_seccomp);
FUNCTION_HOOK_AT(int, denied_seccomp, "__secure_computing", void *sd)
{
	struct task_struct *task = current_task();
	struct pt_regs *regs = task_regs(task);

	return note(call, SONDE_DENIED_SECCOMP, READ_CALL_NUMBER(regs), 0);
}

/* Security modules. Which of them it was, their common function does not tell. */
#define DENIER(name, args...)                                                                      \
	FUNCTION_HOOK_AT(int, denied_##name, "security_" #name, ##args)                            \
	{                                                                                          \
		return note(call, SONDE_DENIED_LSM, SONDE_DENIER_##name, 0);                       \
	}

HOOK(denied_file_open);
DENIER(file_open, struct file *file)
HOOK(denied_file_permission);
DENIER(file_permission, struct file *file)
HOOK(denied_inode_permission);
DENIER(inode_permission, struct inode *inode)
HOOK(denied_inode_create);
DENIER(inode_create, struct inode *dir)
HOOK(denied_inode_unlink);
DENIER(inode_unlink, struct inode *dir)
HOOK(denied_inode_mkdir);
DENIER(inode_mkdir, struct inode *dir)
HOOK(denied_inode_rename);
DENIER(inode_rename, struct inode *old_dir)
HOOK(denied_inode_setattr);
DENIER(inode_setattr, struct dentry *dentry)
HOOK(denied_mmap_file);
DENIER(mmap_file, struct file *file)
HOOK(denied_file_mprotect);
DENIER(file_mprotect, struct vm_area_struct *vma)
HOOK(denied_bprm_check);
DENIER(bprm_check, struct linux_binprm *bprm)
HOOK(denied_task_kill);
DENIER(task_kill, struct task_struct *p)
HOOK(denied_ptrace_access_check);
DENIER(ptrace_access_check, struct task_struct *child)
HOOK(denied_socket_create);
DENIER(socket_create, int family)
HOOK(denied_socket_bind);
DENIER(socket_bind, struct socket *sock)
HOOK(denied_socket_connect);
DENIER(socket_connect, struct socket *sock)
HOOK(denied_socket_listen);
DENIER(socket_listen, struct socket *sock)
HOOK(denied_socket_sendmsg);
DENIER(socket_sendmsg, struct socket *sock)
HOOK(denied_sb_mount);
DENIER(sb_mount, const char *dev_name)
HOOK(denied_bpf);
DENIER(bpf, int cmd)
