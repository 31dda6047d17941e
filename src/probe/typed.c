// SPDX-License-Identifier: Apache-2.0
#include "typed.h"
#include "../event/escape.h"
#include "../event/render.h"
#include "../kernel/btf_schema.h"

#include <bpf/btf.h>
#include <ctype.h>
#include <errno.h>
#include <string.h>

#define SHORTEST_STRING 4  /* that is told in bytes of which nothing is known */
#define MAX_DEPTH       64 /* the checked types are no deeper */
/* Elements of an array that text shows. */
#define MAX_ELEMENTS 64

struct put {
	struct buffer *b;
	const struct btf *btf;
	const struct typed *types;
	const uint8_t *data;
	size_t size;
	bool json;
};

uint32_t typed__resolved(const struct btf *btf, uint32_t type)
{
	const struct btf_type *t = btf__type_by_id(btf, type);

	while (btf_is_mod(t) || btf_is_typedef(t) || btf_is_type_tag(t)) {
		type = t->type;
		t = btf__type_by_id(btf, type);
	}
	return type;
}

const struct btf_type *typed__resolve(const struct btf *btf, uint32_t type)
{
	return btf__type_by_id(btf, typed__resolved(btf, type));
}

static const char *after(const char *text, const char *prefix)
{
	size_t size = strlen(prefix);

	return strncmp(text, prefix, size) ? NULL : text + size;
}

/* What can be shown without the record of an event around it. */
static bool stands_alone(const struct field *f)
{
	if (kinds[f->kind].class == CLASS_DATA || kinds[f->kind].class == CLASS_TEXT)
		return f->bytes && (f->kind == KIND_ip || f->kind == KIND_text);
	return kinds[f->kind].fetch == FETCH_NONE && f->size;
}

static struct typed_member *add_member(struct typed *t, uint32_t type, unsigned int index)
{
	struct typed_member *m = (struct typed_member *)typed__member(t, type, index);

	if (m)
		return m;
	m = realloc(t->members, (t->count + 1) * sizeof(*m));
	if (!m)
		return NULL;
	t->members = m;
	m += t->count++;
	*m = (struct typed_member){.type = type, .index = index};
	if (btf_schema__member(t->btf, type, index, &m->field) || !stands_alone(&m->field))
		m->field.kind = KIND_none;
	return m;
}

int typed__read(struct typed *types, const struct btf *btf)
{
	*types = (struct typed){.btf = btf};
	for (uint32_t i = 1; i < btf__type_cnt(btf); i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);
		const struct btf_type *of =
			btf_is_decl_tag(t) ? btf__type_by_id(btf, t->type) : NULL;
		int index = of ? btf_decl_tag(t)->component_idx : -1;
		const char *text, *rest;
		struct typed_member *m;

		if (index < 0 || !btf_is_struct(of) || index >= btf_vlen(of))
			continue;
		m = add_member(types, t->type, index);
		if (!m)
			return -ENOMEM;
		text = btf__name_by_offset(btf, t->name_off);
		if ((rest = after(text, "average:")))
			m->average = rest;
		else if ((rest = after(text, "share:")))
			m->share = rest;
	}
	return 0;
}

void typed__release(struct typed *t)
{
	free(t->members);
	*t = (struct typed){};
}

const struct typed_member *typed__member(const struct typed *t, uint32_t type, unsigned int index)
{
	for (unsigned int i = 0; i < t->count; i++)
		if (t->members[i].type == type && t->members[i].index == index)
			return &t->members[i];
	return NULL;
}

size_t typed__size(const struct btf *btf, uint32_t type)
{
	long long size = type ? btf__resolve_size(btf, type) : 0;

	return size > 0 ? size : 0;
}

bool typed__is_number(const struct btf *btf, uint32_t type)
{
	const struct btf_type *t = typed__resolve(btf, type);

	return (btf_is_int(t) || btf_is_any_enum(t)) && t->size <= 8;
}

/* Bits from `bit` on, little-endian as the machines are. */
static uint64_t bits_at(const struct put *p, uint64_t bit, unsigned int count)
{
	uint64_t value = 0;
	unsigned int shift = bit % 8, taken = 0;

	for (uint64_t at = bit / 8; taken < shift + count && taken < 64; at++, taken += 8)
		value |= (uint64_t)(at < p->size ? p->data[at] : 0) << taken;
	value >>= shift;
	return count < 64 ? value & ((1ull << count) - 1) : value;
}

static bool is_signed(const struct btf_type *t)
{
	return btf_is_int(t) ? btf_int_encoding(t) & BTF_INT_SIGNED : btf_kflag(t);
}

static void put_enum(const struct put *p, const struct btf_type *t, uint64_t value)
{
	for (unsigned int i = 0; i < btf_vlen(t); i++) {
		uint64_t named = btf_is_enum(t) ? (uint32_t)btf_enum(t)[i].val
						: btf_enum64_value(&btf_enum64(t)[i]);
		const char *name =
			btf__name_by_offset(p->btf, btf_is_enum(t) ? btf_enum(t)[i].name_off
								   : btf_enum64(t)[i].name_off);

		if (named != value)
			continue;
		if (p->json)
			render__json_string(p->b, name, strlen(name));
		else
			render__escaped(p->b, name, strlen(name));
		return;
	}
	buffer__unsigned(p->b, value);
}

static void put_number(const struct put *p, const struct btf_type *t, uint64_t bit,
		       unsigned int bits)
{
	uint64_t value = bits_at(p, bit, bits);

	if (btf_is_any_enum(t)) {
		put_enum(p, t, value);
	} else if (btf_is_int(t) && btf_int_encoding(t) & BTF_INT_BOOL) {
		buffer__text(p->b, value ? "true" : "false");
	} else if (is_signed(t) && bits < 64 && value >> (bits - 1)) {
		buffer__signed(p->b, (int64_t)(value | ~0ull << bits));
	} else if (is_signed(t)) {
		buffer__signed(p->b, value);
	} else {
		buffer__unsigned(p->b, value);
	}
}

static bool is_text(const struct btf *btf, const struct btf_type *array)
{
	const struct btf_type *of = typed__resolve(btf, btf_array(array)->type);
	const char *name = btf__name_by_offset(btf, of->name_off);

	return btf_is_int(of) && of->size == 1 && (!strcmp(name, "char") || is_signed(of));
}

static void put_text(const struct put *p, uint64_t at, size_t size)
{
	const char *text = at < p->size ? (const char *)p->data + at : "";
	size_t length = strnlen(text, at < p->size ? min(size, p->size - at) : 0);

	if (p->json) {
		render__json_string(p->b, text, length);
		return;
	}
	escape__quoted(p->b, text, length);
}

static void put(const struct put *p, uint32_t type, uint64_t bit, unsigned int bits,
		unsigned int depth);

/* No colours, and nothing is cut. */
static const struct render plain = {.string_limit = UINT32_MAX};

static void put_value(struct buffer *b, const struct value *v, bool json)
{
	if (json)
		render__json(b, &plain, NULL, v);
	else
		render__value(b, &plain, NULL, v);
}

void typed__put_as(struct buffer *b, const struct field *field, uint64_t number, bool json)
{
	const struct value v = {.field = field, .number = number};

	put_value(b, &v, json);
}

/* An IPv4 address may be told as the IPv6 address that stands for it. */
static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

/* As its tags say. false: they do not. */
static bool put_tagged(const struct put *p, uint32_t type, unsigned int index, uint64_t bit)
{
	const struct typed_member *m = typed__member(p->types, type, index);
	const struct field *f = m ? &m->field : NULL;
	struct value v = {.field = f};
	uint8_t copy[64] = {};

	if (!f || !f->kind || bit % 8 || f->bytes > sizeof(copy))
		return false;
	if (!f->bytes) {
		v.number = bits_at(p, bit, f->size * 8);
		if (kinds[f->kind].class == CLASS_SIGNED && f->size < 8)
			v.number = (int64_t)(v.number << (64 - f->size * 8)) >> (64 - f->size * 8);
		put_value(p->b, &v, p->json);
		return true;
	}
	for (unsigned int i = 0; i < f->bytes && bit / 8 + i < p->size; i++)
		copy[i] = p->data[bit / 8 + i];
	v.data = copy;
	v.size = v.whole = f->kind == KIND_text ? strnlen((char *)copy, f->bytes) : f->bytes;
	if (f->kind == KIND_ip && f->bytes == 16 && !memcmp(copy, mapped, sizeof(mapped))) {
		v.data = copy + sizeof(mapped);
		v.size = v.whole = 4;
	}
	put_value(p->b, &v, p->json);
	return true;
}

static void put_array(const struct put *p, const struct btf_type *t, uint64_t bit,
		      unsigned int depth)
{
	size_t size = typed__size(p->btf, btf_array(t)->type);
	uint32_t count = btf_array(t)->nelems, shown;
	/* What begins within the bytes; what has no size is nothing, however often. */
	uint64_t room = size && bit / 8 < p->size ? (p->size - bit / 8 - 1) / size + 1 : 0;

	if (is_text(p->btf, t)) {
		put_text(p, bit / 8, count);
		return;
	}
	/* Zeros at the end are no news. */
	shown = min(count, p->json ? 65536u : MAX_ELEMENTS);
	for (shown = min(shown, room); shown; shown--) {
		uint64_t any = 0, at = bit / 8 + (uint64_t)(shown - 1) * size;

		for (size_t i = 0; i < size && at + i < p->size; i++)
			any |= p->data[at + i];
		if (any || p->json)
			break;
	}
	buffer__char(p->b, '[');
	for (uint32_t i = 0; i < shown; i++) {
		if (i)
			buffer__text(p->b, p->json ? "," : ", ");
		put(p, btf_array(t)->type, bit + (uint64_t)i * size * 8, 0, depth + 1);
	}
	buffer__text(p->b, shown == count || p->json ? "]" : shown ? ", ...]" : "...]");
}

static void put_member(const struct put *p, uint32_t type, unsigned int index, uint64_t bit,
		       unsigned int depth)
{
	const struct btf_type *t = btf__type_by_id(p->btf, type);

	bit += btf_member_bit_offset(t, index);
	if (!put_tagged(p, type, index, bit))
		put(p, btf_members(t)[index].type, bit, btf_member_bitfield_size(t, index),
		    depth + 1);
}

/* QUIET, and 0. */
static bool is_quiet(const struct put *p, uint32_t type, unsigned int index, uint64_t bit)
{
	const struct typed_member *m = typed__member(p->types, type, index);

	return m && m->field.quiet && m->field.size && !bits_at(p, bit, m->field.size * 8);
}

static void put_members(const struct put *p, uint32_t type, uint64_t bit, unsigned int depth,
			bool *first)
{
	const struct btf_type *t = btf__type_by_id(p->btf, type);

	for (unsigned int i = 0; i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(p->btf, btf_members(t)[i].name_off);
		uint64_t at = bit + btf_member_bit_offset(t, i);
		const struct btf_type *m = typed__resolve(p->btf, btf_members(t)[i].type);

		if (!*name && btf_is_composite(m)) {
			if (depth < MAX_DEPTH)
				put_members(p, typed__resolved(p->btf, btf_members(t)[i].type), at,
					    depth + 1, first);
			continue;
		}
		if (!*name || (!p->json && is_quiet(p, type, i, at)))
			continue;
		if (!*first)
			buffer__text(p->b, p->json ? "," : ", ");
		*first = false;
		if (p->json) {
			render__json_string(p->b, name, strlen(name));
			buffer__char(p->b, ':');
		} else {
			render__escaped(p->b, name, strlen(name));
			buffer__char(p->b, '=');
		}
		put_member(p, type, i, bit, depth);
	}
}

/* `bits`: of a bit field; 0: it is none. */
static void put(const struct put *p, uint32_t type, uint64_t bit, unsigned int bits,
		unsigned int depth)
{
	const struct btf_type *t = typed__resolve(p->btf, type);
	bool first = true;

	if (depth > MAX_DEPTH)
		return;
	if (btf_is_array(t)) {
		put_array(p, t, bit, depth);
	} else if (btf_is_composite(t)) {
		buffer__char(p->b, '{');
		put_members(p, typed__resolved(p->btf, type), bit, depth, &first);
		buffer__char(p->b, '}');
	} else if ((btf_is_int(t) || btf_is_any_enum(t)) && t->size <= 8) {
		put_number(p, t, bit, bits && bits <= 64 ? bits : t->size * 8);
	} else {
		buffer__text(p->b, p->json ? "\"" : "");
		buffer__hex(p->b, bits_at(p, bit, 64));
		buffer__text(p->b, p->json ? "\"" : "");
	}
}

void typed__put_member(struct buffer *b, const struct typed *types, uint32_t type,
		       unsigned int index, const void *data, size_t size)
{
	const struct put p = {
		.b = b, .btf = types->btf, .types = types, .data = data, .size = size};

	put_member(&p, type, index, 0, 0);
}

void typed__put_members(struct buffer *b, const struct typed *types, uint32_t type,
			const void *data, size_t size)
{
	const struct put p = {
		.b = b, .btf = types->btf, .types = types, .data = data, .size = size};
	bool first = true;

	put_members(&p, typed__resolved(types->btf, type), 0, 0, &first);
}

/* What may be text, in between. */
static void put_strings(const struct put *p)
{
	for (size_t at = 0, length; at < p->size; at += length + !length) {
		for (length = 0; at + length < p->size && isprint(p->data[at + length]); length++)
			;
		if (length < SHORTEST_STRING)
			continue;
		buffer__char(p->b, ' ');
		put_text(p, at, length);
	}
}

void typed__put(struct buffer *b, const struct typed *types, uint32_t type, const void *data,
		size_t size, bool json)
{
	const struct put p = {.b = b,
			      .btf = types->btf,
			      .types = types,
			      .data = data,
			      .size = size,
			      .json = json};

	if (type) {
		put(&p, type, 0, 0, 0);
		return;
	}
	/* Nothing is known of them. */
	buffer__text(b, json ? "\"" : "");
	for (size_t i = 0; i < size; i++)
		buffer__printf(b, "%02x", p.data[i]);
	buffer__text(b, json ? "\"" : "");
	if (!json)
		put_strings(&p);
}

uint64_t typed__number(const struct btf *btf, uint32_t type, const void *data, size_t size)
{
	const struct put p = {.btf = btf, .data = data, .size = size};
	const struct btf_type *t = typed__resolve(btf, type);

	return bits_at(&p, 0, t->size * 8);
}

uint64_t typed__sum(const struct btf *btf, uint32_t type, const void *data, size_t size)
{
	const struct btf_type *t = typed__resolve(btf, type);
	uint64_t sum = 0;
	size_t one;

	if (typed__is_number(btf, type))
		return typed__number(btf, type, data, size);
	if (!btf_is_array(t) || !typed__is_number(btf, btf_array(t)->type))
		return 0;
	one = typed__size(btf, btf_array(t)->type);
	for (uint64_t i = 0; one && i < btf_array(t)->nelems && (i + 1) * one <= size; i++)
		sum += typed__number(btf, btf_array(t)->type, (const char *)data + i * one, one);
	return sum;
}

static void add_number(uint8_t *to, const uint8_t *from, size_t size, int sign)
{
	uint64_t a = 0, b = 0;

	memcpy(&a, to, size);
	memcpy(&b, from, size);
	a += sign * b;
	memcpy(to, &a, size);
}

static void add(const struct btf *btf, uint32_t type, uint8_t *to, const uint8_t *from, size_t size,
		int sign, unsigned int depth)
{
	const struct btf_type *t = typed__resolve(btf, type);
	size_t whole = typed__size(btf, type);

	if (!whole || whole > size || depth > MAX_DEPTH)
		return;
	if (btf_is_int(t) && whole <= 8) {
		add_number(to, from, whole, sign);
	} else if (btf_is_struct(t)) {
		for (unsigned int i = 0; i < btf_vlen(t); i++) {
			uint32_t at = btf_member_bit_offset(t, i) / 8;

			if (!btf_member_bitfield_size(t, i) && at < size)
				add(btf, btf_members(t)[i].type, to + at, from + at, size - at,
				    sign, depth + 1);
		}
	} else if (btf_is_array(t) && !is_text(btf, t)) {
		size_t one = typed__size(btf, btf_array(t)->type);

		for (uint32_t i = 0; one && i < btf_array(t)->nelems; i++)
			add(btf, btf_array(t)->type, to + i * one, from + i * one, one, sign,
			    depth + 1);
	} else if (sign > 0) {
		for (size_t i = 0; i < whole; i++)
			if (to[i])
				return;
		memcpy(to, from, whole);
	}
}

void typed__add(const struct btf *btf, uint32_t type, void *to, const void *from, size_t size)
{
	if (type)
		add(btf, type, to, from, size, 1, 0);
}

void typed__subtract(const struct btf *btf, uint32_t type, void *to, const void *from, size_t size)
{
	if (type)
		add(btf, type, to, from, size, -1, 0);
}
