/* SPDX-License-Identifier: Apache-2.0 */
/* A record's time of day. Most records share their second with the one before: only then is it
 * computed anew. */
#ifndef SONDE_CLOCK_H
#define SONDE_CLOCK_H

#include "../base/buffer.h"
#include "../host/host.h"

struct clock {
	bool known;
	uint64_t second; /* of the text, since the epoch */
	char text[8];    /* 13:37:42 */
	char epoch[20];  /* the second as a number */
	uint8_t epoch_size;
};

/*
 * 13:37:42 where the trace was made, and as many digits of the fraction as asked: 0, 3, 6 or 9.
 * Without a host: UTC, and the time since boot for that of day.
 */
void clock__time(struct clock *c, struct buffer *b, const struct host *host, uint64_t boot_ns,
		 unsigned int digits);
/* Makes `text` and `epoch` show the record's second; returns the nanoseconds within it. */
uint32_t clock__show(struct clock *c, const struct host *host, uint64_t boot_ns);

#endif
