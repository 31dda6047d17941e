/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which events do the words of -e mean? Names, globs, @categories, /regular expressions and
 * families, as a bitmap.
 */
#ifndef SONDE_SELECT_H
#define SONDE_SELECT_H

#include "../base/error.h"
#include "schema.h"

/* A set of events, by their ids of this run. All zero: empty, and needs no release. */
struct selection {
	uint64_t *bits;
	unsigned int events; /* ids are below */
	uint64_t *calm; /* of these, what @calm alone brought: with its conditions; NULL: none */
};

static inline bool selection__has(const struct selection *s, unsigned int id)
{
	return id < s->events && s->bits[id / 64] >> (id % 64) & 1;
}

static inline bool selection__is_calm(const struct selection *s, unsigned int id)
{
	return s->calm && id < s->events && s->calm[id / 64] >> (id % 64) & 1;
}

static inline void selection__release(struct selection *s)
{
	free(s->bits);
	free(s->calm);
	*s = (struct selection){};
}

/*
 * A part of @calm: events, separated by blanks, and which of them, in the filter's language;
 * NULL: all.
 */
struct calm {
	const char *events; /* NULL ends the list */
	const char *condition;
};

extern const struct calm calm_parts[];

/*
 * Reads `count` texts, each a list separated by commas:
 *     openat  open*  @file  %file  /^recv  59  all  none     these
 *     !read              without these; in front of a text, without all of it
 *     ?statx             or nothing, if there is no such event
 *     trace=...          the same, as strace has it
 * @calm is what calm.def lists; its conditions are left to calm__filter(). A name stands for its
 * family, if it has one: open for openat, openat2, creat too. `base` is what exclusions are taken
 * from where nothing is included; NULL: all events.
 *
 * -EINVAL: `err` names everything that is unknown, a line each, with the nearest name; nothing is
 * returned then. -ENOMEM.
 */
int select__parse(const struct schemas *all, const char *const *texts, unsigned int count,
		  const struct selection *base, struct selection *ret, struct error *err)
	__must_check;

/* Whether the event bears this category: "file" in "file,desc". */
bool schema__in_category(const struct schema *s, const char *category, size_t size);

/* An event that users select: not an introduction. */
bool schema__selectable(const struct schema *s);

#endif
