// SPDX-License-Identifier: Apache-2.0
/* The programs that are loaded once for each of several hooks; such are those of --cheap. */
#include "ledger.h"
#include "programs_inside.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

int programs__load_copies(struct programs *p, struct copied *c, const struct loader_copy *copies,
			  unsigned int count, const bool *wanted, unsigned int places,
			  unsigned int tables, struct error *err)
{
	static const bool none[PLAN_PROGRAMS];
	struct object *o;
	int code = object__new(p->options.probes, &o);

	if (code)
		return code;
	for (unsigned int i = 0; i < count; i++)
		object__want(o, copies[i].program);
	code = object__open(o, err);
	if (!code) {
		programs__configure(p, o, wanted ?: none);
		if (!wanted) {
			bpf_map__set_max_entries(object__map(o, "scratches"),
						 places * p->options.cpus);
			bpf_map__set_max_entries(object__map(o, "named"), tables);
		}
		object__copy(o, copies);
		code = programs__load_another(p, o, err);
	}
	if (!code)
		code = counters__map(o, &c->counters, err);
	probes__forget_kernel(p->options.probes);
	if (code) {
		object__free(o);
		return code;
	}
	p->counters[p->object_count] = c->counters;
	p->objects[p->object_count++] = c->object = o;
	return 0;
}

int cheap__load(struct programs *p, const struct plan *plan, struct error *err)
{
	static const bool wanted[PLAN_PROGRAMS] = {
		[PROGRAM_sys_exit] = true, [PROGRAM_sys_enter] = true};
	int code = cheap__choose(&p->cheap, p->options.planner, p->options.probes,
				 p->options.schemas, plan, plan->programs[PROGRAM_sys_enter], err);

	if (!code)
		code = programs__load_copies(p, &p->cheap_copies, p->cheap.copies, p->cheap.count,
					     wanted, 0, 0, err);
	if (code)
		return code;
	for (unsigned int i = p->cheap.count; i > 0; i--) {
		struct error refusal = {};

		if (!object__check(p->cheap_copies.object, p->cheap.copies[i - 1].section,
				   &refusal))
			continue;
		if (p->options.absent)
			p->options.absent(p->options.context, p->cheap.calls[i - 1], refusal.text);
		cheap__remove(&p->cheap, i - 1);
	}
	p->programs[PROGRAM_sys_exit].counters = p->cheap_copies.counters;
	p->programs[PROGRAM_sys_enter].counters = p->cheap_copies.counters;
	return 0;
}

/* They stay to the end: which they are is decided once. */
int cheap__attach(struct programs *p, struct error *err)
{
	if (!p->cheap_copies.object || p->cheap_copies.attached)
		return 0;
	for (unsigned int i = 0; i < p->cheap.count; i++) {
		int code = object__attach(p->cheap_copies.object, p->cheap.copies[i].section, err);

		if (code)
			return code;
	}
	p->programs[PROGRAM_sys_exit].ran = p->cheap.count > 0;
	p->programs[PROGRAM_sys_enter].ran = p->cheap.count > 0;
	p->cheap_copies.attached = true;
	return 0;
}
