/* SPDX-License-Identifier: Apache-2.0 */
/*
 * By which hook is an event captured here? What the built-in probes' object says of itself, and
 * what is known of the kernel; nothing is loaded.
 */
#ifndef SONDE_HOOKS_H
#define SONDE_HOOKS_H

#include "../event/schema.h"
#include "planner.h"

struct hooks;

int hooks__new(const struct features *known, struct hooks **ret, struct error *err) __must_check;
void hooks__free(struct hooks *h);

/* The best hook for an event; `c->section` is "none" if no probe captures it. */
void hooks__find(const struct hooks *h, const struct schema *s, struct candidate *c);

#endif
