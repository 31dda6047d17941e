/* SPDX-License-Identifier: Apache-2.0 */
#include "select.h"
#include "catalogue.h"
#include "../base/buffer.h"
#include "../base/suggest.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

const struct calm calm_parts[] = {
#define CALM(events, condition) {events, condition},
#include "calm.def"
#undef CALM
	{},
};

struct parse {
	const struct schemas *all;
	struct selection include, exclude;
	bool any_include, any_exclude;
	bool calls;           /* behind trace= */
	struct buffer errors; /* a line each */
};

bool schema__selectable(const struct schema *s)
{
	return s && !(s->flags & SCHEMA_INTRO);
}

bool schema__in_category(const struct schema *s, const char *category, size_t size)
{
	for (const char *p = s->category; p && *p; p += strspn(p, ", ")) {
		size_t length = strcspn(p, ", ");

		if (length == size && !strncasecmp(p, category, size))
			return true;
		p += length;
	}
	return false;
}

static void set(uint64_t *bits, unsigned int id)
{
	bits[id / 64] |= 1ull << (id % 64);
}

static void add(struct selection *s, unsigned int id)
{
	set(s->bits, id);
}

static int allocate(struct selection *s, unsigned int events)
{
	s->bits = calloc(events / 64 + 1, sizeof(*s->bits));
	s->calm = calloc(events / 64 + 1, sizeof(*s->calm));
	s->events = events;
	return s->bits && s->calm ? 0 : -ENOMEM;
}

static struct buffer *complaint(struct parse *p)
{
	if (p->errors.size)
		buffer__char(&p->errors, '\n');
	return &p->errors;
}

/* A name may stand for one of each. */
enum sort { CALL, HOOK, OTHER };

static enum sort sort_of(const struct schema *s)
{
	return s->flags & SCHEMA_CALL ? CALL : schema__in_category(s, "hooks", 5) ? HOOK : OTHER;
}

/* Each of these adds what an item means, and says whether there was anything. */

static bool add_exact(struct parse *p, struct selection *to, const char *name, size_t size,
		      enum sort sort)
{
	bool any = false;

	for (unsigned int i = 0; i < p->all->count; i++) {
		const struct schema *s = p->all->list[i];

		if (!schema__selectable(s) || sort_of(s) != sort || strlen(s->name) != size ||
		    memcmp(s->name, name, size))
			continue;
		add(to, i);
		any = true;
	}
	return any;
}

/* The lists of calm.def are separated by blanks. What is excluded is so without conditions. */
static bool add_calm(struct parse *p, struct selection *to)
{
	struct selection calm = {to == &p->include ? to->calm : to->bits, to->events, NULL};
	bool any = false;

	for (const struct calm *c = calm_parts; c->events; c++) {
		for (const char *name = c->events; *name; name += strspn(name, " ")) {
			size_t size = strcspn(name, " ");

			any |= add_exact(p, &calm, name, size, OTHER) ||
			       add_exact(p, &calm, name, size, CALL);
			name += size;
		}
	}
	return any;
}

static bool add_category(struct parse *p, struct selection *to, const char *name, size_t size)
{
	bool any = false;

	/* strace's name for @net */
	if (size == 7 && !strncasecmp(name, "network", size))
		size = 3;
	if (size == 4 && !strncasecmp(name, "calm", size))
		return add_calm(p, to);
	for (unsigned int i = 0; i < p->all->count; i++) {
		const struct schema *s = p->all->list[i];
		bool wanted = schema__selectable(s);

		if (size == 5 && !strncasecmp(name, "calls", size))
			wanted = wanted && (s->flags & SCHEMA_CALL);
		else if (size != 3 || strncasecmp(name, "all", size))
			wanted = wanted && schema__in_category(s, name, size);
		if (!wanted)
			continue;
		add(to, i);
		any = true;
	}
	return any;
}

/*
 * A call and an event that is none may bear one name. Where the event says all that the call does
 * and more (exec, exit, fork, signal) it is meant alone; a hook's event says something else
 * (ptrace, seccomp), and both are meant. Behind trace=, which strace's users write, it is the call.
 * Calls bring their family.
 */
static bool add_name(struct parse *p, struct selection *to, const char *name)
{
	const char *const *members = catalogue__family(name);
	size_t size = strlen(name);
	bool any;

	if (!p->calls && add_exact(p, to, name, size, OTHER))
		return true;
	any = add_exact(p, to, name, size, CALL);
	for (; members && *members; members++)
		any |= add_exact(p, to, *members, strlen(*members), CALL);
	if (!any || !p->calls)
		any |= add_exact(p, to, name, size, HOOK);
	return any || add_exact(p, to, name, size, OTHER);
}

static bool add_number(struct parse *p, struct selection *to, const char *digits)
{
	unsigned long number = strtoul(digits, NULL, 10);

	for (unsigned int i = 0; i < p->all->count; i++) {
		const struct schema *s = p->all->list[i];

		if (schema__selectable(s) && (s->flags & SCHEMA_CALL) && s->number >= 0 &&
		    (unsigned long)s->number == number) {
			add(to, i);
			return true;
		}
	}
	return false;
}

static bool add_glob(struct parse *p, struct selection *to, const char *glob)
{
	bool any = false;

	for (unsigned int i = 0; i < p->all->count; i++) {
		const struct schema *s = p->all->list[i];

		if (!schema__selectable(s) || fnmatch(glob, s->name, FNM_CASEFOLD))
			continue;
		add(to, i);
		any = true;
	}
	return any;
}

static bool add_regex(struct parse *p, struct selection *to, const char *text, bool *bad)
{
	char why[100];
	bool any = false;
	regex_t regex;
	int r = regcomp(&regex, text, REG_EXTENDED | REG_NOSUB);

	*bad = r;
	if (r) {
		regerror(r, &regex, why, sizeof(why));
		buffer__printf(complaint(p), "/%s: not a regular expression: %s", text, why);
		return false;
	}
	for (unsigned int i = 0; i < p->all->count; i++) {
		const struct schema *s = p->all->list[i];

		if (!schema__selectable(s) || regexec(&regex, s->name, 0, NULL, 0))
			continue;
		add(to, i);
		any = true;
	}
	regfree(&regex);
	return any;
}

/*
 * A category has no string of its own: the best is copied to `best`, which lives as long as the
 * search.
 */
static void offer_categories(struct parse *p, struct suggest *search, char (*word)[32],
			     char (*best)[32])
{
	for (unsigned int i = 0; i < p->all->count; i++) {
		const char *c =
			schema__selectable(p->all->list[i]) ? p->all->list[i]->category : NULL;

		for (; c && *c; c += strspn(c, ", ")) {
			size_t size = strcspn(c, ", ");

			if (size + 1 < sizeof(*word)) {
				(*word)[0] = '@';
				memcpy(*word + 1, c, size);
				(*word)[size + 1] = '\0';
				suggest__offer(search, *word);
				if (search->best == *word) {
					memcpy(*best, *word, sizeof(*best));
					search->best = *best;
				}
			}
			c += size;
		}
	}
}

static void unknown(struct parse *p, const char *item, bool category)
{
	char word[32], best[32], near[34];
	struct suggest search;

	if (category)
		snprintf(near, sizeof(near), "@%s", item);
	else
		snprintf(near, sizeof(near), "%s", item);
	suggest__start(&search, near, strlen(near));
	if (!category) {
		for (unsigned int i = 0; i < p->all->count; i++) {
			if (schema__selectable(p->all->list[i]))
				suggest__offer(&search, p->all->list[i]->name);
		}
		for (unsigned int i = 0; catalogue__family_name(i); i++)
			suggest__offer(&search, catalogue__family_name(i));
	}
	offer_categories(p, &search, &word, &best);
	suggest__offer(&search, "@calm");
	buffer__printf(complaint(p), "there is no %s %s%s", category ? "category" : "event",
		       category ? "@" : "", item);
	if (search.best)
		buffer__printf(&p->errors, "; did you mean %s?", search.best);
}

/* One item, without `!` and `?`, in a string of its own. */
static void take_item(struct parse *p, struct selection *to, const char *item, bool lenient)
{
	bool any, bad = false, category = *item == '@' || *item == '%';

	if (category)
		any = add_category(p, to, item + 1, strlen(item + 1));
	else if (*item == '/')
		any = add_regex(p, to, item + 1, &bad);
	else if (strpbrk(item, "*?["))
		any = add_glob(p, to, item);
	else if (!item[strspn(item, "0123456789")])
		any = add_number(p, to, item);
	else if (!strcasecmp(item, "all") || !strcasecmp(item, "none"))
		any = !strcasecmp(item, "none") || add_category(p, to, "all", 3);
	else
		any = add_name(p, to, item);
	if (any || bad || lenient)
		return;
	if (category)
		unknown(p, item + 1, true);
	else if (strpbrk(item, "*?[/"))
		buffer__printf(complaint(p), "%s matches no event", item);
	else
		unknown(p, item, false);
}

/* strace's other qualifiers, and what to say instead. */
static bool foreign_qualifier(struct parse *p, const char *text)
{
	static const struct {
		const char *name, *instead;
	} qualifiers[] = {
		{"status=", "use -z for calls that succeed, -Z for calls that fail"},
		{"signal=", "use -e signal and a filter on evt.arg.sig"},
		{"quiet=", "use -q"},
		{"abbrev=", "use -s for longer strings"},
		{"verbose=", "structures are always shown"},
		{"read=", "use a filter on fd.num, and -s for longer strings"},
		{"write=", "use a filter on fd.num, and -s for longer strings"},
		{"trace-fds=", "use a filter on fd.num"},
		{"decode-fds=", "descriptors are always resolved, unless --no-resolve"},
		{"raw=", "use --json for numbers"},
		{"inject=", "sonde does not change what programs do"},
		{"fault=", "sonde does not change what programs do"},
		{"kvm=", "sonde does not show it"},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(qualifiers); i++) {
		if (strncmp(text, qualifiers[i].name, strlen(qualifiers[i].name)))
			continue;
		buffer__printf(complaint(p), "%s is not taken: %s", text, qualifiers[i].instead);
		return true;
	}
	return false;
}

static void take_text(struct parse *p, const char *text)
{
	const char *whole = text;
	bool without, more = true; /* another item is to come */

	p->calls = !strncmp(text, "trace=", 6) || !strncmp(text, "t=", 2);
	if (p->calls)
		text = strchr(text, '=') + 1;
	else if (foreign_qualifier(p, text))
		return;
	without = *text == '!';
	for (text += without; more;) {
		size_t size = strcspn(text, ",");
		const char *start = text;
		bool exclude = without, lenient = false;
		char item[1000];

		more = text[size] == ',';
		text += size + more;
		for (; size && isspace((unsigned char)*start); start++, size--)
			;
		while (size && isspace((unsigned char)start[size - 1]))
			size--;
		for (; size && *start == '!'; start++, size--)
			exclude = true;
		if (!size) {
			buffer__printf(complaint(p), "\"%.200s\": an event is missing %s", whole,
				       strchr(whole, ',') ? "before or behind a comma" : "there");
			return;
		}
		if (size >= sizeof(item)) {
			buffer__printf(complaint(p), "%.20s... is too long for an event's name",
				       start);
			continue;
		}
		memcpy(item, start, size);
		item[size] = '\0';
		/*
		 * ?name is strace's "if there is such a call"; a question mark elsewhere makes a
		 * glob.
		 */
		lenient = *item == '?' && item[1] && !strpbrk(item + 1, "*?[");
		*(exclude ? &p->any_exclude : &p->any_include) = true;
		take_item(p, exclude ? &p->exclude : &p->include, item + lenient, lenient);
	}
}

int select__parse(const struct schemas *all, const char *const *texts, unsigned int count,
		  const struct selection *base, struct selection *ret, struct error *err)
{
	struct parse p = {.all = all};
	struct selection chosen = {};
	int r = 0;

	if (allocate(&p.include, all->count) || allocate(&p.exclude, all->count) ||
	    allocate(&chosen, all->count)) {
		r = error__set(err, -ENOMEM, "no memory for the list of events");
		goto out;
	}
	for (unsigned int i = 0; i < count; i++)
		take_text(&p, texts[i]);
	if (p.errors.size) {
		buffer__text(&p.errors, "\n`sonde events` lists what there is");
		r = error__set(err, -EINVAL, "%s", buffer__string(&p.errors));
		goto out;
	}
	for (unsigned int i = 0; i < all->count; i++) {
		bool plain = p.any_include ? selection__has(&p.include, i)
			     : base        ? selection__has(base, i) && !selection__is_calm(base, i)
					   : schema__selectable(all->list[i]);
		bool calm =
			!plain && selection__is_calm(p.any_include || !base ? &p.include : base, i);

		if (selection__has(&p.exclude, i))
			continue;
		if (plain || calm)
			add(&chosen, i);
		if (calm)
			set(chosen.calm, i);
	}
	*ret = chosen;
	chosen = (struct selection){};
out:
	selection__release(&chosen);
	selection__release(&p.include);
	selection__release(&p.exclude);
	buffer__free(&p.errors);
	return r;
}
