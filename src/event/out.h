/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One description of a structure, two notations: {st_mode=S_IFREG|0644} and
 * {"st_mode":"S_IFREG|0644"}. The code that knows a structure writes to a struct out and need not
 * know which.
 */
#ifndef SONDE_OUT_H
#define SONDE_OUT_H

#include "escape.h"

struct out {
	struct buffer *b;
	const struct render *r;
	const struct event *e;
	const struct field *field; /* whose value is written */
	bool json;
	bool comma; /* something stands before on this level */
};

/* Bytes that came from outside: whoever reads beyond them gets zeros. */
struct span {
	const uint8_t *data;
	size_t size;
};

static inline uint64_t span__get(const struct span *s, size_t offset, size_t size)
{
	uint64_t value = 0;

	if (offset <= s->size && size <= s->size - offset)
		memcpy(&value, s->data + offset, size);
	return value;
}

static inline bool span__has(const struct span *s, size_t offset, size_t size)
{
	return offset <= s->size && size <= s->size - offset;
}

static inline struct span span__from(const struct span *s, size_t offset, size_t size)
{
	if (offset >= s->size)
		return (struct span){s->data, 0};
	return (struct span){s->data + offset, min(size, s->size - offset)};
}

void out__open(struct out *o, char bracket);
void out__close(struct out *o, char bracket);
void out__key(struct out *o, const char *name);
void out__element(struct out *o); /* before each element of an array */
void out__more(struct out *o);    /* "...": text does not show the rest; JSON always does */

void out__unsigned(struct out *o, uint64_t n);
void out__signed(struct out *o, int64_t n);
void out__hex(struct out *o, uint64_t n);
void out__address(struct out *o, uint64_t n); /* NULL for 0 */
void out__mode(struct out *o, uint64_t n);
void out__fmode(struct out *o, uint64_t n);
void out__dev(struct out *o, uint64_t n);
void out__id(struct out *o, int64_t n); /* -1, or unsigned */
/* <its name>; <?> when it is not known. */
void out__file(struct out *o, const struct file *file);
void out__fd(struct out *o, int64_t n, const struct file *file);
/* The same of a descriptor in a structure; as a member of that name, in JSON with what it stands
 * for beside it. */
void out__inner_fd(struct out *o, int64_t n);
void out__fd_member(struct out *o, const char *name, int64_t n);
void out__signal(struct out *o, int64_t n);
void out__symbol(struct out *o, const char *text); /* a constant's name */
void out__note(struct out *o, const char *text);   /* comment, for people only */
/* Names from a table; NULL: numbers. */
void out__flags(struct out *o, const struct values *values, uint64_t n);
void out__enum(struct out *o, const struct values *values, uint64_t n, bool is_signed);
/* Bytes in quotes, at most the limit of them in text. `cut`: there was more. */
void out__bytes(struct out *o, const void *data, size_t size, bool cut);
/* The same, which ends at the first NUL, and never limited. */
void out__name(struct out *o, const void *data, size_t size);
/* Bytes as [01, 02]; JSON: a string of hex digits. */
void out__octets(struct out *o, const struct span *s);
void out__timespec(struct out *o, const struct span *s, const char *fraction);
/* An array of descriptors. */
void out__fds(struct out *o, const struct span *s);
/* A set of capabilities. */
void out__caps(struct out *o, uint64_t set);
/* Structures that are a list of members, by kind: render_members.c. false: another kind. */
bool out__members(struct out *o, unsigned int kind, const struct span *s);
/* render_rare.c */
void out__sigevent(struct out *o, const struct span *s);
void out__message(struct out *o, const struct span *s, bool cut);
void out__socket_option(struct out *o, const struct span *s, bool cut);
void out__ip(struct out *o, const void *data, unsigned int size);
void out__inet(struct out *o, const struct span *s); /* inet_addr("127.0.0.1") */

/* Elements of an array that are shown. */
static inline size_t out__limit(const struct out *o)
{
	return o->json ? SIZE_MAX : o->r->string_limit;
}

/* What each file of this directory knows to write. false: not its kind. */
bool render__structure(struct out *o, const struct value *v);
bool render__network(struct out *o, const struct value *v);
bool render__signals(struct out *o, const struct value *v);
void out__sockaddr(struct out *o, const struct span *s, bool cut);
void out__siginfo(struct out *o, const struct span *s);
void out__wait_status(struct out *o, uint32_t status);
void out__sigset(struct out *o, const struct span *s);

/* A value in text or JSON. Never for VALUE_NONE. */
void render__any(struct out *o, const struct value *v);

/* The field as which an argument is to be shown; NULL: not at all. */
const struct field *render__field(const struct event *e, const struct field *field);

#endif
