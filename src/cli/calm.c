/* SPDX-License-Identifier: Apache-2.0 */
#include "calm.h"
#include "../event/select.h"

/* Whether there is such an event; the filter would complain of one that there is not. */
static bool exists(const struct schemas *all, const char *name, size_t size)
{
	for (unsigned int i = 0; i < all->count; i++) {
		const struct schema *s = all->list[i];

		if (schema__selectable(s) && strlen(s->name) == size &&
		    !memcmp(s->name, name, size))
			return true;
	}
	return false;
}

/* (evt.type in (unlink, rmdir) and (condition)), or nothing where there is none of them. */
static void one(struct buffer *b, const struct calm *c, const struct schemas *all)
{
	size_t start = b->size;
	bool any = false;

	buffer__text(b, start ? " or (evt.type in (" : "(evt.type in (");
	for (const char *name = c->events; *name; name += strspn(name, " ")) {
		size_t size = strcspn(name, " ");

		if (exists(all, name, size)) {
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

void calm__filter(struct buffer *b, const struct schemas *all)
{
	struct buffer text = {};

	for (const struct calm *c = calm_parts; c->events; c++)
		one(&text, c, all);
	buffer__bytes(b, text.data, text.size);
	buffer__free(&text);
}
