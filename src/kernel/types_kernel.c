// SPDX-License-Identifier: Apache-2.0
/* The kernel's types, to be followed. */
#include "named.h"
#include "named_structs.h"
#include "types.h"

#include <bpf/btf.h>

static void look(const void *of, const struct type_ref *type, struct type_shape *s)
{
	uint32_t id = type__plain(of, type->words[0]), inner = 0;
	const struct btf_type *t = btf__type_by_id(of, id);

	*s = (struct type_shape){.self.words = {id}};
	if (btf_is_ptr(t)) {
		s->what = TYPE_POINTER;
		inner = t->type;
	} else if (btf_is_array(t)) {
		s->what = TYPE_ARRAY;
		inner = btf_array(t)->type;
		s->count = btf_array(t)->nelems;
	} else if (btf_is_composite(t)) {
		s->what = TYPE_STRUCT;
		s->is_union = btf_is_union(t);
	} else if (btf_is_fwd(t)) {
		s->what = TYPE_UNKNOWN;
	}
	s->inner.words[0] = inner;
	if (inner)
		s->size = max(btf__resolve_size(of, inner), 0ll);
}

static bool next(const void *of, const struct type_ref *type, struct type_member *m)
{
	const struct btf_type *t = btf__type_by_id(of, type->words[0]);
	unsigned int i = m->at.words[0], first;

	if (i >= btf_vlen(t))
		return false;
	first = btf_member_bit_offset(t, i);
	*m = (struct type_member){
		.name = btf__name_by_offset(of, btf_members(t)[i].name_off),
		.type.words = {btf_members(t)[i].type},
		.offset = first / 8,
		.bits = btf_member_bitfield_size(t, i),
		.at.words = {i + 1},
	};
	if (m->bits)
		m->bit_offset = first % 8;
	return true;
}

static const char *describe(const void *of, struct named_hook *h, const struct type_ref *type,
			    struct field *f, struct sonde_named_field *from)
{
	named_function__describe(h, of, type->words[0], f, from);
	return NULL;
}

static int show(const void *of, struct named_hook *h, const char *name, const struct type_ref *type,
		const struct sonde_named_field *from)
{
	return named_function__show(h, of, name, type->words[0], from);
}

struct types types__kernel(const struct btf *kernel)
{
	return (struct types){look, next, describe, show, kernel, false};
}
