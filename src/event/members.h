/* SPDX-License-Identifier: Apache-2.0 */
/* A structure as a list of its members: what each is called, where it lies and how it looks. */
#ifndef SONDE_MEMBERS_H
#define SONDE_MEMBERS_H

#include "out.h"

enum how {
	AS_UNSIGNED,
	AS_SIGNED,
	AS_HEX,
	AS_ADDRESS,
	AS_FLAGS,
	AS_ENUM,
	AS_FMODE,
	AS_DEV,
	AS_ID,
	AS_TEXT,
	AS_SIGNAL,
	AS_FD,
	AS_TIMESPEC,
	AS_TIMEVAL,
	AS_STATX_TIME,
	AS_LOADS,
	AS_FSID,
	AS_MODE,
	AS_CAPS,
};

struct member {
	const char *name;
	const struct values *values;
	uint16_t offset;
	uint16_t size;
	uint8_t how;
	bool full;     /* in JSON only; text says "..." once */
	bool optional; /* nothing is missing where the structure ends before it */
};

#define MEMBER(type, member, as, ...)                                                              \
	{                                                                                          \
		.name = #member, .offset = offsetof(struct type, member),                          \
		.size = sizeof(((struct type *)0)->member), .how = as, __VA_ARGS__                 \
	}

/* {name=value, ...}; "..." stands for members that are cut off or not shown. */
void members__out(struct out *o, const struct span *s, const struct member *m, unsigned int count);

#endif
