/* SPDX-License-Identifier: Apache-2.0 */
/* What DWARF says, one entry at a time, of files that may be damaged: nothing here goes in circles
 * with them. */
#ifndef SONDE_DIE_H
#define SONDE_DIE_H

#include "types.h"

#include <elfutils/libdw.h>

_Static_assert(sizeof(Dwarf_Die) <= sizeof(struct type_ref), "a reference holds an entry");

#define MOST_CHILDREN 65536

/*
 * The next of an entry's children; `child` is zero at first. Each costs one of those that are
 * `left`: of a damaged file the same may be children of many.
 */
bool die__next(Dwarf_Die *parent, Dwarf_Die *child, unsigned int *left);
/* A number of an entry's. */
bool die__number(Dwarf_Die *die, unsigned int attribute, Dwarf_Word *ret);
Dwarf_Word die__number_or_0(Dwarf_Die *die, unsigned int attribute);
/* Its type, without qualifiers and typedefs. False: it has none, void. */
bool die__type(Dwarf_Die *die, Dwarf_Die *ret);
/* In bytes. */
bool die__size(Dwarf_Die *type, Dwarf_Word *ret);
bool die__is_float(Dwarf_Die *type);
bool die__is_struct(Dwarf_Die *type);
bool die__is_address(Dwarf_Die *type);
bool die__is_rust(Dwarf_Die *die);
/* Where a member begins; false: that is found out while it runs. */
bool die__offset(Dwarf_Die *member, Dwarf_Word *ret);
/* An array's elements; 0: not known. */
Dwarf_Word die__elements(Dwarf_Die *array);

/* Appends a type as a declaration has it; what `die` declares is of this type. */
struct buffer;
void die__spell_type(struct buffer *b, Dwarf_Die *die);

static inline struct type_ref die__ref(const Dwarf_Die *die)
{
	struct type_ref ref = {};

	__builtin_memcpy(&ref, die, sizeof(*die));
	return ref;
}

static inline Dwarf_Die die__of(const struct type_ref *ref)
{
	Dwarf_Die die;

	__builtin_memcpy(&die, ref, sizeof(die));
	return die;
}

extern const struct types types__user; /* of all programs */

#endif
