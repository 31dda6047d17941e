/* SPDX-License-Identifier: Apache-2.0 */
/* What a command line asks of the kernel: which events, and what must be captured for them. */
#include "src/cli/options.h"
#include "src/cli/request.h"
#include "src/host/fields.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define WORDS 16

struct asked {
	struct options options;
	struct request request;
	struct error err;
};

/* Words end with NULL. */
static void ask(struct asked *a, ...)
{
	char *argv[WORDS] = {"sonde", "trace", "-o", "/dev/null"};
	int argc = 4;
	va_list args;

	*a = (struct asked){};
	va_start(args, a);
	while ((argv[argc] = va_arg(args, char *)))
		assert_true(++argc < WORDS);
	va_end(args);
	if (options__parse(argc, argv, &a->options, &a->err) ||
	    request__make(&a->request, &a->options.trace, &a->err) ||
	    request__open_sink(&a->request, &a->options.trace, &a->err))
		fail_msg("%s", a->err.text);
}

static bool has(const struct asked *a, const char *name)
{
	const struct schema *s = schemas__event(a->request.schemas, name);

	if (!s)
		s = schemas__find(a->request.schemas, name);
	assert_non_null(s);
	return selection__has(&a->request.events, s->id);
}

static void release(struct asked *a)
{
	request__release(&a->request);
	options__release(&a->options);
}

/* A command's and processes' calls, the machine's @calm; -e and -P say otherwise. */
static void what_without_events(void **state)
{
	struct asked a;

	ask(&a, "--", "ls", NULL);
	assert_true(has(&a, "read"));
	assert_true(has(&a, "exit"));
	assert_false(has(&a, "exec"));
	release(&a);
	ask(&a, "proc.name = ls or evt.type = exec", "--", "ls", NULL);
	assert_true(has(&a, "read"));
	release(&a);
	ask(&a, "evt.type in (read, exec)", "-p", "7", NULL);
	assert_true(has(&a, "read"));
	assert_true(has(&a, "exec"));
	assert_false(has(&a, "write"));
	release(&a);
	ask(&a, NULL);
	assert_true(has(&a, "exec"));
	assert_false(has(&a, "read"));
	release(&a);
	ask(&a, "proc.name = ls", NULL);
	assert_true(has(&a, "exec"));
	assert_false(has(&a, "read"));
	assert_null(a.request.note);
	release(&a);
	ask(&a, "evt.type in (exec, read)", NULL);
	assert_true(has(&a, "exec"));
	assert_false(has(&a, "read"));
	assert_string_equal(a.request.note, "without -e only @calm is shown; "
					    "-e read,exec shows all that fits");
	release(&a);
	ask(&a, "-P", "/etc/hosts", NULL);
	assert_true(has(&a, "read"));
	release(&a);
}

static bool timed(const struct asked *a)
{
	return a->request.subscription.needs & NEEDS_LATENCY;
}

/* Who times calls hooks the entry of each call of the machine. */
static void what_is_timed(void **state)
{
	static const struct {
		const char *words[4];
		bool timed;
	} cases[] = {
		{{"--", "ls"}, false},
		{{"-T", "--", "ls"}, true},
		{{"-c", "--", "ls"}, true},
		{{"--json", "--", "ls"}, true},
		{{"--json", "-p", "7"}, true},
		{{"--json"}, false},
		{{"--json", "-T"}, true},
		{{"--json", "-e", "read"}, false},
		{{"--json", "evt.latency > 1s"}, true},
		{{"--format", "%evt.type"}, false},
		{{"--format", "%evt.latency"}, true},
		{{"evt.latency > 1s"}, true},
	};
	struct asked a;

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		const char *const *w = cases[i].words;

		ask(&a, w[0], w[1], w[2], w[3], NULL);
		if (timed(&a) != cases[i].timed)
			fail_msg("%s: %d", a.options.trace.command_line, timed(&a));
		release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_without_events),
		cmocka_unit_test(what_is_timed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
