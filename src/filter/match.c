// SPDX-License-Identifier: Apache-2.0
/* Does a text hold, begin with, end with or resemble another? Texts are bytes with a size: they may
 * hold NUL. */
#include "node.h"

#include <ctype.h>

static int lower(char c)
{
	return tolower((unsigned char)c);
}

static bool equal_nocase(const char *a, const char *b, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (lower(a[i]) != lower(b[i]))
			return false;
	}
	return true;
}

bool text__contains(const char *text, size_t size, const char *part, size_t part_size)
{
	return memmem(text, size, part, part_size) != NULL;
}

bool text__contains_nocase(const char *text, size_t size, const char *part, size_t part_size)
{
	for (size_t i = 0; i + part_size <= size; i++) {
		if (equal_nocase(text + i, part, part_size))
			return true;
	}
	return false;
}

/* Does `c` belong to the set that begins behind '['? `*end` becomes the place behind its ']', or
 * NULL if it has none. */
static bool in_set(const char *set, const char *limit, char c, bool nocase, const char **end)
{
	bool negated = false, found = false;
	const char *p = set;

	if (p < limit && (*p == '!' || *p == '^')) {
		negated = true;
		p++;
	}
	for (const char *start = p; p < limit; p++) {
		unsigned char from, to;

		if (*p == ']' && p > start) {
			*end = p + 1;
			return found != negated;
		}
		if (*p == '\\' && p + 1 < limit)
			p++;
		from = to = *p;
		if (limit - p > 2 && p[1] == '-' && p[2] != ']') {
			p += 2;
			if (*p == '\\' && p + 1 < limit)
				p++;
			to = *p;
		}
		if ((from <= (unsigned char)c && (unsigned char)c <= to) ||
		    (nocase &&
		     ((from <= lower(c) && lower(c) <= to) ||
		      (from <= toupper((unsigned char)c) && toupper((unsigned char)c) <= to))))
			found = true;
	}
	*end = NULL;
	return false;
}

bool text__glob(const char *text, size_t size, const char *glob, size_t glob_size, bool nocase)
{
	const char *t = text, *text_end = text + size, *g = glob, *glob_end = glob + glob_size;
	const char *star = NULL, *star_text = NULL;

	/* After a mismatch only the last star need take one more byte: what an earlier one could
	 * take, it can too. */
	while (t < text_end || g < glob_end) {
		const char *next = g + 1;
		bool same = false;

		if (g < glob_end && *g == '*') {
			star = g++;
			star_text = t;
			continue;
		}
		if (g < glob_end && t < text_end) {
			if (*g == '?') {
				same = true;
			} else if (*g == '[') {
				const char *end;

				same = in_set(g + 1, glob_end, *t, nocase, &end);
				if (end)
					next = end;
				else
					same = *t == '['; /* no set without its ']' */
			} else {
				if (*g == '\\' && next < glob_end)
					g = next++;
				same = *g == *t || (nocase && lower(*g) == lower(*t));
			}
		}
		if (same) {
			g = next;
			t++;
		} else if (star && star_text < text_end) {
			g = star + 1;
			t = ++star_text;
		} else {
			return false;
		}
	}
	return true;
}

/* Is it the path, or below it? "/etc" has "/etc/passwd" under it, but not "/etcetera". */
bool text__path_under(const char *text, size_t size, const char *prefix, size_t prefix_size)
{
	while (prefix_size > 1 && prefix[prefix_size - 1] == '/')
		prefix_size--;
	if (size < prefix_size || memcmp(text, prefix, prefix_size))
		return false;
	return size == prefix_size || text[prefix_size] == '/' ||
	       (prefix_size && prefix[prefix_size - 1] == '/');
}

bool text__matches(enum op op, const char *text, size_t size, const struct pattern *p)
{
	switch (op) {
	case OP_CONTAINS:
	case OP_BCONTAINS:
		return text__contains(text, size, p->text, p->size);
	case OP_ICONTAINS:
		return text__contains_nocase(text, size, p->text, p->size);
	case OP_STARTSWITH:
	case OP_BSTARTSWITH:
		return size >= p->size && !memcmp(text, p->text, p->size);
	case OP_ENDSWITH:
		return size >= p->size && !memcmp(text + size - p->size, p->text, p->size);
	case OP_GLOB:
		return text__glob(text, size, p->text, p->size, false);
	case OP_IGLOB:
		return text__glob(text, size, p->text, p->size, true);
	case OP_PMATCH:
		return text__path_under(text, size, p->text, p->size);
	default:
		return size == p->size && !memcmp(text, p->text, size);
	}
}
