/* SPDX-License-Identifier: Apache-2.0 */
/* How a filter falls apart between the kernel and user space, for one event. */
#ifndef SONDE_FILTER_KERNEL_H
#define SONDE_FILTER_KERNEL_H

#include "node.h"

#define SPLIT_PARTS 64

struct part {
	uint32_t node;
	bool negated;
};

/* What must hold, as parts of the filter. */
struct split {
	struct part kernel[SPLIT_PARTS]; /* decided there */
	struct part user[SPLIT_PARTS];   /* left to user space */
	struct part
		weak[SPLIT_PARTS]; /* those of `user` of which the kernel asks something weaker */
	unsigned int kernel_count, user_count, weak_count;
};

void filter__split(const struct filter *f, unsigned int event, struct filter_terms *terms,
		   struct split *split);

#endif
