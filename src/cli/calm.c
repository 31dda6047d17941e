/* SPDX-License-Identifier: Apache-2.0 */
#include "calm.h"

static bool has(const struct schemas *all, const struct selection *chosen, const char *name,
		size_t size)
{
	for (unsigned int i = 0; i < all->count; i++) {
		if (selection__is_calm(chosen, i) && strlen(all->list[i]->name) == size &&
		    !memcmp(all->list[i]->name, name, size))
			return true;
	}
	return false;
}

/* (evt.type in (unlink, rmdir) and (condition)), or nothing where there is none of them. */
static void one(struct buffer *b, const struct calm *c, const struct schemas *all,
		const struct selection *chosen)
{
	size_t start = b->size;
	bool any = false;

	buffer__text(b, start ? " or (evt.type in (" : "(evt.type in (");
	for (const char *name = c->events; *name; name += strspn(name, " ")) {
		size_t size = strcspn(name, " ");

		if (has(all, chosen, name, size)) {
			buffer__text(b, any ? ", " : "");
			buffer__bytes(b, name, size);
			any = true;
		}
		name += size;
	}
	if (!any) {
		b->size = start;
		return;
	}
	buffer__char(b, ')');
	if (c->condition) {
		buffer__text(b, " and (");
		buffer__text(b, c->condition);
		buffer__char(b, ')');
	}
	buffer__char(b, ')');
}

/* ... or not evt.type in (what @calm has): the others, if there are any. */
static void others(struct buffer *b, const struct schemas *all, const struct selection *chosen)
{
	const char *before = " or not evt.type in (";
	bool any = false;

	for (unsigned int i = 0; i < all->count; i++)
		any |= selection__has(chosen, i) && !selection__is_calm(chosen, i);
	for (unsigned int i = 0; any && i < all->count; i++) {
		if (!selection__is_calm(chosen, i))
			continue;
		buffer__text(b, before);
		buffer__text(b, all->list[i]->name);
		before = ", ";
	}
	buffer__text(b, any ? ")" : "");
}

void calm__filter(struct buffer *b, const struct schemas *all, const struct selection *chosen)
{
	struct buffer text = {};

	for (const struct calm *c = calm_parts; c->events; c++)
		one(&text, c, all, chosen);
	if (text.size)
		others(&text, all, chosen);
	buffer__bytes(b, text.data, text.size);
	buffer__free(&text);
}

bool calm__has_all(const struct schema *s)
{
	size_t length = strlen(s->name);

	for (const struct calm *c = calm_parts; c->events; c++) {
		for (const char *name = c->events; *name && !c->condition;
		     name += strspn(name, " ")) {
			size_t size = strcspn(name, " ");

			if (size == length && !memcmp(name, s->name, size))
				return true;
			name += size;
		}
	}
	return false;
}
