// SPDX-License-Identifier: Apache-2.0
/* Does the catalogue of program types say what this libbpf says, of every section that it knows? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/kernel/program_types.h"

#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>

static char told[8192];

/* "libbpf: supported section(type) names are: socket kprobe+ ..." */
static int keep(enum libbpf_print_level level, const char *format, va_list args)
{
	size_t used = strlen(told);

	return vsnprintf(told + used, sizeof(told) - used, format, args);
}

/* What libbpf says of the sections that a pattern stands for. */
static int type_of(const char *pattern, enum bpf_prog_type *type)
{
	enum bpf_attach_type attach;
	char section[64];

	snprintf(section, sizeof(section), "%.*s", (int)strcspn(pattern, "+"), pattern);
	return libbpf_prog_type_by_name(section, type, &attach);
}

static void of_libbpf(void **state)
{
	static const char mark[] = "names are: ";
	enum bpf_attach_type attach;
	enum bpf_prog_type type;
	unsigned int count = 0;
	char *from, *save;

	libbpf_set_print(keep);
	assert_int_not_equal(libbpf_prog_type_by_name("nothing", &type, &attach), 0);
	libbpf_set_print(NULL);
	from = strstr(told, mark);
	assert_non_null(from);
	for (char *name = strtok_r(from + strlen(mark), " \n", &save); name;
	     name = strtok_r(NULL, " \n", &save)) {
		const struct program_row *head, *row;
		char section[64];

		snprintf(section, sizeof(section), "%.*s", (int)strcspn(name, "+"), name);
		row = program_row__of(section, &head);
		if (!row)
			fail_msg("catalogue/program_types.def has no row for %s", name);
		else if (strcmp(row->name, name))
			fail_msg("%s is %s there", name, row->name);
		assert_int_equal(type_of(name, &type), 0);
		if (row->type != type)
			fail_msg("%s is of type %u there, libbpf says %d", name, row->type, type);
		count++;
	}
	assert_in_range(count, 70, 1000);
}

/* All that the document prints is there; no section has two rows. */
static void whole(void **state)
{
	unsigned int count, sections = 0;
	const struct program_row *rows = program_rows(&count), *type;

	assert_int_equal(rows[0].kind, ROW_FAMILY);
	for (unsigned int i = 0; i < count; i++) {
		const struct program_row *r = &rows[i];

		assert_non_null(r->name);
		if (r->kind == ROW_SECTION) {
			char section[64];

			snprintf(section, sizeof(section), "?%.*s", (int)strcspn(r->name, "+"),
				 r->name);
			assert_ptr_equal(program_row__of(section, &type), r);
			assert_true(type < r && type->kind == ROW_TYPE);
			assert_int_equal(!strchr(r->name, '+'), !*r->target);
			assert_in_range(r->since, 319, 800);
			sections++;
			continue;
		}
		assert_non_null(r->does);
		if (r->kind == ROW_FAMILY)
			continue;
		assert_true(r->context && r->reads && r->code && r->attaches && r->limits);
		assert_in_range(strlen(r->attaches), 1, 400);
		assert_true(i + 1 < count && rows[i + 1].kind == ROW_SECTION);
	}
	assert_in_range(sections, 90, 1000);
	assert_null(program_row__of("kprobes/x", &type));
	assert_null(program_row__of("xdp/other", &type));
}

static void explained(void **state)
{
	char text[200];

	section__explain("kporbe/do_unlinkat", text, sizeof(text));
	assert_string_equal(text, "no section of a BPF program is called so; did you mean kprobe?");
	section__explain("?xdp/devmpa", text, sizeof(text));
	assert_non_null(strstr(text, "did you mean xdp/devmap?"));
	section__explain("something else", text, sizeof(text));
	assert_string_equal(text, "no section of a BPF program is called so");
	section__explain("uprobe.session/x", text, sizeof(text));
	assert_non_null(strstr(text, "libbpf"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_libbpf),
		cmocka_unit_test(whole),
		cmocka_unit_test(explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
