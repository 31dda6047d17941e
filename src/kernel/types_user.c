// SPDX-License-Identifier: Apache-2.0
/* A program's types, to be followed, and how what is of them is best shown. */
#include "die.h"
#include "named.h"

#include <dwarf.h>
#include <errno.h>
#include <string.h>

#define MOST_ENUM 4096 /* names of values */
#define DEEPEST   8    /* structs within structs, on the way to a string's address */

/* Rust's enumerations hold one of several structs, each a member with the variant's name. */
static bool is_variant(int tag)
{
	return tag == DW_TAG_variant_part || tag == DW_TAG_variant;
}

static void look(const void *of, const struct type_ref *type, struct type_shape *s)
{
	Dwarf_Die die = die__of(type), inner;
	int tag = dwarf_tag(&die);
	bool reference = tag == DW_TAG_reference_type || tag == DW_TAG_rvalue_reference_type;

	*s = (struct type_shape){.self = *type};
	if (die__is_address(&die) || tag == DW_TAG_array_type) {
		s->what = tag == DW_TAG_array_type ? TYPE_ARRAY : TYPE_POINTER;
		s->reference = s->what == TYPE_POINTER && (reference || die__is_rust(&die));
		s->count = s->what == TYPE_ARRAY ? die__elements(&die) : 0;
		if (die__type(&die, &inner)) {
			s->inner = die__ref(&inner);
			if (!die__size(&inner, &s->size))
				s->size = 0;
		}
	} else if (is_variant(tag)) {
		s->what = TYPE_STRUCT;
	} else if (die__is_struct(&die)) {
		s->what = dwarf_hasattr(&die, DW_AT_declaration) ? TYPE_UNKNOWN : TYPE_STRUCT;
		s->is_union = tag == DW_TAG_union_type;
	}
}

/* Newer compilers count from the struct's first bit; older ones from the highest bit of the number
 * that it is a part of. */
static bool find_bits(Dwarf_Die *die, struct type_member *m)
{
	Dwarf_Word bits, first, whole = 0, offset;
	Dwarf_Die type;

	if (!die__number(die, DW_AT_bit_size, &bits))
		return true;
	if (!die__number(die, DW_AT_data_bit_offset, &first)) {
		first = m->offset * 8;
		if (die__number(die, DW_AT_bit_offset, &offset)) {
			if (!die__number(die, DW_AT_byte_size, &whole) &&
			    (!die__type(die, &type) || !die__size(&type, &whole)))
				return false;
			first += whole * 8 - offset - bits;
		}
	}
	m->offset = first / 8;
	m->bit_offset = first % 8;
	m->bits = bits;
	return bits && bits <= 64;
}

/* Static members are none, and where a virtual base lies only the object says. */
static bool read_member(Dwarf_Die *die, struct type_member *m)
{
	int tag = dwarf_tag(die);
	Dwarf_Die type;
	Dwarf_Word offset;

	if (is_variant(tag)) {
		m->name = "";
		m->type = die__ref(die);
		m->offset = m->bits = m->bit_offset = 0;
		return true;
	}
	if ((tag != DW_TAG_member && tag != DW_TAG_inheritance) ||
	    dwarf_hasattr(die, DW_AT_external) || dwarf_hasattr(die, DW_AT_declaration) ||
	    !die__offset(die, &offset) || !die__type(die, &type) || offset > INT32_MAX)
		return false;
	m->name = tag == DW_TAG_member ? dwarf_diename(die) ?: "" : "";
	m->type = die__ref(&type);
	m->offset = offset;
	m->bits = m->bit_offset = 0;
	return find_bits(die, m);
}

static bool next(const void *of, const struct type_ref *type, struct type_member *m)
{
	Dwarf_Die die = die__of(m->count ? &m->at : type);
	int end;

	do {
		end = m->count ? dwarf_siblingof(&die, &die) : dwarf_child(&die, &die);
		if (end || m->count++ == MOST_CHILDREN)
			return false;
	} while (!read_member(&die, m));
	m->at = die__ref(&die);
	return true;
}

static const struct values *enum_values(struct named_hook *h, Dwarf_Die *type, uint64_t mask)
{
	struct values *values = named_hook__keep(h, &(struct values){}, sizeof(*values));
	struct named_value *list = calloc(MOST_ENUM, sizeof(*list));
	unsigned int count = 0, left = MOST_CHILDREN;
	Dwarf_Die child = {};

	while (list && count < MOST_ENUM && die__next(type, &child, &left)) {
		const char *name = dwarf_diename(&child);
		Dwarf_Attribute attribute;
		Dwarf_Sword number;

		if (dwarf_tag(&child) != DW_TAG_enumerator || !name || !is_plain_name(name) ||
		    !dwarf_attr(&child, DW_AT_const_value, &attribute) ||
		    dwarf_formsdata(&attribute, &number))
			continue;
		list[count].name = named_hook__keep(h, name, strlen(name));
		list[count].number = number & mask;
		list[count].mask = mask;
		count += list[count].name != NULL;
	}
	if (values && list) {
		values->name = "";
		values->list = named_hook__keep(h, list, count * sizeof(*list));
		values->count = values->list ? count : 0;
	}
	free(list);
	return values;
}

/* As C has it, and Rust for C. */
static bool is_character(Dwarf_Die *type)
{
	const char *name = dwarf_tag(type) == DW_TAG_base_type ? dwarf_diename(type) : NULL;

	return name && (!strcmp(name, "char") || !strcmp(name, "i8"));
}

/* The first address within a struct. */
static bool find_address(const struct type_ref *type, unsigned int depth, unsigned int *left,
			 uint64_t *offset)
{
	struct type_member m = {};

	while (depth < DEEPEST && *left && next(NULL, type, &m)) {
		Dwarf_Die inner = die__of(&m.type);
		uint64_t at = 0;

		--*left;
		if (!die__is_address(&inner) &&
		    (!die__is_struct(&inner) || !find_address(&m.type, depth + 1, left, &at)))
			continue;
		*offset = m.offset + at;
		return true;
	}
	return false;
}

/* A member's place: "vec.len". */
static bool find_path(struct type_ref type, const char *path, uint64_t *offset)
{
	for (*offset = 0; *path;) {
		size_t size = strcspn(path, ".");
		struct type_member m = {};

		do {
			if (!next(NULL, &type, &m))
				return false;
		} while (strlen(m.name) != size || memcmp(m.name, path, size));
		*offset += m.offset;
		type = m.type;
		path += size + (path[size] == '.');
	}
	return true;
}

/* Texts that say themselves how long they are: where. The address is the first that they hold. */
static const struct {
	const char *name; /* a '*' at its end stands for more */
	const char *length;
} texts[] = {
	{"&str", "length"},
	{"&mut str", "length"},
	{"alloc::boxed::Box<str, *", "length"},
	{"&std::path::Path", "length"},
	{"&std::ffi::os_str::OsStr", "length"},
	{"String", "vec.len"},
	{"basic_string<char, *", "_M_string_length"},
	{"basic_string_view<char, *", "_M_len"},
};

static bool is_like(const char *name, const char *pattern)
{
	size_t size = strcspn(pattern, "*");

	return pattern[size] ? !strncmp(name, pattern, size) : !strcmp(name, pattern);
}

/* `*length` is counted from the address's place, `*address`. */
static bool find_text(Dwarf_Die *type, uint64_t *address, int32_t *length)
{
	const char *name = die__is_struct(type) ? dwarf_diename(type) : NULL;
	struct type_ref ref = die__ref(type);
	unsigned int left = MOST_CHILDREN;

	for (unsigned int i = 0; name && i < ARRAY_SIZE(texts); i++) {
		uint64_t at;

		if (!is_like(name, texts[i].name) || !find_path(ref, texts[i].length, &at) ||
		    !find_address(&ref, 0, &left, address))
			continue;
		*length = (int64_t)(at - *address);
		return true;
	}
	return false;
}

static const char *describe_number(Dwarf_Die *type, Dwarf_Word size, struct field *f,
				   struct sonde_named_field *from)
{
	Dwarf_Word encoding = die__number_or_0(type, DW_AT_encoding);
	bool is_signed = encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;

	if (die__is_float(type)) {
		if (encoding != DW_ATE_float || (size != 4 && size != 8))
			return "a floating-point number of a kind that is not shown; :x shows the "
			       "bits of one of 8 bytes";
		f->kind = size == 4 ? KIND_float : KIND_double;
		return NULL;
	}
	if (size > 8)
		return "a number of more than 8 bytes, which is not shown";
	from->what = is_signed ? SONDE_NAMED_SIGNED : SONDE_NAMED_NUMBER;
	f->kind = encoding == DW_ATE_boolean ? KIND_bool : is_signed ? KIND_long : KIND_ulong;
	return NULL;
}

static void describe_array(Dwarf_Die *type, Dwarf_Word size, struct field *f,
			   struct sonde_named_field *from)
{
	Dwarf_Die inner;
	bool text = die__type(type, &inner) && is_character(&inner);

	f->kind = text ? KIND_string : KIND_buffer;
	from->what = text ? SONDE_NAMED_STRING : SONDE_NAMED_BYTES;
	from->size = min(size, UINT32_MAX);
}

static void describe_struct(Dwarf_Die *type, Dwarf_Word size, struct field *f,
			    struct sonde_named_field *from)
{
	uint64_t address;
	int32_t length;

	if (find_text(type, &address, &length)) {
		f->kind = KIND_string;
		from->what = SONDE_NAMED_TEXT;
		from->offsets[from->steps] += address;
		from->size = length;
	} else if (size > 8) {
		f->kind = KIND_buffer;
		from->what = SONDE_NAMED_BYTES;
		from->size = min(size, UINT32_MAX);
	} else {
		from->size = size == 1 || size == 2 || size == 4 ? size : 8;
	}
}

static const char *describe(const void *of, struct named_hook *h, const struct type_ref *ref,
			    struct field *f, struct sonde_named_field *from)
{
	Dwarf_Die type = die__of(ref), inner;
	int tag = dwarf_tag(&type);
	const char *name = dwarf_diename(&type) ?: "";
	bool reference = tag != DW_TAG_pointer_type || *name == '&'; /* Rust's &T */
	Dwarf_Word size = 0;

	f->kind = KIND_hex;
	from->size = 8;
	if (die__is_address(&type)) {
		f->kind = KIND_address;
		if (!die__type(&type, &inner))
			return NULL;
		if (is_character(&inner)) {
			f->kind = KIND_string;
			from->what = SONDE_NAMED_STRING_AT;
		} else if (reference && from->steps + 1 < SONDE_NAMED_STEPS) {
			struct sonde_named_field behind = *from;
			struct field there = *f;
			struct type_ref ref_inner = die__ref(&inner);

			behind.steps++;
			behind.user = 1;
			/* What one sees of a reference is what it refers to, if that is one thing.
			 */
			if (!describe(of, h, &ref_inner, &there, &behind) &&
			    ((!die__is_struct(&inner) && !die__is_address(&inner)) ||
			     there.kind == KIND_string)) {
				*f = there;
				*from = behind;
			}
		}
		return NULL;
	}
	if (!die__size(&type, &size) && tag != DW_TAG_array_type)
		return "how large it is, is not known";
	from->size = size;
	switch (tag) {
	case DW_TAG_base_type:
		return describe_number(&type, size, f, from);
	case DW_TAG_enumeration_type:
		if (!size || size > 8)
			return "an enumeration without a size";
		f->kind = KIND_enum;
		f->values = enum_values(h, &type, size < 4 ? (1u << 8 * size) - 1 : 0xffffffff);
		return NULL;
	case DW_TAG_array_type:
		describe_array(&type, size, f, from);
		return NULL;
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
		describe_struct(&type, size, f, from);
		return NULL;
	}
	from->size = 8;
	return "of a type that is not understood";
}

const struct types types__user = {look, next, describe, NULL, NULL, true};
