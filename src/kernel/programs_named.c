// SPDX-License-Identifier: Apache-2.0
/*
 * The programs of the hooks that users name. Each hook has a copy of the program for its kind; many
 * functions have one program together where the kernel can attach it to all at once (kprobe.multi).
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

/* So many functions are attached one by one. */
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

/* The two that may have a program together, and what that is. */
static const struct together {
	const char *kind, *program, *section;
} together[] = {
	{"kprobe/", "named_kprobe_multi", "kprobe.multi/named"},
	{"kretprobe/", "named_kretprobe_multi", "kretprobe.multi/named"},
};

static const struct together *together_of(const struct attachment *a)
{
	const char *section = a->section + (*a->section == '?');

	for (unsigned int i = 0; i < ARRAY_SIZE(together); i++)
		if (!strncmp(section, together[i].kind, strlen(together[i].kind)))
			return &together[i];
	return NULL;
}

/* What sees a function begin whose return is seen by the other. */
static const struct entry {
	const char *of, *program, *kind;
} entries[] = {
	{"fexit/", "named_fentry", "fentry"},
	{"kretprobe/", "named_kprobe", "kprobe"},
	{"uretprobe/", "named_kprobe", "uprobe"},
};

static const struct entry *entry_for(const char *section)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(entries); i++)
		if (!strncmp(section, entries[i].of, strlen(entries[i].of)))
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

/* Which functions can be attached to together: those that ftrace knows; the others one by one. */
static void find_together(struct named_programs *n)
{
	const char *root = tracepoint__root();
	char path[64], line[256];
	const char **names = calloc(n->count, sizeof(*names));
	size_t count = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/available_filter_functions", root ?: "");
	file = fopen(path, "re");
	for (unsigned int i = 0; names && i < n->count; i++)
		if (together_of(&n->list[i]))
			names[count++] = hook__target(n->list[i].section);
	if (names)
		qsort(names, count, sizeof(*names), by_text);
	while (file && names && count > FEW && fgets(line, sizeof(line), file)) {
		const char *name = line;

		line[strcspn(line, " \t\n")] = '\0';
		if (!bsearch(&name, names, count, sizeof(*names), by_text))
			continue;
		for (unsigned int i = 0; i < n->count; i++)
			n->list[i].together |= together_of(&n->list[i]) &&
					       !strcmp(hook__target(n->list[i].section), name);
	}
	if (file)
		fclose(file);
	free(names);
}

static int list_copies(struct named_programs *n)
{
	bool listed[ARRAY_SIZE(together)] = {};

	n->copies = calloc(n->count + 1, sizeof(*n->copies));
	if (!n->copies)
		return -ENOMEM;
	for (unsigned int i = 0; i < n->count; i++) {
		const struct attachment *a = &n->list[i];
		const struct together *t = a->together ? together_of(a) : NULL;

		if (t && listed[t - together])
			continue;
		if (t)
			listed[t - together] = true;
		n->copies[n->copy_count++] = t ? (struct loader_copy){t->program, t->section}
					       : (struct loader_copy){a->program, a->section, i};
	}
	return 0;
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
	if (!code && planner__has(p->options.planner, p->options.probes, FEATURE_KPROBE_MULTI))
		find_together(n);
	if (!code)
		code = list_copies(n);
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

static int attach_together(const struct programs *p, const struct plan *plan,
			   const struct together *t)
{
	const struct named_programs *n = p->named;
	const char **functions = calloc(n->count, sizeof(*functions));
	uint64_t *places = calloc(n->count, sizeof(*places));
	struct error refusal = {};
	unsigned int count = 0;
	int code = functions && places ? 0 : -ENOMEM;

	for (unsigned int i = 0; !code && i < n->count; i++) {
		if (!n->list[i].together || together_of(&n->list[i]) != t || !is_wanted(n, plan, i))
			continue;
		functions[count] = hook__target(n->list[i].section);
		places[count++] = i;
	}
	if (count &&
	    (object__check(n->copied.object, t->section, &refusal) ||
	     object__attach_many(n->copied.object, t->section, functions, places, count, &refusal)))
		for (unsigned int i = 0; i < count; i++)
			if (places[i] < n->hooks->count)
				tell_absent(p, places[i], refusal.text);
	free(functions);
	free(places);
	return code;
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
