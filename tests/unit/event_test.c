// SPDX-License-Identifier: Apache-2.0
/* From a record to its fields: numbers, what lies behind addresses, what is missing, and records
 * that lie. */
#include "records.h"

#include "src/event/event.h"

#include <errno.h>

static const struct field fields[] = {
	{.name = "ret", .kind = KIND_size, .size = 8},
	{.name = "fd", .kind = KIND_fd, .size = 8, .offset = 8},
	{.name = "path", .kind = KIND_path, .size = 8, .offset = 16},
	{.name = "length",
	 .kind = KIND_int_at,
	 .direction = FIELD_INOUT,
	 .at_entry = true,
	 .size = 8,
	 .offset = 24},
	{.name = "given", .kind = KIND_path, .at_entry = true, .size = 8, .offset = 32},
	{.name = "pair", .kind = KIND_fd_pair, .direction = FIELD_OUT, .size = 8, .offset = 40},
};

static const struct schema call = {.name = "call",
				   .id = 20,
				   .flags = SCHEMA_CALL | SCHEMA_RESULT,
				   .fixed = 48,
				   .count = 6,
				   .fields = fields};

/* A call's record whose registers are `args`, the result first. */
static struct sonde_record *start(struct builder *b, const uint64_t args[6])
{
	return builder__start(b, call.id, SONDE_CLASS_EVENT, args, 48);
}

static struct value decode(struct event *e, struct builder *b, unsigned int field)
{
	struct value v;

	assert_int_equal(event__decode(e, builder__finish(b), &call, NULL), 0);
	event__value(e, &fields[field], &v);
	assert_ptr_equal(v.field, &fields[field]);
	return v;
}

static void results(void **state)
{
	struct builder b;
	struct event e = {};
	struct value v;

	start(&b, (const uint64_t[6]){-2, 3});
	v = decode(&e, &b, 0);
	assert_int_equal(v.state, VALUE_OK);
	assert_true(v.number == (uint64_t)-2); /* signed, though its kind is not */
	assert_int_equal(event__result(&e), -2);
	assert_true(event__failed(&e));
	start(&b, (const uint64_t[6]){-4095});
	decode(&e, &b, 0);
	assert_true(event__failed(&e));
	start(&b, (const uint64_t[6]){-4096}); /* an address near the end of memory is no error */
	decode(&e, &b, 0);
	assert_false(event__failed(&e));
	start(&b, (const uint64_t[6]){-2});
	b.record.flags = SONDE_RECORD_NO_RETURN;
	decode(&e, &b, 0);
	assert_false(event__failed(&e));
}

/* A register holds more than the kernel looks at: the rest is rubbish. */
static void rubbish_in_registers(void **state)
{
	static const struct {
		enum kind kind;
		uint64_t in, out;
	} cases[] = {
		{KIND_int, 0xdeadbeef00000005, 5},
		{KIND_int, 0xdeadbeeffffffffe, -2ull},
		{KIND_uint, 0xdeadbeeffffffffe, 0xfffffffe},
		{KIND_fd, 0xdeadbeefffffff9c, -100ull},
		{KIND_flags, 0xffffffff00080000, 0x80000},
		{KIND_mode, 0xffffffff000001ff, 0777},
		{KIND_long, 0xdeadbeeffffffffe, 0xdeadbeeffffffffe},
		{KIND_ulong, 0xdeadbeeffffffffe, 0xdeadbeeffffffffe},
		{KIND_port, 0x12345678, 0x5678},
		{KIND_offset, -1ull, -1ull},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct field f = {.name = "x", .kind = cases[i].kind, .size = 8, .offset = 8};
		struct builder b;
		struct event e = {};
		struct value v;

		start(&b, (const uint64_t[6]){0, cases[i].in});
		assert_int_equal(event__decode(&e, builder__finish(&b), &call, NULL), 0);
		event__value(&e, &f, &v);
		if (v.number != cases[i].out)
			fail_msg("%s: %llx", kinds[cases[i].kind].name,
				 (unsigned long long)v.number);
	}
}

/* The fields of an EVENT() have the sizes that C gave them. */
static void numbers_of_c(void **state)
{
	static const struct field list[] = {
		{.name = "a", .kind = KIND_int, .size = 4},
		{.name = "b", .kind = KIND_uint, .size = 2, .offset = 4},
		{.name = "c", .kind = KIND_int, .size = 1, .offset = 6},
		{.name = "d", .kind = KIND_bool, .size = 1, .offset = 7},
		{.name = "e", .kind = KIND_pid, .size = 8, .offset = 8},
		{.name = "text", .kind = KIND_text, .bytes = 8, .offset = 16},
		{.name = "bytes", .kind = KIND_buffer, .bytes = 8, .offset = 24},
		{.name = "behind", .kind = KIND_string, .size = 8, .offset = 32},
	};
	static const struct schema s = {.name = "event", .fixed = 40, .count = 8, .fields = list};
	static const uint8_t fixed[40] = {
		0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfd, 1, 0xfc, 0xff, 0xff, 0xff, 9, 9, 9, 9,
		'a',  'b',  0,    'c',  0,    0,    0,    0, 'a',  'b',  0,    'c',  0, 0, 0, 0};
	static const uint64_t numbers[] = {-2ull, 0xffff, -3ull, 1, -4ull};
	struct builder b;
	struct event e = {};
	struct value v;

	builder__start(&b, 20, SONDE_CLASS_EVENT, fixed, sizeof(fixed));
	builder__item(&b, 4, SONDE_ITEM_DATA, "more", 4);
	assert_int_equal(event__decode(&e, builder__finish(&b), &s, NULL), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(numbers); i++) {
		event__value(&e, &list[i], &v);
		assert_true(v.number == numbers[i]);
		assert_int_equal(v.state, VALUE_OK);
	}
	event__value(&e, &list[5], &v);
	assert_int_equal(v.size, 2); /* text ends at its NUL, bytes do not */
	assert_memory_equal(v.data, "ab", 2);
	assert_false(v.cut);
	event__value(&e, &list[6], &v);
	assert_int_equal(v.size, 8);
	event__value(&e, &list[7], &v);
	assert_int_equal(v.state, VALUE_OK);
	assert_memory_equal(v.data, "more", 4);
	/* the probe had no room for it, or never told */
	builder__start(&b, 20, SONDE_CLASS_EVENT, fixed, sizeof(fixed))->flags = SONDE_RECORD_CUT;
	assert_int_equal(event__decode(&e, builder__finish(&b), &s, NULL), 0);
	event__value(&e, &list[7], &v);
	assert_int_equal(v.state, VALUE_FAULT);
	assert_int_equal(v.whole, ENOSPC);
}

static void data(void **state)
{
	struct builder b;
	struct event e = {};
	struct value v;

	start(&b, (const uint64_t[6]){0, 3, 0x1000});
	builder__item(&b, 2, SONDE_ITEM_DATA, "/etc", 4);
	v = decode(&e, &b, 2);
	assert_int_equal(v.state, VALUE_OK);
	assert_int_equal(v.number, 0x1000);
	assert_int_equal(v.size, 4);
	assert_int_equal(v.whole, 4);
	assert_memory_equal(v.data, "/etc", 4);
	assert_false(v.cut);
	/* empty is not missing */
	start(&b, (const uint64_t[6]){0, 3, 0x1000});
	builder__item(&b, 2, SONDE_ITEM_DATA, NULL, 0);
	v = decode(&e, &b, 2);
	assert_int_equal(v.state, VALUE_OK);
	assert_int_equal(v.size, 0);
	assert_false(v.cut);
	/* cut, with and without its length */
	start(&b, (const uint64_t[6]){0, 3, 0x1000});
	builder__item_whole(&b, 2, SONDE_ITEM_DATA, "/et", 3, 90);
	v = decode(&e, &b, 2);
	assert_true(v.cut);
	assert_int_equal(v.whole, 90);
	start(&b, (const uint64_t[6]){0, 3, 0x1000});
	builder__item_whole(&b, 2, SONDE_ITEM_DATA, "/et", 3, SONDE_WHOLE_UNKNOWN);
	assert_true(decode(&e, &b, 2).cut);
}

static void why_missing(void **state)
{
	struct builder b;
	struct event e = {};
	struct value v;

	start(&b, (const uint64_t[6]){});
	assert_int_equal(decode(&e, &b, 2).state, VALUE_NULL);
	start(&b, (const uint64_t[6]){0, 0, 0x1000});
	v = decode(&e, &b, 2);
	assert_int_equal(v.state, VALUE_ADDRESS);
	assert_int_equal(v.number, 0x1000);
	start(&b, (const uint64_t[6]){0, 0, 0x1000});
	builder__item_whole(&b, 2, SONDE_ITEM_FAULT, NULL, 0, EFAULT);
	v = decode(&e, &b, 2);
	assert_int_equal(v.state, VALUE_FAULT);
	assert_int_equal(v.whole, EFAULT);
	/* there is none, says a probe */
	start(&b, (const uint64_t[6]){0, 0, 0x1000});
	builder__item_whole(&b, 2, SONDE_ITEM_FAULT, NULL, 0, 0);
	assert_int_equal(decode(&e, &b, 2).state, VALUE_NULL);
	/* only the entry could have told */
	start(&b, (const uint64_t[6]){0, 0, 0, 0, 0x1000});
	assert_int_equal(decode(&e, &b, 4).state, VALUE_GONE);
	/* structures of 32-bit programs have another layout; their strings do not */
	start(&b, (const uint64_t[6]){0, 0, 0x1000, 0x2000})->flags = SONDE_RECORD_COMPAT;
	builder__item(&b, 2, SONDE_ITEM_DATA, "x", 1);
	builder__item(&b, 3, SONDE_ITEM_DATA, "1234", 4);
	assert_int_equal(decode(&e, &b, 2).state, VALUE_OK);
	assert_int_equal(decode(&e, &b, 3).state, VALUE_NOT_DECODED);
	start(&b, (const uint64_t[6]){0, 0, 0, 0x2000})->flags = SONDE_RECORD_COMPAT;
	assert_int_equal(decode(&e, &b, 3).state, VALUE_NOT_DECODED);
}

static void files(void **state)
{
	static const struct file first = {.name = "first"}, second = {.name = "second"};
	struct builder b;
	struct event e = {};
	struct value v;
	uint64_t id = 1;

	start(&b, (const uint64_t[6]){3, 4, 0, 0, 0, 0x1000});
	builder__item(&b, 0, SONDE_ITEM_FILE, &id, 8);
	builder__item_whole(&b, 5, SONDE_ITEM_FILE, &id, 8, 4);
	builder__item_whole(&b, 5, SONDE_ITEM_FILE, &id, 8, 3);
	builder__item(&b, 5, SONDE_ITEM_DATA, "\3\0\0\0\4\0\0", 8);
	assert_int_equal(event__decode(&e, builder__finish(&b), &call, NULL), 0);
	assert_null(e.files[0]); /* until the host says */
	e.files[0] = e.files[1] = &first;
	e.files[2] = &second;
	event__value(&e, &fields[1], &v);
	assert_null(v.file);
	event__value(&e, &fields[5], &v);
	assert_ptr_equal(event__file(&e, &fields[5], 4), &first);
	assert_ptr_equal(event__file(&e, &fields[5], 3), &second);
	assert_null(event__file(&e, &fields[5], 8));
	assert_null(event__file(&e, &fields[4], 3));
	assert_int_equal(v.size, 8);
}

/* What the entry showed is what the call was given; of what the call changes it is the old value.
 */
static void entries(void **state)
{
	struct builder entry, exit;
	struct event e = {};
	struct value v;

	start(&entry, (const uint64_t[6]){0, 7, 0x1000, 0x2000, 0x3000, 0x4000})->flags =
		SONDE_RECORD_ENTRY;
	builder__item(&entry, 3, SONDE_ITEM_DATA, "\20\0\0\0", 4);
	builder__item(&entry, 4, SONDE_ITEM_DATA, "/given", 6);
	builder__finish(&entry);
	/* execve leaves no registers */
	start(&exit, (const uint64_t[6]){5});
	builder__item(&exit, 3, SONDE_ITEM_DATA, "\10\0\0\0", 4);
	assert_int_equal(event__decode(&e, builder__finish(&exit), &call, &entry.record), 0);
	assert_int_equal(event__result(&e), 5);
	event__value(&e, &fields[0], &v);
	assert_int_equal(v.number, 5);
	event__value(&e, &fields[1], &v);
	assert_int_equal(v.number, 7);
	event__value(&e, &fields[4], &v);
	assert_int_equal(v.state, VALUE_OK);
	assert_memory_equal(v.data, "/given", 6);
	event__value(&e, &fields[3], &v);
	assert_int_equal(*(const uint8_t *)v.data, 8);
	assert_int_equal(*(const uint8_t *)item__data(event__item(&e, &fields[3], SONDE_ITEM_OLD)),
			 16);
	/* the call failed: nothing was changed */
	start(&exit, (const uint64_t[6]){-11});
	assert_int_equal(event__decode(&e, builder__finish(&exit), &call, &entry.record), 0);
	event__value(&e, &fields[3], &v);
	assert_int_equal(*(const uint8_t *)v.data, 16);
	/* without an entry there is no old value */
	start(&exit, (const uint64_t[6]){5, 0, 0, 0x2000});
	builder__item(&exit, 3, SONDE_ITEM_DATA, "\10\0\0\0", 4);
	assert_int_equal(event__decode(&e, builder__finish(&exit), &call, NULL), 0);
	assert_null(event__item(&e, &fields[3], SONDE_ITEM_OLD));
}

static void latency(void **state)
{
	struct builder b;
	struct event e = {};
	const uint64_t fixed[7] = {0, 3, 0, 0, 0, 0, 123456789};

	builder__start(&b, call.id, SONDE_CLASS_EVENT, fixed, sizeof(fixed))->flags =
		SONDE_RECORD_LATENCY;
	builder__item(&b, 2, SONDE_ITEM_DATA, "x", 1);
	decode(&e, &b, 2);
	assert_int_equal(e.latency, 123456789);
	assert_int_equal(e.item_count, 1);
	start(&b, fixed);
	decode(&e, &b, 2);
	assert_int_equal(e.latency, 0);
	start(&b, fixed)->flags = SONDE_RECORD_LATENCY; /* but there is no room for it */
	assert_int_equal(event__decode(&e, builder__finish(&b), &call, NULL), -EBADMSG);
}

/* Sections of which we know nothing follow what we read. */
static void sections(void **state)
{
	struct builder b;
	struct event e = {};

	start(&b, (const uint64_t[6]){});
	builder__item(&b, 2, SONDE_ITEM_DATA, "/etc", 4);
	builder__finish(&b);
	memset(b.bytes + b.size, 0xff, 64);
	b.record.size += 64;
	assert_int_equal(event__decode(&e, &b.record, &call, NULL), 0);
	assert_int_equal(e.item_count, 1);
}

/* Who refused lies behind one that is not known; one that lies about its size is none. */
static void denied(void **state)
{
	struct sonde_section strange = {.what = 77, .size = 5},
			     section = {.what = SONDE_SECTION_DENIED,
					.size = sizeof(struct sonde_denied)};
	struct sonde_denied by = {.by = SONDE_DENIED_CAPABILITY, .what = 21};
	struct builder b;
	struct event e = {};
	char *at;

	start(&b, (const uint64_t[6]){});
	b.record.flags |= SONDE_RECORD_VERDICT;
	builder__finish(&b);
	at = (char *)b.bytes + b.record.size;
	memset(at, 0, 16 + sizeof(section) + sizeof(by));
	memcpy(at, &strange, sizeof(strange));
	memcpy(at + 16, &section, sizeof(section));
	memcpy(at + 24, &by, sizeof(by));
	b.record.size += 24 + sizeof(by);
	assert_int_equal(event__decode(&e, &b.record, &call, NULL), 0);
	assert_non_null(e.denied);
	assert_int_equal(e.denied->by, SONDE_DENIED_CAPABILITY);
	assert_int_equal(e.denied->what, 21);
	b.record.size -= 8;
	assert_int_equal(event__decode(&e, &b.record, &call, NULL), 0);
	assert_null(e.denied);
	((struct sonde_section *)at)->size = 0xffff;
	assert_int_equal(event__decode(&e, &b.record, &call, NULL), 0);
	assert_null(e.denied);
}

static void more_items_than_we_keep(void **state)
{
	struct builder b;
	struct event e = {};

	start(&b, (const uint64_t[6]){});
	for (unsigned int i = 0; i < 3 * EVENT_ITEMS; i++)
		builder__item(&b, 2, SONDE_ITEM_DATA, "/etc", 4);
	assert_int_equal(event__decode(&e, builder__finish(&b), &call, NULL), 0);
	assert_int_equal(e.item_count, EVENT_ITEMS);
}

static int lie(void (*change)(struct sonde_record *r, struct sonde_item *item))
{
	struct builder b;
	struct event e = {};

	start(&b, (const uint64_t[6]){});
	builder__item(&b, 2, SONDE_ITEM_DATA, "0123456789", 10);
	builder__finish(&b);
	change(&b.record, (void *)(b.bytes + sizeof(struct sonde_record) + 48));
	return event__decode(&e, &b.record, &call, NULL);
}

static void no_lie(struct sonde_record *r, struct sonde_item *item)
{
}

static void body_too_long(struct sonde_record *r, struct sonde_item *item)
{
	r->body++;
}

static void body_longest(struct sonde_record *r, struct sonde_item *item)
{
	r->body = 0xffff;
}

static void body_too_short(struct sonde_record *r, struct sonde_item *item)
{
	r->body = 5;
}

static void half_an_item(struct sonde_record *r, struct sonde_item *item)
{
	r->body -= 1;
}

static void item_too_long(struct sonde_record *r, struct sonde_item *item)
{
	item->size = 17;
}

static void item_longest(struct sonde_record *r, struct sonde_item *item)
{
	item->size = 0xffff;
}

static void record_too_short(struct sonde_record *r, struct sonde_item *item)
{
	r->size -= 8;
}

static void smaller_than_a_header(struct sonde_record *r, struct sonde_item *item)
{
	r->size = 8;
	r->body = 0;
}

static void odd_size(struct sonde_record *r, struct sonde_item *item)
{
	r->size += 4;
}

static void lies(void **state)
{
	assert_int_equal(lie(no_lie), 0);
	assert_int_equal(lie(body_too_long), -EBADMSG);
	assert_int_equal(lie(body_longest), -EBADMSG);
	assert_int_equal(lie(body_too_short), -EBADMSG);
	assert_int_equal(lie(half_an_item), -EBADMSG);
	assert_int_equal(lie(item_too_long), -EBADMSG);
	assert_int_equal(lie(item_longest), -EBADMSG);
	assert_int_equal(lie(record_too_short), -EBADMSG);
	assert_int_equal(lie(smaller_than_a_header), -EBADMSG);
	assert_int_equal(lie(odd_size), -EBADMSG);
}

static void lying_entry(void **state)
{
	struct builder entry, exit;
	struct event e = {};

	start(&entry, (const uint64_t[6]){});
	builder__finish(&entry)->body = 3;
	start(&exit, (const uint64_t[6]){});
	assert_int_equal(event__decode(&e, builder__finish(&exit), &call, &entry.record), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(results),
		cmocka_unit_test(rubbish_in_registers),
		cmocka_unit_test(numbers_of_c),
		cmocka_unit_test(data),
		cmocka_unit_test(why_missing),
		cmocka_unit_test(files),
		cmocka_unit_test(entries),
		cmocka_unit_test(latency),
		cmocka_unit_test(sections),
		cmocka_unit_test(denied),
		cmocka_unit_test(more_items_than_we_keep),
		cmocka_unit_test(lies),
		cmocka_unit_test(lying_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
