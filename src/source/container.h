/* SPDX-License-Identifier: Apache-2.0 */
/* Is a cgroup that was made or removed a container's? The kernel knows only its path. */
#ifndef SONDE_CONTAINER_H
#define SONDE_CONTAINER_H

#include "../event/event.h"

/* Whether the cgroup of an event container_create or container_remove is one. Its record, completed
 * by the container's id and runtime, is then in `b`. */
bool container__complete(const struct event *e, struct buffer *b);

#endif
