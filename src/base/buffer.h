/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bytes that grow: what every formatter appends to. An allocation that fails sets `failed` and
 * drops what is appended, so that a formatter need not check each step; whoever writes the buffer
 * out checks once.
 */
#ifndef SONDE_BUFFER_H
#define SONDE_BUFFER_H

#include "base.h"

#include <string.h>

struct buffer {
	char *data;
	size_t size;     /* bytes used */
	size_t capacity; /* bytes allocated */
	bool failed;
};

void buffer__free(struct buffer *b);
bool buffer__grow(struct buffer *b, size_t more); /* slow path of buffer__reserve */

/* Makes room for `more` bytes: afterwards b->data + b->size may be written directly. */
static inline bool buffer__reserve(struct buffer *b, size_t more)
{
	return likely(b->capacity - b->size >= more) || buffer__grow(b, more);
}

/* Empties it, for a new start: also after a failure. */
static inline void buffer__reset(struct buffer *b)
{
	b->size = 0;
	b->failed = false;
}

static inline void buffer__bytes(struct buffer *b, const void *data, size_t size)
{
	if (!size || !buffer__reserve(b, size)) /* memcpy() takes no NULL, not even for nothing */
		return;
	memcpy(b->data + b->size, data, size);
	b->size += size;
}

static inline void buffer__char(struct buffer *b, char c)
{
	if (buffer__reserve(b, 1))
		b->data[b->size++] = c;
}

static inline void buffer__text(struct buffer *b, const char *text)
{
	buffer__bytes(b, text, strlen(text));
}

#define UNSIGNED_DIGITS 20
/* Writes up to UNSIGNED_DIGITS bytes, returns how many. */
size_t unsigned_digits(char *to, uint64_t value);
void buffer__unsigned(struct buffer *b, uint64_t value);
void buffer__signed(struct buffer *b, int64_t value);
void buffer__hex(struct buffer *b, uint64_t value);   /* 0x..., no leading zeros; 0x0 for 0 */
void buffer__octal(struct buffer *b, uint64_t value); /* with one leading 0 */
void buffer__digits(struct buffer *b, uint64_t value, unsigned int width); /* zero-padded */
void buffer__printf(struct buffer *b, const char *fmt, ...)
	__printf_like(2, 3); /* slow paths only */
/* The buffer as a C string, which stays the buffer's; "" when nothing could be allocated. */
const char *buffer__string(struct buffer *b);

/* Names in files may be whatever their maker pleased: makes of what a terminal would obey question
 * marks, but for newlines and tabs. */
void text__tame(char *text);

#endif
