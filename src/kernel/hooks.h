/* SPDX-License-Identifier: Apache-2.0 */
/*
 * By which hook is an event captured? What the built-in probes' object says of itself; nothing
 * is loaded.
 */
#ifndef SONDE_HOOKS_H
#define SONDE_HOOKS_H

#include "../event/schema.h"
#include "features.h"

struct hooks;

int hooks__new(struct hooks **ret, struct error *err) __must_check;
void hooks__free(struct hooks *h);

/* "tp_btf/sys_exit"; "none" if no probe captures it. */
const char *hooks__of(const struct hooks *h, const struct schema *s);
/* The kind of hook, to look up whether this kernel has it. */
enum feature hooks__feature(const char *hook);

#endif
