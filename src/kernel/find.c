// SPDX-License-Identifier: Apache-2.0
#include "binary.h"
#include "features.h"
#include "find_inside.h"
#include "modules.h"
#include "named.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

const struct find_source_info find_sources[FIND_SOURCES] = {
	[FIND_TRACEPOINT] = {"tracepoint:", "tracepoints", "tracepoint:sched:*"},
	[FIND_RAW_TRACEPOINT] = {"rawtracepoint:", "tracepoints, with the kernel's own arguments",
				 "rawtracepoint:sched_*"},
	[FIND_FUNCTION] = {"fexit:", "functions of the kernel", "fexit:vfs_*"},
	[FIND_LSM] = {"lsm:", "decisions of the security modules", "lsm:file_*"},
	[FIND_ITER] = {"iter:", "what the kernel lists", "iter:*"},
	[FIND_PERF] = {"perf:", "counters and clocks", "perf:*"},
	[FIND_USER] = {"uprobe:", "functions of a program, a library or a pid",
		       "uprobe:libc:getaddr*"},
	[FIND_USDT] = {"usdt:", "what a program, a library or a pid offers", "usdt:libc"},
};

/* Words in front of a colon. */
static const struct {
	const char *word;
	uint8_t source;
} prefixes[] = {
	{"tracepoint:", FIND_TRACEPOINT},
	{"rawtracepoint:", FIND_RAW_TRACEPOINT},
	{"fexit:", FIND_FUNCTION},
	{"fentry:", FIND_FUNCTION},
	{"kprobe:", FIND_FUNCTION},
	{"kretprobe:", FIND_FUNCTION},
	{"lsm:", FIND_LSM},
	{"iter:", FIND_ITER},
	{"perf:", FIND_PERF},
	{"uprobe:", FIND_USER},
	{"uretprobe:", FIND_USER},
	{"usdt:", FIND_USDT},
};

const char *find__kind(unsigned int index)
{
	return index < ARRAY_SIZE(prefixes) ? prefixes[index].word : NULL;
}

#define IN_KERNEL ((1u << FIND_USER) - 1)

static bool matches(const struct finder *f, const char *name)
{
	switch ((enum find_how)f->how) {
	case FIND_PART:
		return strstr(name, f->pattern);
	case FIND_GLOB:
		return !fnmatch(f->pattern, name, 0);
	case FIND_EXACT:
		return !strcmp(f->pattern, name);
	}
	return false;
}

/* Of a tracepoint, "sched:sched_switch", the name alone may be meant. */
static const char *last_part(const char *name)
{
	const char *colon = strrchr(name, ':');

	return colon ? colon + 1 : name;
}

static void note_near(struct finder *f, enum find_source source, const char *name)
{
	struct suggest *near = &f->near[source];

	suggest__offer(near, memchr(near->word, ':', near->size) ? name : last_part(name));
	/* It lives only as long as its source is open. */
	if (near->best && near->best != f->best[source]) {
		snprintf(f->best[source], sizeof(f->best[source]), "%s", name);
		near->best = f->best[source];
	}
}

bool finder__wants(struct finder *f, enum find_source source, const char *name)
{
	if (f->code || !finder__asks(f, source))
		return false;
	f->offered++;
	if (f->suggests) {
		note_near(f, source, name);
		return false;
	}
	if (!matches(f, name) && (strchr(f->pattern, ':') || !matches(f, last_part(name))))
		return false;
	f->all->counts[source]++;
	return !f->all->only_count;
}

struct found *finder__add(struct finder *f, enum find_source source, const char *name,
			  const char *detail)
{
	const char *prefix = f->prefix ?: find_sources[source].name;
	struct found_hooks *all = f->all;
	struct found *h;

	/* Grows by half: there may be some 100,000. */
	if (all->count >= 64 ? !(all->count & (all->count - 1)) : !all->count) {
		struct found *list = realloc(all->list, max(64u, all->count * 2) * sizeof(*list));

		if (!list) {
			f->code = -ENOMEM;
			return NULL;
		}
		all->list = list;
	}
	h = &all->list[all->count];
	*h = (struct found){.source = source, .sites = 1};
	if (asprintf(&h->word, "%s%s", prefix, name) < 0) {
		f->code = -ENOMEM;
		return NULL;
	}
	h->target = h->word + strlen(prefix);
	h->detail = detail ? strdup(detail) : NULL;
	all->count++;
	return h;
}

static void free_found(struct found *h)
{
	free(h->word);
	free(h->symbol);
	free(h->detail);
}

void found_hooks__release(struct found_hooks *all)
{
	for (unsigned int i = 0; i < all->count; i++)
		free_found(&all->list[i]);
	free(all->list);
	modules__free(all->modules);
	*all = (struct found_hooks){};
}

static int by_name(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int order = x->source - y->source ?: strcmp(x->target, y->target) ?: strcmp(x->word, y->word);

	/* Functions of one name, with other parameters, say, are several. */
	return order || x->source != FIND_USER ? order
					       : (x->place > y->place) - (x->place < y->place);
}

/* What two words found, and functions of one name, are there once. */
static void sort(struct found_hooks *all)
{
	unsigned int kept = 0;

	if (!all->count)
		return;
	qsort(all->list, all->count, sizeof(*all->list), by_name);
	for (unsigned int i = 1; i < all->count; i++) {
		if (!by_name(&all->list[kept], &all->list[i])) {
			all->list[kept].sites += all->list[i].source == FIND_USDT;
			free_found(&all->list[i]);
		} else {
			all->list[++kept] = all->list[i];
		}
	}
	all->count = kept + 1;
}

/* The kernel's, and those of its modules; a word may name the module: "veth:veth_xmit". */
static void look_in_types(struct finder *f)
{
	const uint32_t typed = 1u << FIND_RAW_TRACEPOINT | 1u << FIND_FUNCTION | 1u << FIND_ITER;
	const char *colon = strchr(f->pattern, ':'), *whole = f->pattern;
	bool named = colon && f->prefix && f->sources & typed;

	if (!named)
		find__in_types(f, f->kernel, 1, NULL);
	if (!(f->sources & typed))
		return;
	if (!f->all->modules)
		f->all->modules = modules__types(f->kernel);
	for (const struct module_types *m = f->all->modules; m; m = m->next) {
		if (named && (strlen(m->name) != (size_t)(colon - whole) ||
			      memcmp(m->name, whole, colon - whole)))
			continue;
		f->pattern = named ? colon + 1 : whole;
		find__in_types(f, m->btf, m->first, m->name);
	}
	f->pattern = whole;
}

static void look(struct finder *f)
{
	find__in_tracefs(f);
	if (f->kernel)
		look_in_types(f);
	find__in_perf(f);
}

static void look_in_kernel(struct finder *f)
{
	unsigned int before = f->all->count;

	if (f->how == FIND_PART && f->all->exact_first) {
		f->how = FIND_EXACT;
		look(f);
		if (f->all->count > before)
			return;
		f->how = FIND_PART;
	}
	look(f);
}

/* The pattern without what makes it a glob: what it may have been meant to be. */
static void look_near(struct finder *f, char *plain, size_t room)
{
	size_t size = 0;

	for (const char *p = f->pattern; *p && size + 1 < room; p++)
		if (!strchr("*?[]", *p))
			plain[size++] = *p;
	plain[size] = '\0';
	f->suggests = true;
	for (unsigned int i = 0; i < FIND_SOURCES; i++)
		suggest__start(&f->near[i], plain, size);
}

const uint8_t find_needs[3] = {FEATURE_FEXIT, FEATURE_KPROBE, FEATURE_LSM};

/* By what a hook can be attached here, as the word in front of the colon; NULL: by nothing. */
static const char *best_prefix(enum find_source source, enum found_reach reach,
			       const struct features *can)
{
	bool kprobe = can->list[FEATURE_KPROBE].state != FEATURE_MISSING;
	bool fexit = can->list[FEATURE_FEXIT].state != FEATURE_MISSING;
	bool lsm = can->list[FEATURE_LSM].state != FEATURE_MISSING;

	if (source == FIND_LSM && !lsm)
		return NULL;
	if (source != FIND_FUNCTION || (fexit && reach != REACH_KPROBE && reach != REACH_NONE))
		return find_sources[source].name;
	return kprobe && reach != REACH_NONE ? "kprobe:" : NULL;
}

/* Of each source its nearest; ", " between them. `where`: in which program, or NULL; `can`: NULL:
 * whatever can be attached. */
static void put_near(struct buffer *b, const struct finder *f, const char *where,
		     const struct features *can)
{
	for (unsigned int i = 0; i < FIND_SOURCES; i++) {
		const char *prefix = f->prefix ?: find_sources[i].name;

		if (can)
			prefix = best_prefix(i, REACH_UNKNOWN, can);
		if (f->near[i].best && prefix)
			buffer__printf(b, "%s%s%s%s%s", b->size ? ", " : "", prefix, where ?: "",
				       where ? ":" : "", f->near[i].best);
	}
}

/* "bash", "/bin/bash" */
static bool is_binary(const char *word)
{
	struct paths paths = {};
	bool is = !binary__paths(word, &paths, NULL) && paths.count && !access(paths.list[0], R_OK);

	paths__release(&paths);
	return is;
}

static int nothing(struct finder *f, const char *word, const char *where, struct error *err)
{
	char plain[200];
	struct buffer near = {};
	const char *hidden = f->all->hidden;
	bool program = !f->prefix && is_binary(word);

	if (where && !f->offered)
		return error__set(err, -ENOENT, "%s: %s has %s", word, where,
				  f->sources & 1u << FIND_USDT ? "no USDT probes"
							       : "no functions: it is stripped");
	look_near(f, plain, sizeof(plain));
	if (!where)
		look(f);
	else if (find__in_binary(f, where, NULL))
		f->suggests = false;
	put_near(&near, f, where, NULL);
	error__set(err, -ENOENT, "no hook is named %s%s%s%s%s%s%s%s", word,
		   near.size ? "; did you mean " : "", buffer__string(&near), near.size ? "?" : "",
		   program ? "\nof a program or library: uprobe:" : "", program ? word : "",
		   hidden ? "\n" : "", hidden ?: "");
	buffer__free(&near);
	return -ENOENT;
}

/* "/bin/bash:read*": the pattern behind the place, which is copied. */
static char *split_place(struct finder *f, const char *rest)
{
	size_t size = binary__file_size(rest);

	f->pattern = rest[size] && rest[size + 1] ? rest + size + 1 : "*";
	return strndup(rest, size);
}

static void read_word(struct finder *f, const char *word)
{
	f->pattern = word;
	f->sources = IN_KERNEL;
	for (unsigned int i = 0; i < ARRAY_SIZE(prefixes); i++) {
		if (strncmp(word, prefixes[i].word, strlen(prefixes[i].word)))
			continue;
		f->prefix = prefixes[i].word;
		f->pattern = word + strlen(f->prefix);
		f->sources = 1u << prefixes[i].source;
	}
}

static int find(struct finder *f, const char *word, struct error *err)
{
	unsigned int before = f->all->count;
	char *where = NULL;
	int code = 0;

	read_word(f, word);
	if (!*f->pattern)
		return error__set(err, -EINVAL, "\"%s\" names no hook", word);
	if (f->sources & ~IN_KERNEL) {
		where = split_place(f, f->pattern);
		if (!where)
			return -ENOMEM;
	}
	f->how = strpbrk(f->pattern, "*?[") ? FIND_GLOB : f->prefix ? FIND_EXACT : FIND_PART;
	if (where)
		code = find__in_binary(f, where, err);
	else
		look_in_kernel(f);
	if (!code)
		code = f->code;
	if (!code && f->all->count == before && !f->all->only_count)
		code = nothing(f, word, where, err);
	free(where);
	return code;
}

int find__word(struct found_hooks *all, const char *word, const struct btf *kernel,
	       struct error *err)
{
	struct finder f = {.all = all, .kernel = kernel};
	struct buffer spelt = {};
	int code;

	/* Short words become the long ones. */
	if (named__is(word))
		named__spell(&spelt, word);
	else
		buffer__text(&spelt, word);
	code = find(&f, buffer__string(&spelt), err);
	buffer__free(&spelt);
	sort(all);
	if (!code)
		find__mark_reach(all);
	return code;
}

enum find_offer find__offer(struct buffer *b, const char *name, const struct btf *kernel,
			    const struct features *can)
{
	struct found_hooks all = {};
	struct finder f = {.all = &all,
			   .kernel = kernel,
			   .pattern = name,
			   .how = FIND_EXACT,
			   .sources = IN_KERNEL};
	enum find_offer offer = OFFER_NEAR;
	char plain[200];

	look(&f);
	sort(&all);
	find__mark_reach(&all);
	for (unsigned int i = 0; i < all.count; i++) {
		const char *prefix = best_prefix(all.list[i].source, all.list[i].reach, can);

		if (prefix)
			buffer__printf(b, "%s%s%s", b->size ? ", " : "", prefix,
				       all.list[i].target);
	}
	if (all.count)
		offer = b->size ? OFFER_EXACT : OFFER_NONE;
	if (offer == OFFER_NEAR) {
		look_near(&f, plain, sizeof(plain));
		look(&f);
		put_near(b, &f, NULL, can);
	}
	found_hooks__release(&all);
	return offer;
}
