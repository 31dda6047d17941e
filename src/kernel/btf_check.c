// SPDX-License-Identifier: Apache-2.0
#include "btf_check.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

/* Types within types; the kernel's own limit for modifiers and arrays is 32. */
#define MAX_DEPTH 64

enum state { UNSEEN, OPEN, DONE };

struct check {
	const struct btf *btf;
	uint32_t count;
	uint8_t *states;
};

/* Whether there is a type of this number; 0 is void. */
static bool exists(const struct check *c, uint32_t id)
{
	return id < c->count;
}

static bool named(const struct check *c, uint32_t offset)
{
	return btf__name_by_offset(c->btf, offset) != NULL;
}

static bool members_exist(const struct check *c, const struct btf_type *t)
{
	for (unsigned int i = 0; i < btf_vlen(t); i++)
		if (!exists(c, btf_members(t)[i].type) || !named(c, btf_members(t)[i].name_off))
			return false;
	return true;
}

static bool parameters_exist(const struct check *c, const struct btf_type *t)
{
	for (unsigned int i = 0; i < btf_vlen(t); i++)
		if (!exists(c, btf_params(t)[i].type) || !named(c, btf_params(t)[i].name_off))
			return false;
	return exists(c, t->type);
}

static bool is_kind(const struct check *c, uint32_t id, unsigned int kind)
{
	return exists(c, id) && btf_kind(btf__type_by_id(c->btf, id)) == kind;
}

static bool variables_exist(const struct check *c, const struct btf_type *t)
{
	for (unsigned int i = 0; i < btf_vlen(t); i++) {
		uint32_t id = btf_var_secinfos(t)[i].type;

		if (!is_kind(c, id, BTF_KIND_VAR) && !is_kind(c, id, BTF_KIND_FUNC))
			return false;
	}
	return true;
}

static bool enumerators_exist(const struct check *c, const struct btf_type *t)
{
	for (unsigned int i = 0; i < btf_vlen(t); i++) {
		uint32_t name =
			btf_is_enum(t) ? btf_enum(t)[i].name_off : btf_enum64(t)[i].name_off;

		if (!named(c, name))
			return false;
	}
	return true;
}

/* All that a type refers to. */
static bool is_whole(const struct check *c, const struct btf_type *t)
{
	if (!named(c, t->name_off))
		return false;
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
		return t->size && t->size <= 16;
	case BTF_KIND_FLOAT:
	case BTF_KIND_FWD:
		return true;
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return enumerators_exist(c, t);
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		return members_exist(c, t);
	case BTF_KIND_ARRAY:
		return exists(c, btf_array(t)->type) && exists(c, btf_array(t)->index_type);
	case BTF_KIND_FUNC_PROTO:
		return parameters_exist(c, t);
	case BTF_KIND_FUNC:
		return is_kind(c, t->type, BTF_KIND_FUNC_PROTO);
	case BTF_KIND_DATASEC:
		return variables_exist(c, t);
	case BTF_KIND_DECL_TAG:
		return t->type && exists(c, t->type);
	case BTF_KIND_PTR:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
	case BTF_KIND_VAR:
		return exists(c, t->type);
	}
	return false;
}

/* What lies behind a pointer is no part of a type. */
static bool is_finite(struct check *c, uint32_t id, unsigned int depth)
{
	const struct btf_type *t = btf__type_by_id(c->btf, id);
	bool finite = true;

	if (!id || c->states[id] == DONE)
		return true;
	if (c->states[id] == OPEN || depth > MAX_DEPTH)
		return false;
	c->states[id] = OPEN;
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (unsigned int i = 0; i < btf_vlen(t) && finite; i++)
			finite = is_finite(c, btf_members(t)[i].type, depth + 1);
		break;
	case BTF_KIND_ARRAY:
		finite = is_finite(c, btf_array(t)->type, depth + 1);
		break;
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
	case BTF_KIND_VAR:
		finite = is_finite(c, t->type, depth + 1);
		break;
	}
	c->states[id] = DONE;
	return finite;
}

int btf__check(const struct btf *btf, struct error *err)
{
	struct check c = {.btf = btf, .count = btf__type_cnt(btf)};
	int code = 0;

	/* libbpf turns the types over, and what is around them not. */
	if (btf__endianness(btf) !=
	    (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? BTF_LITTLE_ENDIAN : BTF_BIG_ENDIAN))
		return error__set(err, -EINVAL,
				  "the type information is of a machine with another byte order");
	c.states = calloc(c.count + 1, 1);
	if (!c.states)
		return -ENOMEM;
	for (uint32_t i = 1; i < c.count && !code; i++)
		if (!is_whole(&c, btf__type_by_id(btf, i)))
			code = error__set(
				err, -EINVAL,
				"the type information is damaged: type %u refers to what is not there",
				i);
	for (uint32_t i = 1; i < c.count && !code; i++)
		if (!is_finite(&c, i, 0))
			code = error__set(
				err, -EINVAL,
				"the type information is damaged: type %u contains itself, or too many others",
				i);
	free(c.states);
	return code;
}
