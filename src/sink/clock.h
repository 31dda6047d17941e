/* SPDX-License-Identifier: Apache-2.0 */
/* A record's time as text. Most records share their second with the one before: only then is it computed anew. */
#ifndef SONDE_CLOCK_H
#define SONDE_CLOCK_H

#include "../base/buffer.h"

struct clock {
	int32_t utc_offset; /* seconds east of Greenwich, on the traced machine */
	uint64_t second;    /* of the text; ~0: none yet */
	char text[8];	    /* 13:37:42 */
};

static inline struct clock clock__at(int32_t utc_offset)
{
	return (struct clock){.utc_offset = utc_offset, .second = ~0ull};
}

/* 13:37:42, and as many digits of its fraction as asked: 0, 3, 6 or 9. */
void clock__time(struct clock *c, struct buffer *b, uint64_t epoch_ns, unsigned int digits);
/* 2026-11-20T13:37:42.123456789+01:00 */
void clock__iso(struct clock *c, struct buffer *b, uint64_t epoch_ns);

#endif
