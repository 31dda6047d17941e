// SPDX-License-Identifier: Apache-2.0
#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>

void buffer__free(struct buffer *b)
{
	free(b->data);
	*b = (struct buffer){};
}

bool buffer__grow(struct buffer *b, size_t more)
{
	size_t capacity = max(b->capacity, (size_t)128);
	char *data;

	if (b->failed)
		return false;
	do {
		if (capacity > SIZE_MAX / 4) { /* no such sum can be right */
			b->failed = true;
			return false;
		}
		capacity *= 2;
	} while (capacity - b->size < more);
	data = realloc(b->data, capacity);
	if (!data) {
		b->failed = true;
		return false;
	}
	b->data = data;
	b->capacity = capacity;
	return true;
}

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324"
				  "25262728293031323334353637383940414243444546474849"
				  "50515253545556575859606162636465666768697071727374"
				  "75767778798081828384858687888990919293949596979899";

static unsigned int count_digits(uint64_t value)
{
	unsigned int count = 1;

	for (; value >= 10000; value /= 10000)
		count += 4;
	return count + (value >= 10) + (value >= 100) + (value >= 1000);
}

size_t unsigned_digits(char *to, uint64_t value)
{
	size_t size = count_digits(value);
	char *p = to + size;
	uint32_t low;

	/* Divisions of 64 bits are slow: one for eight digits. */
	while (value >= 100000000) {
		low = value % 100000000;
		value /= 100000000;
		for (unsigned int i = 0; i < 4; i++, low /= 100) {
			p -= 2;
			memcpy(p, &digit_pairs[low % 100 * 2], 2);
		}
	}
	low = value;
	while (low >= 100) {
		p -= 2;
		memcpy(p, &digit_pairs[low % 100 * 2], 2);
		low /= 100;
	}
	if (low >= 10)
		memcpy(p - 2, &digit_pairs[low * 2], 2);
	else
		p[-1] = '0' + low;
	return size;
}

void buffer__unsigned(struct buffer *b, uint64_t value)
{
	if (buffer__reserve(b, UNSIGNED_DIGITS))
		b->size += unsigned_digits(b->data + b->size, value);
}

void buffer__signed(struct buffer *b, int64_t value)
{
	if (value < 0)
		buffer__char(b, '-');
	buffer__unsigned(b, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

void buffer__hex(struct buffer *b, uint64_t value)
{
	char text[18], *p = text + sizeof(text);

	do {
		*--p = "0123456789abcdef"[value & 15];
		value >>= 4;
	} while (value);
	*--p = 'x';
	*--p = '0';
	buffer__bytes(b, p, text + sizeof(text) - p);
}

void buffer__octal(struct buffer *b, uint64_t value)
{
	char text[24], *p = text + sizeof(text);

	for (; value; value >>= 3)
		*--p = '0' + (value & 7);
	*--p = '0';
	buffer__bytes(b, p, text + sizeof(text) - p);
}

void buffer__digits(struct buffer *b, uint64_t value, unsigned int width)
{
	uint32_t small;
	char *p;

	if (!buffer__reserve(b, width))
		return;
	p = b->data + b->size + width;
	b->size += width;
	for (; value > UINT32_MAX && width; width--, value /= 10)
		*--p = '0' + value % 10;
	small = value;
	for (; width >= 2; width -= 2, small /= 100) {
		p -= 2;
		memcpy(p, &digit_pairs[small % 100 * 2], 2);
	}
	if (width)
		*--p = '0' + small % 10;
}

void buffer__printf(struct buffer *b, const char *fmt, ...)
{
	va_list args, again;
	int size;

	va_start(args, fmt);
	va_copy(again, args);
	size = vsnprintf(NULL, 0, fmt, args);
	if (size >= 0 && buffer__reserve(b, size + 1)) {
		vsnprintf(b->data + b->size, size + 1, fmt, again);
		b->size += size;
	}
	va_end(again);
	va_end(args);
}

const char *buffer__string(struct buffer *b)
{
	if (!buffer__reserve(b, 1))
		return "";
	b->data[b->size] = 0;
	return b->data;
}

void text__tame(char *text)
{
	for (unsigned char *c = (unsigned char *)text; *c; c++)
		if ((*c < ' ' && *c != '\n' && *c != '\t') || *c == 0x7f ||
		    (*c == 0xc2 && c[1] < 0xa0))
			*c = '?';
}
