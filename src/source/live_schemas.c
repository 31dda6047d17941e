// SPDX-License-Identifier: Apache-2.0
/* Which events does this build know? The calls of the catalogue, and what the probes declare. */
#include "live.h"
#include "../event/catalogue.h"
#include "../kernel/btf_schema.h"
#include "../kernel/named.h"
#include "../kernel/probe_file.h"
#include "../kernel/probes.h"

#include <errno.h>

struct live_schemas {
	struct probes *probes;
	struct btf_schemas *events; /* of the probes */
	struct named_hooks named;
	struct probe_file **files;
	unsigned int file_count;
	const struct schema **list;
	struct schemas all;
};

void live_schemas__free(struct live_schemas *s)
{
	if (!s)
		return;
	btf_schemas__free(s->events);
	named_hooks__release(&s->named);
	for (unsigned int i = 0; i < s->file_count; i++)
		probe_file__free(s->files[i]);
	free(s->files);
	probes__free(s->probes);
	free(s->list);
	free(s);
}

const struct schemas *live_schemas__list(const struct live_schemas *s)
{
	return &s->all;
}

const struct named_hooks *live_schemas__named(const struct live_schemas *s)
{
	return &s->named;
}

static bool are_same(const struct schema *a, const struct schema *b)
{
	bool same = !strcmp(a->name, b->name) && a->count == b->count;

	/* Of a probe the author says that it is one, however the compiler treats its arguments. */
	if (!strncmp(a->name, "usdt:", 5))
		return !strcmp(a->name, b->name);
	for (unsigned int i = 0; i < a->count && same; i++)
		same = a->fields[i].kind == b->fields[i].kind &&
		       !strcmp(a->fields[i].name, b->fields[i].name);
	return same;
}

/* Several places of a program may bear one name: they are one event. Functions are,
 * if they tell the same. */
static const struct schema *find_same(const struct named_hooks *named, unsigned int from,
				      unsigned int to)
{
	for (unsigned int i = to; i > from; i--)
		if (are_same(&named->list[i - 1]->schema, &named->list[to]->schema))
			return &named->list[i - 1]->schema;
	return NULL;
}

int live_schemas__add(struct live_schemas *s, const char *word, struct error *err)
{
	unsigned int before = s->named.count, more;
	int code = named__find(&s->named, word, s->probes, err);
	const struct schema **list;

	/* Like any other word of -e that names nothing. */
	if (code)
		return code == -ENOENT ? -EINVAL : code;
	more = s->named.count - before;
	list = realloc(s->list, (s->all.count + more) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	s->all.list = s->list = list;
	for (unsigned int i = before; i < s->named.count; i++) {
		struct schema *schema = &s->named.list[i]->schema;
		const struct schema *same = find_same(&s->named, before, i);

		if (same) {
			schema->id = same->id;
			continue;
		}
		schema->id = s->all.count;
		s->list[s->all.count++] = schema;
	}
	return 0;
}

struct probe_file *const *live_schemas__files(const struct live_schemas *s, unsigned int *count)
{
	*count = s->file_count;
	return s->files;
}

static int add_events(struct live_schemas *s, struct probe_file *f, bool only_new,
		      struct error *err)
{
	unsigned int count;
	const struct schema *events = probe_file__events(f, &count);
	const struct schema **list;

	if (!count && only_new)
		return error__set(err, -EINVAL, "%s: it has no EVENT(): sonde probe run runs it",
				  probe_file__path(f));
	for (unsigned int i = 0; i < count && only_new; i++)
		if (schemas__find(&s->all, events[i].name))
			return error__set(err, -EEXIST,
					  "%s: there is an event %s already: give it another name",
					  probe_file__path(f), events[i].name);
	list = realloc(s->list, (s->all.count + count) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	s->all.list = s->list = list;
	for (unsigned int i = 0; i < count; i++)
		s->list[s->all.count++] = &events[i];
	return 0;
}

int live_schemas__add_file(struct live_schemas *s, const char *path, bool only_new,
			   struct error *err)
{
	struct probe_file **files = realloc(s->files, (s->file_count + 1) * sizeof(*files));
	struct probe_file *f;
	int code;

	if (!files)
		return -ENOMEM;
	s->files = files;
	code = probe_file__new(path, s->all.count, &f, err);
	if (code)
		return code;
	code = add_events(s, f, only_new, err);
	if (code) {
		probe_file__free(f);
		return code;
	}
	files[s->file_count++] = f;
	return 0;
}

struct probes *live_schemas__probes(const struct live_schemas *s)
{
	return s->probes;
}

int live_schemas__new(struct live_schemas **ret, struct error *err)
{
	struct live_schemas *s = calloc(1, sizeof(*s));
	const struct schema *calls, *probes;
	unsigned int call_count, probe_count;
	int code;

	if (!s)
		return -ENOMEM;
	calls = catalogue__calls(&call_count);
	code = probes__built_in(&s->probes, err);
	if (!code)
		code = btf_schemas__new(probes__types(s->probes), SONDE_EVENT_CALLS + call_count,
					&s->events, err);
	if (code)
		goto failed;
	probes = btf_schemas__list(s->events, &probe_count);
	s->all.count = SONDE_EVENT_CALLS + call_count + probe_count;
	s->all.list = s->list = calloc(s->all.count, sizeof(*s->list));
	if (!s->list) {
		code = -ENOMEM;
		goto failed;
	}
	for (unsigned int i = 0; i < call_count; i++)
		s->list[calls[i].id] = &calls[i];
	for (unsigned int i = 0; i < probe_count; i++)
		s->list[probes[i].id] = &probes[i];
	*ret = s;
	return 0;
failed:
	live_schemas__free(s);
	return code;
}
