/* SPDX-License-Identifier: Apache-2.0 */
/* What became of each entry of each program: the probes' counters, in memory that is shared with
 * them. */
#ifndef SONDE_LEDGER_H
#define SONDE_LEDGER_H

#include "../base/error.h"
#include <sonde/control.h>

struct object;
struct counters; /* by place of the hook * CPUs + CPU */

/* Of an object that was loaded. -ENOMEM ...: they cannot be mapped. */
int counters__map(struct object *o, struct counters **ret, struct error *err) __must_check;
void counters__free(struct counters *c);
/* Those of a place and CPU: see struct counters. */
struct sonde_counters *counters__at(const struct counters *c, unsigned int index);
/* Whether more was lost than *told: says how much and when, and brings *told up to date. */
bool lost__take(struct sonde_counters *now, enum sonde_class class, uint64_t *told,
		struct sonde_lost *lost);

#endif
