// SPDX-License-Identifier: Apache-2.0
/* What do the kernel's types say of a function's arguments and its result? */
#include "named.h"
#include "registers.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct reader {
	struct named_hook *hook;
	const struct btf *kernel;
	bool words;
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

static const struct values *enum_values(struct reader *r, const struct btf_type *t)
{
	unsigned int count = btf_vlen(t);
	struct values *values = named_hook__keep(r->hook, &(struct values){}, sizeof(*values));
	struct named_value *list = calloc(count + 1, sizeof(*list));

	for (unsigned int i = 0; list && i < count; i++) {
		const char *name = btf__name_by_offset(r->kernel, btf_enum(t)[i].name_off);

		list[i].name = named_hook__keep(r->hook, name, strlen(name));
		list[i].number = (uint32_t)btf_enum(t)[i].val;
		list[i].mask = 0xffffffff;
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
	{"gfp_t", KIND_hex, SONDE_NAMED_NUMBER},
	{"fmode_t", KIND_hex, SONDE_NAMED_NUMBER},
	{"kernel_cap_t", KIND_caps, SONDE_NAMED_NUMBER},
};

static const struct {
	const char *name;
	uint8_t what;
} structs[] = {
	{"file", SONDE_NAMED_FILE}, {"path", SONDE_NAMED_PATH},     {"dentry", SONDE_NAMED_DENTRY},
	{"sock", SONDE_NAMED_SOCK}, {"socket", SONDE_NAMED_SOCKET},
};

/* What of other structs identifies them: a member, as a number. */
static const struct {
	const char *name, *member, *suffix; /* of the field's name */
	enum kind kind;
	uint8_t size;
} members[] = {
	{"task_struct", "pid", "_pid", KIND_pid, 4},
	{"inode", "i_ino", "_ino", KIND_ulong, 8},
	{"cred", "euid", "_euid", KIND_uid, 4},
	{"sk_buff", "len", "_len", KIND_size, 4},
};

/* The offset of a member in bytes; negative: there is none. */
static int offset_of(const struct reader *r, const struct btf_type *t, const char *member)
{
	for (unsigned int i = 0; i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(r->kernel, btf_members(t)[i].name_off), member))
			return btf_member_bit_offset(t, i) / 8;
	return -1;
}

static void describe_pointer(struct reader *r, struct field *f, struct sonde_named_field *from,
			     const struct btf_type *pointer)
{
	const struct btf_type *t = resolve(r, pointer->type, NULL);
	const char *name = pointer->type ? name_of(r, t) : "";
	char suffixed[80];

	f->kind = KIND_address;
	from->size = 8;
	if (pointer->type && btf_is_int(t) && t->size == 1) {
		f->kind = KIND_string;
		from->what = SONDE_NAMED_STRING_AT;
	}
	if (!pointer->type || !btf_is_struct(t))
		return;
	if (!strcmp(name, "sockaddr")) {
		f->kind = KIND_sockaddr;
		from->what = SONDE_NAMED_BYTES_AT;
		from->size = 28; /* as large as one of IPv6 */
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(structs); i++) {
		if (strcmp(name, structs[i].name))
			continue;
		f->kind = KIND_file;
		from->what = structs[i].what;
	}
	for (unsigned int i = 0; i < ARRAY_SIZE(members); i++) {
		int offset =
			strcmp(name, members[i].name) ? -1 : offset_of(r, t, members[i].member);

		if (offset < 0 || from->steps + 1u >= SONDE_NAMED_STEPS)
			continue;
		snprintf(suffixed, sizeof(suffixed), "%s%s", f->name, members[i].suffix);
		f->name = named_hook__keep(r->hook, suffixed, strlen(suffixed)) ?: f->name;
		f->kind = members[i].kind;
		from->offsets[++from->steps] = offset;
		from->size = members[i].size;
	}
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
	if (btf_is_enum(t)) {
		f->kind = KIND_enum;
		f->values = enum_values(r, t);
	} else if (btf_is_int(t)) {
		bool is_signed = btf_int_encoding(t) & BTF_INT_SIGNED;

		f->kind = is_signed ? KIND_long : KIND_ulong;
		from->what = is_signed ? SONDE_NAMED_SIGNED : SONDE_NAMED_NUMBER;
		if (btf_int_encoding(t) & BTF_INT_BOOL)
			f->kind = KIND_bool;
	} else if (btf_is_composite(t) && t->size <= 8) {
		from->size = t->size == 1 || t->size == 2 || t->size == 4 ? t->size : 8;
	}
	for (unsigned int i = 0; alias && i < ARRAY_SIZE(aliases); i++) {
		if (strcmp(alias, aliases[i].name))
			continue;
		f->kind = aliases[i].kind;
		from->what = aliases[i].what;
	}
}

void named_function__describe(struct named_hook *h, const struct btf *kernel, uint32_t type,
			      struct field *field, struct sonde_named_field *from)
{
	struct reader r = {.hook = h, .kernel = kernel};

	describe(&r, field, from, type);
}

static int add(struct reader *r, const char *name, uint32_t type, unsigned int offset)
{
	struct field f = {.help = "", .provenance = FROM_KERNEL};
	struct sonde_named_field from = {.offsets = {offset}};
	struct named_hook *h = r->hook;

	f.name = named_hook__keep(h, name, strlen(name));
	if (!f.name)
		return -ENOMEM;
	if (h->param_count < ARRAY_SIZE(h->params))
		h->params[h->param_count++] =
			(struct named_param){.name = f.name, .type.words = {type}, .from = from};
	describe(r, &f, &from, type);
	named_hook__add(r->hook, &f, &from);
	return 0;
}

/* The first field, of 8 bytes: what came of it. */
static int add_result(struct reader *r, uint32_t type, unsigned int offset)
{
	const struct btf_type *t = resolve(r, type, NULL);
	int code;

	if (!type)
		return 0;
	code = add(r, "res", type, offset);
	if (!code && btf_is_int(t) && btf_int_encoding(t) & BTF_INT_SIGNED)
		r->hook->schema.flags |= SCHEMA_RESULT;
	return code;
}

static unsigned int place(const struct reader *r, unsigned int word)
{
	return r->words                         ? word * 8
	       : word < argument_register_count ? argument_registers[word].offset
						: ~0u;
}

int named_function__read(struct named_hook *h, const struct btf *kernel, uint32_t id, bool words,
			 bool with_result)
{
	struct reader r = {.hook = h, .kernel = kernel, .words = words};
	const struct btf_type *t = btf__type_by_id(kernel, id);
	const struct btf_param *params;
	unsigned int word = 0, total = 0, first = 0;
	int code = 0;

	/* A raw tracepoint: a typedef of a pointer to a function, whose first argument is the
	 * kernel's own. Older kernels name the others only where they call it. */
	if (btf_is_typedef(t)) {
		char caller[128];
		int named;

		snprintf(caller, sizeof(caller), "__traceiter_%s",
			 name_of(&r, t) + strlen("btf_trace_"));
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
	for (unsigned int i = first; i < btf_vlen(t); i++) {
		const struct btf_type *p = resolve(&r, params[i].type, NULL);

		total += btf_is_composite(p) && p->size > 8 ? 2 : 1;
	}
	if (with_result)
		code = add_result(&r, t->type, words ? total * 8 : result_registers[0].offset);
	if (with_result && !words)
		return code;
	for (unsigned int i = first; i < btf_vlen(t) && !code; i++) {
		const struct btf_type *p = resolve(&r, params[i].type, NULL);
		char name[80];

		if (!params[i].type) /* ... */
			break;
		snprintf(name, sizeof(name), "%s", btf__name_by_offset(kernel, params[i].name_off));
		if (!*name)
			snprintf(name, sizeof(name), "arg%u", i - first);
		if (place(&r, word) == ~0u)
			break;
		code = add(&r, name, params[i].type, place(&r, word));
		word += btf_is_composite(p) && p->size > 8 ? 2 : 1;
	}
	return code;
}
