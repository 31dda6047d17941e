/* SPDX-License-Identifier: Apache-2.0 */
/* What is in the maps and variables of an object that is loaded. */
#ifndef SONDE_PROBE_MAPS_H
#define SONDE_PROBE_MAPS_H

#include "../base/buffer.h"

struct probe_file;
struct probe_maps;

/* Of a file that is loaded, which must stay. `deltas`: each time what was added since the last
 * time. -ENOMEM. */
int probe_maps__new(const struct probe_file *f, bool json, bool deltas, struct probe_maps **ret)
	__must_check;
void probe_maps__free(struct probe_maps *m);
/* All but those that EVENT()s share, those that are HIDDEN and those that hold no values: tables,
 * counters, histograms; as text, or a JSON object a line. */
void probe_maps__put(struct probe_maps *m, struct buffer *b);

#endif
