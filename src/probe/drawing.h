/* SPDX-License-Identifier: Apache-2.0 */
/* Histograms and tables in a terminal. */
#ifndef SONDE_PROBE_DRAWING_H
#define SONDE_PROBE_DRAWING_H

#include "../base/buffer.h"

/* Of a histogram: slot i is [2^i, 2^(i+1)), the first one from 0; or, where it is linear,
 * [i * step, (i + 1) * step). */
struct scale {
	bool linear;
	uint64_t step;
};

/* "20 in microseconds: half below 16, 99 % below 128"; `unit`: "" where it is not known. */
void drawing__summary(struct buffer *b, const uint64_t *slots, unsigned int count,
		      const struct scale *scale, const char *unit);
void drawing__histogram(struct buffer *b, const uint64_t *slots, unsigned int count,
			const struct scale *scale);

/* Cells that are put row by row; numbers stand to the right. */
struct table_text {
	char **cells;
	unsigned int count, columns;
	bool failed;
};

/* Takes what is in the buffer, and empties it. */
void table_text__cell(struct table_text *t, struct buffer *cell);
void drawing__table(struct buffer *b, const struct table_text *t);
void table_text__release(struct table_text *t);

#endif
