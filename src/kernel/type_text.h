/* SPDX-License-Identifier: Apache-2.0 */
/* How does C write a type of the kernel's BTF? */
#ifndef SONDE_TYPE_TEXT_H
#define SONDE_TYPE_TEXT_H

#include "../base/buffer.h"

struct btf;

/* "struct file *file"; `name` may be "". Damaged types give text too, of limited length. */
void type__declare(struct buffer *b, const struct btf *btf, uint32_t id, const char *name);
/*
 * "ssize_t vfs_read(struct file *file, ...)" of a function, a prototype or a typedef of a pointer
 * to one: see prototype__of().
 */
void type__signature(struct buffer *b, const struct btf *btf, uint32_t id, const char *name);
/* "(struct file *file, ...)", without its first `skip` parameters. */
void type__parameters(struct buffer *b, const struct btf *btf, uint32_t id, unsigned int skip);
/* The prototype of a function, or of a typedef of a pointer to one; NULL: it is neither. */
struct btf_type;
const struct btf_type *prototype__of(const struct btf *btf, uint32_t id);

#endif
