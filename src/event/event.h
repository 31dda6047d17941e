/* SPDX-License-Identifier: Apache-2.0 */
/* One event as its readers see it: a record, its schema, who did it, and the values of its fields.
 */
#ifndef SONDE_EVENT_H
#define SONDE_EVENT_H

#include "../base/buffer.h"
#include "schema.h"
#include <sonde/record.h>

struct process; /* src/host/host.h */
struct host;

/* What the kernel resolved a descriptor to; src/host keeps them. */
struct file {
	const struct sonde_file *info;
	const char *name; /* what stands in <>: "/etc/hosts", "tcp:127.0.0.1:40112->127.0.0.1:443",
			     "pipe:[1234]" */
	uint32_t name_size : 31;
	bool cut : 1;    /* the head of the path is missing */
	uint32_t serial; /* of this introduction: no other of the host's has it; 0: none */
};

enum value_state {
	VALUE_OK,
	VALUE_NONE,    /* the event has no such field */
	VALUE_NULL,    /* the program passed NULL */
	VALUE_ADDRESS, /* an address whose data was not read: `number` is it (not asked for, or a
			  call that failed) */
	VALUE_FAULT,   /* could not be read: `whole` is the errno */
	VALUE_GONE,    /* at exit it was too late and the entry was not seen */
	VALUE_NOT_DECODED, /* a 32-bit structure */
};

struct value {
	uint8_t state;   /* enum value_state */
	bool cut;        /* `data` is not all that there was */
	uint32_t size;   /* bytes at `data` */
	uint32_t whole;  /* bytes that there were, or SONDE_WHOLE_UNKNOWN */
	uint64_t number; /* the fixed part, sign-extended where its kind is signed */
	const void *data;
	const struct file *file;   /* what the kernel resolved it to, or NULL */
	const struct field *field; /* kind and names; never NULL except for VALUE_NONE */
};

#define EVENT_ITEMS 128 /* select's three sets, at entry and exit, of 16 descriptors each */

struct event {
	const struct sonde_record *record;
	const struct sonde_record *entry; /* what was read at the call's entry, or NULL */
	const struct schema *schema;
	const struct process *process; /* as introduced; NULL when unknown */
	const struct host *host;
	uint64_t latency;                  /* ns; 0: not measured */
	uint64_t number;                   /* evt.num: how many were delivered before, plus one */
	const struct sonde_denied *denied; /* of a call that failed for want of rights, or NULL */
	const struct file *denied_file;    /* the host fills it in */
	bool late;                         /* younger ones were delivered before */
	uint32_t repeats;                  /* evt.count: 1, or how many were folded into this one */
	uint8_t item_count;
	uint8_t entry_items; /* how many of them are of the entry: they come first */
	const struct sonde_item *items[EVENT_ITEMS]; /* of entry and exit */
	const struct file
		*files[EVENT_ITEMS]; /* what SONDE_ITEM_FILE stands for: the host fills it in */
	struct buffer *scratch;      /* for values that must be composed; reset with each event */
};

/*
 * Fills `e` from a record. Everything that lies about its size is found here, and only here.
 * -EBADMSG: the record contradicts itself or its schema; `e` is unusable then.
 */
int event__decode(struct event *e, const struct sonde_record *record, const struct schema *schema,
		  const struct sonde_record *entry) __must_check;

/* The value of a field; VALUE_NONE when it is not this event's, or has not changed (CHANGED()). */
void event__value(const struct event *e, const struct field *field, struct value *v);
/* Of fields that are of one kind. */
bool value__equals(const struct value *a, const struct value *b);

/*
 * The first item of the field with this `what`, or NULL. Of a field that the call changes
 * (FIELD_INOUT) DATA is what the exit shows, where it shows it, and OLD what the entry showed.
 */
const struct sonde_item *event__item(const struct event *e, const struct field *field,
				     unsigned int what);

/* What a descriptor among those of a structure stands for, or NULL. */
const struct file *event__file(const struct event *e, const struct field *field, int32_t fd);

/* The item at byte `at` of a record's body, whose items end at `end`; NULL: it reaches beyond. */
static inline const struct sonde_item *record__item(const struct sonde_record *record, size_t at,
						    size_t end)
{
	const struct sonde_item *item = (const void *)((const char *)(record + 1) + at);

	return end - at >= sizeof(*item) && end - at - sizeof(*item) >= item->size ? item : NULL;
}

/* Bytes of an item with its padding: the next one lies behind. */
static inline size_t item__size(const struct sonde_item *item)
{
	return sizeof(*item) + ((item->size + 7ul) & ~7ul);
}

/* What the first item of a record of io_uring says; NULL: it is none, or contradicts itself. */
const struct sonde_request *record__request(const struct sonde_record *record,
					    const struct schema *schema);

static inline const struct sonde_request *event__request(const struct event *e)
{
	return unlikely(e->record->flags & SONDE_RECORD_IO_URING)
		       ? record__request(e->record, e->schema)
		       : NULL;
}

static inline const void *item__data(const struct sonde_item *item)
{
	return item + 1;
}

/* A call's result; negative: -errno. Only for schemas with SCHEMA_RESULT. */
static inline int64_t event__result(const struct event *e)
{
	return *(const int64_t *)(e->record + 1);
}

static inline bool event__failed(const struct event *e)
{
	return (e->schema->flags & SCHEMA_RESULT) && !(e->record->flags & SONDE_RECORD_NO_RETURN) &&
	       event__result(e) < 0 && event__result(e) >= -4095;
}

/* The line in which a new task comes back from a clone() that its parent made: no call of its own,
 * and what the arguments point to may have changed since. */
bool event__is_birth(const struct event *e);

#endif
