// SPDX-License-Identifier: Apache-2.0
/* What does a constant mean to a field: 10ms, 4K, 0644, ENOENT, O_RDWR|O_CREAT, 10.0.0.0/8? */
#include "../event/catalogue.h"
#include "node.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static const struct named_value mode_list[] = {
#define MODE(name)                                                                                 \
	{                                                                                          \
#name, name, name                                                                  \
	}
#define TYPE(name)                                                                                 \
	{                                                                                          \
#name, name, S_IFMT                                                                \
	}
	MODE(S_ISUID), MODE(S_ISGID), MODE(S_ISVTX),  MODE(S_IRWXU), MODE(S_IRUSR), MODE(S_IWUSR),
	MODE(S_IXUSR), MODE(S_IRWXG), MODE(S_IRGRP),  MODE(S_IWGRP), MODE(S_IXGRP), MODE(S_IRWXO),
	MODE(S_IROTH), MODE(S_IWOTH), MODE(S_IXOTH),  TYPE(S_IFREG), TYPE(S_IFDIR), TYPE(S_IFLNK),
	TYPE(S_IFCHR), TYPE(S_IFBLK), TYPE(S_IFSOCK), TYPE(S_IFIFO),
#undef MODE
#undef TYPE
};
static const struct values modes = {"mode", mode_list, ARRAY_SIZE(mode_list)};

static const struct named_value bool_list[] = {
	{"false", 0, ~0ull}, {"true", 1, ~0ull}, {"no", 0, ~0ull}, {"yes", 1, ~0ull}};
static const struct values bools = {"bool", bool_list, ARRAY_SIZE(bool_list)};

static const struct named_value fd_list[] = {{"AT_FDCWD", (uint64_t)AT_FDCWD, ~0ull}};
static const struct values fds = {"fd", fd_list, ARRAY_SIZE(fd_list)};

static const struct values *table_of(const struct field *field)
{
	if (field->values)
		return field->values;
	switch (field->kind) {
	case KIND_mode:
	case KIND_fmode:
		return &modes;
	case KIND_bool:
		return &bools;
	case KIND_fd:
		return &fds;
	case KIND_caps:
		return values__find("capability");
	case KIND_signal:
		return values__find("signal");
	case KIND_errno:
		return values__find("errno");
	default:
		return NULL;
	}
}

const char *field__constant_name(const struct field *field, unsigned int index, uint64_t *number)
{
	const struct values *values = table_of(field);

	if (!values || index >= values->count)
		return NULL;
	*number = values->list[index].number;
	return values->list[index].name;
}

static bool find_call(const char *text, size_t size, struct bits *bits)
{
	unsigned int count;
	const struct schema *calls = catalogue__calls(&count);

	for (unsigned int i = 0; i < count; i++) {
		if (calls[i].number < 0 || strlen(calls[i].name) != size ||
		    memcmp(calls[i].name, text, size))
			continue;
		*bits = (struct bits){calls[i].number, ~0ull};
		return true;
	}
	return false;
}

static bool find_name(const struct field *field, const char *text, size_t size, struct bits *bits)
{
	const struct values *values = table_of(field);

	if (field->kind == KIND_call)
		return find_call(text, size, bits);
	for (unsigned int i = 0; values && i < values->count; i++) {
		const struct named_value *v = &values->list[i];

		if (strlen(v->name) != size || memcmp(v->name, text, size))
			continue;
		*bits = (struct bits){v->number, v->mask};
		/* The table has bits' numbers, the field has the bits. */
		if (field->kind == KIND_caps)
			*bits = (struct bits){1ull << v->number, 1ull << v->number};
		return true;
	}
	return false;
}

static const struct unit {
	const char *name;
	uint64_t factor;
} durations[] =
	{{"ns", 1},          {"us", 1000},         {"ms", 1000000},      {"s", 1000000000},
	 {"m", 60000000000}, {"min", 60000000000}, {"h", 3600000000000}, {"d", 86400000000000},
	 {NULL, 0}},
  sizes[] = {{"k", 1ull << 10},   {"K", 1ull << 10},
	     {"M", 1ull << 20},   {"G", 1ull << 30},
	     {"T", 1ull << 40},   {"KB", 1ull << 10},
	     {"MB", 1ull << 20},  {"GB", 1ull << 30},
	     {"TB", 1ull << 40},  {"KiB", 1ull << 10},
	     {"MiB", 1ull << 20}, {"GiB", 1ull << 30},
	     {"TiB", 1ull << 40}, {NULL, 0}};

/* Digits with an optional fraction and unit, or 0x..., or octal with a leading 0. */
static int parse_number(const struct field *field, const char *text, size_t size, uint64_t *number,
			bool *negative)
{
	const struct unit *unit = field->kind == KIND_duration ? durations : sizes;
	uint64_t n = 0, fraction = 0, scale = 1;
	unsigned int base = 10;
	size_t i = 0, start;

	*negative = size && text[0] == '-';
	i = size && (text[0] == '-' || text[0] == '+');
	if (size - i > 2 && text[i] == '0' && (text[i + 1] == 'x' || text[i + 1] == 'X')) {
		base = 16;
		i += 2;
	} else if (size - i > 1 && text[i] == '0' && isdigit((unsigned char)text[i + 1])) {
		base = 8;
		i++;
	}
	for (start = i; i < size; i++) {
		unsigned char c = text[i];
		unsigned int digit = isdigit(c)    ? c - '0' + 0u
				     : isxdigit(c) ? tolower(c) - 'a' + 10u
						   : 16;

		if (digit >= base)
			break;
		if (__builtin_mul_overflow(n, base, &n) || __builtin_add_overflow(n, digit, &n))
			return -ERANGE;
	}
	if (i == start)
		return -EINVAL;
	if (base == 10 && i + 1 < size && text[i] == '.' && isdigit((unsigned char)text[i + 1])) {
		for (i++; i < size && isdigit((unsigned char)text[i]); i++) {
			if (scale < 1000000000) {
				fraction = fraction * 10 + text[i] - '0';
				scale *= 10;
			}
		}
	}
	if (i < size) {
		while (unit->name &&
		       (strlen(unit->name) != size - i || memcmp(unit->name, text + i, size - i)))
			unit++;
		if (!unit->name || base != 10)
			return -EINVAL;
		if (__builtin_mul_overflow(n, unit->factor, &n))
			return -ERANGE;
		/* Divided first: the product could overflow, and no unit is finer than the
		 * fraction's 9 digits. */
		fraction = unit->factor >= scale ? unit->factor / scale * fraction
						 : unit->factor * fraction / scale;
		if (__builtin_add_overflow(n, fraction, &n))
			return -ERANGE;
	} else if (fraction) {
		return -EINVAL;
	}
	*number = n;
	return 0;
}

/* Brings a number into the form in which values of the kind are held: extended from its size. */
static int fit(const struct field *field, bool negative, uint64_t *number)
{
	unsigned int bits = kinds[field->kind].size * 8;
	bool is_signed = kinds[field->kind].class == CLASS_SIGNED;
	uint64_t n = *number, limit;

	if (!bits || bits > 64 || kinds[field->kind].class > CLASS_SIGNED)
		bits = 64;
	limit = bits == 64 ? ~0ull : (1ull << bits) - 1;
	if (negative) {
		if (n > (limit >> 1) + 1)
			return -ERANGE;
		n = -n;
	} else if (n > limit) {
		return -ERANGE;
	}
	if (bits < 64)
		n = is_signed ? (uint64_t)((int64_t)(n << (64 - bits)) >> (64 - bits)) : n & limit;
	*number = n;
	return 0;
}

/* 8:1, as lsblk shows it. */
static int parse_device(const char *text, size_t size, uint64_t *number)
{
	unsigned int parts[2] = {}, part = 0;

	for (size_t i = 0; i < size; i++) {
		if (text[i] == ':' && !part && i && i + 1 < size)
			part++;
		else if (!isdigit((unsigned char)text[i]) || parts[part] > 0xfffff)
			return -EINVAL;
		else
			parts[part] = parts[part] * 10 + text[i] - '0';
	}
	if (!part)
		return -EINVAL;
	*number = makedev(parts[0], parts[1]);
	return 0;
}

/* One name or number; several are joined by |. */
static int parse_part(const struct field *field, const char *text, size_t size, struct bits *bits)
{
	bool negative;
	int err;

	if (find_name(field, text, size, bits))
		return 0;
	if (field->kind == KIND_dev && !parse_device(text, size, &bits->number)) {
		bits->mask = bits->number;
		return 0;
	}
	err = parse_number(field, text, size, &bits->number, &negative);
	if (!err)
		err = fit(field, negative, &bits->number);
	bits->mask = bits->number;
	return err;
}

int constant__bits(const struct constant *c, const struct field *field, struct bits *bits)
{
	const char *text = c->text, *end = c->text + c->size;

	*bits = (struct bits){};
	for (;;) {
		const char *bar = memchr(text, '|', end - text);
		size_t size = (bar ? bar : end) - text;
		struct bits part = {};
		int err = parse_part(field, text, size, &part);

		if (err)
			return err;
		bits->number |= part.number;
		bits->mask |= part.mask;
		if (!bar)
			return 0;
		text = bar + 1;
	}
}

int constant__number(const struct constant *c, const struct field *field, uint64_t *number)
{
	struct bits bits;
	int err = constant__bits(c, field, &bits);

	if (!err)
		*number = bits.number;
	return err;
}

/* 0.1 as a float has it is not 0.1 as a double has it. */
int constant__real(const struct constant *c, const struct field *field, double *real)
{
	char *end;

	*real = strtod(c->text, &end);
	if (!c->size || isspace((unsigned char)*c->text) || end != c->text + c->size ||
	    isnan(*real))
		return -EINVAL;
	if (field->kind == KIND_float)
		*real = (float)*real;
	return 0;
}

int constant__network(const struct constant *c, struct network *n)
{
	const char *slash = memchr(c->text, '/', c->size);
	size_t size = slash ? (size_t)(slash - c->text) : c->size;
	char text[INET6_ADDRSTRLEN];
	unsigned int prefix = 0;

	*n = (struct network){};
	if (size >= sizeof(text))
		return -EINVAL;
	memcpy(text, c->text, size);
	text[size] = 0;
	if (inet_pton(AF_INET, text, n->address) == 1)
		n->size = 4;
	else if (inet_pton(AF_INET6, text, n->address) == 1)
		n->size = 16;
	else
		return -EINVAL;
	n->prefix = n->size * 8;
	if (!slash)
		return 0;
	size = c->size - size - 1;
	if (!size || size > 3)
		return -EINVAL;
	for (size_t i = 1; i <= size; i++) {
		if (!isdigit((unsigned char)slash[i]))
			return -EINVAL;
		prefix = prefix * 10 + slash[i] - '0';
	}
	if (prefix > n->prefix)
		return -ERANGE;
	n->prefix = prefix;
	return 0;
}

int constant__hex(const struct constant *c, char *bytes, uint32_t *size)
{
	if (!c->size || c->size % 2)
		return -EINVAL;
	for (uint32_t i = 0; i < c->size; i++) {
		unsigned char digit = tolower((unsigned char)c->text[i]);

		if (!isxdigit(digit))
			return -EINVAL;
		digit = isdigit(digit) ? digit - '0' : digit - 'a' + 10;
		bytes[i / 2] = i % 2 ? bytes[i / 2] | digit : digit << 4;
	}
	*size = c->size / 2;
	return 0;
}
