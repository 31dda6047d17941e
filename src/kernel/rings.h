/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the rings of all CPUs and classes, in the order of time. libbpf's reader frees each record
 * after its callback; this one holds records back until none that is older can come.
 */
#ifndef SONDE_RINGS_H
#define SONDE_RINGS_H

#include "../base/error.h"
#include <sonde/record.h>

struct rings;

/*
 * Makes a ring for each of `cpus` CPUs and each class, and puts them into a map of maps, while the
 * caller does something else: it takes the kernel 10 ms and more. `bytes` is the total over all;
 * what a ring gets is a power of two. Each begin needs an end, which waits. -EPERM, -ENOMEM ...:
 * `err` says what the kernel refuses.
 */
struct rings_begun;
int rings__begin(unsigned int cpus, uint64_t bytes, struct rings_begun **ret, struct error *err)
	__must_check;
/* The map of maps, open until the end. */
int rings__map(const struct rings_begun *begun);
int rings__end(struct rings_begun *begun, struct rings **ret, struct error *err) __must_check;
void rings__free(struct rings *r);

/* Readable when there is something to drain. */
int rings__fd(const struct rings *r);

typedef void (*rings_deliver)(void *context, const struct sonde_record *record, bool late);

/* See merge__drain(). */
unsigned long rings__drain(struct rings *r, uint64_t watermark, rings_deliver deliver,
			   void *context);

/* Whether records are held back. */
bool rings__pending(const struct rings *r);
/* Entries of a ring that were no records of ours: 0 unless memory was damaged. */
uint64_t rings__damaged(const struct rings *r);
/* Bytes that the rings take in memory. */
uint64_t rings__bytes(const struct rings *r);

#endif
