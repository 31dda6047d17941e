/* SPDX-License-Identifier: Apache-2.0 */
/* Members of the kernel's structs, and which of them say what the struct is. */
#ifndef SONDE_NAMED_STRUCTS_H
#define SONDE_NAMED_STRUCTS_H

#include "../event/schema.h"
#include <sonde/named.h>

struct btf;
struct btf_type;
struct suggest;

/* A field that shows a struct that an argument points to; one may have several. */
struct struct_shown {
	const char *of;
	const char *members; /* from it to what is shown, "i_sb->s_dev", as its type says; NULL: the
				struct itself, as `what` says */
	const char *suffix;  /* of the field's name; NULL: it bears the argument's */
	uint8_t what;        /* enum sonde_named_what */
	uint8_t kind;        /* enum kind; 0: as the type says */
	uint8_t part;        /* PACKET: enum sonde_packet_part */
	const char *values;  /* a table's name, or NULL */
};

extern const struct struct_shown structs_shown[];
extern const unsigned int structs_shown_count;

/* Behind qualifiers and typedefs. */
uint32_t type__plain(const struct btf *kernel, uint32_t id);

struct type_place {
	uint32_t type;
	unsigned int offset; /* bytes */
	uint8_t bit, bits;   /* of a bit-field, there */
};

/* Members of structs without a name are those of the one around them. False: there is none; `near`,
 * which may be NULL, was offered all. */
bool type__member(const struct btf *kernel, const struct btf_type *t, const char *name, size_t size,
		  struct suggest *near, struct type_place *ret);
/* From something of type `id` at `from` to its `members`. False: there are none such. */
bool type__follow(const struct btf *kernel, uint32_t id, const char *members,
		  struct sonde_named_field *from, uint32_t *type);

#endif
