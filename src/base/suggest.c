// SPDX-License-Identifier: Apache-2.0
#include "suggest.h"

#include <ctype.h>
#include <string.h>

#define LONGEST 63

unsigned int suggest__distance(const char *a, size_t a_size, const char *b, size_t b_size,
			       unsigned int limit)
{
	/* Three rows of the table suffice, since an exchange looks back two. */
	uint8_t rows[3][LONGEST + 1], *before = rows[0], *last = rows[1], *row = rows[2], *spare;

	if (a_size > LONGEST || b_size > LONGEST || a_size > b_size + limit ||
	    b_size > a_size + limit)
		return limit + 1;
	memset(rows, 0, sizeof(rows));
	for (size_t j = 0; j <= b_size; j++)
		last[j] = j;
	for (size_t i = 1; i <= a_size; i++) {
		unsigned int least = row[0] = i;

		for (size_t j = 1; j <= b_size; j++) {
			int x = tolower((unsigned char)a[i - 1]),
			    y = tolower((unsigned char)b[j - 1]);
			unsigned int d = last[j - 1] + (x != y);

			d = min(d, last[j] + 1u);
			d = min(d, row[j - 1] + 1u);
			if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
			    y == tolower((unsigned char)a[i - 2]))
				d = min(d, before[j - 2] + 1u);
			row[j] = d;
			least = min(least, d);
		}
		if (least > limit + 1)
			return limit + 1;
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[b_size];
}

void suggest__start(struct suggest *s, const char *word, size_t size)
{
	/* One slip in a short word, up to three in a long one; more is another word. */
	*s = (struct suggest){.word = word, .size = size};
	s->distance = 1 + (size > 1) + (size > 4) + (size > 8);
}

void suggest__offer_bytes(struct suggest *s, const char *candidate, size_t size)
{
	unsigned int d = suggest__distance(s->word, s->size, candidate, size, s->distance - 1);

	if (d < s->distance) {
		s->distance = d;
		s->best = candidate;
		s->best_size = size;
	}
}

void suggest__offer(struct suggest *s, const char *candidate)
{
	suggest__offer_bytes(s, candidate, strlen(candidate));
}
