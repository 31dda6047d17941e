/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls that there are: catalogue/syscalls.def as schemas, in its order. */
#ifndef SONDE_CATALOGUE_H
#define SONDE_CATALOGUE_H

#include "schema.h"

/* All calls. A call's event id is SONDE_EVENT_CALLS + its index here, which is in `id` already. */
const struct schema *catalogue__calls(unsigned int *count);

/* The call of that number, as a 32-bit one if `compat`; NULL when there is none. */
const struct schema *catalogue__by_number(long number, bool compat);

/*
 * What a user means by a name that covers several calls: "open" is open, openat, openat2 and creat.
 * A list of names that ends with NULL, or NULL when it is no family. Names may be of calls that
 * this machine does not have.
 */
const char *const *catalogue__family(const char *name);

/* The families one after the other: NULL after the last. */
const char *catalogue__family_name(unsigned int index);

#endif
