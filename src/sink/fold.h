/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Repeats within a second become one line with ×N. The first of them is shown at once, so that
 * nothing is late; what repeats it is counted, and shown as one line when the second is over.
 */
#ifndef SONDE_FOLD_H
#define SONDE_FOLD_H

#include "../base/buffer.h"

#define FOLD_ENTRIES   256
#define FOLD_WINDOW_NS 1000000000ull

struct fold_entry {
	uint64_t hash, first, last; /* boot-time ns */
	uint32_t count;             /* repeats that were held back */
	bool used;
	struct buffer line; /* what was shown, without its time */
};

struct fold {
	struct fold_entry *entries;
	unsigned int used;
	uint64_t due; /* when the oldest entry's second is over, or before */
	/* Shows a line that was held back `count` times, the last time at `last`. */
	void (*show)(void *context, const struct fold_entry *entry);
	void *context;
};

int fold__init(struct fold *f, void (*show)(void *context, const struct fold_entry *entry),
	       void *context) __must_check;
void fold__release(struct fold *f);
/* Whether the line repeats one of the last second: then it is not to be shown now. `hash` tells
 * who. */
bool fold__repeats(struct fold *f, uint64_t now, uint64_t hash, const char *line, size_t size,
		   size_t compared);
/* Shows what is due. */
void fold__tick(struct fold *f, uint64_t now);

#endif
