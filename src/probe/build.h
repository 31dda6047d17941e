/* SPDX-License-Identifier: Apache-2.0 */
/* Which compiler, and with which headers, makes a probe of a C file? */
#ifndef SONDE_PROBE_BUILD_H
#define SONDE_PROBE_BUILD_H

#include "../base/error.h"

/* The compiler writes to the standard error. -ENOENT: there is none, or no headers: `err` says how
 * to install them; -EINVAL: it refuses the file. */
int probe_build(const char *source, const char *object, struct error *err) __must_check;

#endif
