/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"
#include "core_btf.h"
#include "object.h"
#include "plan.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct hooks {
	struct object *object; /* the sections' names are its */
	struct btf *kernel;    /* NULL: it does not tell its types */
};

int hooks__new(struct hooks **ret, struct error *err)
{
	struct hooks *h = calloc(1, sizeof(*h));
	int r;

	if (!h)
		return error__set(err, -ENOMEM, "no memory for the probes");
	r = object__open(&h->object, err);
	if (r) {
		free(h);
		return r;
	}
	h->kernel = core_btf__kernel();
	*ret = h;
	return 0;
}

void hooks__free(struct hooks *h)
{
	if (!h)
		return;
	btf__free(h->kernel);
	object__free(h->object);
	free(h);
}

static const char *program_of(const struct schema *s)
{
	if (s->flags & SCHEMA_NO_RETURN)
		return "sched_process_exit";
	if (s->flags & SCHEMA_AT_ENTRY)
		return "sys_enter";
	if (s->flags & SCHEMA_CALL)
		return "sys_exit";
	for (unsigned int i = 0; i < ARRAY_SIZE(plan_programs); i++) {
		for (unsigned int e = 0;
		     e < ARRAY_SIZE(plan_programs[i].events) && plan_programs[i].events[e]; e++) {
			if (!strcmp(plan_programs[i].events[e], s->name))
				return plan_programs[i].name;
		}
	}
	return NULL;
}

const char *hooks__of(const struct hooks *h, const struct schema *s)
{
	const char *name = program_of(s);
	struct bpf_program *program =
		name ? bpf_object__find_program_by_name(object__bpf(h->object), name) : NULL;
	const char *section = program ? bpf_program__section_name(program) : "none";

	return section + (*section == '?');
}

static enum feature feature_of(const char *hook)
{
	static const struct {
		const char *prefix;
		enum feature feature;
	} kinds_of_hook[] = {
		{"tp_btf/", FEATURE_TP_BTF}, {"raw_tp", FEATURE_RAW_TP},
		{"tp/", FEATURE_TRACEPOINT}, {"iter/", FEATURE_ITER_TASK},
		{"fentry/", FEATURE_FENTRY}, {"fexit/", FEATURE_FEXIT},
		{"kprobe/", FEATURE_KPROBE}, {"kretprobe/", FEATURE_KRETPROBE},
		{"lsm/", FEATURE_LSM},       {"fmod_ret/", FEATURE_FMOD_RET},
		{"uprobe", FEATURE_UPROBE},  {"perf_event", FEATURE_PERF_EVENT},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(kinds_of_hook); i++) {
		if (!strncmp(hook, kinds_of_hook[i].prefix, strlen(kinds_of_hook[i].prefix)))
			return kinds_of_hook[i].feature;
	}
	return FEATURE_TP_BTF;
}

struct feature_result hook__state(const struct btf *kernel, const struct features *f,
				  const char *hook)
{
	struct feature_result result = f->list[feature_of(hook)];
	const char *tracepoint = strstr(hook, "tp_btf/");
	char type[128];

	if (!tracepoint || !kernel || result.state == FEATURE_MISSING)
		return result;
	tracepoint = strchr(tracepoint, '/') + 1;
	snprintf(type, sizeof(type), "btf_trace_%s", tracepoint);
	if (btf__find_by_name_kind(kernel, type, BTF_KIND_TYPEDEF) > 0)
		return result;
	result.state = FEATURE_MISSING;
	snprintf(result.why, sizeof(result.why), "this kernel has no tracepoint %.100s",
		 tracepoint);
	return result;
}

struct feature_result hooks__state(const struct hooks *h, const struct features *f,
				   const char *hook)
{
	return hook__state(h->kernel, f, hook);
}
