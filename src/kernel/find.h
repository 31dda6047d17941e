/* SPDX-License-Identifier: Apache-2.0 */
/* Which hooks are there, whose name a person knows in part? Those of the kernel, and of programs.
 */
#ifndef SONDE_FIND_H
#define SONDE_FIND_H

#include "../base/error.h"

struct btf;
struct module_types;

enum find_source {
	FIND_TRACEPOINT,
	FIND_RAW_TRACEPOINT,
	FIND_FUNCTION,
	FIND_LSM,
	FIND_ITER,
	FIND_PERF,
	FIND_USER, /* functions of programs and libraries */
	FIND_USDT,
	FIND_SOURCES
};

struct find_source_info {
	const char *name; /* in front of the colon; of functions: by the best means */
	const char *what; /* "tracepoints" */
	const char *example;
};

extern const struct find_source_info find_sources[FIND_SOURCES];

/* The words in front of a colon: "kprobe:"; NULL: no more. */
const char *find__kind(unsigned int index);

/* By what a function can be hooked; kprobes reach what the function tracer does not on few kernels.
 */
enum found_reach { REACH_UNKNOWN, REACH_ALL, REACH_KPROBE, REACH_NONE };

struct found {
	uint8_t source;     /* enum find_source */
	uint8_t reach;      /* of functions: enum found_reach */
	char *word;         /* "fexit:vfs_read", as -e has it, where -e takes such hooks */
	const char *target; /* of it, behind the kind */
	char *symbol;       /* USER: what linkers call it, where that is not its name; or NULL */
	char *detail;       /* one line: signature, place ...; NULL: not asked for */
	uint32_t type;      /* its id among `types`; 0: it has none */
	const struct btf *types;
	uint64_t place;     /* USER, USDT: offset in the file */
	uint64_t semaphore; /* USDT: its offset; 0: none */
	unsigned int sites; /* USDT: how many places bear this name */
};

struct found_hooks {
	struct found *list; /* sorted by source and name, after find__word() */
	unsigned int count;
	unsigned int counts[FIND_SOURCES];
	bool only_count;  /* nothing is kept: only counted */
	bool exact_first; /* of a part of a name: those that have just this name, if any have */
	struct module_types *modules;
	const char *hidden; /* what could not be looked at, and why; or NULL */
};

/*
 * Adds what a word means: "kprobe:vfs_*", "uprobe:libc:getaddr*", "usdt:/path"; without a kind all
 * hooks of the kernel whose name has the word in it, or matches it as a glob.
 * -EINVAL: the word is none, or what it names is no program; -ENOENT: there is no such hook: `err`
 * offers the nearest; -EACCES. `kernel`: its types, or NULL.
 */
int find__word(struct found_hooks *all, const char *word, const struct btf *kernel,
	       struct error *err) __must_check;
/*
 * Appends the kernel's hooks that have exactly this name, of whatever kind that can be attached, a
 * comma between; where there are none, the nearest. `can`: what features__try() says of
 * find_needs[], by one of which functions and decisions are hooked.
 */
struct buffer;
struct features;
enum find_offer {
	OFFER_NEAR,  /* the nearest, or nothing */
	OFFER_EXACT, /* hooks of this name */
	OFFER_NONE,  /* there is one, and nothing to attach to it by: nothing was appended */
};
extern const uint8_t find_needs[3]; /* enum feature */
enum find_offer find__offer(struct buffer *b, const char *name, const struct btf *kernel,
			    const struct features *can);
void found_hooks__release(struct found_hooks *all);

#endif
