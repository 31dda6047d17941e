/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How the values of options are read: numbers with units, lists of processes. Each says in words
 * what is wrong.
 */
#ifndef SONDE_OPTION_VALUES_H
#define SONDE_OPTION_VALUES_H

#include "options.h"

/*
 * Each returns 0 and fills `ret`, or -EINVAL (not of this form) or -ERANGE (outside of [min, max])
 * with `why`, which reads on from "--option VALUE: ".
 */
int value__number(const char *text, uint64_t min, uint64_t max, uint64_t *ret, struct error *why)
	__must_check;
int value__duration(const char *text, uint64_t min, uint64_t max, uint64_t *ret, struct error *why)
	__must_check;
int value__size(const char *text, uint64_t min, uint64_t max, uint64_t *ret, struct error *why)
	__must_check;
/* Adds to `ret`; the list grows by realloc(). -ENOMEM too. */
int value__pids(const char *text, struct pids *ret, struct error *why) __must_check;

#endif
