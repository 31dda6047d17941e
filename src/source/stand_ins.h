/* SPDX-License-Identifier: Apache-2.0 */
/* Which events stand in for those that no hook serves on this kernel? */
#ifndef SONDE_STAND_INS_H
#define SONDE_STAND_INS_H

#include "../event/select.h"

/* Marks an event as absent. False: nothing stands in for it. */
bool stand_ins__mark(struct selection *absent, const struct schemas *all, const struct schema *s);

/* What stands in for those of `wanted` that are absent: added to what `ret` has. -ENOMEM */
int stand_ins__add(const struct schemas *all, const struct selection *wanted,
		   const struct selection *absent, struct selection *ret) __must_check;

#endif
