// SPDX-License-Identifier: Apache-2.0
/* How are sonde and its peers started for a comparison, so that each watches the same calls of the
 * same process? */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "contender.h"

/* From start to attached: the slowest of them needs about a second here. */
#define SETTLE_MS 1000
#define STOP_MS   10000

const struct contender contenders[CONTENDERS] = {
	[BARE] = {"bare", .divisor = 1},
	[EMPTY] = {"empty hook", .floor = FLOOR_EMPTY, .divisor = 1},
	[RECORD] = {"record of 64 bytes", .floor = FLOOR_RECORD, .divisor = 1},
	[SONDE_OTHER_CALL] =
		{"sonde, another call", .divisor = 1,
		 .command = "exec $sonde trace -qq -o /dev/null -p $pid -e ptrace,swapoff"},
	[SONDE_OTHER_PROCESS] = {"sonde, another process", .divisor = 1,
				 .command =
					 "exec $sonde trace -qq -o /dev/null -p $other -e $calls"},
	[SONDE_COUNTS] = {"sonde -c", .divisor = 1, .loses = 4,
			  .command =
				  "exec $sonde trace --strict -c -o /dev/null -p $pid -e $calls"},
	[SONDE_RECORDS] = {"sonde, not printed", .divisor = 1, .loses = 4,
			   .command = "exec ${sonde%/*}/bench/bench-records $pid $calls"},
	[SONDE_TEXT] = {"sonde, text", .divisor = 1, .loses = 4,
			.command = "exec $sonde trace --strict -o /dev/null -p $pid -e $calls"},
	[SONDE_JSON] = {"sonde, JSON", .divisor = 1, .loses = 4,
			.command =
				"exec $sonde trace --strict --json -o /dev/null -p $pid -e $calls"},
	[BPFTRACE] = {"bpftrace, printf", .program = "bpftrace", .divisor = 4,
		      .command = "test -e /sys/kernel/tracing/events || mount -t tracefs none "
				 "/sys/kernel/tracing;"
				 "exec bpftrace -o /dev/null -e 'tracepoint:raw_syscalls:sys_exit "
				 "/pid == '$pid'/"
				 " { printf(\"%d %d %d\\n\", pid, args->id, args->ret); }'"},
	[PERF_TRACE] = {"perf trace", .program = "perf", .divisor = 300,
			.command = "exec perf trace -o /dev/null -p $pid -e $calls"},
	[STRACE] = {"strace -f", .program = "strace", .divisor = 100,
		    .command = "exec strace -f -qq -o /dev/null -p $pid -e trace=$calls"},
};

static void sleep_ms(unsigned int ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};

	nanosleep(&t, NULL);
}

static pid_t start_sleeper(void)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	for (;;)
		pause();
}

int contender__start(const struct contender *c, const char *sonde, const char *calls,
		     struct contender_run *run)
{
	char pid[16], other[16];
	int status;

	*run = (struct contender_run){.pid = -1, .other = -1, .said = -1};
	snprintf(pid, sizeof(pid), "%d", getpid());
	run->other = start_sleeper();
	if (run->other < 0)
		return -errno;
	snprintf(other, sizeof(other), "%d", run->other);
	run->said = memfd_create("words", MFD_CLOEXEC);
	if (run->said < 0)
		return -errno;
	run->pid = fork();
	if (run->pid < 0)
		return -errno;
	if (!run->pid) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		setsid();
		dup2(null, STDIN_FILENO);
		dup2(null, STDOUT_FILENO);
		dup2(run->said, STDERR_FILENO);
		setenv("sonde", sonde, 1);
		setenv("calls", calls, 1);
		setenv("pid", pid, 1);
		setenv("other", other, 1);
		execl("/bin/sh", "sh", "-c", c->command, NULL);
		_exit(127);
	}
	sleep_ms(SETTLE_MS);
	if (waitpid(run->pid, &status, WNOHANG) == run->pid) {
		run->pid = -1;
		return -ESRCH;
	}
	return 0;
}

int contender__stop(struct contender_run *run)
{
	int status = 0;

	if (run->other > 0) {
		kill(run->other, SIGKILL);
		waitpid(run->other, NULL, 0);
	}
	if (run->pid <= 0)
		return 0;
	kill(run->pid, SIGINT);
	for (unsigned int waited = 0; waited < STOP_MS; waited += 10) {
		if (waitpid(run->pid, &status, WNOHANG) == run->pid)
			return status;
		sleep_ms(10);
	}
	kill(run->pid, SIGKILL);
	waitpid(run->pid, &status, 0);
	return status;
}

void contender__words(const struct contender_run *run, char *text, size_t size)
{
	char words[4096];
	ssize_t n = pread(run->said, words, sizeof(words) - 1, 0);
	char *line, *end;

	*text = '\0';
	if (n <= 0)
		return;
	words[n] = '\0';
	/* The last line that says something. */
	while ((end = strrchr(words, '\n'))) {
		*end = '\0';
		line = strrchr(words, '\n');
		line = line ? line + 1 : words;
		if (*line) {
			snprintf(text, size, "%s", line);
			return;
		}
	}
	snprintf(text, size, "%s", words);
}

int by_number(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}
