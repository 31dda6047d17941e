/* SPDX-License-Identifier: Apache-2.0 */
/* What of the events of @calm is worth a line when nobody asked for anything. */
#ifndef SONDE_CALM_H
#define SONDE_CALM_H

#include "../base/buffer.h"
#include "../event/select.h"

/* Appends calm.def's conditions as one filter, for what `chosen` has of @calm; nothing if it has
 * nothing. Its other events pass. */
void calm__filter(struct buffer *b, const struct schemas *all, const struct selection *chosen);
/* Whether @calm has this event without a condition. */
bool calm__has_all(const struct schema *s);

#endif
