/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: each option of the table, what is said when it is wrong, and what derives
 * from the table.
 */
#include "src/cli/option_values.h"
#include "src/cli/options.h"
#include "src/cli/questions.h"
#include "src/base/buffer.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define WORDS 16

struct parsed {
	struct options options;
	struct error err;
	int r;
	char *argv[WORDS + 1];
};

/* Words end with NULL. */
static void parse(struct parsed *p, ...)
{
	va_list args;
	int argc = 1;

	*p = (struct parsed){.argv = {"sonde"}};
	va_start(args, p);
	while ((p->argv[argc] = va_arg(args, char *)))
		assert_true(++argc < WORDS);
	va_end(args);
	p->r = options__parse(argc, p->argv, &p->options, &p->err);
}

#define PARSE(...)                                                                                 \
	struct parsed p;                                                                           \
	parse(&p, ##__VA_ARGS__, NULL)

#define DONE() options__release(&p.options)

#define OK(...)                                                                                    \
	PARSE(__VA_ARGS__);                                                                        \
	if (p.r)                                                                                   \
		fail_msg("%s", p.err.text);                                                        \
	struct trace_options *t = &p.options.trace;                                                \
	(void)t

static void says(const char *part, ...)
{
	struct parsed p = {.argv = {"sonde"}};
	va_list args;
	int argc = 1;

	va_start(args, part);
	while ((p.argv[argc] = va_arg(args, char *)))
		assert_true(++argc < WORDS);
	va_end(args);
	p.r = options__parse(argc, p.argv, &p.options, &p.err);
	if (p.r != -EINVAL || !strstr(p.err.text, part))
		fail_msg("wanted: %s\nsaid (%d): %s", part, p.r, p.err.text);
	DONE();
}

static enum command_id first_command(const struct option_def *o)
{
	return __builtin_ctz(o->commands);
}

/* A value that each type takes, and one that it does not. */
static const char *good_value(const struct option_def *o)
{
	static char number[32];

	switch (o->type) {
	case OPTION_FLAG:
	case OPTION_COUNT:
		return NULL;
	case OPTION_NUMBER:
		snprintf(number, sizeof(number), "%llu", (unsigned long long)o->min);
		return number;
	case OPTION_DURATION:
		return "10s";
	case OPTION_SIZE:
		return "64M";
	case OPTION_PIDS:
		return "2,3";
	case OPTION_CHOICE:
	case OPTION_OPTIONAL_CHOICE:
		return o->choices->name;
	default:
		return strcmp(o->long_name, "user") ? "word" : "0";
	}
}

static const char *bad_value(const struct option_def *o)
{
	return o->type == OPTION_TEXT || o->type == OPTION_LIST ? "" : "-nonsense";
}

/* Every option, by its long name and by its letter, with a good value and with a bad one. */
static void each_option(void **state)
{
	for (unsigned int i = 0; i < option_def_count; i++) {
		const struct option_def *o = &option_defs[i];
		const char *command = commands[first_command(o)].name, *good = good_value(o);
		char word[100], letter[] = {'-', o->short_name, 0};
		const char *spelt[2] = {word, o->short_name ? letter : NULL};
		struct parsed p;

		/* What another option must go with is not this test's. */
		for (int s = 0; s < 2 && spelt[s]; s++) {
			snprintf(word, sizeof(word), "--%s", o->long_name);
			if (!good)
				parse(&p, command, spelt[s], "--help", NULL);
			else if (o->type == OPTION_OPTIONAL_CHOICE &&
				 snprintf(word, sizeof(word), "--%s=%s", o->long_name, good))
				parse(&p, command, word, "--help", NULL);
			else
				parse(&p, command, spelt[s], good, "--help", NULL);
			if (p.r)
				fail_msg("%s %s: %s", word, good ? good : "", p.err.text);
			assert_true(p.options.help);
			DONE();
			if (!good)
				continue;
			if (o->type == OPTION_OPTIONAL_CHOICE)
				snprintf(word, sizeof(word), "--%s=%s", o->long_name, bad_value(o));
			says(spelt[s][1] == '-' ? o->long_name : letter, command, spelt[s],
			     o->type == OPTION_OPTIONAL_CHOICE ? NULL : bad_value(o), NULL);
		}
		if (good && o->type != OPTION_OPTIONAL_CHOICE) {
			snprintf(word, sizeof(word), "--%s", o->long_name);
			says("needs a value", command, word, NULL);
			snprintf(word, sizeof(word), "--%s=%s", o->long_name, good);
			parse(&p, command, word, "--help", NULL);
			assert_int_equal(p.r, 0);
			DONE();
		} else if (!good) {
			snprintf(word, sizeof(word), "--%s=x", o->long_name);
			says("takes no value", command, word, NULL);
		}
	}
}

/* A letter exchanged, left out or doubled in any long name is told from the right one. */
static void each_typo(void **state)
{
	for (unsigned int i = 0; i < option_def_count; i++) {
		const struct option_def *o = &option_defs[i];
		size_t size = strlen(o->long_name);
		char word[64], wanted[100];

		if (size < 4)
			continue;
		snprintf(wanted, sizeof(wanted), "did you mean --%s?", o->long_name);
		snprintf(word, sizeof(word), "--%s", o->long_name);
		word[size] = o->long_name[size - 1];
		word[size + 1] = o->long_name[size - 2];
		if (word[size] != word[size + 1])
			says(wanted, commands[first_command(o)].name, word, NULL);
		snprintf(word, sizeof(word), "--%.*s", (int)size - 1, o->long_name);
		says(wanted, commands[first_command(o)].name, word, NULL);
		snprintf(word, sizeof(word), "--%s%c", o->long_name, o->long_name[size - 1]);
		says(wanted, commands[first_command(o)].name, word, NULL);
	}
}

static void names_are_unique(void **state)
{
	for (unsigned int i = 0; i < option_def_count; i++) {
		for (unsigned int j = i + 1; j < option_def_count; j++) {
			if (!(option_defs[i].commands & option_defs[j].commands))
				continue;
			assert_string_not_equal(option_defs[i].long_name, option_defs[j].long_name);
			assert_false(option_defs[i].short_name &&
				     option_defs[i].short_name == option_defs[j].short_name);
		}
	}
}

static void fallbacks_hold(void **state)
{
	OK("trace");
	assert_int_equal(t->string_limit, 32);
	assert_int_equal(t->buffer_bytes, 32 << 20);
	assert_int_equal(t->color, COLOR_AUTO);
	assert_int_equal(t->json, JSON_NONE);
	assert_null(t->filter);
	assert_null(t->command);
	DONE();
	for (unsigned int i = 0; i < option_def_count; i++) {
		const struct option_def *o = &option_defs[i];
		char word[64];

		if (!o->fallback)
			continue;
		snprintf(word, sizeof(word), "--%s=%s", o->long_name, o->fallback);
		parse(&p, commands[first_command(o)].name, word, NULL);
		assert_int_equal(p.r, 0);
		DONE();
	}
}

static void letters_stand_together(void **state)
{
	OK("trace", "-fTtt", "-qqs64", "-eopen,close", "-e", "trace=read", "-o-", "--", "ls", "-l");
	assert_true(t->follow);
	assert_true(t->latency);
	assert_int_equal(t->time_detail, 2);
	assert_int_equal(t->quiet, 2);
	assert_int_equal(t->string_limit, 64);
	assert_int_equal(t->events.count, 2);
	assert_string_equal(t->events.list[0], "open,close");
	assert_string_equal(t->events.list[1], "trace=read");
	assert_string_equal(t->output, "-");
	assert_string_equal(t->command[0], "ls");
	assert_string_equal(t->command[1], "-l");
	assert_null(t->command[2]);
	DONE();
}

static void filter_is_what_remains(void **state)
{
	OK("trace", "evt.latency", "-T", ">", "10ms", "--count", "5");
	assert_string_equal(t->filter, "evt.latency > 10ms");
	assert_true(t->latency);
	assert_int_equal(t->count, 5);
	assert_null(t->meant_command);
	DONE();
}

static void empty_filter_is_none(void **state)
{
	OK("trace", " ");
	assert_null(t->filter);
	DONE();
}

static void bare_dashes_trace(void **state)
{
	OK("--", "sh", "-c", "exit 3");
	assert_int_equal(p.options.command, COMMAND_TRACE);
	assert_string_equal(t->command[2], "exit 3");
	assert_string_equal(t->command_line, "sonde -- sh -c 'exit 3'");
	DONE();
	says("no command behind --", "--", NULL);
	says("no command behind --", "-T", "--", NULL);
}

/* All that `sonde trace` takes, where a command makes plain what is meant. */
static void dashes_trace_with_options(void **state)
{
	OK("-o", "file", "-e", "open", "fd.num > 2", "--", "ls", "-l");
	assert_int_equal(p.options.command, COMMAND_TRACE);
	assert_string_equal(t->output, "file");
	assert_int_equal(t->events.count, 1);
	assert_string_equal(t->filter, "fd.num > 2");
	assert_string_equal(t->command[1], "-l");
	assert_string_equal(t->command_line, "sonde -o file -e open 'fd.num > 2' -- ls -l");
	DONE();
	says("-p and a command to run exclude each other", "-p", "7", "--", "ls", NULL);
	says("did you mean --duration?", "--durtion", "3s", "--", "ls", NULL);
	says("-o needs a value", "-o", "--", "ls", NULL);
}

static void numbers_have_units(void **state)
{
	static const struct {
		const char *text;
		uint64_t ns;
	} durations[] = {
		{"10", 10000000000},  {"10s", 10000000000}, {"1.5h", 5400000000000},
		{"500ms", 500000000}, {"3us", 3000},        {"7ns", 7},
		{"2m", 120000000000}, {"0.000000001s", 1},  {"1d", 86400000000000},
	};
	uint64_t value;

	for (unsigned int i = 0; i < ARRAY_SIZE(durations); i++) {
		assert_int_equal(value__duration(durations[i].text, 1, INT64_MAX, &value, NULL), 0);
		assert_int_equal(value, durations[i].ns);
	}
	assert_int_equal(value__duration("99999999999999999999d", 1, INT64_MAX, &value, NULL),
			 -ERANGE);
	assert_int_equal(value__duration("300y", 1, INT64_MAX, &value, NULL), -EINVAL);
	assert_int_equal(value__duration("-1s", 1, INT64_MAX, &value, NULL), -EINVAL);
	assert_int_equal(value__duration("0", 1, INT64_MAX, &value, NULL), -ERANGE);
	assert_int_equal(value__size("4k", 0, UINT64_MAX, &value, NULL), 0);
	assert_int_equal(value, 4096);
	assert_int_equal(value__size("1.5GiB", 0, UINT64_MAX, &value, NULL), 0);
	assert_int_equal(value, 3ull << 29);
	assert_int_equal(value__size("18446744073709551616", 0, UINT64_MAX, &value, NULL), -ERANGE);
	assert_int_equal(value__number("12x", 0, 100, &value, NULL), -EINVAL);
	assert_int_equal(value__number("", 0, 100, &value, NULL), -EINVAL);
	says("--buffer 4K: must be from 256K to 16G", "trace", "--buffer=4K", NULL);
	says("-s 70000: must be from 0 to 65535", "trace", "-s", "70000", NULL);
	says("--duration soon: a time such as", "trace", "--duration", "soon", NULL);
}

static void pids_are_lists(void **state)
{
	OK("trace", "-p", " 7, 22 333\n7 ", "-p4444");
	assert_int_equal(t->pids.count, 4);
	assert_int_equal(t->pids.list[2], 333);
	assert_int_equal(t->pids.list[3], 4444);
	DONE();
	says("\"sshd\" is none", "trace", "-p", "7,sshd", NULL);
	says("\"0\" is none", "trace", "-p", "0", NULL);
	says("-p ,: a process id is wanted before and behind each comma", "trace", "-p", ",", NULL);
	says("-p 7,: a process id is wanted before", "trace", "-p", "7,", NULL);
	says("-p ,7: a process id is wanted before", "trace", "-p", ",7", NULL);
	says("-p 7,,8: a process id is wanted before", "trace", "-p", "7,,8", NULL);
	says("-p  : a process id is wanted", "trace", "-p", " ", NULL);
	says("-p is empty", "trace", "-p", "", NULL);
	/* The whole machine is traced by those who ask for it. */
	says("sonde trace without -p", "trace", "-p", "1", NULL);
	says("sonde trace without -p", "trace", "-p", "22,1", NULL);
}

static void conflicts_are_named(void **state)
{
	says("-p and a command to run exclude each other", "trace", "-p", "7", "--", "ls", NULL);
	says("--cgroup and --unit exclude each other", "trace", "--unit", "a", "--cgroup", "b",
	     NULL);
	says("-z and -Z exclude each other", "trace", "-zZ", NULL);
	says("--json and --format", "trace", "--json", "--format", "%evt.time", NULL);
	says("-A appends to the file of -o, and there is none", "trace", "-A", NULL);
	says("-u runs a command", "trace", "-u", "0", NULL);
	says(" may be given 3 times at most", "trace", "-tttt", NULL);
	says("unknown option -y (in -fy): descriptors always show what they are", "trace", "-fy",
	     NULL);
	says("did you mean --json=flat?", "trace", "--json", "flat", "--", "ls", NULL);
	says("there is no such user", "trace", "-u", "no-such-user-here", "--", "ls", NULL);
}

static void all_errors_at_once(void **state)
{
	PARSE("trace", "--durtion", "3s", "-X", "--count=none", "--color=alwas");
	assert_int_equal(p.r, -EINVAL);
	assert_non_null(strstr(p.err.text, "unknown option --durtion; did you mean --duration?\n"));
	assert_non_null(strstr(p.err.text, "unknown option -X\n"));
	assert_non_null(strstr(p.err.text, "--count none: a whole number is wanted\n"));
	assert_non_null(
		strstr(p.err.text,
		       "--color alwas: must be one of auto, always, never; did you mean always?"));
	DONE();
}

static void command_without_dashes(void **state)
{
	OK("trace", "-f", "ls");
	assert_string_equal(t->meant_command, "sonde trace -f -- ls");
	DONE();
	parse(&p, "trace", "ls -l /tmp", NULL);
	assert_string_equal(t->meant_command, "sonde trace -- ls -l /tmp");
	DONE();
	says("did you mean: sonde trace -T -- ls -l 'a b'", "trace", "-T", "ls", "-l", "a b", NULL);
	says("did you mean: sonde -- ls -l", "ls", "-l", NULL);
	says("did you mean: sonde trace -p 7", "-p", "7", NULL);
	says("did you mean trace?", "trcae", NULL);
	says("there is no command \"xyzzy-nothing\"", "xyzzy-nothing", NULL);
	says("did you mean --json?", "doctor", "-json", NULL);
	says("--verbose: it belongs to sonde events", "trace", "--verbose", NULL);
}

static void other_commands(void **state)
{
	PARSE("events", "-v", "open*", "@net");
	assert_int_equal(p.r, 0);
	assert_true(p.options.events.verbose);
	assert_int_equal(p.options.operands.count, 2);
	DONE();
	parse(&p, "help", "doctor", NULL);
	assert_int_equal(p.r, 0);
	assert_int_equal(p.options.help_on, COMMAND_DOCTOR);
	DONE();
	says("did you mean doctor?", "help", "docter", NULL);
	says("takes no operands", "doctor", "who", NULL);
	says("bash, zsh or fish", "completion", NULL);
}

static void quoting(void **state)
{
	struct buffer b = {};

	shell__quote(&b, "it's");
	buffer__char(&b, ' ');
	shell__quote(&b, "");
	buffer__char(&b, ' ');
	shell__quote(&b, "/a-b_c.d");
	assert_string_equal(buffer__string(&b), "'it'\\''s' '' /a-b_c.d");
	buffer__free(&b);
}

/* No line is wider than a terminal, in no help of any command. */
static void fits(struct buffer *b)
{
	const char *line = buffer__string(b);

	while (*line) {
		size_t size = strcspn(line, "\n");

		if (size > 80)
			fail_msg("%zu columns: %.*s", size, (int)size, line);
		line += size + (line[size] == '\n');
	}
	buffer__free(b);
}

static void help_fits_80_columns(void **state)
{
	struct buffer b = {};

	help__overview(&b, false);
	fits(&b);
	help__commands(&b, false);
	fits(&b);
	for (enum command_id c = 0; c < COMMANDS; c++) {
		help__command(&b, c, false);
		fits(&b);
	}
}

/* Each option stands in help, in the manual and in each shell's completion. */
static void everything_derives(void **state)
{
	struct buffer man = {}, scripts[3] = {};
	const char *const shells[] = {"bash", "zsh", "fish"};

	man__page(&man);
	for (int i = 0; i < 3; i++)
		assert_int_equal(completion__script(&scripts[i], shells[i]), 0);
	for (unsigned int i = 0; i < option_def_count; i++) {
		const struct option_def *o = &option_defs[i];
		struct buffer help = {};
		char roff[100] = "", word[64];
		size_t at = 0;

		assert_true(strlen(o->help) > 5);
		snprintf(word, sizeof(word), "--%s", o->long_name);
		for (const char *c = word; *c; c++)
			at += snprintf(roff + at, sizeof(roff) - at, *c == '-' ? "\\-" : "%c", *c);
		assert_non_null(strstr(buffer__string(&man), roff));
		assert_non_null(strstr(buffer__string(&scripts[0]), word));
		assert_non_null(strstr(buffer__string(&scripts[1]), word));
		assert_non_null(strstr(buffer__string(&scripts[2]), word + 2));
		help__command(&help, first_command(o), false);
		assert_non_null(strstr(buffer__string(&help), word));
		buffer__free(&help);
	}
	for (unsigned int i = 0; i < QUESTIONS; i++)
		assert_non_null(strstr(buffer__string(&man), questions[i].question));
	buffer__free(&man);
	for (int i = 0; i < 3; i++)
		buffer__free(&scripts[i]);
	assert_int_equal(completion__script(&man, "tcsh"), -EINVAL);
}

/* The commands of the questions are understood as they stand. */
static void questions_parse(void **state)
{
	for (unsigned int i = 0; i < QUESTIONS; i++) {
		char text[200], *words[WORDS + 1] = {};
		int argc = 0;
		struct options options;
		struct error err = {};

		snprintf(text, sizeof(text), "%s", questions[i].command);
		text[strcspn(text, "|")] = '\0';
		for (char *c = text; *c;) {
			char end = *c == '\'' ? '\'' : ' ';

			c += *c == '\'';
			words[argc++] = c;
			assert_true(argc < WORDS);
			c += strcspn(c, end == '\'' ? "'" : " ");
			while (*c == end || *c == ' ')
				*c++ = '\0';
		}
		for (int w = 0; w < argc; w++) {
			if (!strcmp(words[w], "PID"))
				words[w] = "7";
		}
		assert_string_equal(words[0], "sonde");
		if (options__parse(argc, words, &options, &err))
			fail_msg("%s: %s", questions[i].command, err.text);
		assert_int_equal(options.command, COMMAND_TRACE);
		options__release(&options);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_option),
		cmocka_unit_test(each_typo),
		cmocka_unit_test(names_are_unique),
		cmocka_unit_test(fallbacks_hold),
		cmocka_unit_test(letters_stand_together),
		cmocka_unit_test(filter_is_what_remains),
		cmocka_unit_test(empty_filter_is_none),
		cmocka_unit_test(bare_dashes_trace),
		cmocka_unit_test(dashes_trace_with_options),
		cmocka_unit_test(numbers_have_units),
		cmocka_unit_test(pids_are_lists),
		cmocka_unit_test(conflicts_are_named),
		cmocka_unit_test(all_errors_at_once),
		cmocka_unit_test(command_without_dashes),
		cmocka_unit_test(other_commands),
		cmocka_unit_test(quoting),
		cmocka_unit_test(help_fits_80_columns),
		cmocka_unit_test(everything_derives),
		cmocka_unit_test(questions_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
