/* SPDX-License-Identifier: Apache-2.0 */
/* What is in an object file of BPF programs, and would it load here? */
#ifndef SONDE_PROBE_INSPECT_H
#define SONDE_PROBE_INSPECT_H

#include "../base/buffer.h"
#include "../base/error.h"

/* Appends the answer: text, or one JSON object. Only root can try to load it; nothing is attached.
 * -EINVAL: damaged, or none; -ENOENT ...: it cannot be read. */
int probe_inspect(const char *path, bool json, struct buffer *b, struct error *err) __must_check;

#endif
