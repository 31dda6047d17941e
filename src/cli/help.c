/* SPDX-License-Identifier: Apache-2.0 */
/* What `sonde`, `sonde help` and `sonde COMMAND --help` say, at most 80 columns wide. */
#include "options.h"
#include "questions.h"
#include "../base/buffer.h"

#include <stdio.h>
#include <string.h>

#define WIDTH         79
#define OPTION_COLUMN 26

static void bold(struct buffer *b, const char *text, bool color)
{
	buffer__text(b, color ? "\033[1m" : "");
	buffer__text(b, text);
	buffer__text(b, color ? "\033[0m" : "");
}

static void spaces(struct buffer *b, unsigned int count)
{
	while (count--)
		buffer__char(b, ' ');
}

static size_t line_width(const struct buffer *b)
{
	const char *newline = b->size ? memrchr(b->data, '\n', b->size) : NULL;

	return newline ? (size_t)(b->data + b->size - newline - 1) : b->size;
}

void help__wrap(struct buffer *b, const char *text, unsigned int indent, unsigned int width)
{
	size_t at = line_width(b);

	for (const char *p = text; *p;) {
		size_t blanks = strspn(p, " "), word = strcspn(p + blanks, " \n");

		if (at > indent && at + blanks + word > width) {
			buffer__char(b, '\n');
			spaces(b, indent);
			at = indent;
			blanks = 0;
			p += strspn(p, " ");
		}
		buffer__bytes(b, p, blanks + word);
		at += blanks + word;
		p += blanks + word;
		if (*p == '\n') {
			buffer__char(b, '\n');
			spaces(b, indent);
			at = indent;
			p++;
		}
	}
}

/* The text goes to its column, on the next line where the left side is too long. */
static void to_column(struct buffer *b, size_t column)
{
	size_t at = line_width(b);

	if (at + 2 > column) {
		buffer__char(b, '\n');
		at = 0;
	}
	spaces(b, column - at);
}

void help__overview(struct buffer *b, bool color)
{
	buffer__text(b, "sonde shows what programs do, as the kernel sees it. Ask it:\n\n");
	for (unsigned int i = 0; i < QUESTIONS; i++) {
		buffer__printf(b, "  %s\n      ", questions[i].question);
		bold(b, questions[i].command, color);
		buffer__char(b, '\n');
	}
	buffer__text(b, "\nsonde trace shows what changes on this machine; sonde help says "
			"everything else.\n");
}

void help__commands(struct buffer *b, bool color)
{
	bold(b, "sonde COMMAND [OPTION]...", color);
	buffer__text(b, "\nsonde shows what programs do, as the kernel sees it.\n\n");
	for (enum command_id c = 0; c < COMMANDS; c++) {
		spaces(b, 2);
		bold(b, commands[c].name, color);
		spaces(b, 12 - strlen(commands[c].name));
		buffer__text(b, commands[c].summary);
		buffer__char(b, '\n');
	}
	buffer__text(
		b, "\nsonde [OPTION]... -- CMD is short for sonde trace [OPTION]... -- CMD.\n"
		   "sonde help COMMAND explains one, sonde help filter what a filter can ask for;\n"
		   "sonde alone shows ten questions with the commands that answer them.\n");
}

void help__option(struct buffer *b, const struct option_def *o)
{
	if (o->short_name)
		buffer__printf(b, "-%c, --%s", o->short_name, o->long_name);
	else
		buffer__printf(b, "    --%s", o->long_name);
	if (o->argument)
		buffer__printf(b, o->type == OPTION_OPTIONAL_CHOICE ? "[=%s]" : " %s", o->argument);
}

static void option_line(struct buffer *b, const struct option_def *o)
{
	spaces(b, 2);
	help__option(b, o);
	to_column(b, OPTION_COLUMN);
	help__wrap(b, o->help, OPTION_COLUMN, WIDTH);
	if (o->fallback) {
		char text[64];

		snprintf(text, sizeof(text), " (default %s)", o->fallback);
		help__wrap(b, text, OPTION_COLUMN, WIDTH);
	}
	buffer__char(b, '\n');
}

const char help__statuses[] =
	"Exit status: 0; 1 failure; 2 wrong usage; 4 events were lost, under --strict. With CMD: "
	"its own "
	"status, 128+N if signal N killed it, 126 if it is not executable, 127 if it is not found.";

void help__command(struct buffer *b, enum command_id command, bool color)
{
	const struct command *c = &commands[command];
	char usage[200];

	snprintf(usage, sizeof(usage), "sonde %s [OPTION]... %s", c->name, c->operands);
	bold(b, usage, color);
	buffer__char(b, '\n');
	help__wrap(b, c->more, 0, WIDTH);
	buffer__char(b, '\n');
	for (enum option_group g = 0; g < OPTION_GROUPS; g++) {
		bool any = false;

		for (unsigned int i = 0; i < option_def_count; i++) {
			const struct option_def *o = &option_defs[i];

			if (o->group != g || !option__is_for(o, command))
				continue;
			if (!any) {
				buffer__char(b, '\n');
				bold(b, option_groups[g], color);
				buffer__char(b, '\n');
			}
			any = true;
			option_line(b, o);
		}
	}
	if (command == COMMAND_TRACE) {
		buffer__char(b, '\n');
		help__wrap(b, help__statuses, 0, WIDTH);
		buffer__char(b, '\n');
	}
}
