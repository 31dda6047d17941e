/* SPDX-License-Identifier: Apache-2.0 */
/* What a JSON line consists of: worked out once, so that each event costs values only. */
#ifndef SONDE_JSON_PLAN_H
#define SONDE_JSON_PLAN_H

#include "../base/buffer.h"
#include "../host/fields.h"

/* A key with what separates it: `,"name":`. An object's first comma becomes its bracket. */
struct fragment {
	char *text;
	uint16_t size;
	uint16_t name; /* the bytes of the name alone, behind `,"` */
};

struct json_step {
	struct fragment key;
	struct field_use use;
	bool result; /* says how the call ended: calls that have not returned do not have it */
};

/* The objects at the top: those of `task` depend on the task alone. */
struct json_group {
	struct fragment open; /* `,"proc":` */
	bool task;
	bool event; /* holds the arguments */
	unsigned int count;
	struct json_step *steps;
};

#define JSON_GROUPS 16

/* What is the same in all events of a schema. */
struct json_schema {
	const struct schema *schema;
	struct buffer constants;   /* `,"type":"openat","category":"file,desc"` */
	struct fragment *args;	   /* by field index */
	unsigned int arg_count;
	bool group[JSON_GROUPS];   /* whether it can have any of them */
	uint64_t *steps[JSON_GROUPS]; /* bitmap: which of the group's */
};

struct json_plan {
	bool flat;
	struct json_group groups[JSON_GROUPS];
	unsigned int group_count;
	struct fragment arg_open; /* `,"arg":` */
	struct json_schema **schemas; /* by event id */
	unsigned int schema_count;
};

int json_plan__init(struct json_plan *plan, bool flat) __must_check;
void json_plan__release(struct json_plan *plan);
/* NULL: no memory. */
const struct json_schema *json_plan__schema(struct json_plan *plan, const struct schema *s);

#endif
