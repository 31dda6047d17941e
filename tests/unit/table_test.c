// SPDX-License-Identifier: Apache-2.0
/* Tables whose nodes are members, and strings that are kept once. */
#include "src/base/table.h"
#include "src/host/intern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define THINGS 1000

struct thing {
	unsigned int key;
	struct table_node node;
};

static void finds_what_was_added(void **state)
{
	static struct thing things[THINGS];
	struct table t = {};
	struct table_node *n, *next = NULL;
	unsigned int bucket = 0, seen = 0;

	assert_null(table__find(&t, hash_number(1)));
	for (unsigned int i = 0; i < THINGS; i++) {
		things[i].key = i;
		assert_int_equal(table__add(&t, &things[i].node, hash_number(i)), 0);
	}
	assert_int_equal(t.count, THINGS);
	for (unsigned int i = 0; i < THINGS; i++)
		assert_ptr_equal(table__find(&t, hash_number(i)), &things[i].node);
	/* Removed while they are visited. */
	while ((n = table__each(&t, &bucket, &next))) {
		seen++;
		if (container_of(n, struct thing, node)->key % 2)
			table__remove(&t, n);
	}
	assert_int_equal(seen, THINGS);
	assert_int_equal(t.count, THINGS / 2);
	assert_null(table__find(&t, hash_number(501)));
	assert_ptr_equal(table__find(&t, hash_number(500)), &things[500].node);
	table__release(&t);
}

static void tells_equal_hashes_apart(void **state)
{
	struct thing a = {.key = 1}, b = {.key = 2};
	struct table t = {};
	struct table_node *n;
	unsigned int keys = 0;

	assert_int_equal(table__add(&t, &a.node, 5), 0);
	assert_int_equal(table__add(&t, &b.node, 5), 0);
	for (n = table__find(&t, 5); n; n = table__next(n))
		keys += container_of(n, struct thing, node)->key;
	assert_int_equal(keys, 3);
	table__release(&t);
}

static void keeps_strings_once(void **state)
{
	struct strings s = {};
	const char *one = strings__take(&s, "/usr/bin/worker", 15),
		   *again = strings__take(&s, "/usr/bin/worker and more", 15),
		   *other = strings__take(&s, "/usr/bin/worke", 14);

	assert_ptr_equal(one, again);
	assert_string_equal(one, "/usr/bin/worker");
	assert_string_equal(other, "/usr/bin/worke");
	assert_int_equal(s.table.count, 2);
	strings__drop(&s, one);
	assert_string_equal(again, "/usr/bin/worker");
	strings__drop(&s, again);
	strings__drop(&s, strings__take(&s, "", 0));
	strings__drop(&s, NULL);
	assert_int_equal(s.table.count, 1);
	strings__release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_added),
		cmocka_unit_test(tells_equal_hashes_apart),
		cmocka_unit_test(keeps_strings_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
