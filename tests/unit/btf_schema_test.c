// SPDX-License-Identifier: Apache-2.0
/* Schemas out of type information that is put together here, right and wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/event/catalogue.h"
#include "src/kernel/btf_schema.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Types that tests use, by id. */
struct types {
	struct btf *btf;
	int u8, chr, s32, u32, s64, u64, boolean, flt, data;
};

static void start(struct types *t)
{
	t->btf = btf__new_empty();
	assert_non_null(t->btf);
	t->u8 = btf__add_int(t->btf, "unsigned char", 1, 0);
	t->chr = btf__add_int(t->btf, "char", 1, BTF_INT_SIGNED | BTF_INT_CHAR);
	t->s32 = btf__add_int(t->btf, "int", 4, BTF_INT_SIGNED);
	t->u32 = btf__add_int(t->btf, "unsigned int", 4, 0);
	t->s64 = btf__add_int(t->btf, "long", 8, BTF_INT_SIGNED);
	t->u64 = btf__add_int(t->btf, "unsigned long", 8, 0);
	t->boolean = btf__add_int(t->btf, "_Bool", 1, BTF_INT_BOOL);
	t->flt = btf__add_float(t->btf, "double", 8);
	t->data = btf__add_struct(t->btf, "sonde_data", 8);
	btf__add_field(t->btf, "address", t->u64, 0, 0);
	assert_true(t->data > 0 && t->flt > 0);
}

static struct btf_schemas *read_all(struct types *t, unsigned int first_id)
{
	struct btf_schemas *b = NULL;
	struct error err = {};

	assert_int_equal(btf_schemas__new(t->btf, first_id, &b, &err), 0);
	assert_string_equal(err.text, "");
	btf__free(t->btf); /* nothing may point into it */
	return b;
}

static void fails(struct types *t, const char *words)
{
	struct btf_schemas *b = NULL;
	struct error err = {};

	assert_int_equal(btf_schemas__new(t->btf, 100, &b, &err), -EINVAL);
	assert_null(b);
	if (!strstr(err.text, words))
		fail_msg("%s: not in: %s", words, err.text);
	btf__free(t->btf);
}

static const struct field *check(const struct schema *s, const char *name, enum kind kind,
				 unsigned int offset, unsigned int size, unsigned int bytes)
{
	const struct field *f = schema__field(s, name);

	assert_non_null(f);
	assert_string_equal(f->name, name);
	assert_int_equal(f->kind, kind);
	assert_int_equal(f->offset, offset);
	assert_int_equal(f->size, size);
	assert_int_equal(f->bytes, bytes);
	return f;
}

static void types_of_c(void **state)
{
	struct types t;
	struct btf_schemas *b;
	const struct schema *s;
	unsigned int count;
	int alias, number;

	start(&t);
	alias = btf__add_const(
		t.btf,
		btf__add_typedef(t.btf, "__u16", btf__add_int(t.btf, "unsigned short", 2, 0)));
	number = btf__add_enum(t.btf, "colour", 4);
	btf__add_enum_value(t.btf, "RED", 1);
	assert_true(btf__add_struct(t.btf, "sonde_event__all", 100) > 0);
	btf__add_field(t.btf, "a", t.s32, 0, 0);
	btf__add_field(t.btf, "b", t.u32, 32, 0);
	btf__add_field(t.btf, "c", t.s64, 64, 0);
	btf__add_field(t.btf, "d", t.u64, 128, 0);
	btf__add_field(t.btf, "e", alias, 192, 0);
	btf__add_field(t.btf, "f", t.boolean, 208, 0);
	btf__add_field(t.btf, "g", t.data, 256, 0);
	btf__add_field(t.btf, "h", number, 320, 0);
	{
		int comm = btf__add_array(t.btf, t.u32, t.chr, 16),
		    words = btf__add_array(t.btf, t.u32, t.u64, 4);
		int self = btf__add_struct(t.btf, "sonde_event__arrays", 52);

		btf__add_field(t.btf, "comm", comm, 32, 0);
		btf__add_field(t.btf, "words", words, 160, 0);
		assert_true(self > 0);
	}
	b = read_all(&t, 500);
	s = btf_schemas__list(b, &count);
	assert_int_equal(count, 2);
	assert_string_equal(s[0].name, "all");
	assert_string_equal(s[0].help, "");
	assert_string_equal(s[0].category, "");
	assert_int_equal(s[0].id, 500);
	assert_int_equal(s[1].id, 501);
	assert_int_equal(s[0].fixed, 104);
	assert_int_equal(s[0].count, 8);
	assert_int_equal(s[0].number, -1);
	assert_int_equal(s[0].flags, 0);
	check(&s[0], "a", KIND_int, 0, 4, 0);
	check(&s[0], "b", KIND_uint, 4, 4, 0);
	check(&s[0], "c", KIND_long, 8, 8, 0);
	check(&s[0], "d", KIND_ulong, 16, 8, 0);
	check(&s[0], "e", KIND_uint, 24, 2, 0);
	check(&s[0], "f", KIND_bool, 26, 1, 0);
	check(&s[0], "g", KIND_string, 32, 8, 0);
	assert_int_equal(check(&s[0], "h", KIND_uint, 40, 4, 0)->provenance, FROM_KERNEL);
	check(&s[1], "comm", KIND_text, 4, 0, 16);
	check(&s[1], "words", KIND_buffer, 20, 0, 32);
	assert_int_equal(s[1].fixed, 56);
	btf_schemas__free(b);
	btf_schemas__free(NULL);
}

static void tags(void **state)
{
	struct types t;
	struct btf_schemas *b;
	const struct schema *s, *call;
	const struct field *f;
	unsigned int count;
	int id, other;

	start(&t);
	id = btf__add_struct(t.btf, "sonde_event__open", 16);
	btf__add_field(t.btf, "pid", t.s32, 0, 0);
	btf__add_field(t.btf, "flags", t.u32, 32, 0);
	btf__add_field(t.btf, "path", t.data, 64, 0);
	other = btf__add_struct(t.btf, "something_else", 4);
	btf__add_field(t.btf, "x", t.u32, 0, 0);
	btf__add_decl_tag(t.btf, "category:file,desc", id, -1);
	btf__add_decl_tag(t.btf, "help:a file: opened", id, -1);
	btf__add_decl_tag(t.btf, "blind:io_uring", id, -1);
	btf__add_decl_tag(t.btf, "variants:setsockopt", id, -1);
	btf__add_decl_tag(t.btf, "kind:pid", id, 0);
	btf__add_decl_tag(t.btf, "kind:flags", id, 1);
	btf__add_decl_tag(t.btf, "values:open", id, 1);
	btf__add_decl_tag(t.btf, "kind:path", id, 2);
	btf__add_decl_tag(t.btf, "from:user", id, 2);
	btf__add_decl_tag(t.btf, "quiet", id, 2);
	btf__add_decl_tag(t.btf, "help:which", id, 2);
	btf__add_decl_tag(t.btf, "nobody's", other, 0); /* no event's: not ours to judge */
	b = read_all(&t, 100);
	s = btf_schemas__list(b, &count);
	assert_int_equal(count, 1);
	assert_string_equal(s->category, "file,desc");
	assert_string_equal(s->help, "a file: opened");
	assert_string_equal(s->blind, "io_uring");
	call = catalogue__calls(&count);
	while (strcmp(call->name, "setsockopt"))
		call++;
	assert_non_null(call->variants);
	assert_ptr_equal(s->variants, call->variants);
	check(s, "pid", KIND_pid, 0, 4, 0);
	f = check(s, "flags", KIND_flags, 4, 4, 0);
	assert_ptr_equal(f->values, values__find("open"));
	assert_string_equal(f->help, "");
	assert_false(f->quiet);
	f = check(s, "path", KIND_path, 8, 8, 0);
	assert_string_equal(f->help, "which");
	assert_int_equal(f->provenance, FROM_USER);
	assert_true(f->quiet);
	btf_schemas__free(b);
}

static void pairs(void **state)
{
	struct types t;
	struct btf_schemas *b;
	const struct schema *s;
	const struct field *f;
	unsigned int count;
	int id;

	start(&t);
	id = btf__add_struct(t.btf, "sonde_event__change", 16);
	btf__add_field(t.btf, "old_a", t.u32, 0, 0);
	btf__add_field(t.btf, "old_b", t.u32, 32, 0);
	btf__add_field(t.btf, "a", t.u32, 64, 0);
	btf__add_field(t.btf, "b", t.u32, 96, 0);
	btf__add_decl_tag(t.btf, "was:old_a", id, 2);
	btf__add_decl_tag(t.btf, "changed:old_b", id, 3);
	b = read_all(&t, 100);
	s = btf_schemas__list(b, &count);
	f = check(s, "a", KIND_uint, 8, 4, 0);
	assert_int_equal(f->pair, -2);
	assert_false(f->only_changed);
	assert_int_equal(f[-2].pair, 2);
	f = check(s, "b", KIND_uint, 12, 4, 0);
	assert_int_equal(f->pair, -2);
	assert_true(f->only_changed && f[-2].only_changed);
	btf_schemas__free(b);
	start(&t); /* what it was stands behind it */
	id = btf__add_struct(t.btf, "sonde_event__bad", 8);
	btf__add_field(t.btf, "field", t.u32, 0, 0);
	btf__add_field(t.btf, "old", t.u32, 32, 0);
	btf__add_decl_tag(t.btf, "was:old", id, 0);
	fails(&t, "event bad, field field: the tag \"was:old\"");
}

/* What prctl(PR_GET_SECUREBITS) returns is not what a hook inside it does. */
static void result_like_a_call(void **state)
{
	uint64_t fixed[] = {0, 27 /* PR_GET_SECUREBITS */};
	struct types t;
	struct btf_schemas *b;
	const struct schema *s;
	unsigned int count;
	int id;

	start(&t);
	id = btf__add_struct(t.btf, "sonde_event__like", 16);
	btf__add_field(t.btf, "res", t.s64, 0, 0);
	btf__add_field(t.btf, "option", t.u64, 64, 0);
	btf__add_decl_tag(t.btf, "variants:prctl", id, -1);
	b = read_all(&t, 100);
	s = btf_schemas__list(b, &count);
	assert_ptr_equal(schema__variant(s, s->fields, fixed), s->fields);
	btf_schemas__free(b);
}

static void wrong_tags(void **state)
{
	static const char *const wrong[] = {"kind:no_such", "kind:",   "values:no_such",
					    "from:mars",    "rubbish", "kind:none"};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct types t;
		int id;

		start(&t);
		id = btf__add_struct(t.btf, "sonde_event__bad", 4);
		btf__add_field(t.btf, "field", t.u32, 0, 0);
		btf__add_decl_tag(t.btf, wrong[i], id, 0);
		fails(&t, "event bad, field field: the tag");
	}
}

/* An event with one field of that type. */
static void one_field(struct types *t, int type, unsigned int size, unsigned int bit,
		      unsigned int bits)
{
	assert_true(btf__add_struct(t->btf, "sonde_event__bad", size) > 0);
	assert_int_equal(btf__add_field(t->btf, "field", type, bit, bits), 0);
}

static void wrong_types(void **state)
{
	const char *words = "event bad, field field: its type";
	struct types t;

	start(&t);
	one_field(&t, t.flt, 8, 0, 0);
	fails(&t, words);
	start(&t);
	one_field(&t, btf__add_ptr(t.btf, t.u32), 8, 0, 0);
	fails(&t, words);
	start(&t);
	one_field(&t, btf__add_int(t.btf, "__int128", 16, 0), 16, 0, 0);
	fails(&t, words);
	start(&t); /* arrays of pointers, of arrays, of nothing, of too much */
	one_field(&t, btf__add_array(t.btf, t.u32, btf__add_ptr(t.btf, t.u32), 2), 16, 0, 0);
	fails(&t, words);
	start(&t);
	one_field(&t, btf__add_array(t.btf, t.u32, btf__add_array(t.btf, t.u32, t.chr, 4), 4), 16,
		  0, 0);
	fails(&t, words);
	start(&t);
	one_field(&t, btf__add_array(t.btf, t.u32, t.chr, 0), 8, 0, 0);
	fails(&t, words);
	start(&t);
	one_field(&t, btf__add_array(t.btf, t.u32, t.u64, 1u << 30), 4096, 0, 0);
	fails(&t, words);
	start(&t); /* a bitfield */
	one_field(&t, t.u32, 8, 3, 5);
	fails(&t, words);
	start(&t); /* another struct than struct sonde_data */
	{
		int other = btf__add_struct(t.btf, "pair", 8);

		btf__add_field(t.btf, "x", t.u32, 0, 0);
		one_field(&t, other, 8, 0, 0);
	}
	fails(&t, words);
	start(&t); /* beyond the struct's end */
	one_field(&t, t.u64, 8, 32, 0);
	fails(&t, words);
	start(&t); /* a type that does not exist yet */
	one_field(&t, 4000, 8, 0, 0);
	fails(&t, words);
}

static void wrong_events(void **state)
{
	struct types t;
	char name[16];

	start(&t);
	btf__add_struct(t.btf, "sonde_event__bad", 8192);
	fails(&t, "event bad: it has more");
	start(&t);
	btf__add_struct(t.btf, "sonde_event__bad", 2048);
	for (unsigned int i = 0; i < 256; i++) {
		sprintf(name, "f%u", i);
		btf__add_field(t.btf, name, t.u32, 32 * i, 0);
	}
	fails(&t, "event bad: it has more");
	start(&t);
	btf__add_struct(t.btf, "sonde_event__bad", 4);
	btf__add_struct(t.btf, "sonde_event__bad", 8);
	fails(&t, "event bad is declared twice");
}

static void none(void **state)
{
	struct types t;
	struct btf_schemas *b;
	unsigned int count;

	start(&t);
	b = read_all(&t, 100);
	btf_schemas__list(b, &count);
	assert_int_equal(count, 0);
	btf_schemas__free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_of_c),   cmocka_unit_test(tags),
		cmocka_unit_test(pairs),        cmocka_unit_test(result_like_a_call),
		cmocka_unit_test(wrong_tags),   cmocka_unit_test(wrong_types),
		cmocka_unit_test(wrong_events), cmocka_unit_test(none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
