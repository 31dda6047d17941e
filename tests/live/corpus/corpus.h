/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the programs of the corpus share. Each uses the calls of one subject, the good and the
 * failing ones, the same way in each run, in the directory where it starts, which is empty and its
 * own.
 */
#ifndef CORPUS_H
#define CORPUS_H

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* The call itself, not what the C library makes of it. Arguments are widened as the kernel sees
 * them. */
#define CALL(name, ...) syscall(SYS_##name, ##__VA_ARGS__)
#define BAD_ADDRESS     ((void *)16)
#define ARRAY_SIZE(a)   (sizeof(a) / sizeof((a)[0]))

static inline void close_it(long fd)
{
	CALL(close, (int)fd);
}

/* Runs the statement in a child of its own, whose end is waited for: what it changes is gone with
 * it. */
#define IN_CHILD(...)                                                                              \
	do {                                                                                       \
		pid_t child_ = fork();                                                             \
		if (!child_) {                                                                     \
			__VA_ARGS__;                                                               \
			_exit(0);                                                                  \
		}                                                                                  \
		waitpid(child_, NULL, 0);                                                          \
	} while (0)

#endif
