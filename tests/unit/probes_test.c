// SPDX-License-Identifier: Apache-2.0
/* What is in an object file of probes, and does a part of it hold what was asked for, and no more?
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/kernel/probes.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

extern const char sonde_probes_begin[], sonde_probes_end[];

static int be_silent(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return 0;
}

static int setup(void **state)
{
	libbpf_set_print(be_silent);
	return probes__built_in((struct probes **)state, NULL);
}

static int teardown(void **state)
{
	probes__free(*state);
	return 0;
}

static void programs(void **state)
{
	const char *section = NULL, *name = probes__program(*state, "sys_exit", &section);

	assert_string_equal(name, "sys_exit");
	assert_string_equal(section, "tp_btf/sys_exit");
	name = probes__program(*state, "security_file_open__fexit", &section);
	assert_string_equal(name, "security_file_open__fexit");
	assert_string_equal(section, "fexit/security_file_open");
	assert_null(probes__program(*state, "sys_exi", &section));
	/* A function that programs share is none. */
	assert_null(probes__program(*state, "begin_scratch", &section));
}

/* "?" says so, but an event without its program is told. */
static void optional(void **state)
{
	assert_true(probes__optional(*state, "security_file_open__fexit"));
	assert_false(probes__optional(*state, "cgroup_mkdir"));
	assert_false(probes__optional(*state, "no_such_program"));
}

static void types(void **state)
{
	const struct btf *types = probes__types(*state);

	assert_true(btf__find_by_name_kind(types, "sonde_event__signal", BTF_KIND_STRUCT) > 0);
	assert_string_equal(probes__tag(*state, "sonde_hook__security_file_open", "args:"),
			    "struct file *file");
	assert_null(probes__tag(*state, "sonde_hook__security_file_open", "no such tag:"));
	assert_null(probes__tag(*state, "no such variable", "args:"));
}

static struct bpf_object *open_part(const struct probes *p, const char *const *wanted,
				    unsigned int count, size_t *size)
{
	struct bpf_object *object;
	void *elf = NULL;

	assert_int_equal(probes__cut(p, wanted, count, &elf, size), 0);
	object = bpf_object__open_mem(elf, *size, NULL);
	free(elf);
	assert_non_null(object);
	return object;
}

static void a_part(void **state)
{
	static const char *const wanted[] = {"sys_exit", "tcp_connect__fexit"};
	size_t size, whole = sonde_probes_end - sonde_probes_begin;
	struct bpf_object *object = open_part(*state, wanted, 2, &size);
	struct bpf_program *program;
	struct bpf_map *map;
	unsigned int maps = 0;

	assert_true(size < whole / 4);
	/* Programs of the same hook share a section. */
	bpf_object__for_each_program(program, object) {
		const char *section = strchr(bpf_program__section_name(program), '/');

		assert_true(!strcmp(section, "/sys_exit") || !strcmp(section, "/tcp_connect"));
		assert_true(bpf_program__insn_cnt(program) > 1);
	}
	for (unsigned int i = 0; i < 2; i++)
		assert_non_null(bpf_object__find_program_by_name(object, wanted[i]));
	bpf_object__for_each_map(map, object)
		maps++;
	assert_true(maps > 10);
	bpf_object__close(object);
}

static void nothing(void **state)
{
	size_t size;
	struct bpf_object *object = open_part(*state, NULL, 0, &size);

	assert_null(bpf_object__next_program(object, NULL));
	assert_true(btf__find_by_name_kind(bpf_object__btf(object), "sonde_event__signal",
					   BTF_KIND_STRUCT) > 0);
	bpf_object__close(object);
}

static void no_object(void **state)
{
	struct probes *p = NULL;
	struct error err = {};
	char elf[64] = "\177ELF\2\1\1";

	assert_int_equal(probes__new("no object", 9, &p, &err), -EINVAL);
	assert_non_null(strstr(err.text, "not an object file for BPF"));
	assert_int_equal(probes__new(elf, sizeof(elf), &p, NULL), -EINVAL);
	assert_int_equal(probes__new("", 0, &p, NULL), -EINVAL);
	assert_null(p);
	probes__free(NULL);
}

/* Whatever is missing from its end: an error, or one that can be read. */
static void cut_short(void **state)
{
	static const char *const wanted[] = {"sys_exit"};
	size_t whole = sonde_probes_end - sonde_probes_begin, size;
	char *copy = malloc(whole);
	const char *section;

	assert_non_null(copy);
	for (size_t length = 0; length < whole; length += whole / 50) {
		struct probes *p = NULL;
		void *elf = NULL;

		memcpy(copy, sonde_probes_begin, length);
		if (probes__new(copy, length, &p, NULL))
			continue;
		if (probes__program(p, wanted[0], &section))
			assert_int_equal(probes__cut(p, wanted, 1, &elf, &size), 0);
		free(elf);
		probes__free(p);
	}
	free(copy);
}

/* The kernel's types that the probes need are a file for libbpf. */
static void kernel_types(void **state)
{
	const struct btf *kernel = probes__kernel(*state);
	const char *file = kernel ? probes__kernel_file(*state) : NULL;
	struct btf *some;

	if (!kernel)
		skip();
	assert_non_null(file);
	some = btf__parse(file, NULL);
	assert_non_null(some);
	assert_true(btf__find_by_name_kind(some, "task_struct", BTF_KIND_STRUCT) > 0);
	assert_true(btf__type_cnt(some) < btf__type_cnt(kernel) / 4);
	btf__free(some);
	assert_true(probes__kernel_has(*state, "bpf_func_id", "BPF_FUNC_map_lookup_elem"));
	assert_false(probes__kernel_has(*state, "bpf_func_id", "BPF_FUNC_no_such"));
	assert_false(probes__kernel_has(*state, "no such enumeration", "x"));
	probes__forget_kernel(*state);
	/* It was made already. */
	assert_ptr_equal(probes__kernel_file(*state), file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(programs, setup, teardown),
		cmocka_unit_test_setup_teardown(optional, setup, teardown),
		cmocka_unit_test_setup_teardown(types, setup, teardown),
		cmocka_unit_test_setup_teardown(a_part, setup, teardown),
		cmocka_unit_test_setup_teardown(nothing, setup, teardown),
		cmocka_unit_test(no_object),
		cmocka_unit_test(cut_short),
		cmocka_unit_test_setup_teardown(kernel_types, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
