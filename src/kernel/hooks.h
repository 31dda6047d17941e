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
/* Whether this kernel has that hook, given what is known of its kind. */
struct feature_result hooks__state(const struct hooks *h, const struct features *f,
				   const char *hook);
/* The same of a kernel that has these types; NULL: not known. */
struct btf;
struct feature_result hook__state(const struct btf *kernel, const struct features *f,
				  const char *hook);

#endif
