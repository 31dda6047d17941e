/* SPDX-License-Identifier: Apache-2.0 */
/* Type information from a file that anybody may have made: can it be walked? */
#ifndef SONDE_BTF_CHECK_H
#define SONDE_BTF_CHECK_H

#include "../base/error.h"

struct btf;

/*
 * Every reference leads to a type that there is, every name is a string, and no type is a part of
 * itself: libbpf checks the first since 1.3, the last never. -EINVAL: `err` says which type is
 * wrong.
 */
int btf__check(const struct btf *btf, struct error *err) __must_check;

#endif
