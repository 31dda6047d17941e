/* SPDX-License-Identifier: Apache-2.0 */
/* How values look: to people (strace's notation) and to programs (JSON). Sinks, templates and filters share it. */
#ifndef SONDE_RENDER_H
#define SONDE_RENDER_H

#include "event.h"

struct render {
	uint32_t string_limit; /* -s: bytes of a string or buffer that are shown */
	bool names;	       /* show <what the kernel resolved> behind descriptors */
};

/* One value as strace would print it: O_RDONLY|O_CLOEXEC, "/etc/passwd", 3</etc/hosts>, {st_mode=S_IFREG|0644, ...}. */
void render__value(struct buffer *b, const struct render *r, const struct event *e, const struct value *v);
/* The value as plain text, without quotes or <>: what filters compare and templates show. */
void render__plain(struct buffer *b, const struct render *r, const struct event *e, const struct value *v);
/* The value as JSON: numbers, strings (escaped; what is not UTF-8 survives), objects and arrays for structures. */
void render__json(struct buffer *b, const struct render *r, const struct event *e, const struct value *v);
/* name(arguments) = result, padded so that `=` stands at `column`, as strace does. */
void render__call(struct buffer *b, const struct render *r, const struct event *e, unsigned int column);

/* Hostile bytes as C escapes, no quotes around; what is printable UTF-8 passes. */
void render__escaped(struct buffer *b, const char *data, size_t size);
/* A JSON string with its quotes. */
void render__json_string(struct buffer *b, const char *data, size_t size);

#endif
