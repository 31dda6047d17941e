// SPDX-License-Identifier: Apache-2.0
/*
 * The programs of the hooks that users name. Each hook has a copy of the program for its kind; many
 * have one program together where the kernel can tell it for which of them it runs: functions, to
 * which it is attached at once (kprobe.multi, uprobe.multi), and tracepoints.
 */
#include "../base/buffer.h"
#include "hook_kinds.h"
#include "kprobe.h"
#include "ledger.h"
#include "named.h"
#include "planner.h"
#include "programs_inside.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* So many functions of the kernel, or tracepoints, have a program each. */
#define FEW 4

/* What is attached for a hook: for itself, or for the entry of the function that it is the return
 * of. Its place is that of its entry in the map `named`. */
struct attachment {
	unsigned int serves; /* the hook */
	const char *program, *section;
	bool together; /* with others */
};

struct named_programs {
	const struct named_hooks *hooks;
	struct copied copied;
	struct attachment *list; /* first one for each hook, then those of entries */
	unsigned int count;
	struct loader_copy *copies;
	unsigned int copy_count;
};

/* Those that may have a program together, and what that is. */
static const struct together {
	const char *kind, *program, *section;
	enum feature feature;
	bool at_return;
} together[] = {
	{"kprobe/", "named_kprobe_multi", "kprobe.multi/named", FEATURE_KPROBE_MULTI},
	{"kretprobe/", "named_kretprobe_multi", "kretprobe.multi/named", FEATURE_KPROBE_MULTI,
	 true},
	{"uprobe/", "named_uprobe_multi", "uprobe.multi/named", FEATURE_UPROBE_MULTI},
	{"uretprobe/", "named_uprobe_multi", "uprobe.multi/named", FEATURE_UPROBE_MULTI, true},
	{"usdt/", "named_uprobe_multi", "uprobe.multi/named", FEATURE_UPROBE_MULTI},
	{"tp/", "named_tp_multi", "tp.multi/named", FEATURE_TRACEPOINT_MULTI},
};

static const struct together *together_of(const struct attachment *a)
{
	const char *section = a->section + (*a->section == '?');

	for (unsigned int i = 0; i < ARRAY_SIZE(together); i++)
		if (!strncmp(section, together[i].kind, strlen(together[i].kind)))
			return &together[i];
	return NULL;
}

static bool is_user(const struct together *t)
{
	return t && t->feature == FEATURE_UPROBE_MULTI;
}

static bool is_kernel(const struct together *t)
{
	return t && t->feature == FEATURE_KPROBE_MULTI;
}

static bool is_tracepoint(const struct together *t)
{
	return t && t->feature == FEATURE_TRACEPOINT_MULTI;
}

/* What sees a function begin whose return is seen by the other. */
static const struct entry {
	const char *of, *program, *kind;
} entries[] = {
	{"fexit", "named_fentry", "fentry"},
	{"kretprobe", "named_kprobe", "kprobe"},
	{"uretprobe", "named_kprobe", "uprobe"},
};

static bool is_of(const char *name, const char *kind, char end)
{
	size_t size = strlen(kind);

	return !strncmp(name, kind, size) && name[size] == end;
}

const char *named__return_kind(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(entries); i++)
		if (is_of(name, entries[i].kind, ':'))
			return entries[i].of;
	return NULL;
}

static const struct entry *entry_for(const char *section)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(entries); i++)
		if (is_of(section, entries[i].of, '/'))
			return &entries[i];
	return NULL;
}

/* The attachment that tells when hook `i` began; 0: nothing does. */
static unsigned int entry_of(const struct named_programs *n, unsigned int i)
{
	for (unsigned int k = n->hooks->count; k < n->count; k++)
		if (n->list[k].serves == i)
			return k;
	return 0;
}

/* All hooks, wanted now or later; entries of functions only where somebody asks how long they take.
 */
static int list_attachments(struct named_programs *n, bool latency)
{
	n->list = calloc(2 * n->hooks->count, sizeof(*n->list));
	if (!n->list)
		return -ENOMEM;
	for (unsigned int i = 0; i < n->hooks->count; i++)
		n->list[n->count++] = (struct attachment){i, n->hooks->list[i]->program,
							  n->hooks->list[i]->section};
	for (unsigned int i = 0; i < n->hooks->count && latency; i++) {
		const char *section = n->hooks->list[i]->section;
		const struct entry *entry = entry_for(section);
		struct buffer b = {};
		char *kept;

		if (!entry)
			continue;
		/* The user may have named the entry, too: that is another hook. */
		buffer__printf(&b, "?%s%s", entry->kind, strchr(section, '/'));
		kept = named_hook__keep(n->hooks->list[i], b.data, b.size);
		buffer__free(&b);
		if (!kept)
			return -ENOMEM;
		n->list[n->count++] = (struct attachment){i, entry->program, kept};
	}
	return 0;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Which functions of the kernel can be attached to together: those that ftrace knows; the others
 * one by one. */
static void find_known(struct named_programs *n)
{
	const char *root = tracepoint__root();
	char path[64], line[256];
	const char **names = calloc(n->count, sizeof(*names));
	size_t count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/available_filter_functions", root ?: "");
	file = fopen(path, "re");
	for (unsigned int i = 0; names && i < n->count; i++)
		if (is_kernel(together_of(&n->list[i])))
			names[count++] = hook__target(n->list[i].section);
	if (names)
		qsort(names, count, sizeof(*names), by_text);
	while (file && names && fgets(line, sizeof(line), file)) {
		const char *name = line;

		line[strcspn(line, " \t\n")] = '\0';
		if (!bsearch(&name, names, count, sizeof(*names), by_text))
			continue;
		for (unsigned int i = 0; i < n->count; i++)
			n->list[i].together |= is_kernel(together_of(&n->list[i])) &&
					       !strcmp(hook__target(n->list[i].section), name);
	}
	if (file)
		fclose(file);
	free(names);
}

static void find_together(struct programs *p, struct named_programs *n)
{
	unsigned int counts[FEATURES] = {};
	bool has[FEATURES];

	for (unsigned int i = 0; i < n->count; i++)
		if (together_of(&n->list[i]))
			counts[together_of(&n->list[i])->feature]++;
	for (enum feature f = 0; f < FEATURES; f++)
		has[f] = counts[f] > (f == FEATURE_UPROBE_MULTI ? 1 : FEW) &&
			 planner__has(p->options.planner, p->options.probes, f);
	if (has[FEATURE_KPROBE_MULTI])
		find_known(n);
	for (unsigned int i = 0; i < n->count; i++) {
		const struct together *t = together_of(&n->list[i]);

		n->list[i].together |= t && !is_kernel(t) && has[t->feature];
	}
}

static bool is_listed(const struct named_programs *n, const char *section)
{
	for (unsigned int i = 0; i < n->copy_count; i++)
		if (!strcmp(n->copies[i].section, section))
			return true;
	return false;
}

static int list_copies(struct named_programs *n, struct error *err)
{
	n->copies = calloc(n->count + 1, sizeof(*n->copies));
	if (!n->copies)
		return -ENOMEM;
	for (unsigned int i = 0; i < n->count; i++) {
		const struct attachment *a = &n->list[i];
		const struct together *t = a->together ? together_of(a) : NULL;

		if (t && is_listed(n, t->section))
			continue;
		n->copies[n->copy_count++] = t ? (struct loader_copy){t->program, t->section}
					       : (struct loader_copy){a->program, a->section, i};
	}
	return n->copy_count <= LOADER_PROGRAMS
		       ? 0
		       : error__set(
				 err, -E2BIG,
				 "%u hooks are too many at once: this kernel takes each by itself, "
				 "and %d are the most\nname fewer of them",
				 n->copy_count, LOADER_PROGRAMS);
}

static int fill_table(const struct named_programs *n)
{
	int map = bpf_map__fd(object__map(n->copied.object, "named"));

	for (uint32_t i = 0; i < n->count; i++) {
		unsigned int serves = n->list[i].serves, place = serves % PLAN_NAMED;
		struct sonde_named entry = n->hooks->list[serves]->from;

		entry.event = n->hooks->list[serves]->schema.id;
		entry.hook = place << 16 | (PLAN_PROGRAMS + place);
		entry.entry = i >= n->hooks->count;
		entry.pair = entry.entry || entry_of(n, serves) ? serves + 1 : 0;
		if (bpf_map_update_elem(map, &i, &entry, BPF_ANY))
			return -errno;
	}
	return 0;
}

int named__load(struct programs *p, const struct plan *plan, struct error *err)
{
	const struct named_hooks *hooks = p->options.named;
	struct named_programs *n;
	int code;

	if (!hooks || !hooks->count || p->named)
		return 0;
	n = p->named = calloc(1, sizeof(*n));
	if (!n)
		return -ENOMEM;
	n->hooks = hooks;
	code = list_attachments(n, plan->latency);
	if (!code) {
		find_together(p, n);
		code = list_copies(n, err);
	}
	if (!code)
		code = programs__load_copies(p, &n->copied, n->copies, n->copy_count, NULL,
					     min(hooks->count, PLAN_NAMED), n->count, err);
	return code ? code : fill_table(n);
}

void named__free(struct programs *p)
{
	if (!p->named)
		return;
	free(p->named->list);
	free(p->named->copies);
	free(p->named);
}

static void tell_absent(const struct programs *p, unsigned int hook, const char *why)
{
	if (p->options.absent)
		p->options.absent(p->options.context, p->named->hooks->list[hook]->schema.name,
				  why);
}

static int attach_one(const struct named_programs *n, unsigned int i, struct error *err)
{
	const char *section = n->list[i].section;
	int code = object__check(n->copied.object, section, err);

	return code ? code : object__attach(n->copied.object, section, err);
}

static bool is_wanted(const struct named_programs *n, const struct plan *plan, unsigned int i)
{
	return selection__has(&plan->events, n->hooks->list[n->list[i].serves]->schema.id);
}

/* Some of those that have a program together, all of the kernel's or of one file. */
struct group {
	const struct together *with;
	const char **functions;
	const char *path;
	uint64_t *places, *counters, *cookies;
	unsigned int count;
};

static int attach_part(const struct named_programs *n, const struct group *g, unsigned int from,
		       unsigned int count, struct error *err)
{
	const struct uprobe_places places = {g->path, g->places + from, g->counters + from,
					     g->cookies + from, count};
	const struct together *t = g->with;

	if (is_tracepoint(t))
		return object__attach_tracepoint(n->copied.object, t->section, g->functions[from],
						 g->cookies[from], err);
	return is_user(t) ? object__attach_places(n->copied.object, t->section, &places,
						  t->at_return, err)
			  : object__attach_many(n->copied.object, t->section, g->functions + from,
						g->cookies + from, count, t->at_return, err);
}

/* Where one cannot be attached to, none is: the others have another try. Tracepoints are attached
 * to one by one even so. */
static void attach_group(const struct programs *p, const struct group *g, unsigned int from,
			 unsigned int count)
{
	const struct named_programs *n = p->named;
	struct error refusal = {};

	if (!count ||
	    ((count == 1 || !is_tracepoint(g->with)) && !attach_part(n, g, from, count, &refusal)))
		return;
	if (count > 1) {
		attach_group(p, g, from, count / 2);
		attach_group(p, g, from + count / 2, count - count / 2);
	} else if (g->cookies[from] < n->hooks->count) {
		tell_absent(p, g->cookies[from], refusal.text);
	}
}

/* Of those that are not `done` the next ones that go together. */
static void gather(const struct named_programs *n, const struct plan *plan, struct group *g,
		   bool *done, struct uprobe_place *first)
{
	g->count = 0;
	for (unsigned int i = 0; i < n->count; i++) {
		const char *target = strchr(n->list[i].section, '/') + 1;
		struct uprobe_place place = {};

		if (done[i] || !n->list[i].together || together_of(&n->list[i]) != g->with ||
		    !is_wanted(n, plan, i))
			continue;
		if (is_user(g->with))
			uprobe__read(&place, target);
		if (!g->count)
			*first = place;
		else if (strcmp(first->path, place.path))
			continue;
		done[i] = true;
		g->functions[g->count] = target;
		g->places[g->count] = place.place;
		g->counters[g->count] = place.counter;
		g->cookies[g->count++] = i;
	}
	g->path = first->path;
}

static int attach_together(const struct programs *p, const struct plan *plan,
			   const struct together *t)
{
	const struct named_programs *n = p->named;
	struct group g = {.with = t,
			  .functions = calloc(n->count, sizeof(*g.functions)),
			  .places = calloc(n->count, sizeof(*g.places)),
			  .counters = calloc(n->count, sizeof(*g.counters)),
			  .cookies = calloc(n->count, sizeof(*g.cookies))};
	bool *done = calloc(n->count, sizeof(*done));
	bool whole = g.functions && g.places && g.counters && g.cookies && done;
	struct error refusal = {};
	struct uprobe_place first = {};

	do {
		if (whole)
			gather(n, plan, &g, done, &first);
		if (!g.count || !object__check(n->copied.object, t->section, &refusal))
			attach_group(p, &g, 0, g.count);
		else
			for (unsigned int i = 0; i < g.count; i++)
				if (g.cookies[i] < n->hooks->count)
					tell_absent(p, g.cookies[i], refusal.text);
	} while (g.count);
	free(g.functions);
	free(g.places);
	free(g.counters);
	free(g.cookies);
	free(done);
	return whole ? 0 : -ENOMEM;
}

/* The return first: an entry whose return is not seen would stay for ever. */
int named__attach(struct programs *p, const struct plan *plan, struct error *err)
{
	struct named_programs *n = p->named;
	int code = 0;

	if (!n || n->copied.attached)
		return 0;
	for (unsigned int i = 0; i < n->count; i++) {
		struct error refusal = {};

		if (n->list[i].together || !is_wanted(n, plan, i))
			continue;
		/* Without an entry there are no latencies, but all the rest. */
		if (attach_one(n, i, &refusal) && i < n->hooks->count)
			tell_absent(p, i, refusal.text);
	}
	for (unsigned int i = ARRAY_SIZE(together); i > 0 && !code; i--)
		code = attach_together(p, plan, &together[i - 1]);
	n->copied.attached = true;
	return code;
}

bool named__ran(const struct programs *p, unsigned int place)
{
	return p->named && p->named->copied.attached && place < p->named->hooks->count;
}

const char *named__name(const struct programs *p, unsigned int place)
{
	return p->named->hooks->list[place]->schema.name;
}

/* Of programs that serve several slots, the first slot bears what was missed. */
uint64_t named__missed(const struct programs *p, unsigned int place)
{
	const struct named_programs *n = p->named;
	uint64_t sum = 0;

	for (unsigned int i = 0; i < n->copy_count; i++) {
		const struct loader_copy *c = &n->copies[i];
		bool shared = strstr(c->section, ".multi/");
		uint64_t missed;

		if ((shared ? 0 : n->list[c->index].serves % PLAN_NAMED) != place ||
		    object__check(n->copied.object, c->section, NULL))
			continue;
		missed = object__missed(n->copied.object, c->section);
		if (missed == ~0ull)
			return missed;
		sum += missed;
	}
	return sum;
}

struct sonde_counters *named__counters(const struct programs *p, unsigned int place,
				       unsigned int cpu)
{
	return named__ran(p, place)
		       ? counters__at(p->named->copied.counters, place * p->options.cpus + cpu)
		       : NULL;
}
