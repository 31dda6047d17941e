/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes as the C type that they are of, which BTF tells: as text, and as JSON. */
#ifndef SONDE_PROBE_TYPED_H
#define SONDE_PROBE_TYPED_H

#include "../base/buffer.h"

struct btf;
struct btf_type;

/* {pid=1, comm="cat"}; of bytes that end before the type does, what is there counts as 0. The types
 * were checked: btf__check(). */
void typed__put(struct buffer *b, const struct btf *btf, uint32_t type, const void *data,
		size_t size, bool json);
/* Adds each number of `from` to that of `to`, both of this type; what is no number is taken over
 * where there is none yet. */
void typed__add(const struct btf *btf, uint32_t type, void *to, const void *from, size_t size);
/* Behind qualifiers and typedefs. */
const struct btf_type *typed__resolve(const struct btf *btf, uint32_t type);
/* In bytes; 0: unknown. */
size_t typed__size(const struct btf *btf, uint32_t type);
bool typed__is_number(const struct btf *btf, uint32_t type);
uint64_t typed__number(const struct btf *btf, uint32_t type, const void *data, size_t size);

#endif
