// SPDX-License-Identifier: Apache-2.0
/* How does a value look: to people, as plain text, as JSON? Structures have files of their own. */
#include "catalogue.h"
#include "out.h"
#include "tables.h"

#include <math.h>
#include <stdio.h>

static void note_error(struct out *o, uint32_t error)
{
	const char *name = error <= 4095 ? errno_name(error) : NULL;
	char text[40] = "unreadable";

	if (name) {
		memcpy(text + 10, ": ", 2);
		memcpy(text + 12, name, min(strlen(name) + 1, sizeof(text) - 13));
	}
	out__note(o, text);
}

/* What there is to say of a value that was not read. In JSON an object, so that nobody takes it for
 * the value. */
static void absent(struct out *o, const struct value *v, const char *why, const char *text)
{
	if (!o->json)
		return;
	out__open(o, '{');
	if (v->state != VALUE_GONE) {
		out__key(o, "address");
		out__hex(o, v->number);
	}
	out__key(o, why);
	buffer__text(o->b, text);
	out__close(o, '}');
}

static bool state(struct out *o, const struct value *v)
{
	const char *name;

	switch (v->state) {
	case VALUE_OK:
		return false;
	case VALUE_NONE:
		if (o->json)
			buffer__text(o->b, "null");
		break;
	case VALUE_NULL:
		buffer__text(o->b, o->json ? "null" : "NULL");
		break;
	case VALUE_ADDRESS:
		out__address(o, v->number);
		break;
	case VALUE_FAULT:
		if (!o->json) {
			/* what the kernel makes has no address */
			if (v->number)
				out__address(o, v->number);
			else
				buffer__char(o->b, '?');
			note_error(o, v->whole);
			break;
		}
		name = v->whole <= 4095 ? errno_name(v->whole) : NULL;
		out__open(o, '{');
		out__key(o, "address");
		out__hex(o, v->number);
		out__key(o, "error");
		out__symbol(o, name ? name : "EFAULT");
		out__close(o, '}');
		break;
	case VALUE_GONE:
		if (o->json)
			absent(o, v, "gone", "true");
		else
			buffer__text(o->b, "/* gone */");
		break;
	case VALUE_NOT_DECODED:
		if (o->json) {
			absent(o, v, "not_decoded", "true");
		} else {
			out__address(o, v->number);
			out__note(o, "not decoded");
		}
		break;
	}
	return true;
}

/* Each string ends in a NUL, but for the last when it was cut. */
static void strings(struct out *o, const struct value *v)
{
	const char *p = v->data, *end = p + v->size;
	size_t shown = 0;

	/* Only counted: the environment, which is nobody's business unless asked for. */
	if (!v->size && v->whole && v->whole != SONDE_WHOLE_UNKNOWN) {
		if (o->json) {
			out__open(o, '{');
			out__key(o, "address");
			out__hex(o, v->number);
			out__key(o, "count");
			out__unsigned(o, v->whole);
			out__close(o, '}');
			return;
		}
		out__address(o, v->number);
		paint(o->b, o->r, PAINT_QUIET);
		buffer__bytes(o->b, " /* ", 4);
		buffer__unsigned(o->b, v->whole);
		buffer__text(o->b, v->whole == 1 ? " var */" : " vars */");
		paint(o->b, o->r, PAINT_END);
		return;
	}
	out__open(o, '[');
	while (p < end) {
		const char *nul = memchr(p, 0, end - p);
		size_t size = (nul ? nul : end) - p;

		if (shown++ == out__limit(o)) {
			out__more(o);
			break;
		}
		out__element(o);
		out__bytes(o, p, size, !nul && v->cut);
		p += size + 1;
	}
	if (v->cut && p >= end)
		out__more(o);
	out__close(o, ']');
}

static void text(struct out *o, const struct value *v)
{
	const struct field *f = v->field;
	bool resolved = f->provenance == FROM_KERNEL && f->kind == KIND_path;

	if (o->json) {
		render__json_string(o->b, v->data, v->size);
		return;
	}
	paint(o->b, o->r, resolved ? PAINT_RESOLVED : PAINT_STRING);
	if (resolved) {
		buffer__char(o->b, '<');
		render__escaped(o->b, v->data, v->size);
		buffer__char(o->b, '>');
	} else if (f->kind == KIND_string) {
		escape__quoted(o->b, v->data, min(v->size, o->r->string_limit));
	} else {
		escape__quoted(o->b, v->data, v->size);
	}
	if (v->cut || (f->kind == KIND_string && v->size > o->r->string_limit))
		buffer__bytes(o->b, "...", 3);
	paint(o->b, o->r, PAINT_END);
}

/* 4.1 ms: three digits and a unit. */
static void duration(struct out *o, uint64_t ns)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = {{1000000000, " s"}, {1000000, " ms"}, {1000, " us"}};

	for (unsigned int i = 0; !o->json && i < ARRAY_SIZE(units); i++) {
		if (ns < units[i].ns)
			continue;
		buffer__unsigned(o->b, ns / units[i].ns);
		if (ns < units[i].ns * 100) {
			buffer__char(o->b, '.');
			buffer__char(o->b, '0' + ns / (units[i].ns / 10) % 10);
		}
		buffer__text(o->b, units[i].name);
		return;
	}
	out__unsigned(o, ns);
	if (!o->json)
		buffer__text(o->b, " ns");
}

static void epoch(struct out *o, uint64_t ns)
{
	if (o->json) {
		buffer__char(o->b, '"');
		buffer__unsigned(o->b, ns);
		buffer__char(o->b, '"');
		return;
	}
	buffer__unsigned(o->b, ns / 1000000000);
	buffer__char(o->b, '.');
	buffer__digits(o->b, ns % 1000000000, 9);
}

static void ioctl_request(struct out *o, const struct values *values, uint32_t n)
{
	static const char *const directions[] = {"_IOC_NONE", "_IOC_WRITE", "_IOC_READ",
						 "_IOC_READ|_IOC_WRITE"};

	for (unsigned int i = 0; values && i < values->count; i++) {
		if (values->list[i].number == n) {
			out__symbol(o, values->list[i].name);
			return;
		}
	}
	if (o->json)
		buffer__char(o->b, '"');
	buffer__text(o->b, "_IOC(");
	buffer__text(o->b, directions[n >> 30]);
	buffer__bytes(o->b, ", ", 2);
	buffer__hex(o->b, n >> 8 & 0xff);
	buffer__bytes(o->b, ", ", 2);
	buffer__hex(o->b, n & 0xff);
	buffer__bytes(o->b, ", ", 2);
	buffer__hex(o->b, n >> 16 & 0x3fff);
	buffer__char(o->b, ')');
	if (o->json)
		buffer__char(o->b, '"');
}

void out__caps(struct out *o, uint64_t set)
{
	const struct values *names = &tables[TABLE_capability];
	bool any = false;

	/* Nearly everything is held: what is missing says more. */
	if (o->json)
		buffer__char(o->b, '"');
	for (unsigned int bit = 0; bit < 64; bit++) {
		if (!(set >> bit & 1))
			continue;
		if (any)
			buffer__char(o->b, '|');
		any = true;
		buffer__bytes(o->b, "1<<", 3);
		for (unsigned int i = 0;; i++) {
			if (!names || i == names->count) {
				buffer__unsigned(o->b, bit);
				break;
			}
			if (names->list[i].number == bit) {
				buffer__text(o->b, names->list[i].name);
				break;
			}
		}
	}
	if (!any)
		buffer__char(o->b, '0');
	if (o->json)
		buffer__char(o->b, '"');
}

static void capability(struct out *o, unsigned int bit, char before)
{
	const struct named_value *named = values__value(&tables[TABLE_capability], bit);

	if (before)
		buffer__char(o->b, before);
	if (named)
		buffer__text(o->b, named->name);
	else
		buffer__unsigned(o->b, bit);
}

/* Of a set that is nearly full, what is missing says more: all-CAP_SYS_ADMIN. */
static void capabilities(struct out *o, uint64_t set)
{
	uint64_t known = (1ull << tables[TABLE_capability].count) - 1, list = set;
	bool missing = __builtin_popcountll(set & known) > __builtin_popcountll(~set & known);
	char before = 0;

	if (o->json || !set) {
		out__caps(o, set);
		return;
	}
	if (missing) {
		buffer__text(o->b, "all");
		before = '-';
		list = ~set & known;
	}
	for (unsigned int bit = 0; bit < 64; bit++) {
		if (!(list >> bit & 1))
			continue;
		capability(o, bit, before);
		before = missing ? '-' : '|';
	}
}

static void system_call(struct out *o, uint64_t number)
{
	bool compat = o->e && o->e->record->flags & SONDE_RECORD_COMPAT;
	const struct schema *call = catalogue__by_number((int32_t)number, compat);

	if (call)
		out__symbol(o, call->name);
	else
		out__signed(o, (int32_t)number);
}

/* Serial numbers are positive; some keyrings have a negative one and a name. */
static void key(struct out *o, const struct values *values, int64_t n)
{
	const struct named_value *named = values ? values__value(values, n) : NULL;

	if (named)
		out__symbol(o, named->name);
	else
		out__signed(o, n);
}

static void call(struct out *o, int64_t n)
{
	const struct schema *s = n < 0 ? NULL : catalogue__by_number(n & 0xffff, n >> 16);

	if (s)
		out__symbol(o, s->name);
	else
		out__signed(o, n);
}

/* As few digits as make it this number, and no other one. JSON has no numbers that are none. */
static void real_number(struct out *o, enum kind kind, uint64_t bits)
{
	double n = kind__real(kind, bits);
	char text[40];

	for (int digits = kind == KIND_float ? 6 : 15; digits < 18; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, n);
		if (kind == KIND_float ? strtof(text, NULL) == (float)n : strtod(text, NULL) == n)
			break;
	}
	if (isfinite(n))
		buffer__text(o->b, text);
	else
		out__symbol(o, isnan(n) ? "nan" : n < 0 ? "-inf" : "inf");
}

static void number(struct out *o, const struct value *v)
{
	const struct field *f = v->field;
	const struct named_value *named;
	const char *name;

	if (f->values && (f->kind == KIND_ulong || f->kind == KIND_address)) {
		named = values__value(f->values, v->number);
		if (named) {
			out__symbol(o, named->name);
			return;
		}
	}
	switch (f->kind) {
	case KIND_int:
	case KIND_pid:
	case KIND_long:
	case KIND_offset:
		out__signed(o, (int64_t)v->number);
		break;
	case KIND_bool:
		if (v->number > 1)
			out__unsigned(o, v->number);
		else
			buffer__text(o->b, v->number ? "true" : "false");
		break;
	case KIND_hex:
		out__hex(o, v->number);
		break;
	case KIND_float:
	case KIND_double:
		real_number(o, f->kind, v->number);
		break;
	case KIND_address:
	case KIND_opaque:
		out__address(o, v->number);
		break;
	case KIND_flags:
	case KIND_flags64:
		out__flags(o, f->values, v->number);
		break;
	case KIND_enum:
		out__enum(o, f->values, v->number, false);
		break;
	case KIND_mode:
		out__mode(o, v->number);
		break;
	case KIND_fmode:
		out__fmode(o, v->number);
		break;
	case KIND_dev:
		out__dev(o, v->number);
		break;
	case KIND_uid:
	case KIND_gid:
		out__id(o, v->number);
		break;
	case KIND_signal:
		out__signal(o, (int64_t)v->number);
		break;
	case KIND_errno:
		name = (int64_t)v->number > 0   ? errno_name(v->number)
		       : (int64_t)v->number < 0 ? errno_name(-v->number)
						: NULL;
		if (name)
			out__symbol(o, name);
		else
			out__signed(o, v->number);
		break;
	case KIND_call:
		call(o, (int64_t)v->number);
		break;
	case KIND_key:
		key(o, f->values, (int64_t)v->number);
		break;
	case KIND_ioctl:
		ioctl_request(o, f->values, v->number);
		break;
	case KIND_duration:
		duration(o, v->number);
		break;
	case KIND_time:
		epoch(o, v->number);
		break;
	case KIND_syscall:
		system_call(o, v->number);
		break;
	case KIND_caps:
		capabilities(o, v->number);
		break;
	case KIND_file:
		out__file(o, v->file);
		break;
	case KIND_fd:
		out__fd(o, (int64_t)v->number, v->file);
		break;
	default:
		out__unsigned(o, v->number);
	}
}

void render__any(struct out *o, const struct value *v)
{
	o->field = v->field;
	if (state(o, v))
		return;
	switch (v->field->kind) {
	case KIND_path:
	case KIND_string:
	case KIND_text:
		text(o, v);
		return;
	case KIND_strings:
	case KIND_env:
		strings(o, v);
		return;
	case KIND_buffer:
		out__bytes(o, v->data, v->size, v->cut);
		return;
	}
	if (kinds[v->field->kind].class != CLASS_DATA)
		number(o, v);
	else if (!render__structure(o, v) && !render__network(o, v) && !render__signals(o, v))
		out__address(o, v->number);
}

void render__value(struct buffer *b, const struct render *r, const struct event *e,
		   const struct value *v)
{
	struct out o = {.b = b, .r = r, .e = e};

	render__any(&o, v);
}

void render__json(struct buffer *b, const struct render *r, const struct event *e,
		  const struct value *v)
{
	static const struct render plain = {.string_limit = UINT32_MAX};
	struct out o = {.b = b, .r = &plain, .e = e, .json = true};

	(void)r;
	render__any(&o, v);
}

/* Names with blanks between them, as sysdig has them. */
static void plain_caps(struct buffer *b, uint64_t caps)
{
	const struct values *names = values__find("capability");
	size_t start = b->size;

	for (unsigned int bit = 0; bit < 64; bit++) {
		const struct named_value *name = names ? values__value(names, bit) : NULL;

		if (!(caps & 1ull << bit))
			continue;
		if (b->size > start)
			buffer__char(b, ' ');
		if (name)
			buffer__text(b, name->name);
		else
			buffer__unsigned(b, bit);
	}
}

void render__plain(struct buffer *b, const struct render *r, const struct event *e,
		   const struct value *v)
{
	const struct render bare = {.string_limit = r ? r->string_limit : UINT32_MAX};
	struct out o = {.b = b, .r = &bare, .e = e};
	const char *p, *end;

	if (v->state == VALUE_NONE || v->state == VALUE_GONE)
		return;
	if (v->state != VALUE_OK) {
		out__address(&o, v->state == VALUE_NULL ? 0 : v->number);
		return;
	}
	switch (v->field->kind) {
	case KIND_path:
	case KIND_string:
	case KIND_text:
	case KIND_buffer:
		buffer__bytes(b, v->data, v->size);
		return;
	case KIND_strings:
	case KIND_env:
		/* Words as on a command line. */
		p = v->data;
		end = p + v->size;
		while (p < end) {
			size_t size = strnlen(p, end - p);

			buffer__bytes(b, p, size);
			p += size + 1;
			if (p < end)
				buffer__char(b, ' ');
		}
		return;
	case KIND_duration:
	case KIND_time:
		buffer__unsigned(b, v->number);
		return;
	case KIND_caps:
		plain_caps(b, v->number);
		return;
	}
	render__any(&o, v);
}
