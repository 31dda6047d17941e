// SPDX-License-Identifier: Apache-2.0
/* Who decides what, in words: events, then for those that fare alike what the kernel asks and what
 * is left. */
#include "kernel.h"

#define MAX_GROUPS      32
#define MAX_EVENTS_TOLD 12

struct group {
	struct filter_terms terms;
	struct split split;
	unsigned int first, count;
	uint64_t *events;
};

static bool same_parts(const struct part *a, unsigned int a_count, const struct part *b,
		       unsigned int b_count)
{
	if (a_count != b_count)
		return false;
	for (unsigned int i = 0; i < a_count; i++) {
		if (a[i].node != b[i].node || a[i].negated != b[i].negated)
			return false;
	}
	return true;
}

static bool same_split(const struct split *a, const struct split *b)
{
	return same_parts(a->kernel, a->kernel_count, b->kernel, b->kernel_count) &&
	       same_parts(a->user, a->user_count, b->user, b->user_count) &&
	       same_parts(a->weak, a->weak_count, b->weak, b->weak_count);
}

/* Parentheses around all of it say nothing where it stands alone. */
static struct span without_parentheses(const struct filter *f, struct span span)
{
	while (span.size > 2 && f->text[span.at] == '(' &&
	       f->text[span.at + span.size - 1] == ')') {
		uint32_t open = 0;
		char quote = 0;

		for (uint32_t i = 0; i < span.size; i++) {
			char c = f->text[span.at + i];

			if (quote) {
				i += c == '\\';
				quote = c == quote ? 0 : quote;
				continue;
			}
			quote = c == '"' || c == '\'' ? c : 0;
			open += c == '(';
			open -= c == ')';
			if (!open && i + 1 < span.size)
				return span;
		}
		span.at++;
		span.size -= 2;
	}
	return span;
}

static void put_parts(const struct filter *f, struct buffer *out, const char *head,
		      const struct part *parts, unsigned int count)
{
	if (!count)
		return;
	buffer__printf(out, "    %-18s", head);
	for (unsigned int i = 0; i < count; i++) {
		struct span span = f->nodes[parts[i].node].span;

		buffer__text(out, i ? " and " : "");
		buffer__text(out, parts[i].negated ? "not " : "");
		if (!parts[i].negated && (count == 1 || f->nodes[parts[i].node].type != NODE_OR))
			span = without_parentheses(f, span);
		for (uint32_t j = 0; j < span.size; j++) {
			char c = f->text[span.at + j];

			buffer__char(out, (unsigned char)c < ' ' || c == 0x7f ? ' ' : c);
		}
	}
	buffer__char(out, '\n');
}

static void put_group(const struct filter *f, const struct group *g, struct buffer *out)
{
	unsigned int told = 0;

	buffer__text(out, "  ");
	for (unsigned int i = 0; i < f->schemas->count && told < MAX_EVENTS_TOLD; i++) {
		if (!(g->events[i / 64] >> (i % 64) & 1))
			continue;
		buffer__text(out, told++ ? ", " : "");
		buffer__text(out, f->schemas->list[i]->name);
	}
	if (told < g->count)
		buffer__printf(out, " and %u more", g->count - told);
	buffer__char(out, '\n');
	put_parts(f, out, "in the kernel:", g->split.kernel, g->split.kernel_count);
	put_parts(f, out, "roughly there:", g->split.weak, g->split.weak_count);
	put_parts(f, out, "in user space:", g->split.user, g->split.user_count);
	if (!g->split.kernel_count && !g->split.user_count)
		buffer__text(out, "    all of them match\n");
}

static void put_needs(const struct filter *f, struct buffer *out)
{
	static const struct {
		unsigned int need;
		const char *words;
	} words[] = {
		{NEEDS_FILES, "descriptors are resolved"},
		{NEEDS_LATENCY, "calls are timed from their entry"},
		{NEEDS_ENTRY, "arguments are read at the entry where the exit is too late"},
		{NEEDS_ENV, "environments are read"},
		{NEEDS_IO_URING, "requests of io_uring are watched"},
	};
	unsigned int needs = filter__needs(f), told = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(words); i++) {
		if (!(needs & words[i].need))
			continue;
		buffer__text(out, told++ ? "; " : "for this filter ");
		buffer__text(out, words[i].words);
	}
	if (told)
		buffer__char(out, '\n');
}

void filter__explain(const struct filter *f, const uint64_t *selected, struct buffer *out)
{
	struct group *groups = calloc(MAX_GROUPS, sizeof(*groups)), *one;
	unsigned int count = 0, events = 0, all = 0, words = filter__words(f) + 1;

	if (!groups) {
		out->failed = true;
		return;
	}
	for (unsigned int i = 0; i < f->schemas->count; i++) {
		const struct schema *s = f->schemas->list[i];
		unsigned int j;

		all += s && !(s->flags & SCHEMA_INTRO);
		if (!filter__may_match(f, i) || (selected && !(selected[i / 64] >> (i % 64) & 1)))
			continue;
		events++;
		one = &groups[count];
		filter__split(f, i, &one->terms, &one->split);
		for (j = 0; j < count && !same_split(&groups[j].split, &one->split); j++)
			;
		if (j == count) {
			if (count + 1 == MAX_GROUPS)
				continue; /* the last place stays free for the comparison */
			one->first = i;
			one->events = calloc(words, sizeof(*one->events));
			if (!one->events) {
				out->failed = true;
				break;
			}
			count++;
		}
		groups[j].events[i / 64] |= 1ull << (i % 64);
		groups[j].count++;
	}
	buffer__printf(out, "%u of %u events can match and are captured\n", events, all);
	for (unsigned int i = 0; i < count; i++) {
		put_group(f, &groups[i], out);
		events -= groups[i].count;
		free(groups[i].events);
	}
	if (events)
		buffer__printf(out, "  and %u more in other ways\n", events);
	put_needs(f, out);
	free(groups);
}
