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

/* Columns that text takes on a terminal: one for each sequence of UTF-8, none for what colours it.
 */
size_t escape__columns(const char *data, size_t size, bool coloured);

#endif
