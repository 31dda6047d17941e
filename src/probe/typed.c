// SPDX-License-Identifier: Apache-2.0
#include "typed.h"
#include "../event/escape.h"
#include "../event/render.h"

#include <bpf/btf.h>
#include <string.h>

/* The checked types are no deeper. */
#define MAX_DEPTH 64
/* Elements of an array that text shows. */
#define MAX_ELEMENTS 64

struct put {
	struct buffer *b;
	const struct btf *btf;
	const uint8_t *data;
	size_t size;
	bool json;
};

const struct btf_type *typed__resolve(const struct btf *btf, uint32_t type)
{
	const struct btf_type *t = btf__type_by_id(btf, type);

	while (btf_is_mod(t) || btf_is_typedef(t) || btf_is_type_tag(t))
		t = btf__type_by_id(btf, t->type);
	return t;
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

static void put_array(const struct put *p, const struct btf_type *t, uint64_t bit,
		      unsigned int depth)
{
	size_t size = typed__size(p->btf, btf_array(t)->type);
	uint32_t count = btf_array(t)->nelems, shown;

	if (is_text(p->btf, t)) {
		put_text(p, bit / 8, count);
		return;
	}
	/* Zeros at the end are no news. */
	for (shown = min(count, p->json ? 65536u : MAX_ELEMENTS); shown; shown--) {
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

static void put_members(const struct put *p, const struct btf_type *t, uint64_t bit,
			unsigned int depth, bool *first)
{
	for (unsigned int i = 0; i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(p->btf, btf_members(t)[i].name_off);
		uint64_t at = bit + btf_member_bit_offset(t, i);
		const struct btf_type *m = typed__resolve(p->btf, btf_members(t)[i].type);

		if (!*name && btf_is_composite(m)) {
			if (depth < MAX_DEPTH)
				put_members(p, m, at, depth + 1, first);
			continue;
		}
		if (!*name)
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
		put(p, btf_members(t)[i].type, at, btf_member_bitfield_size(t, i), depth + 1);
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
		put_members(p, t, bit, depth, &first);
		buffer__char(p->b, '}');
	} else if ((btf_is_int(t) || btf_is_any_enum(t)) && t->size <= 8) {
		put_number(p, t, bit, bits && bits <= 64 ? bits : t->size * 8);
	} else {
		buffer__text(p->b, p->json ? "\"" : "");
		buffer__hex(p->b, bits_at(p, bit, 64));
		buffer__text(p->b, p->json ? "\"" : "");
	}
}

void typed__put(struct buffer *b, const struct btf *btf, uint32_t type, const void *data,
		size_t size, bool json)
{
	const struct put p = {.b = b, .btf = btf, .data = data, .size = size, .json = json};

	if (type) {
		put(&p, type, 0, 0, 0);
		return;
	}
	/* Nothing is known of them. */
	buffer__text(b, json ? "\"" : "");
	for (size_t i = 0; i < size; i++)
		buffer__printf(b, "%02x", p.data[i]);
	buffer__text(b, json ? "\"" : "");
}

uint64_t typed__number(const struct btf *btf, uint32_t type, const void *data, size_t size)
{
	const struct put p = {.btf = btf, .data = data, .size = size};
	const struct btf_type *t = typed__resolve(btf, type);

	return bits_at(&p, 0, t->size * 8);
}

static void add_number(uint8_t *to, const uint8_t *from, size_t size)
{
	uint64_t a = 0, b = 0;

	memcpy(&a, to, size);
	memcpy(&b, from, size);
	a += b;
	memcpy(to, &a, size);
}

static void add(const struct btf *btf, uint32_t type, uint8_t *to, const uint8_t *from, size_t size,
		unsigned int depth)
{
	const struct btf_type *t = typed__resolve(btf, type);
	size_t whole = typed__size(btf, type);

	if (!whole || whole > size || depth > MAX_DEPTH)
		return;
	if (btf_is_int(t) && whole <= 8) {
		add_number(to, from, whole);
	} else if (btf_is_struct(t)) {
		for (unsigned int i = 0; i < btf_vlen(t); i++) {
			uint32_t at = btf_member_bit_offset(t, i) / 8;

			if (!btf_member_bitfield_size(t, i) && at < size)
				add(btf, btf_members(t)[i].type, to + at, from + at, size - at,
				    depth + 1);
		}
	} else if (btf_is_array(t) && !is_text(btf, t)) {
		size_t one = typed__size(btf, btf_array(t)->type);

		for (uint32_t i = 0; one && i < btf_array(t)->nelems; i++)
			add(btf, btf_array(t)->type, to + i * one, from + i * one, one, depth + 1);
	} else {
		for (size_t i = 0; i < whole; i++)
			if (to[i])
				return;
		memcpy(to, from, whole);
	}
}

void typed__add(const struct btf *btf, uint32_t type, void *to, const void *from, size_t size)
{
	if (type)
		add(btf, type, to, from, size, 0);
}
