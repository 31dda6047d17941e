// SPDX-License-Identifier: Apache-2.0
/* Which functions, and which USDT probes, of a program does a word mean, and where are their
 * arguments? */
#include "named.h"
#include "../base/buffer.h"
#include "../base/suggest.h"
#include "binary.h"
#include "demangle.h"
#include "registers.h"
#include "user_types.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

struct search {
	const struct named_user *user;
	const char *word;         /* the file as it was written */
	const char *path;         /* that it means */
	const char *pattern;      /* a function, or PROVIDER:NAME */
	struct user_types *types; /* NULL: not known, or not asked yet */
	bool asked;
	bool found, indirect;
	int code;
	struct suggest near;
	char nearest[128]; /* the names go with the file */
	struct error *err;
};

static int add(struct named_hook *h, const char *name, enum kind kind,
	       const struct sonde_named_field *from)
{
	struct field f = {.help = "", .provenance = FROM_USER, .kind = kind};

	f.name = named_hook__keep(h, name, strlen(name));
	if (!f.name)
		return -ENOMEM;
	named_hook__add(h, &f, from);
	return 0;
}

static void hand_over(struct search *s, const char *name, uint64_t place, uint64_t counter,
		      struct named_hook *h)
{
	char full[1000], at[PATH_MAX + 48];

	snprintf(full, sizeof(full), "%s:%s", s->word, name);
	text__tame(full);
	if (counter)
		snprintf(at, sizeof(at), "%s:%#llx(%#llx)", s->path, (unsigned long long)place,
			 (unsigned long long)counter);
	else
		snprintf(at, sizeof(at), "%s:%#llx", s->path, (unsigned long long)place);
	s->found = true;
	s->code = s->user->each(s->user->context, full, at, h);
}

static bool matches(struct search *s, const char *name)
{
	const char *last = strrchr(name, ':');

	if (!strcmp(s->pattern, name) || !fnmatch(s->pattern, name, 0))
		return true;
	suggest__offer(&s->near, name);
	/* shop::sell is near to sell. */
	if (last && !strcmp(last + 1, s->pattern)) {
		s->near.distance = 0;
		s->near.best = name;
	}
	if (s->near.best == name) {
		snprintf(s->nearest, sizeof(s->nearest), "%.127s", name);
		s->near.best = s->nearest;
	}
	return false;
}

/* What a compiler made of a function, f.isra.0, is called otherwise than its types say. */
static int describe_typed(struct search *s, const struct binary_symbol *symbol, const char *name,
			  struct named_hook *h)
{
	if (is_clone(name))
		return -ENOENT;
	if (!s->asked)
		s->types = user_types__open(s->path);
	s->asked = true;
	return s->types ? user_types__describe(s->types, symbol->address, s->user->at_return,
					       s->user->chosen, h, s->err)
			: -ENOENT;
}

/* Of fields whose types are not known. */
static int choose(struct search *s, struct named_hook *h)
{
	return *s->user->chosen ? named_hook__choose(h, NULL, s->user->chosen, s->err) : 0;
}

/* What its types are is not known: words. */
static int describe_words(struct search *s, struct named_hook *h)
{
	unsigned int count = s->user->at_return ? 1 : argument_register_count;
	char name[16];
	int code = 0;

	for (unsigned int i = 0; i < count && !code; i++) {
		struct sonde_named_field from = {
			.size = 8,
			.offsets = {s->user->at_return ? result_registers[0].offset
						       : argument_registers[i].offset}};

		snprintf(name, sizeof(name), "arg%u", i);
		code = add(h, s->user->at_return ? "res" : name, KIND_hex, &from);
	}
	return code ?: choose(s, h);
}

static void take_symbol(void *context, const struct binary_symbol *symbol)
{
	struct search *s = context;
	__cleanup(memory) void *plain = demangle(symbol->name);
	const char *name = symbol->name;
	struct named_hook *h;

	/* Its event is named as the user named it: all that select it by this word find it. */
	if (s->code)
		return;
	if (symbol->indirect) {
		s->indirect |= !strcmp(symbol->name, s->pattern);
		return;
	}
	if (plain && matches(s, plain))
		name = plain;
	else if (!matches(s, name))
		return;
	h = named_hook__new();
	s->code = h ? describe_typed(s, symbol, name, h) : -ENOMEM;
	if (h)
		h->symbol = named_hook__keep(h, symbol->name, strlen(symbol->name));
	if (s->code == -ENOENT)
		s->code = describe_words(s, h);
	if (s->code)
		named_hook__free(h);
	else
		hand_over(s, name, symbol->place, 0, h);
}

/* "(%rbp)", "(%rax,%rbx,8)": what a register holds, and another one, so many times. */
static bool read_brackets(const char *text, struct sonde_named_field *from)
{
	char base[8], index[8];
	unsigned int scale = 1;
	int end = 0, offset, count;

	count = sscanf(text, "(%%%7[a-z0-9]%n,%%%7[a-z0-9]%n,%u%n", base, &end, index, &end, &scale,
		       &end);
	if (count < 1 || strcmp(text + end, ")"))
		return false;
	offset = register__offset(base, strlen(base));
	from->offsets[0] = offset;
	from->steps = from->user = 1;
	if (count == 1 || offset < 0)
		return offset >= 0;
	offset = register__offset(index, strlen(index));
	from->index = offset;
	from->scale = scale;
	return offset >= 0 && (scale == 1 || scale == 2 || scale == 4 || scale == 8);
}

/* "[sp]", "[sp, 8]", as arm64 has it. */
static bool read_square(const char *text, struct sonde_named_field *from)
{
	size_t size = strcspn(text + 1, ",]");
	int offset = register__offset(text + 1, size);
	char *end = (char *)text + 1 + size;

	from->offsets[0] = offset;
	from->offsets[1] = *end == ',' ? strtol(end + 1, &end, 0) : 0;
	from->steps = from->user = 1;
	return offset >= 0 && !strcmp(end, "]");
}

/* "%rdi", "-20(%rbp)", "$5"; on arm64 "x0", "[sp, 8]", "5". False: in no way that is known. */
static bool read_place(const struct usdt_argument *a, struct sonde_named_field *from)
{
	unsigned int size = a->size < 0 ? -(unsigned int)a->size : (unsigned int)a->size;
	char text[64], *rest;
	long number;
	int offset;

	if (a->place_size >= sizeof(text) || (size != 1 && size != 2 && size != 4 && size != 8))
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)a->place_size, a->place);
	from->size = size;
	from->what = a->size < 0 ? SONDE_NAMED_SIGNED : SONDE_NAMED_NUMBER;
	if (*text == '[')
		return read_square(text, from);
	if (*text == '%' || *text == 'x' || *text == 'w') {
		offset = register__offset(text + (*text == '%'), strlen(text) - (*text == '%'));
		from->offsets[0] = offset;
		return offset >= 0;
	}
	number = strtol(text + (*text == '$'), &rest, 0);
	if (!*rest) {
		from->what = SONDE_NAMED_CONSTANT;
		from->offsets[0] = number;
		return true;
	}
	from->offsets[1] = number;
	return read_brackets(rest, from);
}

/* The kind of a floating-point number; one of another size is of no kind that is shown. */
static enum kind kind_of(const struct usdt_argument *a)
{
	return !a->is_float   ? (a->size < 0 ? KIND_long : KIND_ulong)
	       : a->size == 4 ? KIND_float
	       : a->size == 8 ? KIND_double
			      : KIND_none;
}

/* Says in the event's `blind` which argument is left out. */
static void leave_out(struct named_hook *h, unsigned int number, const char *form, size_t size)
{
	const char *before = h->schema.blind;
	char text[300];

	snprintf(text, sizeof(text), "%.200s%sarg%u, which is at %.*s", before ?: "",
		 before ? "; " : "", number, (int)min(size, (size_t)60), form);
	h->schema.blind = named_hook__keep(h, text, strlen(text));
}

static void take_probe(void *context, const struct binary_probe *probe)
{
	struct search *s = context;
	struct usdt_argument argument;
	const char *rest = probe->arguments;
	unsigned int count = 0;
	struct named_hook *h;
	char full[200], name[16];

	snprintf(full, sizeof(full), "%s:%s", probe->provider, probe->name);
	if (s->code || !(fnmatch(s->pattern, probe->name, 0) == 0 || matches(s, full)))
		return;
	h = named_hook__new();
	if (!h)
		s->code = -ENOMEM;
	for (; h && !s->code && usdt__next_argument(&rest, &argument); count++) {
		struct sonde_named_field from = {};
		enum kind kind = kind_of(&argument);

		snprintf(name, sizeof(name), "arg%u", count);
		if (kind == KIND_none || !read_place(&argument, &from))
			leave_out(h, count, argument.place, argument.place_size);
		else
			s->code = add(h, name, kind, &from);
	}
	rest += strspn(rest, " ");
	if (h && !s->code && *rest)
		leave_out(h, count, rest, strlen(rest));
	if (h && !s->code)
		s->code = choose(s, h);
	if (s->code)
		named_hook__free(h);
	else
		hand_over(s, full, probe->place, probe->semaphore, h);
}

int named_user__find(const struct named_user *u, const char *pattern, struct error *err)
{
	const char *colon = pattern + binary__file_size(pattern);
	char word[200];
	struct search s = {.user = u, .word = word, .err = err};
	struct binary_reader reader = {.context = &s};
	struct paths paths = {};
	int code;

	if (!*colon || colon == pattern || !colon[1])
		return error__set(err, -EINVAL,
				  "\"%s\": it is FILE:%s, and FILE a path, a library, a "
				  "program or a pid",
				  pattern, u->usdt ? "PROVIDER:NAME" : "FUNCTION");
	snprintf(word, sizeof(word), "%.*s", (int)(colon - pattern), pattern);
	s.pattern = colon + 1;
	if (u->usdt)
		reader.probe = take_probe;
	else
		reader.symbol = take_symbol;
	suggest__start(&s.near, s.pattern, strlen(s.pattern));
	code = binary__paths(word, &paths, err);
	for (unsigned int i = 0; !code && i < paths.count; i++) {
		s.path = paths.list[i];
		code = binary__read(s.path, &reader, err);
		user_types__close(s.types);
		s.types = NULL;
		s.asked = false;
		/* Of all that a process executes, one suffices. */
		code = s.code ?: paths.count > 1 ? 0 : code;
	}
	paths__release(&paths);
	if (!code && !s.found && s.indirect)
		code = error__set(err, -ENOENT,
				  "%s: which function %s is, is decided when a program starts: "
				  "sonde hooks 'uprobe:%s:*%s*' finds those that it may be",
				  word, s.pattern, word, s.pattern);
	if (!code && !s.found)
		code = error__set(err, -ENOENT, "%s has no %s %s%s%s%s", word,
				  u->usdt ? "USDT probe" : "function", s.pattern,
				  s.near.best ? "; did you mean " : "", s.near.best ?: "",
				  s.near.best ? "?" : "");
	return code;
}
