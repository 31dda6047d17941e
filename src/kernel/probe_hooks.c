// SPDX-License-Identifier: Apache-2.0
#include "probe_hooks.h"
#include "hook_kinds.h"
#include "modules.h"
#include "planner.h"
#include "probe_file.h"
#include "probes.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>

static bool in_modules(const struct hook_kind *kind, const struct btf *kernel, const char *section)
{
	struct module_types *modules = modules__types(kernel);
	bool found = false;

	for (const struct module_types *m = modules; m && !found; m = m->next)
		found = hook_kind__btf_id(kind, m->btf, section) > 0;
	modules__free(modules);
	return found;
}

/* Whether the kernel has what a program's section names; if not, `why`. */
static bool is_there(const struct probe_hooks *h, const struct bpf_program *program,
		     struct feature_result *state)
{
	const char *section = bpf_program__section_name(program);
	const struct btf *kernel = probes__kernel(h->probes);
	const struct hook_kind *kind;

	section += *section == '?';
	kind = hook_kind__of(section);
	if (!kind || !kind->prefix || !strcmp(kind->sections, "iter/"))
		return true;
	*state = planner__state(h->planner, h->probes, section);
	return state->state != FEATURE_MISSING ||
	       (planner__has(h->planner, h->probes, kind->feature) && kernel &&
		in_modules(kind, kernel, section));
}

static bool hook_of(const struct probe_hooks *h, const struct bpf_program *program, char *hook,
		    size_t room)
{
	return planner__hook_of(h->probes, bpf_program__name(program), hook, room);
}

static void load(const struct probe_hooks *h, const char *program)
{
	bpf_program__set_autoload(bpf_object__find_program_by_name(h->object, program), true);
}

/* The hook's best program that works here, and where it finds its arguments. */
static void choose(const struct probe_hooks *h, const char *hook)
{
	struct hook_places places;
	struct probe_variable v;
	struct candidate c;
	char variable[80];
	size_t room;
	char *memory;

	planner__choose(h->planner, h->probes, hook, &c);
	if (!c.program)
		return;
	load(h, c.program);
	if (c.also)
		load(h, c.also);
	snprintf(variable, sizeof(variable), "sonde_hook__%s", hook);
	if (!planner__arguments(h->probes, hook, c.section, &places) ||
	    !probe_object__variable(h->object, variable, &v) || v.size != sizeof(places))
		return;
	memory = (char *)bpf_map__initial_value(v.map, &room);
	if (memory && v.offset + sizeof(places) <= room)
		memcpy(memory + v.offset, &places, sizeof(places));
}

void probe_hooks__choose(const struct probe_hooks *h)
{
	struct bpf_program *program;
	struct feature_result state;
	char hook[64];

	bpf_object__for_each_program(program, h->object) {
		if (hook_of(h, program, hook, sizeof(hook)) || !is_there(h, program, &state))
			bpf_program__set_autoload(program, false);
	}
	bpf_object__for_each_program(program, h->object) {
		if (hook_of(h, program, hook, sizeof(hook)))
			choose(h, hook);
	}
}

static const struct {
	const char *better, *other;
} twins[] = {
	{"fentry/", "kprobe/"},
	{"fexit/", "kretprobe/"},
	{"tp_btf/", "raw_tp/"},
	{"tp_btf/", "raw_tracepoint/"},
};

static const char *behind(const struct bpf_program *program, const char *kind)
{
	const char *section = bpf_program__section_name(program);

	section += *section == '?';
	return strncmp(section, kind, strlen(kind)) ? NULL : section + strlen(kind);
}

static bool has_better(const struct bpf_object *o, const struct bpf_program *program)
{
	struct bpf_program *p;

	for (unsigned int i = 0; i < ARRAY_SIZE(twins); i++) {
		const char *target = behind(program, twins[i].other), *theirs;

		bpf_object__for_each_program(p, o)
			if (target && bpf_program__autoload(p) &&
			    (theirs = behind(p, twins[i].better)) && !strcmp(theirs, target))
				return true;
	}
	return false;
}

void probe_hooks__choose_twins(const struct probe_hooks *h)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, h->object) {
		if (has_better(h->object, program))
			bpf_program__set_autoload(program, false);
	}
}

bool probe_hooks__refuse(const struct probe_hooks *h, const char *program, const char *why)
{
	struct candidate c;
	char hook[64];

	if (!planner__hook_of(h->probes, program, hook, sizeof(hook)))
		return false;
	planner__choose(h->planner, h->probes, hook, &c);
	/* Two may serve it together: the first has the name of both, and neither is refused twice.
	 */
	if (!c.program || (strcmp(c.program, program) && strcmp(c.also ?: "", program)))
		return c.program;
	planner__refuse(h->planner, c.program, why, NULL);
	planner__choose(h->planner, h->probes, hook, &c);
	return c.program;
}

void probe_hooks__tell(const struct probe_hooks *h,
		       void (*refused)(void *context, const char *what, const char *why),
		       void *context)
{
	struct bpf_program *program;
	struct feature_result state;
	char hook[64], last[64] = "";

	bpf_object__for_each_program(program, h->object) {
		const char *section = bpf_program__section_name(program);
		struct candidate c;

		if (!hook_of(h, program, hook, sizeof(hook))) {
			if ((!h->optional ||
			     !probes__optional(h->probes, bpf_program__name(program))) &&
			    !is_there(h, program, &state))
				refused(context, section + (*section == '?'), state.why);
			continue;
		}
		/* Its programs stand side by side. */
		planner__choose(h->planner, h->probes, hook, &c);
		if (!c.program && strcmp(hook, last))
			refused(context, hook, c.why ?: c.state.why);
		strcpy(last, hook);
	}
}
