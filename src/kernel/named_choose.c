// SPDX-License-Identifier: Apache-2.0
/* Which of a hook's arguments, and which members behind them, does a user want? */
#include "named.h"
#include "../base/suggest.h"
#include "named_structs.h"

#include <bpf/btf.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* How far an expression was followed: to something of this type, at the end of these steps. */
struct place {
	uint32_t type; /* 0: the hook's own field, of which no type is known */
	struct sonde_named_field from;
};

struct expression {
	const char *text;
	size_t size;        /* without blanks and format */
	const char *rest;   /* what is to be read of it */
	const char *format; /* behind the colon, or NULL */
	struct error *err;
};

static size_t word_size(const char *text)
{
	size_t size = 0;

	while (text[size] == '_' || isalnum((unsigned char)text[size]))
		size++;
	return size;
}

static int unknown(struct expression *e, const char *what, const char *name, size_t size,
		   const struct suggest *near)
{
	return error__set(e->err, -EINVAL, "%.*s: there is no %s %.*s%s%s%s", (int)e->size, e->text,
			  what, (int)size, name, near->best ? "; did you mean " : "",
			  near->best ?: "", near->best ? "?" : "");
}

static int begin(struct expression *e, const struct named_hook *h, struct place *p)
{
	size_t size = word_size(e->rest);
	struct suggest near;

	suggest__start(&near, e->rest, size);
	for (unsigned int i = 0; i < h->param_count; i++) {
		const struct named_param *param = &h->params[i];

		suggest__offer(&near, param->name);
		if (strlen(param->name) != size || memcmp(param->name, e->rest, size))
			continue;
		*p = (struct place){.type = param->type, .from.offsets = {param->offset}};
		e->rest += size;
		return 0;
	}
	return unknown(e, "argument", e->rest, size, &near);
}

/* One more "->member" or ".member". */
static int follow(struct expression *e, const struct btf *kernel, struct place *p)
{
	bool arrow = !strncmp(e->rest, "->", 2);
	const char *name = e->rest + 1 + arrow;
	size_t size = word_size(name);
	uint32_t id = type__plain(kernel, p->type);
	const struct btf_type *t = btf__type_by_id(kernel, id);
	struct suggest near;
	struct type_place member;

	if (!arrow && *e->rest != '.')
		return error__set(
			e->err, -EINVAL,
			"%.*s: \"%s\" is not understood; an expression is like how->flags:x",
			(int)e->size, e->text, e->rest);
	if (arrow != btf_is_ptr(t))
		return error__set(e->err, -EINVAL, "%.*s: %s %.*s", (int)e->size, e->text,
				  arrow ? "no address, so \".\" leads to its member"
					: "an address, so \"->\" leads to its member",
				  (int)size, name);
	if (arrow) {
		if (p->from.steps + 1 >= SONDE_NAMED_STEPS)
			return error__set(e->err, -EINVAL, "%.*s: more than %d arrows",
					  (int)e->size, e->text, SONDE_NAMED_STEPS - 1);
		p->from.steps++;
		t = btf__type_by_id(kernel, type__plain(kernel, t->type));
	}
	suggest__start(&near, name, size);
	if (!btf_is_composite(t) || !size || !type__member(kernel, t, name, size, &near, &member))
		return unknown(e, "member", name, size, &near);
	p->type = member.type;
	p->from.offsets[p->from.steps] += member.offset;
	p->from.bit = member.bit;
	p->from.bits = member.bits;
	e->rest = name + size;
	return 0;
}

static const struct {
	const char *format, *help;
	enum kind kind;
	uint8_t what; /* 0: as the type says */
} formats[] = {
	{"x", "hexadecimal", KIND_hex, 0},
	{"d", "decimal", KIND_long, SONDE_NAMED_SIGNED},
	{"u", "decimal, without a sign", KIND_ulong, 0},
	{"o", "octal", KIND_mode, 0},
	{"str", "the string at this address", KIND_string, SONDE_NAMED_STRING_AT},
	{"pid", "a process", KIND_pid, SONDE_NAMED_SIGNED},
	{"uid", "a user", KIND_uid, SONDE_NAMED_SIGNED},
	{"dev", "a device", KIND_dev, SONDE_NAMED_DEV},
};

static int set_format(const struct expression *e, struct field *f, struct sonde_named_field *from)
{
	for (unsigned int i = 0; e->format && i < ARRAY_SIZE(formats); i++) {
		if (strcmp(e->format, formats[i].format))
			continue;
		f->kind = formats[i].kind;
		f->values = NULL;
		from->what = formats[i].what;
		if (from->what == SONDE_NAMED_STRING_AT)
			from->size = 8;
		return 0;
	}
	return e->format ? error__set(
				   e->err, -EINVAL,
				   "%.*s: there is no format \"%s\"; there are x d u o str pid uid "
				   "dev",
				   (int)e->size, e->text, e->format)
			 : 0;
}

static int choose(struct named_hook *h, const struct btf *kernel, struct expression *e)
{
	struct field f = {.help = "", .provenance = FROM_KERNEL};
	struct place p;
	int code = begin(e, h, &p);

	while (!code && e->rest < e->text + e->size)
		code = follow(e, kernel, &p);
	if (code)
		return code;
	f.name = named_hook__keep(h, e->text, e->size);
	if (!f.name)
		return -ENOMEM;
	if (!e->format)
		return named_function__show(h, kernel, f.name, p.type, &p.from);
	named_function__describe(h, kernel, p.type, &f, &p.from);
	code = set_format(e, &f, &p.from);
	if (!code)
		named_hook__add(h, &f, &p.from);
	return code;
}

/* Of a hook without types: some of its fields. */
static int choose_field(struct named_hook *h, const struct named_hook *all, struct expression *e)
{
	struct suggest near;
	int code;

	suggest__start(&near, e->text, e->size);
	for (unsigned int i = 0; i < all->schema.count; i++) {
		struct field f = all->fields[i];
		struct sonde_named_field from = all->from.fields[i];

		suggest__offer(&near, f.name);
		if (strlen(f.name) != e->size || memcmp(f.name, e->text, e->size))
			continue;
		code = set_format(e, &f, &from);
		if (!code)
			named_hook__add(h, &f, &from);
		return code;
	}
	return unknown(e, "field", e->text, e->size, &near);
}

int named_hook__choose(struct named_hook *h, const struct btf *kernel, const char *expressions,
		       struct error *err)
{
	struct named_hook all = *h;
	int code = 0;

	h->schema.fixed = h->schema.count = h->from.count = 0;
	h->schema.flags &= ~SCHEMA_RESULT;
	for (const char *at = expressions; *at && !code;) {
		size_t size = strcspn(at, ",");
		char text[200], *colon, *start = text;
		struct expression e = {.err = err};

		snprintf(text, sizeof(text), "%.*s", (int)size, at);
		at += size + (at[size] == ',');
		start += strspn(start, " \t");
		colon = strchr(start, ':');
		if (colon) {
			*colon = '\0';
			e.format = colon + 1;
		}
		for (char *end = start + strlen(start);
		     end > start && isspace((unsigned char)end[-1]);)
			*--end = '\0';
		e.text = e.rest = start;
		e.size = strlen(start);
		code = h->param_count ? choose(h, kernel, &e) : choose_field(h, &all, &e);
	}
	return code;
}
