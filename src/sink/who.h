/* SPDX-License-Identifier: Apache-2.0 */
/* The columns that say who did it: owner, and parent>name[pid]. */
#ifndef SONDE_WHO_H
#define SONDE_WHO_H

#include "../event/render.h"
#include "tasks.h"

struct who {
	const struct render *render;
	bool whole_machine; /* with owner and parent */
	struct tasks tasks;
};

int who__init(struct who *w, const struct render *r, bool whole_machine) __must_check;

#endif
