// SPDX-License-Identifier: Apache-2.0
#include "demangle.h"

#include <libiberty/demangle.h>
#include <setjmp.h>
#include <string.h>

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

/* A damaged symbol of 300 bytes may stand for more characters than there is time to make: when
 * there is no room for more, the rest is not made. */
struct name {
	jmp_buf full;
	size_t size;
	char text[4000];
};

static void take(const char *text, size_t size, void *context)
{
	struct name *name = context;
	size_t room = sizeof(name->text) - 1 - name->size;

	memcpy(name->text + name->size, text, min(size, room));
	name->size += min(size, room);
	if (size > room)
		longjmp(name->full, 1);
}

static bool spell(const char *symbol, struct name *name)
{
	const char *clone;

	if (setjmp(name->full))
		return true;
	if (rust_demangle_callback(symbol, DMGL_NO_OPTS, take, name))
		return true;
	name->size = 0;
	if (!cplus_demangle_v3_callback(symbol, DMGL_NO_OPTS, take, name))
		return false;
	/* f.isra.0, as it is in C. */
	clone = strchr(symbol, '.') ?: "";
	take(clone, strlen(clone), name);
	return true;
}

char *demangle(const char *symbol)
{
	struct name name = {.size = 0};

	if ((strncmp(symbol, "_Z", 2) && strncmp(symbol, "_R", 2)) || !spell(symbol, &name))
		return NULL;
	name.text[name.size] = '\0';
	drop_tags(name.text);
	return strdup(name.text);
}

bool is_clone(const char *name)
{
	const char *dot = strrchr(name, '.');

	/* Dots within brackets are Rust's. */
	return dot && !strpbrk(dot, ">)}]");
}
