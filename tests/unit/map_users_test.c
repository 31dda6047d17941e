// SPDX-License-Identifier: Apache-2.0
/* Which maps do programs use, directly and by what they call? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/kernel/map_users.h"

#include <errno.h>

extern const char sonde_probes_begin[], sonde_probes_end[];

static struct map_users *open_probes(void)
{
	struct map_users *u = NULL;

	assert_int_equal(
		map_users__new(sonde_probes_begin, sonde_probes_end - sonde_probes_begin, &u), 0);
	assert_non_null(u);
	return u;
}

static void test_nothing_added(void **state)
{
	struct map_users *u = open_probes();

	assert_false(map_users__have(u, "scratches"));
	map_users__add(u, "no_such_program");
	assert_false(map_users__have(u, "scratches"));
	map_users__free(u);
}

static void test_by_program(void **state)
{
	struct map_users *u = open_probes();

	map_users__add(u, "signal_generate");
	assert_true(map_users__have(u, "scratches"));
	assert_true(map_users__have(u, ".rodata"));
	/* Through begin_scratch(), a function of its own. */
	assert_true(map_users__have(u, ".data.config"));
	assert_false(map_users__have(u, "targets"));
	assert_false(map_users__have(u, "variants"));
	assert_false(map_users__have(u, "hook_entries"));
	/* A variable that only the types' sake keeps. */
	assert_false(map_users__have(u, ".bss.types"));
	map_users__add(u, "iterate_tasks");
	assert_true(map_users__have(u, "targets"));
	assert_true(map_users__have(u, ".data.iteration"));
	assert_false(map_users__have(u, "variants"));
	map_users__add(u, "sys_exit");
	assert_true(map_users__have(u, "variants"));
	map_users__free(u);
}

static void test_by_kind(void **state)
{
	struct map_users *u = open_probes();

	map_users__add(u, "security_file_open__fexit");
	assert_true(map_users__have(u, "files"));
	assert_false(map_users__have(u, "hook_entries"));
	map_users__add(u, "security_file_open__kretprobe");
	assert_true(map_users__have(u, "hook_entries"));
	map_users__free(u);
}

static void test_no_object(void **state)
{
	struct map_users *u = NULL;

	assert_int_equal(map_users__new("no object", 9, &u), -EINVAL);
	assert_null(u);
	map_users__free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_added),
		cmocka_unit_test(test_by_program),
		cmocka_unit_test(test_by_kind),
		cmocka_unit_test(test_no_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
