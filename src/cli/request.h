/* SPDX-License-Identifier: Apache-2.0 */
/* What the options of `sonde trace` ask of libsonde: events, filter, sink, and who is traced. */
#ifndef SONDE_REQUEST_H
#define SONDE_REQUEST_H

#include "../event/select.h"
#include "../filter/filter.h"
#include "../sink/sink.h"
#include "../source/live.h"
#include "trace_options.h"

struct request {
	struct live_schemas *known;
	const struct schemas *schemas;
	struct selection events;
	struct filter *filter; /* NULL: all */
	char *note;            /* what the user may not expect; NULL: nothing */
	struct subscription subscription;
	struct sink *sink;
	int output; /* fd of the sink */
};

/* -EINVAL: `err` says what is wrong with events or filter. */
int request__make(struct request *r, const struct trace_options *o, struct error *err) __must_check;
/* Opens the output and makes the sink. -EINVAL: the template is wrong; other errors: the file
 * cannot be written. */
int request__open_sink(struct request *r, const struct trace_options *o, struct error *err)
	__must_check;
void request__release(struct request *r);

#endif
