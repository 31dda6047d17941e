/* SPDX-License-Identifier: Apache-2.0 */
/* `sonde hooks`: what can be hooked, found by a part of its name. */
#include "hooks.h"
#include "../event/render.h"
#include "../event/select.h"
#include "../kernel/probes.h"
#include "../source/live.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#define WIDEST 56 /* longer words push what is behind them to the right */

void hooks__escaped(struct buffer *b, const char *text)
{
	render__escaped(b, text, strlen(text));
}

/* The word's own columns; what is escaped takes more, and is rare. */
static int width_of(const struct found_hooks *all)
{
	size_t width = 0;

	for (unsigned int i = 0; i < all->count; i++) {
		size_t size = strlen(all->list[i].word);

		if (size <= WIDEST)
			width = max(width, size);
	}
	return width;
}

static void line(struct buffer *b, const struct found *h, int width, unsigned int terminal)
{
	size_t start = b->size;

	hooks__escaped(b, h->word);
	while (b->size - start < (size_t)width)
		buffer__char(b, ' ');
	if (h->detail && *h->detail) {
		buffer__text(b, h->reach == REACH_NONE ? "  [cannot be hooked] " : "  ");
		hooks__escaped(b, h->detail);
	}
	if (h->sites > 1)
		buffer__printf(b, "  (%u places)", h->sites);
	if (terminal && b->size - start > terminal) {
		b->size = start + terminal - 3;
		buffer__text(b, "...");
	}
	while (b->data && b->size > start && b->data[b->size - 1] == ' ')
		b->size--;
	buffer__char(b, '\n');
}

void hooks__json_head(struct buffer *b, const struct found *h)
{
	const char *kind = find_sources[h->source].name;
	char name[32];

	snprintf(name, sizeof(name), "%.*s",
		 h->source == FIND_FUNCTION ? (int)strlen("function") : (int)strlen(kind) - 1,
		 h->source == FIND_FUNCTION ? "function" : kind);
	render__json_member(b, "{", "kind", name);
	render__json_member(b, ",", "name", h->target);
	render__json_member(b, ",", "word", h->word);
	render__json_member(b, ",", "detail", h->detail);
	if (h->source == FIND_USER || h->source == FIND_USDT)
		buffer__printf(b, ",\"offset\":%llu", (unsigned long long)h->place);
	if (h->source == FIND_USDT)
		buffer__printf(b, ",\"places\":%u", h->sites);
	if (h->reach)
		buffer__printf(b, ",\"hookable\":%s", h->reach == REACH_NONE ? "false" : "true");
}

static void summary(struct buffer *b, const struct found_hooks *all, bool json)
{
	if (!json)
		buffer__text(b, "HOOKS            COUNT  FOR EXAMPLE\n");
	for (unsigned int i = 0; i < FIND_SOURCES; i++) {
		const struct find_source_info *info = &find_sources[i];
		const char *name = i == FIND_FUNCTION ? "function:" : info->name;
		struct buffer text = {};

		buffer__printf(&text, "sonde hooks '%s'", info->example);
		if (json) {
			buffer__printf(b, "%s\"%.*s\":%u", i ? "," : "{", (int)strlen(name) - 1,
				       name, all->counts[i]);
		} else {
			buffer__printf(b, "%-14.*s", (int)strlen(name) - 1, name);
			if (all->counts[i])
				buffer__printf(b, "  %6u", all->counts[i]);
			else
				buffer__printf(b, "  %6s", "-");
			buffer__printf(b, "  %-36s  %s\n", buffer__string(&text), info->what);
		}
		buffer__free(&text);
	}
	if (json) {
		buffer__text(b, "}\n");
		return;
	}
	buffer__text(
		b,
		"\nsonde hooks WORD lists all whose name has WORD in it, -v tells all of them.\n");
	if (all->hidden)
		buffer__printf(b, "%s\n", all->hidden);
}

static int count_all(struct found_hooks *all, const struct btf *kernel, struct error *err)
{
	all->only_count = true;
	return find__word(all, "*", kernel, err);
}

/* sonde's own events come first: they need no name of the kernel's. */
static bool put_events(const struct options *o, const char *pattern, const struct schemas *all,
		       struct buffer *b)
{
	bool glob = strpbrk(pattern, "*?["), any = false;
	bool exact = o->hooks.verbose && schemas__find(all, pattern);

	for (unsigned int i = 0; *pattern && i < all->count && !strchr(pattern, ':'); i++) {
		const struct schema *s = all->list[i];

		if (!schema__selectable(s) || !strcmp(s->category, "named") ||
		    (glob    ? fnmatch(pattern, s->name, 0)
		     : exact ? strcmp(pattern, s->name)
			     : !strstr(s->name, pattern)))
			continue;
		any = true;
		if (o->hooks.json) {
			render__json_member(b, "{", "kind", "event");
			render__json_member(b, ",", "name", s->name);
			render__json_member(b, ",", "word", s->name);
			render__json_member(b, ",", "detail", s->help);
			buffer__text(b, "}\n");
		} else {
			buffer__printf(b, "%s  %s: sonde events -v %s\n", s->name,
				       s->flags & SCHEMA_CALL ? "a system call" : s->help, s->name);
		}
	}
	return any;
}

static int list(const struct options *o, const struct found_hooks *all, struct live_schemas *known,
		struct buffer *b)
{
	unsigned int terminal = terminal_width();
	struct hooks_about *about = NULL;
	int width = width_of(all), code = 0;

	if (o->hooks.verbose)
		code = hooks_about__new(known, &about);
	for (unsigned int i = 0; i < all->count && !code; i++) {
		const struct found *h = &all->list[i];

		if (o->hooks.json) {
			hooks__json_head(b, h);
			if (about)
				hooks_about__json(about, h, b);
			buffer__text(b, "}\n");
		} else if (about) {
			hooks_about__text(about, h, b, color_wanted(o->color, STDOUT_FILENO));
		} else {
			line(b, h, width, terminal);
		}
	}
	hooks_about__free(about);
	return code;
}

int hooks__print(const struct options *o, struct live_schemas *known, struct buffer *b,
		 struct error *err)
{
	const struct btf *kernel = probes__kernel(live_schemas__probes(known));
	struct found_hooks all = {};
	int code = 0;

	/* Who wants all about one has enough with it. */
	all.exact_first = o->hooks.verbose;
	if (!o->operands.count) {
		code = count_all(&all, kernel, err);
		if (!code)
			summary(b, &all, o->hooks.json);
	}
	for (unsigned int i = 0; i < o->operands.count; i++) {
		bool event = put_events(o, o->operands.list[i], live_schemas__list(known), b);
		int one = find__word(&all, o->operands.list[i], kernel, event ? NULL : err);

		if (event && one == -ENOENT)
			one = 0;

		code = code == -EINVAL || !one ? code : one;
	}
	if (o->operands.count && code != -EINVAL) {
		int one = list(o, &all, known, b);

		code = one ?: code;
	}
	found_hooks__release(&all);
	return code;
}
