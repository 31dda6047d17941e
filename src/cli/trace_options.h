/* SPDX-License-Identifier: Apache-2.0 */
/* Everything that `sonde trace` was asked for, parsed and checked: what the command line means. */
#ifndef SONDE_TRACE_OPTIONS_H
#define SONDE_TRACE_OPTIONS_H

#include "../base/base.h"

enum color { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

enum json { JSON_NONE, JSON_NESTED, JSON_FLAT };

/* What an option said that may be repeated. The strings are those of the command line. */
struct strings {
	const char **list; /* ended by NULL, unless there is none */
	unsigned int count;
};

struct pids {
	uint32_t *list; /* without duplicates, in the order given */
	unsigned int count;
};

struct trace_options {
	/* Which events. */
	struct strings events; /* -e, as given: for select__parse() */
	char *filter;          /* NULL: all; the words joined by spaces */
	struct strings paths;  /* -P */
	bool successful;       /* -z */
	bool failed;           /* -Z */

	/* Of whom: at most one of these; none: of the whole machine. */
	struct pids pids;
	const char *cgroup;
	const char *unit;
	const char *container;
	char **command; /* NULL-terminated, as execvp() takes it; NULL: none */

	const char *user; /* -u: the name or number given; the ids hold then */
	uint32_t uid, gid;
	bool follow; /* -f: always so */

	/* Until when: 0 is without end. */
	uint64_t duration_ns;
	uint64_t count;

	/* To where, and how it looks. */
	const char *output; /* NULL: standard error with a command, otherwise standard output; "-":
			       standard output */
	bool append;
	bool summary;       /* -c */
	int json;           /* enum json */
	const char *format; /* --format; NULL: none */
	uint64_t string_limit;
	unsigned int time_detail; /* 0: not asked; -t 1, -tt 2, -ttt 3 */
	bool relative;            /* -r */
	bool latency;             /* -T */
	unsigned int quiet;
	bool no_resolve;
	bool environment;
	int color; /* enum color */

	/* Probes that the user brings. */
	struct {
		struct strings directories; /* --probes */
		const char *file;           /* sonde probe run; NULL: it is sonde trace */
		struct strings set, entries, types;
		const char *interface, *binary, *replaces, *perf, *socket, *route;
		uint64_t maps_ns; /* 0: at the end only */
		bool deltas;      /* each time what came since the last time */
	} own;

	bool strict;
	bool denied_by;
	bool cheap;
	bool debug_bpf;
	bool io_uring;
	const char *hooks; /* kinds that may be used; NULL: all */
	bool explain;
	bool hooks_of_calls;   /* sonde hooks --syscalls-of */
	uint64_t buffer_bytes; /* of all rings of all CPUs together */

	/* For `run: sudo ...`: the whole of it, quoted for a shell. */
	char *command_line;
	/* "sonde trace -- ls -l" where FILTER begins with the name of a program: if it does not
	 * parse, ask whether that was meant. NULL otherwise. */
	char *meant_command;
};

/* Exit statuses; with a command, its own. */
enum status {
	STATUS_OK = 0,
	STATUS_FAILURE = 1,
	STATUS_USAGE = 2,
	STATUS_LOSS = 4, /* under --strict */
	STATUS_NOT_EXECUTABLE = 126,
	STATUS_NOT_FOUND = 127,
	STATUS_SIGNAL = 128, /* + number */
};

/* src/cli/trace.c; returns an exit status. */
int cmd_trace(const struct trace_options *o);

#endif
