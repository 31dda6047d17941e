/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is in an object file of probes, read once for all who ask: its programs, its types, and of
 * the kernel's types those that it needs.
 */
#ifndef SONDE_PROBES_H
#define SONDE_PROBES_H

#include "../base/error.h"

struct btf;
struct probes;

/* Of an object file in memory, which must stay where it is. -EINVAL: it is none. */
int probes__new(const void *elf, size_t size, struct probes **ret, struct error *err) __must_check;
/* Of those that are built into sonde. */
int probes__built_in(struct probes **ret, struct error *err) __must_check;
void probes__free(struct probes *p);

/* The types of the file. */
const struct btf *probes__types(const struct probes *p);
/* What a tag of a variable says behind `prefix`; NULL: it has none. */
const char *probes__tag(const struct probes *p, const char *variable, const char *prefix);

/* A program's own name, which stays as long as the file does; NULL: there is none. `section`: where
 * it lies, without '?'. */
const char *probes__program(const struct probes *p, const char *name, const char **section);

/* The sections that programs lie in, without '?', one by one; NULL: no more. */
const char *probes__section(const struct probes *p, unsigned int index);
/* Whether a program may be missing: its section begins with '?', and no event bears its name. */
bool probes__optional(const struct probes *p, const char *name);

/*
 * A copy of the file that has no programs but those in the sections of these, which it has, and no
 * debug information: opening it costs as much as they do. To be freed. -ENOMEM.
 */
int probes__cut(const struct probes *p, const char *const *programs, unsigned int count, void **elf,
		size_t *size) __must_check;

/* All types of the kernel that runs, which are megabytes; NULL: it does not tell. */
const struct btf *probes__kernel(struct probes *p);
/* The path of a file with those of them that the probes need; NULL: there is none. */
const char *probes__kernel_file(struct probes *p);
/* They are read again if somebody asks. */
void probes__forget_kernel(struct probes *p);
/* Whether an enumeration of this kernel has a value of that name. */
bool probes__kernel_has(struct probes *p, const char *enumeration, const char *value);

#endif
