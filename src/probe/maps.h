/* SPDX-License-Identifier: Apache-2.0 */
/* What is in the maps and variables of an object that is loaded. */
#ifndef SONDE_PROBE_MAPS_H
#define SONDE_PROBE_MAPS_H

#include "../base/buffer.h"

struct probe_file;

/* All but those that EVENT()s share and those that hold no values: tables, counters, histograms; as
 * text, or a JSON object a line. */
void probe_maps__put(struct buffer *b, const struct probe_file *f, bool json);

#endif
