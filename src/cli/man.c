/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manual page sonde(1), in roff, from the tables of commands, options and questions: `sonde
 * --man`.
 */
#include "options.h"
#include "questions.h"
#include "../base/buffer.h"

#include <stdio.h>
#include <string.h>

/*
 * Hyphens that are to be typed, backslashes, and what roff takes for a request at a line's
 * beginning.
 */
static void roff(struct buffer *b, const char *text)
{
	bool fresh = !b->size || b->data[b->size - 1] == '\n';

	for (; *text; text++) {
		if (fresh && (*text == '.' || *text == '\''))
			buffer__text(b, "\\&");
		fresh = false;
		switch (*text) {
		case '\\':
			buffer__text(b, "\\e");
			break;
		case '-':
			buffer__text(b, "\\-");
			break;
		case '\'':
			buffer__text(b, "\\(aq");
			break;
		case '^':
			buffer__text(b, "\\(ha");
			break;
		case '~':
			buffer__text(b, "\\(ti");
			break;
		case '\n':
			buffer__text(b, "\n.PP\n");
			fresh = true;
			break;
		default:
			buffer__char(b, *text);
		}
	}
}

static void paragraph(struct buffer *b, const char *request, const char *text)
{
	buffer__printf(b, "%s\n", request);
	roff(b, text);
	buffer__char(b, '\n');
}

/* \fB...\fP around what is typed, \fI...\fP around what stands for something. */
static void font(struct buffer *b, char name, const char *text)
{
	buffer__printf(b, "\\f%c", name);
	roff(b, text);
	buffer__text(b, "\\fP");
}

static void option(struct buffer *b, const struct option_def *o)
{
	char name[64];

	buffer__text(b, ".TP\n");
	if (o->short_name) {
		snprintf(name, sizeof(name), "-%c", o->short_name);
		font(b, 'B', name);
		buffer__text(b, ", ");
	}
	snprintf(name, sizeof(name), "--%s", o->long_name);
	font(b, 'B', name);
	if (o->argument) {
		buffer__text(b, o->type == OPTION_OPTIONAL_CHOICE ? "[=" : " ");
		font(b, 'I', o->argument);
		buffer__text(b, o->type == OPTION_OPTIONAL_CHOICE ? "]" : "");
	}
	buffer__char(b, '\n');
	roff(b, o->help);
	if (o->fallback) {
		buffer__text(b, " (default ");
		roff(b, o->fallback);
		buffer__char(b, ')');
	}
	buffer__char(b, '\n');
	if (o->more)
		paragraph(b, ".br", o->more);
}

static void command(struct buffer *b, enum command_id id)
{
	const struct command *c = &commands[id];

	buffer__text(b, ".SS ");
	buffer__printf(b, "\"sonde %s [OPTION]... %s\"\n", c->name, c->operands);
	roff(b, c->more);
	buffer__char(b, '\n');
	for (enum option_group g = 0; g < OPTION_GROUPS; g++) {
		bool any = false;

		for (unsigned int i = 0; i < option_def_count; i++) {
			if (option_defs[i].group != g || !option__is_for(&option_defs[i], id))
				continue;
			if (!any) {
				buffer__text(b, ".PP\n");
				font(b, 'B', option_groups[g]);
				buffer__char(b, '\n');
			}
			any = true;
			option(b, &option_defs[i]);
		}
	}
}

void man__page(struct buffer *b)
{
	buffer__text(b, ".\\\" SPDX-License-Identifier: Apache-2.0\n"
			".TH SONDE 1 \"\" \"sonde " SONDE_VERSION "\" \"User Commands\"\n"
			".SH NAME\nsonde \\- show what programs do, as the kernel sees it\n"
			".SH SYNOPSIS\n.nf\n");
	for (enum command_id c = 0; c < COMMANDS; c++) {
		buffer__text(b, "\\fBsonde ");
		buffer__printf(b, "%s\\fP [\\fIOPTION\\fP]... ", commands[c].name);
		roff(b, commands[c].operands);
		buffer__char(b, '\n');
	}
	buffer__text(
		b,
		"\\fBsonde\\fP [\\fIOPTION\\fP]... \\fB\\-\\-\\fP CMD [ARG]...\n.fi\n.SH QUESTIONS\n");
	for (unsigned int i = 0; i < QUESTIONS; i++) {
		buffer__text(b, ".TP\n");
		roff(b, questions[i].question);
		buffer__char(b, '\n');
		font(b, 'B', questions[i].command);
		buffer__char(b, '\n');
	}
	buffer__text(b, ".SH COMMANDS\n");
	for (enum command_id c = 0; c < COMMANDS; c++)
		command(b, c);
	buffer__text(b, ".SH \"EXIT STATUS\"\n");
	roff(b, strchr(help__statuses, ':') + 2);
	buffer__char(b, '\n');
	buffer__text(b, ".SH ENVIRONMENT\n.TP\n\\fBNO_COLOR\\fP\nIf it is set and not empty, there "
			"are no colours "
			"unless \\-\\-color=always asks for them.\n"
			".SH \"SEE ALSO\"\n.BR strace (1),\n.BR bpf (2),\n.BR capabilities (7)\n");
}
