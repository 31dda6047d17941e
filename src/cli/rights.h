/* SPDX-License-Identifier: Apache-2.0 */
/* Whether tracing is possible here at all, and what to say if not. */
#ifndef SONDE_RIGHTS_H
#define SONDE_RIGHTS_H

#include "trace_options.h"

/*
 * To be asked once the filter and the events were found right, before anything is started.
 * STATUS_OK; otherwise it has said why, with `run: sudo ...` where that helps.
 */
int trace_options__check_rights(const struct trace_options *o) __must_check;

#endif
