/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What must be attached, and captured, for what was asked? A pure function of the subscriptions:
 * made again whenever they change.
 */
#ifndef SONDE_PLAN_H
#define SONDE_PLAN_H

#include "../event/select.h"

/* The programs of the built-in probes, which are told apart by their slots. */
enum {
#define PROGRAM(name, ...) PROGRAM_##name,
#include <probes/programs.def>
#undef PROGRAM
	PLAN_PROGRAMS,
	/* Behind them: the hooks that users name. Where these are more, several share a slot. */
	PLAN_NAMED = 16,
	/* And the events of files that users bring, likewise. */
	PLAN_OWN = 32,
	PLAN_SLOTS = PLAN_PROGRAMS + PLAN_NAMED + PLAN_OWN,
};

/* What somebody wants to see. */
struct subscription {
	const struct selection *events; /* stays the subscriber's, and valid until he leaves */
	unsigned int needs;             /* enum field_needs */
	uint32_t string_limit;          /* bytes of each string and buffer */
	enum { ALL_OUTCOMES, ONLY_SUCCESSFUL, ONLY_FAILED } outcome;
};

/* A program of the object: its slot is its place in `plan_programs`. */
struct plan_program {
	const char *name; /* of the function, and of struct sonde_ids sonde_ids__NAME where it has
			     no event */
	const char *events[4]; /* EVENT()s that it captures */
};

extern const struct plan_program plan_programs[PLAN_PROGRAMS];
/* Whether it notes who refused a call: those of probes/denied.bpf.c, by their names. */
bool plan__is_denier(unsigned int program);

struct plan {
	bool programs[PLAN_PROGRAMS];
	struct selection events; /* of all subscriptions */
	bool follow, files, latency, entries, env, denied, io_uring;
	bool exit_calls; /* exit and exit_group */
	bool owners;     /* whose each connection is is remembered */
	uint32_t quiet;  /* enum sonde_quiet */
	uint32_t string_limit;
	uint32_t outcome;
};

/* `follow`: only some tasks are traced, so that forks must be seen. -ENOMEM. Release with
 * plan__release(). */
int plan__make(struct plan *plan, const struct schemas *schemas, const struct subscription *subs,
	       unsigned int count, bool follow) __must_check;
void plan__release(struct plan *plan);

#endif
