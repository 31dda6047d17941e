// SPDX-License-Identifier: Apache-2.0
#include "drawing.h"

#include <stdio.h>
#include <string.h>

#define BAR 40

/* 1024 as 1K, as the kernel's own histograms have it. */
static void short_number(char *to, size_t room, uint64_t n)
{
	static const char units[] = " KMGTPE";
	unsigned int unit = 0;

	while (n >= 1024 && !(n % 1024) && unit < 6) {
		n /= 1024;
		unit++;
	}
	snprintf(to, room, unit ? "%llu%c" : "%llu", (unsigned long long)n, units[unit]);
}

static uint64_t bound(const struct scale *s, unsigned int slot)
{
	if (s->linear)
		return slot * s->step;
	return !slot ? 0 : slot < 64 ? 1ull << slot : ~0ull;
}

/* Where the slot ends in which so many of a hundred lie. */
static uint64_t below(const uint64_t *slots, unsigned int count, const struct scale *scale,
		      uint64_t all, unsigned int percent)
{
	uint64_t seen = 0;

	for (unsigned int i = 0; i < count; i++) {
		seen += slots[i];
		if ((double)seen * 100 >= (double)all * percent)
			return bound(scale, i + 1);
	}
	return bound(scale, count);
}

void drawing__summary(struct buffer *b, const uint64_t *slots, unsigned int count,
		      const struct scale *scale, const char *unit)
{
	static const struct {
		unsigned int percent;
		const char *words;
	} parts[] = {{50, "half"}, {99, "99 %"}, {100, "all"}};
	uint64_t all = 0, limits[ARRAY_SIZE(parts)];
	const char *separator = ":";
	char number[32];

	for (unsigned int i = 0; i < count; i++)
		all += slots[i];
	buffer__printf(b, "  %llu", (unsigned long long)all);
	if (all && *unit)
		buffer__printf(b, " in %s", unit);
	for (unsigned int i = 0; all && i < ARRAY_SIZE(parts); i++)
		limits[i] = below(slots, count, scale, all, parts[i].percent);
	for (unsigned int i = 0; all && i < ARRAY_SIZE(parts); i++) {
		if (i + 1 < ARRAY_SIZE(parts) && limits[i] == limits[i + 1])
			continue;
		short_number(number, sizeof(number), limits[i]);
		buffer__printf(b, "%s %s below %s", separator, parts[i].words, number);
		separator = ",";
	}
	buffer__char(b, '\n');
}

void drawing__histogram(struct buffer *b, const uint64_t *slots, unsigned int count,
			const struct scale *scale)
{
	unsigned int first = 0, last = count;
	uint64_t most = 0;

	while (first < count && !slots[first])
		first++;
	while (last > first && !slots[last - 1])
		last--;
	if (first == last)
		return;
	for (unsigned int i = first; i < last; i++)
		most = max(most, slots[i]);
	for (unsigned int i = first; i < last; i++) {
		unsigned int bar = (unsigned int)((double)slots[i] * BAR / most + 0.5);
		char from[32], to[32], range[80];

		short_number(from, sizeof(from), bound(scale, i));
		short_number(to, sizeof(to), bound(scale, i + 1));
		snprintf(range, sizeof(range), "[%s, %s)", from, to);
		buffer__printf(b, "  %-16s %10llu |%.*s%*s|\n", range, (unsigned long long)slots[i],
			       (int)bar, "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@",
			       (int)(BAR - bar), "");
	}
}

void table_text__cell(struct table_text *t, struct buffer *cell)
{
	char **cells = realloc(t->cells, (t->count + 1) * sizeof(*cells));

	if (cells) {
		t->cells = cells;
		cells[t->count] = strdup(buffer__string(cell));
		t->failed |= !cells[t->count++];
	}
	t->failed |= !cells || cell->failed;
	buffer__reset(cell);
}

/* Also 12.5, and a duration: 4.1 ms. */
static bool is_number(const char *cell)
{
	static const char *const units[] = {"", " s", " ms", " us", " ns"};
	const char *rest = cell + strspn(cell, "-0123456789");

	if (*rest == '.')
		rest += 1 + strspn(rest + 1, "0123456789");
	for (unsigned int i = 0; *cell && rest > cell && i < ARRAY_SIZE(units); i++)
		if (!strcmp(rest, units[i]))
			return true;
	return false;
}

void drawing__table(struct buffer *b, const struct table_text *t)
{
	unsigned int widths[64] = {}, columns = min(t->columns, 64u);

	for (unsigned int i = 0; i < t->count && !t->failed; i++)
		if (i % t->columns < columns)
			widths[i % t->columns] =
				max(widths[i % t->columns], (unsigned int)strlen(t->cells[i]));
	for (unsigned int i = 0; i < t->count && !t->failed; i++) {
		unsigned int column = i % t->columns;
		/* A heading stands as what is below it. */
		const char *like = i < t->columns && i + t->columns < t->count
					   ? t->cells[i + t->columns]
					   : t->cells[i];
		bool last = column + 1 == t->columns;

		if (column >= columns)
			continue;
		buffer__text(b, "  ");
		if (is_number(like))
			buffer__printf(b, "%*s", (int)widths[column], t->cells[i]);
		else
			buffer__printf(b, "%-*s", last ? 0 : (int)widths[column], t->cells[i]);
		if (last)
			buffer__char(b, '\n');
	}
}

void table_text__release(struct table_text *t)
{
	for (unsigned int i = 0; i < t->count; i++)
		free(t->cells[i]);
	free(t->cells);
	*t = (struct table_text){};
}
