// SPDX-License-Identifier: Apache-2.0
#include "template_inside.h"
#include "../base/suggest.h"
#include "../kernel/demangle.h"
#include "../kernel/find.h"
#include "../kernel/probes.h"
#include "../source/live.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

static const struct {
	const char *name;
	int (*write)(struct template *t, struct error *err);
	const char *example; /* of a target; NULL: it needs none */
	const char *hooks;   /* the kind that `sonde hooks` finds its targets by; NULL: none */
} kinds_of_template[] = {
	{"tracepoint", template__tracepoint, "sched:sched_process_exec", "tracepoint"},
	{"raw_tp", template__function, "sched_process_exec", "rawtracepoint"},
	{"kprobe", template__function, "vfs_unlink", "kprobe"},
	{"kretprobe", template__function, "vfs_unlink", "kretprobe"},
	{"fentry", template__function, "vfs_unlink", "fentry"},
	{"fexit", template__function, "vfs_unlink", "fexit"},
	{"lsm", template__function, "file_open", "lsm"},
	{"syscall", template__call, "openat"},
	{"uprobe", template__user, "/bin/bash:readline", "uprobe"},
	{"uretprobe", template__user, "/bin/bash:readline", "uretprobe"},
	{"usdt", template__usdt, "PATH:PROVIDER:NAME", "usdt"},
	{"perf", template__perf, NULL, "perf"},
	{"timer", template__perf, NULL},
	{"tc", template__network, NULL},
	{"xdp", template__network, NULL},
	{"iter", template__iterator, "task", "iter"},
};

/* The event's name: the target's, unless sonde has one of that name. */
static void set_name(struct template *t, const struct schemas *all)
{
	const char *colon = strrchr(t->target, ':');
	__cleanup(memory) void *plain = colon ? demangle(colon + 1) : NULL;
	const char *whole = plain ?: t->target, *target = whole + strlen(whole);
	size_t at;

	while (target > whole && (isalnum((unsigned char)target[-1]) || target[-1] == '_'))
		target--;
	if (!*target)
		target = t->kind;
	snprintf(t->name, sizeof(t->name), "%s%s", schemas__find(all, target) ? "my_" : "", target);
	for (at = 0; t->name[at]; at++)
		t->name[at] = isalnum((unsigned char)t->name[at]) ? t->name[at] : '_';
	if (isdigit((unsigned char)*t->name))
		*t->name = '_';
}

void template__head(struct template *t, const char *what)
{
	buffer__printf(
		t->b,
		"/* %s\n"
		" *     sonde probe build mine.bpf.c\n"
		" *     sonde probe run mine.bpf.o -- CMD        (or -p PID, or the whole machine)\n"
		" */\n",
		what);
}

void template__license(struct template *t)
{
	buffer__text(t->b, "\nchar LICENSE[] SEC(\"license\") = \"Dual BSD/GPL\";\n");
}

static int unknown_kind(const char *kind, struct error *err)
{
	struct suggest near;
	char names[200] = "";

	suggest__start(&near, kind, strlen(kind));
	for (unsigned int i = 0; i < ARRAY_SIZE(kinds_of_template); i++) {
		const char *name = kinds_of_template[i].name;

		suggest__offer(&near, name);
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			 i ? ", " : "", name);
	}
	return error__set(err, -EINVAL, "there is no kind of probe \"%s\"%s%s%s\nit is one of %s",
			  kind, near.best ? "; did you mean " : "", near.best ?: "",
			  near.best ? "?" : "", names);
}

/* Where there is no such hook, the nearest is offered. Several may bear the name. */
static int check_target(struct template *t, const char *hooks, struct error *err)
{
	struct found_hooks all = {};
	char word[5000];
	int code;

	/* How often it counts stands behind the name, and what a device counts is its own matter.
	 */
	if (!hooks || !*t->target || (!strcmp(hooks, "perf") && strchr(t->target, '/')))
		return 0;
	snprintf(word, sizeof(word), "%s:%.*s", hooks,
		 strcmp(hooks, "perf") ? (int)strlen(t->target) : (int)strcspn(t->target, "@"),
		 t->target);
	code = find__word(&all, word, probes__kernel(t->probes), err);
	found_hooks__release(&all);
	return code == -ENOENT || code == -EACCES ? -EINVAL : code;
}

int probe_template(const char *kind, const char *target, struct buffer *b, struct error *err)
{
	struct template t = {.b = b, .kind = kind, .target = target};
	struct live_schemas *known = NULL;
	unsigned int i = 0;
	int code;

	while (i < ARRAY_SIZE(kinds_of_template) && strcmp(kinds_of_template[i].name, kind))
		i++;
	if (i == ARRAY_SIZE(kinds_of_template))
		return unknown_kind(kind, err);
	if (!*target && kinds_of_template[i].example)
		return error__set(err, -EINVAL, "it is: sonde probe new %s %s", kind,
				  kinds_of_template[i].example);
	code = live_schemas__new(&known, err);
	if (code)
		return code;
	t.probes = live_schemas__probes(known);
	set_name(&t, live_schemas__list(known));
	code = check_target(&t, kinds_of_template[i].hooks, err);
	if (!code)
		code = kinds_of_template[i].write(&t, err);
	named_hooks__release(&t.hooks);
	live_schemas__free(known);
	return code;
}
