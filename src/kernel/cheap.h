/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A few calls, each by hooks of its own, so that all others cost nothing: which hooks are theirs on
 * this kernel, and what are those blind to?
 */
#ifndef SONDE_CHEAP_H
#define SONDE_CHEAP_H

#include "loader.h"
#include "plan.h"
#include "planner.h"

/* What every call would need to be served so: more than these are cheaper by one hook for all. */
#define CHEAP_CALLS 16

/* The hooks of all calls of a plan. */
struct cheap {
	/* Native, 32-bit and compat; exit and entry. Ended by one without a program. */
	struct loader_copy copies[CHEAP_CALLS * 6 + 1];
	char sections[CHEAP_CALLS * 6][96];
	const char *calls[CHEAP_CALLS * 6]; /* whose they are */
	unsigned int count;
	const char *blind; /* what these do not see */
};

/*
 * The hooks of the calls that `plan` selects. `entries`: of their entries too. -E2BIG: there are
 * more calls than CHEAP_CALLS; -ENOTSUP: one has none here: `err` says which, and why.
 */
int cheap__choose(struct cheap *c, struct planner *p, struct probes *probes,
		  const struct schemas *schemas, const struct plan *plan, bool entries,
		  struct error *err) __must_check;

/* Without one of them, which the kernel refuses. */
void cheap__remove(struct cheap *c, unsigned int index);

/* What the kernel's functions and tracepoints call it: newstat for stat. */
const char *call__kernel_name(const char *call);

#endif
