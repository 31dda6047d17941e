/* SPDX-License-Identifier: Apache-2.0 */
/*
 * By which of its programs is a hook served on this kernel? A body that is written once is compiled
 * for each way to attach it (probes/lib/hooks.h); the best that works here is taken.
 */
#ifndef SONDE_PLANNER_H
#define SONDE_PLANNER_H

#include "../base/error.h"
#include "features.h"

struct planner;
struct probes;

/* A way to serve a hook. */
struct candidate {
	const char *program; /* NULL: there is none */
	const char *also;    /* a second program: the kretprobe beside a kprobe; or NULL */
	const char *section; /* of the first, without '?'; of the best, where none serves */
	struct feature_result state;
	const char *why; /* why the better ones do not serve, a line each; or NULL. The planner's,
			    until the next choice */
};

/* `kinds`: of hooks that may be taken, separated by commas ("fexit,kprobe"); NULL: all. `known`:
 * what was tried already, or NULL; the rest is tried when it is needed. */
int planner__new(const char *kinds, const struct features *known, struct planner **ret)
	__must_check;
/* One that takes the same kinds and knows as much, of which none was refused; `p` NULL: all kinds.
 */
int planner__like(const struct planner *p, struct planner **ret) __must_check;
void planner__free(struct planner *p);
/* Whether these are kinds. -EINVAL: `err` says which are. */
int planner__check_kinds(const char *kinds, struct error *err) __must_check;

/* The best candidate for a hook of these probes among those that were not refused before. */
void planner__choose(struct planner *p, struct probes *probes, const char *hook,
		     struct candidate *c);
/* Whether this kernel has the hook of a section, as far as its types tell. */
struct feature_result planner__state(struct planner *p, struct probes *probes, const char *section);
/* Whether this kernel has a kind of hook at all. */
bool planner__has(struct planner *p, struct probes *probes, enum feature feature);
/* It turned out that it does not work: the next one is to be chosen. `log`: what the verifier said,
 * or NULL; the planner's from now on. */
void planner__refuse(struct planner *p, const char *program, const char *why, char *log);
/* Those that were refused, in this order: why, and the verifier's log or NULL. NULL: no more. */
const char *planner__refused(const struct planner *p, unsigned int index, const char **why,
			     const char **log);

/* Whether this kernel has the function behind `section`, as far as its types tell. */
bool planner__has_function(struct probes *probes, const char *section);
#define HOOK_ARGS 6

/* Where a hook's programs find their arguments and the result: struct sonde_hook. */
struct hook_places {
	uint8_t arg[HOOK_ARGS];
	uint8_t result, unused;
};

/* As the kernel's function behind `section` has them. False: the programs take them as they come.
 */
bool planner__arguments(struct probes *probes, const char *hook, const char *section,
			struct hook_places *ret);
/* Of a program that is one of several for the same hook: that hook. False: it stands for itself. */
bool planner__hook_of(const struct probes *probes, const char *program, char *hook, size_t room);

#endif
