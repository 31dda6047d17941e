// SPDX-License-Identifier: Apache-2.0
#include "user_types.h"
#include "named.h"
#include "registers.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DEEPEST   16   /* structs within structs */
#define MOST_ENUM 4096 /* names of values */

struct function {
	uint64_t address;
	Dwarf_Die die;
};

struct user_types {
	Dwfl *dwfl;
	struct function *list;
	size_t count, room;
};

static int take_function(Dwarf_Die *die, void *context)
{
	struct user_types *t = context;
	Dwarf_Addr address;

	if (dwarf_entrypc(die, &address))
		return DWARF_CB_OK;
	if (t->count == t->room) {
		size_t room = t->room ? 2 * t->room : 256;
		struct function *list = realloc(t->list, room * sizeof(*list));

		if (!list)
			return DWARF_CB_ABORT;
		t->list = list;
		t->room = room;
	}
	t->list[t->count++] = (struct function){address, *die};
	return DWARF_CB_OK;
}

static int by_address(const void *a, const void *b)
{
	uint64_t x = ((const struct function *)a)->address;
	uint64_t y = ((const struct function *)b)->address;

	return (x > y) - (x < y);
}

struct user_types *user_types__open(const char *path)
{
	static const Dwfl_Callbacks callbacks = {
		.find_elf = dwfl_build_id_find_elf,
		.find_debuginfo = dwfl_standard_find_debuginfo,
		.section_address = dwfl_offline_section_address,
	};
	struct user_types *t = calloc(1, sizeof(*t));
	Dwfl_Module *module;
	Dwarf_Addr bias;
	Dwarf *dwarf = NULL;
	Dwarf_CU *unit = NULL;
	Dwarf_Die die;

	if (!t)
		return NULL;
	t->dwfl = dwfl_begin(&callbacks);
	module = t->dwfl ? dwfl_report_offline(t->dwfl, "", path, -1) : NULL;
	if (module && !dwfl_report_end(t->dwfl, NULL, NULL))
		dwarf = dwfl_module_getdwarf(module, &bias);
	while (dwarf && !dwarf_get_units(dwarf, unit, &unit, NULL, NULL, &die, NULL))
		if (dwarf_tag(&die) == DW_TAG_compile_unit)
			dwarf_getfuncs(&die, take_function, t, 0);
	if (!t->count) {
		user_types__close(t);
		return NULL;
	}
	qsort(t->list, t->count, sizeof(*t->list), by_address);
	return t;
}

void user_types__close(struct user_types *t)
{
	if (!t)
		return;
	dwfl_end(t->dwfl);
	free(t->list);
	free(t);
}

/* What a type takes of the registers, and how it is shown. */
struct passed {
	unsigned int words; /* of those for integers and addresses */
	bool elsewhere;     /* in memory, or in registers for floating-point numbers */
	bool unknown;       /* and so is where the arguments behind it are */
	struct field field; /* of one word */
	struct sonde_named_field from;
};

static bool type_of(Dwarf_Die *die, Dwarf_Die *ret)
{
	Dwarf_Attribute attribute;
	Dwarf_Die type;

	return dwarf_attr_integrate(die, DW_AT_type, &attribute) &&
	       dwarf_formref_die(&attribute, &type) && !dwarf_peel_type(&type, ret);
}

static Dwarf_Word number_of(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word number = 0;

	return dwarf_attr_integrate(die, name, &attribute) && !dwarf_formudata(&attribute, &number)
		       ? number
		       : 0;
}

static bool is_float(Dwarf_Word encoding)
{
	return encoding == DW_ATE_float || encoding == DW_ATE_complex_float ||
	       encoding == DW_ATE_imaginary_float || encoding == DW_ATE_decimal_float;
}

/* Which of a struct's two words hold something else than floating-point numbers. False: it is not
 * known. */
static bool find_integers(Dwarf_Die *type, Dwarf_Word offset, unsigned int depth, bool *integer)
{
	int tag = dwarf_tag(type);
	Dwarf_Die child, inner;
	Dwarf_Word size = 0;

	if (depth == DEEPEST || dwarf_aggregate_size(type, &size) || size > 16 ||
	    offset > 16 - size)
		return false;
	if (tag == DW_TAG_base_type && is_float(number_of(type, DW_AT_encoding)))
		return size <= 8;
	if (tag == DW_TAG_array_type) {
		Dwarf_Word one = 0;

		if (!type_of(type, &inner) || dwarf_aggregate_size(&inner, &one) || !one)
			return false;
		for (Dwarf_Word at = 0; at < size; at += one)
			if (!find_integers(&inner, offset + at, depth + 1, integer))
				return false;
		return true;
	}
	if (tag != DW_TAG_structure_type && tag != DW_TAG_class_type && tag != DW_TAG_union_type) {
		for (Dwarf_Word at = offset; at < offset + size; at++)
			integer[at / 8] = true;
		return true;
	}
	if (dwarf_child(type, &child))
		return true;
	do {
		tag = dwarf_tag(&child);
		if (tag != DW_TAG_member && tag != DW_TAG_inheritance)
			continue;
		/* Static members are none; variants of Rust have no place of their own. */
		if (dwarf_hasattr(&child, DW_AT_external))
			continue;
		if (!type_of(&child, &inner) ||
		    !find_integers(&inner, offset + number_of(&child, DW_AT_data_member_location),
				   depth + 1, integer))
			return false;
	} while (!dwarf_siblingof(&child, &child));
	return true;
}

static __unused_arg bool is_rust(Dwarf_Die *die)
{
	Dwarf_Die unit;

	return dwarf_diecu(die, &unit, NULL, NULL) && dwarf_srclang(&unit) == DW_LANG_Rust;
}

static void pass_address(struct passed *p)
{
	p->words = 1;
	p->field.kind = KIND_address;
	p->from.size = 8;
}

static void pass_struct(struct passed *p, Dwarf_Die *type, Dwarf_Word size)
{
	bool integer[2] = {};

	if (number_of(type, DW_AT_calling_convention) == DW_CC_pass_by_reference) {
		pass_address(p);
	} else if (size > 16) {
		/* x86-64's C copies it onto the stack, all others pass its address. */
#if defined(__x86_64__)
		p->elsewhere = !is_rust(type);
#endif
		if (!p->elsewhere)
			pass_address(p);
	} else if (!size) {
		p->elsewhere = true;
	} else if (!find_integers(type, 0, 0, integer)) {
		p->unknown = true;
	} else {
		p->words = integer[0] + integer[1];
		p->elsewhere = size > 8 || !p->words;
		p->field.kind = KIND_hex;
		p->from.size = size == 1 || size == 2 || size == 4 ? size : 8;
	}
}

static const struct values *enum_values(struct named_hook *h, Dwarf_Die *type, uint64_t mask)
{
	struct values *values = named_hook__keep(h, &(struct values){}, sizeof(*values));
	struct named_value *list = calloc(MOST_ENUM, sizeof(*list));
	unsigned int count = 0;
	Dwarf_Die child;
	int code = dwarf_child(type, &child);

	for (; list && !code && count < MOST_ENUM; code = dwarf_siblingof(&child, &child)) {
		const char *name = dwarf_diename(&child);
		Dwarf_Attribute attribute;
		Dwarf_Sword number;

		if (dwarf_tag(&child) != DW_TAG_enumerator || !name ||
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

static bool is_text(Dwarf_Die *pointer)
{
	Dwarf_Die type;
	const char *name = type_of(pointer, &type) ? dwarf_diename(&type) : NULL;

	/* As C has it, and Rust for C. */
	return name && dwarf_tag(&type) == DW_TAG_base_type &&
	       (!strcmp(name, "char") || !strcmp(name, "i8"));
}

static void pass_number(struct passed *p, Dwarf_Die *type, Dwarf_Word size)
{
	Dwarf_Word encoding = number_of(type, DW_AT_encoding);

	if (is_float(encoding)) {
		p->elsewhere = true;
	} else if (size > 8) {
		p->words = 2;
		p->elsewhere = true;
	} else {
		bool is_signed = encoding == DW_ATE_signed || encoding == DW_ATE_signed_char;

		p->words = 1;
		p->from.size = size;
		p->from.what = is_signed ? SONDE_NAMED_SIGNED : SONDE_NAMED_NUMBER;
		p->field.kind = encoding == DW_ATE_boolean ? KIND_bool
				: is_signed                ? KIND_long
							   : KIND_ulong;
	}
}

static void pass(struct passed *p, struct named_hook *h, Dwarf_Die *type)
{
	Dwarf_Word size = 0;

	switch (dwarf_tag(type)) {
	case DW_TAG_pointer_type:
	case DW_TAG_reference_type:
	case DW_TAG_rvalue_reference_type:
		pass_address(p);
		if (is_text(type)) {
			p->field.kind = KIND_string;
			p->from.what = SONDE_NAMED_STRING_AT;
		}
		return;
	case DW_TAG_base_type:
	case DW_TAG_enumeration_type:
	case DW_TAG_structure_type:
	case DW_TAG_class_type:
	case DW_TAG_union_type:
		if (!dwarf_aggregate_size(type, &size))
			break;
		/* fall through */
	default:
		p->unknown = true;
		return;
	}
	if (dwarf_tag(type) == DW_TAG_base_type) {
		pass_number(p, type, size);
	} else if (dwarf_tag(type) != DW_TAG_enumeration_type) {
		pass_struct(p, type, size);
	} else if (!size || size > 8) {
		p->unknown = true;
	} else {
		p->words = 1;
		p->from.size = size;
		p->field.kind = KIND_enum;
		p->field.values =
			enum_values(h, type, size < 4 ? (1u << 8 * size) - 1 : 0xffffffff);
	}
}

static int add(struct named_hook *h, struct passed *p, const char *name, unsigned int place)
{
	p->field.help = "";
	p->field.provenance = FROM_USER;
	p->field.name = named_hook__keep(h, name, strlen(name));
	p->from.offsets[0] = place;
	if (!p->field.name)
		return -ENOMEM;
	named_hook__add(h, &p->field, &p->from);
	return 0;
}

static int add_result(struct named_hook *h, Dwarf_Die *function, unsigned int place)
{
	struct passed p = {};
	Dwarf_Die type;

	if (!type_of(function, &type))
		return 0;
	pass(&p, h, &type);
	if (p.words == 1 && !p.elsewhere)
		return add(h, &p, "res", place);
	h->schema.blind = "the result, which is not in one register for integers";
	return 0;
}

/* Whether the caller passes, before all else, where the result is to be stored. */
static bool has_hidden(struct named_hook *h, Dwarf_Die *function)
{
#if defined(__x86_64__)
	struct passed p = {};
	Dwarf_Word size = 0;
	Dwarf_Die type;
	int tag = type_of(function, &type) ? dwarf_tag(&type) : 0;

	if (tag != DW_TAG_structure_type && tag != DW_TAG_class_type && tag != DW_TAG_union_type)
		return false;
	pass(&p, h, &type);
	return !dwarf_aggregate_size(&type, &size) && (size > 16 || p.field.kind == KIND_address);
#else
	return false;
#endif
}

static int add_arguments(struct named_hook *h, Dwarf_Die *function)
{
	unsigned int word = has_hidden(h, function), total = 0, unseen = 0;
	bool lost = false;
	char text[80];
	Dwarf_Die child;
	int end = dwarf_child(function, &child), code = 0;

	for (; !end && !code; end = dwarf_siblingof(&child, &child)) {
		struct passed p = {};
		Dwarf_Die type;
		const char *name;

		if (dwarf_tag(&child) != DW_TAG_formal_parameter)
			continue;
		snprintf(text, sizeof(text), "arg%u", total++);
		name = dwarf_diename(&child) ?: text;
		if (type_of(&child, &type))
			pass(&p, h, &type);
		else
			p.unknown = true;
		lost |= p.unknown;
		/* What does not fit into those that are left is on the stack as a whole. */
		if (lost || p.elsewhere || !p.words || word + p.words > argument_register_count)
			unseen++;
		else
			code = add(h, &p, name, argument_registers[word].offset);
		if (!lost && word + p.words <= argument_register_count)
			word += p.words;
	}
	if (unseen) {
		snprintf(text, sizeof(text),
			 "%u of its %u arguments: on the stack, or in other registers", unseen,
			 total);
		h->schema.blind = named_hook__keep(h, text, strlen(text));
	}
	return code;
}

int user_types__describe(const struct user_types *t, uint64_t address, bool at_return,
			 struct named_hook *h)
{
	struct function key = {.address = address};
	struct function *f = bsearch(&key, t->list, t->count, sizeof(key), by_address);
	Dwarf_Die die;

	/* A compiler that may change how a function is called says so. */
	if (!f || number_of(&f->die, DW_AT_calling_convention) == DW_CC_nocall)
		return -ENOENT;
	die = f->die;
	return at_return ? add_result(h, &die, result_register.offset) : add_arguments(h, &die);
}
