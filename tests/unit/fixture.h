/* SPDX-License-Identifier: Apache-2.0 */
/* Builds a call's record and its schema by hand, so that what is made of them can be held against
 * what strace prints. */
#ifndef FIXTURE_H
#define FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/event/render.h"

#define FIXTURE_BYTES 16384

struct fixture {
	union {
		struct sonde_record record;
		uint8_t bytes[FIXTURE_BYTES];
	};
	size_t size;
	struct field fields[8];
	struct schema schema;
	struct event e;
	struct buffer out, scratch;
	struct render render;
	struct sonde_file infos[4];
	struct file files[4];
	unsigned int file_count;
};

/* A call without arguments yet. */
static inline void fixture__call(struct fixture *f, const char *name, int64_t result,
				 enum kind kind)
{
	struct buffer out = f->out, scratch = f->scratch;

	memset(f, 0, sizeof(*f));
	f->out = out;
	f->scratch = scratch;
	buffer__reset(&f->out);
	buffer__reset(&f->scratch);
	f->render = (struct render){.string_limit = 32, .names = true};
	f->schema = (struct schema){
		.name = name,
		.category = "test",
		.flags = SCHEMA_CALL | SCHEMA_RESULT,
		.fields = f->fields,
		.id = SONDE_EVENT_CALLS,
		.count = 1,
		.fixed = 8,
	};
	f->fields[0] = (struct field){.name = "ret", .kind = kind, .size = 8};
	f->record = (struct sonde_record){
		.event = SONDE_EVENT_CALLS,
		.class = SONDE_CLASS_EVENT,
		.subject = SONDE_SUBJECT_CURRENT,
		.pid = 4242,
		.tid = 4242,
		.key = 7,
		.version = 1,
		.time = 1000000000,
	};
	f->size = sizeof(f->record) + 8;
	memcpy(f->bytes + sizeof(f->record), &result, 8);
}

/* All arguments are added before the first item. */
static inline struct field *fixture__arg(struct fixture *f, const char *name, enum kind kind,
					 uint64_t number)
{
	struct field *field = &f->fields[f->schema.count];

	*field = (struct field){
		.name = name, .kind = kind, .size = 8, .offset = 8 * f->schema.count};
	f->schema.count++;
	f->schema.fixed += 8;
	memcpy(f->bytes + f->size, &number, 8);
	f->size += 8;
	return field;
}

static inline void fixture__item_whole(struct fixture *f, unsigned int slot, unsigned int what,
				       const void *data, size_t size, uint32_t whole)
{
	struct sonde_item item = {.slot = slot, .what = what, .size = size, .whole = whole};

	assert_true(f->size + sizeof(item) + size + 8 < sizeof(f->bytes));
	memcpy(f->bytes + f->size, &item, sizeof(item));
	f->size += sizeof(item);
	if (size)
		memcpy(f->bytes + f->size, data, size);
	f->size += (size + 7) & ~7ul;
}

static inline void fixture__item(struct fixture *f, unsigned int slot, unsigned int what,
				 const void *data, size_t size)
{
	fixture__item_whole(f, slot, what, data, size, size);
}

/* The next file that an item FILE resolves to, in the order of the items: of a structure's
 * descriptor. */
static inline void fixture__file_of(struct fixture *f, unsigned int slot, int fd, const char *name)
{
	uint64_t id = f->file_count + 1;

	f->infos[f->file_count] = (struct sonde_file){.id = id, .type = SONDE_FILE_PATH};
	f->files[f->file_count] = (struct file){
		.info = &f->infos[f->file_count], .name = name, .name_size = strlen(name)};
	f->file_count++;
	fixture__item_whole(f, slot, SONDE_ITEM_FILE, &id, 8, fd);
}

static inline void fixture__file(struct fixture *f, unsigned int slot, const char *name)
{
	fixture__file_of(f, slot, 8, name);
}

static inline struct event *fixture__event(struct fixture *f)
{
	f->record.size = f->size;
	f->record.body = (f->size - sizeof(f->record)) / 8;
	f->e = (struct event){.scratch = &f->scratch, .number = 1, .repeats = 1};
	assert_int_equal(event__decode(&f->e, &f->record, &f->schema, NULL), 0);
	for (unsigned int i = 0, n = 0; i < f->e.item_count; i++) {
		if (f->e.items[i]->what == SONDE_ITEM_FILE)
			f->e.files[i] = &f->files[n++];
	}
	return &f->e;
}

static inline const char *fixture__render(struct fixture *f)
{
	buffer__reset(&f->out);
	render__call(&f->out, &f->render, fixture__event(f), 0);
	return buffer__string(&f->out);
}

/* A call with a structure, of a kind that has `length` elements where it is not 0, as its argument.
 */
static inline const char *fixture__structure(struct fixture *f, enum kind kind, const void *data,
					     size_t size, uint8_t length)
{
	fixture__call(f, "x", 0, KIND_int);
	fixture__arg(f, "a", kind, 0x7ffd1000)->length = length;
	fixture__item(f, 1, SONDE_ITEM_DATA, data, size);
	return fixture__render(f);
}

static inline const char *fixture__json(struct fixture *f, unsigned int arg)
{
	struct event *e = fixture__event(f);
	struct value v;

	buffer__reset(&f->out);
	event__value(e, &f->fields[arg], &v);
	render__json(&f->out, &f->render, e, &v);
	return buffer__string(&f->out);
}

static inline void fixture__free(struct fixture *f)
{
	buffer__free(&f->out);
	buffer__free(&f->scratch);
}

#endif
