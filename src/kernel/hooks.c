/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"
#include "../host/fields.h"
#include "plan.h"
#include "probes.h"
#include "programs.h"

#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define SMALLEST_BUFFER (64 << 10) /* for a CPU */

struct hooks {
	struct probes *probes;
	struct planner *planner;
};

int hooks__new(const struct features *known, struct hooks **ret, struct error *err)
{
	struct hooks *h = calloc(1, sizeof(*h));
	int r;

	if (!h)
		return error__set(err, -ENOMEM, "no memory for the probes");
	r = probes__built_in(&h->probes, err);
	if (!r)
		r = planner__new(NULL, known, &h->planner);
	if (r) {
		hooks__free(h);
		return r;
	}
	*ret = h;
	return 0;
}

void hooks__free(struct hooks *h)
{
	if (!h)
		return;
	planner__free(h->planner);
	probes__free(h->probes);
	free(h);
}

int hooks__load(struct hooks *h, const struct schemas *schemas, struct error *err)
{
	struct selection all = {.events = schemas->count,
				.bits = calloc(schemas->count / 64 + 1, sizeof(uint64_t))};
	struct subscription sub = {.events = &all,
				   .needs = NEEDS_LATENCY | NEEDS_ENTRY | NEEDS_DENIED};
	struct programs_options options = {.schemas = schemas,
					   .cpus = libbpf_num_possible_cpus(),
					   .filter_calls = true,
					   .probes = h->probes,
					   .planner = h->planner};
	struct programs *programs = NULL;
	struct plan plan = {};
	int code;

	if (!all.bits)
		return error__set(err, -ENOMEM, "no memory for the probes");
	memset(all.bits, 0xff, (schemas->count + 7) / 8);
	options.buffer_bytes = options.cpus * SMALLEST_BUFFER;
	code = plan__make(&plan, schemas, &sub, 1, false);
	if (!code)
		code = programs__new(&options, &plan, &programs, err);
	programs__free(programs);
	plan__release(&plan);
	selection__release(&all);
	return code ? error__set(err, code, "the probes cannot be loaded: %s", strerror(-code)) : 0;
}

const char *hooks__refused(const struct hooks *h, unsigned int index, const char **why,
			   const char **log)
{
	return planner__refused(h->planner, index, why, log);
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
	return "none";
}

void hooks__find(const struct hooks *h, const struct schema *s, struct candidate *c)
{
	planner__choose(h->planner, h->probes, program_of(s), c);
	if (c->state.state != FEATURE_MISSING || !s->instead)
		return;
	c->section = "none";
	c->state.state = FEATURE_LESSER;
	snprintf(c->state.why, sizeof(c->state.why), "-e %s stands in, %s", s->instead, s->lesser);
}
