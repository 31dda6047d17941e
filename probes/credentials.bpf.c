// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What may a task do: its credentials and namespaces as they change, and each question whether it
 * has a capability. */
#include <sonde/probe.bpf.h>
#include <sonde/lib/hooks.h>

#define CHANGED_ID(kind, name)                                                                     \
	__u32 old_##name KIND(kind);                                                               \
	__u32 name KIND(kind) CHANGED(old_##name)
#define CHANGED_SET(name)                                                                          \
	__u64 old_##name KIND(caps);                                                               \
	__u64 name KIND(caps) CHANGED(old_##name)

HOOK_EVENT(commit_creds, process, "a task gets other credentials: what changed, before and after")
{
	CHANGED_ID(uid, uid);
	CHANGED_ID(uid, euid);
	CHANGED_ID(uid, suid);
	CHANGED_ID(uid, fsuid);
	CHANGED_ID(gid, gid);
	CHANGED_ID(gid, egid);
	CHANGED_ID(gid, sgid);
	CHANGED_ID(gid, fsgid);
	CHANGED_ID(uint, groups) HELP("how many supplementary groups");
	CHANGED_ID(uint, user_ns) HELP("inode number of the user namespace");
	__u32 old_securebits FLAGS(securebits);
	__u32 securebits FLAGS(securebits) CHANGED(old_securebits);
	CHANGED_SET(cap_effective);
	CHANGED_SET(cap_permitted);
	CHANGED_SET(cap_inheritable);
	CHANGED_SET(cap_ambient);
	CHANGED_SET(cap_bset) HELP("bounding set");
}
INSTEAD("setuid,setgid,setgroups,capset",
	"blind to what executing a program, prctl, keyctl and user namespaces change, and what came of it");

#define BOTH(e, before, after, name, ...)                                                          \
	(e)->old_##name = BPF_CORE_READ(before, __VA_ARGS__);                                      \
	(e)->name = BPF_CORE_READ(after, __VA_ARGS__)
#define BOTH_SETS(e, before, after, name)                                                          \
	bpf_core_read(&(e)->old_##name, 8, &(before)->name);                                       \
	bpf_core_read(&(e)->name, 8, &(after)->name)

ENTRY_HOOK(commit_creds, struct cred *new)
{
	struct sonde_event__commit_creds *e = begin(commit_creds);
	const struct cred *old;

	/* Last: whoever looked for this event has seen the old ones. */
	tasks_changed();
	if (!e)
		return 0;
	old = BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), real_cred);
	BOTH(e, old, new, uid, uid.val);
	BOTH(e, old, new, euid, euid.val);
	BOTH(e, old, new, suid, suid.val);
	BOTH(e, old, new, fsuid, fsuid.val);
	BOTH(e, old, new, gid, gid.val);
	BOTH(e, old, new, egid, egid.val);
	BOTH(e, old, new, sgid, sgid.val);
	BOTH(e, old, new, fsgid, fsgid.val);
	BOTH(e, old, new, groups, group_info, ngroups);
	BOTH(e, old, new, user_ns, user_ns, ns.inum);
	BOTH(e, old, new, securebits, securebits);
	BOTH_SETS(e, old, new, cap_effective);
	BOTH_SETS(e, old, new, cap_permitted);
	BOTH_SETS(e, old, new, cap_inheritable);
	BOTH_SETS(e, old, new, cap_ambient);
	BOTH_SETS(e, old, new, cap_bset);
	return submit(e);
}

HOOK_EVENT(switch_task_namespaces, process,
	   "a task enters other namespaces: inode numbers of those that changed")
{
	CHANGED_ID(uint, mnt);
	CHANGED_ID(uint, net);
	CHANGED_ID(uint, uts);
	CHANGED_ID(uint, ipc);
	CHANGED_ID(uint, cgroup);
	CHANGED_ID(uint, pid_for_children) HELP("the pid namespace of children to come");
	CHANGED_ID(uint, time);
	CHANGED_ID(uint, time_for_children);
}
INSTEAD("unshare,setns", "blind to which namespaces they are, and those of new tasks");

ENTRY_HOOK(switch_task_namespaces, struct task_struct *p, struct nsproxy *new)
{
	struct sonde_event__switch_task_namespaces *e;
	struct nsproxy *old;

	if (!new) /* a task that ends gives them back */
		return end_early(sonde_ids__switch_task_namespaces.hook, SONDE_FILTERED);
	e = begin(switch_task_namespaces);
	tasks_changed();
	if (!e)
		return 0;
	old = BPF_CORE_READ(p, nsproxy);
	BOTH(e, old, new, mnt, mnt_ns, ns.inum);
	BOTH(e, old, new, net, net_ns, ns.inum);
	BOTH(e, old, new, uts, uts_ns, ns.inum);
	BOTH(e, old, new, ipc, ipc_ns, ns.inum);
	BOTH(e, old, new, pid_for_children, pid_ns_for_children, ns.inum);
	if (bpf_core_field_exists(old->cgroup_ns)) {
		BOTH(e, old, new, cgroup, cgroup_ns, ns.inum);
	}
	if (bpf_core_field_exists(old->time_ns)) {
		BOTH(e, old, new, time, time_ns, ns.inum);
		BOTH(e, old, new, time_for_children, time_ns_for_children, ns.inum);
	}
	return submit(e);
}

HOOK_EVENT(cap_capable, process, "the kernel asks whether a task has a capability, and is told")
{
	__s64 res RESULT;
	__s32 cap ENUM(capability);
	__u32 opts FLAGS(cap_opts)
		HELP("CAP_OPT_NOAUDIT: just asking, a refusal is no failure; CAP_OPT_UNKNOWN: the "
		     "tracepoint does not tell");
	__u32 target_ns HELP("inode number of the user namespace in which it is needed");
	__u32 user_ns HELP("that of the credentials");
	__u32 euid KIND(uid) HELP("of the credentials: seldom other than the task's");
};

#define CAP_OPT_UNKNOWN 1

FUNCTION_HOOK(int, cap_capable, const struct cred *cred, struct user_namespace *target_ns,
	      __s32 cap, __u32 opts)
{
	struct sonde_event__cap_capable *e = begin_hook(cap_capable);

	if (!e)
		return 0;
	e->cap = cap;
	e->opts = opts;
	e->target_ns = BPF_CORE_READ(target_ns, ns.inum);
	e->user_ns = BPF_CORE_READ(cred, user_ns, ns.inum);
	e->euid = BPF_CORE_READ(cred, euid.val);
	return submit(e);
}

/* Since 6.13. */
SEC("?tp_btf/cap_capable")
int BPF_PROG(cap_capable__tp_btf, const struct cred *cred, struct user_namespace *target_ns,
	     const struct user_namespace *capable_ns, int cap, int ret)
{
	struct hook_call answer = {.result = ret, .returned = true};

	return ____cap_capable(&answer, cred, target_ns, cap, CAP_OPT_UNKNOWN);
}
