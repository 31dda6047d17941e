// SPDX-License-Identifier: Apache-2.0
/* Which of several words was meant by one that is misspelt? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/base/suggest.h"

#include <string.h>

static void suggests(void **state)
{
	static const struct {
		const char *word, *candidate;
		unsigned int distance;
	} cases[] = {
		{"", "", 0},      {"abc", "abc", 0},        {"abc", "ABC", 0}, {"abc", "acb", 1},
		{"abc", "ab", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3},
	};
	struct suggest s;

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(suggest__distance(cases[i].word, strlen(cases[i].word),
						   cases[i].candidate, strlen(cases[i].candidate),
						   5),
				 cases[i].distance);
		assert_int_equal(suggest__distance(cases[i].candidate, strlen(cases[i].candidate),
						   cases[i].word, strlen(cases[i].word), 5),
				 cases[i].distance);
	}
	assert_true(suggest__distance("abcdef", 6, "uvwxyz", 6, 2) > 2);
	suggest__start(&s, "opnat", 5);
	suggest__offer(&s, "open");
	suggest__offer(&s, "openat");
	suggest__offer(&s, "openat2");
	assert_string_equal(s.best, "openat");
	suggest__start(&s, "zzzz", 4);
	suggest__offer(&s, "open");
	assert_null(s.best);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(suggests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
