// SPDX-License-Identifier: Apache-2.0
/* Limits, names, properties of tasks, and what only an administrator may: tried so that it fails.
 */
#include "corpus.h"
#include <linux/filter.h>
#include <linux/securebits.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/statfs.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <asm/prctl.h>

static void properties(void)
{
	char name[16];
	int value;

	CALL(prctl, PR_SET_NAME, "another name", 0L, 0L, 0L);
	CALL(prctl, PR_GET_NAME, name, 0L, 0L, 0L);
	CALL(prctl, PR_SET_DUMPABLE, 1L, 0L, 0L, 0L);
	CALL(prctl, PR_GET_DUMPABLE, 0L, 0L, 0L, 0L);
	CALL(prctl, PR_SET_PDEATHSIG, 15L, 0L, 0L, 0L);
	CALL(prctl, PR_GET_PDEATHSIG, &value, 0L, 0L, 0L);
	CALL(prctl, PR_SET_CHILD_SUBREAPER, 1L, 0L, 0L, 0L);
	CALL(prctl, PR_GET_SECCOMP, 0L, 0L, 0L, 0L);
	CALL(prctl, PR_SET_NO_NEW_PRIVS, 1L, 0L, 0L, 0L);
	CALL(prctl, PR_GET_NO_NEW_PRIVS, 0L, 0L, 0L, 0L);
	CALL(prctl, PR_CAPBSET_READ, 21L, 0L, 0L, 0L);
	CALL(prctl, PR_GET_SECUREBITS, 0L, 0L, 0L, 0L);
	CALL(prctl, PR_SET_TIMERSLACK, 50000L, 0L, 0L, 0L);
	CALL(prctl, PR_GET_TIMERSLACK, 0L, 0L, 0L, 0L);
	CALL(prctl, PR_SET_SECCOMP, 77L, 0L, 0L, 0L);
	CALL(prctl, 7777, 1L, 2L, 3L, 4L);
	CALL(arch_prctl, ARCH_GET_FS, name);
	CALL(arch_prctl, 0x7777, 0L);
	CALL(personality, 0xffffffffL);
	CALL(personality, 0x0020000L | 0x0040000L);
}

static void limits(void)
{
	struct rlimit files = {512, 1024}, none = {0, 0}, was;
	struct rusage used;
	struct sysinfo info;
	struct utsname uname;

	CALL(getrlimit, RLIMIT_NOFILE, &was);
	CALL(setrlimit, RLIMIT_CORE, &none);
	CALL(setrlimit, RLIMIT_NOFILE, &files);
	CALL(prlimit64, 0, RLIMIT_NOFILE, NULL, &was);
	CALL(prlimit64, 0, RLIMIT_AS, &files, &was);
	CALL(prlimit64, 0x7ffffff, RLIMIT_CPU, NULL, &was);
	CALL(getrlimit, 99, &was);
	CALL(getrusage, RUSAGE_SELF, &used);
	CALL(getrusage, 99, &used);
	CALL(sysinfo, &info);
	CALL(uname, &uname);
	CALL(uname, BAD_ADDRESS);
}

static void forbidden(void)
{
	struct sock_filter allow[] = {BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog program = {1, allow};
	uint32_t action = SECCOMP_RET_ALLOW;

	CALL(seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action);
	CALL(seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, &program);
	CALL(seccomp, 77, 0, NULL);
	CALL(mount, "missing", "nowhere", "ext4", MS_RDONLY | MS_NOSUID, "data=ordered");
	CALL(mount, NULL, "nowhere", NULL, MS_REMOUNT | MS_BIND, NULL);
	CALL(umount2, "nowhere", MNT_DETACH | UMOUNT_NOFOLLOW);
	CALL(fsopen, "missing", 1);
	CALL(fsconfig, -1, 0, "ro", NULL, 0);
	CALL(fsmount, -1, 1, 2);
	CALL(fspick, AT_FDCWD, "missing", 1);
	CALL(open_tree, AT_FDCWD, "missing", 1);
	CALL(move_mount, AT_FDCWD, "missing", AT_FDCWD, "missing", 0);
	CALL(mount_setattr, AT_FDCWD, "missing", 0, NULL, 0);
	CALL(reboot, 1, 2, 3, NULL);
	CALL(init_module, NULL, 0L, "");
	CALL(finit_module, -1, "option=1", 3);
	CALL(delete_module, "sonde_missing", O_NONBLOCK);
	CALL(quotactl, 0x80000700, "missing", 0, NULL);
	CALL(acct, "missing");
	CALL(ioperm, 0x80L, 100000L, 1);
	CALL(iopl, 7);
	CALL(syslog, 77, NULL, 0);
	CALL(sysfs, 3, 0L, 0L);
	CALL(lookup_dcookie, 1L, NULL, 0L);
	CALL(perf_event_open, NULL, 0, -1, -1, 0L);
	CALL(bpf, 9999, NULL, 0);
	CALL(setns, -1, CLONE_NEWNET);
	CALL(unshare, 0x1);
	CALL(unshare, CLONE_FS);
	CALL(kexec_load, 0L, 99999L, NULL, 0L);
	CALL(modify_ldt, 9, NULL, 0L);
	CALL(restart_syscall);
	IN_CHILD(CALL(unshare, CLONE_NEWUTS); CALL(sethostname, "corpus", 6);
		 CALL(setdomainname, "example", 7); CALL(sethostname, NULL, 100000));
}

int main(void)
{
	char random[8];

	CALL(getrandom, random, 0, GRND_NONBLOCK);
	CALL(getrandom, BAD_ADDRESS, 8, GRND_RANDOM);
	CALL(getrandom, random, 8, 0x77);
	limits();
	IN_CHILD(properties());
	IN_CHILD(forbidden());
	return 0;
}
