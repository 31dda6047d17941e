// SPDX-License-Identifier: Apache-2.0
/* What are the members of a structure? As catalogue/structs.def says. */
#include "members.h"
#include "tables.h"

#define NAMES(table)      .values = &tables[TABLE_##table]
#define OF(which)         .kind = KIND_##which
#define BITS(from, count) .shift = (from), .bits = (count), .nonzero = true
#define WHEN(place, under, least, most)                                                            \
	.at = (place), .mask = (under), .low = (least), .high = (most)
#define OPTIONAL      .optional = true
#define NONZERO       .nonzero = true
#define FULL          .full = true

#define STRUCT(which) static const struct member list_of_##which[] = {
#define M(as, title, from, bytes, ...)                                                             \
	{.name = #title, .offset = (from), .size = (bytes), .how = AS_##as, ##__VA_ARGS__},
/* clang-format off */
#define END };
/* clang-format on */
#include <catalogue/structs.def>

static const struct member_list lists[KINDS] = {
#define STRUCT(which) [KIND_##which] = {list_of_##which, ARRAY_SIZE(list_of_##which)},
#include <catalogue/structs.def>
};

const struct member_list *members__of(unsigned int kind)
{
	return kind < KINDS && lists[kind].list ? &lists[kind] : NULL;
}

int members__fd(unsigned int kind)
{
	const struct member_list *all = members__of(kind);

	for (unsigned int i = 0; all && i < all->count; i++) {
		const struct member *m = &all->list[i];
		int inside = m->how == AS_STRUCT ? members__fd(m->kind) : -1;

		if (m->how == AS_FD)
			return m->offset;
		if (inside >= 0)
			return m->offset + inside;
	}
	return -1;
}
