// SPDX-License-Identifier: Apache-2.0
#include "btf_schema.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

#define PREFIX "sonde_event__"

struct btf_schemas {
	struct schema *list;
	unsigned int count;
	struct field *fields; /* of all */
	unsigned int field_count;
	char *strings; /* a copy of the object's string section: names and tags point into it */
};

void btf_schemas__free(struct btf_schemas *b)
{
	if (!b)
		return;
	free(b->list);
	free(b->fields);
	free(b->strings);
	free(b);
}

const struct schema *btf_schemas__list(const struct btf_schemas *b, unsigned int *count)
{
	*count = b->count;
	return b->list;
}

static const char *event_name(const struct btf *btf, const struct btf_type *t)
{
	const char *name = btf__name_by_offset(btf, t->name_off);

	if (!btf_is_struct(t) || strncmp(name, PREFIX, strlen(PREFIX)))
		return NULL;
	return name + strlen(PREFIX);
}

static enum kind kind_by_name(const char *name)
{
	for (unsigned int i = 1; i < KINDS; i++)
		if (!strcmp(kinds[i].name, name))
			return i;
	return KIND_none;
}

static const struct btf_type *skip_qualifiers(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (btf_is_mod(t) || btf_is_typedef(t))
		t = btf__type_by_id(btf, t->type);
	return t;
}

/* Without a tag the C type decides. */
static int field_from_type(struct field *f, const struct btf *btf, uint32_t type)
{
	const struct btf_type *t = skip_qualifiers(btf, type);

	if (btf_is_array(t)) {
		const struct btf_array *a = btf_array(t);
		const struct btf_type *of = skip_qualifiers(btf, a->type);

		f->kind = btf_int_encoding(of) & BTF_INT_CHAR || of->size == 1 ? KIND_text : KIND_buffer;
		f->bytes = a->nelems * of->size;
		return 0;
	}
	if (btf_is_struct(t)) { /* struct sonde_data */
		f->kind = KIND_string;
		f->size = 8;
		return 0;
	}
	if (!btf_is_int(t) || t->size > 8)
		return -EINVAL;
	f->size = t->size;
	if (btf_int_encoding(t) & BTF_INT_SIGNED)
		f->kind = t->size == 8 ? KIND_long : KIND_int;
	else
		f->kind = t->size == 8 ? KIND_ulong : KIND_uint;
	return 0;
}

static const char *after(const char *text, const char *prefix)
{
	size_t size = strlen(prefix);

	return strncmp(text, prefix, size) ? NULL : text + size;
}

static int apply_field_tag(struct field *f, const char *tag)
{
	const char *rest;

	if ((rest = after(tag, "kind:"))) {
		f->kind = kind_by_name(rest);
		return f->kind ? 0 : -EINVAL;
	}
	if ((rest = after(tag, "values:"))) {
		f->values = values__find(rest);
		return f->values ? 0 : -EINVAL;
	}
	if ((rest = after(tag, "help:"))) {
		f->help = rest;
		return 0;
	}
	if (!strcmp(tag, "from:user")) {
		f->provenance = FROM_USER;
		return 0;
	}
	return -EINVAL;
}

static void apply_schema_tag(struct schema *s, const char *tag)
{
	const char *rest;

	if ((rest = after(tag, "category:")))
		s->category = rest;
	else if ((rest = after(tag, "help:")))
		s->help = rest;
	else if ((rest = after(tag, "blind:")))
		s->blind = rest;
}

/* Tags are types of their own, which point at the struct; component -1 is the struct itself. */
static int apply_tags(struct schema *s, struct field *fields, const struct btf *btf, uint32_t id, struct error *err)
{
	for (uint32_t i = 1; i < btf__type_cnt(btf); i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);
		int component;
		const char *tag;

		if (!btf_is_decl_tag(t) || t->type != id)
			continue;
		tag = btf__name_by_offset(btf, t->name_off);
		component = btf_decl_tag(t)->component_idx;
		if (component < 0)
			apply_schema_tag(s, tag);
		else if (component < s->count && apply_field_tag(&fields[component], tag))
			return error__set(err, -EINVAL,
					  "event %s, field %s: the tag \"%s\" says nothing that sonde knows", s->name,
					  fields[component].name, tag);
	}
	return 0;
}

static int read_event(struct btf_schemas *b, struct schema *s, struct field *fields, const struct btf *btf,
		      uint32_t id, struct error *err)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	const struct btf_member *m = btf_members(t);

	*s = (struct schema){.name = event_name(btf, t),
			     .category = "",
			     .help = "",
			     .number = -1,
			     .compat_number = -1,
			     .fixed = (t->size + 7) & ~7u,
			     .count = btf_vlen(t),
			     .fields = fields};
	for (unsigned int i = 0; i < s->count; i++) {
		fields[i] = (struct field){.name = btf__name_by_offset(btf, m[i].name_off),
					   .help = "",
					   .provenance = FROM_KERNEL,
					   .offset = m[i].offset / 8};
		if (field_from_type(&fields[i], btf, m[i].type))
			return error__set(err, -EINVAL, "event %s, field %s: its type is none that a field can have",
					  s->name, fields[i].name);
	}
	return apply_tags(s, fields, btf, id, err);
}

/* Names and tags lie in the object's strings, which go when it is closed. */
static void keep(const struct btf_schemas *b, const struct btf *btf, const char **text)
{
	const char *from = btf__name_by_offset(btf, 0);

	if (*text && **text && *text >= from)
		*text = b->strings + (*text - from);
}

int btf_schemas__new(const struct btf *btf, unsigned int first_id, struct btf_schemas **ret, struct error *err)
{
	struct btf_schemas *b = calloc(1, sizeof(*b));
	unsigned int field = 0;
	size_t strings = 0;
	int code = 0;

	if (!b)
		return -ENOMEM;
	for (uint32_t i = 1; i < btf__type_cnt(btf); i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);
		const char *name = btf__name_by_offset(btf, t->name_off);

		strings = max(strings, (size_t)t->name_off + strlen(name) + 1);
		if (btf_is_struct(t) || btf_is_union(t))
			for (int k = 0; k < btf_vlen(t); k++) {
				uint32_t off = btf_members(t)[k].name_off;

				strings = max(strings, (size_t)off + strlen(btf__name_by_offset(btf, off)) + 1);
			}
		if (!event_name(btf, t))
			continue;
		b->count++;
		b->field_count += btf_vlen(t);
	}
	b->list = calloc(b->count + 1, sizeof(*b->list));
	b->fields = calloc(b->field_count + 1, sizeof(*b->fields));
	b->strings = malloc(strings);
	if (!b->list || !b->fields || !b->strings) {
		btf_schemas__free(b);
		return -ENOMEM;
	}
	memcpy(b->strings, btf__name_by_offset(btf, 0), strings);
	b->count = 0;
	for (uint32_t i = 1; i < btf__type_cnt(btf) && !code; i++) {
		struct schema *s = &b->list[b->count];

		if (!event_name(btf, btf__type_by_id(btf, i)))
			continue;
		code = read_event(b, s, b->fields + field, btf, i, err);
		for (unsigned int k = 0; k < s->count; k++) {
			struct field *f = &b->fields[field + k];

			keep(b, btf, &f->name);
			if (f->help && *f->help)
				keep(b, btf, &f->help);
		}
		keep(b, btf, &s->name);
		keep(b, btf, &s->category);
		keep(b, btf, &s->help);
		keep(b, btf, &s->blind);
		s->id = first_id + b->count++;
		field += s->count;
	}
	if (code) {
		btf_schemas__free(b);
		return code;
	}
	*ret = b;
	return 0;
}
