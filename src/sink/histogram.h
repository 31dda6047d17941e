/* SPDX-License-Identifier: Apache-2.0 */
/* Durations by the thousand in 4 KB: buckets of a sixteenth of each power of two, so quantiles are
 * within 6 %. */
#ifndef SONDE_HISTOGRAM_H
#define SONDE_HISTOGRAM_H

#include "../base/base.h"

#define HISTOGRAM_BITS    4
#define HISTOGRAM_BUCKETS ((64 - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS)

struct histogram {
	uint64_t count;
	uint32_t buckets[HISTOGRAM_BUCKETS];
};

static inline unsigned int histogram__bucket(uint64_t n)
{
	unsigned int exponent;

	if (n < 1 << HISTOGRAM_BITS)
		return n;
	exponent = 63 - __builtin_clzll(n);
	return ((exponent - HISTOGRAM_BITS + 1) << HISTOGRAM_BITS) +
	       (n >> (exponent - HISTOGRAM_BITS) & ((1 << HISTOGRAM_BITS) - 1));
}

static inline void histogram__add(struct histogram *h, uint64_t n)
{
	h->count++;
	h->buckets[histogram__bucket(n)]++;
}

/* The middle of the bucket in which the quantile lies: permille 500 is the median. */
static inline uint64_t histogram__quantile(const struct histogram *h, unsigned int permille)
{
	uint64_t rank = (h->count * permille + 999) / 1000, seen = 0;

	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++) {
		unsigned int shift = i >> HISTOGRAM_BITS;
		uint64_t low;

		seen += h->buckets[i];
		if (!h->buckets[i] || seen < rank)
			continue;
		if (!shift)
			return i;
		low = (uint64_t)((1 << HISTOGRAM_BITS) + (i & ((1 << HISTOGRAM_BITS) - 1)))
		      << (shift - 1);
		return low + ((1ull << (shift - 1)) >> 1);
	}
	return 0;
}

#endif
