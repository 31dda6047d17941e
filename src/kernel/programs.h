/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The programs of a plan: loaded, told what to capture, attached; and brought in line with another
 * plan while they run, with no gap and no duplicate for whoever stays.
 */
#ifndef SONDE_PROGRAMS_H
#define SONDE_PROGRAMS_H

#include "../base/error.h"
#include "object.h"
#include "plan.h"
#include "stage.h"

struct named_hooks;
struct probe_file;
struct probe_options; /* probe_file.h */
struct probes;
struct programs;
struct rings;
struct sonde_counters; /* sonde/control.h */
struct cgroup_place;   /* cgroup.h */

/* What no plan changes. */
struct programs_options {
	struct probes *probes; /* the caller's */
	const struct schemas *schemas;
	const struct named_hooks *named; /* those among them that users name; or NULL */
	struct probe_file *const *own;   /* files that users bring; the caller's */
	unsigned int own_count;
	const struct probe_options *own_options;
	unsigned int cpus;
	bool follow;                       /* only labelled tasks */
	const struct cgroup_place *cgroup; /* whose tasks are labelled; NULL: no cgroup's */
	bool filter_calls;                 /* there is a second filter point for calls */
	bool debug; /* the probes write messages into the kernel's trace_pipe */
	bool cheap; /* the calls of the first plan by hooks of their own: no others later */
	uint64_t buffer_bytes;   /* of all rings */
	struct planner *planner; /* which of a hook's programs are taken; the caller's */
	/* A selected event that will not be seen, and why; or NULL. */
	void (*absent)(void *context, const char *event, const char *why);
	void *context;
};

/* Loads what the plan names; nothing is attached before programs__change(). -EPERM, -ENOTSUP,
 * -E2BIG
 * ...: `err` says what is missing. */
int programs__new(const struct programs_options *options, const struct plan *plan,
		  struct programs **ret, struct error *err) __must_check;
void programs__free(struct programs *p);

/* Loads what the plan names and is not there yet: slow, and may run beside all but the functions
 * that change `p`. */
int programs__load(struct programs *p, const struct plan *plan, struct error *err) __must_check;
/*
 * Captures what `plan`, which is loaded, says from now on: attaches what is new before it detaches
 * what nobody needs any more. The programs that stay are never away. On failure nothing new is
 * attached.
 */
int programs__change(struct programs *p, const struct plan *plan, struct error *err) __must_check;

/* Runs an iterator that the plan names, and that says nothing. Negative errno: it could not. */
int programs__iterate(struct programs *p, unsigned int program);

/* The object that owns the maps. */
struct object *programs__object(const struct programs *p);
struct rings *programs__rings(const struct programs *p);
struct sonde_config *programs__config(const struct programs *p);
/* With `cheap`: what the hooks do not see. */
const char *programs__blind(const struct programs *p);
const struct stage *programs__stage(const struct programs *p);
/* Of a slot: the program's. */
const char *programs__name(const struct programs *p, unsigned int program);
/* Whether it was ever attached: its counters mean something then. */
bool programs__ran(const struct programs *p, unsigned int program);
/* Its counters on a CPU; NULL: it never ran. */
struct sonde_counters *programs__counters(const struct programs *p, unsigned int program,
					  unsigned int cpu);
/* As object__missed(). */
uint64_t programs__missed(const struct programs *p, unsigned int program);

#endif
