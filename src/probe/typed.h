/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as the C type that they are of, which BTF tells: as text, and as JSON. */
#ifndef SONDE_PROBE_TYPED_H
#define SONDE_PROBE_TYPED_H

#include "../base/buffer.h"
#include "../event/schema.h"

struct btf;
struct btf_type;

/* What tags say of a member of a struct. */
struct typed_member {
	uint32_t type; /* the struct's id */
	unsigned int index;
	struct field field;  /* its kind KIND_none: shown by its type */
	const char *average; /* the member by which it is divided, to be shown beside it; NULL */
	const char *share;   /* the member that it is a share with, likewise; NULL */
};

/* The types of an object, which must stay and were checked: btf__check(). */
struct typed {
	const struct btf *btf;
	struct typed_member *members; /* that bear tags */
	unsigned int count;
};

/* -ENOMEM */
int typed__read(struct typed *t, const struct btf *btf) __must_check;
void typed__release(struct typed *t);
/* NULL: no tag says anything of it. `type`: the struct's id. */
const struct typed_member *typed__member(const struct typed *t, uint32_t type, unsigned int index);

/* {pid=1, comm="cat"}; of bytes that end before the type does, what is there counts as 0. */
void typed__put(struct buffer *b, const struct typed *types, uint32_t type, const void *data,
		size_t size, bool json);
/* In text alone: the members of a struct, without its braces: pid=1, comm="cat". */
void typed__put_members(struct buffer *b, const struct typed *types, uint32_t type,
			const void *data, size_t size);
/* One of them, as its tags say. `type`: the struct's id. */
void typed__put_member(struct buffer *b, const struct typed *types, uint32_t type,
		       unsigned int index, const void *data, size_t size);
/* A number as the member that bears these tags is shown: 4.1 ms. */
void typed__put_as(struct buffer *b, const struct field *field, uint64_t number, bool json);
/* Adds each number of `from` to that of `to`, both of this type; what is no number is taken over
 * where there is none yet. */
void typed__add(const struct btf *btf, uint32_t type, void *to, const void *from, size_t size);
/* Takes it away again; what is no number stays. */
void typed__subtract(const struct btf *btf, uint32_t type, void *to, const void *from, size_t size);
/* Behind qualifiers and typedefs: the type, and its id. */
const struct btf_type *typed__resolve(const struct btf *btf, uint32_t type);
uint32_t typed__resolved(const struct btf *btf, uint32_t type);
/* In bytes; 0: unknown. */
size_t typed__size(const struct btf *btf, uint32_t type);
bool typed__is_number(const struct btf *btf, uint32_t type);
uint64_t typed__number(const struct btf *btf, uint32_t type, const void *data, size_t size);
/* A number, or the sum of an array of numbers; 0: it is neither. */
uint64_t typed__sum(const struct btf *btf, uint32_t type, const void *data, size_t size);

#endif
