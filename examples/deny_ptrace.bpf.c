// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Who looks into other processes with a debugger's means, and may it? fmod_ret takes the place of
 * the kernel's check, on every kernel that has it, whatever its security modules are. By itself it
 * only shows; with --set deny=1 those that are traced are refused:
 *     sonde probe run deny_ptrace.bpf.o --cgroup system.slice/web.service
 *     sonde probe run deny_ptrace.bpf.o --set deny=1 --cgroup system.slice/web.service
 */
#include <sonde/probe.bpf.h>

#define EPERM 1

const volatile bool deny;

EVENT(deny_ptrace, mine, "a process looks into another one")
{
	__s32 target KIND(pid);
	__u32 denied KIND(bool) HELP("by this program");
};

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

char LICENSE[] SEC("license") = "Dual BSD/GPL";
