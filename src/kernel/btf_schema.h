/* SPDX-License-Identifier: Apache-2.0 */
/* The schemas of EVENT()s, read from the type information of the object that captures them. */
#ifndef SONDE_BTF_SCHEMA_H
#define SONDE_BTF_SCHEMA_H

#include "../base/error.h"
#include "../event/schema.h"

struct btf;
struct btf_schemas; /* owns them */

/*
 * Reads every struct sonde_event__NAME. Ids are numbered from `first_id` on. The object may be
 * closed afterwards. -EINVAL: a tag or type that is not understood: `err` names the event and
 * field.
 */
int btf_schemas__new(const struct btf *btf, unsigned int first_id, struct btf_schemas **ret,
		     struct error *err) __must_check;
void btf_schemas__free(struct btf_schemas *b);
const struct schema *btf_schemas__list(const struct btf_schemas *b, unsigned int *count);

/* What its type and its tags say of a member of any struct, by the struct's id; tags that say
 * nothing of how it looks are passed over. The names are those of `btf`. -EINVAL: no field is of
 * such a type. */
int btf_schema__member(const struct btf *btf, uint32_t id, unsigned int index, struct field *ret)
	__must_check;

#endif
