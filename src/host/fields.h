/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields that have one name everywhere: filter, JSON, --format and the docs read this table. An event's own
 * arguments are reached as evt.arg.NAME and are not in it.
 */
#ifndef SONDE_FIELDS_H
#define SONDE_FIELDS_H

#include "../event/event.h"

/* A field as it is used: proc.aname[2], evt.arg.flags. */
struct field_use {
	const struct field_def *def;
	int index;	   /* of proc.aname[2]; -1: none given */
	char argument[48]; /* of evt.arg.flags: "flags"; "" otherwise */
	/* evt.arg.NAME looks its field up once for each schema. */
	const struct schema *cached_schema;
	const struct field *cached_field;
};

enum field_takes {
	TAKES_NOTHING,
	TAKES_INDEX,	/* may have [n] */
	TAKES_ARGUMENT, /* must have .name: evt.arg.flags */
};

struct field_def {
	struct field field; /* name with its group ("proc.name"), alias, help, kind, values */
	uint8_t takes;	    /* enum field_takes */
	uint8_t needs;	    /* enum field_needs: what must be captured so that it is known */
	/* Fills `v` (its `field` is set already). Composed text goes to e->scratch. */
	void (*get)(const struct event *e, struct field_use *use, struct value *v);
};

enum field_needs {
	NEEDS_FILES = 1 << 0,	/* resolve descriptors */
	NEEDS_LATENCY = 1 << 1,
	NEEDS_ENTRY = 1 << 2,
	NEEDS_ENV = 1 << 3,
};

extern const struct field_def field_defs[];
extern const unsigned int field_def_count;

/*
 * Resolves a name such as "proc.aname[2]", "evt.arg.flags" or an alias.
 * -ENOENT: no such field; -EINVAL: an index or argument that it does not take, or one that is missing.
 */
int field_use__parse(struct field_use *use, const char *name) __must_check;

/* The value of a used field in this event, whatever group it is of. */
void field_use__value(struct field_use *use, const struct event *e, struct value *v);

#endif
