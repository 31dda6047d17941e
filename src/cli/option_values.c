/* SPDX-License-Identifier: Apache-2.0 */
#include "option_values.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct unit {
	const char *name;
	uint64_t factor;
};

static const struct unit durations[] = {
	{"ns", 1},
	{"us", 1000},
	{"ms", 1000000},
	{"s", 1000000000},
	{"m", 60000000000},
	{"min", 60000000000},
	{"h", 3600000000000},
	{"d", 86400000000000},
	{"", 1000000000},
	{}, /* last: how numbers are said to the reader goes by the first four */
};

static const struct unit sizes[] = {
	{"", 1},
	{"B", 1},
	{"K", 1ull << 10},
	{"KB", 1ull << 10},
	{"KiB", 1ull << 10},
	{"M", 1ull << 20},
	{"MB", 1ull << 20},
	{"MiB", 1ull << 20},
	{"G", 1ull << 30},
	{"GB", 1ull << 30},
	{"GiB", 1ull << 30},
	{},
};

static const struct unit none[] = {{"", 1}, {}};

/*
 * The number in the largest unit that gives a whole one: limits are said as people would type
 * them.
 */
static void say(char *text, size_t size, uint64_t number, const struct unit *units)
{
	const struct unit *best = NULL;

	for (const struct unit *u = units; u->name; u++) {
		if (number && number % u->factor == 0 && (!best || u->factor > best->factor))
			best = u;
	}
	if (!best || units == none)
		snprintf(text, size, "%" PRIu64, number);
	else
		snprintf(text, size, "%" PRIu64 "%s", number / best->factor, best->name);
}

/* Digits, perhaps a fraction, perhaps a unit. The fraction is exact to 9 digits. */
static int with_unit(const char *text, const struct unit *units, uint64_t min, uint64_t max,
		     uint64_t *ret, const char *what, struct error *why)
{
	__uint128_t whole = 0, fraction = 0, scale = 1, value;
	const char *p = text;
	bool huge = false;

	if (!isdigit((unsigned char)*p))
		return error__set(why, -EINVAL, "%s is wanted", what);
	for (; isdigit((unsigned char)*p); p++) {
		whole = whole * 10 + (*p - '0');
		huge |= whole > UINT64_MAX;
		if (huge)
			whole = UINT64_MAX;
	}
	if (*p == '.' && units != none) {
		for (p++; isdigit((unsigned char)*p); p++) {
			if (scale < 1000000000) {
				fraction = fraction * 10 + (*p - '0');
				scale *= 10;
			}
		}
	}
	for (; units->name; units++) {
		if (!strcasecmp(units->name, p))
			break;
	}
	if (!units->name)
		return error__set(why, -EINVAL, "%s is wanted", what);
	value = whole * units->factor + fraction * units->factor / scale;
	if (huge || value < min || value > max)
		return -ERANGE;
	*ret = value;
	return 0;
}

static int ranged(const char *text, const struct unit *units, uint64_t min, uint64_t max,
		  uint64_t *ret, const char *what, struct error *why)
{
	char low[40], high[40];
	int r = with_unit(text, units, min, max, ret, what, why);

	if (r != -ERANGE)
		return r;
	say(low, sizeof(low), min, units);
	say(high, sizeof(high), max, units);
	if (max >= INT64_MAX)
		return error__set(why, r, "must be %s or more, and below 2^63", low);
	return error__set(why, r, "must be from %s to %s", low, high);
}

int value__number(const char *text, uint64_t min, uint64_t max, uint64_t *ret, struct error *why)
{
	return ranged(text, none, min, max, ret, "a whole number", why);
}

int value__duration(const char *text, uint64_t min, uint64_t max, uint64_t *ret, struct error *why)
{
	return ranged(text, durations, min, max, ret, "a time such as 10s, 500ms, 2m or 1.5h", why);
}

int value__size(const char *text, uint64_t min, uint64_t max, uint64_t *ret, struct error *why)
{
	return ranged(text, sizes, min, max, ret, "a size such as 512K, 64M or 1G", why);
}

static int add_pid(struct pids *pids, uint32_t pid)
{
	uint32_t *list;

	for (unsigned int i = 0; i < pids->count; i++) {
		if (pids->list[i] == pid)
			return 0;
	}
	list = realloc(pids->list, (pids->count + 1) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	pids->list = list;
	list[pids->count++] = pid;
	return 0;
}

/* Separated by commas or blanks: -p "$(pidof nginx)" works. Between two commas stands a process. */
int value__pids(const char *text, struct pids *ret, struct error *why)
{
	static const char blanks[] = " \t\n", separators[] = ", \t\n";
	bool more = true; /* another one is to come */

	for (const char *p = text + strspn(text, blanks); *p || more; p += strspn(p, blanks)) {
		size_t size = strcspn(p, separators);
		char word[24];
		uint64_t pid;
		int r;

		if (!size)
			return error__set(why, -EINVAL, "a process id is wanted%s",
					  strchr(text, ',') ? " before and behind each comma" : "");
		snprintf(word, sizeof(word), "%.*s", (int)min(size, sizeof(word) - 1), p);
		/* PID_MAX_LIMIT of 64-bit kernels, include/linux/threads.h */
		if (value__number(word, 1, 4194304, &pid, NULL))
			return error__set(
				why, -EINVAL,
				"process ids are wanted (1 to 4194304), and \"%s\" is none", word);
		r = add_pid(ret, pid);
		if (r)
			return error__set(why, r, "no memory");
		p += size + strspn(p + size, blanks);
		more = *p == ',';
		p += more;
	}
	return 0;
}
