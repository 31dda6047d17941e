/* SPDX-License-Identifier: Apache-2.0 */
/* What does a call that has not returned point to? The kernel's iterator cannot read another task's
 * memory; we can. */
#ifndef SONDE_PRESENT_H
#define SONDE_PRESENT_H

#include "../base/buffer.h"
#include "../event/schema.h"
#include <sonde/record.h>

/*
 * Copies a SONDE_EVENT_PRESENT record into `b`, and appends as items what its string arguments
 * point to, `limit` bytes of each at most (paths whole). What cannot be read stays an address.
 * NULL: the record contradicts itself, or no memory.
 */
const struct sonde_record *present__complete(struct buffer *b, const struct sonde_record *record,
					     const struct schema *call, uint32_t limit);

#endif
