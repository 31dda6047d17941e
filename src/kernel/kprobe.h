/* SPDX-License-Identifier: Apache-2.0 */
/* A program at the first instruction of a kernel function or where it returns, or at a tracepoint,
 * through the events of perf. */
#ifndef SONDE_KPROBE_H
#define SONDE_KPROBE_H

#include "../base/base.h"

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
/* The same at a tracepoint, "syscalls/sys_exit_openat". -ENOENT: there is none, or tracefs is not
 * mounted. */
int tracepoint__attach(int program, const char *tracepoint) __must_check;
bool tracepoint__exists(const char *tracepoint);
/* Where tracefs is mounted; NULL: nowhere, or it is not this user's to read. */
const char *tracepoint__root(void);
/* The text of its `format` file, to be freed. -ENOENT ... */
int tracepoint__format(const char *tracepoint, char **text) __must_check;

#endif
