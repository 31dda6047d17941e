/* SPDX-License-Identifier: Apache-2.0 */
/* Strings that many share are kept once: a thousand workers have one executable, directory and
 * cgroup. */
#ifndef SONDE_INTERN_H
#define SONDE_INTERN_H

#include "../base/table.h"

struct strings {
	struct table table;
};

/* Each take needs a drop. The string ends with a NUL. NULL: no memory. */
const char *strings__take(struct strings *s, const char *data, size_t size);
void strings__drop(struct strings *s, const char *text); /* NULL: nothing */
void strings__release(struct strings *s);

#endif
