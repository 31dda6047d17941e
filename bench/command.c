// SPDX-License-Identifier: Apache-2.0
/* How soon does sonde show something, and what does it take while nothing, or very much, happens?
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "command.h"

#define STARTS         5
#define IDLE_SETTLE_MS 2000
#define IDLE_MS        8000
#define SCREEN_CALLS   500
#define PROCESSES      10000
#define CALLS_OF_EACH  100 /* makes a million events */
#define PATIENCE_MS    10000

/* A number that the traced call bears, by which its line is known: close(-1000000 - i). */
#define MARK 1000000

struct sonde {
	pid_t pid;
	int output; /* read end */
	char text[8192];
	size_t length;
};

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static void sleep_us(unsigned int us)
{
	struct timespec t = {us / 1000000, us % 1000000 * 1000};

	nanosleep(&t, NULL);
}

/* sonde on a process, with its output on a pipe: what a person's terminal would be. */
static int sonde__start(struct sonde *s, const char *path, pid_t pid, const char *events,
			bool piped)
{
	int ends[2];
	char number[16];

	*s = (struct sonde){.pid = -1, .output = -1};
	snprintf(number, sizeof(number), "%d", pid);
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	s->pid = fork();
	if (s->pid < 0) {
		close(ends[0]);
		close(ends[1]);
		return -errno;
	}
	if (!s->pid) {
		int null = open("/dev/null", O_RDWR | O_CLOEXEC);

		setsid();
		dup2(null, STDIN_FILENO);
		dup2(piped ? ends[1] : null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execl(path, path, "trace", "-o", "-", "-e", events, "-p", number, NULL);
		_exit(127);
	}
	close(ends[1]);
	s->output = ends[0];
	return 0;
}

static void sonde__stop(struct sonde *s)
{
	double until = now_ms() + PATIENCE_MS;

	close_fd(s->output);
	if (s->pid <= 0)
		return;
	kill(s->pid, SIGINT);
	while (now_ms() < until) {
		if (waitpid(s->pid, NULL, WNOHANG) == s->pid)
			return;
		sleep_us(2000);
	}
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
}

/* Reads what is there, within `ms`. Returns the next marked call's number, or -EAGAIN: none yet,
 * -EPIPE: it ended. */
static int sonde__next_mark(struct sonde *s, int ms)
{
	static const char call[] = "close(-";
	char *line, *end;
	ssize_t n;

	for (;;) {
		while ((end = memchr(s->text, '\n', s->length))) {
			int mark = -1;

			*end = '\0';
			line = strstr(s->text, call);
			if (line)
				mark = atoi(line + sizeof(call) - 1) - MARK;
			s->length -= end + 1 - s->text;
			memmove(s->text, end + 1, s->length);
			if (mark >= 0)
				return mark;
		}
		if (s->length >= sizeof(s->text))
			s->length = 0;
		if (poll(&(struct pollfd){s->output, POLLIN, 0}, 1, ms) <= 0)
			return -EAGAIN;
		n = read(s->output, s->text + s->length, sizeof(s->text) - s->length);
		if (n <= 0)
			return -EPIPE;
		s->length += n;
	}
}

/* Makes marked calls until one is seen. Returns its mark or a negative errno. */
static int sonde__wait_first(struct sonde *s)
{
	double until = now_ms() + PATIENCE_MS;
	int mark;

	while (now_ms() < until) {
		syscall(SYS_close, -MARK);
		mark = sonde__next_mark(s, 1);
		if (mark != -EAGAIN)
			return mark;
	}
	return -ETIMEDOUT;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double measure_first(const char *path)
{
	double times[STARTS];

	for (int i = 0; i < STARTS; i++) {
		double begin = now_ms();
		struct sonde s;
		int seen;

		if (sonde__start(&s, path, getpid(), "close", true))
			return -1;
		seen = sonde__wait_first(&s);
		times[i] = now_ms() - begin;
		sonde__stop(&s);
		if (seen < 0)
			return -1;
	}
	qsort(times, STARTS, sizeof(*times), compare);
	return times[STARTS / 2];
}

static double measure_screen(const char *path)
{
	double times[SCREEN_CALLS];
	struct sonde s;
	int count = 0;

	if (sonde__start(&s, path, getpid(), "close", true))
		return -1;
	if (sonde__wait_first(&s) < 0)
		goto out;
	for (int i = 1; i <= SCREEN_CALLS; i++) {
		double begin, until;
		int mark;

		/* At no fixed distance, so that it does not fall into step with the reader's
		 * rhythm. */
		sleep_us(2000 + i * 7919 % 9000);
		begin = now_ms();
		until = begin + PATIENCE_MS;
		syscall(SYS_close, -MARK - i);
		do
			mark = sonde__next_mark(&s, 100);
		while (mark != i && mark != -EPIPE && now_ms() < until);
		if (mark != i)
			break;
		times[count++] = now_ms() - begin;
	}
out:
	sonde__stop(&s);
	if (count < SCREEN_CALLS)
		return -1;
	qsort(times, count, sizeof(*times), compare);
	return times[count * 99 / 100];
}

static double process_ms(pid_t pid)
{
	clockid_t clock;
	struct timespec t;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &t))
		return -1;
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static double measure_idle(const char *path)
{
	pid_t sleeper = fork();
	double begin, end;
	struct sonde s;

	if (!sleeper)
		for (;;)
			pause();
	if (sleeper < 0)
		return -1;
	if (sonde__start(&s, path, sleeper, "@file,@process,@net", false)) {
		kill(sleeper, SIGKILL);
		waitpid(sleeper, NULL, 0);
		return -1;
	}
	sleep_us(IDLE_SETTLE_MS * 1000);
	begin = process_ms(s.pid);
	sleep_us(IDLE_MS * 1000);
	end = process_ms(s.pid);
	if (waitpid(s.pid, NULL, WNOHANG) == s.pid) {
		s.pid = -1;
		end = -1;
	}
	sonde__stop(&s);
	kill(sleeper, SIGKILL);
	waitpid(sleeper, NULL, 0);
	return begin < 0 || end < 0 ? -1 : 100 * (end - begin) / IDLE_MS;
}

/* Resident memory of a process without its mappings of BPF maps, in MB. */
static double resident_mb(pid_t pid)
{
	char path[64], line[512];
	bool ring = false;
	double kb = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	f = fopen(path, "re");
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f)) {
		unsigned long begin, end, rss;

		if (sscanf(line, "%lx-%lx ", &begin, &end) == 2)
			ring = strstr(line, "bpf-map") || strstr(line, "bpf_ringbuf");
		else if (!ring && sscanf(line, "Rss: %lu kB", &rss) == 1)
			kb += rss;
	}
	fclose(f);
	return kb > 0 ? kb / 1024 : -1;
}

static double measure_memory(const char *path, const char *directory)
{
	struct sonde s;
	double mb = -1;

	if (sonde__start(&s, path, getpid(), "close,openat", false))
		return -1;
	sleep_us(1500000);
	for (int i = 0; i < PROCESSES; i++) {
		pid_t child = fork();

		if (child < 0)
			goto out;
		if (!child) {
			char file[128];
			int fd;

			snprintf(file, sizeof(file), "%s/a-file-of-its-own-%d", directory, i);
			fd = open(file, O_CREAT | O_RDWR | O_CLOEXEC, 0600);
			if (fd >= 0)
				close(fd);
			for (int call = 2; call < CALLS_OF_EACH; call++)
				syscall(SYS_close, -1);
			unlink(file);
			_exit(0);
		}
		waitpid(child, NULL, 0);
	}
	sleep_us(500000);
	mb = waitpid(s.pid, NULL, WNOHANG) == 0 ? resident_mb(s.pid) : -1;
out:
	sonde__stop(&s);
	return mb;
}

void command__measure(const char *sonde, const char *directory, struct command_costs *costs,
		      char *why, size_t size)
{
	const char *failed = NULL;

	costs->first_event_ms = measure_first(sonde);
	if (costs->first_event_ms < 0) {
		/* Without a first event there is nothing else to see either. */
		snprintf(why, size, "no event of `%s trace -e close -p PID` was seen", sonde);
		*costs = (struct command_costs){-1, -1, -1, -1};
		return;
	}
	costs->screen_p99_ms = measure_screen(sonde);
	if (costs->screen_p99_ms < 0)
		failed = "event to screen: a call's line did not come";
	costs->idle_percent = measure_idle(sonde);
	if (costs->idle_percent < 0)
		failed = "idle: sonde ended";
	costs->memory_mb = measure_memory(sonde, directory);
	if (costs->memory_mb < 0)
		failed = "memory: sonde ended";
	snprintf(why, size, "%s", failed ? failed : "");
}
