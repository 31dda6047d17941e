// SPDX-License-Identifier: Apache-2.0
#include "intern.h"

struct string {
	struct table_node node;
	uint32_t users;
	uint32_t size;
	char text[];
};

static const char empty[] = "";

const char *strings__take(struct strings *s, const char *data, size_t size)
{
	uint64_t hash;
	struct string *string;

	if (!size)
		return empty;
	hash = hash_bytes(data, size);
	for (struct table_node *n = table__find(&s->table, hash); n; n = table__next(n)) {
		string = container_of(n, struct string, node);
		if (string->size == size && !memcmp(string->text, data, size)) {
			string->users++;
			return string->text;
		}
	}
	string = malloc(sizeof(*string) + size + 1);
	if (!string)
		return NULL;
	string->users = 1;
	string->size = size;
	memcpy(string->text, data, size);
	string->text[size] = 0;
	if (!table__add(&s->table, &string->node, hash))
		return string->text;
	free(string);
	return NULL;
}

void strings__drop(struct strings *s, const char *text)
{
	struct string *string;

	if (!text || text == empty)
		return;
	string = container_of(text, struct string, text);
	if (--string->users)
		return;
	table__remove(&s->table, &string->node);
	free(string);
}

void strings__release(struct strings *s)
{
	struct table_node *node, *next = NULL;
	unsigned int bucket = 0;

	while ((node = table__each(&s->table, &bucket, &next)))
		free(container_of(node, struct string, node));
	table__release(&s->table);
}
