/* SPDX-License-Identifier: Apache-2.0 */
/* The probes that a user brings: the directories of --probes, and the file of `sonde probe run`. */
#ifndef SONDE_OWN_PROBES_H
#define SONDE_OWN_PROBES_H

#include "../base/error.h"
#include "../kernel/probe_file.h"
#include "trace_options.h"

struct live_schemas;

/* Adds their events. Files of a directory that cannot be read are told of on the standard error,
 * and left out; -EINVAL: the file that is to be run is none. */
int own_probes__add(struct live_schemas *known, const struct trace_options *o, struct error *err)
	__must_check;
/* Whether programs of the file that is run are attached. */
bool own_probes__attached(const struct live_schemas *known);
void own_probes__options(const struct trace_options *o, struct probe_options *ret);

#endif
