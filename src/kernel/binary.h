/* SPDX-License-Identifier: Apache-2.0 */
/* Which files does a user mean by "/bin/bash", "libc", "bash" or a pid? And what an ELF file says
 * of its functions and its USDT probes. */
#ifndef SONDE_BINARY_H
#define SONDE_BINARY_H

#include "../base/error.h"

struct paths {
	char **list;
	unsigned int count;
};

/* How much of "FILE:FUNCTION", or "FILE:PROVIDER:NAME", is the file; all: there is no function. C++
 * and Rust have "::" in names. */
size_t binary__file_size(const char *word);
/* A path, a pid (all that it executes), a library or a program. -ENOENT, -EACCES: `err` says so. */
int binary__paths(const char *word, struct paths *ret, struct error *err) __must_check;
void paths__release(struct paths *p);

struct binary_symbol {
	const char *name;
	uint64_t place;   /* offset in the file */
	uint64_t address; /* as debuggers have it */
	uint64_t size;
	bool indirect; /* what it returns is the function */
};

struct binary_probe {
	const char *provider, *name;
	const char *arguments;     /* "8@%rdi -4@-20(%rbp)" */
	uint64_t place, semaphore; /* offsets in the file; 0: no semaphore */
};

struct binary_reader {
	/* Each may be NULL. */
	void (*symbol)(void *context, const struct binary_symbol *s);
	void (*probe)(void *context, const struct binary_probe *p);
	void *context;
};

/* -EINVAL: no program or library; -ENOENT, -EACCES ... What is damaged of it is left out. */
int binary__read(const char *path, const struct binary_reader *reader, struct error *err)
	__must_check;

/* An argument of a USDT probe: "-4@-20(%rbp)". */
struct usdt_argument {
	int size; /* bytes; negative: signed */
	bool is_float;
	const char *place; /* not ended by NUL */
	size_t place_size;
};

/* The next one; `arguments` moves on. false: no more, or damaged. */
bool usdt__next_argument(const char **arguments, struct usdt_argument *argument);

#endif
