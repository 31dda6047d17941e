// SPDX-License-Identifier: Apache-2.0
#include "btf_schema.h"
#include "../event/catalogue.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

#define PREFIX "sonde_event__"

/* Of the fixed part; far below what a record can hold. */
#define MAX_FIXED 4096

struct btf_schemas {
	struct schema *list;
	unsigned int count;
	struct field *fields; /* of all */
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

/* Of a struct that declares an event, the event's name. The object's string: it goes with the
 * object. */
static const char *event_name(const struct btf *btf, const struct btf_type *t)
{
	const char *name = btf__name_by_offset(btf, t->name_off);

	if (!btf_is_struct(t) || !name || strncmp(name, PREFIX, strlen(PREFIX)))
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

	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(btf, t->type);
	return t;
}

static int field_from_array(struct field *f, const struct btf *btf, const struct btf_type *t)
{
	const struct btf_array *a = btf_array(t);
	const struct btf_type *of = skip_qualifiers(btf, a->type);

	if (!of || !btf_is_int(of) || !of->size || !a->nelems || a->nelems > MAX_FIXED / of->size)
		return -EINVAL;
	f->kind = of->size == 1 ? KIND_text : KIND_buffer;
	f->bytes = a->nelems * of->size;
	return 0;
}

/* Without a tag the C type decides. */
static int field_from_type(struct field *f, const struct btf *btf, uint32_t type)
{
	const struct btf_type *t = skip_qualifiers(btf, type);
	bool is_signed;

	if (!t)
		return -EINVAL;
	if (btf_is_array(t))
		return field_from_array(f, btf, t);
	if (btf_is_struct(t)) {
		const char *name = btf__name_by_offset(btf, t->name_off);

		f->kind = !strcmp(name, "sonde_data")       ? KIND_string
			  : !strcmp(name, "sonde_file_ref") ? KIND_file
							    : KIND_none;
		f->size = 8;
		return f->kind && t->size == 8 ? 0 : -EINVAL;
	}
	if ((!btf_is_int(t) && !btf_is_enum(t)) || !t->size || t->size > 8)
		return -EINVAL;
	f->size = t->size;
	is_signed = btf_is_int(t) ? btf_int_encoding(t) & BTF_INT_SIGNED : btf_kflag(t);
	if (btf_is_int(t) && btf_int_encoding(t) & BTF_INT_BOOL)
		f->kind = KIND_bool;
	else if (is_signed)
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

/* `f` says what the field `name`, which stands before it, has become. */
static int pair(struct field *f, unsigned int index, const char *name, bool only_changed)
{
	for (unsigned int back = 1; back <= index && back <= INT8_MAX; back++) {
		struct field *old = f - back;

		if (strcmp(old->name, name))
			continue;
		f->pair = -(int)back;
		old->pair = back;
		f->only_changed = old->only_changed = only_changed;
		return 0;
	}
	return -EINVAL;
}

static int apply_field_tag(struct field *f, unsigned int index, const char *tag)
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
	if (!strcmp(tag, "detail")) {
		f->detail = true;
		return 0;
	}
	if (!strcmp(tag, "quiet")) {
		f->quiet = true;
		return 0;
	}
	if ((rest = after(tag, "was:")))
		return pair(f, index, rest, false);
	if ((rest = after(tag, "changed:")))
		return pair(f, index, rest, true);
	if (!strcmp(tag, "from:user")) {
		f->provenance = FROM_USER;
		return 0;
	}
	return -EINVAL;
}

/* An event that is laid out as a call's arguments: what varies there varies here. */
static const struct variant *variants_of(const char *call)
{
	unsigned int count;
	const struct schema *calls = catalogue__calls(&count);

	for (unsigned int i = 0; i < count; i++)
		if (!strcmp(calls[i].name, call))
			return calls[i].variants;
	return NULL;
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
	else if ((rest = after(tag, "config:")))
		s->config = rest;
	else if ((rest = after(tag, "instead:")))
		s->instead = rest;
	else if ((rest = after(tag, "lesser:")))
		s->lesser = rest;
	else if ((rest = after(tag, "variants:")))
		s->variants = variants_of(rest);
}

/* A name or tag in the copy, which stays. */
static const char *text_at(const struct btf_schemas *b, uint32_t offset)
{
	return b->strings + offset;
}

/* Tags are types of their own, which point at the struct; component -1 is the struct itself. */
static int apply_tags(const struct btf_schemas *b, struct schema *s, struct field *fields,
		      const struct btf *btf, uint32_t id, struct error *err)
{
	for (uint32_t i = 1; i < btf__type_cnt(btf); i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);
		int component;
		const char *tag;

		if (!btf_is_decl_tag(t) || t->type != id)
			continue;
		tag = text_at(b, t->name_off);
		component = btf_decl_tag(t)->component_idx;
		if (component < 0)
			apply_schema_tag(s, tag);
		else if (!strcmp(tag, "result") && !component && fields[0].size == 8)
			s->flags |= SCHEMA_RESULT;
		else if (component < s->count &&
			 apply_field_tag(&fields[component], component, tag))
			return error__set(
				err, -EINVAL,
				"event %s, field %s: the tag \"%s\" says nothing that sonde knows",
				s->name, fields[component].name, tag);
	}
	return 0;
}

/* The fields lie within the fixed part, byte by byte: what reads them relies on that. */
static int read_field(const struct btf_schemas *b, struct field *f, const struct btf *btf,
		      const struct btf_type *t, unsigned int index)
{
	const struct btf_member *m = &btf_members(t)[index];
	uint32_t bit = btf_member_bit_offset(t, index);
	int err;

	*f = (struct field){.name = text_at(b, m->name_off),
			    .help = "",
			    .provenance = FROM_KERNEL,
			    .offset = bit / 8};
	err = field_from_type(f, btf, m->type);
	if (err || bit % 8 || btf_member_bitfield_size(t, index) ||
	    bit / 8 + f->size + f->bytes > t->size)
		return -EINVAL;
	return 0;
}

int btf_schema__member(const struct btf *btf, uint32_t id, unsigned int index, struct field *ret)
{
	const struct btf_member *m = &btf_members(btf__type_by_id(btf, id))[index];
	struct field f = {.name = btf__name_by_offset(btf, m->name_off),
			  .help = "",
			  .provenance = FROM_KERNEL};

	if (field_from_type(&f, btf, m->type))
		return -EINVAL;
	for (uint32_t i = 1; i < btf__type_cnt(btf); i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);

		if (btf_is_decl_tag(t) && t->type == id &&
		    btf_decl_tag(t)->component_idx == (int)index)
			(void)apply_field_tag(&f, 0, btf__name_by_offset(btf, t->name_off));
	}
	*ret = f;
	return 0;
}

static int read_event(const struct btf_schemas *b, struct schema *s, struct field *fields,
		      const struct btf *btf, uint32_t id, struct error *err)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	*s = (struct schema){.name = text_at(b, t->name_off) + strlen(PREFIX),
			     .category = "",
			     .help = "",
			     .number = -1,
			     .compat_number = -1,
			     .fixed = (t->size + 7) & ~7u,
			     .count = btf_vlen(t),
			     .fields = fields};
	if (t->size > MAX_FIXED || btf_vlen(t) > UINT8_MAX)
		return error__set(err, -EINVAL, "event %s: it has more than %d bytes or %d fields",
				  s->name, MAX_FIXED, UINT8_MAX);
	for (unsigned int i = 0; i < b->count; i++)
		if (!strcmp(b->list[i].name, s->name))
			return error__set(err, -EINVAL, "event %s is declared twice, in two ways",
					  s->name);
	for (unsigned int i = 0; i < s->count; i++)
		if (read_field(b, &fields[i], btf, t, i))
			return error__set(
				err, -EINVAL,
				"event %s, field %s: its type is none that a field can have",
				s->name, fields[i].name);
	return apply_tags(b, s, fields, btf, id, err);
}

/* How many events and fields there are, and all the strings: they go when the object is closed. */
static int prepare(struct btf_schemas *b, const struct btf *btf)
{
	unsigned int events = 0, fields = 0;
	const struct btf_header *header;
	uint32_t size;

	for (uint32_t i = 1; i < btf__type_cnt(btf); i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);

		if (event_name(btf, t)) {
			events++;
			fields += btf_vlen(t);
		}
	}
	header = btf__raw_data(btf, &size);
	b->list = calloc(events + 1, sizeof(*b->list));
	b->fields = calloc(fields + 1, sizeof(*b->fields));
	b->strings = header ? malloc(header->str_len) : NULL;
	if (!b->list || !b->fields || !b->strings)
		return -ENOMEM;
	memcpy(b->strings, (const char *)header + header->hdr_len + header->str_off,
	       header->str_len);
	return 0;
}

int btf_schemas__new(const struct btf *btf, unsigned int first_id, struct btf_schemas **ret,
		     struct error *err)
{
	struct btf_schemas *b = calloc(1, sizeof(*b));
	unsigned int field = 0;
	int code = b ? prepare(b, btf) : -ENOMEM;

	for (uint32_t i = 1; !code && i < btf__type_cnt(btf); i++) {
		struct schema *s = &b->list[b->count];

		if (!event_name(btf, btf__type_by_id(btf, i)))
			continue;
		code = read_event(b, s, b->fields + field, btf, i, err);
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
