/* SPDX-License-Identifier: Apache-2.0 */
/* What a JSON line consists of: worked out once, so that each event costs values only. */
#ifndef SONDE_JSON_PLAN_H
#define SONDE_JSON_PLAN_H

#include "../base/buffer.h"
#include "../host/fields.h"

#define FRAGMENT_BYTES 32

/* A key with what separates it: `,"name":`. An object's first comma becomes its bracket. */
struct fragment {
	char *text; /* FRAGMENT_BYTES at least: short ones are copied whole */
	uint16_t size;
	uint16_t name; /* the bytes of the name alone, behind `,"` */
};

static inline void fragment__put(const struct fragment *f, struct buffer *b)
{
	if (f->size > FRAGMENT_BYTES || !buffer__reserve(b, FRAGMENT_BYTES)) {
		buffer__bytes(b, f->text, f->size);
		return;
	}
	memcpy(b->data + b->size, f->text, FRAGMENT_BYTES);
	b->size += f->size;
}

/* What nearly each event has is written without detours; it is the same as fields.h has it. */
enum json_special {
	JSON_NUMBER,
	JSON_TIME,
	JSON_RAW_TIME,
	JSON_CPU,
	JSON_RESULT,
	JSON_RAW_RESULT,
	JSON_FAILED,
	JSON_FD_NUMBER,
	JSON_SPECIALS, /* all others */
};

struct json_step {
	struct fragment key;
	struct field_use use;
	bool result;   /* says how the call ended: one that has not returned does not have it */
	bool pathname; /* known of a path, even where there is no file */
	bool name;     /* fd.name */
};

/* The objects at the top: those of `task` depend on the task alone. */
struct json_group {
	struct fragment open; /* `,"proc":` */
	bool task;
	bool event; /* holds the arguments */
	bool fd;    /* about the descriptor */
	unsigned int count;
	struct json_step *steps;
};

#define JSON_GROUPS 16

/* What a schema's events can have of a group. The steps are copies, but for their keys: a field_use
 * remembers a schema. */
struct json_part {
	unsigned int count;
	struct json_step *steps;
};

/* What is the same in all events of a schema. */
struct json_schema {
	const struct schema *schema;
	struct buffer constants; /* `,"type":"openat","category":"file,desc"` */
	struct fragment *args;   /* by field index */
	unsigned int arg_count;
	const struct field *descriptor; /* what fd.* is about, or NULL */
	bool result, opens, address;    /* has one; opens a file; is passed a socket's address */
	struct json_part parts[JSON_GROUPS];
};

struct json_plan {
	bool flat;
	struct json_group groups[JSON_GROUPS];
	unsigned int group_count;
	struct fragment arg_open; /* `,"arg":` */
	struct fragment specials[JSON_SPECIALS];
	struct json_schema **schemas; /* by event id */
	unsigned int schema_count;
};

int json_plan__init(struct json_plan *plan, bool flat) __must_check;
void json_plan__release(struct json_plan *plan);
/* NULL: no memory. */
const struct json_schema *json_plan__schema(struct json_plan *plan, const struct schema *s);

#endif
