/* SPDX-License-Identifier: Apache-2.0 */
/* How values look: to people (strace's notation) and to programs (JSON). Sinks, templates and
 * filters share it. */
#ifndef SONDE_RENDER_H
#define SONDE_RENDER_H

#include "event.h"

/* What can have a colour of its own. */
enum paint {
	PAINT_NAME,     /* of an event */
	PAINT_STRING,   /* what a program passed */
	PAINT_RESOLVED, /* <what the kernel resolved> */
	PAINT_QUIET,    /* times, comments, what matters least */
	PAINT_WHO,      /* process names */
	PAINT_FAILED,
	PAINT_END, /* back to what was before */
	PAINTS,
};

struct render {
	uint32_t string_limit; /* -s: bytes of a string or buffer, and elements of an array, that
				  are shown */
	bool names;            /* show <what the kernel resolved> behind descriptors */
	const char *const *palette; /* escape sequence of each enum paint; NULL: no colours */
};

/* One value as strace would print it: O_RDONLY|O_CLOEXEC, "/etc/passwd", 3</etc/hosts>,
 * {st_mode=S_IFREG|0644, ...}. */
void render__value(struct buffer *b, const struct render *r, const struct event *e,
		   const struct value *v);
/* The value as plain text, without quotes or <>: what filters compare and templates show. */
void render__plain(struct buffer *b, const struct render *r, const struct event *e,
		   const struct value *v);
/* The value as JSON: numbers, strings (escaped; what is not UTF-8 survives), objects and arrays for
 * structures. */
void render__json(struct buffer *b, const struct render *r, const struct event *e,
		  const struct value *v);
/* name(arguments) = result, padded so that `=` stands at `column`, as strace does. */
void render__call(struct buffer *b, const struct render *r, const struct event *e,
		  unsigned int column);
/* The same of a call that has not returned: name(arguments, without the closing parenthesis. */
void render__pending(struct buffer *b, const struct render *r, const struct event *e);

/* Of a SONDE_SIGNAL_CODE(): SEGV_MAPERR, CLD_EXITED, SI_USER; NULL when it has no name. */
const char *signal_code_name(int32_t code);

/* Hostile bytes as C escapes, no quotes around; what is printable UTF-8 passes. */
void render__escaped(struct buffer *b, const char *data, size_t size);
/*
 * A JSON string with its quotes. Bytes that are not UTF-8 become U+F780 to U+F7FF (0x80 is U+F780),
 * and so do the bytes of these very characters where they occur: replacing each U+F7xx by its byte
 * gives the original back.
 */
void render__json_string(struct buffer *b, const char *data, size_t size);
/* A member of an object, behind `before` ("{" or ","): `text` as such a string, NULL as null. */
void render__json_member(struct buffer *b, const char *before, const char *name, const char *text);

static inline void paint(struct buffer *b, const struct render *r, enum paint what)
{
	if (unlikely(r->palette))
		buffer__text(b, r->palette[what]);
}

#endif
