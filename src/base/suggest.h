/* SPDX-License-Identifier: Apache-2.0 */
/* Which known name did a person mean who typed one that does not exist? The nearest by edit
 * distance. */
#ifndef SONDE_SUGGEST_H
#define SONDE_SUGGEST_H

#include "base.h"

struct suggest {
	const char *word;
	size_t size;
	const char *best; /* nearest so far, or NULL while nothing was near enough */
	size_t best_size;
	unsigned int distance; /* its distance; before: one more than is near enough */
};

/* Starts a search for what resembles `word`, `size` bytes that need no NUL and must outlive the
 * search. */
void suggest__start(struct suggest *s, const char *word, size_t size);
/* Offers a candidate; it is kept in `best`, not copied, if it is nearer than those before. */
void suggest__offer(struct suggest *s, const char *candidate);
void suggest__offer_bytes(struct suggest *s, const char *candidate, size_t size); /* needs no NUL */
/*
 * Insertions, deletions, replacements and exchanges of neighbours that turn one word into the
 * other, letters' case aside; a number above `limit` stands for all distances beyond it.
 */
unsigned int suggest__distance(const char *a, size_t a_size, const char *b, size_t b_size,
			       unsigned int limit);

#endif
