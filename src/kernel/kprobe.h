/* SPDX-License-Identifier: Apache-2.0 */
/* A program at the first instruction of a kernel function or where it returns, or at a tracepoint,
 * through the events of perf. */
#ifndef SONDE_KPROBE_H
#define SONDE_KPROBE_H

#include "../base/base.h"

#include <linux/limits.h>

/*
 * `program`: its file descriptor. `function` may be one that the compiler made a variant of
 * (NAME.isra.0): it is found then. Returns a file descriptor: closing it detaches. -ENOENT: the
 * kernel has no such function, or does not let it be probed; -EPERM ...
 */
int kprobe__attach(int program, const char *function, bool at_return) __must_check;
/* The same at a place in a file that programs execute: "/bin/bash:0x1234", or with the place of a
 * counter that tells the program that it is watched: "/lib/libc.so.6:0x1234(0x5678)". In all
 * processes. -ENOENT ... */
int uprobe__attach(int program, const char *place, bool at_return) __must_check;

/* Such a place in parts. */
struct uprobe_place {
	char path[PATH_MAX];
	uint64_t place, counter; /* offsets in the file; no counter: 0 */
};
void uprobe__read(struct uprobe_place *p, const char *place);

/* BPF_TRACE_UPROBE_MULTI (6.6), which headers may be too old to know. */
#define UPROBE_MULTI ((enum bpf_attach_type)48)

/* Places of one file. */
struct uprobe_places {
	const char *path;
	const uint64_t *places, *counters, *cookies; /* the latter two may be NULL */
	unsigned int count;
};
/* A program that was loaded for UPROBE_MULTI, at all of them or at none. -EINVAL: one of them is no
 * instruction that can be probed. */
int uprobe__attach_many(int program, const struct uprobe_places *places, bool at_return)
	__must_check;

/* The same at a tracepoint, "syscalls/sys_exit_openat". -ENOENT: there is none, or tracefs is not
 * mounted. */
int tracepoint__attach(int program, const char *tracepoint) __must_check;
/* The same, and the program is told the cookie (FEATURE_TRACEPOINT_MULTI). */
int tracepoint__attach_with(int program, const char *tracepoint, uint64_t cookie) __must_check;
bool tracepoint__exists(const char *tracepoint);
/* Where tracefs is mounted; NULL: nowhere, or it is not this user's to read. */
const char *tracepoint__root(void);
/* The text of its `format` file, to be freed. -ENOENT ... */
int tracepoint__format(const char *tracepoint, char **text) __must_check;

#endif
