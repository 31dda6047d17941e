/* SPDX-License-Identifier: Apache-2.0 */
/* What of the events of @calm is worth a line when nobody asked for anything. */
#ifndef SONDE_CALM_H
#define SONDE_CALM_H

#include "../base/buffer.h"
#include "../event/schema.h"

/* Appends calm.def's conditions as one filter, for the events that there are. */
void calm__filter(struct buffer *b, const struct schemas *all);

#endif
