/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How do the programs of an object get into the kernel? All at once, each from a thread of its own:
 * what it takes is the verifier's time, and the kernel verifies side by side what the privileged
 * load.
 *
 * libbpf makes the maps and relocates the programs. At the moment when it would load one it asks,
 * and is given two instructions in its place.
 */
#ifndef SONDE_LOADER_H
#define SONDE_LOADER_H

#include "../base/error.h"

/* As many programs as one object can have. */
#define LOADER_PROGRAMS 2048

struct bpf_object;
struct bpf_program;
struct btf;
struct loader;

/*
 * Before the object is opened: libbpf takes note then of who loads programs of which sections. Its
 * list of them moves when it grows: until loader__load() returned, or the loader was freed, no
 * other one may be made.
 */
int loader__new(struct loader **ret) __must_check;
/* Unloads the programs. */
void loader__free(struct loader *l);

/*
 * Before loading: these programs are loaded once for each of these sections, instead of for their
 * own. The list is ended by one without a program, and stays the caller's. What takes a program's
 * name takes such a section, too: each is another one, if only by a '?' in front of it.
 */
struct loader_copy {
	const char *program, *section;
	uint32_t index; /* what stands in it for SONDE_NAMED_INDEX */
};
void loader__copy(struct loader *l, const struct loader_copy *copies);

/*
 * Loads what is to be loaded of an object that was opened meanwhile. `kernel`: the types of the
 * kernel that runs, in which the hooks are looked up; NULL: unknown. -EPERM, -EINVAL ...: not even
 * the maps could be made. Each program is refused alone: see loader__check().
 */
int loader__load(struct loader *l, struct bpf_object *object, const struct btf *kernel,
		 struct error *err) __must_check;
/* 0: the kernel took this program; -EPERM, -EACCES, -EINVAL, -ENOENT ...: `err` has the verifier's
 * last words. */
int loader__check(const struct loader *l, const char *program, struct error *err);
/* All that the verifier said of a program that was refused, to be freed; NULL: nothing, or taken
 * before. */
char *loader__take_log(struct loader *l, const char *program);
/* The file descriptor of a program that was loaded, which remains the loader's. */
int loader__fd(const struct loader *l, const char *program);

#endif
