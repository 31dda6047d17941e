/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fields that have one name everywhere: filter, JSON, --format and the docs read this table. An
 * event's own arguments are reached as evt.arg.NAME and are not in it.
 */
#ifndef SONDE_FIELDS_H
#define SONDE_FIELDS_H

#include "../event/event.h"

/* A field as it is used: proc.aname[2], evt.arg.flags. */
struct field_use {
	const struct field_def *def;
	int index;         /* of proc.aname[2]; -1: none given */
	char argument[48]; /* of evt.arg.flags: "flags", of proc.env[HOME]: "HOME"; "" otherwise */
	/* evt.arg.NAME looks its field up once for each schema. */
	const struct schema *cached_schema;
	const struct field *cached_field;
};

enum field_takes {
	TAKES_NOTHING,
	TAKES_INDEX,    /* may have [n] */
	TAKES_ARGUMENT, /* must have .name or [n]: evt.arg.flags, evt.arg[0] */
	TAKES_KEY,      /* may have [name]: proc.env[HOME] */
};

/* What a filter knows of a field beyond its kind. */
enum field_means {
	MEANS_VALUE,
	MEANS_EVENT, /* decided by the event's schema alone: evt.type, evt.is_io */
	MEANS_TYPE,  /* the same, and its constants are events' names */
	MEANS_CATEGORY,
	MEANS_RESULT,   /* evt.res: `number` is the errno, 0 for success */
	MEANS_ARGUMENT, /* evt.arg */
};

struct field_def {
	struct field field; /* name with its group ("proc.name"), alias, help, kind, values */
	uint8_t takes;      /* enum field_takes */
	uint8_t needs;      /* enum field_needs: what must be captured so that it is known */
	uint8_t means;      /* enum field_means */
	uint8_t part;       /* which of several, for its own `get` */
	bool many; /* without an index it stands for several values: those of the indexes from 1 on,
		      up to VALUE_NONE */
	bool (*of)(const struct schema *s); /* whether this event may have it; NULL: each may */
	/* Fills `v` (its `field` is set already). Composed text goes to e->scratch. */
	void (*get)(const struct event *e, struct field_use *use, struct value *v);
};

enum field_needs {
	NEEDS_FILES = 1 << 0, /* resolve descriptors */
	NEEDS_LATENCY = 1 << 1,
	NEEDS_ENTRY = 1 << 2,
	NEEDS_ENV = 1 << 3,
	NEEDS_DENIED = 1 << 4,   /* who refused */
	NEEDS_IO_URING = 1 << 5, /* what io_uring does instead of calls */
};

extern const struct field_def field_defs[];
extern const unsigned int field_def_count;

/*
 * Resolves a name such as "proc.aname[2]", "evt.arg.flags" or an alias.
 * -ENOENT: no such field; -EINVAL: an index or argument that it does not take, or one that is
 * missing.
 */
int field_use__parse(struct field_use *use, const char *name) __must_check;

/* The argument that a use of evt.arg means in this event, or NULL. */
const struct field *field_use__argument(const struct field_use *use, const struct schema *s);
/* Whether this event may have the field at all. */
bool field_use__of(const struct field_use *use, const struct schema *s);

/*
 * The value of a used field in this event, whatever group it is of; VALUE_NONE when it has none.
 * `v->field` may be another than the definition's: an argument's own. A field of many values
 * without index gives them as one text.
 */
void field_use__value(struct field_use *use, const struct event *e, struct value *v);

/* An event's argument by the man page's name, sysdig's for the same, or "res"; NULL when it has
 * none. */
const struct field *schema__argument(const struct schema *s, const char *name);
/* The descriptor that a call is about: the one it returns, or its first that is not a directory to
 * start from. */
const struct field *schema__descriptor(const struct schema *s);
bool schema__has_descriptor(const struct schema *s);
/* What a field is in this event, where that depends on its other arguments; NULL when it means
 * nothing there. */
static inline const struct field *event__field(const struct event *e, const struct field *field)
{
	return e->schema->variants
		       ? schema__variant(e->schema, field, (const uint64_t *)(e->record + 1))
		       : field;
}

/* Why a name of sysdig's or Falco's is not to be had here, or NULL when it is none of theirs. */
const char *field__missing(const char *name);

#endif
