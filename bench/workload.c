// SPDX-License-Identifier: Apache-2.0
/* What do the measured calls cost the threads that make them? */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

#include "workload.h"

/* Opened at once before they are closed again, out of the measured time. */
#define OPEN_BATCH 500

/* With the benchmark's directory, /tmp/sonde-bench.XXXXXX/opened-file0: 36 characters. */
#define FILE_NAME "opened-file%u"

struct worker {
	pthread_t thread;
	unsigned int index;
	struct workers *all;
	char path[64];
	int zero, null;
	uint64_t timed_ns, total_ns;
};

struct workers {
	struct worker workers[WORKLOAD_THREADS];
	unsigned int started;
	pthread_barrier_t begin, end;
	const struct workload *load; /* NULL: stop */
	unsigned int bursts, pause_ms, calls;
};

static uint64_t thread_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* Straight through syscall(): no library's shortcut between the measurement and the call. */
static uint64_t burst_getppid(struct worker *w, unsigned int calls)
{
	uint64_t begin = thread_ns();

	for (unsigned int i = 0; i < calls; i++)
		syscall(SYS_getppid);
	return thread_ns() - begin;
}

static uint64_t burst_close(struct worker *w, unsigned int calls)
{
	uint64_t begin = thread_ns();

	for (unsigned int i = 0; i < calls; i++)
		syscall(SYS_close, -1);
	return thread_ns() - begin;
}

static uint64_t burst_openat(struct worker *w, unsigned int calls)
{
	uint64_t ns = 0;

	for (unsigned int done = 0; done < calls; done += OPEN_BATCH) {
		unsigned int batch = min(calls - done, (unsigned int)OPEN_BATCH);
		uint64_t begin = thread_ns();

		for (unsigned int i = 0; i < batch; i++)
			syscall(SYS_openat, AT_FDCWD, w->path, O_RDONLY | O_CLOEXEC, 0);
		ns += thread_ns() - begin;
		syscall(SYS_close_range, w->null + 1, ~0u, 0);
	}
	return ns;
}

static uint64_t burst_read_write(struct worker *w, unsigned int calls)
{
	char buffer[64];
	uint64_t begin = thread_ns();

	for (unsigned int i = 0; i < calls; i += 2) {
		syscall(SYS_read, w->zero, buffer, sizeof(buffer));
		syscall(SYS_write, w->null, buffer, sizeof(buffer));
	}
	return thread_ns() - begin;
}

enum { BURST_GETPPID, BURST_CLOSE, BURST_OPENAT, BURST_READ_WRITE };

static uint64_t (*const burst_functions[])(struct worker *w, unsigned int calls) = {
	[BURST_GETPPID] = burst_getppid,
	[BURST_CLOSE] = burst_close,
	[BURST_OPENAT] = burst_openat,
	[BURST_READ_WRITE] = burst_read_write,
};

/* close is traced by itself: what it closed must be looked up at its entry, for which every call
 * would pay. */
#define TOGETHER "getppid,openat,read,write"

const struct workload workloads[] = {
	{"getppid", TOGETHER, 1, 30000, BURST_GETPPID},
	{"openat", TOGETHER, 1, 10000, BURST_OPENAT},
	{"read/write", TOGETHER, 1, 20000, BURST_READ_WRITE},
	{"getppid x2", TOGETHER, 2, 30000, BURST_GETPPID},
	{"openat x2", TOGETHER, 2, 10000, BURST_OPENAT},
	{"close(-1)", "close", 1, 30000, BURST_CLOSE},
};
const unsigned int workload_count = ARRAY_SIZE(workloads);

const int workload_calls[] = {SYS_getppid, SYS_close, SYS_openat, SYS_read, SYS_write};
const unsigned int workload_call_count = ARRAY_SIZE(workload_calls);

static void work(struct worker *w)
{
	struct workers *all = w->all;
	struct timespec pause = {all->pause_ms / 1000, all->pause_ms % 1000 * 1000000};
	uint64_t begin = thread_ns();

	w->timed_ns = 0;
	for (unsigned int i = 0; i < all->bursts; i++) {
		w->timed_ns += burst_functions[all->load->burst](w, all->calls);
		nanosleep(&pause, NULL);
	}
	w->total_ns = thread_ns() - begin;
}

static void *worker_thread(void *argument)
{
	struct worker *w = argument;
	struct workers *all = w->all;
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(w->index, &cpu);
	/* On a machine with one CPU the second thread shares it: the numbers then say so. */
	sched_setaffinity(0, sizeof(cpu), &cpu);
	/* A table of descriptors of its own: two threads measure the tracer, not the lock of their
	 * common table. */
	if (unshare(CLONE_FILES) == 0) {
		w->zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
		w->null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	}
	for (;;) {
		pthread_barrier_wait(&all->begin);
		if (!all->load)
			return NULL;
		if (w->index < all->load->threads)
			work(w);
		pthread_barrier_wait(&all->end);
	}
}

int workers__new(const char *directory, struct workers **ret)
{
	struct workers *all = calloc(1, sizeof(*all));

	if (!all)
		return -ENOMEM;
	pthread_barrier_init(&all->begin, NULL, WORKLOAD_THREADS + 1);
	pthread_barrier_init(&all->end, NULL, WORKLOAD_THREADS + 1);
	for (unsigned int i = 0; i < WORKLOAD_THREADS; i++) {
		struct worker *w = &all->workers[i];
		int fd, err;

		w->all = all;
		w->index = i;
		w->zero = w->null = -1;
		snprintf(w->path, sizeof(w->path), "%s/" FILE_NAME, directory, i);
		fd = open(w->path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		if (fd < 0) {
			err = -errno;
			goto fail;
		}
		close(fd);
		err = -pthread_create(&w->thread, NULL, worker_thread, w);
		if (err)
			goto fail;
		all->started++;
		continue;
	fail:
		/* The threads that wait at a barrier for this one end with the process. */
		return err;
	}
	*ret = all;
	return 0;
}

void workers__free(struct workers *all)
{
	if (!all)
		return;
	all->load = NULL;
	pthread_barrier_wait(&all->begin);
	for (unsigned int i = 0; i < all->started; i++) {
		pthread_join(all->workers[i].thread, NULL);
		unlink(all->workers[i].path);
	}
	pthread_barrier_destroy(&all->begin);
	pthread_barrier_destroy(&all->end);
	free(all);
}

struct workload_cost workers__run(struct workers *all, const struct workload *load,
				  unsigned int bursts, unsigned int pause_ms, unsigned int divisor)
{
	struct workload_cost cost = {0};

	all->load = load;
	all->bursts = bursts;
	all->pause_ms = pause_ms;
	all->calls = max(load->calls / divisor, 2u);
	pthread_barrier_wait(&all->begin);
	pthread_barrier_wait(&all->end);
	for (unsigned int i = 0; i < load->threads; i++) {
		struct worker *w = &all->workers[i];

		cost.calls += (uint64_t)all->calls * bursts;
		cost.timed_ns += w->timed_ns;
		cost.untimed_ns += w->total_ns - w->timed_ns;
	}
	return cost;
}
