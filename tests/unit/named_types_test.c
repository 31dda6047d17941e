// SPDX-License-Identifier: Apache-2.0
/* How are the arguments and results of the kernel's functions shown, by their types? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/kernel/named.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

/* Types such as the kernel has them, with other offsets. */
static struct samples {
	struct btf *btf;
	int ch, boolean, s32, u32, s64, u64, pid, enum64;
	int task, file, cgroup, css, large, bits, comm;
} t;

static int pointer(int to)
{
	return btf__add_ptr(t.btf, to);
}

static int structure(const char *name, unsigned int size, const char *member, int type,
		     unsigned int byte)
{
	int id = btf__add_struct(t.btf, name, size);

	if (member)
		btf__add_field(t.btf, member, type, byte * 8, 0);
	return id;
}

static int make_types(void **state)
{
	t.btf = btf__new_empty();
	t.ch = btf__add_int(t.btf, "char", 1, BTF_INT_SIGNED);
	t.boolean = btf__add_int(t.btf, "_Bool", 1, BTF_INT_BOOL);
	t.s32 = btf__add_int(t.btf, "int", 4, BTF_INT_SIGNED);
	t.u32 = btf__add_int(t.btf, "unsigned int", 4, 0);
	t.s64 = btf__add_int(t.btf, "long int", 8, BTF_INT_SIGNED);
	t.u64 = btf__add_int(t.btf, "long unsigned int", 8, 0);
	t.pid = btf__add_typedef(t.btf, "pid_t", t.s32);
	t.enum64 = btf__add_enum64(t.btf, "wide", 8, false);
	btf__add_enum64_value(t.btf, "NONE", 0);
	btf__add_enum64_value(t.btf, "HIGH", 1ull << 40);
	t.comm = btf__add_array(t.btf, t.u32, t.ch, 16);
	t.task = structure("task_struct", 64, "pid", t.pid, 20);
	btf__add_field(t.btf, "comm", t.comm, 24 * 8, 0);
	t.file = structure("file", 32, NULL, 0, 0);
	t.cgroup = structure("cgroup", 32, NULL, 0, 0);
	t.css = structure("cgroup_subsys_state", 64, "cgroup", pointer(t.cgroup), 8);
	t.large = structure("large", 24, NULL, 0, 0);
	t.bits = structure("packed_bits", 16, NULL, 0, 0);
	btf__add_field(t.btf, "low", t.u32, 64, 3);
	btf__add_field(t.btf, "high", t.s32, 67, 5);
	return 0;
}

static int free_types(void **state)
{
	btf__free(t.btf);
	return 0;
}

/* A function that returns `result` and takes `params`, ended by 0, called a, b, c ... */
static struct named_hook *read_function(int result, const int *params, bool words, bool with_result)
{
	struct named_hook *h = named_hook__new();
	int proto = btf__add_func_proto(t.btf, result);

	for (unsigned int i = 0; params[i]; i++)
		btf__add_func_param(t.btf, (char[]){'a' + i, '\0'}, params[i]);
	assert_int_equal(named_function__read(h, t.btf,
					      btf__add_func(t.btf, "f", BTF_FUNC_GLOBAL, proto),
					      words, with_result),
			 0);
	return h;
}

static const struct field *field(const struct named_hook *h, const char *name,
				 const struct sonde_named_field **from)
{
	const struct field *f = schema__field(&h->schema, name);

	if (!f)
		fail_msg("there is no field %s", name);
	*from = &h->from.fields[f - h->fields];
	return f;
}

static void numbers(void **state)
{
	const int params[] = {t.boolean, t.enum64, t.u32, 0};
	struct named_hook *h = read_function(t.boolean, params, true, true);
	const struct sonde_named_field *from;

	assert_int_equal(field(h, "a", &from)->kind, KIND_bool);
	assert_int_equal(from->size, 1);
	assert_int_equal(field(h, "b", &from)->kind, KIND_flags64);
	assert_int_equal(from->size, 8);
	assert_string_equal(field(h, "b", &from)->values->list[1].name, "HIGH");
	assert_true(field(h, "b", &from)->values->list[1].mask == 1ull << 40);
	assert_int_equal(field(h, "c", &from)->kind, KIND_ulong);
	assert_int_equal(from->size, 4);
	assert_ptr_equal(field(h, "res", &from), h->fields);
	assert_int_equal(h->fields[0].kind, KIND_bool);
	assert_int_equal(from->offsets[0], 24);
	assert_true(h->schema.flags & SCHEMA_RESULT);
	named_hook__free(h);
}

/* What is behind an address, where it is a number or text. */
static void addresses(void **state)
{
	const int params[] = {pointer(t.s64),
			      pointer(t.u32),
			      pointer(t.ch),
			      pointer(t.boolean),
			      pointer(t.ch),
			      pointer(t.large),
			      0};
	struct named_hook *h = read_function(0, params, true, true);
	const struct sonde_named_field *from;

	assert_int_equal(field(h, "a", &from)->kind, KIND_long_at);
	assert_int_equal(from->what, SONDE_NAMED_BYTES_AT);
	assert_int_equal(from->size, 8);
	assert_int_equal(field(h, "b", &from)->kind, KIND_uint_at);
	assert_int_equal(from->size, 4);
	assert_int_equal(field(h, "c", &from)->kind, KIND_string);
	assert_int_equal(from->what, SONDE_NAMED_STRING_AT);
	assert_int_equal(field(h, "d", &from)->kind, KIND_address);
	assert_int_equal(field(h, "f", &from)->kind, KIND_address);
	assert_null(schema__field(&h->schema, "res")); /* void */
	assert_false(h->schema.flags & SCHEMA_RESULT);
	named_hook__free(h);
}

static void structs(void **state)
{
	const int params[] = {pointer(t.task), pointer(t.css), pointer(t.file), 0};
	struct named_hook *h = read_function(0, params, true, false);
	const struct sonde_named_field *from;

	assert_int_equal(h->schema.count, 4);
	assert_int_equal(field(h, "a_pid", &from)->kind, KIND_pid);
	assert_int_equal(from->steps, 1);
	assert_int_equal(from->offsets[1], 20);
	assert_int_equal(from->size, 4);
	assert_int_equal(h->origins[0].param, 0);
	assert_string_equal(h->origins[0].members, "pid");
	assert_int_equal(field(h, "a_comm", &from)->kind, KIND_string);
	assert_int_equal(from->what, SONDE_NAMED_STRING);
	assert_int_equal(from->size, 16);
	assert_int_equal(from->offsets[1], 24);
	assert_int_equal(field(h, "b", &from)->kind, KIND_string);
	assert_int_equal(from->what, SONDE_NAMED_CGROUP);
	assert_int_equal(from->steps, 1);
	assert_int_equal(from->offsets[0], 8);
	assert_int_equal(from->offsets[1], 8);
	assert_int_equal(field(h, "c", &from)->kind, KIND_file);
	assert_int_equal(from->offsets[0], 16);
	named_hook__free(h);
}

/* An address that is returned may be an error; what is behind it has fields of its own. */
static void results(void **state)
{
	const int params[] = {t.u32, 0};
	struct named_hook *h = read_function(pointer(t.task), params, true, true);
	const struct sonde_named_field *from;

	assert_int_equal(h->schema.count, 4);
	assert_true(h->schema.flags & SCHEMA_RESULT);
	assert_int_equal(h->fields[0].kind, KIND_address);
	assert_int_equal(h->from.fields[0].size, 8);
	assert_true(field(h, "res_pid", &from)->quiet);
	assert_int_equal(from->offsets[0], 8);
	named_hook__free(h);
	h = read_function(pointer(t.file), params, false, true);
	assert_int_equal(h->schema.count, 2);
	assert_int_equal(field(h, "res_file", &from)->kind, KIND_file);
	named_hook__free(h);
	h = read_function(pointer(t.ch), params, true, true);
	assert_int_equal(field(h, "res_text", &from)->kind, KIND_string);
	named_hook__free(h);
}

/* A struct of more than 16 bytes is passed on the stack, and takes no register. */
static void by_value(void **state)
{
	const int params[] = {t.large, t.u32, 0};
	struct named_hook *h = read_function(0, params, false, false),
			  *other = read_function(0, (int[]){t.u32, 0}, false, false);

	assert_int_equal(h->schema.count, 1);
	assert_string_equal(h->fields[0].name, "b");
	assert_int_equal(h->from.fields[0].offsets[0], other->from.fields[0].offsets[0]);
	named_hook__free(h);
	named_hook__free(other);
}

static void bit_fields(void **state)
{
	const int params[] = {pointer(t.bits), 0};
	struct named_hook *h = read_function(0, params, true, false);
	const struct sonde_named_field *from;
	const struct types types = types__kernel(t.btf);
	struct error err = {};

	assert_int_equal(named_hook__choose(h, &types, "a->low, a->high", &err), 0);
	field(h, "a->low", &from);
	assert_int_equal(from->offsets[1], 8);
	assert_int_equal(from->bit, 0);
	assert_int_equal(from->bits, 3);
	field(h, "a->high", &from);
	assert_int_equal(from->offsets[1], 8);
	assert_int_equal(from->bit, 3);
	assert_int_equal(from->bits, 5);
	assert_int_equal(from->size, 1);
	assert_int_equal(from->what, SONDE_NAMED_SIGNED);
	named_hook__free(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),  cmocka_unit_test(addresses),
		cmocka_unit_test(structs),  cmocka_unit_test(results),
		cmocka_unit_test(by_value), cmocka_unit_test(bit_fields),
	};

	return cmocka_run_group_tests(tests, make_types, free_types);
}
