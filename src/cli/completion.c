/* SPDX-License-Identifier: Apache-2.0 */
/* The completion scripts of bash, zsh and fish, from the tables of commands and options. */
#include "options.h"
#include "../base/buffer.h"
#include "../host/fields.h"
#include "../kernel/find.h"

#include <errno.h>
#include <string.h>

#define PROBE_VERBS "new build run inspect"

/* Names and @categories; what help says behind them is left out. */
#define EVENTS_COMMAND                                                                             \
	"sonde events 2>/dev/null | awk '{ print $1; for (i = 2; $i ~ /^@/; i++) print $i } "      \
	"END { print \"@calm\\n@calls\\n@all\" }' | sort -u"

/* Hooks are too many to list: kinds, and behind a colon what begins so. */
#define HOOKS_COMMAND(word) "sonde hooks " word " 2>/dev/null | awk '{ print $1 }'"

/* What lists the candidates of each kind of value. */
static const char *const listings[] = {
	[COMPLETES_EVENTS] = "_sonde_events",
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

/* The fields of a filter; what goes on with a name of the user's ends in a dot. */
static void fields(struct buffer *b)
{
	for (unsigned int i = 0; i < field_def_count; i++) {
		const struct field_def *def = &field_defs[i];

		buffer__printf(b, "%s%s%s", i ? " " : "", def->field.name,
			       def->takes == TAKES_ARGUMENT ? "." : "");
	}
}

static void kinds_of_hook(struct buffer *b)
{
	const char *kind;

	for (unsigned int i = 0; (kind = find__kind(i)); i++)
		buffer__printf(b, "%s%s", i ? " " : "", kind);
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
		buffer__printf(b,
			       "COMPREPLY=($(compgen -P \"${cur%%\"${cur##*,}\"}\" -W \"$(%s)\" -- "
			       "\"${cur##*,}\"))",
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

/*
 * What is completed is the last word as the user sees it; bash breaks it at = @ and :, and keeps of
 * it what stands before its own last piece. An @ belongs to the piece (rl_special_prefixes).
 */
static const char bash_head[] =
	"# bash completion for sonde: source <(sonde completion bash)\n"
	"_sonde() {\n"
	"\tlocal line=\"${COMP_LINE:0:COMP_POINT}\" piece=\"${COMP_WORDS[COMP_CWORD]}\"\n"
	"\tlocal cur=\"${line##*[[:blank:]]}\" prev equals= kept\n"
	"\tlocal -a words\n"
	"\tread -ra words <<<\"${line%\"$cur\"}\"\n"
	"\tprev=\"${words[-1]}\"\n"
	"\t[[ $piece == [=@:] ]] && piece=''\n"
	"\t[[ $cur == *\"@$piece\" ]] && piece=\"@$piece\"\n"
	"\tkept=\"${cur%\"$piece\"}\"\n"
	"\tif [[ $cur == --*=* ]]; then\n"
	"\t\tprev=\"${cur%%=*}\" cur=\"${cur#*=}\" equals=1\n"
	"\t\tkept=\"${kept#\"$prev=\"}\"\n"
	"\tfi\n"
	"\t[[ $piece == [\\'\\\"]* ]] && kept=''\n"
	"\tCOMPREPLY=()\n"
	"\t_sonde_words\n"
	"\tCOMPREPLY=(\"${COMPREPLY[@]#\"$kept\"}\")\n"
	"}\n"
	"_sonde_hooks() {\n"
	"\tif [[ $1 == *:* ]]; then " HOOKS_COMMAND("\"$1*\"") "; else echo '";

static const char bash_events[] =
	"'; fi\n}\n"
	"_sonde_events() {\n"
	"\tif [[ ${cur##*,} == *:* ]]; then _sonde_hooks \"${cur##*,}\"; return; fi\n\t";

static const char bash_filter[] =
	"'\n"
	"\tif [[ $piece != [\\'\\\"]* ]]; then\n"
	"\t\tCOMPREPLY=($(compgen -W \"$fields\" -- \"$cur\"))\n"
	"\t\t[[ ${#COMPREPLY[@]} == 1 && $COMPREPLY == *. ]] && compopt -o nospace\n"
	"\t\treturn\n"
	"\tfi\n"
	"\tlocal body=\"${piece:1}\"\n"
	"\tlocal last=\"${body##*[ (]}\"\n"
	"\tmapfile -t COMPREPLY < <(compgen -P \"${body%\"$last\"}\" -W \"$fields\" -- \"$last\")\n"
	"\t# What is the only one would close the quote.\n"
	"\t((${#COMPREPLY[@]} == 1)) && COMPREPLY=(\"$COMPREPLY =\" \"$COMPREPLY !=\")\n"
	"}\n"
	"_sonde_words() {\n"
	"\tlocal i\n"
	"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	"\t\tif [[ ${COMP_WORDS[i]} == -- ]]; then\n"
	"\t\t\tkept=''\n"
	"\t\t\tif declare -F _command_offset >/dev/null; then _command_offset $((i + 1))\n"
	"\t\t\telse COMPREPLY=($(compgen -c -f -- \"$cur\")); fi\n"
	"\t\t\treturn\n"
	"\t\tfi\n"
	"\tdone\n"
	"\tif ((COMP_CWORD == 1)) && [[ $cur != -* ]]; then\n\t\tCOMPREPLY=($(compgen -W '";

static void bash(struct buffer *b)
{
	buffer__text(b, bash_head);
	kinds_of_hook(b);
	buffer__text(b, bash_events);
	buffer__text(b, EVENTS_COMMAND);
	buffer__text(b, "\n}\n_sonde_filter() {\n\tlocal fields='");
	fields(b);
	buffer__text(b, bash_filter);
	for (enum command_id c = 0; c < COMMANDS; c++)
		buffer__printf(b, "%s ", commands[c].name);
	buffer__text(b, "' -- \"$cur\"))\n\t\treturn\n\tfi\n\tcase ${COMP_WORDS[1]} in\n");
	for (enum command_id c = 0; c < COMMANDS; c++) {
		/* sonde [OPTION]... -- CMD */
		buffer__printf(b, "\t%s%s)\n\t\tcase $prev in\n", commands[c].name,
			       c == COMMAND_TRACE ? "|-*" : "");
		for (unsigned int i = 0; i < option_def_count; i++) {
			const struct option_def *o = &option_defs[i];

			if (option__is_for(o, c) && o->argument)
				bash_value(b, o);
		}
		buffer__text(b, "\t\tesac\n");
		if (c == COMMAND_TRACE)
			buffer__text(
				b,
				"\t\tif [[ $cur && $cur != -* ]]; then _sonde_filter; return; fi\n");
		if (c == COMMAND_PROBE)
			buffer__text(
				b, "\t\tif ((COMP_CWORD == 2)); then\n"
				   "\t\t\tCOMPREPLY=($(compgen -W '" PROBE_VERBS
				   "' -- \"$cur\")); return\n"
				   "\t\telif [[ $cur != -* ]]; then\n"
				   "\t\t\tcompopt -o filenames 2>/dev/null\n"
				   "\t\t\tCOMPREPLY=($(compgen -f -- \"$cur\")); return\n\t\tfi\n");
		if (c == COMMAND_EVENTS)
			buffer__text(b, "\t\t[[ $cur != -* ]] && COMPREPLY=($(compgen -W "
					"\"$(_sonde_events)\" -- \"$cur\")) && return\n");
		if (c == COMMAND_HOOKS)
			buffer__text(
				b,
				"\t\tif [[ $cur != -* ]]; then\n"
				"\t\t\tCOMPREPLY=($(compgen -W \"$(_sonde_hooks \"$cur\")\" -- "
				"\"$cur\"))\n"
				"\t\t\t[[ ${#COMPREPLY[@]} == 1 && $COMPREPLY == *: ]] && compopt "
				"-o nospace\n\t\t\treturn\n\t\tfi\n");
		buffer__text(b, "\t\tCOMPREPLY=($(compgen -W '");
		for (unsigned int i = 0; i < option_def_count; i++) {
			if (!option__is_for(&option_defs[i], c))
				continue;
			buffer__printf(b, "--%s ", option_defs[i].long_name);
			if (option_defs[i].short_name)
				buffer__printf(b, "-%c ", option_defs[i].short_name);
		}
		if (c == COMMAND_TRACE)
			buffer__text(b, "-- --version ");
		if (c == COMMAND_COMPLETION)
			buffer__text(b, "bash zsh fish ");
		for (enum command_id of = 0; c == COMMAND_HELP && of < COMMANDS; of++)
			buffer__printf(b, "%s ", commands[of].name);
		if (c == COMMAND_HELP)
			buffer__text(b, "filter ");
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
		"_sonde_hooks() {\n\tlocal -a names\n"
		"\tif [[ $PREFIX == *:* ]]; then\n"
		"\t\tnames=(${(f)\"$(" HOOKS_COMMAND(
			"\"$PREFIX*\"") ")\"})\n"
					"\t\tcompadd -a names\n\telse\n\t\tcompadd -S '' ");
	kinds_of_hook(b);
	buffer__text(
		b,
		"\n\tfi\n}\n"
		"_sonde_events() {\n\tlocal -a names\n"
		"\tif [[ ${PREFIX##*,} == *:* ]]; then compset -P '*,'; _sonde_hooks; return; fi\n"
		"\tnames=(${(f)\"$(" EVENTS_COMMAND ")\"})\n"
		"\tcompset -P '*,'\n\tcompadd -a names\n}\n"
		"_sonde_filter() {\n"
		"\tif ((${words[(I)--]})); then _normal; return; fi\n"
		"\tlocal -a fields\n\tfields=(");
	fields(b);
	buffer__text(b, ")\n\tcompset -P '*[ (]'\n\tcompadd -S '' -a fields\n}\n"
			"_sonde() {\n\tlocal -a all\n\tall=(\n");
	for (enum command_id c = 0; c < COMMANDS; c++) {
		buffer__printf(b, "\t\t'%s:", commands[c].name);
		quoted(b, commands[c].summary, ":\\");
		buffer__text(b, "'\n");
	}
	buffer__text(b, "\t)\n"
			"\tif ((CURRENT == 2)) && [[ $PREFIX != -* ]]; then\n"
			"\t\t_describe command all; return\n\tfi\n"
			"\tif [[ ${words[2]} == -- ]]; then shift 2 words; ((CURRENT -= 2)); "
			"_normal; return; fi\n"
			"\tif [[ ${words[2]} != -* ]]; then shift words; ((CURRENT--)); fi\n"
			"\tcase ${words[1]} in\n");
	for (enum command_id c = 0; c < COMMANDS; c++) {
		buffer__printf(b, "\t%s%s)\n\t\t_arguments -s -S", commands[c].name,
			       c == COMMAND_TRACE ? "|sonde" : "");
		for (unsigned int i = 0; i < option_def_count; i++) {
			if (!option__is_for(&option_defs[i], c))
				continue;
			zsh_option(b, &option_defs[i], true);
			if (option_defs[i].short_name)
				zsh_option(b, &option_defs[i], false);
		}
		if (c == COMMAND_COMPLETION)
			buffer__text(b, " \\\n\t\t\t'1:shell:(bash zsh fish)'");
		else if (c == COMMAND_PROBE)
			buffer__text(b, " \\\n\t\t\t'1:what:(" PROBE_VERBS ")'"
					" \\\n\t\t\t'*:file:_files'");
		else if (c == COMMAND_EVENTS)
			buffer__text(b, " \\\n\t\t\t'*:pattern:_sonde_events'");
		else if (c == COMMAND_HOOKS)
			buffer__text(b,
				     " \\\n\t\t\t'*::pattern or command:{ if "
				     "((${words[(I)--]})); then _normal; else _sonde_hooks; fi }'");
		else if (c == COMMAND_HELP)
			buffer__text(b, " \\\n\t\t\t'1:command:(${all%%:*} filter)'");
		else if (c == COMMAND_TRACE)
			buffer__text(b, " \\\n\t\t\t'*::filter or command:_sonde_filter'");
		buffer__text(b, "\n\t\t;;\n");
	}
	buffer__text(b, "\tesac\n}\n_sonde \"$@\"\n");
}

static void fish_option(struct buffer *b, const struct option_def *o, enum command_id command)
{
	buffer__text(b, "complete -c sonde -n '");
	/* sonde [OPTION]... -- CMD: what belongs to no other command. */
	if (command == COMMAND_TRACE)
		buffer__text(b, "not ");
	buffer__text(b, "__fish_seen_subcommand_from");
	for (enum command_id c = 0; c < COMMANDS; c++) {
		if ((c == command) == (command != COMMAND_TRACE))
			buffer__printf(b, " %s", commands[c].name);
	}
	buffer__printf(b, "' -l %s", o->long_name);
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
		buffer__text(b, " -a '(__fish_complete_list , __sonde_events)'");
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
	buffer__text(
		b,
		"# fish completion for sonde: sonde completion fish | source\n"
		"function __sonde_hooks\n    set -l word (commandline -ct | string split ,)[-1]\n"
		"    if string match -q '*:*' -- $word\n        " HOOKS_COMMAND(
			"\"$word*\"") "\n"
				      "    else\n        string split ' ' '");
	kinds_of_hook(b);
	buffer__text(
		b,
		"'\n    end\nend\n"
		"function __sonde_events\n    " EVENTS_COMMAND "\n    __sonde_hooks\nend\n"
		"complete -c sonde -f\n"
		"complete -c sonde -n '__fish_seen_subcommand_from events' -a "
		"'(__sonde_events)'\n"
		"complete -c sonde -F -n '__fish_seen_subcommand_from probe' -a '" PROBE_VERBS "'\n"
		"complete -c sonde -n '__fish_seen_subcommand_from hooks; and not contains -- -- "
		"(commandline -opc)' -a '(__sonde_hooks)'\n"
		"complete -c sonde -n '__fish_seen_subcommand_from trace; and not contains -- -- "
		"(commandline -opc)' -a '");
	fields(b);
	buffer__text(b, "'\n");
	for (enum command_id c = 0; c < COMMANDS; c++) {
		buffer__printf(b, "complete -c sonde -n __fish_use_subcommand -a %s -d '%s'\n",
			       commands[c].name, commands[c].summary);
		for (unsigned int i = 0; i < option_def_count; i++) {
			if (option__is_for(&option_defs[i], c))
				fish_option(b, &option_defs[i], c);
		}
	}
	for (enum command_id c = 0; c < COMMANDS; c++)
		buffer__printf(b, "complete -c sonde -n '__fish_seen_subcommand_from help' -a %s\n",
			       commands[c].name);
	buffer__text(
		b,
		"complete -c sonde -n '__fish_seen_subcommand_from help' -a filter\n"
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
