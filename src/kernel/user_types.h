/* SPDX-License-Identifier: Apache-2.0 */
/* What are the parameters of a program's function, and its result? As DWARF has it: in the file
 * itself, or where a distribution puts it, by build-id or .gnu_debuglink. */
#ifndef SONDE_USER_TYPES_H
#define SONDE_USER_TYPES_H

#include "../base/error.h"

struct named_hook;
struct user_types;

/* NULL: nothing is known of this file. */
struct user_types *user_types__open(const char *path);
void user_types__close(struct user_types *t);

/*
 * The fields of the function at `address` (as its symbol has it), or those that are `chosen`, see
 * named_hook__choose(). -ENOENT: it is not known.
 */
int user_types__describe(const struct user_types *t, uint64_t address, bool at_return,
			 const char *chosen, struct named_hook *h, struct error *err) __must_check;

#endif
