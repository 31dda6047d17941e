/* SPDX-License-Identifier: Apache-2.0 */
/* @calm's conditions are a filter that compiles, for all of its events and for any of them. */
#include "src/cli/calm.h"
#include "src/event/catalogue.h"
#include "src/event/select.h"
#include "src/filter/filter.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const struct field exit_fields[] = {
	{.name = "code", .kind = KIND_int, .size = 4},
	{.name = "sig", .kind = KIND_signal, .offset = 4, .size = 4},
	{.name = "core", .kind = KIND_bool, .offset = 8, .size = 1},
	{.name = "group_dead", .kind = KIND_bool, .offset = 9, .size = 1},
};
static const struct field signal_fields[] = {{.name = "sig", .kind = KIND_signal, .size = 4}};

static struct schema events[] = {
	{.name = "exec", .category = "process", .number = -1, .compat_number = -1},
	{.name = "exit",
	 .category = "process",
	 .number = -1,
	 .compat_number = -1,
	 .fixed = 16,
	 .count = 4,
	 .fields = exit_fields},
	{.name = "signal",
	 .category = "signal",
	 .number = -1,
	 .compat_number = -1,
	 .fixed = 8,
	 .count = 1,
	 .fields = signal_fields},
	{.name = "oom_kill", .category = "memory", .number = -1, .compat_number = -1},
};

static const struct schema *list[1000];
static struct schemas all = {.list = list};

static int setup(void **state)
{
	unsigned int count;
	const struct schema *calls = catalogue__calls(&count);

	for (unsigned int i = 0; i < count; i++)
		list[calls[i].id] = &calls[i];
	all.count = SONDE_EVENT_CALLS + count;
	for (unsigned int i = 0; i < ARRAY_SIZE(events); i++) {
		events[i].id = all.count;
		list[all.count++] = &events[i];
	}
	return 0;
}

static bool passes(struct filter *f, const char *name)
{
	const struct schema *s = NULL;

	/* The last of a name: an event rather than the call. */
	for (unsigned int i = 0; i < all.count; i++) {
		if (list[i] && !strcmp(list[i]->name, name))
			s = list[i];
	}
	assert_non_null(s);
	return filter__may_match(f, s->id);
}

static void compiles(void **state)
{
	struct buffer text = {};
	struct filter *f = NULL;
	struct error err = {};

	calm__filter(&text, &all);
	if (filter__new(buffer__string(&text), &all, &f, &err))
		fail_msg("%s", err.text);
	assert_true(passes(f, "exec"));
	assert_true(passes(f, "exit"));
	assert_true(passes(f, "signal"));
	assert_true(passes(f, "openat"));
	assert_true(passes(f, "fchmod"));
	assert_true(passes(f, "renameat2"));
	assert_true(passes(f, "connect"));
	assert_true(passes(f, "mount"));
	assert_false(passes(f, "read"));
	assert_false(passes(f, "getppid"));
	assert_false(passes(f, "exit_group"));
	filter__free(f);
	buffer__free(&text);
}

/* What selects @calm and what filters it are of one mind. */
static void agrees_with_selection(void **state)
{
	static const char *const texts[] = {"@calm"};
	struct selection chosen = {};
	struct buffer text = {};
	struct filter *f = NULL;
	struct error err = {};

	assert_int_equal(select__parse(&all, texts, 1, NULL, &chosen, &err), 0);
	calm__filter(&text, &all);
	assert_int_equal(filter__new(buffer__string(&text), &all, &f, &err), 0);
	for (unsigned int i = 0; i < all.count; i++) {
		if (selection__has(&chosen, i) && !filter__may_match(f, i))
			fail_msg("%s is selected, and never passes", list[i]->name);
	}
	filter__free(f);
	buffer__free(&text);
	selection__release(&chosen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compiles),
		cmocka_unit_test(agrees_with_selection),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
