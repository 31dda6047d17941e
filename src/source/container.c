// SPDX-License-Identifier: Apache-2.0
#include "container.h"
#include "../base/buffer.h"
#include "../host/cgroup_path.h"

#include <string.h>

static void append(struct buffer *b, const struct field *f, const char *text)
{
	struct sonde_item item = {.slot = f->offset / 8, .what = SONDE_ITEM_DATA};

	item.size = item.whole = strlen(text);
	buffer__bytes(b, (const char *)&item, sizeof(item));
	buffer__bytes(b, text, item.size);
	buffer__bytes(b, "\0\0\0\0\0\0\0", -item.size & 7);
}

bool container__complete(const struct event *e, struct buffer *b)
{
	const struct field *path = schema__field(e->schema, "path"),
			   *id = schema__field(e->schema, "id"),
			   *runtime = schema__field(e->schema, "runtime");
	const char *body = (const char *)(e->record + 1);
	size_t size = e->record->body * 8u;
	struct sonde_record *made;
	struct cgroup_facts facts;
	struct value v;

	if (!path || !id || !runtime)
		return false;
	event__value(e, path, &v);
	if (v.state != VALUE_OK)
		return false;
	cgroup_path__read(v.data, v.size, &facts);
	/* What lies below its cgroup is the container's own affair. */
	if (!facts.container ||
	    memchr(facts.container, '/', (const char *)v.data + v.size - facts.container))
		return false;
	buffer__reset(b);
	buffer__bytes(b, (const char *)e->record, sizeof(*e->record) + size);
	append(b, id, facts.id);
	append(b, runtime, facts.runtime);
	if (b->failed)
		return false;
	size = b->size - sizeof(*made);
	buffer__bytes(b, body + e->record->body * 8u,
		      e->record->size - sizeof(*made) - e->record->body * 8u);
	if (b->failed)
		return false;
	made = (void *)b->data;
	made->body = size / 8;
	made->size = b->size;
	return true;
}
