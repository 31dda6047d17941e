// SPDX-License-Identifier: Apache-2.0
/* Which of a hook's arguments, and which members behind them, does a user want? */
#include "named.h"
#include "../base/suggest.h"
#include "types.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DEEPEST   16    /* structs without names within one another */
#define MOST_SEEN 65536 /* members that are looked at: a damaged file may have no end of them */

/* How far an expression was followed: to something of this type, at the end of these steps. */
struct place {
	const struct named_param *param;
	struct type_ref type;
	struct sonde_named_field from;
	bool settled;
};

struct expression {
	const char *text;
	size_t size;        /* without blanks and format */
	const char *rest;   /* what is to be read of it */
	const char *format; /* behind the colon, or NULL */
	const struct types *types;
	struct suggest near;
	unsigned int seen;
	struct error *err;
};

static size_t word_size(const char *text)
{
	size_t size = 0;

	while (text[size] == '_' || isalnum((unsigned char)text[size]))
		size++;
	return size;
}

/* Rust's x.0 is called __0. */
static bool is_named(const char *theirs, const char *name, size_t size)
{
	if (size && isdigit((unsigned char)*name) && !strncmp(theirs, "__", 2))
		theirs += 2;
	return strlen(theirs) == size && !memcmp(theirs, name, size);
}

/* Members of structs without a name are those of the one around them. False: there is none. */
static bool find_member(struct expression *e, const struct type_ref *type, const char *name,
			size_t size, unsigned int depth, struct type_member *ret)
{
	const struct types *types = e->types;
	struct type_member m = {};
	struct type_shape inner;

	while (depth < DEEPEST && e->seen++ < MOST_SEEN && types->next(types->of, type, &m)) {
		uint64_t at = m.offset;

		if (*m.name) {
			suggest__offer(&e->near, m.name);
			if (!is_named(m.name, name, size))
				continue;
			*ret = m;
			return true;
		}
		types->look(types->of, &m.type, &inner);
		if (inner.what == TYPE_STRUCT &&
		    find_member(e, &inner.self, name, size, depth + 1, ret)) {
			ret->offset += at;
			return true;
		}
	}
	return false;
}

static int wrong(const struct expression *e, const char *text)
{
	return error__set(e->err, -EINVAL, "%.*s: %s", (int)e->size, e->text, text);
}

static int unknown(const struct expression *e, const char *what, const char *name, size_t size)
{
	const char *best = e->near.best;

	return error__set(e->err, -EINVAL, "%.*s: there is no %s %.*s%s%s%s", (int)e->size, e->text,
			  what, (int)size, name, best ? "; did you mean " : "", best ?: "",
			  best ? "?" : "");
}

/* Of an argument that lies in registers the one with this byte. */
static const struct named_part *part_of(const struct named_param *param, uint32_t offset)
{
	const struct named_part *part = NULL;

	for (unsigned int i = 0; i < param->part_count; i++)
		if (param->parts[i].first <= offset)
			part = &param->parts[i];
	return part;
}

/*
 * The first offset was one in the argument, from here on it is one in the context. `size`: of what
 * is there.
 */
static int settle(const struct expression *e, struct place *p, uint32_t size)
{
	uint32_t offset = p->from.offsets[0];
	const struct named_part *part = part_of(p->param, offset);

	if (p->param->missing)
		return wrong(e, p->param->missing);
	p->settled = true;
	if (!p->param->part_count)
		return 0;
	if (part && part_of(p->param, offset + (size ? size - 1 : 0)) != part)
		return wrong(e, "it lies in two registers: choose among its members");
	if (!part || offset - part->first > 8 - min(size, 8u) || size > 8)
		return wrong(e, "not as large as its members have it");
	if (part->offset == NAMED_NOWHERE)
		return wrong(e, "in a register for floating-point numbers, which is not read");
	p->from.offsets[0] += part->offset - part->first;
	return 0;
}

/* Text whose length lies in another register than its address. */
static int settle_text(const struct expression *e, struct place *p)
{
	struct place length = *p;
	int code;

	length.from.offsets[0] += p->from.size;
	code = settle(e, &length, 8) ?: settle(e, p, 8);
	p->from.size = length.from.offsets[0] - p->from.offsets[0];
	return code;
}

static int settle_all(const struct expression *e, struct place *p)
{
	uint8_t what = p->from.what;
	bool bytes = what == SONDE_NAMED_BYTES || what == SONDE_NAMED_STRING;

	if (p->settled)
		return 0;
	if (p->from.steps)
		return settle(e, p, 8);
	return what == SONDE_NAMED_TEXT ? settle_text(e, p)
					: settle(e, p, bytes ? p->from.size : 1);
}

/* To what is at the address that was reached. */
static int step(const struct expression *e, struct place *p, const struct type_shape *s)
{
	int code = p->settled ? 0 : settle(e, p, 8);

	if (code)
		return code;
	if (p->from.steps + 1 >= SONDE_NAMED_STEPS)
		return error__set(e->err, -EINVAL, "%.*s: more than %d arrows", (int)e->size,
				  e->text, SONDE_NAMED_STEPS - 1);
	p->from.steps++;
	if (e->types->user)
		p->from.user = 1;
	p->type = s->inner;
	return 0;
}

static int begin(struct expression *e, const struct named_hook *h, struct place *p)
{
	size_t size = word_size(e->rest);

	suggest__start(&e->near, e->rest, size);
	for (unsigned int i = 0; i < h->param_count; i++) {
		const struct named_param *param = &h->params[i];

		suggest__offer(&e->near, param->name);
		if (strlen(param->name) != size || memcmp(param->name, e->rest, size))
			continue;
		*p = (struct place){param, param->type, param->from};
		e->rest += size;
		return 0;
	}
	return unknown(e, "argument", e->rest, size);
}

static void enter(struct place *p, const struct type_member *m)
{
	p->from.offsets[p->from.steps] += m->offset;
	p->type = m->type;
	p->from.bits = m->bits;
	p->from.bit = m->bit_offset;
}

/* One more "[3]": of an array, or of what a pointer points to. */
static int follow_index(struct expression *e, struct place *p, const struct type_shape *s)
{
	char *end;
	unsigned long long index = strtoull(e->rest + 1, &end, 0);
	int code = 0;

	if (!isdigit((unsigned char)e->rest[1]) || *end != ']')
		return wrong(e, "an index is a number: x[3]");
	if (s->what != TYPE_ARRAY && s->what != TYPE_POINTER)
		return wrong(e, "no array, so it has no index");
	if (s->what == TYPE_ARRAY && s->count && index >= s->count)
		return error__set(e->err, -EINVAL, "%.*s: the array has %llu elements, from 0 on",
				  (int)e->size, e->text, (unsigned long long)s->count);
	if (!s->size || index > INT32_MAX / s->size)
		return wrong(e, "where that is, is not known");
	if (s->what == TYPE_POINTER)
		code = step(e, p, s);
	p->type = s->inner;
	p->from.offsets[p->from.steps] += index * s->size;
	e->rest = end + 1;
	return code;
}

/* One more "->member" or ".member". */
static int follow_member(struct expression *e, struct place *p, struct type_shape *s)
{
	bool arrow = *e->rest == '-';
	const char *name = e->rest + 1 + arrow;
	size_t size = word_size(name);
	struct type_member m;
	int code = 0;

	if (arrow && s->what != TYPE_POINTER)
		return error__set(e->err, -EINVAL,
				  "%.*s: no address, so \".\" leads to its member %.*s",
				  (int)e->size, e->text, (int)size, name);
	if (!arrow && s->what == TYPE_POINTER && !s->reference)
		return error__set(e->err, -EINVAL,
				  "%.*s: an address, so \"->\" leads to its member %.*s",
				  (int)e->size, e->text, (int)size, name);
	/* Of what refers to a reference, or to a pointer, one sees but the last. */
	do {
		if (s->what == TYPE_POINTER)
			code = step(e, p, s);
		if (!code)
			e->types->look(e->types->of, &p->type, s);
	} while (!code && s->what == TYPE_POINTER && s->reference);
	if (code)
		return code;
	if (s->what == TYPE_UNKNOWN)
		return wrong(e, "only the name of this struct is known here, not its members");
	if (s->what != TYPE_STRUCT)
		return error__set(e->err, -EINVAL, "%.*s: %.*s is no struct, so it has no members",
				  (int)e->size, e->text, (int)(e->rest - e->text), e->text);
	suggest__start(&e->near, name, size);
	if (!size || !find_member(e, &s->self, name, size, 0, &m))
		return unknown(e, "member", name, size);
	enter(p, &m);
	e->rest = name + size;
	return 0;
}

static int follow(struct expression *e, struct place *p)
{
	struct type_shape s;

	e->types->look(e->types->of, &p->type, &s);
	if (*e->rest == '[')
		return follow_index(e, p, &s);
	if (*e->rest == '.' || !strncmp(e->rest, "->", 2))
		return follow_member(e, p, &s);
	return error__set(e->err, -EINVAL,
			  "%.*s: \"%s\" is not understood; an expression is like how->flags:x",
			  (int)e->size, e->text, e->rest);
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

/* Text is there itself, not behind an address. */
static bool is_text(struct field *f, struct sonde_named_field *from)
{
	if (from->what == SONDE_NAMED_BYTES)
		from->what = SONDE_NAMED_STRING;
	if (from->what != SONDE_NAMED_STRING && from->what != SONDE_NAMED_TEXT)
		return false;
	f->kind = KIND_string;
	return true;
}

static int set_format(const struct expression *e, struct field *f, struct sonde_named_field *from)
{
	for (unsigned int i = 0; e->format && i < ARRAY_SIZE(formats); i++) {
		if (strcmp(e->format, formats[i].format))
			continue;
		if (formats[i].kind == KIND_string && is_text(f, from))
			return 0;
		if (from->what == SONDE_NAMED_TEXT) /* its size is where its length is */
			from->size = 8;
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

/* Of a bit-field the bytes in which it lies. */
static int take_bits(const struct expression *e, struct sonde_named_field *from)
{
	if (from->bits + from->bit > 64)
		return wrong(e, "a bit-field that lies in 9 bytes, which is not read");
	if (from->bits)
		from->size = (from->bit + from->bits + 7) / 8;
	return 0;
}

/* Adds what was reached, under the expression's text. */
static int add_place(struct named_hook *h, struct expression *e, struct place *p)
{
	struct field f = {.help = "", .provenance = e->types->user ? FROM_USER : FROM_KERNEL};
	const char *why;
	int code;

	if (p->param->missing)
		return wrong(e, p->param->missing);
	f.name = named_hook__keep(h, e->text, e->size);
	if (!f.name)
		return -ENOMEM;
	if (e->types->show && !e->format)
		return take_bits(e, &p->from)
			       ?: e->types->show(e->types->of, h, f.name, &p->type, &p->from);
	why = e->types->describe(e->types->of, h, &p->type, &f, &p->from);
	if (why && !e->format)
		return wrong(e, why);
	code = settle_all(e, p) ?: set_format(e, &f, &p->from);
	if (!code)
		code = take_bits(e, &p->from);
	if (!code)
		named_hook__add(h, &f, &p->from);
	return code;
}

static int choose(struct named_hook *h, struct expression *e)
{
	struct place p;
	int code = begin(e, h, &p);

	while (!code && e->rest < e->text + e->size)
		code = follow(e, &p);
	return code ?: add_place(h, e, &p);
}

static bool is_shown_as(struct named_hook *h, const struct types *types, struct place p,
			enum kind kind)
{
	struct field f = {.name = ""};

	return !types->describe(types->of, h, &p.type, &f, &p.from) && f.kind == kind;
}

/* Of a struct that is passed as such: its members, as far as they are numbers or text. False: some
 * are not to be had. */
static bool add_members(struct named_hook *h, const struct types *types, const struct place *whole,
			const struct type_shape *s)
{
	struct type_member m = {};
	unsigned int seen = 0;
	bool all = true;

	/* A damaged file may have no end of them: one too many is said, and suffices. */
	while ((h->from.count < SONDE_NAMED_FIELDS || !h->schema.blind) && seen++ < MOST_SEEN &&
	       types->next(types->of, &s->self, &m)) {
		char text[200];
		struct expression e = {.text = text, .types = types};
		struct type_shape inner;
		struct place p = *whole;

		types->look(types->of, &m.type, &inner);
		enter(&p, &m);
		e.size = snprintf(text, sizeof(text), "%s.%s", whole->param->name, m.name);
		all &= is_plain_name(m.name) && e.size < sizeof(text) &&
		       (inner.what == TYPE_OTHER || inner.what == TYPE_POINTER ||
			is_shown_as(h, types, p, KIND_string)) &&
		       !add_place(h, &e, &p);
	}
	return all;
}

/* One argument, or as much of it as can be shown. False: something is missing. */
static bool add_param(struct named_hook *h, const struct types *types,
		      const struct named_param *param)
{
	struct place p = {param, param->type, param->from};
	struct expression e = {.text = param->name, .size = strlen(param->name), .types = types};
	unsigned int before = h->from.count;
	struct type_shape s;
	bool all;

	if (param->missing)
		return false;
	types->look(types->of, &param->type, &s);
	if (s.what != TYPE_STRUCT || s.is_union || is_shown_as(h, types, p, KIND_string))
		return !add_place(h, &e, &p);
	all = add_members(h, types, &p, &s);
	/* Where none of them can be shown, it is a number itself, if it is as small as one. */
	return h->from.count > before ? all
				      : is_shown_as(h, types, p, KIND_hex) && !add_place(h, &e, &p);
}

unsigned int named_hook__choose_all(struct named_hook *h, const struct types *types)
{
	unsigned int unseen = 0;

	for (unsigned int i = 0; i < h->param_count; i++)
		unseen += !add_param(h, types, &h->params[i]);
	return unseen;
}

/* Of a hook without types: some of its fields. */
static int choose_field(struct named_hook *h, const struct named_hook *all, struct expression *e)
{
	int code;

	suggest__start(&e->near, e->text, e->size);
	for (unsigned int i = 0; i < all->schema.count; i++) {
		struct field f = all->fields[i];
		struct sonde_named_field from = all->from.fields[i];

		suggest__offer(&e->near, f.name);
		if (strlen(f.name) != e->size || memcmp(f.name, e->text, e->size))
			continue;
		code = set_format(e, &f, &from);
		if (!code)
			named_hook__add(h, &f, &from);
		return code;
	}
	if (all->schema.blind)
		return error__set(e->err, -EINVAL, "%.*s: there is no such field; not read are: %s",
				  (int)e->size, e->text, all->schema.blind);
	return unknown(e, "field", e->text, e->size);
}

int named_hook__choose(struct named_hook *h, const struct types *types, const char *expressions,
		       struct error *err)
{
	struct named_hook all = *h;
	int code = 0;

	h->schema.fixed = h->schema.count = h->from.count = 0;
	h->schema.flags &= ~SCHEMA_RESULT;
	for (const char *at = expressions; *at && !code;) {
		size_t size = strcspn(at, ",");
		char text[200], *colon, *start = text;
		struct expression e = {.types = types, .err = err};

		if (size >= sizeof(text))
			return error__set(err, -EINVAL, "%.40s...: more than %zu characters", at,
					  sizeof(text) - 1);
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
		code = h->param_count ? choose(h, &e) : choose_field(h, &all, &e);
	}
	return code;
}
