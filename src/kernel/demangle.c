// SPDX-License-Identifier: Apache-2.0
#include "demangle.h"

#include <libiberty/demangle.h>
#include <string.h>

/* "f [clone .isra.0] [clone .cold]" is f.isra.0.cold, as it is in C. */
static void spell_clones(char *name)
{
	static const char clone[] = " [clone ";
	char *from = strstr(name, clone), *to = from;

	while (from && !strncmp(from, clone, strlen(clone))) {
		size_t size = strcspn(from += strlen(clone), "]");

		memmove(to, from, size);
		to += size;
		from += size + (from[size] == ']');
	}
	if (to)
		*to = '\0';
}

/* title[abi:cxx11] is title to whoever wrote it. */
static void drop_tags(char *name)
{
	for (char *tag = name; (tag = strstr(tag, "[abi:"));) {
		char *end = strchr(tag, ']');

		if (!end)
			return;
		memmove(tag, end + 1, strlen(end));
	}
}

/* A damaged symbol may stand for any number of characters. */
struct name {
	size_t size;
	char text[4000];
};

static void take(const char *text, size_t size, void *context)
{
	struct name *name = context;

	size = min(size, sizeof(name->text) - 1 - name->size);
	memcpy(name->text + name->size, text, size);
	name->size += size;
}

char *demangle(const char *symbol)
{
	struct name name = {.size = 0};

	if (strncmp(symbol, "_Z", 2) && strncmp(symbol, "_R", 2))
		return NULL;
	if (!rust_demangle_callback(symbol, DMGL_NO_OPTS, take, &name)) {
		name.size = 0;
		if (!cplus_demangle_v3_callback(symbol, DMGL_NO_OPTS, take, &name))
			return NULL;
	}
	name.text[name.size] = '\0';
	spell_clones(name.text);
	drop_tags(name.text);
	return strdup(name.text);
}

bool is_clone(const char *name)
{
	const char *dot = strrchr(name, '.');

	/* Dots within brackets are Rust's. */
	return dot && !strpbrk(dot, ">)}]");
}
