/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks that a user names, "tracepoint:block:block_rq_issue": events as any other, whose schema is
 * made from what the kernel says of the hook.
 */
#ifndef SONDE_NAMED_HOOKS_H
#define SONDE_NAMED_HOOKS_H

#include "../base/error.h"
#include "../event/schema.h"
#include "types.h"
#include <sonde/named.h>

struct btf;
struct buffer;
struct probes;

/* Of an argument the bytes from `first` on: where they are in the context. */
struct named_part {
	uint32_t first, offset;
};
#define NAMED_NOWHERE UINT32_MAX

/* An argument of a function, or its result. */
struct named_param {
	const char *name;
	struct type_ref type;
	struct sonde_named_field from; /* where it is, unless it is in parts */
	struct named_part parts[2];
	unsigned int part_count;
	const char *spelled; /* of a program's: its type, in its language */
	const char *missing; /* why it is not to be had; NULL: it is */
};

/* Where a field of a function's comes from. */
struct named_origin {
	uint8_t param;       /* which of params[] */
	const char *members; /* from there, "i_sb->s_dev"; "": it is itself */
};

struct named_hook {
	struct schema schema; /* its name is what the user wrote, or what a glob found */
	struct field fields[SONDE_NAMED_FIELDS];
	struct sonde_named from; /* where its fields are; hook and event are filled in later */
	const char *program;     /* of probes/named.bpf.c, of which it is given a copy */
	const char *section;     /* what that is attached to, as libbpf writes it */
	const struct btf *types; /* of its arguments; NULL: not the kernel's */
	struct named_origin origins[SONDE_NAMED_FIELDS];
	const char *symbol; /* of a program's function: what linkers call it */
	struct named_param params[16];
	unsigned int param_count;
	struct kept *kept; /* what belongs to it: see named_hook__keep() */
};

/* NULL: no memory. */
struct named_hook *named_hook__new(void);
void named_hook__free(struct named_hook *h);

/* Memory that lives as long as the hook does, with a copy of `size` bytes, ended by NUL. NULL: no
 * memory. */
void *named_hook__keep(struct named_hook *h, const void *data, size_t size);
/* One more field; its name must be kept. What is too many is left out, and said in the event's
 * `blind`. */
void named_hook__add(struct named_hook *h, const struct field *field,
		     const struct sonde_named_field *from);

/* Whether a word of -e names a hook: "kprobe:do_unlinkat". */
bool named__is(const char *word);
/* How much of a list of words is the first, if that names a hook: its own commas are in brackets.
 */
size_t named__word_size(const char *text);
/* Of a function's entry, "kprobe:vfs_read", the kind of its return, "kretprobe"; NULL: it is none.
 */
const char *named__return_kind(const char *name);
/* The same word as the names of events have it: kprobe: for k:, a tracepoint's group. */
void named__spell(struct buffer *b, const char *word);

struct module_types;

struct named_hooks {
	struct named_hook **list;
	unsigned int count;
	struct module_types *modules; /* NULL until one of theirs is asked for */
};

/*
 * The hooks that a word means; it may be a glob. Added to `all`, unless they are there already.
 * -EINVAL: the word is none; -ENOENT: this kernel has no such hook; -EACCES: the kernel does not
 * tell it this user: `err` says so, and offers the nearest.
 */
int named__find(struct named_hooks *all, const char *word, struct probes *probes, struct error *err)
	__must_check;
void named_hooks__release(struct named_hooks *all);

/* Of the text of a tracepoint's `format` file: adds its fields. -EINVAL: it is none. */
int named_tracepoint__read(struct named_hook *h, const char *category, const char *format)
	__must_check;

/*
 * Functions of programs and their USDT probes: "/bin/bash:readline", "libc:getaddr*", "PID:main",
 * "/usr/lib/libc.so.6:libc:setjmp". `each` is called with the hook's name behind the kind, what it
 * is attached to, and its description, which it takes. -ENOENT: `err` offers the nearest.
 */
struct named_user {
	bool usdt, at_return;
	const char *chosen; /* see named_hook__choose(); "": all */
	int (*each)(void *context, const char *name, const char *place, struct named_hook *h);
	void *context;
};
int named_user__find(const struct named_user *u, const char *pattern, struct error *err)
	__must_check;

/*
 * Of a function's prototype, or of a raw tracepoint's: its id among the kernel's types. `words`:
 * the arguments are an array of words, not registers; `with_result`: and the result is behind them.
 * -EINVAL.
 */
int named_function__read(struct named_hook *h, const struct btf *kernel, uint32_t id, bool words,
			 bool with_result) __must_check;
/* Of a tracepoint's fields that are enumerations and whose format gives no names: the kernel's. */
void named_function__enums(struct named_hook *h, const struct btf *kernel);
/* The fields that show best what a type of the kernel's holds that lies at `from`. -ENOMEM. */
int named_function__show(struct named_hook *h, const struct btf *kernel, const char *name,
			 uint32_t type, const struct sonde_named_field *from) __must_check;
/* As the number, text or bytes that it is. */
void named_function__describe(struct named_hook *h, const struct btf *kernel, uint32_t type,
			      struct field *field, struct sonde_named_field *from);

/*
 * Only what a user chooses of a hook's arguments, and members behind them: "dfd, filename:str,
 * how->flags:x". `types`: NULL where there are none to follow. -EINVAL: `err` names what is
 * unknown, and the nearest.
 */
int named_hook__choose(struct named_hook *h, const struct types *types, const char *expressions,
		       struct error *err) __must_check;
/* All that `params` has. How many of them are not to be had, or not as a whole. */
unsigned int named_hook__choose_all(struct named_hook *h, const struct types *types);

#endif
