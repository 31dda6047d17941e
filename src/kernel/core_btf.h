/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel has some 150,000 types, and libbpf looks through all of them for each type that the
 * probes name: a third of the time that loading takes. This finds those that matter in one pass.
 */
#ifndef SONDE_CORE_BTF_H
#define SONDE_CORE_BTF_H

#include "../base/base.h"

struct btf;

/* The types of the running kernel; NULL: none, errno says why. */
struct btf *core_btf__kernel(void);

/*
 * A file in memory with those of the kernel's types that the object's are named after, and what is
 * embedded in them: enough to relocate the object's accesses. Types have other ids in it. Returns
 * its descriptor, or a negative errno.
 */
int core_btf__reduce(const struct btf *kernel, const struct btf *object) __must_check;

#endif
