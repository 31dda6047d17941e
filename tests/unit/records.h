/* SPDX-License-Identifier: Apache-2.0 */
/* Records as the kernel's side makes them, built by hand. */
#ifndef RECORDS_H
#define RECORDS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sonde/record.h>
#include <string.h>

#define RECORD_BYTES          32768
#define SLOT_OF(type, member) (offsetof(type, member) / 8)

struct builder {
	union {
		struct sonde_record record;
		uint64_t words[RECORD_BYTES / 8];
		uint8_t bytes[RECORD_BYTES];
	};
	size_t size;
};

/* `fixed` is `size` bytes. The caller sets what else the header says. */
static inline struct sonde_record *builder__start(struct builder *b, unsigned int event,
						  unsigned int class, const void *fixed,
						  size_t size)
{
	memset(&b->record, 0, sizeof(b->record));
	b->record.event = event;
	b->record.class = class;
	b->record.subject = SONDE_SUBJECT_CURRENT;
	memcpy(b->bytes + sizeof(b->record), fixed, size);
	memset(b->bytes + sizeof(b->record) + size, 0, 8);
	b->size = sizeof(b->record) + ((size + 7) & ~7ul);
	return &b->record;
}

static inline void builder__item_whole(struct builder *b, unsigned int slot, unsigned int what,
				       const void *data, size_t size, uint32_t whole)
{
	struct sonde_item item = {.slot = slot, .what = what, .size = size, .whole = whole};

	assert_true(b->size + sizeof(item) + size + 8 <= sizeof(b->bytes));
	memcpy(b->bytes + b->size, &item, sizeof(item));
	b->size += sizeof(item);
	memset(b->bytes + b->size, 0, (size + 7) & ~7ul);
	if (size)
		memcpy(b->bytes + b->size, data, size);
	b->size += (size + 7) & ~7ul;
}

static inline void builder__item(struct builder *b, unsigned int slot, unsigned int what,
				 const void *data, size_t size)
{
	builder__item_whole(b, slot, what, data, size, size);
}

static inline struct sonde_record *builder__finish(struct builder *b)
{
	b->record.size = b->size;
	b->record.body = (b->size - sizeof(b->record)) / 8;
	return &b->record;
}

/* A path as the kernel's side has it: the last component first, each with its NUL. Literals only.
 */
#define LEAF_FIRST(components) components, sizeof(components)

#endif
