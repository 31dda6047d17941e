/* SPDX-License-Identifier: Apache-2.0 */
/* A commented probe for a hook, which works as it is. */
#ifndef SONDE_PROBE_TEMPLATE_H
#define SONDE_PROBE_TEMPLATE_H

#include "../base/error.h"

struct buffer;

/* -EINVAL: there is no such kind, or no such target here: `err` says so. */
int probe_template(const char *kind, const char *target, struct buffer *b, struct error *err)
	__must_check;

#endif
