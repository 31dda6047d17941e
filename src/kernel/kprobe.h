/* SPDX-License-Identifier: Apache-2.0 */
/* A program at the first instruction of a kernel function, or where it returns. */
#ifndef SONDE_KPROBE_H
#define SONDE_KPROBE_H

/*
 * `function` may be one that the compiler made a variant of (NAME.isra.0): it is found then.
 * Returns a file descriptor: closing it detaches. -ENOENT: the kernel has no such function, or does
 * not let it be probed; -EPERM ...
 */
int kprobe__attach(int program, const char *function, bool at_return);

#endif
