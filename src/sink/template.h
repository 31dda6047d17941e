/* SPDX-License-Identifier: Apache-2.0 */
/* --format '%evt.time %proc.name %fd.name': a line for each event, in the user's own words. */
#ifndef SONDE_TEMPLATE_H
#define SONDE_TEMPLATE_H

#include "sink.h"

/*
 * %FIELD is a filter's field; %20FIELD and %-20FIELD are padded to 20 columns, to the right and to
 * the left. %% is a percent sign, \n, \t and \\ are as in C. What an event does not have is shown
 * as `-`. -EINVAL: `err` names every field that does not exist, a line each. `needs` gets enum
 * field_needs.
 */
int template__new(int fd, const char *format, uint32_t string_limit, struct sink **ret,
		  uint32_t *needs, struct error *err) __must_check;
/* -EINVAL: an argument that no event of `selected` (bits, by id) has. */
int template__check(const struct sink *sink, const struct schemas *all, const uint64_t *selected,
		    struct error *err) __must_check;

#endif
