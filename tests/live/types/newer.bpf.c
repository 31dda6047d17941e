// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What came later, or goes only to few functions: many at once, and programs that may sleep. */
#include "mine.h"

COUNT(kprobe_multi);
COUNT(kretprobe_multi);
COUNT(fentry_s);
COUNT(fexit_s);
COUNT(fmod_ret_s);
COUNT(lsm_s);

SEC("kprobe.multi/security_task_kil*")
int BPF_KPROBE(on_kprobe_multi, void *task, void *info, int sig)
{
	if (is_mine())
		SAW_SO_MANY(kprobe_multi, sig);
	return 0;
}

SEC("kretprobe.multi/security_task_kil*")
int BPF_KRETPROBE(on_kretprobe_multi)
{
	if (is_mine())
		SAW(kretprobe_multi);
	return 0;
}

/* Functions that the kernel has for this. */
SEC("fentry.s/bpf_fentry_test1")
int BPF_PROG(fentry_s_run, int a)
{
	if (is_mine())
		SAW_SO_MANY(fentry_s, a);
	return 0;
}

SEC("fexit.s/bpf_fentry_test1")
int BPF_PROG(fexit_s_program, int a, int ret)
{
	if (is_mine())
		SAW_SO_MANY(fexit_s, ret);
	return 0;
}

SEC("fmod_ret.s/bpf_fentry_test1")
int BPF_PROG(fmod_ret_s_program, int a, int ret)
{
	if (is_mine())
		SAW(fmod_ret_s);
	return ret;
}

SEC("lsm.s/file_open")
int BPF_PROG(on_lsm_s, struct file *file, int ret)
{
	if (is_mine())
		SAW(lsm_s);
	return ret;
}
