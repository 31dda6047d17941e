/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One JSON object a line, for programs. A filter's proc.name is .proc.name, or with `flat` the key
 * "proc.name". Where a name is the beginning of another one (fd.dev and fd.dev.major) the longer
 * takes an underscore: .fd.dev_major.
 *
 * Numbers that JavaScript and jq would round, addresses, keys and times since the epoch are
 * strings. Bytes that are not UTF-8 are the characters U+F780 to U+F7FF: see render__json_string().
 * A value that was cut has NAME_cut: true beside it, and NAME_size with the bytes that there were,
 * if that is known.
 */
#ifndef SONDE_JSON_H
#define SONDE_JSON_H

#include "sink.h"

int json__new(int fd, bool flat, struct sink **ret) __must_check;

/* Whether the objects have this field: those that only repeat another one, or say at length what
 * few ask for, are left to --format. */
bool json__has(const char *field);

#endif
