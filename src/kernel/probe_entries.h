/* SPDX-License-Identifier: Apache-2.0 */
/* --entry MAP[KEY]=VALUE: what a map has before its programs run: interfaces, CPUs, sockets,
 * numbers. */
#ifndef SONDE_PROBE_ENTRIES_H
#define SONDE_PROBE_ENTRIES_H

#include "../base/error.h"

struct bpf_object;
struct probe_options;

/* Of a loaded object: those of maps of sockets, or all others. -EINVAL: an entry is wrong; others:
 * the kernel refuses it. */
int probe_entries__put(const struct bpf_object *o, const struct probe_options *options,
		       bool sockets, struct error *err) __must_check;
/* PID:FD: a descriptor of our own for a socket that a process has. */
int probe_entries__socket(const char *text, struct error *err) __must_check;

#endif
