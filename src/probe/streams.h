/* SPDX-License-Identifier: Apache-2.0 */
/* What an object says while it runs, in its own way: ring and perf buffers, bpf_printk(),
 * iterators. */
#ifndef SONDE_PROBE_STREAMS_H
#define SONDE_PROBE_STREAMS_H

#include "../base/buffer.h"
#include "../base/error.h"

struct probe_file;
struct streams;

/* Of a file that is loaded, which must stay. `types`: MAP=STRUCT, ended by NULL, or NULL: what its
 * buffers hold. -EINVAL: `err` says which of them is wrong. */
int streams__new(const struct probe_file *f, const char *const *types, bool json,
		 struct streams **ret, struct error *err) __must_check;
void streams__free(struct streams *s);
/* Whether it may say something at any time. */
bool streams__any(const struct streams *s);
/* Appends what was said since, without waiting. */
void streams__take(struct streams *s, struct buffer *b);
/* Appends what its iterators say now. */
void streams__iterate(struct streams *s, struct buffer *b);

#endif
