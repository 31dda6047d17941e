/* SPDX-License-Identifier: Apache-2.0 */
/* The few things without which C hurts: cleanup by scope, ownership that moves, sizes of arrays. */
#ifndef SONDE_BASE_H
#define SONDE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* Of a function that returns 0, or what its comment says, or a negative errno: which, the comment
 * says too, but for -ENOMEM, which is always possible. */
#define __must_check        __attribute__((warn_unused_result))
#define __printf_like(f, a) __attribute__((format(printf, f, a)))
#define __unused_arg        __attribute__((unused))

#define ARRAY_SIZE(a)       (sizeof(a) / sizeof((a)[0]))
#define min(a, b)           ((a) < (b) ? (a) : (b))
#define max(a, b)           ((a) > (b) ? (a) : (b))
#define likely(x)           __builtin_expect(!!(x), 1)
#define unlikely(x)         __builtin_expect(!!(x), 0)

/* `__cleanup(thing) struct thing *t = NULL;` frees t when the scope ends. */
#define __cleanup(thing) __attribute__((cleanup(thing##__cleanup)))
#define DEFINE_CLEANUP(type, thing, release)                                                       \
	static inline __attribute__((unused)) void thing##__cleanup(type *p)                       \
	{                                                                                          \
		release(*p);                                                                       \
	}

/* Hands over ownership: the variable is empty afterwards. */
#define take_ptr(p)                                                                                \
	({                                                                                         \
		__typeof__(p) taken__ = (p);                                                       \
		(p) = NULL;                                                                        \
		taken__;                                                                           \
	})

static inline void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

DEFINE_CLEANUP(int, fd, close_fd)
DEFINE_CLEANUP(void *, memory, free)

#endif
