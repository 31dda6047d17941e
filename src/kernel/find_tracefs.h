/* SPDX-License-Identifier: Apache-2.0 */
/* The declarations in a tracepoint's `format` file, as they are written there. */
#ifndef SONDE_FIND_TRACEFS_H
#define SONDE_FIND_TRACEFS_H

#include "../base/base.h"

struct tracepoint_field {
	const char *declaration, *name; /* not ended by NUL */
	size_t size, name_size;
	unsigned int offset, bytes;
	bool is_signed;
};

/* The next one of its own, not those that all have. `format` moves on. false: no more, or damaged.
 */
bool tracepoint__next_field(const char **format, struct tracepoint_field *field);

#endif
