// SPDX-License-Identifier: Apache-2.0
/*
 * How do bytes that a stranger chose become text that is safe on a terminal, and JSON that loses
 * none of them? The scan takes eight bytes at a time: nearly all text is plain.
 */
#include "escape.h"

#define ONES 0x0101010101010101ull
#define HIGH 0x8080808080808080ull

static inline uint64_t zero_bytes(uint64_t w)
{
	return (w - ONES) & ~w & HIGH;
}

/* The high bit of each byte that is not plain. Bits above the first set one may be wrong: only that
 * one counts. */
static inline uint64_t special_bytes(uint64_t w, bool quote)
{
	uint64_t special = (w & HIGH) | ((w - ONES * 0x20) & ~w & HIGH) |
			   zero_bytes(w ^ ONES * 0x7f) | zero_bytes(w ^ ONES * '\\');

	return quote ? special | zero_bytes(w ^ ONES * '"') : special;
}

/* Copies what is plain at the front of `data` and returns how much that was. Little-endian, as all
 * our targets. */
static inline size_t copy_plain(struct buffer *b, const char *data, size_t size, bool quote)
{
	size_t done = 0;
	uint64_t w, special;
	char *to;

	/* Whole words are written, the last one beyond what counts. */
	if (!buffer__reserve(b, size + 8))
		return size;
	to = b->data + b->size;
	for (; size - done >= 8; done += 8) {
		memcpy(&w, data + done, 8);
		special = special_bytes(w, quote);
		memcpy(to + done, &w, 8);
		if (special) {
			done += __builtin_ctzll(special) / 8;
			b->size += done;
			return done;
		}
	}
	if (done < size) {
		w = ONES * 'a';
		memcpy(&w, data + done, size - done);
		special = special_bytes(w, quote);
		memcpy(to + done, &w, 8);
		done = special ? done + __builtin_ctzll(special) / 8 : size;
	}
	b->size += done;
	return done;
}

static unsigned int continuing(uint64_t w)
{
	return ((w & ~(w << 1) & HIGH) >> 7) * ONES >> 56;
}

size_t escape__columns(const char *data, size_t size, bool coloured)
{
	size_t at = 0, hidden = 0;
	uint64_t w, escapes;

	while (at < size) {
		unsigned int step = min(size - at, sizeof(w));

		w = 0;
		if (likely(step == sizeof(w)))
			memcpy(&w, data + at, sizeof(w));
		else
			memcpy(&w, data + at, step);
		escapes = coloured ? zero_bytes(w ^ ONES * '\033') : 0;
		if (!escapes) {
			hidden += continuing(w);
			at += step;
			continue;
		}
		step = __builtin_ctzll(escapes) / 8;
		hidden += continuing(w & ((1ull << step * 8) - 1));
		for (at += step; at < size && data[at] != 'm'; at++)
			hidden++;
		hidden += at < size;
		at++;
	}
	return size - hidden;
}

/* The length of the UTF-8 sequence at `p` and its code point; 0 when it is none. */
static size_t utf8_sequence(const uint8_t *p, size_t size, uint32_t *ret)
{
	uint32_t c = p[0], least;
	size_t length;

	if (c >= 0xc2 && c <= 0xdf) {
		length = 2;
		c &= 0x1f;
		least = 0x80;
	} else if ((c & 0xf0) == 0xe0) {
		length = 3;
		c &= 0x0f;
		least = 0x800;
	} else if (c >= 0xf0 && c <= 0xf4) {
		length = 4;
		c &= 0x07;
		least = 0x10000;
	} else {
		return 0;
	}
	if (length > size)
		return 0;
	for (size_t i = 1; i < length; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*ret = c;
	return length;
}

/* Code points that a terminal would not show as themselves: controls, what turns or hides text,
 * noncharacters. */
static bool deceptive(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x80, 0x9f},     {0xad, 0xad},       {0x34f, 0x34f},      {0x61c, 0x61c},
		{0x115f, 0x1160}, {0x17b4, 0x17b5},   {0x180b, 0x180f},    {0x200b, 0x200f},
		{0x2028, 0x202e}, {0x2060, 0x206f},   {0x3164, 0x3164},    {0xe000, 0xf8ff},
		{0xfdd0, 0xfdef}, {0xfeff, 0xfeff},   {0xffa0, 0xffa0},    {0xfff0, 0xfffb},
		{0xfffe, 0xffff}, {0xe0000, 0xe0fff}, {0xf0000, 0x10ffff},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(ranges) && c >= ranges[i].first; i++) {
		if (c <= ranges[i].last)
			return true;
	}
	return (c & 0xfffe) == 0xfffe;
}

/* One byte as C writes it: octal with as few digits as the next character allows. */
static void escape_byte(struct buffer *b, uint8_t c, bool digit_follows)
{
	static const char letters[] = "\tt\nn\vv\ff\rr\"\"\\\\";

	buffer__char(b, '\\');
	for (unsigned int i = 0; i + 1 < sizeof(letters); i += 2) {
		if (c == (uint8_t)letters[i]) {
			buffer__char(b, letters[i + 1]);
			return;
		}
	}
	if (digit_follows || c >= 0100)
		buffer__char(b, '0' + (c >> 6));
	if (digit_follows || c >= 010)
		buffer__char(b, '0' + (c >> 3 & 7));
	buffer__char(b, '0' + (c & 7));
}

/* Whether the bytes are UTF-8 throughout, but for a last character that may be cut. */
static bool is_text(const uint8_t *p, size_t size)
{
	uint32_t c;

	while (size) {
		size_t length = *p < 0x80 ? 1 : utf8_sequence(p, size, &c);

		if (!length)
			return size < 4 && *p >= 0xc2 && *p <= 0xf4;
		p += length;
		size -= length;
	}
	return true;
}

/* Letters of other scripts pass in text; in binary data they are an accident. */
static void escape_text(struct buffer *b, const char *data, size_t size, bool quote)
{
	bool asked = false, text = false;

	for (;;) {
		size_t plain = copy_plain(b, data, size, quote), length = 0;
		const uint8_t *p;
		uint32_t c;

		data += plain;
		size -= plain;
		if (!size)
			return;
		p = (const uint8_t *)data;
		if (*p >= 0x80 && !asked) {
			asked = true;
			text = is_text(p, size);
		}
		if (*p >= 0x80 && text)
			length = utf8_sequence(p, size, &c);
		if (length && !deceptive(c)) {
			buffer__bytes(b, data, length);
		} else {
			length = length ? length : 1;
			for (size_t i = 0; i < length; i++)
				escape_byte(b, p[i],
					    i + 1 < size && p[i + 1] >= '0' && p[i + 1] <= '9');
		}
		data += length;
		size -= length;
	}
}

void render__escaped(struct buffer *b, const char *data, size_t size)
{
	escape_text(b, data, size, false);
}

void escape__quoted(struct buffer *b, const void *data, size_t size)
{
	buffer__char(b, '"');
	escape_text(b, data, size, true);
	buffer__char(b, '"');
}

static void json_unit(struct buffer *b, uint32_t unit)
{
	static const char digits[] = "0123456789abcdef";
	char *p;

	if (!buffer__reserve(b, 6))
		return;
	p = b->data + b->size;
	p[0] = '\\';
	p[1] = 'u';
	p[2] = digits[unit >> 12 & 15];
	p[3] = digits[unit >> 8 & 15];
	p[4] = digits[unit >> 4 & 15];
	p[5] = digits[unit & 15];
	b->size += 6;
}

/* Bytes that are not UTF-8 become U+F780 to U+F7FF; what is one of these already is taken as bytes,
 * so that the way back is clear: each U+F7xx is the byte 0xxx. */
static size_t json_special(struct buffer *b, const uint8_t *p, size_t size)
{
	static const char letters[0x80] = {['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f',
					   ['\r'] = 'r', ['"'] = '"',  ['\\'] = '\\'};
	uint32_t c = *p;
	size_t length;

	if (c < 0x80) {
		if (letters[c])
			buffer__bytes(b, (char[]){'\\', letters[c]}, 2);
		else
			json_unit(b, c);
		return 1;
	}
	length = utf8_sequence(p, size, &c);
	if (!length || (c >= 0xf780 && c <= 0xf7ff)) {
		length = length ? length : 1;
		for (size_t i = 0; i < length; i++)
			json_unit(b, 0xf700 | p[i]);
	} else if (!deceptive(c)) {
		buffer__bytes(b, p, length);
	} else if (c < 0x10000) {
		json_unit(b, c);
	} else {
		json_unit(b, 0xd800 + ((c - 0x10000) >> 10));
		json_unit(b, 0xdc00 + ((c - 0x10000) & 0x3ff));
	}
	return length;
}

void escape__json(struct buffer *b, const char *data, size_t size)
{
	for (;;) {
		size_t done = copy_plain(b, data, size, true);

		data += done;
		size -= done;
		if (!size)
			return;
		done = json_special(b, (const uint8_t *)data, size);
		data += done;
		size -= done;
	}
}

void render__json_string(struct buffer *b, const char *data, size_t size)
{
	buffer__char(b, '"');
	escape__json(b, data, size);
	buffer__char(b, '"');
}

void render__json_member(struct buffer *b, const char *before, const char *name, const char *text)
{
	buffer__printf(b, "%s\"%s\":", before, name);
	if (text)
		render__json_string(b, text, strlen(text));
	else
		buffer__text(b, "null");
}
