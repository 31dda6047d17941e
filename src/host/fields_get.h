/* SPDX-License-Identifier: Apache-2.0 */
/* What the functions behind fields.def share. */
#ifndef SONDE_FIELDS_GET_H
#define SONDE_FIELDS_GET_H

#include "fields.h"
#include "host.h"

#define FIELD(name, kind, getter, ...)                                                             \
	void field_get__##getter(const struct event *e, struct field_use *use, struct value *v);
#include "fields.def"
#undef FIELD

enum time_part {
	TIME_ALL,
	TIME_SECONDS,
	TIME_NANOSECONDS,
	TIME_OF_DAY,
	TIME_OF_DAY_S,
	TIME_ISO,
	TIME_DATE,
	TIME_DATE_S
};
enum is_part { IS_IO, IS_READ, IS_WRITE, IS_WAIT };
enum open_part { OPEN_READ, OPEN_WRITE, OPEN_EXEC, OPEN_CREATE };
enum path_part { PATH_ONLY, PATH_SOURCE, PATH_TARGET, PATH_DIRECTORY, PATH_FILE };
enum who { WHO_SELF, WHO_PARENT, WHO_ANCESTOR, WHO_SESSION, WHO_GROUP };
enum number_part {
	NUMBER_VPID,
	NUMBER_PVPID,
	NUMBER_VTID,
	NUMBER_PGID,
	NUMBER_VPGID,
	NUMBER_SID,
	NUMBER_EXE_INO,
	NUMBER_EXE_CTIME,
	NUMBER_EXE_MTIME,
	NUMBER_CTIME_TO_START,
	NUMBER_NS, /* + enum sonde_namespace */
};
enum caps_part { CAPS_EFFECTIVE, CAPS_PERMITTED, CAPS_INHERITABLE };
enum id_part { ID_UID, ID_EUID, ID_LOGIN, ID_GID, ID_EGID };
enum inode_part { INODE_NUMBER, INODE_DEVICE, INODE_MAJOR, INODE_MINOR };
enum end_part { END_EITHER, END_CLIENT, END_SERVER, END_LOCAL, END_REMOTE };

bool schema__is_call(const struct schema *s);
bool schema__is_timed(const struct schema *s);
bool schema__has_result(const struct schema *s);
bool schema__has_buffer(const struct schema *s);
bool schema__has_path(const struct schema *s);
bool schema__waits(const struct schema *s);
/* Whether the call opens a file by path; its flags and mode are then `flags`, `mode` or an
 * open_how. */
bool schema__opens(const struct schema *s);
/* The first or second path argument, or NULL. */
const struct field *schema__path(const struct schema *s, enum path_part part);

static inline void value__set_number(struct value *v, uint64_t number)
{
	v->state = VALUE_OK;
	v->number = number;
}

static inline void value__set_bytes(struct value *v, const void *data, size_t size)
{
	v->state = VALUE_OK;
	v->data = data;
	v->size = v->whole = size;
}

/* Nothing for NULL. */
static inline void value__set_string(struct value *v, const char *text)
{
	if (text)
		value__set_bytes(v, text, strlen(text));
}

/* What was appended to the scratch since `start`. */
static inline void value__set_scratch(struct value *v, const struct event *e, size_t start)
{
	if (!e->scratch->failed && e->scratch->data)
		value__set_bytes(v, e->scratch->data + start, e->scratch->size - start);
}

static inline void value__set_text(struct value *v, const struct text *t)
{
	if (!t->data) {
		v->state = t->error ? VALUE_FAULT : VALUE_NONE;
		v->whole = t->error;
		return;
	}
	value__set_bytes(v, t->data, t->size);
	v->whole = t->whole;
	v->cut = t->whole != t->size;
}

/* The path of an argument, made absolute where its directory is known. False: the event has no such
 * path. */
bool event__absolute_path(const struct event *e, enum path_part part, struct buffer *out);

#endif
