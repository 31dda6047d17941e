/* SPDX-License-Identifier: Apache-2.0 */
/* How libsonde says what went wrong: a negative errno and the words for it, printed by whoever
 * asked. */
#ifndef SONDE_ERROR_H
#define SONDE_ERROR_H

#include "base.h"

struct error {
	int code;        /* negative errno; 0: none */
	char text[2000]; /* what failed, on what, why, what to do; lines may follow */
};

/*
 * Notes an error and returns its code, so that `return error__set(err, -ENOENT, "...")` works.
 * The first error stays; a NULL err takes nothing. The text has no newline at its end.
 */
int error__set(struct error *err, int code, const char *fmt, ...) __printf_like(3, 4);

#endif
