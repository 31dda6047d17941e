// SPDX-License-Identifier: Apache-2.0
/* What do the kernel's types say of a function's arguments and its result? */
#include "../event/select.h"
#include "named.h"
#include "named_structs.h"
#include "registers.h"

#include <bpf/btf.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

struct reader {
	struct named_hook *hook;
	const struct btf *kernel;
	bool words, result;
	uint8_t param;
};

static const char *name_of(const struct reader *r, const struct btf_type *t)
{
	return btf__name_by_offset(r->kernel, t->name_off) ?: "";
}

/* Behind qualifiers and typedefs, whose names tell what a number is: the first is left in `alias`.
 */
static const struct btf_type *resolve(const struct reader *r, uint32_t id, const char **alias)
{
	const struct btf_type *t = btf__type_by_id(r->kernel, id);

	while (btf_is_mod(t) || btf_is_typedef(t) || btf_is_type_tag(t)) {
		if (btf_is_typedef(t) && alias && !*alias)
			*alias = name_of(r, t);
		t = btf__type_by_id(r->kernel, t->type);
	}
	return t;
}

static uint64_t enum_value(const struct btf_type *t, unsigned int i, const char **name,
			   const struct btf *kernel)
{
	bool wide = btf_is_enum64(t);

	*name = btf__name_by_offset(kernel,
				    wide ? btf_enum64(t)[i].name_off : btf_enum(t)[i].name_off);
	return wide ? btf_enum64_value(&btf_enum64(t)[i]) : (uint32_t)btf_enum(t)[i].val;
}

/* Those of 64 bits are flags, as a rule. */
static const struct values *enum_values(struct reader *r, const struct btf_type *t)
{
	unsigned int count = btf_vlen(t);
	struct values *values = named_hook__keep(r->hook, &(struct values){}, sizeof(*values));
	struct named_value *list = calloc(count + 1, sizeof(*list));

	for (unsigned int i = 0; list && i < count; i++) {
		const char *name;
		uint64_t number = enum_value(t, i, &name, r->kernel);
		bool flag = btf_is_enum64(t) && number && !(number & (number - 1));

		list[i].name = named_hook__keep(r->hook, name, strlen(name));
		list[i].number = number;
		list[i].mask = flag ? number : btf_is_enum64(t) ? ~0ull : 0xffffffff;
	}
	if (values && list) {
		values->name = "";
		values->list = named_hook__keep(r->hook, list, count * sizeof(*list));
		values->count = values->list ? count : 0;
	}
	free(list);
	return values;
}

static const struct {
	const char *name;
	enum kind kind;
	uint8_t what;
} aliases[] = {
	{"pid_t", KIND_pid, SONDE_NAMED_SIGNED},
	{"uid_t", KIND_uid, SONDE_NAMED_SIGNED},
	{"kuid_t", KIND_uid, SONDE_NAMED_SIGNED},
	{"gid_t", KIND_gid, SONDE_NAMED_SIGNED},
	{"kgid_t", KIND_gid, SONDE_NAMED_SIGNED},
	{"umode_t", KIND_fmode, SONDE_NAMED_NUMBER},
	{"dev_t", KIND_dev, SONDE_NAMED_DEV},
	{"bool", KIND_bool, SONDE_NAMED_NUMBER},
	{"size_t", KIND_size, SONDE_NAMED_NUMBER},
	{"loff_t", KIND_offset, SONDE_NAMED_SIGNED},
	{"key_serial_t", KIND_key, SONDE_NAMED_SIGNED},
	{"gfp_t", KIND_hex, SONDE_NAMED_NUMBER},
	{"fmode_t", KIND_hex, SONDE_NAMED_NUMBER},
	{"blk_opf_t", KIND_hex, SONDE_NAMED_NUMBER},
	{"vm_flags_t", KIND_hex, SONDE_NAMED_NUMBER},
	{"__poll_t", KIND_hex, SONDE_NAMED_NUMBER},
	{"kernel_cap_t", KIND_caps, SONDE_NAMED_NUMBER},
};

/* A number behind a pointer is shown as what it is now, "[10]"; text, as text. */
static void describe_pointer(struct reader *r, struct field *f, struct sonde_named_field *from,
			     const struct btf_type *pointer)
{
	const struct btf_type *t = resolve(r, pointer->type, NULL);
	bool number = pointer->type && btf_is_int(t) && (t->size == 4 || t->size == 8);
	bool is_signed = number && btf_int_encoding(t) & BTF_INT_SIGNED;

	f->kind = KIND_address;
	from->size = 8;
	if (pointer->type && btf_is_int(t) && !strcmp(name_of(r, t), "char")) {
		f->kind = KIND_string;
		from->what = SONDE_NAMED_STRING_AT;
	} else if (number) {
		f->kind = t->size == 4 ? is_signed ? KIND_int_at : KIND_uint_at
			  : is_signed  ? KIND_long_at
				       : KIND_ulong_at;
		from->what = SONDE_NAMED_BYTES_AT;
		from->size = t->size;
	} else if (pointer->type && btf_is_enum(t) && t->size == 4) {
		f->kind = KIND_enum_at;
		f->values = enum_values(r, t);
		from->what = SONDE_NAMED_BYTES_AT;
		from->size = t->size;
	}
}

/* An array of characters is a string; of what else has no number, the bytes. */
static void describe_bytes(struct reader *r, struct field *f, struct sonde_named_field *from,
			   const struct btf_type *t)
{
	const struct btf_type *of = btf_is_array(t) ? resolve(r, btf_array(t)->type, NULL) : NULL;
	bool text = of && btf_is_int(of) && !strcmp(name_of(r, of), "char");

	from->size = of ? btf_array(t)->nelems * (btf_is_int(of) ? of->size : 8) : t->size;
	from->what = text ? SONDE_NAMED_STRING : SONDE_NAMED_BYTES;
	f->kind = text ? KIND_string : KIND_buffer;
}

/* A number whose name says that it is an address: "addr", "start_address". */
static bool is_address(const char *name)
{
	const char *end = name ? strrchr(name, '_') : NULL;

	end = end ? end + 1 : name;
	return end && (!strcmp(end, "addr") || !strcmp(end, "address"));
}

/* A number as its type has it: the size is the type's, since the rest of a register may be rubbish.
 */
static void describe(struct reader *r, struct field *f, struct sonde_named_field *from,
		     uint32_t type)
{
	const char *alias = NULL;
	const struct btf_type *t = resolve(r, type, &alias);

	f->kind = KIND_hex;
	from->size = 8;
	if (btf_is_ptr(t)) {
		describe_pointer(r, f, from, t);
		return;
	}
	if (btf_is_any_enum(t) || btf_is_int(t))
		from->size = t->size;
	if (btf_is_any_enum(t)) {
		f->kind = btf_is_enum(t) ? KIND_enum : KIND_flags64;
		f->values = enum_values(r, t);
	} else if (btf_is_int(t)) {
		bool is_signed = btf_int_encoding(t) & BTF_INT_SIGNED;

		f->kind = is_signed ? KIND_long : KIND_ulong;
		from->what = is_signed ? SONDE_NAMED_SIGNED : SONDE_NAMED_NUMBER;
		if (t->size == 8 && !is_signed && is_address(f->name))
			f->kind = KIND_hex;
		if (btf_int_encoding(t) & BTF_INT_BOOL)
			f->kind = KIND_bool;
	} else if (btf_is_composite(t) && t->size <= 8) {
		from->size = t->size == 1 || t->size == 2 || t->size == 4 ? t->size : 8;
	} else if (btf_is_array(t) || (btf_is_composite(t) && from->steps)) {
		describe_bytes(r, f, from, t);
	}
	for (unsigned int i = 0; alias && i < ARRAY_SIZE(aliases); i++) {
		if (strcmp(alias, aliases[i].name))
			continue;
		f->kind = aliases[i].kind;
		from->what = aliases[i].what;
	}
	/* The bytes that it lies in. */
	if (from->bits)
		from->size = (from->bit + from->bits + 7) / 8;
}

void named_function__describe(struct named_hook *h, const struct btf *kernel, uint32_t type,
			      struct field *field, struct sonde_named_field *from)
{
	struct reader r = {.hook = h, .kernel = kernel};

	describe(&r, field, from, type);
}

void named_function__enums(struct named_hook *h, const struct btf *kernel)
{
	struct reader r = {.hook = h, .kernel = kernel};

	for (unsigned int i = 0; i < h->from.count; i++) {
		struct field *f = &h->fields[i];
		int id;

		if (!f->values || f->values->count || !*f->values->name)
			continue;
		id = btf__find_by_name_kind(kernel, f->values->name, BTF_KIND_ENUM);
		if (id <= 0)
			continue;
		f->values = enum_values(&r, btf__type_by_id(kernel, id));
		f->kind = KIND_enum;
	}
}

/* What is to be shown: a name, and the way to it from the argument. */
struct shown {
	const char *name, *members;
	uint32_t type;
	struct sonde_named_field from;
};

static int add_field(struct reader *r, const struct shown *s, struct field *f,
		     const struct sonde_named_field *from)
{
	unsigned int at = r->hook->from.count;

	f->help = "";
	f->provenance = f->kind == KIND_path ? FROM_USER : FROM_KERNEL;
	/* Where there was an error instead, there is nothing behind it. */
	f->quiet = r->result && strcmp(s->name, "res");
	f->name = named_hook__keep(r->hook, s->name, strlen(s->name));
	if (!f->name)
		return -ENOMEM;
	if (at < SONDE_NAMED_FIELDS)
		r->hook->origins[at] = (struct named_origin){
			r->param, named_hook__keep(r->hook, s->members, strlen(s->members))};
	named_hook__add(r->hook, f, from);
	return 0;
}

static int show(struct reader *r, const struct shown *s);

/* One line of the table. -ENOENT: this kernel has no such member. */
static int show_part(struct reader *r, const struct shown *s, const struct struct_shown *part,
		     uint32_t size)
{
	struct field f = {.kind = part->kind};
	char name[100], members[100];
	struct shown inner = {name, members, s->type, s->from};

	snprintf(name, sizeof(name), "%s%s%s", s->name,
		 part->suffix ? part->suffix
		 : r->result  ? "_"
			      : "",
		 !part->suffix && r->result ? part->of : "");
	snprintf(members, sizeof(members), "%s%s%s", s->members,
		 *s->members && part->members ? "->" : "", part->members ?: "");
	if (part->members &&
	    !type__follow(r->kernel, s->type, part->members, &inner.from, &inner.type))
		return -ENOENT;
	if (part->members && !part->kind)
		return show(r, &inner);
	if (part->kind == KIND_path) {
		/* Whole, where other strings are cut: it lies where the pointer leads. */
		if (inner.from.steps + 1 == SONDE_NAMED_STEPS)
			return -ENOENT;
		inner.from.steps++;
		inner.from.what = SONDE_NAMED_STRING;
		inner.from.size = PATH_MAX;
	} else if (part->members && !part->what) {
		describe(r, &f, &inner.from, inner.type);
		f.kind = part->kind;
	} else {
		inner.from.what = part->what;
		inner.from.size = part->what == SONDE_NAMED_PACKET     ? part->part
				  : part->what == SONDE_NAMED_BYTES_AT ? size
								       : 8;
		f.values = part->values ? values__find(part->values) : NULL;
	}
	return add_field(r, &inner, &f, &inner.from);
}

/* The most that an address has: of AF_UNIX. Where only the first of its members are declared, it
 * may be any. */
#define ADDRESS_BYTES 110

/* -ENOENT: it is no struct of the table. */
static int show_struct(struct reader *r, const struct shown *s)
{
	const struct btf_type *t = resolve(r, s->type, NULL);
	bool pointer = btf_is_ptr(t);
	int code = -ENOENT;
	const char *name;
	uint32_t size;

	if (pointer && t->type)
		t = resolve(r, t->type, NULL);
	if (!btf_is_struct(t) && !btf_is_fwd(t))
		return -ENOENT;
	name = name_of(r, t);
	size = strcmp(name, "sockaddr") && btf_is_struct(t) ? min(t->size, ADDRESS_BYTES)
							    : ADDRESS_BYTES;
	for (unsigned int i = 0; i < structs_shown_count; i++) {
		const struct struct_shown *part = &structs_shown[i];
		int one;

		if (strcmp(part->of, name) || (!pointer && !part->members))
			continue;
		one = show_part(r, s, part, size);
		if (one == -ENOMEM)
			return one;
		code = one && code ? code : 0;
	}
	return code;
}

static int show(struct reader *r, const struct shown *s)
{
	struct sonde_named_field from = s->from;
	struct field f = {.name = s->name};
	int code = show_struct(r, s);

	if (code != -ENOENT)
		return code;
	describe(r, &f, &from, s->type);
	return add_field(r, s, &f, &from);
}

int named_function__show(struct named_hook *h, const struct btf *kernel, const char *name,
			 uint32_t type, const struct sonde_named_field *from)
{
	struct reader r = {.hook = h, .kernel = kernel};
	struct shown s = {name, "", type, *from};

	return show(&r, &s);
}

static void add_param(struct reader *r, const char *name, uint32_t type, unsigned int offset)
{
	struct named_hook *h = r->hook;

	r->param = h->param_count;
	if (h->param_count < ARRAY_SIZE(h->params))
		h->params[h->param_count++] =
			(struct named_param){.name = named_hook__keep(h, name, strlen(name)) ?: "",
					     .type.words = {type},
					     .from.offsets = {offset}};
}

static int add(struct reader *r, const char *name, uint32_t type, unsigned int offset)
{
	struct shown s = {name, "", type, {.offsets = {offset}}};

	add_param(r, name, type, offset);
	return show(r, &s);
}

/*
 * The first field, of 8 bytes: what came of it. Of -4095 to -1 it is an error, of an address, too
 * (ERR_PTR). What is behind an address comes as fields of its own.
 */
static int add_result(struct reader *r, uint32_t type, unsigned int offset)
{
	struct shown s = {"res", "", type, {.offsets = {offset}}};
	struct field f = {.kind = KIND_address};

	add_param(r, s.name, type, offset);
	if (btf_is_ptr(resolve(r, type, NULL)))
		s.from.size = 8;
	else
		describe(r, &f, &s.from, type);
	r->hook->schema.flags |= SCHEMA_RESULT;
	return add_field(r, &s, &f, &s.from);
}

static int add_behind_result(struct reader *r, uint32_t type, unsigned int offset)
{
	struct shown s = {"res", "", type, {.offsets = {offset}}};
	struct field f = {};
	int code;

	if (!btf_is_ptr(resolve(r, type, NULL)))
		return 0;
	r->result = true;
	r->param = 0;
	code = show_struct(r, &s);
	if (code == -ENOENT) {
		describe(r, &f, &s.from, type);
		s.name = f.kind == KIND_string ? "res_text" : "res_value";
		code = f.kind == KIND_address ? 0 : add_field(r, &s, &f, &s.from);
	}
	return code;
}

/* A structure that is passed by value takes two words where it has more than 8 bytes, and none of
 * the registers where it has more than 16. */
static unsigned int words_of(const struct reader *r, uint32_t type)
{
	const struct btf_type *t = resolve(r, type, NULL);

	if (!btf_is_composite(t) || t->size <= 8)
		return 1;
	return t->size <= 16 ? 2 : r->words ? (t->size + 7) / 8 : 0;
}

static unsigned int place(const struct reader *r, unsigned int word)
{
	return r->words                         ? word * 8
	       : word < argument_register_count ? argument_registers[word].offset
						: ~0u;
}

/* BPF_PROG() takes twelve, one of them the result. */
#define MOST_WORDS 11

int named_function__read(struct named_hook *h, const struct btf *kernel, uint32_t id, bool words,
			 bool with_result)
{
	struct reader r = {.hook = h, .kernel = kernel, .words = words};
	const struct btf_type *t = btf__type_by_id(kernel, id);
	const struct btf_param *params;
	unsigned int word = 0, total = 0, first = 0, count, result;
	int code = 0;

	h->types = kernel;
	/* A raw tracepoint: a typedef of a pointer to a function, whose first argument is the
	 * kernel's own. Older kernels name the others only where they call it. */
	if (btf_is_typedef(t)) {
		const char *name = name_of(&r, t);
		char caller[128];
		int named;

		snprintf(caller, sizeof(caller), "__traceiter_%s",
			 strncmp(name, "btf_trace_", 10) ? name : name + 10);
		named = btf__find_by_name_kind(kernel, caller, BTF_KIND_FUNC);
		if (named > 0)
			t = btf__type_by_id(kernel, named);
		first = 1;
	}
	while (t && !btf_is_func_proto(t))
		t = btf__type_by_id(kernel, t->type);
	if (!t)
		return -EINVAL;
	params = btf_params(t);
	for (unsigned int i = first; i < btf_vlen(t); i++)
		total += words_of(&r, params[i].type);
	result = words ? total * 8 : result_registers[0].offset;

	if (with_result && t->type)
		code = add_result(&r, t->type, result);
	/* At a kretprobe the registers have other things in them. */
	count = with_result && !words ? 0 : btf_vlen(t);
	for (unsigned int i = first; i < count && !code; i++) {
		unsigned int size = words_of(&r, params[i].type);
		char name[80];

		if (!params[i].type) /* ... */
			break;
		snprintf(name, sizeof(name), "%s", btf__name_by_offset(kernel, params[i].name_off));
		if (!*name)
			snprintf(name, sizeof(name), "arg%u", i - first);
		if (with_result && !strcmp(name, "res"))
			snprintf(name, sizeof(name), "res_argument");
		if (!size)
			continue; /* on the stack */
		if (place(&r, word + size - 1) == ~0u || word + size > MOST_WORDS) {
			h->schema.blind = "arguments behind those that a program can be given";
			break;
		}
		code = add(&r, name, params[i].type, place(&r, word));
		word += size;
	}
	return with_result && t->type && !code ? add_behind_result(&r, t->type, result) : code;
}
