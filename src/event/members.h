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
	AS_BITS,
	AS_STRUCT,
	AS_SOCKADDR,
	AS_INET, /* an address in network byte order, of 4 or 16 bytes */
	AS_OCTETS,
};

struct member {
	const char *name;
	const struct values *values;
	uint16_t offset;
	uint16_t size;
	uint8_t how;
	bool full;           /* in JSON only; text says "..." once */
	bool optional;       /* nothing is missing where the structure ends before it */
	bool nonzero;        /* text shows it only where it is not 0 */
	uint8_t kind;        /* AS_STRUCT: of what is inside */
	uint8_t shift, bits; /* AS_BITS: of the number that lies there */
	/* Only where the 4 bytes at `at`, under `mask`, lie between these two; 0: always. */
	uint16_t at;
	uint32_t mask, low, high;
};

#define MEMBER(type, member, as, ...)                                                              \
	{                                                                                          \
		.name = #member, .offset = offsetof(struct type, member),                          \
		.size = sizeof(((struct type *)0)->member), .how = as, __VA_ARGS__                 \
	}

struct member_list {
	const struct member *list;
	unsigned int count;
};

/* The structures of catalogue/structs.def; NULL: none of them. */
const struct member_list *members__of(unsigned int kind);
/* Where in such a structure a descriptor lies; -1: nowhere. */
int members__fd(unsigned int kind);

/* {name=value, ...}; "..." stands for members that are cut off or not shown. */
void members__out(struct out *o, const struct span *s, const struct member *m, unsigned int count);

#endif
