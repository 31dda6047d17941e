/* SPDX-License-Identifier: Apache-2.0 */
/* The completion scripts of bash, zsh and fish, from the tables of commands and options. */
#include "options.h"
#include "../base/buffer.h"

#include <errno.h>
#include <string.h>

/*
 * What lists the candidates of each kind of value; the events come without the category and help
 * behind them.
 */
static const char *const listings[] = {
	[COMPLETES_EVENTS] =
		"sonde events 2>/dev/null | while read -r name rest; do echo \"$name\"; done",
	[COMPLETES_PIDS] = "ps -eo pid=",
	[COMPLETES_UNITS] = "systemctl list-units --plain --no-legend --all 2>/dev/null | while "
			    "read -r name rest; do "
			    "echo \"$name\"; done",
	[COMPLETES_CONTAINERS] = "{ docker ps -q || podman ps -q; } 2>/dev/null",
	[COMPLETES_USERS] =
		"getent passwd | while IFS=: read -r name rest; do echo \"$name\"; done",
};

static void choices(struct buffer *b, const struct option_def *o)
{
	for (const struct option_choice *c = o->choices; c->name; c++)
		buffer__printf(b, "%s%s", c == o->choices ? "" : " ", c->name);
}

/* The words after which `o`'s value comes, as a pattern of case: -e|--events */
static void pattern(struct buffer *b, const struct option_def *o)
{
	if (o->short_name)
		buffer__printf(b, "-%c|", o->short_name);
	buffer__printf(b, "--%s", o->long_name);
}

static void bash_value(struct buffer *b, const struct option_def *o)
{
	buffer__text(b, "\t\t");
	pattern(b, o);
	/* An optional value stands behind = only. */
	buffer__text(b, o->type == OPTION_OPTIONAL_CHOICE ? ")\n\t\t\t[[ $equals ]] && "
							  : ")\n\t\t\t");
	if (o->choices) {
		buffer__text(b, "COMPREPLY=($(compgen -W '");
		choices(b, o);
		buffer__text(b, "' -- \"$cur\"))");
	} else if (o->completes == COMPLETES_FILES || o->completes == COMPLETES_DIRECTORIES) {
		buffer__printf(b, "COMPREPLY=($(compgen -%c -- \"$cur\"))",
			       o->completes == COMPLETES_FILES ? 'f' : 'd');
	} else if (o->completes == COMPLETES_EVENTS || o->completes == COMPLETES_PIDS) {
		/* Lists: only what stands behind the last comma is completed. */
		buffer__text(b,
			     "local head=\"\"; [[ $cur == *,* ]] && head=\"${cur%,*},\"\n\t\t\t");
		buffer__printf(b,
			       "COMPREPLY=($(compgen -P \"$head\" -W \"$(%s)\" -- \"${cur##*,}\"))",
			       listings[o->completes]);
	} else if (o->completes) {
		buffer__printf(b, "COMPREPLY=($(compgen -W \"$(%s)\" -- \"$cur\"))",
			       listings[o->completes]);
	} else {
		buffer__text(b, "COMPREPLY=()");
	}
	buffer__text(b,
		     o->type == OPTION_OPTIONAL_CHOICE ? " && return;;\n" : "\n\t\t\treturn;;\n");
}

static void bash(struct buffer *b)
{
	buffer__text(
		b,
		"# bash completion for sonde: source <(sonde completion bash)\n"
		"_sonde() {\n"
		"\tlocal cur=\"${COMP_WORDS[COMP_CWORD]}\" prev=\"${COMP_WORDS[COMP_CWORD-1]}\" i "
		"equals=\n"
		"\tCOMPREPLY=()\n"
		"\t# --color=al arrives as three words.\n"
		"\tif [[ $cur == '=' ]]; then cur='' equals=1\n"
		"\telif [[ $prev == '=' ]] && ((COMP_CWORD > 2)); then "
		"prev=\"${COMP_WORDS[COMP_CWORD-2]}\" equals=1; fi\n"
		"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		"\t\tif [[ ${COMP_WORDS[i]} == -- ]]; then\n"
		"\t\t\tif declare -F _command_offset >/dev/null; then _command_offset $((i + 1))\n"
		"\t\t\telse COMPREPLY=($(compgen -c -f -- \"$cur\")); fi\n"
		"\t\t\treturn\n"
		"\t\tfi\n"
		"\tdone\n"
		"\tif ((COMP_CWORD == 1)); then\n\t\tCOMPREPLY=($(compgen -W '");
	for (enum command_id c = 0; c < COMMANDS; c++)
		buffer__printf(b, "%s ", commands[c].name);
	buffer__text(b, "-- --version --help' -- \"$cur\"))\n\t\treturn\n\tfi\n\tcase "
			"${COMP_WORDS[1]} in\n");
	for (enum command_id c = 0; c < COMMANDS; c++) {
		buffer__printf(b, "\t%s)\n\t\tcase $prev in\n", commands[c].name);
		for (unsigned int i = 0; i < option_def_count; i++) {
			const struct option_def *o = &option_defs[i];

			if (option__is_for(o, c) && o->argument)
				bash_value(b, o);
		}
		buffer__text(b, "\t\tesac\n\t\tCOMPREPLY=($(compgen -W '");
		for (unsigned int i = 0; i < option_def_count; i++) {
			if (!option__is_for(&option_defs[i], c))
				continue;
			buffer__printf(b, "--%s ", option_defs[i].long_name);
			if (option_defs[i].short_name)
				buffer__printf(b, "-%c ", option_defs[i].short_name);
		}
		if (c == COMMAND_TRACE)
			buffer__text(b, "-- ");
		if (c == COMMAND_COMPLETION)
			buffer__text(b, "bash zsh fish ");
		for (enum command_id of = 0; c == COMMAND_HELP && of < COMMANDS; of++)
			buffer__printf(b, "%s ", commands[of].name);
		buffer__text(b, "' -- \"$cur\"))\n\t\t;;\n");
	}
	buffer__text(b, "\tesac\n}\ncomplete -F _sonde sonde\n");
}

/* Inside of '...', for zsh's _arguments and for fish. */
static void quoted(struct buffer *b, const char *text, const char *escaped)
{
	for (; *text; text++) {
		if (*text == '\'')
			buffer__text(b, "'\\''");
		else if (strchr(escaped, *text))
			buffer__printf(b, "\\%c", *text);
		else
			buffer__char(b, *text);
	}
}

static void zsh_action(struct buffer *b, const struct option_def *o)
{
	buffer__printf(b, ":%s:", o->argument);
	if (o->choices) {
		buffer__char(b, '(');
		choices(b, o);
		buffer__char(b, ')');
	} else if (o->completes == COMPLETES_FILES) {
		buffer__text(b, "_files");
	} else if (o->completes == COMPLETES_DIRECTORIES) {
		buffer__text(b, "_files -/");
	} else if (o->completes == COMPLETES_USERS) {
		buffer__text(b, "_users");
	} else if (o->completes == COMPLETES_PIDS) {
		buffer__text(b, "_pids");
	} else if (o->completes == COMPLETES_EVENTS) {
		buffer__text(b, "_sonde_events");
	}
}

static void zsh_option(struct buffer *b, const struct option_def *o, bool is_long)
{
	bool repeats = o->type == OPTION_LIST || o->type == OPTION_COUNT || o->type == OPTION_PIDS;

	buffer__text(b, repeats ? " \\\n\t\t\t'*" : " \\\n\t\t\t'");
	if (is_long)
		buffer__printf(b, "--%s", o->long_name);
	else
		buffer__printf(b, "-%c", o->short_name);
	if (o->argument)
		buffer__text(b, !is_long ? "+" : o->type == OPTION_OPTIONAL_CHOICE ? "=-" : "=");
	buffer__char(b, '[');
	quoted(b, o->help, "[]:\\");
	buffer__char(b, ']');
	if (o->argument) {
		if (o->type == OPTION_OPTIONAL_CHOICE)
			buffer__char(b, ':');
		zsh_action(b, o);
	}
	buffer__char(b, '\'');
}

static void zsh(struct buffer *b)
{
	buffer__text(
		b,
		"#compdef sonde\n"
		"# zsh completion for sonde: sonde completion zsh > a directory of $fpath/_sonde\n"
		"_sonde_events() {\n\tlocal -a names\n"
		"\tnames=(${${(f)\"$(sonde events 2>/dev/null)\"}%% *})\n"
		"\tcompset -P '*,'\n\tcompadd -a names\n}\n"
		"_sonde() {\n\tlocal -a all\n\tall=(\n");
	for (enum command_id c = 0; c < COMMANDS; c++) {
		buffer__printf(b, "\t\t'%s:", commands[c].name);
		quoted(b, commands[c].summary, ":\\");
		buffer__text(b, "'\n");
	}
	buffer__text(b, "\t)\n"
			"\tif ((CURRENT == 2)); then _describe command all; return; fi\n"
			"\tif [[ ${words[2]} == -- ]]; then shift 2 words; ((CURRENT -= 2)); "
			"_normal; return; fi\n"
			"\tshift words; ((CURRENT--))\n\tcase ${words[1]} in\n");
	for (enum command_id c = 0; c < COMMANDS; c++) {
		buffer__printf(b, "\t%s)\n\t\t_arguments -s -S", commands[c].name);
		for (unsigned int i = 0; i < option_def_count; i++) {
			if (!option__is_for(&option_defs[i], c))
				continue;
			zsh_option(b, &option_defs[i], true);
			if (option_defs[i].short_name)
				zsh_option(b, &option_defs[i], false);
		}
		if (c == COMMAND_COMPLETION)
			buffer__text(b, " \\\n\t\t\t'1:shell:(bash zsh fish)'");
		else if (c == COMMAND_EVENTS)
			buffer__text(b, " \\\n\t\t\t'*:pattern:_sonde_events'");
		else if (c == COMMAND_HELP)
			buffer__text(b, " \\\n\t\t\t'1:command:(${all%%:*})'");
		else if (c == COMMAND_TRACE)
			buffer__text(b, " \\\n\t\t\t'*::command:_normal'");
		buffer__text(b, "\n\t\t;;\n");
	}
	buffer__text(b, "\tesac\n}\n_sonde \"$@\"\n");
}

static void fish_option(struct buffer *b, const struct option_def *o, const char *command)
{
	buffer__printf(b, "complete -c sonde -n '__fish_seen_subcommand_from %s' -l %s", command,
		       o->long_name);
	if (o->short_name)
		buffer__printf(b, " -s %c", o->short_name);
	if (o->argument && o->type != OPTION_OPTIONAL_CHOICE)
		buffer__text(b, o->completes == COMPLETES_FILES ? " -r -F" : " -x");
	if (o->choices) {
		buffer__text(b, " -a '");
		choices(b, o);
		buffer__char(b, '\'');
	} else if (o->completes == COMPLETES_DIRECTORIES) {
		buffer__text(b, " -a '(__fish_complete_directories)'");
	} else if (o->completes == COMPLETES_USERS) {
		buffer__text(b, " -a '(__fish_complete_users)'");
	} else if (o->completes == COMPLETES_PIDS) {
		buffer__text(b, " -a '(__fish_complete_pids)'");
	} else if (o->completes == COMPLETES_EVENTS) {
		buffer__text(b,
			     " -a '(sonde events 2>/dev/null | string replace -r \" .*\" \"\")'");
	}
	buffer__text(b, " -d '");
	for (const char *p = o->help; *p; p++) {
		if (*p == '\'' || *p == '\\')
			buffer__char(b, '\\');
		buffer__char(b, *p);
	}
	buffer__text(b, "'\n");
}

static void fish(struct buffer *b)
{
	buffer__text(b, "# fish completion for sonde: sonde completion fish | source\ncomplete -c "
			"sonde -f\n");
	for (enum command_id c = 0; c < COMMANDS; c++) {
		buffer__printf(b, "complete -c sonde -n __fish_use_subcommand -a %s -d '%s'\n",
			       commands[c].name, commands[c].summary);
		for (unsigned int i = 0; i < option_def_count; i++) {
			if (option__is_for(&option_defs[i], c))
				fish_option(b, &option_defs[i], commands[c].name);
		}
	}
	for (enum command_id c = 0; c < COMMANDS; c++)
		buffer__printf(b, "complete -c sonde -n '__fish_seen_subcommand_from help' -a %s\n",
			       commands[c].name);
	buffer__text(
		b,
		"complete -c sonde -n '__fish_seen_subcommand_from completion' -a 'bash zsh fish'\n"
		"complete -c sonde -n 'contains -- -- (commandline -opc)' -a "
		"'(__fish_complete_subcommand)'\n");
}

int completion__script(struct buffer *b, const char *shell)
{
	static const struct {
		const char *name;
		void (*write)(struct buffer *b);
	} shells[] = {{"bash", bash}, {"zsh", zsh}, {"fish", fish}};

	for (unsigned int i = 0; i < ARRAY_SIZE(shells); i++) {
		if (!strcmp(shells[i].name, shell)) {
			shells[i].write(b);
			return 0;
		}
	}
	return -EINVAL;
}
