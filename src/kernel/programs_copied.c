// SPDX-License-Identifier: Apache-2.0
/* The programs that are loaded once for each of several hooks: those of --cheap, and those of the
 * hooks that users name. */
#include "ledger.h"
#include "named.h"
#include "programs_inside.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

/* `places`: among the scratches; 0: as many as are wanted. `prepare` is called before it is loaded.
 */
static int load_copies(struct programs *p, struct copied *c, const struct loader_copy *copies,
		       unsigned int count, const bool *wanted, unsigned int places,
		       struct error *err)
{
	struct object *o;
	int code = object__new(p->options.probes, &o);

	if (code)
		return code;
	for (unsigned int i = 0; i < count; i++)
		object__want(o, copies[i].program);
	code = object__open(o, err);
	if (!code) {
		programs__configure(p, o, wanted);
		if (places) {
			bpf_map__set_max_entries(object__map(o, "scratches"),
						 places * p->options.cpus);
			bpf_map__set_max_entries(object__map(o, "named"), count);
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
		code = load_copies(p, &p->cheap_copies, p->cheap.copies, p->cheap.count, wanted, 0,
				   err);
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

/* The event of a named hook; NULL: nobody wants it. */
static const struct schema *wanted_event(const struct programs *p, const struct plan *plan,
					 const struct named_hook *h)
{
	return selection__has(&plan->events, h->schema.id) ? &h->schema : NULL;
}

static int fill_table(struct programs *p, struct object *o)
{
	int map = bpf_map__fd(object__map(o, "named"));

	for (uint32_t i = 0; i < p->options.named->count; i++) {
		struct sonde_named entry = p->options.named->list[i]->from;
		unsigned int place = i % PLAN_NAMED;

		entry.event = p->options.named->list[i]->schema.id;
		entry.hook = place << 16 | (PLAN_PROGRAMS + place);
		if (bpf_map_update_elem(map, &i, &entry, BPF_ANY))
			return -errno;
	}
	return 0;
}

/* All at once, wanted now or later. */
int named__load(struct programs *p, const struct plan *plan, struct error *err)
{
	static const bool wanted[PLAN_PROGRAMS];
	const struct named_hooks *named = p->options.named;
	int code;

	if (!named || !named->count || p->named.object)
		return 0;
	p->named_list = calloc(named->count + 1, sizeof(*p->named_list));
	if (!p->named_list)
		return -ENOMEM;
	for (unsigned int i = 0; i < named->count; i++)
		p->named_list[i] = (struct loader_copy){.program = named->list[i]->program,
							.section = named->list[i]->section,
							.index = i};
	code = load_copies(p, &p->named, p->named_list, named->count, wanted,
			   min(named->count, PLAN_NAMED), err);
	return code ? code : fill_table(p, p->named.object);
}

int named__attach(struct programs *p, const struct plan *plan, struct error *err)
{
	const struct named_hooks *named = p->options.named;

	for (unsigned int i = 0; p->named.object && !p->named.attached && i < named->count; i++) {
		const struct named_hook *h = named->list[i];
		struct error refusal = {};

		if (!wanted_event(p, plan, h))
			continue;
		if (!object__check(p->named.object, h->section, &refusal) &&
		    !object__attach(p->named.object, h->section, &refusal))
			continue;
		if (p->options.absent)
			p->options.absent(p->options.context, h->schema.name, refusal.text);
	}
	p->named.attached = p->named.object;
	return 0;
}

bool named__ran(const struct programs *p, unsigned int place)
{
	return p->named.attached && place < p->options.named->count;
}

const char *named__name(const struct programs *p, unsigned int place)
{
	return p->options.named->list[place]->schema.name;
}

uint64_t named__missed(const struct programs *p, unsigned int place)
{
	uint64_t sum = 0;

	for (unsigned int i = place; i < p->options.named->count; i += PLAN_NAMED) {
		const char *section = p->options.named->list[i]->section;
		uint64_t missed = object__check(p->named.object, section, NULL)
					  ? 0
					  : object__missed(p->named.object, section);

		if (missed == ~0ull)
			return missed;
		sum += missed;
	}
	return sum;
}

struct sonde_counters *named__counters(const struct programs *p, unsigned int place,
				       unsigned int cpu)
{
	return named__ran(p, place) ? counters__at(p->named.counters, place * p->options.cpus + cpu)
				    : NULL;
}
