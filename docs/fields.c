// SPDX-License-Identifier: Apache-2.0
/* Prints docs/fields.md, the reference of all named fields, from the table that the filter reads.
 */
#include "src/host/fields.h"

#include <stdio.h>
#include <string.h>

static const struct {
	const char *group, *title;
} groups[] = {
	{"evt", "The event"},           {"fs", "Its paths"},
	{"proc", "The process"},        {"thread", "The thread"},
	{"user", "The user"},           {"group", "The group"},
	{"container", "The container"}, {"fd", "The descriptor that the call is about"},
};

static bool is_in(const char *name, const char *group)
{
	size_t size = strlen(group);

	return !strncmp(name, group, size) && name[size] == '.';
}

static const char *type_of(const struct field *f)
{
	switch (f->kind) {
	case KIND_bool:
		return "true or false";
	case KIND_ip:
		return "address or network";
	case KIND_duration:
		return "time: 10ms";
	case KIND_time:
		return "ns since the epoch";
	case KIND_caps:
		return "capabilities";
	case KIND_buffer:
		return "bytes";
	}
	return kinds[f->kind].class <= CLASS_SIGNED ? "number" : "text";
}

static void print_field(const struct field_def *def)
{
	const struct field *f = &def->field;
	static const char *const takes[] = {[TAKES_NOTHING] = "",
					    [TAKES_INDEX] = "[n]",
					    [TAKES_ARGUMENT] = ".NAME, [n]",
					    [TAKES_KEY] = "[NAME]"};

	printf("| `%s`%s | %s | %s", f->name, takes[def->takes],
	       def->means == MEANS_ARGUMENT ? "the argument's" : type_of(f), f->help);
	if (f->values) {
		printf(":");
		for (unsigned int i = 0; i < f->values->count; i++)
			printf(" `%s`", f->values->list[i].name);
	}
	if (f->alias)
		printf("; also `%s`", f->alias);
	printf(" |\n");
}

int main(void)
{
	bool known = true;

	printf("<!-- SPDX-License-Identifier: Apache-2.0 -->\n# Fields\n\n"
	       "What a filter can ask of every event, `--json` shows and `--format` prints. The "
	       "arguments of each event, which are\n"
	       "reached as `evt.arg.NAME`, are listed by `sonde events -v`. docs/fields.c prints "
	       "this file.\n");
	for (unsigned int i = 0; i < ARRAY_SIZE(groups); i++) {
		printf("\n## %s\n\n| field | type | meaning |\n|---|---|---|\n", groups[i].title);
		for (unsigned int j = 0; j < field_def_count; j++) {
			if (is_in(field_defs[j].field.name, groups[i].group) ||
			    (!i && is_in(field_defs[j].field.name, "syscall")))
				print_field(&field_defs[j]);
		}
	}
	for (unsigned int j = 0; j < field_def_count; j++) {
		bool found = is_in(field_defs[j].field.name, "syscall");

		for (unsigned int i = 0; i < ARRAY_SIZE(groups); i++)
			found |= is_in(field_defs[j].field.name, groups[i].group);
		known &= found;
	}
	return !known; /* a field of a group that has no title here */
}
