// SPDX-License-Identifier: Apache-2.0
/* How processes begin, whom they belong to, and how they end. */
#include "corpus.h"
#include <linux/kcmp.h>
#include <linux/sched.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <signal.h>

static void endings(void)
{
	siginfo_t info;
	struct rusage used;
	int status;
	pid_t child;

	child = CALL(fork);
	if (!child)
		CALL(exit_group, 300);
	CALL(wait4, child, &status, 0, &used);
	child = vfork();
	if (!child)
		CALL(exit, 5);
	CALL(waitid, P_PID, child, &info, WEXITED | WNOWAIT, NULL);
	CALL(wait4, -1, NULL, WUNTRACED, NULL);
	child = CALL(fork);
	if (!child)
		for (;;) /* in no call, which would end in this way or that */
			__asm__ volatile("");
	CALL(wait4, child, &status, WNOHANG, NULL);
	CALL(kill, child, SIGKILL);
	CALL(wait4, child, &status, 0, NULL);
	CALL(wait4, child, &status, 0, NULL);
	CALL(waitid, P_ALL, 0, &info, WEXITED | WNOHANG, NULL);
	CALL(waitid, P_PID, 0, NULL, 0, NULL);
}

static void births(void)
{
	struct clone_args args = {.exit_signal = SIGCHLD, .flags = CLONE_FS};
	int status;
	pid_t child;

	child = CALL(clone, CLONE_FILES | SIGCHLD, 0L, 0L, 0L, 0L);
	if (!child)
		CALL(exit_group, 1);
	CALL(wait4, child, &status, 0, NULL);
	child = CALL(clone3, &args, sizeof(args));
	if (!child)
		CALL(exit_group, 2);
	CALL(wait4, child, &status, 0, NULL);
	args.flags = CLONE_THREAD;
	CALL(clone3, &args, sizeof(args));
	CALL(clone3, &args, 3);
	CALL(clone, CLONE_SIGHAND, 0L, 0L, 0L, 0L);
}

static void programs(void)
{
	char *argv[] = {"true", "an argument", "a much longer argument than thirty-two bytes", "",
			NULL};
	char *envp[] = {"NAME=value", "EMPTY=", NULL}, *nothing[] = {NULL};
	FILE *script = fopen("script", "w");
	int dir;

	fputs("#!/bin/true an-option\n", script);
	fclose(script);
	chmod("script", 0755);
	IN_CHILD(CALL(execve, "/bin/true", argv, envp));
	IN_CHILD(CALL(execve, "./script", argv, nothing));
	IN_CHILD(CALL(execve, "missing", argv, envp));
	IN_CHILD(CALL(execve, ".", argv, NULL));
	IN_CHILD(CALL(execve, BAD_ADDRESS, argv, envp));
	IN_CHILD(CALL(execve, "/bin/true", BAD_ADDRESS, envp));
	dir = CALL(open, "/bin", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	IN_CHILD(CALL(execveat, dir, "true", argv, envp, 0));
	IN_CHILD(CALL(execveat, dir, "missing", argv, envp, AT_SYMLINK_NOFOLLOW));
	IN_CHILD(CALL(execveat, 99, "", argv, envp, AT_EMPTY_PATH));
	CALL(close, dir);
}

static void handles(void)
{
	pid_t self = getpid();
	int fd = CALL(pidfd_open, self, 0), copy;

	CALL(pidfd_open, 0x7ffffff, 0);
	CALL(pidfd_open, self, 0x77);
	CALL(pidfd_send_signal, fd, 0, NULL, 0);
	copy = CALL(pidfd_getfd, fd, 0, 0);
	CALL(close, copy);
	CALL(pidfd_getfd, fd, 99, 0);
	CALL(close, fd);
	CALL(kcmp, self, self, KCMP_FILE, 0L, 0L);
	CALL(kcmp, self, self, KCMP_VM, 0L, 0L);
	CALL(kcmp, 0x7ffffff, self, KCMP_FILES, 0L, 0L);
	CALL(ptrace, PTRACE_ATTACH, 0x7ffffff, 0L, 0L);
	CALL(ptrace, PTRACE_CONT, 0x7ffffff, 0L, (long)SIGUSR1);
	CALL(ptrace, 9999, self, 1L, 2L);
}

int main(void)
{
	CALL(getpid);
	CALL(gettid);
	CALL(getppid);
	CALL(getpgrp);
	CALL(getpgid, 0);
	CALL(getpgid, 0x7ffffff);
	CALL(getsid, 0);
	CALL(setpgid, 0, 0);
	CALL(setpgid, 0x7ffffff, 3);
	IN_CHILD(CALL(setsid); CALL(setsid));
	CALL(set_tid_address, NULL);
	endings();
	births();
	programs();
	handles();
	CALL(exit_group, 42);
	return 0;
}
