/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks.h"
#include "object.h"
#include "plan.h"

#include <errno.h>
#include <string.h>

struct hooks {
	struct object *object;
	struct planner *planner;
};

int hooks__new(const struct features *known, struct hooks **ret, struct error *err)
{
	struct hooks *h = calloc(1, sizeof(*h));
	int r;

	if (!h)
		return error__set(err, -ENOMEM, "no memory for the probes");
	r = object__open(&h->object, err);
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
	return "none";
}

void hooks__find(const struct hooks *h, const struct schema *s, struct candidate *c)
{
	planner__choose(h->planner, h->object, program_of(s), c);
}
