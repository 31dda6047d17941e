/* SPDX-License-Identifier: Apache-2.0 */
/* Synthetic records in rings, as the kernel leaves them: two CPUs, introductions apart, each before
 * the first record that mentions it. */
#ifndef FAKE_RINGS_H
#define FAKE_RINGS_H

#include "src/kernel/merge.h"
#include "synthetic.h"

#include <linux/bpf.h>

#define FAKE_CPUS  2
#define FAKE_RINGS (2 * FAKE_CPUS)

struct fake_rings {
	struct merge merge;
	struct ring rings[FAKE_RINGS];
	struct ring *heap[FAKE_RINGS];
	struct buffer data[FAKE_RINGS];
	unsigned long consumers[FAKE_RINGS], producers[FAKE_RINGS];
	unsigned int introductions;
};

static inline void fake_rings__put(struct fake_rings *f, const struct sonde_record *r,
				   uint64_t time)
{
	unsigned int cpu = r->pid % FAKE_CPUS, ring = cpu * 2 + (r->class == SONDE_CLASS_EVENT);
	uint32_t header[2] = {r->size};
	size_t at;

	buffer__bytes(&f->data[ring], header, sizeof(header));
	at = f->data[ring].size;
	buffer__bytes(&f->data[ring], r, r->size);
	if (!f->data[ring].failed)
		((struct sonde_record *)(f->data[ring].data + at))->time = time;
}

/* Introduces what the record mentions, if that was not done. */
static inline void fake_rings__mention(struct fake_rings *f, const struct synthetic *s,
				       const struct sonde_record *r, bool *seen)
{
	size_t at = 0;

	for (unsigned int i = 0; at < s->intros.size; i++) {
		const struct sonde_record *intro = (const void *)(s->intros.data + at);
		bool mentioned = false;

		at += intro->size;
		if (seen[i])
			continue;
		if (intro->event == SONDE_EVENT_PROCESS) {
			mentioned = intro->key == r->key;
		} else {
			const struct sonde_file *file = (const void *)(intro + 1);
			size_t end = r->body * 8u, fixed = r->body ? 8 : 0;

			/* Ids stand alone in their items: any word that is one will do. */
			for (size_t k = fixed; k + 16 <= end; k += 8) {
				const struct sonde_item *item =
					(const void *)((const char *)(r + 1) + k);

				mentioned |= item->what == SONDE_ITEM_FILE && item->size == 8 &&
					     item->whole == 8 &&
					     !memcmp(item + 1, &file->id, sizeof(file->id));
			}
		}
		if (!mentioned)
			continue;
		seen[i] = true;
		f->introductions++;
		fake_rings__put(f, intro, r->time);
	}
}

static inline int fake_rings__new(struct fake_rings *f, const struct synthetic *s)
{
	bool seen[SYNTHETIC_PROCESSES + SYNTHETIC_FILES] = {};

	for (size_t at = 0; at < s->records.size;) {
		const struct sonde_record *r = (const void *)(s->records.data + at);

		fake_rings__mention(f, s, r, seen);
		fake_rings__put(f, r, r->time);
		at += r->size;
	}
	f->merge.list = f->rings;
	f->merge.heap = f->heap;
	f->merge.count = FAKE_RINGS;
	for (unsigned int i = 0; i < FAKE_RINGS; i++) {
		struct ring *ring = &f->rings[i];

		if (f->data[i].failed)
			return -ENOMEM;
		for (ring->size = 4096; ring->size < f->data[i].size;)
			ring->size *= 2;
		ring->class = i % 2 ? SONDE_CLASS_EVENT : SONDE_CLASS_INTRO;
		ring->data = f->data[i].data;
		ring->consumer = &f->consumers[i];
		ring->producer = &f->producers[i];
		f->producers[i] = f->data[i].size;
	}
	return 0;
}

/* All records again, as those of newly introduced tasks. */
static inline void fake_rings__rewind(struct fake_rings *f)
{
	for (unsigned int i = 0; i < FAKE_RINGS; i++) {
		for (size_t at = 0; at < f->data[i].size;) {
			struct sonde_record *r =
				(void *)(f->data[i].data + at + BPF_RINGBUF_HDR_SZ);

			r->version++;
			at += BPF_RINGBUF_HDR_SZ + r->size;
		}
		f->rings[i].position = f->consumers[i] = 0;
	}
	f->merge.last_time = 0;
}

static inline void fake_rings__release(struct fake_rings *f)
{
	for (unsigned int i = 0; i < FAKE_RINGS; i++)
		buffer__free(&f->data[i]);
}

#endif
