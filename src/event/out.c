// SPDX-License-Identifier: Apache-2.0
/* How do numbers, names and bytes look, in strace's notation and in JSON? */
#include "out.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

/* Above this jq and JavaScript round: such numbers go out as strings. */
#define EXACT (1ull << 53)

static void quote(struct out *o)
{
	if (o->json)
		buffer__char(o->b, '"');
}

static void separate(struct out *o)
{
	if (o->comma)
		buffer__bytes(o->b, ", ", o->json ? 1 : 2);
	o->comma = true;
}

void out__open(struct out *o, char bracket)
{
	buffer__char(o->b, bracket);
	o->comma = false;
}

void out__close(struct out *o, char bracket)
{
	buffer__char(o->b, bracket);
	o->comma = true;
}

void out__key(struct out *o, const char *name)
{
	separate(o);
	quote(o);
	buffer__text(o->b, name);
	quote(o);
	buffer__char(o->b, o->json ? ':' : '=');
}

void out__element(struct out *o)
{
	separate(o);
}

void out__more(struct out *o)
{
	if (o->json)
		return;
	separate(o);
	buffer__bytes(o->b, "...", 3);
}

void out__unsigned(struct out *o, uint64_t n)
{
	bool large = o->json && n > EXACT;

	if (large)
		buffer__char(o->b, '"');
	buffer__unsigned(o->b, n);
	if (large)
		buffer__char(o->b, '"');
}

void out__signed(struct out *o, int64_t n)
{
	bool large = o->json && (n > (int64_t)EXACT || n < -(int64_t)EXACT);

	if (large)
		buffer__char(o->b, '"');
	buffer__signed(o->b, n);
	if (large)
		buffer__char(o->b, '"');
}

void out__hex(struct out *o, uint64_t n)
{
	quote(o);
	if (n || o->json)
		buffer__hex(o->b, n);
	else
		buffer__char(o->b, '0');
	quote(o);
}

void out__address(struct out *o, uint64_t n)
{
	if (n)
		out__hex(o, n);
	else
		buffer__text(o->b, o->json ? "null" : "NULL");
}

/* As strace: at least three digits. */
static void octal(struct buffer *b, uint64_t n)
{
	if (n < 0100)
		buffer__digits(b, (n >> 3) * 10 + (n & 7), 3);
	else
		buffer__octal(b, n);
}

void out__mode(struct out *o, uint64_t n)
{
	quote(o);
	octal(o->b, n);
	quote(o);
}

void out__fmode(struct out *o, uint64_t n)
{
	static const struct {
		unsigned int mode;
		const char *name;
	} types[] = {{S_IFREG, "S_IFREG|"}, {S_IFDIR, "S_IFDIR|"}, {S_IFLNK, "S_IFLNK|"},
		     {S_IFCHR, "S_IFCHR|"}, {S_IFBLK, "S_IFBLK|"}, {S_IFSOCK, "S_IFSOCK|"},
		     {S_IFIFO, "S_IFIFO|"}};
	unsigned int rest = n;

	quote(o);
	for (unsigned int i = 0; i < ARRAY_SIZE(types); i++) {
		if ((n & S_IFMT) == types[i].mode) {
			buffer__text(o->b, types[i].name);
			rest &= ~S_IFMT;
			break;
		}
	}
	if (rest & S_ISUID)
		buffer__text(o->b, "S_ISUID|");
	if (rest & S_ISGID)
		buffer__text(o->b, "S_ISGID|");
	if (rest & S_ISVTX)
		buffer__text(o->b, "S_ISVTX|");
	octal(o->b, rest & ~07000u);
	quote(o);
}

static void number_in_words(struct buffer *b, uint64_t n)
{
	if (n)
		buffer__hex(b, n);
	else
		buffer__char(b, '0');
}

/* In JSON as lsblk and /proc have it: "8:1". */
void out__dev(struct out *o, uint64_t n)
{
	if (o->json) {
		buffer__char(o->b, '"');
		buffer__unsigned(o->b, major(n));
		buffer__char(o->b, ':');
		buffer__unsigned(o->b, minor(n));
		buffer__char(o->b, '"');
		return;
	}
	buffer__text(o->b, "makedev(");
	number_in_words(o->b, major(n));
	buffer__bytes(o->b, ", ", 2);
	number_in_words(o->b, minor(n));
	buffer__char(o->b, ')');
}

void out__id(struct out *o, int64_t n)
{
	if ((uint32_t)n == ~0u)
		buffer__bytes(o->b, "-1", 2);
	else
		buffer__unsigned(o->b, (uint32_t)n);
}

void out__file(struct out *o, const struct file *file)
{
	if (o->json) {
		if (file)
			render__json_string(o->b, file->name, file->name_size);
		else
			buffer__text(o->b, "null");
		return;
	}
	paint(o->b, o->r, PAINT_RESOLVED);
	buffer__char(o->b, '<');
	if (file)
		render__escaped(o->b, file->name, file->name_size);
	else
		buffer__char(o->b, '?');
	buffer__char(o->b, '>');
	paint(o->b, o->r, PAINT_END);
}

void out__fd(struct out *o, int64_t n, const struct file *file)
{
	if (n == -100) {
		quote(o);
		buffer__bytes(o->b, "AT_FDCWD", 8);
		quote(o);
	} else {
		buffer__signed(o->b, n);
	}
	if (!o->json && file && o->r->names)
		out__file(o, file);
}

static const struct file *inner_file(const struct out *o, int64_t n)
{
	return o->field ? event__file(o->e, o->field, n) : NULL;
}

void out__inner_fd(struct out *o, int64_t n)
{
	out__fd(o, n, inner_file(o, n));
}

void out__fd_member(struct out *o, const char *name, int64_t n)
{
	const struct file *file = inner_file(o, n);

	out__key(o, name);
	out__fd(o, n, file);
	if (!o->json || !file)
		return;
	buffer__bytes(o->b, ",\"", 2);
	buffer__text(o->b, name);
	buffer__text(o->b, "_name\":");
	render__json_string(o->b, file->name, file->name_size);
}

void out__signal(struct out *o, int64_t n)
{
	const char *name = n > 0 && n <= 64 ? signal_name(n) : NULL;

	if (name)
		out__symbol(o, name);
	else
		buffer__signed(o->b, n);
}

void out__symbol(struct out *o, const char *text)
{
	quote(o);
	buffer__text(o->b, text);
	quote(o);
}

void out__note(struct out *o, const char *text)
{
	if (o->json)
		return;
	paint(o->b, o->r, PAINT_QUIET);
	buffer__bytes(o->b, " /* ", 4);
	buffer__text(o->b, text);
	buffer__bytes(o->b, " */", 3);
	paint(o->b, o->r, PAINT_END);
}

/* What all names of a table begin with, to its last underscore: AF_ of AF_UNIX and AF_INET. */
static size_t common_prefix(const struct values *values)
{
	const char *first = values->list[0].name;
	size_t end = 0;

	for (size_t i = 0; first[i]; i++) {
		for (unsigned int k = 1; k < values->count; k++) {
			if (values->list[k].name[i] != first[i])
				return end;
		}
		if (first[i] == '_')
			end = i + 1;
	}
	return end;
}

static void nameless(struct out *o, const struct values *values)
{
	size_t prefix;

	if (o->json || !values || !values->count || !(prefix = common_prefix(values)))
		return;
	paint(o->b, o->r, PAINT_QUIET);
	buffer__bytes(o->b, " /* ", 4);
	buffer__bytes(o->b, values->list[0].name, prefix);
	buffer__bytes(o->b, "??? */", 6);
	paint(o->b, o->r, PAINT_END);
}

/* What remains are permissions, always shown: IPC_CREAT|0600, IPC_CREAT|000. Other bits stay in
 * *rest. */
static bool permissions(struct out *o, bool any, uint64_t *rest)
{
	if (*rest & ~0777ull)
		return any;
	if (any)
		buffer__char(o->b, '|');
	buffer__printf(o->b, "%#03o", (unsigned int)*rest);
	*rest = 0;
	return true;
}

void out__flags(struct out *o, const struct values *values, uint64_t n)
{
	uint64_t rest = n;
	bool any = false;

	/* A flag counts while its bits are not named yet; a part of the word (O_ACCMODE) may be
	 * zero. */
	quote(o);
	for (unsigned int i = 0; values && i < values->count; i++) {
		const struct named_value *v = &values->list[i];

		if (v->mask == v->number ? !v->mask || (rest & v->mask) != v->mask
					 : (n & v->mask) != v->number)
			continue;
		if (any)
			buffer__char(o->b, '|');
		buffer__text(o->b, v->name);
		any = true;
		rest &= v->mask == ~0ull ? ~v->number : ~v->mask;
	}
	if (values && values->octal)
		any = permissions(o, any, &rest);
	if (rest || !any) {
		if (any)
			buffer__char(o->b, '|');
		number_in_words(o->b, rest);
	}
	quote(o);
	if (rest && !any)
		nameless(o, values);
}

void out__enum(struct out *o, const struct values *values, uint64_t n, bool is_signed)
{
	for (unsigned int i = 0; values && i < values->count; i++) {
		const struct named_value *v = &values->list[i];

		if ((n & v->mask) == v->number ||
		    (!(n >> 32) && (uint32_t)v->number == n && v->mask == ~0ull)) {
			out__symbol(o, v->name);
			return;
		}
	}
	if (!values || !n) {
		if (is_signed)
			out__signed(o, n);
		else
			out__unsigned(o, n);
		return;
	}
	out__hex(o, n);
	nameless(o, values);
}

void out__bytes(struct out *o, const void *data, size_t size, bool cut)
{
	size_t shown = min(size, out__limit(o));

	if (o->json) {
		render__json_string(o->b, data, size);
		return;
	}
	paint(o->b, o->r, PAINT_STRING);
	escape__quoted(o->b, data, shown);
	if (cut || shown < size)
		buffer__bytes(o->b, "...", 3);
	paint(o->b, o->r, PAINT_END);
}

void out__name(struct out *o, const void *data, size_t size)
{
	size = strnlen(data, size);
	if (o->json) {
		render__json_string(o->b, data, size);
		return;
	}
	paint(o->b, o->r, PAINT_STRING);
	escape__quoted(o->b, data, size);
	paint(o->b, o->r, PAINT_END);
}

void out__octets(struct out *o, const struct span *s)
{
	static const char digits[] = "0123456789abcdef";

	buffer__char(o->b, o->json ? '"' : '[');
	for (size_t i = 0; i < s->size; i++) {
		if (!o->json)
			buffer__text(o->b, i ? ", " : "");
		buffer__char(o->b, digits[s->data[i] >> 4]);
		buffer__char(o->b, digits[s->data[i] & 15]);
	}
	buffer__char(o->b, o->json ? '"' : ']');
}

void out__timespec(struct out *o, const struct span *s, const char *fraction)
{
	out__open(o, '{');
	out__key(o, "tv_sec");
	out__signed(o, span__get(s, 0, 8));
	out__key(o, fraction);
	if (fraction[3] == 'n' && span__get(s, 8, 8) == 0x3fffffff)
		out__symbol(o, "UTIME_NOW");
	else if (fraction[3] == 'n' && span__get(s, 8, 8) == 0x3ffffffe)
		out__symbol(o, "UTIME_OMIT");
	else
		out__signed(o, span__get(s, 8, 8));
	out__close(o, '}');
}
