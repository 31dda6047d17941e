// SPDX-License-Identifier: Apache-2.0
#include "lex.h"

#include <ctype.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '.';
}

static bool is_bare(char c)
{
	return !is_blank(c) &&
	       !strchr("()\"',", c); /* NUL ends a filter: strchr's find of it is right */
}

void lex__blank(struct parser *p)
{
	while (p->at < p->size && is_blank(p->text[p->at]))
		p->at++;
}

bool lex__end(struct parser *p)
{
	lex__blank(p);
	return p->at == p->size;
}

char lex__peek(struct parser *p)
{
	return lex__end(p) ? 0 : p->text[p->at];
}

static void take(struct parser *p, uint32_t size)
{
	p->at += size;
	p->last_end = p->at;
}

bool lex__char(struct parser *p, char c)
{
	if (lex__end(p) || p->text[p->at] != c)
		return false;
	take(p, 1);
	return true;
}

static uint32_t name_size(const struct parser *p)
{
	uint32_t n = 0, left = p->size - p->at;
	const char *at = p->text + p->at;

	/* An argument of a hook that a user names may be a member: evt.arg.how->flags. */
	while (n < left && (is_name(at[n]) || (n && left - n > 2 && at[n] == '-' &&
					       at[n + 1] == '>' && is_name(at[n + 2]))))
		n += at[n] == '-' ? 2 : 1;
	return n;
}

bool lex__is_word(struct parser *p, const char *word)
{
	uint32_t n;

	lex__blank(p);
	n = name_size(p);
	return n == strlen(word) && !memcmp(p->text + p->at, word, n);
}

bool lex__word(struct parser *p, const char *word)
{
	if (!lex__is_word(p, word))
		return false;
	take(p, strlen(word));
	return true;
}

struct span lex__here(struct parser *p)
{
	uint32_t n = 0;

	lex__blank(p);
	while (p->at + n < p->size && is_bare(p->text[p->at + n]))
		n++;
	return (struct span){p->at, n ? n : p->at < p->size};
}

struct span lex__field(struct parser *p)
{
	struct span span;
	uint32_t n;

	lex__blank(p);
	n = name_size(p);
	span = (struct span){p->at, 0};
	if (!n || lex__is_word(p, "and") || lex__is_word(p, "or") || lex__is_word(p, "in"))
		return span;
	/* What stands in brackets may hold anything: proc.env[LD-PRELOAD]. */
	if (p->at + n < p->size && p->text[p->at + n] == '[') {
		while (p->at + n < p->size && p->text[p->at + n] != ']' &&
		       !is_blank(p->text[p->at + n]))
			n++;
		if (p->at + n < p->size && p->text[p->at + n] == ']')
			n++;
	}
	span.size = n;
	take(p, n);
	return span;
}

struct span lex__operator(struct parser *p)
{
	static const char *const symbols[] = {"==", "!=", "<=", ">=", "=", "<", ">"};
	struct span span;
	uint32_t n = 0;

	lex__blank(p);
	for (unsigned int i = 0; i < ARRAY_SIZE(symbols) && !n; i++) {
		size_t size = strlen(symbols[i]);

		if (p->size - p->at >= size && !memcmp(p->text + p->at, symbols[i], size))
			n = size;
	}
	/* =~ and !~ are operators elsewhere; =~/x is a value. */
	if (p->size - p->at > 2 && p->text[p->at + 1] == '~' && is_blank(p->text[p->at + 2]))
		n = 2;
	if (!n)
		n = name_size(p);
	if (!n)
		n = lex__here(p).size;
	span = (struct span){p->at, n};
	take(p, n);
	return span;
}

static int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* The byte that an escape stands for, `*n` the characters behind the backslash; -1: none, the
 * backslash is meant. */
static int escape(const char *s, size_t left, uint32_t *n)
{
	static const char letters[] = "abefnrtv\\'\"", bytes[] = "\a\b\x1b\f\n\r\t\v\\'\"";
	const char *found;

	if (!left)
		return -1;
	found = *s ? strchr(letters, *s) : NULL;
	*n = 1;
	if (found)
		return (unsigned char)bytes[found - letters];
	if (*s == 'x' && left > 2 && isxdigit((unsigned char)s[1]) &&
	    isxdigit((unsigned char)s[2])) {
		*n = 3;
		return hex_digit(s[1]) << 4 | hex_digit(s[2]);
	}
	if (*s >= '0' && *s <= '7') {
		int value = 0;

		for (*n = 0; *n < 3 && *n < left && s[*n] >= '0' && s[*n] <= '7'; (*n)++)
			value = value << 3 | (s[*n] - '0');
		return value & 0xff;
	}
	return -1;
}

bool lex__value(struct parser *p, struct constant *c)
{
	struct filter *f = p->filter;
	char *out = f->strings + f->strings_size, quote;
	uint32_t n = 0, from;

	if (lex__end(p)) {
		problems__add(p->problems, (struct span){p->size, 0},
			      "a value is missing at the end");
		return false;
	}
	from = p->at;
	quote = p->text[p->at];
	if (quote == '"' || quote == '\'') {
		uint32_t i = from + 1;

		while (i < p->size && p->text[i] != quote) {
			uint32_t used = 0;
			int byte = p->text[i] == '\\'
					   ? escape(p->text + i + 1, p->size - i - 1, &used)
					   : -1;

			out[n++] = byte >= 0 ? byte : p->text[i];
			i += 1 + (byte >= 0 ? used : 0);
		}
		if (i >= p->size) {
			problems__add(p->problems, (struct span){from, 1},
				      "this %c is never closed", quote);
			p->at = p->size;
			p->gave_up = true;
			return false;
		}
		take(p, i + 1 - from);
	} else {
		while (from + n < p->size && is_bare(p->text[from + n])) {
			out[n] = p->text[from + n];
			n++;
		}
		if (!n) {
			problems__add(p->problems, (struct span){from, 1},
				      "a value is expected here; one with blanks, commas, quotes "
				      "or parentheses stands in "
				      "quotes");
			return false;
		}
		take(p, n);
	}
	out[n] = 0;
	*c = (struct constant){.span = {from, p->at - from}, .text = out, .size = n};
	f->strings_size += n + 1;
	return true;
}

void lex__skip_to_next(struct parser *p)
{
	uint32_t open = 0;

	while (!lex__end(p)) {
		char c = p->text[p->at];

		if (!open && (c == ')' || lex__is_word(p, "and") || lex__is_word(p, "or")))
			return;
		open += c == '(';
		open -= c == ')';
		if (c == '"' || c == '\'') {
			const char *end = memchr(p->text + p->at + 1, c, p->size - p->at - 1);

			p->at = end ? end - p->text + 1 : p->size;
		} else {
			uint32_t n = name_size(p);

			p->at += n ? n : 1;
		}
	}
}
