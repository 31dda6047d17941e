/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a trace ends: text, JSON, a template's lines, a table. A sink appends to a buffer, which
 * goes out by write(2) when it is full or the caller has no more to deliver just now.
 */
#ifndef SONDE_SINK_H
#define SONDE_SINK_H

#include "../base/error.h"
#include "../event/render.h"

struct sink;

/* A call that has not returned. `event` is made from its registers: no result, nothing that the
 * kernel filled. */
enum waiting_state {
	WAITING_PRESENT,    /* the trace begins, and this call is going on */
	WAITING_STILL,      /* asleep in it for `duration` */
	WAITING_UNFINISHED, /* the trace ends, and it has not returned */
};

struct waiting {
	const struct event *event;
	uint64_t duration; /* ns; 0: unknown */
	uint8_t state;     /* enum waiting_state */
};

/* How a trace ended. */
struct sink_end {
	const char *command; /* the name of CMD, or NULL: there was none */
	int status;          /* of CMD, as wait(2) returns it */
	uint64_t duration;   /* ns */
	uint64_t lost;       /* records */
};

struct sink_ops {
	void (*event)(struct sink *sink, const struct event *e);
	/* An event that nobody selected, but that explains others: who sent the signal that ended a
	 * process. */
	void (*hint)(struct sink *sink, const struct event *e);
	void (*waiting)(struct sink *sink, const struct waiting *w);
	void (*lost)(struct sink *sink, const struct host *host, const struct sonde_lost *lost);
	void (*tick)(struct sink *sink,
		     uint64_t now); /* boot-time ns: what was held back for a while may go out */
	void (*finish)(struct sink *sink, const struct sink_end *end);
	void (*free)(struct sink *sink);
};

/* Each kind of sink begins with it. All operations but event and free may be NULL. */
struct sink {
	const struct sink_ops *ops;
	struct buffer out;
	int fd;    /* stays the caller's */
	int error; /* of the first write that failed, negative; -EPIPE: nobody reads any more */
};

#define SINK_FULL (1 << 16)

/* Writes what is in the buffer. Returns the sink's error, 0 when there is none. */
int sink__flush(struct sink *sink);

static inline void sink__event(struct sink *sink, const struct event *e)
{
	sink->ops->event(sink, e);
	if (unlikely(sink->out.size >= SINK_FULL))
		(void)sink__flush(sink);
}

void sink__hint(struct sink *sink, const struct event *e);
void sink__waiting(struct sink *sink, const struct waiting *w);
void sink__lost(struct sink *sink, const struct host *host, const struct sonde_lost *lost);
void sink__tick(struct sink *sink, uint64_t now);
/* The last words, then a flush. */
int sink__finish(struct sink *sink, const struct sink_end *end);
void sink__free(struct sink *sink);

DEFINE_CLEANUP(struct sink *, sink, sink__free)

/* enum sonde_outcome of what was lost: "ring full". */
const char *sink__lost_reason(uint32_t reason);
/* What was lost in all, by reason (SONDE_OUTCOMES + 1 of them), and what helps: "3 records were
 * lost (2 ring full, 1 nested): raise --buffer, or trace less". */
void sink__losses(struct buffer *b, const uint64_t *by_reason);

#endif
