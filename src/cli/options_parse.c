/* SPDX-License-Identifier: Apache-2.0 */
/* How a command line is read. Goes on after an error, to say all of them at once. */
#include "options.h"
#include "option_values.h"
#include "../base/buffer.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct parse {
	struct options *options;
	enum command_id command;
	int argc;
	char **argv;
	int at;               /* the word being read */
	int first_operand;    /* 0: none so far */
	struct buffer errors; /* a line each */
	struct strings words; /* operands */
};

static void __printf_like(2, 3) complain(struct parse *p, const char *fmt, ...)
{
	char text[500];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (p->errors.size)
		buffer__char(&p->errors, '\n');
	buffer__text(&p->errors, text);
}

static void take_value(struct parse *p, const struct option_def *o, const char *spelt,
		       const char *text)
{
	struct error why = {};

	if (!option__set(o, p->options, text, &why))
		return;
	if (text && *text)
		complain(p, "%s %s: %s", spelt, text, why.text);
	else
		complain(p, "%s %s", spelt, why.text);
}

/* The value is the next word, unless that is `--`. */
static const char *next_word(struct parse *p, const struct option_def *o, const char *spelt)
{
	if (p->at + 1 < p->argc && strcmp(p->argv[p->at + 1], "--"))
		return p->argv[++p->at];
	complain(p, "%s needs a value: %s %s (%s)", spelt, spelt, o->argument, o->help);
	return NULL;
}

/* What is only named otherwise in strace. */
static const struct {
	const char *name, *here;
} strace_names[] = {
	{"absolute-timestamps", "-t"}, {"attach", "-p"},
	{"failed-only", "-Z"},         {"follow-forks", "-f"},
	{"output-append-mode", "-A"},  {"relative-timestamps", "-r"},
	{"successful-only", "-z"},     {"summary-only", "-c"},
	{"syscall-times", "-T"},       {"trace", "-e"},
	{"trace-path", "-P"},
};

static void unknown_option(struct parse *p, const char *name, size_t size)
{
	const char *names[64], *near;
	unsigned int count = 0;
	int width = min(size, 60);

	for (unsigned int i = 0; i < option_def_count && count < ARRAY_SIZE(names); i++) {
		if (option__is_for(&option_defs[i], p->command))
			names[count++] = option_defs[i].long_name;
	}
	for (unsigned int i = 0; p->command == COMMAND_TRACE && i < ARRAY_SIZE(strace_names); i++) {
		if (strlen(strace_names[i].name) == size &&
		    !memcmp(strace_names[i].name, name, size)) {
			complain(p, "unknown option --%s: it is %s here", strace_names[i].name,
				 strace_names[i].here);
			return;
		}
	}
	near = nearest_name(name, size, names, count);
	if (near) {
		complain(p, "unknown option --%.*s; did you mean --%s?", width, name, near);
		return;
	}
	for (enum command_id c = 0; c < COMMANDS; c++) {
		if (option__find(c, name, size, 0)) {
			complain(p, "unknown option --%.*s: it belongs to sonde %s", width, name,
				 commands[c].name);
			return;
		}
	}
	complain(p, "unknown option --%.*s", width, name);
}

/* --json flat: an optional value cannot be a word of its own. */
static void check_apart(struct parse *p, const struct option_def *o, const char *spelt,
			const char *text)
{
	const char *next = p->at + 1 < p->argc ? p->argv[p->at + 1] : "";

	if (o->type != OPTION_OPTIONAL_CHOICE || text)
		return;
	for (const struct option_choice *c = o->choices; c->name; c++) {
		if (!strcmp(c->name, next))
			complain(p, "%s %s: its value stands behind =; did you mean %s=%s?", spelt,
				 next, spelt, next);
	}
}

static void parse_long(struct parse *p, const char *word)
{
	const char *name = word + 2, *equals = strchr(name, '=');
	size_t size = equals ? (size_t)(equals - name) : strlen(name);
	const struct option_def *o = option__find(p->command, name, size, 0);
	const char *text = equals ? equals + 1 : NULL;
	char spelt[64];

	if (!o) {
		unknown_option(p, name, size);
		return;
	}
	snprintf(spelt, sizeof(spelt), "--%s", o->long_name);
	if (!o->argument && text) {
		complain(p, "%s takes no value", spelt);
		return;
	}
	if (o->argument && !text && o->type != OPTION_OPTIONAL_CHOICE) {
		text = next_word(p, o, spelt);
		if (!text)
			return;
	}
	take_value(p, o, spelt, text);
	check_apart(p, o, spelt, text);
}

/* strace's letters that are not taken, and what to do instead. */
static const struct {
	char letter;
	const char *instead;
} strace_letters[] = {
	{'C', "-c gives the table; the calls themselves need a run of their own"},
	{'E', "write -- env NAME=VALUE CMD"},
	{'S', "the table of -c is sorted by time"},
	{'a', "the = stands in column 40"},
	{'b', "what CMD executes is followed"},
	{'i', "instruction pointers are not shown"},
	{'k', "stacks are not shown"},
	{'n', "sonde events -v NAME tells a call's number"},
	{'v', "structures are shown as they are; -s shows more of a string"},
	{'w', "-c counts the time that passes, not the CPU's"},
	{'x', "--json has every byte"},
	{'y', "descriptors always show what they are"},
};

static void unknown_letter(struct parse *p, char letter, const char *word)
{
	const char *instead = NULL;

	for (unsigned int i = 0; p->command == COMMAND_TRACE && i < ARRAY_SIZE(strace_letters);
	     i++) {
		if (strace_letters[i].letter == letter)
			instead = strace_letters[i].instead;
	}
	complain(p, "unknown option -%c%s%s%s%s%s", letter, strlen(word) > 2 ? " (in " : "",
		 strlen(word) > 2 ? word : "", strlen(word) > 2 ? ")" : "", instead ? ": " : "",
		 instead ? instead : "");
}

/* Letters may stand together: -fTtt; one that takes a value takes the rest of the word: -s32. */
static void parse_short(struct parse *p, const char *word)
{
	for (const char *c = word + 1; *c; c++) {
		const struct option_def *o = option__find(p->command, NULL, 0, *c);
		const char *text = NULL;
		char spelt[3] = {'-', *c};

		if (!o) {
			/* Perhaps a long one with a dash too few. */
			size_t size = strcspn(word + 1, "=");

			if (c == word + 1 && size > 2 &&
			    option__find(p->command, word + 1, size, 0)) {
				complain(p, "unknown option %s; did you mean -%s?", word, word);
				return;
			}
			unknown_letter(p, *c, word);
			return;
		}
		if (o->argument) {
			text = c[1] ? c + 1 : next_word(p, o, spelt);
			if (text)
				take_value(p, o, spelt, text);
			return;
		}
		take_value(p, o, spelt, NULL);
	}
}

static bool takes_command(enum command_id command)
{
	return command == COMMAND_TRACE || command == COMMAND_HOOKS || command == COMMAND_PROBE;
}

static void parse_words(struct parse *p)
{
	for (; p->at < p->argc; p->at++) {
		char *word = p->argv[p->at];

		if (!strcmp(word, "--") && takes_command(p->command)) {
			p->options->trace.command = &p->argv[p->at + 1];
			if (p->at + 1 == p->argc)
				complain(p, "no command behind --");
			return;
		}
		/* It takes no other word, so that CMD and its options need no -- before them. */
		if (word[0] != '-' && p->options->hooks.syscalls_of) {
			p->options->trace.command = &p->argv[p->at];
			return;
		}
		if (!strncmp(word, "--", 2) && word[2]) {
			parse_long(p, word);
		} else if (word[0] == '-' && word[1] && word[1] != '-') {
			parse_short(p, word);
		} else if (strings__add(&p->words, word)) {
			complain(p, "no memory");
		} else if (!p->first_operand) {
			p->first_operand = p->at;
		}
	}
}

static void set_fallbacks(struct options *options, enum command_id command)
{
	for (unsigned int i = 0; i < option_def_count; i++) {
		const struct option_def *o = &option_defs[i];

		if (o->fallback)
			(void)!option__set(o, options, o->fallback,
					   NULL); /* cannot fail: the tests set each */
	}
	options->command = command;
}

static void resolve_user(struct parse *p)
{
	struct trace_options *t = &p->options->trace;
	const struct passwd *pw;
	uint64_t number;

	if (!t->user)
		return;
	pw = getpwnam(t->user);
	if (!pw && !value__number(t->user, 0, UINT32_MAX - 1, &number, NULL)) {
		pw = getpwuid(number);
		if (!pw) {
			t->uid = t->gid = number;
			return;
		}
	}
	if (!pw) {
		complain(p, "-u %s: there is no such user", t->user);
		return;
	}
	t->uid = pw->pw_uid;
	t->gid = pw->pw_gid;
}

/* Who is traced can be said in one way only. */
static void check_whom(struct parse *p)
{
	const struct trace_options *t = &p->options->trace;
	const struct {
		bool given;
		const char *name;
	} ways[] = {
		{t->pids.count, "-p"},
		{t->cgroup, "--cgroup"},
		{t->unit, "--unit"},
		{t->container, "--container"},
		{t->command, "a command to run"},
	};
	const char *first = NULL;

	for (unsigned int i = 0; i < ARRAY_SIZE(ways); i++) {
		if (ways[i].given && first)
			complain(p, "%s and %s exclude each other: both say whom to trace", first,
				 ways[i].name);
		else if (ways[i].given)
			first = ways[i].name;
	}
}

/* Seldom meant, and never cheap. */
static void check_pids(struct parse *p)
{
	const struct pids *pids = &p->options->trace.pids;

	for (unsigned int i = 0; i < pids->count; i++) {
		if (pids->list[i] == 1)
			complain(p, "-p 1 is the whole machine, as all descend from 1: sonde trace "
				    "without -p");
	}
}

static void check_trace(struct parse *p)
{
	const struct trace_options *t = &p->options->trace;
	const struct {
		bool first, second;
		const char *text;
	} conflicts[] = {
		{t->successful, t->failed,
		 "-z and -Z exclude each other: no call both succeeds and fails"},
		{t->json, t->format,
		 "--json and --format exclude each other: both say how a line looks"},
		{t->summary, t->format,
		 "-c and --format exclude each other: a table has no lines to format"},
		{t->time_detail, t->relative,
		 "-t and -r exclude each other: both say which time a line begins with"},
		{t->append, !t->output, "-A appends to the file of -o, and there is none"},
		{t->user, !t->command,
		 "-u runs a command as that user, and there is none behind it"},
	};

	check_whom(p);
	check_pids(p);
	for (unsigned int i = 0; i < ARRAY_SIZE(conflicts); i++) {
		if (conflicts[i].first && conflicts[i].second)
			complain(p, "%s", conflicts[i].text);
	}
	resolve_user(p);
}

/* The operands are the filter, whether quoted as one word or not. */
static void take_filter(struct parse *p, unsigned int from)
{
	struct trace_options *t = &p->options->trace;
	struct buffer text = {};

	for (unsigned int i = from; i < p->words.count; i++) {
		if (i > from)
			buffer__char(&text, ' ');
		buffer__text(&text, p->words.list[i]);
	}
	if (text.size && text.data[strspn(buffer__string(&text), " \t\n")])
		t->filter = strdup(buffer__string(&text));
	buffer__free(&text);
}

/* The buffer's text, which is then the caller's; NULL when there was no memory. */
static char *take_string(struct buffer *b)
{
	char *text = b->failed ? NULL : strdup(buffer__string(b));

	buffer__free(b);
	return text;
}

static void quote_words(struct buffer *b, char **words, int count)
{
	for (int i = 0; i < count; i++) {
		if (b->size)
			buffer__char(b, ' ');
		shell__quote(b, words[i]);
	}
}

/* sonde trace -f ls -l  ->  sonde trace -f -- ls -l */
static void note_meant_command(struct parse *p)
{
	const char *first = p->first_operand ? p->argv[p->first_operand] : "";
	size_t size = strcspn(first, " \t");
	struct buffer text = {};
	char program[256];

	if (!size || size >= sizeof(program))
		return;
	snprintf(program, sizeof(program), "%.*s", (int)size, first);
	if (!shell__finds(program))
		return;
	buffer__text(&text, "sonde");
	quote_words(&text, p->argv + 1, p->first_operand - 1);
	buffer__text(&text, " -- ");
	if (first[size]) /* "ls -l" as one word */
		buffer__text(&text, first);
	else
		shell__quote(&text, first);
	quote_words(&text, p->argv + p->first_operand + 1, p->argc - p->first_operand - 1);
	p->options->trace.meant_command = take_string(&text);
}

static enum command_id command_named(const char *word)
{
	enum command_id c = 0;

	while (c < COMMANDS && strcmp(word, commands[c].name))
		c++;
	return c;
}

static void unknown_command(struct parse *p, const char *word)
{
	const char *names[COMMANDS], *near;

	for (enum command_id c = 0; c < COMMANDS; c++)
		names[c] = commands[c].name;
	near = nearest_name(word, strlen(word), names, COMMANDS);
	if (near)
		complain(p, "there is no command \"%s\"; did you mean %s?", word, near);
	else
		complain(p, "there is no command \"%s\"", word);
}

/* --syscalls-of traces: what `sonde trace` would be told. */
static void check_hooks(struct parse *p)
{
	struct trace_options *t = &p->options->trace;

	if (!p->options->hooks.syscalls_of) {
		if (t->command)
			complain(p, "-- CMD is for --syscalls-of");
		return;
	}
	if (p->words.count)
		complain(p, "--syscalls-of runs the command that stands behind it; \"%s\" does not",
			 p->words.list[0]);
	else if (!t->command && !p->options->help)
		complain(p, "--syscalls-of runs a command, and there is none behind it");
	if (p->options->hooks.verbose)
		complain(p, "-v tells of hooks, and --syscalls-of of a command");
	t->hooks_of_calls = true;
	t->output = "-";
	t->json = p->options->hooks.json ? JSON_NESTED : JSON_NONE;
}

/* What each takes behind its name, at least and at most. */
static void check_probe(struct parse *p)
{
	static const struct {
		const char *name;
		unsigned int least, most;
		const char *usage;
	} verbs[] = {
		{"new", 2, 3, "KIND TARGET"},
		{"build", 2, 2, "FILE.bpf.c"},
		{"run", 2, UINT32_MAX, "FILE [FILTER] [-- CMD [ARG]...]"},
		{"inspect", 2, 2, "FILE.bpf.o"},
	};
	const char *verb = p->words.count ? p->words.list[0] : "";
	const char *names[ARRAY_SIZE(verbs)], *near;

	for (unsigned int i = 0; i < ARRAY_SIZE(verbs); i++) {
		names[i] = verbs[i].name;
		if (strcmp(verb, verbs[i].name))
			continue;
		if (p->words.count < verbs[i].least || p->words.count > verbs[i].most)
			complain(p, "it is: sonde probe %s %s", verb, verbs[i].usage);
		return;
	}
	near = nearest_name(verb, strlen(verb), names, ARRAY_SIZE(names));
	if (near)
		complain(p, "sonde probe %s: did you mean %s?", verb, near);
	else
		complain(p, "sonde probe needs one of new, build, run, inspect");
}

static void check_operands(struct parse *p)
{
	if (p->command == COMMAND_DOCTOR && p->words.count)
		complain(p, "sonde doctor takes no operands, and there is \"%s\"",
			 p->words.list[0]);
	if (p->command == COMMAND_HOOKS)
		check_hooks(p);
	if (p->command == COMMAND_PROBE && !p->options->help)
		check_probe(p);
	if (p->command == COMMAND_COMPLETION && p->words.count != 1 && !p->options->help)
		complain(p, "sonde completion needs the name of a shell: bash, zsh or fish");
	if (p->command == COMMAND_HELP && p->words.count) {
		p->options->help_on = command_named(p->words.list[0]);
		p->options->help_filter = !strcmp(p->words.list[0], "filter");
		if (!p->options->help_filter && p->options->help_on == COMMANDS)
			unknown_command(p, p->words.list[0]);
	}
}

static void parse_command(struct parse *p, int at)
{
	p->at = at;
	set_fallbacks(p->options, p->command);
	parse_words(p);
	if (p->command == COMMAND_PROBE && p->words.count > 2 && !strcmp(p->words.list[0], "run"))
		take_filter(p, 2);
	if (p->command == COMMAND_PROBE && !p->options->help)
		check_trace(p);
	if (p->command != COMMAND_TRACE) {
		check_operands(p);
		p->options->operands = p->words;
		p->words = (struct strings){};
		return;
	}
	take_filter(p, 0);
	if (!p->options->trace.command)
		note_meant_command(p);
	if (p->errors.size && p->options->trace.meant_command)
		complain(p, "did you mean: %s", p->options->trace.meant_command);
	else if (!p->options->help)
		check_trace(p);
}

static bool has_dashes(const struct parse *p)
{
	for (int i = 1; i < p->argc; i++) {
		if (!strcmp(p->argv[i], "--"))
			return true;
	}
	return false;
}

/*
 * The first word says what to do; `sonde [OPTION]... -- CMD` is short for `sonde trace ...`.
 * Returns where the command's own words begin; 0: there is no such command.
 */
static int find_command(struct parse *p)
{
	const char *word = p->argv[1];
	struct buffer meant = {};

	p->command = command_named(word);
	if (p->command < COMMANDS)
		return 2;
	if (word[0] == '-' && has_dashes(p)) {
		p->command = COMMAND_TRACE;
		return 1;
	}
	p->command = p->options->command = COMMAND_HELP;
	if (word[0] != '-' && !shell__finds(word)) {
		unknown_command(p, word);
		return 0;
	}
	buffer__text(&meant, word[0] == '-' ? "sonde trace" : "sonde --");
	quote_words(&meant, p->argv + 1, p->argc - 1);
	if (word[0] == '-')
		complain(p, "options stand behind a command; did you mean: %s",
			 buffer__string(&meant));
	else
		complain(p, "there is no command \"%s\"; did you mean: %s", word,
			 buffer__string(&meant));
	buffer__free(&meant);
	return 0;
}

int options__parse(int argc, char **argv, struct options *ret, struct error *err)
{
	struct parse p = {.options = ret, .argc = argc, .argv = argv};
	struct buffer line = {};
	int at, r = 0;

	*ret = (struct options){};
	buffer__text(&line, "sonde");
	quote_words(&line, argv + 1, argc - 1);
	ret->trace.command_line = take_string(&line);
	at = find_command(&p);
	if (at)
		parse_command(&p, at);
	ret->trace.color = ret->color;
	if (p.errors.size)
		r = error__set(err, -EINVAL, "%s", buffer__string(&p.errors));
	buffer__free(&p.errors);
	free(p.words.list);
	return r;
}

void options__release(struct options *o)
{
	struct trace_options *t = &o->trace;

	free(t->events.list);
	free(t->paths.list);
	free(t->own.directories.list);
	free(t->own.set.list);
	free(t->own.entries.list);
	free(t->own.types.list);
	free(t->pids.list);
	free(t->filter);
	free(t->command_line);
	free(t->meant_command);
	free(o->operands.list);
	*o = (struct options){};
}
