/* SPDX-License-Identifier: Apache-2.0 */
/* What an object file leaves to whom loads it: variables and sizes of maps, by --set NAME=VALUE;
 * maps without a size get one. */
#ifndef SONDE_PROBE_SET_H
#define SONDE_PROBE_SET_H

#include "../base/error.h"

struct bpf_object;
struct btf;

/* Before loading. `list` is ended by NULL, or is NULL. -EINVAL: `err` says what is wrong, and which
 * variables there are. */
int probe_set__all(struct bpf_object *o, const char *path, const char *const *list,
		   struct error *err) __must_check;
/* A number or text as a value of that type, of which there are `size` bytes; `word` is what was
 * given, for `err`. -EINVAL. */
int probe_set__value(const struct btf *btf, uint32_t type, void *to, uint32_t size,
		     const char *text, const char *word, struct error *err) __must_check;

#endif
