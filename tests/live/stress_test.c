// SPDX-License-Identifier: Apache-2.0
/*
 * Everything at once, of a storm of all kinds of calls: does it start and stop quickly, and is each
 * entry of each program accounted for? What the counters say was captured is what came out of the
 * rings, to the one, and what is missing in the sequence numbers is what they say was lost there.
 */
#include "src/host/fields.h"
#include "src/source/live.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Those of `stress-ng --class os` that touch nothing but themselves and the directory that they run
 * in; one of each, side by side. */
static const char *const stressors[] = {
	"access",   "aio",     "brk",     "chdir",  "chmod",    "clone",   "close",     "copy-file",
	"dentry",   "dir",     "dup",     "epoll",  "eventfd",  "exec",    "fallocate", "fault",
	"fcntl",    "fork",    "fstat",   "futex",  "getdent",  "inotify", "io-uring",  "kill",
	"link",     "madvise", "memfd",   "mmap",   "mprotect", "mremap",  "open",      "pipe",
	"poll",     "prctl",   "pthread", "ptrace", "rename",   "seccomp", "sendfile",  "session",
	"shm-sysv", "sigq",    "sock",    "splice", "symlink",  "timerfd", "udp",       "unshare",
	"utime",    "vfork",   "vm-rw",   "yield",  "zombie",
};

struct test {
	struct live *live;
	bool failed;
	uint64_t events, absent;
};

static void expect(struct test *t, const char *what, bool holds, uint64_t seen, uint64_t wanted)
{
	if (holds)
		return;
	t->failed = true;
	printf("FAIL  %s: %llu, wanted %llu\n", what, (unsigned long long)seen,
	       (unsigned long long)wanted);
}

static void on_event(void *context, const struct event *e, uint64_t subscribers)
{
	struct test *t = context;

	t->events++;
}

static void on_absent(void *context, const char *event, const char *why, const struct schema *by)
{
	struct test *t = context;

	t->absent++;
}

/* How many times as long everything takes on a machine that does something else besides. */
static double busy_with_others(void)
{
	double load = 0;

	if (getloadavg(&load, 1) != 1)
		return 1;
	load /= sysconf(_SC_NPROCESSORS_ONLN);
	return load > 1 ? load : 1;
}

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

/* Runs the storm once it is told to, in a session of its own. */
static pid_t storm(int *start)
{
	const char *arguments[2 * ARRAY_SIZE(stressors) + 8] = {"stress-ng", "--quiet", "--timeout",
								"6"};
	static char options[ARRAY_SIZE(stressors)][32];
	unsigned int n = 4;
	int pipes[2];
	pid_t pid;

	for (unsigned int i = 0; i < ARRAY_SIZE(stressors); i += getenv("SONDE_VM") ? 4 : 1) {
		snprintf(options[i], sizeof(options[i]), "--%s", stressors[i]);
		arguments[n++] = options[i];
		arguments[n++] = "1";
	}
	if (pipe(pipes))
		return -1;
	pid = fork();
	if (!pid) {
		char go;

		close(pipes[1]);
		if (read(pipes[0], &go, 1) == 1)
			execvp(arguments[0], (char **)arguments);
		_exit(127);
	}
	close(pipes[0]);
	*start = pipes[1];
	return pid;
}

static void check(struct test *t)
{
	struct ledger g;
	uint64_t ring = 0, skipped = 0;

	live__ledger(t->live, &g);
	for (unsigned int i = 0; i < g.count; i++) {
		ring += g.lines[i].outcomes[SONDE_LOST_RING] + g.lines[i].intro_lost;
		skipped += g.lines[i].missed == ~0ull ? 0 : g.lines[i].missed;
	}
	printf("%u programs: %llu captured, %llu lost, of these %llu to full rings and %llu "
	       "skipped by the kernel; %llu events that this kernel has no hook for\n",
	       g.count, (unsigned long long)g.captured, (unsigned long long)g.lost,
	       (unsigned long long)ring, (unsigned long long)skipped,
	       (unsigned long long)t->absent);
	expect(t, "received", g.received == g.captured, g.received, g.captured);
	expect(t, "gaps in the sequence numbers", g.gaps == ring, g.gaps, ring);
	expect(t, "damaged", !g.damaged, g.damaged, 0);
	expect(t, "delivered", t->events >= 10000, t->events, 10000);
}

int main(void)
{
	bool vm = getenv("SONDE_VM") != NULL;
	double busy = busy_with_others();
	struct test t = {};
	struct live_schemas *known;
	struct live_handler handler = {.event = on_event, .absent = on_absent, .context = &t};
	struct selection all = {};
	struct live_options options = {
		.subscription = {.events = &all,
				 .needs = NEEDS_FILES | NEEDS_LATENCY | NEEDS_ENTRY,
				 .string_limit = 32},
		.follow = true,
		.buffer_bytes = vm ? 8 << 20 : 32 << 20};
	struct error err = {};
	uint64_t began, took;
	int start = -1, status = 0;
	uint32_t child;
	pid_t pid;

	if (system("stress-ng --version >/dev/null 2>&1")) {
		printf("stress-ng is missing\n");
		return 77;
	}
	if (live_schemas__new(&known, &err))
		return 1;
	all.events = live_schemas__list(known)->count;
	all.bits = calloc(all.events / 64 + 1, sizeof(uint64_t));
	memset(all.bits, 0xff, (all.events + 7) / 8);
	pid = storm(&start);
	child = pid;
	began = now_ms();
	if (live__new(known, &options, &handler, &t.live, &err) ||
	    live__follow(t.live, &child, 1, &err) || live__introduce(t.live, &err)) {
		printf("FAIL  start: %s\n", err.text);
		kill(pid, SIGKILL);
		return 1;
	}
	took = now_ms() - began;
	printf("start: %llu ms\n", (unsigned long long)took);
	expect(&t, "start, ms", took < (vm ? 120000 : 2000 * busy), took, 2000);
	if (write(start, "", 1) != 1)
		return 1;
	/* Stopped in the middle of it. */
	for (began = now_ms(); now_ms() - began < (vm ? 20000 : 5000);)
		live__poll(t.live, 5, -1);
	began = now_ms();
	live__stop(t.live);
	took = now_ms() - began;
	printf("stop: %llu ms\n", (unsigned long long)took);
	expect(&t, "stop, ms", took < (vm ? 10000 : 1000 * busy), took, 1000);
	check(&t);
	kill(pid, SIGTERM);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	began = now_ms();
	live__free(t.live);
	printf("end: %llu ms\n", (unsigned long long)(now_ms() - began));
	live_schemas__free(known);
	free(all.bits);
	return t.failed;
}
