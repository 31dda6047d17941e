// SPDX-License-Identifier: Apache-2.0
/* What does a tracepoint's `format` file say of its fields? */
#include "named.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* "unsigned int nr_sector;	offset:24;	size:4;	signed:0;" */
struct declaration {
	const char *type, *name; /* not ended by NUL */
	size_t type_size, name_size;
	unsigned int offset, size;
	unsigned int elements; /* of an array; 0: it is none, or has no fixed size */
	bool is_signed, array, located, relative;
};

static bool is_name(char c)
{
	return c == '_' || isalnum((unsigned char)c);
}

/* Whether the type has this word: "char" in "const char *", not in "uchar". */
static bool has_word(const struct declaration *d, const char *word)
{
	size_t size = strlen(word);

	for (const char *at = d->type; at + size <= d->type + d->type_size; at++)
		if (!memcmp(at, word, size) && (at == d->type || !is_name(at[-1])) &&
		    (at + size == d->type + d->type_size || !is_name(at[size])))
			return true;
	return false;
}

static bool has_char(const struct declaration *d, char c)
{
	return memchr(d->type, c, d->type_size);
}

static bool read_declaration(struct declaration *d, const char *line)
{
	const char *end = strchr(line, ';'), *name, *bracket;
	unsigned int is_signed;

	*d = (struct declaration){.type = line};
	if (!end ||
	    sscanf(end, "; offset:%u; size:%u; signed:%u;", &d->offset, &d->size, &is_signed) != 3)
		return false;
	d->is_signed = is_signed;
	d->located = !strncmp(line, "__data_loc ", 11);
	d->relative = !strncmp(line, "__rel_loc ", 10);
	bracket = memchr(line, '[', end - line);
	/* An array's length stands behind the name, or, where it varies, behind the type. */
	d->array = bracket != NULL;
	if (bracket && !d->located && !d->relative) {
		d->elements = strtoul(bracket + 1, NULL, 0);
		end = bracket;
	}
	for (name = end; name > line && is_name(name[-1]); name--)
		;
	d->name = name;
	d->name_size = end - name;
	d->type_size = name - line;
	return d->name_size > 0 && d->type_size > 0;
}

/* The next number in an expression such as "(1UL << 3)", "0x40" or "-1". */
static bool read_number(const char *text, const char *end, uint64_t *number)
{
	char *rest;

	while (text < end && (*text == '(' || isspace((unsigned char)*text)))
		text++;
	if (text == end || !(isdigit((unsigned char)*text) || *text == '-'))
		return false;
	*number = strtoull(text, &rest, 0);
	rest += strspn(rest, "uUlL");
	rest += strspn(rest, " \t");
	if (rest + 2 < end && !strncmp(rest, "<<", 2))
		*number <<= strtoul(rest + 2, NULL, 0) & 63;
	return true;
}

/* `{ 0x1, "S" }, { 0x2, "D" } ...)`: what has a number is taken. NULL: nothing is. */
static struct values *read_values(struct named_hook *h, const char *list, bool flags)
{
	struct named_value found[64];
	struct values *values;
	unsigned int count = 0;

	while (*list == '{' && count < ARRAY_SIZE(found)) {
		const char *comma = strchr(list, ','), *end = strchr(list, '}'),
			   *text = comma ? strchr(comma, '"') : NULL,
			   *quote = text ? strchr(text + 1, '"') : NULL;
		struct named_value *v = &found[count];

		/* A name may hold a brace. */
		if (quote && end && quote > end)
			end = strchr(quote, '}');
		if (!quote || !end)
			break;
		if (read_number(list + 1, comma, &v->number)) {
			v->mask = flags ? v->number : ~0ull;
			v->name = named_hook__keep(h, text + 1, quote - text - 1);
			count += v->name && (!flags || v->number);
		}
		list = end + 1;
		list += strspn(list, ", \t");
	}
	values = count ? named_hook__keep(h, &(struct values){}, sizeof(*values)) : NULL;
	if (!values)
		return NULL;
	values->name = "";
	values->list = named_hook__keep(h, found, count * sizeof(*found));
	values->count = values->list ? count : 0;
	return values;
}

/* What print fmt does with a field: names its values, or prints it in hex. */
static void read_print(struct named_hook *h, struct field *f, const struct declaration *d,
		       const char *print)
{
	static const struct {
		const char *text;
		bool flags;
	} functions[] = {
		{"__print_flags(", true},
		{"__print_flags_u64(", true},
		{"__print_symbolic(", false},
		{"__print_symbolic_u64(", false},
	};
	char rec[80];

	snprintf(rec, sizeof(rec), "REC->%.*s", (int)d->name_size, d->name);
	for (unsigned int i = 0; i < ARRAY_SIZE(functions) && (!f->values || !f->values->count);
	     i++) {
		for (const char *at = print; (at = strstr(at, functions[i].text)); at++) {
			const char *argument = at + strlen(functions[i].text), *list;
			const struct values *values;

			argument += strspn(argument, "( ");
			if (strncmp(argument, rec, strlen(rec)) || is_name(argument[strlen(rec)]))
				continue;
			list = strchr(argument, '{');
			values = list ? read_values(h, list, functions[i].flags) : NULL;
			if (values) {
				f->values = values;
				f->kind = functions[i].flags ? KIND_flags64 : KIND_enum;
			}
			break;
		}
	}
}

/* Whether the format has such a conversion, and for bytes that may be the field's: an address has
 * room for one of IPv6. */
static bool is_printed(const struct declaration *d, const char *print, const char *conversion)
{
	return (d->located || d->relative || d->size >= 28) && strstr(print, conversion);
}

static enum kind number_kind(const struct declaration *d)
{
	return has_char(d, '*')                                ? KIND_address
	       : has_word(d, "bool")                           ? KIND_bool
	       : has_word(d, "pid_t")                          ? KIND_pid
	       : has_word(d, "uid_t") || has_word(d, "kuid_t") ? KIND_uid
	       : has_word(d, "gid_t") || has_word(d, "kgid_t") ? KIND_gid
	       : has_word(d, "umode_t") && d->size == 2        ? KIND_fmode
	       : d->is_signed                                  ? KIND_long
							       : KIND_ulong;
}

/* A field that is bytes: a string, an address of the network, or just bytes. */
static void describe_bytes(struct field *f, struct sonde_named_field *from,
			   const struct declaration *d, const char *print)
{
	bool string = has_word(d, "char") && !has_word(d, "unsigned");

	f->kind = string                         ? KIND_string
		  : has_word(d, "cpumask_t")     ? KIND_cpu_set
		  : is_printed(d, print, "%pIS") ? KIND_sockaddr
						 : KIND_buffer;
	if (d->located)
		from->what = string ? SONDE_NAMED_LOCATED_STRING : SONDE_NAMED_LOCATED;
	else if (d->relative)
		from->what = string ? SONDE_NAMED_RELATIVE_STRING : SONDE_NAMED_RELATIVE;
	else
		from->what = string ? SONDE_NAMED_STRING : SONDE_NAMED_BYTES;
	if (!string && (d->size == 4 || d->size == 16) && d->name_size > 4 && !d->located &&
	    memmem(d->name, d->name_size, "addr", 4))
		f->kind = KIND_ip;
}

/* What it is called, for named_function__enums(): the kernel's types have the names of its values.
 */
static void note_enum(struct named_hook *h, struct field *f, const struct declaration *d)
{
	const char *name = memmem(d->type, d->type_size, "enum ", 5);
	struct values *values = named_hook__keep(h, &(struct values){}, sizeof(*values));

	if (!name || !values)
		return;
	name += 5;
	values->name = named_hook__keep(h, name, strcspn(name, " ")) ?: "";
	f->values = values;
}

static void describe_number(struct named_hook *h, struct field *f, struct sonde_named_field *from,
			    const struct declaration *d, const char *category)
{
	f->kind = number_kind(d);
	from->what = d->is_signed ? SONDE_NAMED_SIGNED : SONDE_NAMED_NUMBER;
	/* A system call's arguments are words, whatever their type. */
	if (d->size == 8 && has_word(d, "int") && !has_char(d, '*')) {
		bool is_signed = !has_word(d, "unsigned");

		from->size = 4;
		from->what = is_signed ? SONDE_NAMED_SIGNED : SONDE_NAMED_NUMBER;
		f->kind = is_signed ? KIND_long : KIND_ulong;
	}
	if (d->size == 8 && has_word(d, "umode_t")) {
		from->size = 2;
		f->kind = KIND_mode;
	}
	if (has_word(d, "enum"))
		note_enum(h, f, d);
	if (d->name_size == 3 && !memcmp(d->name, "sig", 3))
		f->kind = KIND_signal;
	if (has_word(d, "dev_t") && d->size == 4) {
		f->kind = KIND_dev;
		from->what = SONDE_NAMED_DEV;
	}
	if (f->kind == KIND_address && has_word(d, "char")) {
		f->kind = KIND_string;
		f->provenance = strcmp(category, "syscalls") ? FROM_KERNEL : FROM_USER;
		from->what = SONDE_NAMED_STRING_AT;
	}
}

static int add_field(struct named_hook *h, struct declaration *d, const char *category,
		     const char *print)
{
	struct field f = {.help = "", .provenance = FROM_KERNEL};
	struct sonde_named_field from = {.size = d->size, .offsets = {d->offset}};
	char name[80];

	if (d->array && !d->located && !d->relative && d->elements && d->elements <= 8 &&
	    (d->size / d->elements == 8 || d->size / d->elements == 4) && !has_word(d, "char")) {
		/* A few numbers: each is a field. */
		for (unsigned int i = 0; i < d->elements; i++) {
			struct declaration one = *d;

			snprintf(name, sizeof(name), "%.*s_%u", (int)d->name_size, d->name, i);
			one.array = false;
			one.size = d->size / d->elements;
			one.offset = d->offset + i * one.size;
			one.name = name;
			one.name_size = strlen(name);
			if (add_field(h, &one, category, print))
				return -ENOMEM;
		}
		return 0;
	}
	f.name = named_hook__keep(h, d->name, d->name_size);
	if (!f.name)
		return -ENOMEM;
	if (d->array || d->located || d->relative ||
	    (d->size != 1 && d->size != 2 && d->size != 4 && d->size != 8)) {
		describe_bytes(&f, &from, d, print);
	} else {
		describe_number(h, &f, &from, d, category);
		read_print(h, &f, d, print);
	}
	named_hook__add(h, &f, &from);
	return 0;
}

int named_tracepoint__read(struct named_hook *h, const char *category, const char *format)
{
	const char *print = strstr(format, "\nprint fmt:");
	const char *line = strstr(format, "\nformat:");

	if (!line)
		return -EINVAL;
	while ((line = strstr(line, "field:"))) {
		struct declaration d;

		line += 6;
		if (print && line > print)
			break;
		if (!read_declaration(&d, line))
			return -EINVAL;
		if (d.name_size > 7 && !strncmp(d.name, "common_", 7))
			continue;
		/* A copy of what an argument points to: the record has it, programs do not. */
		if (d.located && !strcmp(category, "syscalls"))
			continue;
		if (add_field(h, &d, category, print ?: ""))
			return -ENOMEM;
	}
	return 0;
}
