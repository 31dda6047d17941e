/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several rings as one stream, in the order of time. Knows the layout of BPF ring buffers
 * (linux/bpf.h, kernel/bpf/ringbuf.c), not how they are made: rings.c does.
 */
#ifndef SONDE_MERGE_H
#define SONDE_MERGE_H

#include "../base/base.h"
#include <sonde/record.h>

struct ring {
	int fd;
	unsigned int class;
	uint64_t size; /* bytes of its data; a power of two */
	unsigned long *consumer;
	const unsigned long *producer;
	const char *data;       /* mapped twice, one behind the other: no record is split */
	unsigned long position; /* read so far: ahead of *consumer while we deliver */
	unsigned long end;      /* of what this drain looks at */
	const struct sonde_record *head; /* the record at position, or NULL */
	unsigned long next;              /* position behind head */
	bool busy; /* the record at position is reserved and not committed: its time is unknown */
};

struct merge {
	struct ring *list;
	unsigned int count;
	struct ring **heap; /* room for `count`: those with a head, the oldest first */
	unsigned int heap_count;
	unsigned int busy;  /* rings that are */
	uint64_t last_time; /* of the youngest that was delivered */
	uint64_t damaged;   /* entries of a ring that were no records of ours */
};

typedef void (*merge_deliver)(void *context, const struct sonde_record *record, bool late);

/*
 * Delivers what is older than `watermark` (boot-time ns), oldest first; of one time introductions
 * come first. A ring whose next record is reserved and not committed holds back all of them, since
 * that record may be older. ~0: delivers all that can be read, nothing is waited for. What is
 * written meanwhile is left to the next time: else an event could be seen without the introduction
 * that was written just before it. A record is valid during its delivery. Returns how many were
 * delivered.
 */
unsigned long merge__drain(struct merge *m, uint64_t watermark, merge_deliver deliver,
			   void *context);

/* Whether there is something that was not delivered. */
bool merge__pending(const struct merge *m);

#endif
