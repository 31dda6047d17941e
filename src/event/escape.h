/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes that a stranger chose, as text that is safe on a terminal or in JSON: what render.h has,
 * and its pieces. */
#ifndef SONDE_ESCAPE_H
#define SONDE_ESCAPE_H

#include "render.h"

/* "text", with quotes, backslashes and what is not printable escaped as strace does. */
void escape__quoted(struct buffer *b, const void *data, size_t size);
/* The inside of a JSON string. */
void escape__json(struct buffer *b, const char *data, size_t size);

/* Columns that text takes: escape sequences take none, UTF-8 sequences one. */
static inline size_t escape__columns(const char *p, size_t size, bool coloured)
{
	size_t count = 0;

	for (size_t i = 0; !coloured && i < size; i++)
		count += (p[i] & 0xc0) != 0x80;
	for (size_t i = 0; coloured && i < size; i++) {
		if (p[i] == '\033') {
			while (i < size && p[i] != 'm')
				i++;
		} else {
			count += (p[i] & 0xc0) != 0x80;
		}
	}
	return count;
}

#endif
