// SPDX-License-Identifier: Apache-2.0
/* Says what is wrong with a filter: all errors in the order of their places, a caret under each. */
#include "node.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define COLUMNS 76 /* of the filter's line that are shown: with the indent they fit in 80 */

void problems__add(struct problems *p, struct span span, const char *fmt, ...)
{
	struct problem *problem;
	va_list args;

	if (p->count++ >= MAX_PROBLEMS)
		return;
	problem = &p->list[p->count - 1];
	problem->span = span;
	va_start(args, fmt);
	vsnprintf(problem->text, sizeof(problem->text), fmt, args);
	va_end(args);
	/* Words of the filter are in it: they may not disturb the terminal either. */
	for (char *c = problem->text; *c; c++)
		*c = (unsigned char)*c < ' ' || *c == 0x7f ? ' ' : *c;
}

static bool is_continuation(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* The line with what would disturb the terminal replaced; bytes of a UTF-8 character count as one
 * column. */
static void put_line(struct buffer *b, const char *line, size_t size)
{
	for (size_t i = 0; i < size; i++)
		buffer__char(b, (unsigned char)line[i] < ' ' || line[i] == 0x7f ? ' ' : line[i]);
}

static size_t columns(const char *text, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < size; i++)
		n += !is_continuation(text[i]);
	return n;
}

static void put_problem(struct buffer *b, const struct problem *problem, const char *text,
			size_t size, bool lines)
{
	size_t at = min((size_t)problem->span.at, size), start = at, end = at, from, to, width,
	       line = 1;

	while (start > 0 && text[start - 1] != '\n')
		start--;
	while (end < size && text[end] != '\n')
		end++;
	for (size_t i = 0; i < start; i++)
		line += text[i] == '\n';
	from = start;
	to = end;
	width = min((size_t)problem->span.size, end - at);
	/* Of a long line, the part around the place. */
	if (end - start > COLUMNS) {
		size_t lead = COLUMNS / 2;

		from = at - start > lead ? at - lead : start;
		to = min(end, from + COLUMNS);
		if (to - from < COLUMNS && to - start > COLUMNS)
			from = to - COLUMNS;
		while (from > start && is_continuation(text[from]))
			from--;
		while (to < end && is_continuation(text[to]))
			to++;
		width = min(width, to - at);
	}
	if (lines)
		buffer__printf(b, "line %zu:\n", line);
	buffer__text(b, "  ");
	put_line(b, text + from, to - from);
	buffer__text(b, "\n  ");
	for (size_t i = columns(text + from, at - from); i > 0; i--)
		buffer__char(b, ' ');
	buffer__char(b, '^');
	for (size_t i = columns(text + at, width); i > 1; i--)
		buffer__char(b, '~');
	buffer__printf(b, "\n  %s\n", problem->text);
}

int problems__report(const struct problems *p, const char *text, size_t size, struct error *err)
{
	unsigned int kept = min(p->count, (unsigned int)MAX_PROBLEMS), told = 0;
	struct problem sorted[MAX_PROBLEMS];
	struct buffer b = {};
	bool lines = memchr(text, '\n', size) != NULL;

	/* Parsing and checking find them in an order of their own. */
	for (unsigned int i = 0; i < kept; i++) {
		unsigned int j = i;

		for (; j > 0 && sorted[j - 1].span.at > p->list[i].span.at; j--)
			sorted[j] = sorted[j - 1];
		sorted[j] = p->list[i];
	}
	buffer__text(&b, p->count == 1 ? "the filter has an error:\n" : "");
	if (p->count > 1)
		buffer__printf(&b, "the filter has %u errors:\n", p->count);
	for (; told < kept; told++) {
		size_t before = b.size;

		put_problem(&b, &sorted[told], text, size, lines);
		if (b.size > sizeof(err->text) - 40) {
			b.size = before;
			break;
		}
	}
	if (told < p->count)
		buffer__printf(&b, "  and %u more", p->count - told);
	else if (b.size)
		b.size--; /* the newline */
	error__set(err, -EINVAL, "%s", buffer__string(&b));
	buffer__free(&b);
	return -EINVAL;
}
