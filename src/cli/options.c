/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of commands and options, and how an option's value becomes a member of struct
 * options.
 */
#include "options.h"
#include "option_values.h"
#include "../base/suggest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Some 290 years: as far as a signed count of ns goes. */
#define NS_MAX INT64_MAX

const struct command commands[COMMANDS] = {
#define COMMAND(ID, name_, operands_, summary_, more_)                                             \
	[COMMAND_##                                                                                \
		ID] = {.name = #name_, .operands = operands_, .summary = summary_, .more = more_},
#include "commands.def"
#undef COMMAND
};

const char *const option_groups[OPTION_GROUPS] = {
	[GROUP_EVENTS] = "What to trace", [GROUP_WHOM] = "Whom to trace (otherwise: everybody)",
	[GROUP_UNTIL] = "Until when",     [GROUP_OUTPUT] = "Output",
	[GROUP_RUN] = "How it runs",
};

static const struct option_choice json_choices[] = {
	{"nested", JSON_NESTED}, {"flat", JSON_FLAT}, {}};
static const struct option_choice color_choices[] = {
	{"auto", COLOR_AUTO}, {"always", COLOR_ALWAYS}, {"never", COLOR_NEVER}, {}};

/* The option_types: that a member has the type which its option's values become. */
typedef bool c_type_FLAG;
typedef unsigned int c_type_COUNT;
typedef const char *c_type_TEXT;
typedef struct strings c_type_LIST;
typedef uint64_t c_type_NUMBER;
typedef uint64_t c_type_DURATION;
typedef uint64_t c_type_SIZE;
typedef struct pids c_type_PIDS;
typedef int c_type_CHOICE;
typedef int c_type_OPTIONAL_CHOICE;

#define OPTION(commands_, group_, long_, short_, argument_, type_, member, ...)                    \
	_Static_assert(__builtin_types_compatible_p(c_type_##type_,                                \
						    __typeof__(((struct options *)0)->member)),    \
		       "--" long_ ": the member has another type");
#include "options.def"
#undef OPTION

enum command_bits {
#define COMMAND(ID, ...) ID = 1 << COMMAND_##ID,
#include "commands.def"
#undef COMMAND
};

const struct option_def option_defs[] = {
#define OPTION(commands_, group_, long_, short_, argument_, type_, member, ...)                    \
	{.commands = commands_,                                                                    \
	 .group = GROUP_##group_,                                                                  \
	 .type = OPTION_##type_,                                                                   \
	 .short_name = short_,                                                                     \
	 .long_name = long_,                                                                       \
	 .argument = argument_,                                                                    \
	 .offset = offsetof(struct options, member),                                               \
	 __VA_ARGS__},
#include "options.def"
#undef OPTION
};

const unsigned int option_def_count = ARRAY_SIZE(option_defs);

const char *nearest_name(const char *word, size_t size, const char *const *names,
			 unsigned int count)
{
	struct suggest s;

	suggest__start(&s, word, size);
	for (unsigned int i = 0; i < count; i++)
		suggest__offer(&s, names[i]);
	return s.best;
}

int strings__add(struct strings *s, const char *text)
{
	const char **list = realloc(s->list, (s->count + 2) * sizeof(*list));

	if (!list)
		return -ENOMEM;
	s->list = list;
	list[s->count++] = text;
	list[s->count] = NULL;
	return 0;
}

static int parse_choice(const struct option_def *o, const char *text, int *ret, struct error *why)
{
	const char *names[8], *near;
	char list[200] = "";
	unsigned int count = 0;

	for (const struct option_choice *c = o->choices; c->name; c++) {
		if (!strcmp(c->name, text)) {
			*ret = c->value;
			return 0;
		}
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s%s",
			 count ? ", " : "", c->name);
		names[count++] = c->name;
	}
	near = nearest_name(text, strlen(text), names, count);
	if (near)
		return error__set(why, -EINVAL, "must be one of %s; did you mean %s?", list, near);
	return error__set(why, -EINVAL, "must be one of %s", list);
}

/* `text` is NULL where no value was given: only for options that need none. */
int option__set(const struct option_def *o, struct options *options, const char *text,
		struct error *why)
{
	void *member = (char *)options + o->offset;

	if (text && !*text)
		return error__set(why, -EINVAL, "is empty");
	switch ((enum option_type)o->type) {
	case OPTION_FLAG:
		*(bool *)member = true;
		return 0;
	case OPTION_COUNT:
		if (*(unsigned int *)member >= o->max)
			return error__set(why, -ERANGE, "may be given %llu times at most",
					  (unsigned long long)o->max);
		++*(unsigned int *)member;
		return 0;
	case OPTION_TEXT:
		*(const char **)member = text;
		return 0;
	case OPTION_LIST:
		return strings__add(member, text);
	case OPTION_NUMBER:
		return value__number(text, o->min, o->max, member, why);
	case OPTION_DURATION:
		return value__duration(text, o->min, o->max, member, why);
	case OPTION_SIZE:
		return value__size(text, o->min, o->max, member, why);
	case OPTION_PIDS:
		return value__pids(text, member, why);
	case OPTION_OPTIONAL_CHOICE:
		if (!text) {
			*(int *)member = o->choices->value;
			return 0;
		}
		return parse_choice(o, text, member, why);
	case OPTION_CHOICE:
		return parse_choice(o, text, member, why);
	}
	return -EINVAL;
}

const struct option_def *option__find(enum command_id command, const char *name, size_t size,
				      char letter)
{
	for (unsigned int i = 0; i < option_def_count; i++) {
		const struct option_def *o = &option_defs[i];

		if (!option__is_for(o, command))
			continue;
		if (letter ? o->short_name == letter
			   : strlen(o->long_name) == size && !memcmp(o->long_name, name, size))
			return o;
	}
	return NULL;
}
