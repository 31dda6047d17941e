/* SPDX-License-Identifier: Apache-2.0 */
/* Types through which an expression such as how->flags is followed: the kernel's, as BTF has them,
 * or a program's, as DWARF has them. */
#ifndef SONDE_TYPES_H
#define SONDE_TYPES_H

#include "../base/base.h"

#include <string.h>

struct field;
struct named_hook;
struct sonde_named_field;

/* One of them; what it is, its reader knows. */
struct type_ref {
	uint64_t words[4];
};

enum type_what {
	TYPE_OTHER, /* a number, say */
	TYPE_POINTER,
	TYPE_ARRAY,
	TYPE_STRUCT, /* and unions, and classes */
	TYPE_UNKNOWN /* a struct of which only the name is known */
};

struct type_shape {
	enum type_what what;   /* behind qualifiers and typedefs */
	struct type_ref self;  /* behind them */
	struct type_ref inner; /* what a pointer points to, what an array holds */
	uint64_t size;         /* of one of those, in bytes; 0: not known */
	uint64_t count;        /* that an array holds; 0: not known */
	bool reference;        /* a pointer that one does not see */
	bool is_union;
};

struct type_member {
	const char *name; /* "": a struct whose members are those of the one around it */
	struct type_ref type;
	uint64_t offset;               /* bytes */
	unsigned int bits, bit_offset; /* of a bit-field, from that byte on; 0: it is none */
	struct type_ref at;            /* where its reader is */
	unsigned int count;            /* of those before it */
};

struct types {
	void (*look)(const void *of, const struct type_ref *type, struct type_shape *ret);
	/* The next member of a struct as look() had it in `self`; `m` is zero at first. */
	bool (*next)(const void *of, const struct type_ref *type, struct type_member *m);
	/*
	 * What shows best what lies there. `field->name` is set; it may be given another one, which
	 * `h` keeps. NULL, or why it cannot be shown.
	 */
	const char *(*describe)(const void *of, struct named_hook *h, const struct type_ref *type,
				struct field *field, struct sonde_named_field *from);
	/* The fields that show it, of which there may be several; NULL: one does. -ENOMEM. */
	int (*show)(const void *of, struct named_hook *h, const char *name,
		    const struct type_ref *type, const struct sonde_named_field *from);
	const void *of; /* what they are given */
	bool user;      /* what pointers point to is a program's memory */
};

/* Whether a name from a program's file is one: it stands on a terminal and in JSON as it is. */
static inline bool is_plain_name(const char *name)
{
	return *name && !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					   "0123456789_.$")];
}

struct btf;
struct types types__kernel(const struct btf *kernel);

#endif
