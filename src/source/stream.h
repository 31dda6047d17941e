/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From records in the order of time to whole events: introductions are learnt, what was read at a
 * call's entry is joined to its exit, and whoever did it is found. Each source feeds one.
 */
#ifndef SONDE_STREAM_H
#define SONDE_STREAM_H

#include "../base/error.h"
#include "../event/event.h"

struct stream;

typedef void (*stream_deliver)(void *context, const struct event *e);

/* `schemas` and `host` stay the caller's and must outlive it. */
int stream__new(const struct schemas *schemas, struct host *host, stream_deliver deliver,
		void *context, struct stream **ret) __must_check;
void stream__free(struct stream *s);

/* One record, valid for the call. Those that contradict themselves are counted and left out. */
void stream__record(struct stream *s, const struct sonde_record *record, bool late);

/*
 * An event for a call that has not returned, made from a task's registers. Valid until the next
 * call of the stream's. NULL when it is in no call that is known.
 */
const struct event *stream__present(struct stream *s, const struct sonde_record *record,
				    const struct schema *call);

/* Records that could not be understood. */
uint64_t stream__damaged(const struct stream *s);
/* Delivered events. */
uint64_t stream__delivered(const struct stream *s);

#endif
