/* SPDX-License-Identifier: Apache-2.0 */
/* What each event begins with in JSON: its number, its time, how it ended. */
#ifndef SONDE_JSON_HEAD_H
#define SONDE_JSON_HEAD_H

#include "clock.h"
#include "json_plan.h"

/* `pending`: a call that has not returned. */
void json_head__put(const struct json_plan *plan, const struct json_schema *js, struct clock *clock,
		    struct buffer *b, const struct event *e, bool pending);

#endif
