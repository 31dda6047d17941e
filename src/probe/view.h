/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How does a map or variable look: as a number, a table, histograms? Its type and its tags decide,
 * and what it is called: an array whose name ends with `_hist` is drawn, in the unit that stands
 * before that (wait_us_hist).
 */
#ifndef SONDE_PROBE_VIEW_H
#define SONDE_PROBE_VIEW_H

#include "typed.h"

struct entry {
	void *key, *value;
	uint64_t weight; /* what it is sorted by: its number, or the first one of its members */
};

/* A variable is a map with one entry, and without a key. */
struct view {
	struct buffer *b;
	bool json;
	const struct typed *types;
	const char *name;
	uint32_t key_type, value_type; /* 0: unknown */
	size_t key_size, value_size;
	const char *scale; /* what HISTOGRAM() says of it; NULL: nothing */
	struct entry *entries;
	unsigned int count;
	bool indexed; /* the key is an array's index */
	bool total;   /* TOTAL: a last row has the sums */
	bool quiet;   /* QUIET: left out of text where there is nothing */
};

uint64_t view__weight(const struct view *v, const void *value);
void view__put(struct view *v);

#endif
