// SPDX-License-Identifier: Apache-2.0
/* Functions and USDT probes of programs, libraries, and of what a pid executes. */
#include "binary.h"
#include "demangle.h"
#include "find_inside.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct search {
	struct finder *finder;
	const char *path;
};

static struct found *add(struct search *s, enum find_source source, const char *name,
			 const char *detail)
{
	char *whole;
	struct found *h;

	if (asprintf(&whole, "%s:%s", s->path, name) < 0) {
		s->finder->code = -ENOMEM;
		return NULL;
	}
	h = finder__add(s->finder, source, whole, detail);
	free(whole);
	return h;
}

static void take_symbol(void *context, const struct binary_symbol *symbol)
{
	struct search *s = context;
	__cleanup(memory) void *plain = demangle(symbol->name);
	const char *name = symbol->name;
	struct found *h;
	char detail[1000];

	if (plain && finder__wants(s->finder, FIND_USER, plain))
		name = plain;
	else if (!finder__wants(s->finder, FIND_USER, name))
		return;
	snprintf(detail, sizeof(detail), "%llu bytes at %#llx%s%s%s",
		 (unsigned long long)symbol->size, (unsigned long long)symbol->place,
		 symbol->indirect ? ", chooses the function" : "", name == plain ? ", " : "",
		 name == plain ? symbol->name : "");
	h = add(s, FIND_USER, name, detail);
	if (!h)
		return;
	h->place = symbol->place;
	h->symbol = name == plain ? strdup(symbol->name) : NULL;
}

static void take_probe(void *context, const struct binary_probe *probe)
{
	struct search *s = context;
	struct found *h;
	char name[400];

	snprintf(name, sizeof(name), "%s:%s", probe->provider, probe->name);
	if (!finder__wants(s->finder, FIND_USDT, name))
		return;
	h = add(s, FIND_USDT, name, probe->arguments);
	if (!h)
		return;
	h->place = probe->place;
	h->semaphore = probe->semaphore;
}

int find__in_binary(struct finder *f, const char *where, struct error *err)
{
	struct search s = {.finder = f};
	struct binary_reader reader = {.context = &s};
	struct paths paths = {};
	int code = binary__paths(where, &paths, err);

	if (finder__asks(f, FIND_USER))
		reader.symbol = take_symbol;
	else
		reader.probe = take_probe;
	for (unsigned int i = 0; i < paths.count && !code; i++) {
		s.path = paths.list[i];
		code = binary__read(s.path, &reader, err);
		/* A process may execute what is no ELF file. */
		if (code == -EINVAL && paths.count > 1)
			code = 0;
	}
	paths__release(&paths);
	return code;
}
