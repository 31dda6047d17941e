// SPDX-License-Identifier: Apache-2.0
#include "hook_kinds.h"
#include "kprobe.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define TRACING BPF_PROG_TYPE_TRACING

const struct hook_kind hook_kinds[HOOK_KINDS] = {
	{"tp_btf/", FEATURE_TP_BTF, TRACING, BPF_TRACE_RAW_TP, "btf_trace_", BTF_KIND_TYPEDEF},
	{"fexit/", FEATURE_FEXIT, TRACING, BPF_TRACE_FEXIT, "", BTF_KIND_FUNC},
	{"fentry/", FEATURE_FENTRY, TRACING, BPF_TRACE_FENTRY, "", BTF_KIND_FUNC,
	 "without a verdict: it runs before the function does"},
	{"fmod_ret/", FEATURE_FMOD_RET, TRACING, BPF_MODIFY_RETURN, "", BTF_KIND_FUNC},
	{"lsm/", FEATURE_LSM, BPF_PROG_TYPE_LSM, BPF_LSM_MAC, "bpf_lsm_", BTF_KIND_FUNC,
	 "without a verdict, and blind to what an earlier security module denies"},
	{"iter/", FEATURE_ITER_TASK, TRACING, BPF_TRACE_ITER, "bpf_iter_", BTF_KIND_FUNC},
	{"kprobe/", FEATURE_KPROBE, BPF_PROG_TYPE_KPROBE},
	{"kretprobe/", FEATURE_KRETPROBE, BPF_PROG_TYPE_KPROBE},
	{"kprobe.multi/", FEATURE_KPROBE_MULTI, BPF_PROG_TYPE_KPROBE, BPF_TRACE_KPROBE_MULTI},
	{"kretprobe.multi/", FEATURE_KPROBE_MULTI, BPF_PROG_TYPE_KPROBE, BPF_TRACE_KPROBE_MULTI},
	{"uprobe.multi/", FEATURE_UPROBE_MULTI, BPF_PROG_TYPE_KPROBE, UPROBE_MULTI},
	{"uprobe/", FEATURE_UPROBE, BPF_PROG_TYPE_KPROBE},
	{"uretprobe/", FEATURE_UPROBE, BPF_PROG_TYPE_KPROBE},
	{"usdt/", FEATURE_UPROBE, BPF_PROG_TYPE_KPROBE},
	{"raw_tp/", FEATURE_RAW_TP, BPF_PROG_TYPE_RAW_TRACEPOINT},
	{"tp/", FEATURE_TRACEPOINT, BPF_PROG_TYPE_TRACEPOINT},
	{"tp.multi/", FEATURE_TRACEPOINT_MULTI,
	 BPF_PROG_TYPE_TRACEPOINT}, /* no section of libbpf's */
};

const struct hook_kind *hook_kind__of(const char *section)
{
	for (unsigned int i = 0; i < HOOK_KINDS; i++)
		if (!strncmp(section, hook_kinds[i].sections, strlen(hook_kinds[i].sections)))
			return &hook_kinds[i];
	return NULL;
}

/* Where a module's name ends; NULL: there is none. Of a program or file the colon means something
 * else. */
static const char *end_of_module(const char *section)
{
	const char *slash = strchr(section, '/');

	return slash && *section != 'u' ? strchr(slash, ':') : NULL;
}

const char *hook__target(const char *section)
{
	const char *colon = end_of_module(section);

	return (colon ?: strchr(section, '/')) + 1;
}

bool hook__module(const char *section, char *name, size_t room)
{
	const char *colon = end_of_module(section), *begin = strchr(section, '/') + 1;

	if (colon)
		snprintf(name, room, "%.*s", (int)(colon - begin), begin);
	return colon;
}

int hook_kind__btf_id(const struct hook_kind *kind, const struct btf *kernel, const char *section)
{
	char name[128];

	if (!kind->prefix)
		return 0;
	if (!kernel)
		return -ENOENT;
	snprintf(name, sizeof(name), "%s%s", kind->prefix, hook__target(section));
	return btf__find_by_name_kind(kernel, name, kind->btf_kind);
}

int tracepoint_args(const struct btf *kernel, const char *tracepoint)
{
	char section[128];
	const struct btf_type *t;
	int id;

	snprintf(section, sizeof(section), "tp_btf/%s", tracepoint);
	id = hook_kind__btf_id(hook_kind__of(section), kernel, section);
	if (id <= 0)
		return -1;
	t = btf__type_by_id(kernel, btf__type_by_id(kernel, id)->type); /* pointer */
	/* A function, whose first argument is the kernel's own. */
	t = btf__type_by_id(kernel, t->type);
	return btf_vlen(t) - 1;
}

struct feature_result hook__state(const struct btf *kernel, const struct features *f,
				  const char *section)
{
	const struct hook_kind *kind = hook_kind__of(section);
	struct feature_result result = {.state = FEATURE_MISSING, .why = "no probe captures it"};
	const char *target = strchr(section, '/');

	if (!kind || !target)
		return result;
	result = f->list[kind->feature];
	if (result.state == FEATURE_MISSING)
		return result;
	if (kernel && hook_kind__btf_id(kind, kernel, section) < 0) {
		result.state = FEATURE_MISSING;
		snprintf(result.why, sizeof(result.why), "this kernel has no %s %.100s",
			 kind->btf_kind == BTF_KIND_FUNC ? "function" : "tracepoint", target + 1);
	}
	return result;
}
