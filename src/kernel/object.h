/* SPDX-License-Identifier: Apache-2.0 */
/* Some programs of the probes as one loaded BPF object: its constants, variables, maps and programs
 * by name. */
#ifndef SONDE_OBJECT_H
#define SONDE_OBJECT_H

#include "../base/error.h"

#include <bpf/libbpf.h>
#include <string.h>

struct object;

struct probes;

/* Of these probes, which stay the caller's and must live as long. -ENOMEM. */
int object__new(struct probes *probes, struct object **ret) __must_check;
/* Before opening: with this program of the probes. */
void object__want(struct object *o, const char *program);
/*
 * Opens what is wanted; nothing is loaded yet. Maps that no wanted program uses, nor what it calls,
 * are not created. One at a time is opened and loaded, see loader.h. -EINVAL, -ENOMEM.
 */
int object__open(struct object *o, struct error *err) __must_check;
/* Detaches, unloads and frees. */
void object__free(struct object *o);

/*
 * A variable of the object: before object__load() its initial value, afterwards, for those in a
 * .data section, what the programs see. Never NULL: a name that does not exist is a mistake in
 * sonde, and asserted.
 */
void *object__variable(struct object *o, const char *section, const char *name);
/* Sets a constant. `size` is its own: a value of another size would reach into its neighbours, and
 * is asserted. */
void object__set_constant(struct object *o, const char *name, const void *value, size_t size);
#define object__set(o, name, value)                                                                \
	do {                                                                                       \
		__typeof__(value) value__ = (value);                                               \
		object__set_constant(o, name, &value__, sizeof(value__));                          \
	} while (0)

/*
 * Before loading: uses the maps of `owner`, which is loaded, instead of its own; constants and
 * scratches apart.
 */
int object__share(struct object *o, struct object *owner, struct error *err) __must_check;
/*
 * Loads what is to be loaded. -EPERM, -ENOTSUP, -EINVAL ...: `err` has the program that failed and
 * the verifier's last words.
 */
int object__load(struct object *o, struct error *err) __must_check;
/* The file descriptor of a program that was loaded, which remains the object's. */
int object__program(const struct object *o, const char *name);
/* As loader__check() and loader__take_log(), after loading. */
int object__check(const struct object *o, const char *program, struct error *err) __must_check;
char *object__take_log(struct object *o, const char *program);
/* As loader__copy(). */
struct loader_copy;
void object__copy(struct object *o, const struct loader_copy *copies);
/* To the hook of its section. */
int object__attach(struct object *o, const char *program, struct error *err) __must_check;
/* A program for many functions, of the kernel or of a program: `cookies` tell it which it was
 * called for. -ESRCH, -EINVAL: one of them cannot be attached to, so none is. */
int object__attach_many(struct object *o, const char *program, const char **functions,
			const uint64_t *cookies, unsigned int count, bool at_return,
			struct error *err) __must_check;
/* The same for one more tracepoint, "block/block_rq_issue". */
int object__attach_tracepoint(struct object *o, const char *program, const char *tracepoint,
			      uint64_t cookie, struct error *err) __must_check;
struct uprobe_places;
int object__attach_places(struct object *o, const char *program, const struct uprobe_places *places,
			  bool at_return, struct error *err) __must_check;
void object__detach(struct object *o, const char *program);
/* Where a member of one of the probes' structs lies, in bytes. */
size_t object__offset(struct object *o, const char *type, const char *member);
/* Runs of a program that the kernel skipped because it was running already; ~0: this kernel does
 * not count them. */
uint64_t object__missed(struct object *o, const char *program);
/* How many arguments a tracepoint of this kernel passes; -1: there is none of that name. */
int object__tracepoint_args(struct object *o, const char *tracepoint);
/* The kernel's id of the type that programs of a raw tracepoint are checked against; -ENOENT. */
int object__tracepoint_id(struct object *o, const char *tracepoint);
struct bpf_map *object__map(struct object *o, const char *name);
/* -1: it is not created. */
int map__fd(const struct bpf_map *map);

#endif
