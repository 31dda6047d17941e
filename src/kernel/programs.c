// SPDX-License-Identifier: Apache-2.0
#include "programs_inside.h"
#include "../event/catalogue.h"
#include "cgroup.h"
#include "ledger.h"
#include "planner.h"
#include "probes.h"
#include "rings.h"
#include "tasks.h"
#include "told.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FIRST_OWN (PLAN_PROGRAMS + PLAN_NAMED)

struct object *programs__object(const struct programs *p)
{
	return p->objects[0];
}

struct rings *programs__rings(const struct programs *p)
{
	return p->rings;
}

struct sonde_config *programs__config(const struct programs *p)
{
	return object__variable(p->objects[0], ".data.config", "config");
}

const char *programs__blind(const struct programs *p)
{
	return p->cheap.blind;
}

const struct stage *programs__stage(const struct programs *p)
{
	return &p->stage;
}

bool programs__ran(const struct programs *p, unsigned int program)
{
	if (program >= FIRST_OWN)
		return own__ran(p, program - FIRST_OWN);
	return program < PLAN_PROGRAMS ? p->programs[program].ran
				       : named__ran(p, program - PLAN_PROGRAMS);
}

const char *programs__name(const struct programs *p, unsigned int program)
{
	if (program >= FIRST_OWN)
		return own__name(p, program - FIRST_OWN);
	return program < PLAN_PROGRAMS ? plan_programs[program].name
				       : named__name(p, program - PLAN_PROGRAMS);
}

/* Never attached: it runs when it is read. */
static bool is_iterator(unsigned int program)
{
	return program == PROGRAM_iterate_tasks || program == PROGRAM_iterate_files;
}

struct sonde_counters *programs__counters(const struct programs *p, unsigned int program,
					  unsigned int cpu)
{
	const struct hook *hook;

	if (program >= FIRST_OWN)
		return own__counters(p, program - FIRST_OWN, cpu);
	if (program >= PLAN_PROGRAMS)
		return named__counters(p, program - PLAN_PROGRAMS, cpu);
	hook = &p->programs[program];
	return hook->ran || (is_iterator(program) && hook->object)
		       ? counters__at(hook->counters, hook->place * p->options.cpus + cpu)
		       : NULL;
}

static bool is_for_calls(unsigned int program)
{
	return program == PROGRAM_sys_exit || program == PROGRAM_sys_enter;
}

uint64_t programs__missed(const struct programs *p, unsigned int program)
{
	uint64_t sum = 0;

	if (program >= FIRST_OWN)
		return own__missed(p, program - FIRST_OWN);
	if (program >= PLAN_PROGRAMS)
		return named__missed(p, program - PLAN_PROGRAMS);
	if (p->programs[program].object)
		return object__missed(p->programs[program].object, p->programs[program].program);
	for (unsigned int i = 0; i < p->cheap.count && is_for_calls(program); i++) {
		const struct loader_copy *copy = &p->cheap.copies[i];
		uint64_t missed = object__missed(p->cheap_copies.object, copy->section);

		if (missed == ~0ull)
			return missed;
		if (!strstr(copy->program, "enter") == (program == PROGRAM_sys_exit))
			sum += missed;
	}
	return sum;
}

struct ids {
	uint32_t hook, event;
};

static void set_ids(struct object *o, const char *name, uint16_t program, uint16_t place,
		    uint16_t event)
{
	struct ids ids = {.hook = (uint32_t)place << 16 | program, .event = event};
	char variable[64];

	snprintf(variable, sizeof(variable), "sonde_ids__%s", name);
	object__set_constant(o, variable, &ids, sizeof(ids));
}

/* An event's slot is that of its first program; a further one (HOOK_OF) has its own. */
static bool is_further(unsigned int program)
{
	for (unsigned int i = 0; plan_programs[program].events[0] && i < program; i++)
		for (unsigned int k = 0;
		     k < ARRAY_SIZE(plan_programs[i].events) && plan_programs[i].events[k]; k++)
			if (!strcmp(plan_programs[i].events[k], plan_programs[program].events[0]))
				return true;
	return false;
}

static uint16_t event_id(const struct programs *p, const char *name)
{
	return name ? schemas__event(p->options.schemas, name)->id : 0;
}

/* What a hook's programs are told: who they are, and where their arguments lie. */
static void configure_hook(struct programs *p, struct object *o, unsigned int i)
{
	const struct plan_program *program = &plan_programs[i];
	const struct hook *hook = &p->programs[i];
	struct hook_places places;
	const char *section;
	char variable[80];

	snprintf(variable, sizeof(variable), "sonde_hook__%s", program->name);
	if (hook->program && probes__program(p->options.probes, hook->program, &section) &&
	    planner__arguments(p->options.probes, program->name, section, &places))
		object__set_constant(o, variable, &places, sizeof(places));
	if (!program->events[0] || is_further(i)) {
		set_ids(o, program->name, i, hook->place, event_id(p, program->events[0]));
		return;
	}
	for (unsigned int k = 0; k < ARRAY_SIZE(program->events) && program->events[k]; k++)
		set_ids(o, program->events[k], i, hook->place, event_id(p, program->events[k]));
}

/* Constants and sizes: what decides which code exists. */
void programs__configure(struct programs *p, struct object *o, const bool *wanted)
{
	unsigned int cpus = p->options.cpus, places = 0;

	const struct told_constants constants = {.cpus = cpus,
						 .task_storage = p->task_storage,
						 .debug = p->options.debug,
						 .follow = p->options.follow,
						 .follow_cgroup = p->options.cgroup != NULL};

	told__constants(o, p->options.probes, &constants);
	stage__prepare(o, p->options.filter_calls && wanted[PROGRAM_sys_exit]);
	bpf_map__set_autocreate(object__map(o, p->task_storage ? "tasks_by_tid" : "tasks"), false);
	for (unsigned int i = 0; i < PLAN_PROGRAMS; i++) {
		if (!wanted[i])
			continue;
		p->programs[i].place = places++;
		configure_hook(p, o, i);
	}
	bpf_map__set_max_entries(object__map(o, "scratches"), max(places, 1u) * cpus);
}

/* The rings have been in the making since before the object was opened. */
static int load_first(struct programs *p, struct object *o, struct error *err)
{
	int code = bpf_map__reuse_fd(object__map(o, "rings"), rings__map(p->rings_begun));

	if (!code)
		code = object__load(o, err);
	return code ? code : rings__end(take_ptr(p->rings_begun), &p->rings, err);
}

int programs__load_another(struct programs *p, struct object *o, struct error *err)
{
	int code = 0;

	for (unsigned int i = 0; i < p->object_count && !code; i++)
		code = object__share(o, p->objects[i], err);
	return code ? code : object__load(o, err);
}

/* What this kernel lacks costs its events, not the start. */
static int choose(struct programs *p, struct object *o, bool *wanted)
{
	for (unsigned int i = 0; i < PLAN_PROGRAMS; i++) {
		struct hook *hook = &p->programs[i];
		struct candidate c;

		if (!wanted[i])
			continue;
		planner__choose(p->options.planner, p->options.probes, plan_programs[i].name, &c);
		wanted[i] = c.program != NULL;
		/* A check that this kernel does not have refuses nothing. */
		if (plan__is_denier(i) && !planner__has_function(p->options.probes, c.section)) {
			wanted[i] = false;
			hook->told = true;
		}
		if (!wanted[i]) {
			hook->absent = strdup(c.why ? c.why : c.state.why);
			if (!hook->absent)
				return -ENOMEM;
			continue;
		}
		hook->program = c.program;
		hook->also = c.also;
		object__want(o, c.program);
		if (c.also)
			object__want(o, c.also);
	}
	if (wanted[PROGRAM_sys_exit] && p->options.filter_calls)
		stage__want(o);
	return 0;
}

/* Without these, nothing can be told of the rest. */
static bool is_vital(unsigned int program)
{
	return program == PROGRAM_sched_process_fork || program == PROGRAM_sched_process_exit ||
	       program == PROGRAM_iterate_tasks || program == PROGRAM_sys_exit ||
	       program == PROGRAM_sys_enter;
}

static void refuse(struct programs *p, struct object *o, const struct hook *hook, const char *why)
{
	char *log = object__take_log(o, hook->program);

	if (!log && hook->also)
		log = object__take_log(o, hook->also);
	planner__refuse(p->options.planner, hook->program, why, log);
}

/* A program that the kernel refuses does not stop the others: its hook is served by the next best.
 */
static int take(struct programs *p, struct object *o, const bool *wanted, bool *again,
		struct error *err)
{
	*again = false;
	for (unsigned int i = 0; i < PLAN_PROGRAMS; i++) {
		struct hook *hook = &p->programs[i];
		struct error refusal = {};
		int code;

		if (!wanted[i])
			continue;
		code = object__check(o, hook->program, &refusal);
		if (!code && hook->also)
			code = object__check(o, hook->also, &refusal);
		if (!code) {
			hook->object = o;
			hook->counters = p->counters[p->object_count];
			continue;
		}
		refuse(p, o, hook, refusal.text);
		if (is_vital(i)) {
			if (err)
				*err = refusal;
			return code;
		}
		*again = true;
	}
	return 0;
}

int programs__load(struct programs *p, const struct plan *plan, struct error *err)
{
	bool again = false;
	bool wanted[PLAN_PROGRAMS], any = false, first = !p->object_count;
	struct object *o;
	int code;

	for (unsigned int i = 0; i < PLAN_PROGRAMS; i++) {
		wanted[i] = plan->programs[i] && !p->programs[i].object && !p->programs[i].absent &&
			    !(p->options.cheap && is_for_calls(i));
		any |= wanted[i];
	}
	if (!any)
		return named__load(p, plan, err);
	code = object__new(p->options.probes, &o);
	if (code)
		return code;
	if (first)
		p->task_storage = task_storage__works(p->options.probes) && own__may_store(p);
	code = choose(p, o, wanted);
	if (!code && !memchr(wanted, true, sizeof(wanted))) {
		object__free(o);
		return named__load(p, plan, err);
	}
	if (!code)
		code = object__open(o, err);
	if (!code)
		programs__configure(p, o, wanted);
	if (!code && first)
		code = load_first(p, o, err);
	else if (!code)
		code = programs__load_another(p, o, err);
	if (!code)
		code = counters__map(o, &p->counters[p->object_count], err);
	if (!code && wanted[PROGRAM_sys_exit] && p->options.filter_calls)
		code = stage__open(o, p->programs[PROGRAM_sys_exit].place * p->options.cpus,
				   &p->stage, err);
	probes__forget_kernel(p->options.probes);
	if (!code)
		code = take(p, o, wanted, &again, err);
	if (code) {
		for (unsigned int i = 0; i < PLAN_PROGRAMS; i++)
			if (p->programs[i].object == o)
				p->programs[i].object = NULL;
		counters__free(take_ptr(p->counters[p->object_count]));
		object__free(o);
		return code;
	}
	p->objects[p->object_count++] = o;
	return again ? programs__load(p, plan, err) : named__load(p, plan, err);
}

int programs__new(const struct programs_options *options, const struct plan *plan,
		  struct programs **ret, struct error *err)
{
	struct programs *p = calloc(1, sizeof(*p));
	struct sonde_config *config;
	int code;

	if (!p)
		return -ENOMEM;
	p->options = *options;
	code = rings__begin(options->cpus, options->buffer_bytes, &p->rings_begun, err);
	if (!code)
		code = programs__load(p, plan, err);
	if (!code && options->cheap && plan->programs[PROGRAM_sys_exit])
		code = cheap__load(p, plan, err);
	if (!code)
		own__load(p, plan);
	if (code) {
		programs__free(p);
		return code;
	}
	config = programs__config(p);
	config->generation = 1;
	if (options->cgroup) {
		config->cgroup_id = options->cgroup->id;
		config->cgroup_hierarchy = options->cgroup->hierarchy;
	}
	*ret = p;
	return 0;
}

void programs__free(struct programs *p)
{
	if (!p)
		return;
	if (p->rings_begun)
		(void)!rings__end(p->rings_begun, &p->rings, &(struct error){});
	own__free(p);
	rings__free(p->rings);
	for (unsigned int i = p->object_count; i > 0; i--) {
		counters__free(p->counters[i - 1]);
		object__free(p->objects[i - 1]);
	}
	for (unsigned int i = 0; i < PLAN_PROGRAMS; i++)
		free(p->programs[i].absent);
	named__free(p);
	free(p);
}

/* The map of the calls' variants; negative: no program that is loaded uses it. */
static int variants(const struct programs *p)
{
	int map = -1;

	for (unsigned int i = 0; i < p->object_count && map < 0; i++)
		map = map__fd(object__map(p->objects[i], "variants"));
	return map;
}

/* Fork first, so that no child of a labelled task goes unlabelled; the calls last. */
static int order(unsigned int program)
{
	return program == PROGRAM_sched_process_fork ? 0
	       : program == PROGRAM_sys_enter        ? 2
	       : program == PROGRAM_sys_exit         ? 3
						     : 1;
}

static int attach_hook(struct programs *p, const struct hook *hook, struct error *err)
{
	int code = 0;

	/* The return first: an entry whose return is not seen would stay for ever. */
	if (hook->also)
		code = object__attach(hook->object, hook->also, err);
	if (!code)
		code = object__attach(hook->object, hook->program, err);
	if (code && hook->also)
		object__detach(hook->object, hook->also);
	return code;
}

static int attach(struct programs *p, const struct plan *plan, bool *added, bool *again,
		  struct error *err)
{
	for (int turn = 0; turn <= 3; turn++) {
		for (unsigned int i = 0; i < PLAN_PROGRAMS; i++) {
			struct hook *hook = &p->programs[i];
			struct error refusal = {};
			int code;

			if (order(i) != turn || is_iterator(i) || !plan->programs[i] ||
			    p->programs[i].absent || p->programs[i].attached ||
			    (p->options.cheap && is_for_calls(i)))
				continue;
			code = attach_hook(p, hook, &refusal);
			if (!code) {
				hook->attached = hook->ran = added[i] = true;
				continue;
			}
			if (is_vital(i)) {
				if (err)
					*err = refusal;
				return code;
			}
			planner__refuse(p->options.planner, hook->program, refusal.text, NULL);
			hook->object = NULL;
			*again = true;
		}
	}
	return 0;
}

static void detach(struct programs *p, unsigned int program)
{
	struct hook *hook = &p->programs[program];

	object__detach(hook->object, hook->program);
	if (hook->also)
		object__detach(hook->object, hook->also);
	p->programs[program].attached = false;
}

static void tell_absent(struct programs *p, const struct plan *plan)
{
	for (unsigned int i = 0; i < PLAN_PROGRAMS; i++) {
		const char *const *events = plan_programs[i].events;

		if (!plan->programs[i] || !p->programs[i].absent || p->programs[i].told)
			continue;
		p->programs[i].told = true;
		if (i == PROGRAM_io_uring_submit && p->options.absent)
			p->options.absent(p->options.context, "what io_uring does",
					  p->programs[i].absent);
		if (plan__is_denier(i) && p->options.absent && !p->denier_told) {
			p->options.absent(p->options.context, "who refused, in whole or in part,",
					  p->programs[i].absent);
			p->denier_told = true;
		}
		for (unsigned int k = 0; k < ARRAY_SIZE(plan_programs[i].events) && events[k]; k++)
			if (p->options.absent && !is_further(i) &&
			    selection__has(&plan->events,
					   schemas__event(p->options.schemas, events[k])->id))
				p->options.absent(p->options.context, events[k],
						  p->programs[i].absent);
	}
}

int programs__change(struct programs *p, const struct plan *plan, struct error *err)
{
	bool added[PLAN_PROGRAMS] = {}, again;
	int code = told__plan(p->objects[0], variants(p), plan);

	if (code)
		return code;
	programs__config(p)->blind = p->cheap_copies.object || !plan->programs[PROGRAM_sys_exit];
	do {
		again = false;
		code = attach(p, plan, added, &again, err);
		if (!code && again)
			code = programs__load(p, plan, err);
		tell_absent(p, plan);
	} while (!code && again);
	if (!code)
		code = cheap__attach(p, err);
	if (!code)
		code = named__attach(p, plan, err);
	if (!code)
		own__attach(p);
	for (unsigned int i = 0; i < PLAN_PROGRAMS; i++)
		if (p->programs[i].attached && (code ? added[i] : !plan->programs[i]))
			detach(p, i);
	return code;
}

int programs__iterate(struct programs *p, unsigned int program)
{
	const struct hook *hook = &p->programs[program];
	int link, fd = -1, code = -ENOENT;
	char nothing[64];

	if (!hook->object)
		return code;
	link = bpf_link_create(object__program(hook->object, hook->program), 0, BPF_TRACE_ITER,
			       NULL);
	if (link >= 0)
		fd = bpf_iter_create(link);
	if (fd >= 0)
		code = read(fd, nothing, sizeof(nothing));
	if (link < 0 || fd < 0 || code < 0)
		code = -errno;
	close_fd(fd);
	close_fd(link);
	return code;
}
