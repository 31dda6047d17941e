// SPDX-License-Identifier: Apache-2.0
/*
 * Damaged object files, type information and format files: each is refused or read, and nothing
 * else happens. What the fuzzers begin with, cut short everywhere and changed at each place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int fuzz_hooks(const uint8_t *data, size_t size);
int fuzz_probe(const uint8_t *data, size_t size);

#define LLVMFuzzerTestOneInput fuzz_hooks
#include "tests/fuzz/hooks_fuzz.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_probe
#include "tests/fuzz/probe_fuzz.c"

static size_t read_seed(const char *name, uint8_t *data, size_t room)
{
	char path[300];
	FILE *file;
	size_t size;

	snprintf(path, sizeof(path), "%s/%s", getenv("CORPUS"), name);
	file = fopen(path, "rb");
	assert_non_null(file);
	size = fread(data, 1, room, file);
	fclose(file);
	assert_in_range(size, 1, room - 1);
	return size;
}

static void damage(const char *seed, int (*take)(const uint8_t *, size_t))
{
	static const uint8_t bytes[] = {0x00, 0x7f, 0x80, 0xff};
	static uint8_t whole[8192], data[8192];
	size_t size = read_seed(seed, whole, sizeof(whole));

	libbpf_set_print(be_silent);
	for (size_t cut = 0; cut <= size; cut++)
		assert_int_equal(take(whole, cut), 0);
	for (size_t at = 0; at < size; at++) {
		memcpy(data, whole, size);
		for (size_t i = 0; i < ARRAY_SIZE(bytes); i++) {
			data[at] = bytes[i];
			assert_int_equal(take(data, size), 0);
		}
		/* A word of the largest size. */
		memset(data + at, 0xff, min((size_t)8, size - at));
		assert_int_equal(take(data, size), 0);
	}
}

static void objects(void **state)
{
	damage("probe/object", fuzz_probe);
}

/* Of a machine that writes its numbers the other way round. */
static void big_endian(void **state)
{
	static uint8_t data[8192];
	size_t size = read_seed("probe/big-endian", data, sizeof(data));
	struct probes *p = NULL;
	const uint8_t *types = memmem(data, size, "\xeb\x9f", 2);
	struct btf *btf;

	assert_int_equal(probes__new(data, size, &p, NULL), -EINVAL);
	assert_non_null(types);
	btf = btf__new(types, size - (types - data));
	assert_non_null(btf);
	assert_int_equal(btf__check(btf, NULL), -EINVAL);
	btf__free(btf);
	damage("probe/big-endian", fuzz_probe);
}

static void types(void **state)
{
	damage("probe/types", fuzz_probe);
}

static void formats(void **state)
{
	damage("hooks/format", fuzz_hooks);
	damage("hooks/format2", fuzz_hooks);
}

static void arguments(void **state)
{
	damage("hooks/arguments", fuzz_hooks);
}

static void binaries(void **state)
{
	damage("hooks/elf", fuzz_hooks);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects), cmocka_unit_test(big_endian), cmocka_unit_test(types),
		cmocka_unit_test(formats), cmocka_unit_test(arguments),  cmocka_unit_test(binaries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
