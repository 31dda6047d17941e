/* SPDX-License-Identifier: Apache-2.0 */
/* What io_uring does as a call does it: catalogue/operations.def, as the probes read it. */
#ifndef SONDE_OPERATIONS_H
#define SONDE_OPERATIONS_H

#include "../event/schema.h"
#include <sonde/call.h>

/* By opcode; what it is where its test holds comes in the second half. */
extern const struct sonde_operation operations[2 * SONDE_OPERATIONS];

/* Whether a request does the same as this call. */
bool operations__do(const struct schema *call);
/* Whether a request that is not shown as this call does what it does. */
bool operations__resemble(const struct schema *call);

#endif
