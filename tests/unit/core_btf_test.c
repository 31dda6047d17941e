// SPDX-License-Identifier: Apache-2.0
/* The part of the kernel's types that the probes' accesses are relocated by. */
#include "src/kernel/core_btf.h"

#include <bpf/btf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A struct with a union in it that has no name, an array of a typedef, a pointer. */
static struct btf *kernel_types(void)
{
	struct btf *btf = btf__new_empty();
	int word, count, pair, list, other, pointer;

	assert_non_null(btf);
	word = btf__add_int(btf, "unsigned int", 4, 0);
	other = btf__add_struct(btf, "stranger", 4);
	btf__add_field(btf, "a", word, 0, 0);
	pointer = btf__add_ptr(btf, other);
	count = btf__add_typedef(btf, "count_type", word);
	list = btf__add_array(btf, word, count, 3);
	pair = btf__add_union(btf, NULL, 4);
	btf__add_field(btf, "small", count, 0, 0);
	btf__add_struct(btf, "thing", 24);
	btf__add_field(btf, "list", list, 0, 0);
	btf__add_field(btf, NULL, pair, 96, 0);
	btf__add_field(btf, "next", pointer, 128, 0);
	assert_true(btf__add_enum(btf, "kinds", 4) > 0);
	btf__add_enum_value(btf, "KIND_ONE", 7);
	return btf;
}

static struct btf *reduced(const struct btf *kernel, const struct btf *object)
{
	struct btf *btf;
	char path[40];
	int fd = core_btf__reduce(kernel, object);

	assert_true(fd >= 0);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	btf = btf__parse(path, NULL);
	close(fd);
	assert_non_null(btf);
	return btf;
}

static void keeps_what_is_named(void **state)
{
	struct btf *kernel = kernel_types(), *object = btf__new_empty(), *btf;
	const struct btf_type *thing, *inner, *list, *next;

	btf__add_struct(object, "thing___old", 0);
	btf__add_enum(object, "kinds", 4);
	btf = reduced(kernel, object);
	assert_true(btf__find_by_name_kind(btf, "stranger", BTF_KIND_STRUCT) < 0);
	assert_true(btf__find_by_name_kind(btf, "kinds", BTF_KIND_ENUM) > 0);
	thing = btf__type_by_id(btf, btf__find_by_name_kind(btf, "thing", BTF_KIND_STRUCT));
	assert_non_null(thing);
	assert_int_equal(thing->size, 24);
	assert_int_equal(btf_vlen(thing), 3);
	list = btf__type_by_id(btf, btf_members(thing)[0].type);
	assert_int_equal(btf_array(list)->nelems, 3);
	assert_int_equal(btf__resolve_size(btf, btf_members(thing)[0].type), 12);
	assert_string_equal(
		btf__name_by_offset(btf, btf__type_by_id(btf, btf_array(list)->type)->name_off),
		"count_type");
	assert_int_equal(btf_members(thing)[1].offset, 96);
	inner = btf__type_by_id(btf, btf_members(thing)[1].type);
	assert_int_equal(btf_kind(inner), BTF_KIND_UNION);
	assert_string_equal(btf__name_by_offset(btf, btf_members(inner)[0].name_off), "small");
	next = btf__type_by_id(btf, btf_members(thing)[2].type);
	assert_int_equal(btf_kind(next), BTF_KIND_PTR);
	assert_int_equal(next->type, 0);
	btf__free(btf);
	btf__free(object);
	btf__free(kernel);
}

static void keeps_nothing_else(void **state)
{
	struct btf *kernel = kernel_types(), *object = btf__new_empty(), *btf;

	btf__add_struct(object, "ours", 0);
	btf = reduced(kernel, object);
	assert_int_equal(btf__type_cnt(btf), 1); /* void */
	btf__free(btf);
	btf__free(object);
	btf__free(kernel);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_what_is_named),
		cmocka_unit_test(keeps_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
