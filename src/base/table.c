// SPDX-License-Identifier: Apache-2.0
#include "table.h"

#include <errno.h>

#define LEAST_BITS 4

uint64_t hash_bytes(const void *data, size_t size)
{
	const char *p = data;
	uint64_t hash = size, word;

	for (; size >= sizeof(word); p += sizeof(word), size -= sizeof(word)) {
		memcpy(&word, p, sizeof(word));
		hash = hash_pair(hash, word);
	}
	word = 0;
	memcpy(&word, p, size);
	return hash_pair(hash, word);
}

static struct table_node **bucket_of(const struct table *t, uint64_t hash)
{
	return &t->buckets[hash & ((1u << t->bits) - 1)];
}

static void put(struct table *t, struct table_node *node)
{
	struct table_node **bucket = bucket_of(t, node->hash);

	node->next = *bucket;
	*bucket = node;
}

static bool grow(struct table *t)
{
	struct table larger = {.bits = t->buckets ? t->bits + 1 : LEAST_BITS, .count = t->count};
	struct table_node *node, *next;
	unsigned int bucket = 0;

	larger.buckets = calloc(1u << larger.bits, sizeof(*larger.buckets));
	if (!larger.buckets)
		return false;
	next = NULL;
	while ((node = table__each(t, &bucket, &next)))
		put(&larger, node);
	free(t->buckets);
	*t = larger;
	return true;
}

int table__add(struct table *t, struct table_node *node, uint64_t hash)
{
	if ((!t->buckets || t->count >= 1u << t->bits) && !grow(t) && !t->buckets)
		return -ENOMEM;
	node->hash = hash;
	put(t, node);
	t->count++;
	return 0;
}

void table__remove(struct table *t, struct table_node *node)
{
	struct table_node **at = bucket_of(t, node->hash);

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
	t->count--;
}

struct table_node *table__each(const struct table *t, unsigned int *bucket,
			       struct table_node **next)
{
	struct table_node *node = *next;

	while (!node && t->buckets && *bucket < 1u << t->bits)
		node = t->buckets[(*bucket)++];
	*next = node ? node->next : NULL;
	return node;
}

void table__release(struct table *t)
{
	free(t->buckets);
	*t = (struct table){};
}
