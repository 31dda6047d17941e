// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Who looks into other processes with a debugger's means, and may it? fmod_ret takes the place of
 * the kernel's check, on every kernel that has it, whatever its security modules are. By itself it
 * only shows; with --set deny=1 those that are traced are refused:
 *     sonde probe run deny_ptrace.bpf.o --cgroup system.slice/web.service
 *     sonde probe run deny_ptrace.bpf.o --set deny=1 --cgroup system.slice/web.service
 * Newer kernels let who has CAP_PERFMON read memory maps and environments although the check said
 * no, in mm_access(): there, that capability is refused, too.
 */
#include <sonde/probe.bpf.h>

#define EPERM         1
#define CAP_SYS_ADMIN 21
#define CAP_PERFMON   38

const volatile bool deny;

EVENT(deny_ptrace, mine, "a process looks into another one")
{
	__s32 target KIND(pid);
	__u32 denied KIND(bool) HELP("by this program");
};

/* Threads that are refused and within mm_access(). */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, bool);
} asking SEC(".maps") HIDDEN;

SEC("fmod_ret/security_ptrace_access_check")
int BPF_PROG(on_access, struct task_struct *child, unsigned int mode, int ret)
{
	struct sonde_event__deny_ptrace *e = begin(deny_ptrace);
	bool denies = deny && is_traced();

	if (e) {
		e->target = child->tgid;
		e->denied = denies;
		submit(e);
	}
	return denies ? -EPERM : ret;
}

SEC("fentry/mm_access")
int BPF_PROG(on_ask)
{
	__u32 thread = bpf_get_current_pid_tgid();
	bool yes = true;

	if (deny && is_traced())
		bpf_map_update_elem(&asking, &thread, &yes, BPF_ANY);
	return 0;
}

SEC("fmod_ret/security_capable")
int BPF_PROG(on_capable, const struct cred *cred, struct user_namespace *ns, int cap,
	     unsigned int opts, int ret)
{
	__u32 thread = bpf_get_current_pid_tgid();

	if (deny && (cap == CAP_PERFMON || cap == CAP_SYS_ADMIN) &&
	    bpf_map_lookup_elem(&asking, &thread))
		return -EPERM;
	return ret;
}

SEC("fexit/mm_access")
int BPF_PROG(on_asked)
{
	__u32 thread = bpf_get_current_pid_tgid();

	if (deny)
		bpf_map_delete_elem(&asking, &thread);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
