/* SPDX-License-Identifier: Apache-2.0 */
/* What `sonde help filter` says: how a condition is written, and every field that one can ask for.
 */
#include "options.h"
#include "../base/buffer.h"
#include "../host/fields.h"

#include <stdio.h>
#include <string.h>

#define WIDTH        79
#define FIELD_COLUMN 30

static const char how[] =
	"A condition is a field, an operator and a value; and, or, not and ( ) join them. A field that "
	"is true or false may stand alone. What has blanks, commas or parentheses stands in quotes.\n"
	"\n"
	"  = != < <= > >=        in (a, b)             exists\n"
	"  contains icontains    startswith endswith   of flags: contains O_CREAT\n"
	"  glob iglob            intersects (a, b)     pmatch (/etc, /usr): or below\n"
	"\n"
	"Values: text; numbers, 4K, 1.5M; times, 10ms; names such as ENOENT, AF_INET, SIGTERM; addresses "
	"and networks, 10.0.0.0/8. All are checked. What an event does not have compares as false.\n"
	"\n"
	"evt.arg.NAME is an argument by its name in the man page: evt.arg.flags. sonde events -v openat "
	"lists those of openat, sonde trace --explain FILTER says what the kernel decides.\n";

static const char *const takes[] = {
	[TAKES_NOTHING] = "",
	[TAKES_INDEX] = "[n]",
	[TAKES_ARGUMENT] = ".NAME",
	[TAKES_KEY] = "[NAME]",
};

static void heading(struct buffer *b, const char *text, bool color)
{
	buffer__printf(b, "%s%s%s\n", color ? "\033[1m" : "", text, color ? "\033[0m" : "");
}

static void put_field(struct buffer *b, const struct field_def *def)
{
	char name[80];
	int size = snprintf(name, sizeof(name), "%s%s", def->field.name, takes[def->takes]);

	buffer__printf(b, "  %s", name);
	if (size + 2 + 2 > FIELD_COLUMN) {
		buffer__char(b, '\n');
		size = -2;
	}
	buffer__printf(b, "%*s", FIELD_COLUMN - 2 - size, "");
	help__wrap(b, def->field.help, FIELD_COLUMN, WIDTH);
	buffer__char(b, '\n');
}

void help__filter(struct buffer *b, bool color)
{
	heading(b, "sonde trace [OPTION]... [FILTER]", color);
	help__wrap(b, how, 0, WIDTH);
	for (unsigned int i = 0; i < field_def_count; i++) {
		const char *name = field_defs[i].field.name;
		size_t group = strcspn(name, ".");
		bool first = true;

		/* Each group where its first field stands. */
		for (unsigned int j = 0; j < i; j++)
			first &= strncmp(field_defs[j].field.name, name, group + 1) != 0;
		if (!first)
			continue;
		buffer__char(b, '\n');
		for (unsigned int j = i; j < field_def_count; j++) {
			if (!strncmp(field_defs[j].field.name, name, group + 1))
				put_field(b, &field_defs[j]);
		}
	}
}
