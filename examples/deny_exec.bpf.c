// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Does anything run a program from a place where everybody may write? By an LSM hook, which knows
 * the real file whatever path led there. By itself it only shows; with --set deny=1 those that are
 * traced are refused. The kernel must have `bpf` among its security modules.
 *     sonde probe run deny_exec.bpf.o --cgroup system.slice/web.service
 *     sonde probe run deny_exec.bpf.o --set deny=1 --set below=/dev/shm/ -- ./untrusted
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/socket.h>

#define EACCES   13
#define MAX_PATH 200

const volatile bool deny;
const volatile char below[32] = "/tmp/";

EVENT(deny_exec, mine, "a program is run from a place that everybody can write to")
{
	struct sonde_file_ref file;
	__u32 denied KIND(bool) HELP("by this program");
};

SEC("lsm/bprm_check_security")
int BPF_PROG(on_exec, struct linux_binprm *bprm)
{
	struct sonde_event__deny_exec *e;
	char path[MAX_PATH] = {};
	bool denies = deny && is_traced();

	/* One that is too long to be told is not let pass either, if it begins so. */
	if (bpf_d_path(&bprm->file->f_path, path, sizeof(path)) < 0)
		bpf_probe_read_kernel_str(path, sizeof(path), bprm->filename);
	for (int i = 0; i < (int)sizeof(below) && below[i]; i++)
		if (path[i] != below[i])
			return 0;
	e = begin(deny_exec);
	if (e) {
		e->denied = denies;
		put_file(deny_exec, file, number_of(bprm->file));
		submit(e);
	}
	/* Not -EPERM: compilers make -1 of a bool by negating it, which verifiers up to 6.12 do not
	 * follow. */
	return denies ? -EACCES : 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
