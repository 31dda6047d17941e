// SPDX-License-Identifier: Apache-2.0
/* The programs of files that a user brings: loaded once, when all that they share is there. */
#include "probe_file.h"
#include "programs_inside.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <string.h>

static void refuse(struct programs *p, const struct probe_file *f, const struct error *err,
		   int code)
{
	if (p->options.absent)
		p->options.absent(p->options.context, probe_file__path(f),
				  *err->text ? err->text : strerror(-code));
}

static bool is_wanted(const struct programs *p, const struct plan *plan, const struct probe_file *f)
{
	unsigned int count;
	const struct schema *events = probe_file__events(f, &count);

	for (unsigned int i = 0; i < count; i++)
		if (selection__has(&plan->events, events[i].id))
			return true;
	return p->options.own_options->always;
}

/* Programs of cgroups may not before 6.16: then nobody does, so that all know the same. */
bool own__may_store(const struct programs *p)
{
	for (unsigned int i = 0; i < p->options.own_count; i++)
		if (!probe_file__helped(p->options.own[i], BPF_FUNC_task_storage_get))
			return false;
	return true;
}

static int load_file(const struct programs *p, struct probe_file *f, unsigned int first,
		     unsigned int slots, struct error *err)
{
	const struct told_constants constants = {.cpus = p->options.cpus,
						 .task_storage = p->task_storage,
						 .debug = p->options.debug,
						 .follow = p->options.follow,
						 .follow_cgroup = p->options.cgroup != NULL};
	const struct probe_loading loading = {.constants = &constants,
					      .owners = p->objects,
					      .owner_count = p->object_count,
					      .first_slot = PLAN_PROGRAMS + PLAN_NAMED + first,
					      .slots = slots,
					      .options = p->options.own_options,
					      .planner = p->options.planner};

	return slots ? probe_file__load(f, &loading, err)
		     : error__set(err, -ENOSPC, "there are too many files of probes");
}

/* A file that fails is told of and left out. */
void own__load(struct programs *p, const struct plan *plan)
{
	unsigned int first = 0;

	for (unsigned int i = 0; i < p->options.own_count && !p->own_loaded; i++) {
		struct probe_file *f = p->options.own[i];
		struct error err = {};
		unsigned int left = PLAN_OWN - first;
		int code;

		if (!is_wanted(p, plan, f))
			continue;
		/* As many for each that is still to come as there are. */
		code = load_file(p, f, first, min(left, max(left / (p->options.own_count - i), 1u)),
				 &err);
		if (code) {
			refuse(p, f, &err, code);
			continue;
		}
		for (unsigned int k = 0; k < probe_file__slots(f); k++)
			p->own_slots[first++] = (struct own_slot){f, k};
	}
	p->own_loaded = true;
}

static void tell(void *context, const char *what, const char *why)
{
	struct programs *p = context;

	if (p->options.absent)
		p->options.absent(p->options.context, what, why);
}

/* Where a hook is to be served by another of its programs, the file is loaded once more. */
static int attach_file(struct programs *p, struct probe_file *f, struct error *err)
{
	unsigned int first = 0;
	int code;

	while (first < PLAN_OWN - 1 && p->own_slots[first].file != f)
		first++;
	do {
		code = probe_file__attach(f, p->options.own_options, tell, p);
		if (code == -EAGAIN)
			code = load_file(p, f, first, max(probe_file__slots(f), 1u), err)
				       ?: -EAGAIN;
	} while (code == -EAGAIN);
	return code;
}

void own__attach(struct programs *p)
{
	for (unsigned int i = 0; i < p->options.own_count && !p->own_attached; i++) {
		struct probe_file *f = p->options.own[i];
		struct error err = {};

		if (!probe_file__object(f) || !attach_file(p, f, &err))
			continue;
		tell(p, probe_file__path(f),
		     *err.text ? err.text : "none of its programs could be attached");
	}
	p->own_attached = true;
}

void own__free(struct programs *p)
{
	for (unsigned int i = 0; i < p->options.own_count; i++)
		probe_file__detach(p->options.own[i]);
}

static const struct own_slot *slot(const struct programs *p, unsigned int place)
{
	return &p->own_slots[place];
}

bool own__ran(const struct programs *p, unsigned int place)
{
	return slot(p, place)->file && probe_file__attached(slot(p, place)->file);
}

const char *own__name(const struct programs *p, unsigned int place)
{
	return probe_file__path(slot(p, place)->file);
}

/* Of the whole file, told with its first slot. */
uint64_t own__missed(const struct programs *p, unsigned int place)
{
	return slot(p, place)->index ? 0 : probe_file__missed(slot(p, place)->file);
}

struct sonde_counters *own__counters(const struct programs *p, unsigned int place, unsigned int cpu)
{
	return own__ran(p, place)
		       ? probe_file__counters(slot(p, place)->file, slot(p, place)->index, cpu)
		       : NULL;
}
