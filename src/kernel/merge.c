// SPDX-License-Identifier: Apache-2.0
#include "merge.h"

#include <linux/bpf.h>

/* The size of the entry whose header stands at `at`, with header and padding. */
static unsigned long entry_size(uint32_t header)
{
	uint32_t size = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

	return (size + BPF_RINGBUF_HDR_SZ + 7ul) & ~7ul;
}

static bool is_record(const struct sonde_record *r, uint32_t header)
{
	uint32_t size = header & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);

	return size >= sizeof(*r) && r->size >= sizeof(*r) && r->size <= size;
}

/* Looks for the next record, past what was discarded. One that is reserved and not committed ends
 * the view. */
static void ring__look(struct merge *m, struct ring *r)
{
	r->head = NULL;
	m->busy -= r->busy;
	r->busy = false;
	while (r->position < r->end) {
		const char *at = r->data + (r->position & (r->size - 1));
		uint32_t header = __atomic_load_n((const uint32_t *)at, __ATOMIC_ACQUIRE);
		const struct sonde_record *record = (const void *)(at + BPF_RINGBUF_HDR_SZ);

		if (header & BPF_RINGBUF_BUSY_BIT) {
			r->busy = true;
			m->busy++;
			return;
		}
		r->next = r->position + entry_size(header);
		if (r->next > r->end) { /* it lies: only the kernel's own position is known to be an
					entry's beginning */
			m->damaged++;
			r->position = r->end;
			return;
		}
		if (!(header & BPF_RINGBUF_DISCARD_BIT)) {
			if (is_record(record, header)) {
				r->head = record;
				return;
			}
			m->damaged++;
		}
		r->position = r->next;
	}
}

/* Introductions come before the events that mention them, which bear the same time. */
static bool is_older(const struct ring *a, const struct ring *b)
{
	if (a->head->time != b->head->time)
		return a->head->time < b->head->time;
	return a->class != b->class ? a->class < b->class : a < b;
}

static void sift_down(struct merge *m, unsigned int at)
{
	struct ring *moved = m->heap[at];

	for (;;) {
		unsigned int child = 2 * at + 1;

		if (child >= m->heap_count)
			break;
		if (child + 1 < m->heap_count && is_older(m->heap[child + 1], m->heap[child]))
			child++;
		if (!is_older(m->heap[child], moved))
			break;
		m->heap[at] = m->heap[child];
		at = child;
	}
	m->heap[at] = moved;
}

static void look_at_all(struct merge *m)
{
	/* Introductions last: that of an event which is seen was written before it. */
	for (unsigned int class = SONDE_CLASSES; class -- > 0;)
		for (unsigned int i = 0; i < m->count; i++)
			if (m->list[i].class == class)
				m->list[i].end =
					__atomic_load_n(m->list[i].producer, __ATOMIC_ACQUIRE);
	m->heap_count = 0;
	for (unsigned int i = 0; i < m->count; i++) {
		ring__look(m, &m->list[i]);
		if (m->list[i].head)
			m->heap[m->heap_count++] = &m->list[i];
	}
	for (unsigned int i = m->heap_count / 2; i > 0; i--)
		sift_down(m, i - 1);
}

static void ring__consume(struct ring *r)
{
	__atomic_store_n(r->consumer, r->position, __ATOMIC_RELEASE);
}

unsigned long merge__drain(struct merge *m, uint64_t watermark, merge_deliver deliver,
			   void *context)
{
	unsigned long delivered = 0;

	look_at_all(m);
	while (m->heap_count &&
	       (watermark == ~0ull || (!m->busy && m->heap[0]->head->time < watermark))) {
		struct ring *ring = m->heap[0];
		const struct sonde_record *record = ring->head;
		bool late = record->time < m->last_time;

		if (!late)
			m->last_time = record->time;
		deliver(context, record, late);
		delivered++;
		ring->position = ring->next;
		/* Room for the probes, now and then: each store moves a cache line between CPUs. */
		if (ring->position - *ring->consumer > ring->size / 8)
			ring__consume(ring);
		ring__look(m, ring);
		if (!ring->head)
			m->heap[0] = m->heap[--m->heap_count];
		if (m->heap_count)
			sift_down(m, 0);
	}
	for (unsigned int i = 0; i < m->count; i++)
		if (*m->list[i].consumer != m->list[i].position)
			ring__consume(&m->list[i]);
	return delivered;
}

bool merge__pending(const struct merge *m)
{
	for (unsigned int i = 0; i < m->count; i++)
		if (__atomic_load_n(m->list[i].producer, __ATOMIC_ACQUIRE) != m->list[i].position)
			return true;
	return false;
}
