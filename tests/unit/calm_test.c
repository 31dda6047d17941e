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

/* What -e `texts` leaves of @calm's conditions. */
static struct filter *calm_of(const char *texts, struct selection *chosen)
{
	struct buffer text = {};
	struct filter *f = NULL;
	struct error err = {};

	if (select__parse(&all, &texts, 1, NULL, chosen, &err))
		fail_msg("%s", err.text);
	calm__filter(&text, &all, chosen);
	if (text.size && filter__new(buffer__string(&text), &all, &f, &err))
		fail_msg("%s", err.text);
	buffer__free(&text);
	return f;
}

static void compiles(void **state)
{
	struct selection chosen = {};
	struct filter *f = calm_of("@calm", &chosen);

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
	selection__release(&chosen);
}

/* What selects @calm and what filters it are of one mind. */
static void agrees_with_selection(void **state)
{
	struct selection chosen = {};
	struct filter *f = calm_of("@calm", &chosen);

	for (unsigned int i = 0; i < all.count; i++) {
		if (selection__has(&chosen, i) && !filter__may_match(f, i))
			fail_msg("%s is selected, and never passes", list[i]->name);
	}
	filter__free(f);
	selection__release(&chosen);
}

/* Its conditions hold for what it brings, not for what is named beside it. */
static void beside_others(void **state)
{
	struct selection chosen = {};
	struct filter *f = calm_of("@calm,!@net,!exec", &chosen);

	assert_true(passes(f, "openat"));
	assert_false(passes(f, "connect"));
	assert_false(passes(f, "exec"));
	filter__free(f);
	selection__release(&chosen);
	f = calm_of("@calm,read,unlink", &chosen);
	assert_true(passes(f, "openat"));
	assert_true(passes(f, "read"));
	assert_true(passes(f, "unlink"));
	assert_true(selection__is_calm(&chosen, schemas__find(&all, "openat")->id));
	assert_false(selection__is_calm(&chosen, schemas__find(&all, "unlink")->id));
	filter__free(f);
	selection__release(&chosen);
	assert_true(calm__has_all(schemas__find(&all, "exec")));
	assert_true(calm__has_all(schemas__find(&all, "listen")));
	assert_false(calm__has_all(schemas__find(&all, "openat")));
	assert_false(calm__has_all(schemas__find(&all, "read")));
	assert_null(calm_of("read,unlink", &chosen));
	selection__release(&chosen);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compiles),
		cmocka_unit_test(agrees_with_selection),
		cmocka_unit_test(beside_others),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
