// SPDX-License-Identifier: Apache-2.0
/* Prints events.md, the reference of all events, from what the probes and the catalogue of
 * calls say of themselves. */
#include "src/source/live.h"

#include <stdio.h>
#include <string.h>

#define MAX_SUBJECTS 64

static bool is_result(const struct schema *s, const struct field *f)
{
	return f == s->fields && s->flags & SCHEMA_RESULT;
}

/* Text in a table: a bar would end the cell. */
static void print_text(const char *text)
{
	for (; *text; text++)
		printf(*text == '|' ? "\\|" : "%c", *text);
}

static void print_field(const struct schema *s, const struct field *f)
{
	const char *help = f->help ? f->help : is_result(s, f) ? "the result, or an error" : "";

	printf("| `%s` | %s | ", is_result(s, f) ? "res" : f->name, kinds[f->kind].name);
	print_text(help);
	if (f->values) {
		printf(*help ? ":" : "");
		for (unsigned int i = 0; i < f->values->count && i < 12; i++)
			printf("%s`%s`", i || *help ? " " : "", f->values->list[i].name);
		printf(f->values->count > 12 ? " ..." : "");
	}
	printf(" |\n");
}

static void print_event(const struct schema *s)
{
	printf("\n### %s\n\n%s.", s->name, s->help);
	if (s->config)
		printf(" Needs a kernel with %s.", s->config);
	if (s->blind)
		printf(" Not seen: %s.", s->blind);
	if (s->instead)
		printf(" Where no hook serves it `-e %s` stands in: %s.", s->instead, s->lesser);
	printf("\n");
	if (s->count)
		printf("\n| field | type | meaning |\n|---|---|---|\n");
	for (unsigned int i = 0; i < s->count; i++)
		print_field(s, &s->fields[i]);
}

/* "hooks,hooks_file": the last one. */
static const char *subject_of(const struct schema *s)
{
	const char *comma = s->category ? strrchr(s->category, ',') : NULL;

	return comma ? comma + 1 : s->category ? s->category : "";
}

static void print_subject(const struct schemas *all, const char *subject)
{
	printf("\n## @%s\n", subject);
	for (unsigned int i = 0; i < all->count; i++) {
		const struct schema *s = all->list[i];

		if (schema__selectable(s) && !(s->flags & SCHEMA_CALL) &&
		    !strcmp(subject_of(s), subject))
			print_event(s);
	}
}

static void print_calls(const struct schemas *all)
{
	printf("\n## System calls\n\nTheir fields are their arguments under the names of the man "
	       "pages, and `res`.\n\n| call | categories |\n|---|---|\n");
	for (unsigned int i = 0; i < all->count; i++) {
		const struct schema *s = all->list[i];

		if (!schema__selectable(s) || !(s->flags & SCHEMA_CALL))
			continue;
		printf("| `%s(", s->name);
		for (unsigned int k = 1; k < s->count; k++)
			printf("%s%s", k > 1 ? ", " : "", s->fields[k].name);
		printf(")` | ");
		for (const char *p = s->category ? s->category : ""; *p; p += strspn(p, ", ")) {
			int size = strcspn(p, ", ");

			printf("%s@%.*s", p == s->category ? "" : " ", size, p);
			p += size;
		}
		printf(" |\n");
	}
}

int main(void)
{
	const char *subjects[MAX_SUBJECTS];
	unsigned int count = 0;
	struct live_schemas *schemas;
	const struct schemas *all;

	if (live_schemas__new(&schemas, NULL))
		return 1;
	all = live_schemas__list(schemas);
	printf("<!-- SPDX-License-Identifier: Apache-2.0 -->\n# Events\n\n"
	       "What `-e` can name. `sonde events -v NAME` says the same of one, and which hook "
	       "serves it on the machine where it is asked.\n`@hooks` are all events of the "
	       "kernel's own hooks. docs/events.c prints this file: `make docs`.\n");
	for (unsigned int i = 0; i < all->count; i++) {
		const struct schema *s = all->list[i];
		unsigned int k = 0;

		if (!schema__selectable(s) || s->flags & SCHEMA_CALL)
			continue;
		while (k < count && strcmp(subjects[k], subject_of(s)))
			k++;
		if (k == count && count < MAX_SUBJECTS)
			subjects[count++] = subject_of(s);
		else if (k == count)
			return 1;
	}
	for (unsigned int k = 0; k < count; k++)
		print_subject(all, subjects[k]);
	print_calls(all);
	live_schemas__free(schemas);
	return 0;
}
