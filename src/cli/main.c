/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command: reads the command line, hands over to what was asked for, and prints what went
 * wrong.
 */
#include "options.h"
#include "own_probes.h"
#include "questions.h"
#include "../base/buffer.h"
#include "../source/live.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* All that sonde prints by itself, at once. A closed pipe (| head) is no failure. */
static int print(struct buffer *b)
{
	bool ok;

	signal(SIGPIPE, SIG_IGN);
	ok = !b->failed && fwrite(b->data, 1, b->size, stdout) == b->size && !fflush(stdout);

	buffer__free(b);
	if (ok || errno == EPIPE)
		return STATUS_OK;
	fprintf(stderr, "sonde: writing to the standard output: %s\n", strerror(errno));
	return STATUS_FAILURE;
}

static void complain(const char *rest)
{
	while (*rest) {
		int size = strcspn(rest, "\n");

		fprintf(stderr, "sonde: %.*s\n", size, rest);
		rest += size + (rest[size] == '\n');
	}
}

static int usage_error(const char *text, enum command_id command)
{
	complain(text);
	if (command == COMMAND_HELP)
		fprintf(stderr, "sonde help lists the commands\n");
	else
		fprintf(stderr, "sonde help %s explains it\n", commands[command].name);
	return STATUS_USAGE;
}

static int run_trace(const struct options *o)
{
	return cmd_trace(&o->trace);
}

static int run_events(const struct options *o)
{
	struct live_schemas *schemas = NULL;
	struct error err = {};
	struct buffer b = {};
	int r = live_schemas__new(&schemas, &err);

	if (!r)
		r = own_probes__add(schemas, &o->trace, &err);
	if (!r)
		r = events__print(o, live_schemas__list(schemas), &b, &err);
	live_schemas__free(schemas);
	if (!r)
		return print(&b);
	buffer__free(&b);
	if (r == -EINVAL)
		return usage_error(err.text, COMMAND_EVENTS);
	fprintf(stderr, "sonde: %s\n", err.text);
	return STATUS_FAILURE;
}

static int run_hooks(const struct options *o)
{
	struct live_schemas *known = NULL;
	struct error err = {};
	struct buffer b = {};
	int code;

	if (o->hooks.syscalls_of)
		return cmd_trace(&o->trace);
	code = live_schemas__new(&known, &err);
	if (!code)
		code = hooks__print(o, known, &b, &err);
	live_schemas__free(known);
	if (code == -EINVAL) {
		buffer__free(&b);
		return usage_error(err.text, COMMAND_HOOKS);
	}
	/* What was found is told, whatever was not. */
	if (code)
		complain(err.text);
	if (!b.size)
		return STATUS_FAILURE;
	return print(&b) || code ? STATUS_FAILURE : STATUS_OK;
}

static int run_doctor(const struct options *o)
{
	struct live_schemas *schemas = NULL;
	struct error err = {};
	struct buffer b = {};
	int status;

	if (live_schemas__new(&schemas, &err)) {
		fprintf(stderr, "sonde: %s\n", err.text);
		return STATUS_FAILURE;
	}
	status = doctor__print(o, live_schemas__list(schemas), &b);
	live_schemas__free(schemas);
	return print(&b) ? STATUS_FAILURE : status;
}

static int run_probe(const struct options *o)
{
	struct error err = {};
	struct buffer b = {};
	int status = cmd_probe(o, &b, &err);

	if (status == STATUS_USAGE && *err.text) {
		buffer__free(&b);
		return usage_error(err.text, COMMAND_PROBE);
	}
	if (*err.text)
		fprintf(stderr, "sonde: %s\n", err.text);
	return print(&b) ? STATUS_FAILURE : status;
}

static int run_completion(const struct options *o)
{
	struct buffer b = {};

	if (completion__script(&b, o->operands.list[0])) {
		char text[200];

		buffer__free(&b);
		snprintf(text, sizeof(text),
			 "sonde completion %.50s: must be one of bash, zsh, fish",
			 o->operands.list[0]);
		return usage_error(text, COMMAND_COMPLETION);
	}
	return print(&b);
}

static int run_help(const struct options *o)
{
	bool color = color_wanted(o->color, STDOUT_FILENO);
	struct buffer b = {};

	if (!o->operands.count)
		help__commands(&b, color);
	else if (o->help_filter)
		help__filter(&b, color);
	else
		help__command(&b, o->help_on, color);
	return print(&b);
}

static int (*const run[COMMANDS])(const struct options *o) = {
#define COMMAND(ID, name, ...) [COMMAND_##ID] = run_##name,
#include "commands.def"
#undef COMMAND
};

/* What is asked with a single option in place of a command. */
static int special(const char *word)
{
	struct buffer b = {};

	if (!strcmp(word, "--version") || !strcmp(word, "-V")) {
		buffer__text(&b, "sonde " SONDE_VERSION "\n");
	} else if (!strcmp(word, "--help") || !strcmp(word, "-h")) {
		help__commands(&b, color_wanted(COLOR_AUTO, STDOUT_FILENO));
	} else if (!strcmp(word, "--man")) {
		man__page(&b);
	} else if (!strcmp(word, "--questions")) {
		for (unsigned int i = 0; i < QUESTIONS; i++)
			buffer__printf(&b, "%s\t%s\n", questions[i].question, questions[i].command);
	} else {
		return -1;
	}
	return print(&b);
}

/*
 * What the caller closed must not become a map or a file of ours, to which messages are then
 * written. Opened the wrong way round, so that writing fails as before; CMD finds it closed.
 */
static void reserve_standard_files(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			(void)!open("/dev/null",
				    (fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
	}
}

int main(int argc, char **argv)
{
	struct options options;
	struct error err = {};
	int status;

	reserve_standard_files();
	if (argc < 2) {
		struct buffer b = {};

		help__overview(&b, color_wanted(COLOR_AUTO, STDOUT_FILENO));
		return print(&b);
	}
	status = special(argv[1]);
	if (status >= 0)
		return status;
	if (options__parse(argc, argv, &options, &err)) {
		status = usage_error(err.text, options.command);
	} else if (options.help && options.command != COMMAND_HELP) {
		struct buffer b = {};

		help__command(&b, options.command, color_wanted(options.color, STDOUT_FILENO));
		status = print(&b);
	} else {
		status = run[options.command](&options);
	}
	options__release(&options);
	return status;
}
