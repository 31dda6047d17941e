/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in for an event that no hook serves: each INSTEAD() of the probes names events that
 * there are, and those who wanted the one are given the others. */
#include "src/source/live.h"
#include "src/source/stand_ins.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

struct fixture {
	struct live_schemas *known;
	const struct schemas *all;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(live_schemas__new(&f->known, NULL), 0);
	f->all = live_schemas__list(f->known);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	live_schemas__free(f->known);
	free(f);
	return 0;
}

static bool has(const struct fixture *f, const struct selection *s, const char *name)
{
	for (unsigned int i = 0; i < f->all->count; i++)
		if (selection__has(s, i) && !strcmp(f->all->list[i]->name, name))
			return true;
	return false;
}

static void select_these(const struct fixture *f, const char *names, struct selection *s)
{
	assert_int_equal(select__parse(f->all, &names, 1, NULL, s, NULL), 0);
}

static void each_exists(void **state)
{
	const struct fixture *f = *state;
	unsigned int count = 0;

	for (unsigned int i = 0; i < f->all->count; i++) {
		const struct schema *s = f->all->list[i];
		struct selection these;
		struct error err = {};

		if (!s || !s->instead)
			continue;
		count++;
		assert_non_null(s->lesser);
		if (select__parse(f->all, &s->instead, 1, NULL, &these, &err))
			fail_msg("%s: %s", s->name, err.text);
		/* Not itself, nor another one that may be absent. */
		for (unsigned int k = 0; k < f->all->count; k++)
			if (selection__has(&these, k) && f->all->list[k]->instead)
				fail_msg("%s: instead of it %s", s->name, f->all->list[k]->name);
		selection__release(&these);
	}
	assert_true(count > 40);
}

static void for_those_who_wanted_it(void **state)
{
	const struct fixture *f = *state;
	const struct schema *open = schemas__find(f->all, "security_file_open");
	struct selection wanted, absent = {}, instead = {}, none = {};

	select_these(f, "security_file_open,security_inode_unlink", &wanted);
	assert_int_equal(stand_ins__add(f->all, &wanted, &absent, &instead), 0);
	assert_null(instead.bits);
	assert_true(stand_ins__mark(&absent, f->all, open));
	assert_false(stand_ins__mark(&absent, f->all, schemas__find(f->all, "device_add")));
	assert_false(stand_ins__mark(&absent, f->all, NULL));
	assert_int_equal(stand_ins__add(f->all, &wanted, &absent, &instead), 0);
	assert_true(has(f, &instead, "openat"));
	assert_true(has(f, &instead, "creat"));
	assert_false(has(f, &instead, "unlink"));
	assert_false(has(f, &instead, "security_file_open"));
	selection__release(&wanted);
	select_these(f, "security_inode_unlink", &wanted);
	assert_int_equal(stand_ins__add(f->all, &wanted, &absent, &none), 0);
	assert_null(none.bits);
	selection__release(&wanted);
	selection__release(&absent);
	selection__release(&instead);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_exists, setup, teardown),
		cmocka_unit_test_setup_teardown(for_those_who_wanted_it, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
