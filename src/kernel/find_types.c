// SPDX-License-Identifier: Apache-2.0
/* Hooks that the kernel's types tell of: functions, raw tracepoints, LSM hooks, iterators. */
#include "features.h"
#include "find_inside.h"
#include "kprobe.h"
#include "type_text.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A typedef of a pointer to a function, whose first argument is the kernel's own. Older kernels
 * name the others only where they call it. */
static uint32_t named_arguments(const struct btf *kernel, uint32_t id, const char *tracepoint)
{
	char caller[128];
	int named;

	snprintf(caller, sizeof(caller), "__traceiter_%s", tracepoint);
	named = btf__find_by_name_kind(kernel, caller, BTF_KIND_FUNC);
	return named > 0 ? (uint32_t)named : id;
}

static void add(struct finder *f, enum find_source source, const char *name, uint32_t id,
		const char *module)
{
	struct buffer text = {};
	struct found *h;

	if (!finder__wants(f, source, name))
		return;
	if (source == FIND_RAW_TRACEPOINT) {
		id = named_arguments(f->types, id, name);
		type__parameters(&text, f->types, id, 1);
	} else if (source == FIND_ITER) {
		type__parameters(&text, f->types, id, 0);
	} else {
		type__signature(&text, f->types, id, name);
	}
	if (module)
		buffer__printf(&text, " [%s]", module);
	h = finder__add(f, source, name, buffer__string(&text));
	if (h) {
		h->type = id;
		h->types = f->types;
	}
	buffer__free(&text);
}

/* The members of this union are the hooks; other functions begin with bpf_lsm_, too. */
static const struct btf_type *lsm_hooks(const struct btf *kernel)
{
	int id = btf__find_by_name_kind(kernel, "security_list_options", BTF_KIND_UNION);

	return id > 0 ? btf__type_by_id(kernel, id) : NULL;
}

static bool has_member(const struct btf *kernel, const struct btf_type *t, const char *name)
{
	for (unsigned int i = 0; i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(kernel, btf_members(t)[i].name_off), name))
			return true;
	return false;
}

/* An iterator has a context; other functions begin with bpf_iter_, too. */
static bool is_iterator(const struct btf *kernel, const char *name)
{
	char context[128];

	snprintf(context, sizeof(context), "bpf_iter__%s", name);
	return btf__find_by_name_kind(kernel, context, BTF_KIND_STRUCT) > 0;
}

void find__in_types(struct finder *f, const struct btf *types, uint32_t first, const char *module)
{
	static const char raw[] = "btf_trace_", lsm[] = "bpf_lsm_", iter[] = "bpf_iter_";
	const struct btf_type *hooks = lsm_hooks(f->kernel);

	f->types = types;
	for (uint32_t i = first; i < btf__type_cnt(types) && !f->code; i++) {
		const struct btf_type *t = btf__type_by_id(types, i);
		const char *name;

		if (!btf_is_func(t) && !btf_is_typedef(t))
			continue;
		name = btf__name_by_offset(types, t->name_off) ?: "";
		if (btf_is_typedef(t)) {
			if (finder__asks(f, FIND_RAW_TRACEPOINT) &&
			    !strncmp(name, raw, strlen(raw)))
				add(f, FIND_RAW_TRACEPOINT, name + strlen(raw), i, module);
			continue;
		}
		if (!strncmp(name, lsm, strlen(lsm)) && finder__asks(f, FIND_LSM) &&
		    (!hooks || has_member(f->kernel, hooks, name + strlen(lsm))))
			add(f, FIND_LSM, name + strlen(lsm), i, module);
		else if (!strncmp(name, iter, strlen(iter)) && finder__asks(f, FIND_ITER) &&
			 is_iterator(types, name + strlen(iter)))
			add(f, FIND_ITER, name + strlen(iter), i, module);
		else
			add(f, FIND_FUNCTION, name, i, module);
	}
}

/* Functions come first among those of the kernel's types, in the order of their names. */
static struct found *function_named(struct found_hooks *all, unsigned int first, unsigned int end,
				    const char *name)
{
	while (first < end) {
		unsigned int middle = first + (end - first) / 2;
		int order = strcmp(name, all->list[middle].target);

		if (!order)
			return &all->list[middle];
		if (order < 0)
			end = middle;
		else
			first = middle + 1;
	}
	return NULL;
}

/* What the function tracer does not reach has no fentry: it is notrace, or gone after boot. */
static void mark_unreached(struct found *h, bool by_kprobe)
{
	char *word;

	if (h->reach == REACH_UNKNOWN)
		h->reach = by_kprobe ? REACH_KPROBE : REACH_NONE;
	if (h->reach == REACH_NONE || strncmp(h->word, "fexit:", 6) ||
	    asprintf(&word, "kprobe:%s", h->target) < 0)
		return;
	free(h->word);
	h->word = word;
	h->target = word + strlen("kprobe:");
}

void find__mark_reach(struct found_hooks *all)
{
	const char *root = tracepoint__root();
	unsigned int first = 0, end;
	char path[128], line[300];
	bool by_kprobe;
	FILE *file;

	while (first < all->count && all->list[first].source < FIND_FUNCTION)
		first++;
	for (end = first; end < all->count && all->list[end].source == FIND_FUNCTION;)
		end++;
	if (first == end || !root)
		return;
	snprintf(path, sizeof(path), "%s/available_filter_functions", root);
	file = fopen(path, "re");
	if (!file)
		return;
	while (fgets(line, sizeof(line), file)) {
		enum found_reach reach = REACH_ALL;
		struct found *h;

		line[strcspn(line, " \t\n")] = '\0';
		/* A variant that the compiler made, NAME.isra.0: kprobe__attach() finds it. */
		if (strchr(line, '.')) {
			*strchr(line, '.') = '\0';
			reach = REACH_KPROBE;
		}
		h = function_named(all, first, end, line);
		if (h && h->reach != REACH_ALL)
			h->reach = reach;
	}
	fclose(file);
	by_kprobe = features__config("CONFIG_KPROBE_EVENTS_ON_NOTRACE") == 'y';
	for (unsigned int i = first; i < end; i++)
		if (all->list[i].reach != REACH_ALL)
			mark_unreached(&all->list[i], by_kprobe);
}
