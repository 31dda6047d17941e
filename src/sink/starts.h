/* SPDX-License-Identifier: Apache-2.0 */
/* How do tasks and programs begin? A line each, without what repeats itself: of the fields that the
 * events have, JSON and templates show all. */
#ifndef SONDE_STARTS_H
#define SONDE_STARTS_H

#include "../event/render.h"

/* +++ child of sh[4242] +++, exec </usr/bin/ls> ["ls", "-l"], fork child=4243. false: neither. */
bool starts__render(struct buffer *b, const struct render *r, const struct event *e);

#endif
