// SPDX-License-Identifier: Apache-2.0
#include "die.h"
#include "../base/buffer.h"

#include <dwarf.h>
#include <string.h>

#define MOST_QUALIFIERS 64
#define DEEPEST         16 /* arrays of arrays */

bool die__next(Dwarf_Die *parent, Dwarf_Die *child, unsigned int *left)
{
	if (!*left)
		return false;
	--*left;
	return !(child->addr ? dwarf_siblingof(child, child) : dwarf_child(parent, child));
}

bool die__number(Dwarf_Die *die, unsigned int name, Dwarf_Word *ret)
{
	Dwarf_Attribute attribute;

	return dwarf_attr_integrate(die, name, &attribute) && !dwarf_formudata(&attribute, ret);
}

Dwarf_Word die__number_or_0(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Word number = 0;

	return die__number(die, name, &number) ? number : 0;
}

static bool refer(Dwarf_Die *die, Dwarf_Die *ret)
{
	Dwarf_Attribute attribute;

	return dwarf_attr_integrate(die, DW_AT_type, &attribute) &&
	       dwarf_formref_die(&attribute, ret);
}

bool die__type(Dwarf_Die *die, Dwarf_Die *ret)
{
	Dwarf_Die from = *die;

	for (unsigned int i = 0; i < MOST_QUALIFIERS; i++) {
		if (!refer(&from, ret))
			return false;
		switch (dwarf_tag(ret)) {
		case DW_TAG_typedef:
		case DW_TAG_const_type:
		case DW_TAG_volatile_type:
		case DW_TAG_restrict_type:
		case DW_TAG_atomic_type:
		case DW_TAG_immutable_type:
		case DW_TAG_packed_type:
		case DW_TAG_shared_type:
			from = *ret;
			continue;
		}
		return true;
	}
	return false;
}

bool die__is_address(Dwarf_Die *type)
{
	int tag = dwarf_tag(type);

	return tag == DW_TAG_pointer_type || tag == DW_TAG_reference_type ||
	       tag == DW_TAG_rvalue_reference_type;
}

bool die__is_struct(Dwarf_Die *type)
{
	int tag = dwarf_tag(type);

	return tag == DW_TAG_structure_type || tag == DW_TAG_class_type || tag == DW_TAG_union_type;
}

bool die__is_float(Dwarf_Die *type)
{
	Dwarf_Word encoding = die__number_or_0(type, DW_AT_encoding);

	return dwarf_tag(type) == DW_TAG_base_type &&
	       (encoding == DW_ATE_float || encoding == DW_ATE_complex_float ||
		encoding == DW_ATE_imaginary_float || encoding == DW_ATE_decimal_float);
}

bool die__is_rust(Dwarf_Die *die)
{
	Dwarf_Die unit;

	return dwarf_diecu(die, &unit, NULL, NULL) && dwarf_srclang(&unit) == DW_LANG_Rust;
}

bool die__offset(Dwarf_Die *member, Dwarf_Word *ret)
{
	Dwarf_Attribute attribute;
	Dwarf_Op *list;
	size_t count;

	*ret = 0;
	if (!dwarf_attr_integrate(member, DW_AT_data_member_location, &attribute) ||
	    !dwarf_formudata(&attribute, ret))
		return true;
	/* As DWARF 2 has it. */
	if (dwarf_getlocation(&attribute, &list, &count) || count != 1 ||
	    list->atom != DW_OP_plus_uconst)
		return false;
	*ret = list->number;
	return true;
}

Dwarf_Word die__elements(Dwarf_Die *array)
{
	Dwarf_Word product = 1, one;
	unsigned int count = 0, left = DEEPEST;
	Dwarf_Die child = {};

	while (die__next(array, &child, &left)) {
		if (dwarf_tag(&child) != DW_TAG_subrange_type)
			continue;
		count++;
		if (die__number(&child, DW_AT_upper_bound, &one))
			one++;
		else if (!die__number(&child, DW_AT_count, &one))
			return 0;
		if (__builtin_mul_overflow(product, one, &product))
			return 0;
	}
	return count ? product : 0;
}

static bool size_of(Dwarf_Die *type, unsigned int depth, Dwarf_Word *ret)
{
	Dwarf_Word one, count;
	Dwarf_Die inner;

	if (die__number(type, DW_AT_byte_size, ret))
		return true;
	if (die__is_address(type)) {
		*ret = 8;
		return true;
	}
	if (dwarf_tag(type) != DW_TAG_array_type || depth == DEEPEST || !die__type(type, &inner) ||
	    !size_of(&inner, depth + 1, &one))
		return false;
	count = die__elements(type);
	return count && !__builtin_mul_overflow(one, count, ret);
}

bool die__size(Dwarf_Die *type, Dwarf_Word *ret)
{
	return size_of(type, 0, ret);
}

/* Where a struct's name alone is no type. */
static bool is_c(Dwarf_Die *die)
{
	Dwarf_Die unit;
	int language = dwarf_diecu(die, &unit, NULL, NULL) ? dwarf_srclang(&unit) : 0;

	return language == DW_LANG_C || language == DW_LANG_C89 || language == DW_LANG_C99 ||
	       language == DW_LANG_C11;
}

static void spell(struct buffer *b, Dwarf_Die *die, unsigned int depth)
{
	Dwarf_Die type, inner;
	const char *name, *pointer;

	if (depth == MOST_QUALIFIERS || !refer(die, &type)) {
		buffer__text(b, "void");
		return;
	}
	name = dwarf_diename(&type);
	switch (dwarf_tag(&type)) {
	case DW_TAG_const_type:
		/* Of an address itself nobody asks. */
		if (refer(&type, &inner) && !die__is_address(&inner))
			buffer__text(b, "const ");
		spell(b, &type, depth + 1);
		return;
	case DW_TAG_volatile_type:
	case DW_TAG_restrict_type:
	case DW_TAG_atomic_type:
		spell(b, &type, depth + 1);
		return;
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
		pointer = dwarf_tag(&type) == DW_TAG_pointer_type     ? "*"
			  : dwarf_tag(&type) == DW_TAG_reference_type ? "&"
								      : "&&";
		if (name) { /* as Rust has it */
			buffer__text(b, name);
			return;
		}
		spell(b, &type, depth + 1);
		buffer__printf(b, "%s%s", b->size && strchr("*&", b->data[b->size - 1]) ? "" : " ",
			       pointer);
		return;
	case DW_TAG_array_type:
		spell(b, &type, depth + 1);
		buffer__printf(b, "[%llu]", (unsigned long long)die__elements(&type));
		return;
	case DW_TAG_subroutine_type:
		spell(b, &type, depth + 1);
		buffer__text(b, " ()");
		return;
	}
	if (is_c(die))
		buffer__text(b, dwarf_tag(&type) == DW_TAG_structure_type     ? "struct "
				: dwarf_tag(&type) == DW_TAG_union_type       ? "union "
				: dwarf_tag(&type) == DW_TAG_enumeration_type ? "enum "
									      : "");
	buffer__text(b, name ?: "{...}");
}

void die__spell_type(struct buffer *b, Dwarf_Die *die)
{
	spell(b, die, 0);
}
