/* SPDX-License-Identifier: Apache-2.0 */
/* --replaces: of which loaded program does freplace take a function? */
#ifndef SONDE_PROBE_REPLACE_H
#define SONDE_PROBE_REPLACE_H

#include "../base/error.h"

struct bpf_object;

/* Tells its programs of that type, before it is loaded; `program` (an id or a name; NULL: none) is
 * kept open in *fd until then. -EINVAL: there is no such program, or one is needed. */
int probe_replace__set(struct bpf_object *o, const char *program, int *fd, struct error *err)
	__must_check;

#endif
