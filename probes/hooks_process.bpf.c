// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What becomes of tasks, as the kernel's own functions see it: who ends, executes, and what it sets
 * for itself. */
#include <sonde/probe.bpf.h>
#include <sonde/lib/call.h>
#include <sonde/lib/hooks.h>

HOOK_EVENT(do_exit, process, "a thread is about to end; what it was is still all there")
{
	__s32 status KIND(int) HELP("exit status, when no signal ends it");
	__s32 sig KIND(signal) HELP("the signal that ends it, or 0");
	__u8 core KIND(bool) QUIET HELP("memory was dumped");
	__s64 code KIND(hex) HELP("as the kernel has it: status << 8 | signal, 0x80: dumped");
}
INSTEAD("exit", "a little later");

ENTRY_HOOK(do_exit, __s64 code)
{
	struct sonde_event__do_exit *e = begin(do_exit);

	if (!e)
		return 0;
	e->code = code;
	e->sig = code & 0x7f;
	e->core = (code & 0x80) != 0;
	e->status = e->sig ? 0 : code >> 8 & 0xff;
	return submit(e);
}

HOOK_EVENT(security_bprm_check, process,
	   "may this be executed: asked for a script, and again for its interpreter")
{
	__s64 res RESULT;
	struct sonde_file_ref file;
	struct sonde_data filename KIND(path)
		HELP("as given to the kernel: of a script, the script");
	struct sonde_data interp KIND(path) HELP("what is to be executed now");
	__s32 argc, envc;
	__u32 mode KIND(fmode) HELP("of the file: S_ISUID gives its owner's rights");
	__u32 owner KIND(uid);
	__u32 group KIND(gid);
	__u32 uid KIND(uid) HELP("of the credentials to be, before S_ISUID and S_ISGID are obeyed");
	__u32 euid KIND(uid);
	__u32 gid KIND(gid);
	__u32 egid KIND(gid);
}
INSTEAD("trace=exec", "blind to interpreters, and the file that the path led to");

LSM_HOOK(security_bprm_check, bprm_check_security, struct linux_binprm *bprm)
{
	struct sonde_event__security_bprm_check *e = begin_hook(security_bprm_check);
	struct inode *inode;
	struct cred *cred;
	struct file *file;

	if (!e)
		return 0;
	file = BPF_CORE_READ(bprm, file);
	inode = BPF_CORE_READ(file, f_inode);
	e->mode = BPF_CORE_READ(inode, i_mode);
	e->owner = BPF_CORE_READ(inode, i_uid.val);
	e->group = BPF_CORE_READ(inode, i_gid.val);
	e->argc = BPF_CORE_READ(bprm, argc);
	e->envc = BPF_CORE_READ(bprm, envc);
	cred = BPF_CORE_READ(bprm, cred);
	e->uid = BPF_CORE_READ(cred, uid.val);
	e->euid = BPF_CORE_READ(cred, euid.val);
	e->gid = BPF_CORE_READ(cred, gid.val);
	e->egid = BPF_CORE_READ(cred, egid.val);
	put_text(e, security_bprm_check, filename, BPF_CORE_READ(bprm, filename));
	put_text(e, security_bprm_check, interp, BPF_CORE_READ(bprm, interp));
	put_file(security_bprm_check, file, file);
	return submit(e);
}

HOOK_EVENT(process_execute_failed, process, "a program could not be executed, and why")
{
	__s64 res RESULT;
	struct sonde_data filename KIND(path) HELP("as given to the kernel");
	struct sonde_data interp KIND(path)
		HELP("what was to run it: of a script, its interpreter");
	struct sonde_file_ref file HELP("what was found, if anything");
	__s32 argc HELP("-1: they were not counted yet");
	__s32 envc;
}
INSTEAD("trace=exec", "blind to which interpreter is missing; what succeeds is shown as well")
SONDE_TAG("blind:arguments that cannot be read or are too long");

FUNCTION_HOOK_AT(int, process_execute_failed, "bprm_execve", struct linux_binprm *bprm)
{
	struct sonde_event__process_execute_failed *e;
	struct file *file;

	if (!call->result)
		return end_early(sonde_ids__process_execute_failed.hook, SONDE_FILTERED);
	e = begin_hook(process_execute_failed);
	if (!e)
		return 0;
	e->argc = BPF_CORE_READ(bprm, argc);
	e->envc = BPF_CORE_READ(bprm, envc);
	file = BPF_CORE_READ(bprm, file);
	put_text(e, process_execute_failed, filename, BPF_CORE_READ(bprm, filename));
	put_text_if_any(e, process_execute_failed, interp,
			file ? BPF_CORE_READ(bprm, interp) : NULL);
	put_file(process_execute_failed, file, file);
	return submit(e);
}

HOOK_OF(alloc_bprm, process_execute_failed);

/* From 6.9 on it opens the file. */
FUNCTION_HOOK(long, alloc_bprm, int fd, struct filename *filename)
{
	struct sonde_event__process_execute_failed *e;

	if (call->result >= 0 || call->result < -4095)
		return end_early(sonde_ids__alloc_bprm.hook, SONDE_FILTERED);
	e = begin_hook_in(alloc_bprm, process_execute_failed);
	if (!e)
		return 0;
	e->argc = e->envc = -1;
	e->file.none = e->interp.address = SONDE_ABSENT;
	put_text(e, process_execute_failed, filename, BPF_CORE_READ(filename, name));
	return submit(e);
}

HOOK_EVENT(set_fs_pwd, process, "a process goes to another working directory")
{
	struct sonde_file_ref old_dir;
	struct sonde_file_ref dir WAS(old_dir);
}
INSTEAD("chdir,fchdir",
	"blind to the directory that the path led to, what joining a namespace changes");

ENTRY_HOOK(set_fs_pwd, struct fs_struct *fs, const struct path *path)
{
	struct sonde_event__set_fs_pwd *e = begin(set_fs_pwd);

	tasks_changed();
	if (!e)
		return 0;
	put_path(set_fs_pwd, old_dir, &fs->pwd);
	put_path(set_fs_pwd, dir, path);
	return submit(e);
}

HOOK_EVENT(do_sigaction, process, "a process says what is to happen when a signal comes, or asks")
{
	__s32 sig KIND(signal);
	__u8 set KIND(bool) HELP("false: it only asks, and all stays as it is");
	__u64 old_handler KIND(address) NAMED(sa_handler);
	__u64 handler KIND(address) NAMED(sa_handler) WAS(old_handler);
	__u64 old_flags FLAGS(sa_flags);
	__u64 flags FLAGS(sa_flags) WAS(old_flags);
	__u64 old_mask[1] KIND(sigset);
	__u64 mask[1] KIND(sigset) WAS(old_mask) HELP("signals that wait while it is handled");
}
INSTEAD("sigaction", "who only asks is shown as well");

#define SIGNALS 64

ENTRY_HOOK(do_sigaction, __s32 sig, struct k_sigaction *act)
{
	struct sonde_event__do_sigaction *e = begin(do_sigaction);
	struct task_struct *task = (void *)bpf_get_current_task();
	struct k_sigaction *old;

	if (!e)
		return 0;
	e->sig = sig;
	e->set = act != NULL;
	if (sig > 0 && sig <= SIGNALS) {
		old = (void *)BPF_CORE_READ(task, sighand) +
		      bpf_core_field_offset(struct sighand_struct, action) +
		      (sig - 1) * bpf_core_type_size(struct k_sigaction);
		e->old_handler = (__u64)BPF_CORE_READ(old, sa.sa_handler);
		e->old_flags = BPF_CORE_READ(old, sa.sa_flags);
		bpf_core_read(e->old_mask, 8, &old->sa.sa_mask);
		if (!act)
			act = old;
	}
	e->handler = (__u64)BPF_CORE_READ(act, sa.sa_handler);
	e->flags = BPF_CORE_READ(act, sa.sa_flags);
	bpf_core_read(e->mask, 8, &act->sa.sa_mask);
	return submit(e);
}

HOOK_EVENT(security_task_setrlimit, process, "may this limit be set")
{
	__s64 res RESULT;
	__s32 target KIND(pid) HELP("whose: its thread group");
	__u64 target_key KIND(hex) DETAIL;
	char target_name[16] HELP("comm of the target");
	__u32 resource ENUM(rlimit);
	__u64 old_soft NAMED(rlimit_value);
	__u64 soft NAMED(rlimit_value) WAS(old_soft);
	__u64 old_hard NAMED(rlimit_value);
	__u64 hard NAMED(rlimit_value) WAS(old_hard);
}
INSTEAD("setrlimit", "blind to what the limit was; who only asks is shown as well");

#define LIMITS 16

LSM_HOOK(security_task_setrlimit, task_setrlimit, struct task_struct *p, __u32 resource,
	 struct rlimit *new_rlim)
{
	struct sonde_event__security_task_setrlimit *e = begin_hook(security_task_setrlimit);
	struct rlimit *old;

	if (!e)
		return 0;
	e->target = BPF_CORE_READ(p, tgid);
	e->target_key = key_of(p);
	bpf_core_read_str(e->target_name, sizeof(e->target_name), &p->comm);
	e->resource = resource;
	if (resource < LIMITS) {
		old = (void *)BPF_CORE_READ(p, signal) +
		      bpf_core_field_offset(struct signal_struct, rlim) +
		      resource * bpf_core_type_size(struct rlimit);
		e->old_soft = BPF_CORE_READ(old, rlim_cur);
		e->old_hard = BPF_CORE_READ(old, rlim_max);
	}
	e->soft = BPF_CORE_READ(new_rlim, rlim_cur);
	e->hard = BPF_CORE_READ(new_rlim, rlim_max);
	return submit(e);
}

HOOK_EVENT(security_task_prctl, process, "may this prctl() be done")
{
	__s64 res RESULT HELP("0: no security module objects");
	__u64 option ENUM(prctl);
	__u64 arg2 KIND(hex);
	__u64 arg3 KIND(hex);
	__u64 arg4 KIND(hex);
	__u64 arg5 KIND(hex);
	__u8 handled KIND(bool) HELP("a security module has done it itself");
}
INSTEAD("prctl", "the result is the whole call's")
SONDE_TAG("variants:prctl");

#define ENOSYS      38
#define PR_SET_NAME 15

LSM_HOOK(security_task_prctl, task_prctl, __u64 option, __u64 arg2, __u64 arg3, __u64 arg4,
	 __u64 arg5)
{
	struct sonde_event__security_task_prctl *e = begin_hook(security_task_prctl);

	if (!e)
		return 0;
	e->handled = call->returned && e->res != -ENOSYS;
	if (e->res == -ENOSYS) /* nobody objects, and nobody has done it */
		e->res = 0;
	e->option = (__u32)option;
	e->arg2 = arg2;
	e->arg3 = arg3;
	e->arg4 = arg4;
	e->arg5 = arg5;
	if ((__u32)option == PR_SET_NAME)
		append_user_string(scratch_of(e),
				   SLOT(struct sonde_event__security_task_prctl, arg2),
				   (void *)arg2, 15);
	return submit(e);
}
