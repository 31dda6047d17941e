// SPDX-License-Identifier: Apache-2.0
#include "cheap.h"
#include "calls.h"
#include "hook_kinds.h"
#include "kprobe.h"
#include "probes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#if defined(__aarch64__)
static const char *const entry_points[] = {"__arm64_sys_", "__arm64_compat_sys_"};
#else
static const char *const entry_points[] = {"__x64_sys_", "__ia32_sys_", "__ia32_compat_sys_"};
#endif

/* Calls whose functions the kernel names otherwise. */
static const char *const renamed[][2] = {
	{"stat", "newstat"},   {"fstat", "newfstat"},      {"lstat", "newlstat"},
	{"uname", "newuname"}, {"sendfile", "sendfile64"}, {"umount2", "umount"},
};

const char *call__kernel_name(const char *call)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(renamed); i++)
		if (!strcmp(call, renamed[i][0]))
			return renamed[i][1];
	return call;
}

static void add(struct cheap *c, const char *call, const char *program, const char *section)
{
	char *copy = c->sections[c->count];

	/* Two calls of a 32-bit program may be one function. */
	for (unsigned int i = 0; i < c->count; i++)
		if (!strcmp(c->sections[i], section))
			return;
	strcpy(copy, section); /* as large */
	c->calls[c->count] = call;
	c->copies[c->count++] = (struct loader_copy){program, copy};
}

/* The functions that the kernel enters for it, on behalf of 64-bit and 32-bit programs. */
static bool by_functions(struct cheap *c, struct probes *probes, const char *call, bool entries)
{
	bool found = false;

	for (unsigned int i = 0; i < ARRAY_SIZE(entry_points); i++) {
		char section[96];

		snprintf(section, sizeof(section), "fexit/%s%s", entry_points[i],
			 call__kernel_name(call));
		if (hook_kind__btf_id(hook_kind__of(section), probes__kernel(probes), section) < 0)
			continue;
		found = true;
		add(c, call, "cheap_exit", section);
		snprintf(section, sizeof(section), "fentry/%s%s", entry_points[i],
			 call__kernel_name(call));
		if (entries)
			add(c, call, "cheap_enter", section);
	}
	return found;
}

static bool by_tracepoints(struct cheap *c, const char *call, bool entries)
{
	char section[96];

	snprintf(section, sizeof(section), "tp/syscalls/sys_exit_%s", call__kernel_name(call));
	if (!tracepoint__exists(section + 3))
		return false;
	add(c, call, "cheap_tp_exit", section);
	snprintf(section, sizeof(section), "tp/syscalls/sys_enter_%s", call__kernel_name(call));
	if (entries)
		add(c, call, "cheap_tp_enter", section);
	return true;
}

static bool is_served(const struct schema *s, const struct plan *plan)
{
	return s && s->flags & SCHEMA_CALL && !(s->flags & SCHEMA_NO_RETURN) &&
	       selection__has(&plan->events, s->id);
}

int cheap__choose(struct cheap *c, struct planner *p, struct probes *probes,
		  const struct schemas *schemas, const struct plan *plan, bool entries,
		  struct error *err)
{
	bool functions = planner__has(p, probes, FEATURE_FEXIT);
	bool tracepoints = planner__has(p, probes, FEATURE_TRACEPOINT) &&
			   probes__kernel_has(probes, "bpf_func_id", "BPF_FUNC_task_pt_regs");
	unsigned int calls = 0;

	*c = (struct cheap){};
	for (unsigned int i = 0; i < schemas->count; i++)
		calls += is_served(schemas->list[i], plan);
	if (calls > CHEAP_CALLS)
		return error__set(
			err, -E2BIG,
			"--cheap is for a few calls, %d at most, and not for %u: -e names "
			"them",
			CHEAP_CALLS, calls);
	for (unsigned int i = 0; i < schemas->count; i++) {
		const struct schema *s = schemas->list[i];

		if (!is_served(s, plan))
			continue;
		if (functions && by_functions(c, probes, s->name, entries)) {
			if (!c->blind)
				c->blind = "calls that seccomp refuses";
			continue;
		}
		if (s->flags &
		    SCHEMA_COMPAT_ONLY) /* this kernel does not have it, or not its functions */
			c->blind = "what 32-bit programs call, and int 0x80";
		else if (!tracepoints || !by_tracepoints(c, s->name, entries))
			return error__set(
				err, -ENOTSUP,
				"--cheap: %s has no hook of its own here: neither a function "
				"that BPF attaches to nor a tracepoint",
				s->name);
		c->blind = "what 32-bit programs call, and int 0x80";
	}
	return 0;
}

void cheap__remove(struct cheap *c, unsigned int index)
{
	c->count--;
	for (unsigned int i = index; i < c->count; i++) {
		c->copies[i] = c->copies[i + 1];
		c->calls[i] = c->calls[i + 1];
	}
	c->copies[c->count] = (struct loader_copy){};
}
