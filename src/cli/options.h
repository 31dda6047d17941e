/* SPDX-License-Identifier: Apache-2.0 */
/* The command line: its commands, its options, and what it was found to ask for. */
#ifndef SONDE_OPTIONS_H
#define SONDE_OPTIONS_H

#include "../base/error.h"
#include "trace_options.h"

enum command_id {
#define COMMAND(ID, name, ...) COMMAND_##ID,
#include "commands.def"
#undef COMMAND
	COMMANDS,
};

struct command {
	const char *name;
	const char *operands;
	const char *summary;
	const char *more;
};

extern const struct command commands[COMMANDS];

/* Everything that a command line can say. */
struct options {
	enum command_id command;
	bool help;
	int color; /* enum color */
	struct trace_options trace;
	struct {
		bool verbose;
		bool json;
	} events;
	struct {
		bool verbose;
		bool json;
		bool syscalls_of; /* of trace.command */
	} hooks;
	struct {
		bool verbose;
		bool json;
	} doctor;
	enum command_id help_on; /* sonde help COMMAND */
	bool help_filter;        /* sonde help filter */
	struct strings operands; /* of all commands but trace */
};

enum option_group { GROUP_EVENTS, GROUP_WHOM, GROUP_UNTIL, GROUP_OUTPUT, GROUP_RUN, OPTION_GROUPS };

extern const char *const option_groups[OPTION_GROUPS];

/* option_types: what a value looks like, and the C type that it becomes. */
enum option_type {
	OPTION_FLAG,            /* bool: no value */
	OPTION_COUNT,           /* unsigned int: no value, repeatable up to .max times */
	OPTION_TEXT,            /* const char *: not empty */
	OPTION_LIST,            /* struct strings: not empty, repeatable */
	OPTION_NUMBER,          /* uint64_t: from .min to .max */
	OPTION_DURATION,        /* uint64_t, in ns: 10s, 500ms */
	OPTION_SIZE,            /* uint64_t, in bytes: 4K, 1G */
	OPTION_PIDS,            /* struct pids: 1,2,3; repeatable */
	OPTION_CHOICE,          /* int: index in .choices */
	OPTION_OPTIONAL_CHOICE, /* int: index in .choices, the first when no =VALUE is given */
};

/* What a shell offers for the value. */
enum option_completes {
	COMPLETES_NOTHING,
	COMPLETES_EVENTS,
	COMPLETES_FILES,
	COMPLETES_DIRECTORIES,
	COMPLETES_PIDS,
	COMPLETES_UNITS,
	COMPLETES_CONTAINERS,
	COMPLETES_USERS,
};

struct option_choice {
	const char *name; /* NULL ends the list */
	int value;
};

struct option_def {
	uint32_t commands; /* 1 << enum command_id */
	uint8_t group;
	uint8_t type;
	uint8_t completes;
	char short_name; /* 0: none */
	const char *long_name;
	const char *argument; /* NULL: takes none */
	size_t offset;        /* in struct options */
	const char *help;     /* one line */
	const char *more;     /* for the man page; NULL: none */
	const char *fallback; /* NULL: nothing, zero */
	const struct option_choice *choices;
	uint64_t min, max;
};

extern const struct option_def option_defs[];
extern const unsigned int option_def_count;

static inline bool option__is_for(const struct option_def *o, enum command_id command)
{
	return o->commands & (1u << command);
}

/* The option of that long name, or of that letter if it is not 0; NULL: the command has none. */
const struct option_def *option__find(enum command_id command, const char *name, size_t size,
				      char letter);
/*
 * What was given becomes the option's member. `text` is NULL where no value was given: only for
 * options that need none. -EINVAL, -ERANGE: `why` reads on from the option and the value; -ENOMEM.
 */
int option__set(const struct option_def *o, struct options *options, const char *text,
		struct error *why) __must_check;
int strings__add(struct strings *s, const char *text) __must_check;
/* What was meant by a word that is not among the names; NULL: none resembles it. */
const char *nearest_name(const char *word, size_t size, const char *const *names,
			 unsigned int count);

/*
 * Parses a whole command line (argv[0] is the program). -EINVAL: `err` says all that is wrong with
 * it, a line each; what was understood stands in `ret` all the same. Not for a command line without
 * arguments. options__release() frees what `ret` holds, in either case.
 */
int options__parse(int argc, char **argv, struct options *ret, struct error *err) __must_check;
void options__release(struct options *o);

/* shell.c: a word as a shell must be given it, for messages that can be pasted. */
struct buffer;
void shell__quote(struct buffer *b, const char *word);
/* Whether a shell would find a program of this name. */
bool shell__finds(const char *program);

/* help.c */
void help__overview(struct buffer *b, bool color); /* bare sonde */
void help__commands(struct buffer *b, bool color); /* sonde help */
void help__command(struct buffer *b, enum command_id command, bool color);
void help__filter(struct buffer *b, bool color); /* sonde help filter */
/* -e, --events EVENTS */
void help__option(struct buffer *b, const struct option_def *o);
extern const char help__statuses[];
/* Appends text wrapped to `width` columns; all lines but the first are indented. Newlines stay. */
void help__wrap(struct buffer *b, const char *text, unsigned int indent, unsigned int width);

/* man.c */
void man__page(struct buffer *b);

/* completion.c; -EINVAL: no such shell. */
int completion__script(struct buffer *b, const char *shell) __must_check;

/* Columns of the terminal that is the standard output; 0: it is none. */
unsigned int terminal_width(void);
/* Whether the standard output takes colours: --color, NO_COLOR, TERM. */
bool color_wanted(int when, int fd);

/* The other commands. */
struct schemas;
/* Appends what `sonde doctor` prints; returns its exit status. */
int doctor__print(const struct options *o, const struct schemas *all, struct buffer *b);
/* Does what `sonde probe` is asked for, and appends what it prints; returns its exit status. With
 * STATUS_USAGE or STATUS_FAILURE `err` says why, unless that was told already. */
int cmd_probe(const struct options *o, struct buffer *b, struct error *err);
/* Appends what `sonde events` prints. -EINVAL: a pattern names nothing. */
int events__print(const struct options *o, const struct schemas *all, struct buffer *b,
		  struct error *err) __must_check;
struct live_schemas;
/* Appends what `sonde hooks` prints. -EINVAL: a pattern is none; -ENOENT: there is no such hook;
 * -EACCES ... */
int hooks__print(const struct options *o, struct live_schemas *known, struct buffer *b,
		 struct error *err) __must_check;

#endif
