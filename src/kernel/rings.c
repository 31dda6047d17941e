// SPDX-License-Identifier: Apache-2.0
#include "rings.h"
#include "merge.h"
#include "../base/thread.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>

struct rings {
	struct merge merge;
	int epoll;
	uint64_t bytes;
};

static size_t page_size(void)
{
	return sysconf(_SC_PAGESIZE);
}

static void ring__release(struct ring *r)
{
	if (r->consumer)
		munmap(r->consumer, page_size());
	if (r->producer)
		munmap((void *)r->producer, page_size() + 2 * r->size);
	close_fd(r->fd);
}

void rings__free(struct rings *r)
{
	if (!r)
		return;
	for (unsigned int i = 0; i < r->merge.count; i++)
		ring__release(&r->merge.list[i]);
	close_fd(r->epoll);
	free(r->merge.heap);
	free(r->merge.list);
	free(r);
}

static int ring__map(struct ring *r, struct error *err)
{
	void *consumer, *producer;

	consumer = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);
	if (consumer == MAP_FAILED)
		goto failed;
	r->consumer = consumer;
	producer = mmap(NULL, page_size() + 2 * r->size, PROT_READ, MAP_SHARED, r->fd, page_size());
	if (producer == MAP_FAILED)
		goto failed;
	r->producer = producer;
	r->data = (const char *)producer + page_size();
	return 0;
failed:
	return error__set(err, -errno,
			  "a ring of %llu bytes cannot be mapped: %s; a smaller --buffer may do",
			  (unsigned long long)r->size, strerror(errno));
}

/* Of each CPU's share one part in eight is for introductions, one in eight for bulk data; at least
 * a few pages. */
static uint64_t ring_size(uint64_t share, unsigned int class)
{
	uint64_t want = class == SONDE_CLASS_EVENT ? share / 4 * 3 : share / 8,
		 size = page_size() * 4;

	while (size * 2 <= want)
		size *= 2;
	return size;
}

static int ring__open(struct rings *all, unsigned int index, uint64_t share, struct error *err)
{
	struct ring *r = &all->merge.list[index];
	struct epoll_event watch = {.events = EPOLLIN, .data.u32 = index};

	r->class = index % SONDE_CLASSES;
	r->size = ring_size(share, r->class);
	r->fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "sonde_ring", 0, 0, r->size, NULL);
	if (r->fd < 0)
		return error__set(
			err, -errno,
			"a ring of %llu bytes cannot be made: %s; a smaller --buffer may do",
			(unsigned long long)r->size, strerror(errno));
	all->bytes += r->size;
	if (epoll_ctl(all->epoll, EPOLL_CTL_ADD, r->fd, &watch))
		return error__set(err, -errno, "a ring cannot be watched: %s", strerror(errno));
	return ring__map(r, err);
}

/*
 * After each update of such a map the kernel waits until no program uses what was there before,
 * some 10 ms: all at once where it can (from 5.15 on).
 */
static int hand_over(const struct rings *r, int outer_fd, struct error *err)
{
	__cleanup(memory) void *memory = calloc(r->merge.count, 2 * sizeof(uint32_t));
	uint32_t *keys = memory, *fds = keys + r->merge.count, count = r->merge.count;

	if (!memory)
		return -ENOMEM;
	for (uint32_t i = 0; i < r->merge.count; i++) {
		keys[i] = i;
		fds[i] = r->merge.list[i].fd;
	}
	if (!bpf_map_update_batch(outer_fd, keys, fds, &count, NULL))
		return 0;
	for (uint32_t i = 0; i < r->merge.count; i++) {
		if (bpf_map_update_elem(outer_fd, &i, &fds[i], BPF_ANY))
			return error__set(err, -errno, "a ring cannot be handed to the probes: %s",
					  strerror(errno));
	}
	return 0;
}

static int rings__new(unsigned int cpus, uint64_t bytes, int outer_fd, struct rings **ret,
		      struct error *err)
{
	struct rings *r = calloc(1, sizeof(*r));
	int code = 0;

	if (!r)
		return -ENOMEM;
	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	r->merge.list = calloc(cpus * SONDE_CLASSES, sizeof(*r->merge.list));
	r->merge.heap = calloc(cpus * SONDE_CLASSES, sizeof(*r->merge.heap));
	if (!r->merge.list || !r->merge.heap)
		code = -ENOMEM;
	else if (r->epoll < 0)
		code = error__set(err, -errno, "the rings cannot be watched: %s", strerror(errno));
	for (unsigned int i = 0; i < cpus * SONDE_CLASSES && !code; i++) {
		r->merge.list[i].fd = -1;
		r->merge.count++;
		code = ring__open(r, i, bytes / cpus, err);
	}
	if (!code)
		code = hand_over(r, outer_fd, err);
	if (code) {
		rings__free(r);
		return code;
	}
	*ret = r;
	return 0;
}

struct rings_begun {
	struct thread thread;
	unsigned int cpus;
	uint64_t bytes;
	int map;
	int code;
	struct rings *rings;
	struct error err;
};

static void *make(void *context)
{
	struct rings_begun *b = context;

	b->code = rings__new(b->cpus, b->bytes, b->map, &b->rings, &b->err);
	return NULL;
}

/* Of maps like `model`, whose size does not matter. Returns a file descriptor. */
static int make_map(unsigned int count)
{
	__cleanup(fd) int model =
		bpf_map_create(BPF_MAP_TYPE_RINGBUF, NULL, 0, 0, page_size(), NULL);
	LIBBPF_OPTS(bpf_map_create_opts, opts, .inner_map_fd = model);
	int map = model < 0 ? model
			    : bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "rings", sizeof(uint32_t),
					     sizeof(uint32_t), count, &opts);

	return map < 0 ? -errno : map;
}

int rings__begin(unsigned int cpus, uint64_t bytes, struct rings_begun **ret, struct error *err)
{
	struct rings_begun *b = calloc(1, sizeof(*b));

	if (!b)
		return -ENOMEM;
	b->cpus = cpus;
	b->bytes = bytes;
	b->map = make_map(cpus * SONDE_CLASSES);
	if (b->map < 0) {
		int code = b->map;

		free(b);
		return error__set(err, code, "the rings cannot be made: %s", strerror(-code));
	}
	thread__begin(&b->thread, make, b);
	*ret = b;
	return 0;
}

int rings__map(const struct rings_begun *b)
{
	return b->map;
}

int rings__end(struct rings_begun *b, struct rings **ret, struct error *err)
{
	int code;

	thread__end(&b->thread);
	code = b->code;
	if (code)
		*err = b->err;
	else
		*ret = b->rings;
	close(b->map);
	free(b);
	return code;
}

int rings__fd(const struct rings *r)
{
	return r->epoll;
}

unsigned long rings__drain(struct rings *r, uint64_t watermark, rings_deliver deliver,
			   void *context)
{
	return merge__drain(&r->merge, watermark, deliver, context);
}

bool rings__pending(const struct rings *r)
{
	return merge__pending(&r->merge);
}

uint64_t rings__damaged(const struct rings *r)
{
	return r->merge.damaged;
}

uint64_t rings__bytes(const struct rings *r)
{
	return r->bytes;
}
