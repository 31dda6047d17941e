/* SPDX-License-Identifier: Apache-2.0 */
/* What the sources of hooks share: src/kernel/find_*.c. */
#ifndef SONDE_FIND_INSIDE_H
#define SONDE_FIND_INSIDE_H

#include "../base/buffer.h"
#include "../base/suggest.h"
#include "find.h"

enum find_how { FIND_PART, FIND_GLOB, FIND_EXACT };

struct finder {
	struct found_hooks *all;
	const struct btf *kernel;
	const struct btf *types; /* where is being looked: the kernel's, or a module's */
	const char *pattern;
	uint8_t how;        /* enum find_how */
	uint32_t sources;   /* 1 << enum find_source */
	const char *prefix; /* "kprobe:", as the user has it; NULL: each source's own */
	/* Second round: nothing matched, what is near is noted instead. */
	bool suggests;
	struct suggest near[FIND_SOURCES];
	char best[FIND_SOURCES][128];
	unsigned int offered; /* names that it was asked about */
	int code;             /* -ENOMEM ... */
};

static inline bool finder__asks(const struct finder *f, enum find_source source)
{
	return f->sources & 1u << source;
}

/* Whether a hook of this name is wanted; counts it. */
bool finder__wants(struct finder *f, enum find_source source, const char *name);
/* One that is wanted. `detail` may be NULL. The new one, or NULL: none was kept. */
struct found *finder__add(struct finder *f, enum find_source source, const char *name,
			  const char *detail);

/* Among those from id `first` on; `module`: whose they are, or NULL. */
void find__in_types(struct finder *f, const struct btf *types, uint32_t first, const char *module);
void find__in_tracefs(struct finder *f);
void find__in_perf(struct finder *f);
/* `where`: a path, a library's name, a program's, or a pid. -ENOENT, -EINVAL: no ELF file. */
int find__in_binary(struct finder *f, const char *where, struct error *err) __must_check;

/* Which of these functions the kernel's function tracer reaches, where it says so. */
void find__mark_reach(struct found_hooks *all);

#endif
