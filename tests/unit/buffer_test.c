// SPDX-License-Identifier: Apache-2.0
/* Bytes that grow, and the words for errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/base/buffer.h"
#include "src/base/error.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

static void numbers(void **state)
{
	static const uint64_t values[] = {0,
					  1,
					  7,
					  8,
					  9,
					  10,
					  11,
					  99,
					  100,
					  101,
					  999,
					  1000,
					  4294967295u,
					  4294967296u,
					  1234567890123456789u,
					  INT64_MAX,
					  (uint64_t)INT64_MIN,
					  UINT64_MAX};
	struct buffer b = {};
	char expected[64];

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		buffer__reset(&b);
		buffer__unsigned(&b, values[i]);
		snprintf(expected, sizeof(expected), "%" PRIu64, values[i]);
		assert_string_equal(buffer__string(&b), expected);
		buffer__reset(&b);
		buffer__signed(&b, values[i]);
		snprintf(expected, sizeof(expected), "%" PRId64, (int64_t)values[i]);
		assert_string_equal(buffer__string(&b), expected);
		buffer__reset(&b);
		buffer__hex(&b, values[i]);
		snprintf(expected, sizeof(expected), "0x%" PRIx64, values[i]);
		assert_string_equal(buffer__string(&b), expected);
		buffer__reset(&b);
		buffer__octal(&b, values[i]);
		snprintf(expected, sizeof(expected), "%#" PRIo64, values[i]);
		assert_string_equal(buffer__string(&b), expected);
	}
	buffer__reset(&b);
	buffer__digits(&b, 7, 3);
	buffer__char(&b, ' ');
	buffer__digits(&b, 123456, 3);
	buffer__digits(&b, 1, 0);
	assert_string_equal(buffer__string(&b), "007 456");
	buffer__free(&b);
}

static void grows(void **state)
{
	struct buffer b = {};
	char big[5000];

	assert_string_equal(buffer__string(&b), "");
	buffer__bytes(&b, NULL, 0);
	for (unsigned int i = 0; i < 100000; i++)
		buffer__char(&b, 'a' + i % 26);
	assert_int_equal(b.size, 100000);
	for (unsigned int i = 0; i < 100000; i++)
		assert_int_equal(b.data[i], 'a' + i % 26);
	memset(big, 'x', sizeof(big));
	buffer__bytes(&b, big, sizeof(big));
	buffer__text(&b, "end");
	buffer__printf(&b, "%s-%d", "printed", 42);
	assert_memory_equal(b.data + 105000, "endprinted-42", 13);
	assert_int_equal(b.size, 105013);
	assert_int_equal(strlen(buffer__string(&b)), b.size);
	assert_false(b.failed);
	buffer__free(&b);
	assert_null(b.data);
}

/* What cannot be had is refused, what was there stays, and a new start is one. */
static void too_much(void **state)
{
	static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 2 + 1, SIZE_MAX / 2,
				       SIZE_MAX / 4};
	struct buffer b = {};

	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		buffer__text(&b, "kept");
		assert_false(buffer__reserve(&b, sizes[i]));
		assert_true(b.failed);
		assert_string_equal(buffer__string(&b), "kept");
		buffer__reset(&b);
		assert_false(b.failed);
	}
	buffer__free(&b);
}

static void errors(void **state)
{
	struct error err = {};
	char longer[3000];

	assert_int_equal(error__set(NULL, -EINVAL, "nobody listens"), -EINVAL);
	assert_int_equal(error__set(&err, -ENOENT, "no %s", "file"), -ENOENT);
	assert_int_equal(err.code, -ENOENT);
	assert_string_equal(err.text, "no file");
	/* the first error stays: it is the cause */
	assert_int_equal(error__set(&err, -EINVAL, "and so nothing works"), -EINVAL);
	assert_int_equal(err.code, -ENOENT);
	assert_string_equal(err.text, "no file");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = 0;
	err = (struct error){};
	assert_int_equal(error__set(&err, -E2BIG, "%s", longer), -E2BIG);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
	/* what a file's maker chose for a name is no command to a terminal */
	err = (struct error){};
	(void)!error__set(&err, -EINVAL, "%s:\n\t%s", "a\033[2Jb\x7f\r", "\302\233m \303\244");
	assert_string_equal(err.text, "a?[2Jb??:\n\t?\233m \303\244");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(grows),
		cmocka_unit_test(too_much),
		cmocka_unit_test(errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
