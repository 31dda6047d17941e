// SPDX-License-Identifier: Apache-2.0
/* Sending, blocking, waiting for and handling signals; calls that a signal interrupts. */
#include "corpus.h"
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/time.h>

struct kernel_action {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask;
};

static void handler(int number)
{
	(void)number;
}

static void interrupted(void)
{
	struct itimerval soon = {{0, 0}, {0, 20000}};
	unsigned long none = 0;
	char byte;
	int pair[2];

	pipe(pair);
	CALL(setitimer, ITIMER_REAL, &soon, NULL);
	CALL(pause);
	CALL(setitimer, ITIMER_REAL, &soon, NULL);
	CALL(read, pair[0], &byte, 1);
	CALL(setitimer, ITIMER_REAL, &soon, NULL);
	CALL(poll, NULL, 0, 5000);
	CALL(setitimer, ITIMER_REAL, &soon, NULL);
	CALL(rt_sigsuspend, &none, sizeof(none));
}

int main(void)
{
	unsigned long usr = 1ul << (SIGUSR1 - 1), rt = 1ul << (SIGRTMIN - 1), most = ~0ul, old;
	struct kernel_action ignore = {SIG_IGN, SA_RESTART, NULL, usr | rt}, was;
	struct timespec moment = {0, 1000}, wrong = {-1, 5};
	struct sigaction plain = {.sa_handler = handler};
	struct signalfd_siginfo read_info;
	stack_t stack = {.ss_sp = (void *)0x10000, .ss_size = 16384},
		disabled = {.ss_flags = SS_DISABLE}, old_stack;
	siginfo_t info = {.si_signo = SIGUSR1, .si_code = SI_QUEUE}, got;
	pid_t self = getpid();
	int fd;

	info.si_pid = 1;
	info.si_uid = 2;
	info.si_value.sival_int = 3;
	sigaction(SIGALRM, &plain, NULL);
	sigaction(SIGUSR1, &plain, NULL);
	CALL(rt_sigaction, SIGUSR2, &ignore, &was, 8);
	CALL(rt_sigaction, SIGUSR2, NULL, &was, 8);
	CALL(rt_sigaction, SIGKILL, &ignore, NULL, 8);
	CALL(rt_sigaction, 99, NULL, NULL, 8);
	CALL(rt_sigaction, SIGUSR2, BAD_ADDRESS, NULL, 8);
	CALL(rt_sigprocmask, SIG_BLOCK, &usr, &old, 8);
	CALL(rt_sigprocmask, SIG_BLOCK, &rt, &old, 8);
	CALL(rt_sigprocmask, SIG_SETMASK, &most, &old, 8);
	CALL(rt_sigprocmask, 77, &usr, NULL, 8);
	CALL(rt_sigprocmask, SIG_UNBLOCK, &usr, NULL, 3);
	CALL(kill, self, SIGUSR1);
	CALL(rt_sigpending, &old, 8);
	CALL(rt_sigtimedwait, &usr, &got, &moment, 8);
	CALL(rt_sigtimedwait, &usr, NULL, &moment, 8);
	CALL(rt_sigtimedwait, &usr, &got, &wrong, 8);
	CALL(rt_sigqueueinfo, self, SIGUSR1, &info);
	CALL(rt_tgsigqueueinfo, self, self, SIGUSR1, &info);
	CALL(rt_tgsigqueueinfo, 0x7ffffff, self, SIGUSR1, &info);
	fd = CALL(signalfd4, -1, &usr, 8, SFD_CLOEXEC | SFD_NONBLOCK);
	CALL(read, fd, &read_info, 4);
	CALL(signalfd4, fd, &rt, 8, 0);
	CALL(signalfd, 99, &usr, 8);
	CALL(close, fd);
	CALL(rt_sigtimedwait, &usr, &got, NULL, 8);
	old = 0;
	CALL(rt_sigprocmask, SIG_SETMASK, &old, NULL, 8);
	CALL(sigaltstack, &stack, &old_stack);
	CALL(sigaltstack, &disabled, &old_stack);
	CALL(sigaltstack, NULL, &old_stack);
	CALL(tkill, self, 0);
	CALL(tkill, 0x7ffffff, SIGTERM);
	CALL(tgkill, self, self, SIGUSR2);
	CALL(tgkill, self, 0x7ffffff, SIGUSR2);
	CALL(kill, 0x7ffffff, SIGHUP);
	CALL(kill, self, 99);
	CALL(tgkill, self, self, SIGUSR1);
	interrupted();
	CALL(alarm, 100);
	CALL(alarm, 0);
	IN_CHILD(CALL(kill, getpid(), SIGTERM));
	IN_CHILD(signal(SIGABRT, SIG_DFL); CALL(tgkill, getpid(), getpid(), SIGABRT));
	IN_CHILD(*(volatile int *)16 = 1);
	return 0;
}
