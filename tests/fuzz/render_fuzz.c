// SPDX-License-Identifier: Apache-2.0
/*
 * Values of every kind from arbitrary bytes: nothing is read beyond them, and what is printed is
 * safe. Input: kind, a byte of settings, the number, then up to four items, each with what it is, a
 * size and its bytes. All bytes lie in heap blocks of exactly their size, so that the sanitizer
 * sees one step too far.
 */
#include "src/event/render.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const tables[] = {NULL, "open", "address_family", "mmap", "signal", "statx"};

/* Text of a line: no control characters, no invalid UTF-8 that could be one on some terminal. */
static void check_text(const struct buffer *b)
{
	for (size_t i = 0; i < b->size; i++) {
		uint8_t c = b->data[i];

		assert(c >= 0x20 && c != 0x7f && c != 0xc0 && c != 0xc1 && c < 0xf5);
		if (c == 0xc2)
			assert(i + 1 < b->size && (uint8_t)b->data[i + 1] >= 0xa0);
	}
}

/* Strings end, brackets match, no raw control characters. */
static void check_json(const struct buffer *b)
{
	char stack[64];
	unsigned int depth = 0;
	bool string = false;

	assert(b->size);
	for (size_t i = 0; i < b->size; i++) {
		char c = b->data[i];

		assert((uint8_t)c >= 0x20);
		if (string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				string = false;
		} else if (c == '"') {
			string = true;
		} else if (c == '{' || c == '[') {
			assert(depth < sizeof(stack));
			stack[depth++] = c;
		} else if (c == '}' || c == ']') {
			assert(depth && stack[--depth] == (c == '}' ? '{' : '['));
		}
	}
	assert(!string && !depth);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct render r = {.string_limit = 32, .names = true};
	struct {
		struct sonde_record record;
		uint64_t fixed[8];
	} record = {};
	struct field field = {.name = "field", .size = 8, .offset = 8};
	struct schema schema = {
		.name = "call", .flags = SCHEMA_CALL | SCHEMA_RESULT, .count = 1, .fields = &field};
	struct event e = {.record = &record.record, .schema = &schema};
	struct buffer text = {}, json = {}, plain = {}, scratch = {};
	struct sonde_item *items[4] = {};
	struct value v = {.field = &field};
	void *block = NULL;

	if (size < 12)
		return 0;
	field.kind = data[0] % KINDS;
	if (field.kind == KIND_none)
		return 0;
	field.direction = data[1] & 3;
	field.length = data[1] & 4 ? 2 : 0;
	field.values = tables[data[2] % ARRAY_SIZE(tables)]
			       ? values__find(tables[data[2] % ARRAY_SIZE(tables)])
			       : NULL;
	field.provenance = data[1] >> 3 & 1;
	v.cut = data[1] >> 4 & 1;
	v.state = data[3] % 16 < VALUE_NOT_DECODED + 1 ? data[3] % 16 : VALUE_OK;
	if (v.state == VALUE_NONE)
		v.state = VALUE_OK;
	memcpy(&v.number, data + 4, 8);
	if (kinds[field.kind].class == CLASS_SIGNED && kinds[field.kind].size == 4)
		v.number = (int64_t)(int32_t)v.number;
	data += 12;
	size -= 12;
	e.scratch = &scratch;
	for (unsigned int i = 0; i < ARRAY_SIZE(items) && size >= 2; i++) {
		size_t length = min((size_t)data[1], size - 2);

		items[i] = malloc(sizeof(struct sonde_item) + length);
		assert(items[i]);
		*items[i] = (struct sonde_item){.slot = 1,
						.what = data[0] % 8,
						.size = length,
						.whole = length + (data[0] >> 3 & 1)};
		memcpy(items[i] + 1, data + 2, length);
		e.items[e.item_count++] = items[i];
		data += 2 + length;
		size -= 2 + length;
	}
	block = malloc(size ? size : 1);
	assert(block);
	memcpy(block, data, size);
	v.data = block;
	v.size = size;
	v.whole = v.cut ? size + 1 : size;
	if (kinds[field.kind].class == CLASS_NUMBER || kinds[field.kind].class == CLASS_SIGNED)
		v.size = 0;

	render__value(&text, &r, &e, &v);
	check_text(&text);
	render__json(&json, &r, &e, &v);
	check_json(&json);
	render__plain(&plain, &r, &e, &v);
	for (unsigned int i = 0; i < ARRAY_SIZE(items); i++)
		free(items[i]);
	free(block);
	buffer__free(&text);
	buffer__free(&json);
	buffer__free(&plain);
	buffer__free(&scratch);
	return 0;
}
