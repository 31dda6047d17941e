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

/* Whether the file or its options are wrong, rather than what the kernel has. */
bool own_probes__misused(const struct live_schemas *known);

/* What that file says beside its events: buffers, iterators, maps. NULL: there is none. */
struct own_show;
struct buffer;
struct host;
int own_show__new(const struct live_schemas *known, const struct trace_options *o,
		  struct own_show **ret, struct error *err) __must_check;
void own_show__free(struct own_show *s);
/* How long it may be left alone, in ms; -1: for ever. */
int own_show__patience(const struct own_show *s);
/* What is due by now (ns); `last`: and all the rest. */
void own_show__put(struct own_show *s, const struct host *host, uint64_t now, bool last,
		   struct buffer *b);

void own_probes__options(const struct trace_options *o, struct probe_options *ret);

#endif
