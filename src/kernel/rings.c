// SPDX-License-Identifier: Apache-2.0
#include "rings.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>

struct ring {
	int fd;
	unsigned int class;
	uint64_t size; /* of its data; a power of two */
	unsigned long *consumer;
	const unsigned long *producer;
	const char *data;
	unsigned long position; /* read so far: ahead of *consumer while we deliver */
	const struct sonde_record *head; /* the record at position, or NULL */
	unsigned long next;	/* position behind head */
};

struct rings {
	struct ring *list;
	unsigned int count;
	struct ring **heap; /* those with a head, the oldest first */
	unsigned int heap_count;
	int epoll;
	uint64_t last_time; /* of what was delivered last */
	uint64_t damaged;
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
	for (unsigned int i = 0; i < r->count; i++)
		ring__release(&r->list[i]);
	close_fd(r->epoll);
	free(r->heap);
	free(r->list);
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
	return error__set(err, -errno, "a ring of %llu bytes cannot be mapped: %s; a smaller --buffer may do",
			  (unsigned long long)r->size, strerror(errno));
}

/* Of each CPU's share one part in eight is for introductions, one in eight for bulk data; at least a few pages. */
static uint64_t ring_size(uint64_t share, unsigned int class)
{
	uint64_t want = class == SONDE_CLASS_EVENT ? share / 4 * 3 : share / 8, size = page_size() * 4;

	while (size * 2 <= want)
		size *= 2;
	return size;
}

static int ring__open(struct rings *all, unsigned int index, uint64_t share, int outer_fd, struct error *err)
{
	struct ring *r = &all->list[index];
	struct epoll_event watch = {.events = EPOLLIN, .data.u32 = index};
	uint32_t key = index;

	r->class = index % SONDE_CLASSES;
	r->size = ring_size(share, r->class);
	r->fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "sonde_ring", 0, 0, r->size, NULL);
	if (r->fd < 0)
		return error__set(err, -errno, "a ring of %llu bytes cannot be made: %s; a smaller --buffer may do",
				  (unsigned long long)r->size, strerror(errno));
	all->bytes += r->size;
	if (bpf_map_update_elem(outer_fd, &key, &r->fd, BPF_ANY))
		return error__set(err, -errno, "a ring cannot be handed to the probes: %s", strerror(errno));
	if (epoll_ctl(all->epoll, EPOLL_CTL_ADD, r->fd, &watch))
		return error__set(err, -errno, "a ring cannot be watched: %s", strerror(errno));
	return ring__map(r, err);
}

int rings__new(unsigned int cpus, uint64_t bytes, int outer_fd, struct rings **ret, struct error *err)
{
	struct rings *r = calloc(1, sizeof(*r));
	int code = 0;

	if (!r)
		return -ENOMEM;
	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	r->list = calloc(cpus * SONDE_CLASSES, sizeof(*r->list));
	r->heap = calloc(cpus * SONDE_CLASSES, sizeof(*r->heap));
	if (!r->list || !r->heap || r->epoll < 0)
		code = -ENOMEM;
	for (unsigned int i = 0; i < cpus * SONDE_CLASSES && !code; i++) {
		r->list[i].fd = -1;
		r->count++;
		code = ring__open(r, i, bytes / cpus, outer_fd, err);
	}
	if (code) {
		rings__free(r);
		return code;
	}
	*ret = r;
	return 0;
}

int rings__fd(const struct rings *r)
{
	return r->epoll;
}

/*
 * Looks at the record at the ring's position, past what was discarded. A record that is reserved and not committed
 * ends the view, so that it holds back what follows it.
 */
static void ring__look(struct rings *all, struct ring *r)
{
	unsigned long end = __atomic_load_n(r->producer, __ATOMIC_ACQUIRE);

	r->head = NULL;
	while (r->position < end) {
		const char *at = r->data + (r->position & (r->size - 1));
		uint32_t header = __atomic_load_n((const uint32_t *)at, __ATOMIC_ACQUIRE), size;
		const struct sonde_record *record = (const void *)(at + BPF_RINGBUF_HDR_SZ);

		if (header & BPF_RINGBUF_BUSY_BIT)
			return;
		size = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
		r->next = r->position + ((size + BPF_RINGBUF_HDR_SZ + 7ul) & ~7ul);
		if (header & BPF_RINGBUF_DISCARD_BIT) {
			r->position = r->next;
			continue;
		}
		if (size < sizeof(*record) || record->size > size || record->size < sizeof(*record)) {
			all->damaged++;
			r->position = r->next;
			continue;
		}
		r->head = record;
		return;
	}
}

/* Introductions come before the events that mention them, which bear the same time. */
static bool is_older(const struct ring *a, const struct ring *b)
{
	return a->head->time < b->head->time || (a->head->time == b->head->time && a->class < b->class);
}

static void sift_down(struct rings *r, unsigned int at)
{
	struct ring *moved = r->heap[at];

	for (;;) {
		unsigned int child = 2 * at + 1;

		if (child >= r->heap_count)
			break;
		if (child + 1 < r->heap_count && is_older(r->heap[child + 1], r->heap[child]))
			child++;
		if (!is_older(r->heap[child], moved))
			break;
		r->heap[at] = r->heap[child];
		at = child;
	}
	r->heap[at] = moved;
}

static void ring__consume(struct ring *r)
{
	__atomic_store_n(r->consumer, r->position, __ATOMIC_RELEASE);
}

unsigned long rings__drain(struct rings *r, uint64_t watermark, rings_deliver deliver, void *context)
{
	unsigned long delivered = 0;

	r->heap_count = 0;
	for (unsigned int i = 0; i < r->count; i++) {
		ring__look(r, &r->list[i]);
		if (r->list[i].head)
			r->heap[r->heap_count++] = &r->list[i];
	}
	for (unsigned int i = r->heap_count / 2; i > 0; i--)
		sift_down(r, i - 1);
	while (r->heap_count && r->heap[0]->head->time < watermark) {
		struct ring *ring = r->heap[0];
		const struct sonde_record *record = ring->head;
		bool late = record->time < r->last_time;

		deliver(context, record, late);
		delivered++;
		if (!late)
			r->last_time = record->time;
		ring->position = ring->next;
		/* Room for the probes, now and then: each store moves a cache line between CPUs. */
		if (ring->position - *ring->consumer > ring->size / 8)
			ring__consume(ring);
		ring__look(r, ring);
		if (!ring->head)
			r->heap[0] = r->heap[--r->heap_count];
		if (r->heap_count)
			sift_down(r, 0);
	}
	for (unsigned int i = 0; i < r->count; i++)
		if (*r->list[i].consumer != r->list[i].position)
			ring__consume(&r->list[i]);
	return delivered;
}

bool rings__pending(const struct rings *r)
{
	for (unsigned int i = 0; i < r->count; i++)
		if (__atomic_load_n(r->list[i].producer, __ATOMIC_ACQUIRE) != r->list[i].position)
			return true;
	return false;
}

uint64_t rings__damaged(const struct rings *r)
{
	return r->damaged;
}

uint64_t rings__bytes(const struct rings *r)
{
	return r->bytes;
}
