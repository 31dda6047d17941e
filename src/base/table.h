/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hash table whose nodes are members of what it holds: 16 bytes each, and a lookup is a
 * multiplication and a walk. Whoever looks walks the chain and compares the keys:
 *
 *     for (n = table__find(t, hash); n; n = table__next(n))
 *             if (container_of(n, struct thing, node)->key == key)
 */
#ifndef SONDE_TABLE_H
#define SONDE_TABLE_H

#include "base.h"

#include <string.h>

#define container_of(p, type, member) ((type *)((char *)(p)-offsetof(type, member)))

struct table_node {
	struct table_node *next;
	uint64_t hash;
};

/* Begins as zeros. */
struct table {
	struct table_node **buckets;
	unsigned int bits, count;
};

/* One to one: equal hashes are equal keys. */
static inline uint64_t hash_number(uint64_t key)
{
	key *= 0x9e3779b97f4a7c15ull;
	return key ^ key >> 32;
}

static inline uint64_t hash_pair(uint64_t a, uint64_t b)
{
	return hash_number(hash_number(a) + b);
}

uint64_t hash_bytes(const void *data, size_t size);

static inline struct table_node *table__same(struct table_node *n, uint64_t hash)
{
	while (n && n->hash != hash)
		n = n->next;
	return n;
}

static inline struct table_node *table__find(const struct table *t, uint64_t hash)
{
	return t->buckets ? table__same(t->buckets[hash & ((1u << t->bits) - 1)], hash) : NULL;
}

/* The next of the same hash. */
static inline struct table_node *table__next(const struct table_node *n)
{
	return table__same(n->next, n->hash);
}

/* -ENOMEM: nothing was added. */
int table__add(struct table *t, struct table_node *node, uint64_t hash) __must_check;
void table__remove(struct table *t, struct table_node *node);
/* Each node, in no order; the one at hand may be removed meanwhile. `*bucket` begins as 0, `*next`
 * as NULL. */
struct table_node *table__each(const struct table *t, unsigned int *bucket,
			       struct table_node **next);
/* The table itself: what it held stays the caller's. */
void table__release(struct table *t);

#endif
