/* SPDX-License-Identifier: Apache-2.0 */
/*
 * By which hook is an event captured here? What the built-in probes' object says of itself, and
 * what is known of the kernel; or what it says when the programs are loaded.
 */
#ifndef SONDE_HOOKS_H
#define SONDE_HOOKS_H

#include "../event/schema.h"
#include "planner.h"

struct hooks;

int hooks__new(const struct features *known, struct hooks **ret, struct error *err) __must_check;
void hooks__free(struct hooks *h);

/*
 * Loads the programs of all events, attaches none, and unloads them: what the kernel refuses is
 * known afterwards to hooks__find() and hooks__refused(). -EPERM, -ENOTSUP ...: `err` says why
 * nothing can be traced at all.
 */
int hooks__load(struct hooks *h, const struct schemas *schemas, struct error *err) __must_check;
/* As planner__refused(). */
const char *hooks__refused(const struct hooks *h, unsigned int index, const char **why,
			   const char **log);

/* The best hook for an event; `c->section` is "none" if no probe captures it, or if no hook serves
 * it, but others stand in (c->state.why says which). */
void hooks__find(const struct hooks *h, const struct schema *s, struct candidate *c);

#endif
