// SPDX-License-Identifier: Apache-2.0
#include "user_types.h"
#include "../base/buffer.h"
#include "die.h"
#include "named.h"
#include "registers.h"

#include <dwarf.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DEEPEST         16 /* structs within structs */
#define MOST_SCALARS    16
#define FLOAT_REGISTERS 8
#define MOST_NESTED     64 /* namespaces, classes, functions, blocks */

struct function {
	uint64_t address;
	Dwarf_Die die;
};

struct user_types {
	Dwfl *dwfl;
	struct function *list;
	size_t count, room;
};

static bool take_function(struct user_types *t, Dwarf_Die *die)
{
	Dwarf_Addr address;

	if (dwarf_entrypc(die, &address))
		return true;
	if (t->count == t->room) {
		size_t room = t->room ? 2 * t->room : 256;
		struct function *list = realloc(t->list, room * sizeof(*list));

		if (!list)
			return false;
		t->list = list;
		t->room = room;
	}
	t->list[t->count++] = (struct function){address, *die};
	return true;
}

/* An entry takes a byte at least: a unit has no more, unless it is damaged. */
static unsigned int most_entries(Dwarf *dwarf, Dwarf_Die *unit)
{
	Dwarf_Off begin = dwarf_dieoffset(unit) - dwarf_cuoffset(unit), end;
	size_t header;

	return dwarf_nextcu(dwarf, begin, &end, &header, NULL, NULL, NULL)
		       ? 0
		       : min(end - begin, UINT32_MAX);
}

/* Wherever they are nested, as long as that is not endless. False: no memory. */
static bool take_functions(struct user_types *t, Dwarf_Die *scope, unsigned int depth,
			   unsigned int *left)
{
	Dwarf_Die child = {};

	while (depth < MOST_NESTED && die__next(scope, &child, left)) {
		switch (dwarf_tag(&child)) {
		case DW_TAG_subprogram:
			if (!take_function(t, &child))
				return false;
			break;
		case DW_TAG_namespace:
		case DW_TAG_module:
		case DW_TAG_class_type:
		case DW_TAG_structure_type:
		case DW_TAG_lexical_block:
			break;
		default:
			continue;
		}
		if (!take_functions(t, &child, depth + 1, left))
			return false;
	}
	return true;
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
	unsigned int left;
	Dwarf_Die die;

	if (!t)
		return NULL;
	t->dwfl = dwfl_begin(&callbacks);
	module = t->dwfl ? dwfl_report_offline(t->dwfl, "", path, -1) : NULL;
	if (module && !dwfl_report_end(t->dwfl, NULL, NULL))
		dwarf = dwfl_module_getdwarf(module, &bias);
	while (dwarf && !dwarf_get_units(dwarf, unit, &unit, NULL, NULL, &die, NULL)) {
		left = most_entries(dwarf, &die);
		if (dwarf_tag(&die) == DW_TAG_compile_unit && !take_functions(t, &die, 0, &left))
			break;
	}
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

/* The numbers of which a type is made, as far as that decides how it is passed. */
struct scalars {
	struct scalar {
		Dwarf_Word offset, size;
		bool is_float;
	} list[MOST_SCALARS]; /* each place once */
	unsigned int count;
	unsigned int left; /* members to be looked at */
	bool unknown;
};

static void add_scalar(struct scalars *s, Dwarf_Word offset, Dwarf_Word size, bool is_float)
{
	for (unsigned int i = 0; i < s->count; i++) {
		if (s->list[i].offset != offset || s->list[i].size != size)
			continue;
		s->list[i].is_float &= is_float;
		return;
	}
	if (!size || s->count == MOST_SCALARS)
		s->unknown |= size != 0;
	else
		s->list[s->count++] = (struct scalar){offset, size, is_float};
}

static void find_scalars(struct scalars *s, Dwarf_Die *type, Dwarf_Word offset, unsigned int depth);

/* Members, base classes, and of Rust's enumerations the members of all variants. */
static void find_in_members(struct scalars *s, Dwarf_Die *type, Dwarf_Word offset,
			    unsigned int depth)
{
	Dwarf_Die child = {}, inner;

	while (depth < DEEPEST && die__next(type, &child, &s->left)) {
		int tag = dwarf_tag(&child);
		Dwarf_Word at = 0;

		if (tag == DW_TAG_variant_part || tag == DW_TAG_variant) {
			find_in_members(s, &child, offset, depth + 1);
			continue;
		}
		if ((tag != DW_TAG_member && tag != DW_TAG_inheritance) ||
		    dwarf_hasattr(&child, DW_AT_external))
			continue;
		if (die__offset(&child, &at) && die__type(&child, &inner))
			find_scalars(s, &inner, offset + at, depth + 1);
		else
			s->unknown = true;
	}
	s->unknown |= depth >= DEEPEST || !s->left;
}

static void find_scalars(struct scalars *s, Dwarf_Die *type, Dwarf_Word offset, unsigned int depth)
{
	Dwarf_Word size = 0, one = 0;
	Dwarf_Die inner;

	if (depth >= DEEPEST || !die__size(type, &size) || size > 16 || offset > 16 - size) {
		s->unknown = true;
	} else if (dwarf_tag(type) == DW_TAG_array_type) {
		if (!die__type(type, &inner) || !die__size(&inner, &one) ||
		    dwarf_hasattr(type, DW_AT_GNU_vector))
			s->unknown = true;
		for (Dwarf_Word at = 0; one && at < size && !s->unknown; at += one)
			find_scalars(s, &inner, offset + at, depth + 1);
	} else if (die__is_struct(type)) {
		find_in_members(s, type, offset, depth);
	} else if (!die__is_float(type) && size == 16) {
		add_scalar(s, offset, 8, false);
		add_scalar(s, offset + 8, 8, false);
	} else {
		/* What is not where its size would have it is packed. */
		s->unknown |= size > 8 || (size && offset % size);
		add_scalar(s, offset, size, die__is_float(type));
	}
}

/* How something is passed: up to two registers of its own, or in memory. */
struct passed {
	enum { UNKNOWN, IN_REGISTERS, ON_STACK, BY_ADDRESS } way;
	struct named_part parts[2]; /* `offset`: NAMED_NOWHERE: one for floating-point numbers */
	unsigned int part_count;
	Dwarf_Word size;
};

static void add_part(struct passed *p, uint32_t first, bool is_float)
{
	p->parts[p->part_count++] = (struct named_part){first, is_float ? NAMED_NOWHERE : 0};
}

/* C and C++: what lies in each of two words decides. */
static void pass_words(struct passed *p, const struct scalars *s)
{
	bool any[2] = {}, integer[2] = {};

	for (unsigned int i = 0; i < s->count; i++) {
		any[s->list[i].offset / 8] = true;
		integer[s->list[i].offset / 8] |= !s->list[i].is_float;
	}
	p->way = IN_REGISTERS;
#if defined(__aarch64__)
	/* All numbers alike, and floating-point ones: a register each. Else both words count. */
	if (s->count && !integer[0] && !integer[1] && s->count > 2)
		p->way = UNKNOWN;
	else if (s->count && (integer[0] || integer[1]))
		integer[0] = integer[1] = true;
#endif
	for (unsigned int i = 0; i < 2; i++)
		if (any[i])
			add_part(p, 8 * i, !integer[i]);
}

/* Rust: one or two numbers each in a register of its own, be they as small as may be. */
static void pass_rust(struct passed *p, const struct scalars *s, bool result)
{
	p->way = IN_REGISTERS;
	if (p->size > 16) {
		p->way = BY_ADDRESS;
	} else if (!s->unknown && s->count <= 2) {
		bool swapped = s->count == 2 && s->list[0].offset > s->list[1].offset;

		for (unsigned int i = 0; i < s->count; i++)
			add_part(p, s->list[i ^ swapped].offset, s->list[i ^ swapped].is_float);
	} else if (p->size <= 8) {
		add_part(p, 0, false);
	} else {
		/* Not all compilers return it in the same way. */
		p->way = result ? UNKNOWN : BY_ADDRESS;
	}
}

/* Of a function in a class: shop(shop &), shop(shop &&). */
static bool is_copier(Dwarf_Die *function, Dwarf_Die *class, unsigned int *left)
{
	const char *name = dwarf_diename(function), *whole = dwarf_diename(class);
	size_t size = whole ? strcspn(whole, "<") : 0;
	Dwarf_Die child = {}, type, of;
	unsigned int count = 0;
	bool same = false;

	if (!name || !whole || strncmp(name, whole, size) || name[size])
		return false;
	while (count < 3 && die__next(function, &child, left)) {
		if (dwarf_tag(&child) != DW_TAG_formal_parameter)
			continue;
		same |= ++count == 2 && die__type(&child, &type) &&
			dwarf_tag(&type) != DW_TAG_pointer_type && die__type(&type, &of) &&
			of.addr == class->addr;
	}
	return count == 2 && same;
}

/*
 * C++ passes the address of what is copied or destroyed by code of its own: not all compilers say
 * so of the type.
 */
static bool has_code(Dwarf_Die *class, unsigned int depth, unsigned int *left)
{
	Dwarf_Die child = {}, inner;

	while (depth < DEEPEST && die__next(class, &child, left)) {
		int tag = dwarf_tag(&child);
		const char *name = dwarf_diename(&child) ?: "";

		if (tag == DW_TAG_subprogram && !dwarf_hasattr(&child, DW_AT_artificial) &&
		    die__number_or_0(&child, DW_AT_defaulted) != DW_DEFAULTED_in_class &&
		    !dwarf_hasattr(&child, DW_AT_deleted) &&
		    (*name == '~' || is_copier(&child, class, left)))
			return true;
		if ((tag != DW_TAG_member && tag != DW_TAG_inheritance) ||
		    dwarf_hasattr(&child, DW_AT_external) ||
		    dwarf_hasattr(&child, DW_AT_declaration))
			continue;
		if (!strncmp(name, "_vptr", 5) || dwarf_hasattr(&child, DW_AT_virtuality))
			return true;
		if (die__type(&child, &inner) && die__is_struct(&inner) &&
		    has_code(&inner, depth + 1, left))
			return true;
	}
	return false;
}

static bool is_passed_by_address(Dwarf_Die *type)
{
	Dwarf_Word convention = die__number_or_0(type, DW_AT_calling_convention);
	unsigned int left = MOST_CHILDREN;

	return convention ? convention == DW_CC_pass_by_reference : has_code(type, 0, &left);
}

static void pass_struct(struct passed *p, Dwarf_Die *type, bool rust, bool result)
{
	struct scalars s = {.left = MOST_CHILDREN};

	if (p->size <= 16)
		find_scalars(&s, type, 0, 0);
	if (!rust && is_passed_by_address(type))
		p->way = BY_ADDRESS;
	else if (rust)
		pass_rust(p, &s, result);
	else if (p->size > 16)
#if defined(__x86_64__)
		p->way = ON_STACK;
#else
		p->way = BY_ADDRESS;
#endif
	else if (!s.unknown)
		pass_words(p, &s);
}

/* `rust`: as functions of Rust call each other, which is not C's way. */
static struct passed pass(Dwarf_Die *type, bool rust, bool result)
{
	struct passed p = {};
	int tag = dwarf_tag(type);

	if (!die__size(type, &p.size))
		return p;
	if (die__is_struct(type)) {
		pass_struct(&p, type, rust, result);
	} else if (p.size > 16 || (p.size > 8 && die__is_float(type))) {
		/* long double, __float128: each machine has its own way. */
	} else if (die__is_address(type) || tag == DW_TAG_base_type ||
		   tag == DW_TAG_enumeration_type) {
		p.way = IN_REGISTERS;
		add_part(&p, 0, die__is_float(type));
		if (p.size > 8)
			add_part(&p, 8, false);
	}
	return p;
}

/* What is taken already. */
struct call {
	bool rust, lost;
	unsigned int words, floats, stack;
};

static bool take_registers(struct call *c, struct passed *p, struct named_param *param)
{
	unsigned int words = 0, floats = 0;

	for (unsigned int i = 0; i < p->part_count; i++)
		*(p->parts[i].offset ? &floats : &words) += 1;
	if (c->words + words > argument_register_count || c->floats + floats > FLOAT_REGISTERS)
		return false;
	for (unsigned int i = 0; i < p->part_count; i++)
		if (!p->parts[i].offset)
			p->parts[i].offset = argument_registers[c->words++].offset;
	c->floats += floats;
	memcpy(param->parts, p->parts, sizeof(param->parts));
	param->part_count = p->part_count;
	return true;
}

/* Above the address that the function returns to, where that is on the stack. */
static void take_stack(struct call *c, const struct passed *p, struct named_param *param)
{
	param->from = (struct sonde_named_field){
		.steps = 1, .user = 1, .offsets = {stack_register.offset, stack_begin + c->stack}};
	c->stack += (p->size + 7) / 8 * 8;
}

static void place(struct call *c, Dwarf_Die *type, struct named_param *param)
{
	struct passed p = pass(type, c->rust, false);

	if (p.way == BY_ADDRESS) {
		add_part(&p, 0, false);
		if (take_registers(c, &p, param)) {
			param->part_count = 0;
			param->from = (struct sonde_named_field){
				.steps = 1, .user = 1, .offsets = {p.parts[0].offset}};
			return;
		}
		c->lost = true; /* it is on the stack, and so is its address */
	} else if (p.way == IN_REGISTERS && p.part_count && take_registers(c, &p, param)) {
		return;
	} else if (p.way == IN_REGISTERS && p.part_count && c->rust) {
		/* Both words of a pair, if it is of words and no register is left for one. */
		c->lost |= c->words < argument_register_count ||
			   (p.part_count == 2 && p.parts[1].first != 8);
		if (!c->lost) {
			take_stack(c, &p, param);
			return;
		}
	} else if (p.way == IN_REGISTERS && p.part_count) {
		/* What does not fit into those that are left is on the stack as a whole. */
#if defined(__aarch64__)
		if (p.parts[0].offset != NAMED_NOWHERE)
			c->words = argument_register_count;
#endif
		c->lost |= p.part_count == 2 && p.size == 16 && !die__is_struct(type);
		if (!c->lost)
			take_stack(c, &p, param);
		return;
	} else if (p.way == ON_STACK && !c->lost) {
		take_stack(c, &p, param);
		return;
	} else {
		c->lost |= p.way == UNKNOWN || p.part_count;
	}
	param->missing =
		p.way == IN_REGISTERS && !p.part_count
			? "it has no bytes"
			: "where it is, is not known: it is passed in a way that is not read";
}

/* `die`: what has the type. */
static struct named_param *add_param(struct named_hook *h, const char *name, Dwarf_Die *die,
				     Dwarf_Die *type)
{
	struct named_param *param = &h->params[h->param_count];
	struct buffer b = {};

	if (h->param_count == ARRAY_SIZE(h->params))
		return NULL;
	die__spell_type(&b, die);
	*param = (struct named_param){.name = named_hook__keep(h, name, strlen(name)),
				      .spelled = named_hook__keep(h, b.data, b.size),
				      .type = die__ref(type)};
	buffer__free(&b);
	if (!param->name || !param->spelled)
		return NULL;
	h->param_count++;
	return param;
}

static int add_result(struct named_hook *h, Dwarf_Die *function, bool rust)
{
	struct named_param *param;
	unsigned int word = 0;
	struct passed p;
	Dwarf_Die type;

	if (!die__type(function, &type))
		return 0;
	p = pass(&type, rust, true);
	param = add_param(h, "res", function, &type);
	if (!param)
		return -ENOMEM;
	if (p.way == UNKNOWN || (p.way == IN_REGISTERS && !p.part_count)) {
		param->missing = "where the result is, is not known";
	} else if (p.way == IN_REGISTERS) {
		for (unsigned int i = 0; i < p.part_count; i++)
			if (!p.parts[i].offset)
				p.parts[i].offset = result_registers[word++].offset;
		memcpy(param->parts, p.parts, sizeof(param->parts));
		param->part_count = p.part_count;
	} else {
#if defined(__x86_64__)
		/* The caller said where it is to be stored; that is returned, too. */
		param->from = (struct sonde_named_field){
			.steps = 1, .user = 1, .offsets = {result_registers[0].offset}};
#else
		param->missing = "it is in the caller's memory, and where, is not known any more";
#endif
	}
	return 0;
}

/* Whether the caller passes, before all else, where the result is to be stored. */
static void skip_hidden(struct call *c, Dwarf_Die *function)
{
#if defined(__x86_64__)
	Dwarf_Die type;
	struct passed p = {};

	if (!die__type(function, &type) || !die__is_struct(&type))
		return;
	p = pass(&type, c->rust, true);
	c->lost = p.way == UNKNOWN;
	c->words = p.way == ON_STACK || p.way == BY_ADDRESS;
#endif
}

static int add_arguments(struct named_hook *h, Dwarf_Die *function, bool rust)
{
	struct call c = {.rust = rust};
	unsigned int total = 0, left = MOST_CHILDREN;
	Dwarf_Die child = {};

	skip_hidden(&c, function);
	while (die__next(function, &child, &left)) {
		const char *name = dwarf_diename(&child);
		struct named_param *param;
		Dwarf_Die type = {};
		char text[16];

		if (dwarf_tag(&child) != DW_TAG_formal_parameter)
			continue;
		snprintf(text, sizeof(text), "arg%u", total++);
		c.lost |= !die__type(&child, &type);
		param = add_param(h, name && is_plain_name(name) ? name : text, &child, &type);
		if (!param)
			return h->param_count == ARRAY_SIZE(h->params) ? 0 : -ENOMEM;
		if (c.lost)
			param->missing = "where it is, is not known: one before it is passed in a "
					 "way that is not read";
		else
			place(&c, &type, param);
	}
	return 0;
}

/* Functions of Rust that others may call by their name follow C: they are called what they are. */
static bool calls_as_rust(Dwarf_Die *function)
{
	return die__is_rust(function) && dwarf_hasattr_integrate(function, DW_AT_linkage_name);
}

static void note_unseen(struct named_hook *h, unsigned int unseen, bool at_return)
{
	char text[120];

	if (!unseen)
		return;
	snprintf(text, sizeof(text), "%u of its %u arguments, or parts of them", unseen,
		 h->param_count);
	h->schema.blind =
		at_return ? "the result, or parts of it" : named_hook__keep(h, text, strlen(text));
}

int user_types__describe(const struct user_types *t, uint64_t address, bool at_return,
			 const char *chosen, struct named_hook *h, struct error *err)
{
	struct function key = {.address = address};
	struct function *f = bsearch(&key, t->list, t->count, sizeof(key), by_address);
	Dwarf_Die die;
	int code;

	if (!f)
		return -ENOENT;
	if (die__number_or_0(&f->die, DW_AT_calling_convention) == DW_CC_nocall) {
		h->schema.blind = "its arguments: the compiler changed how it is called";
		return -ENOENT;
	}
	die = f->die;
	code = at_return ? add_result(h, &die, calls_as_rust(&die))
			 : add_arguments(h, &die, calls_as_rust(&die));
	if (!code && *chosen)
		return named_hook__choose(h, &types__user, chosen, err);
	if (!code)
		note_unseen(h, named_hook__choose_all(h, &types__user), at_return);
	return code;
}
