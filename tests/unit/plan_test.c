// SPDX-License-Identifier: Apache-2.0
/* What is attached for what was asked; and what the counters say was lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/host/fields.h"
#include "src/kernel/ledger.h"
#include "src/kernel/operations.h"
#include "src/kernel/plan.h"
#include "src/source/live.h"
#include <sonde/control.h>

#include <stdio.h>
#include <string.h>

struct fixture {
	struct live_schemas *all;
	const struct schemas *schemas;
	struct plan plan;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	assert_int_equal(live_schemas__new(&f->all, NULL), 0);
	f->schemas = live_schemas__list(f->all);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	plan__release(&f->plan);
	live_schemas__free(f->all);
	free(f);
	return 0;
}

/* The bits of one event. */
static struct selection select_one(const struct fixture *f, const struct schema *s)
{
	struct selection one = {.events = f->schemas->count};

	one.bits = calloc(one.events / 64 + 1, sizeof(uint64_t));
	assert_non_null(one.bits);
	if (s)
		one.bits[s->id / 64] |= 1ull << s->id % 64;
	return one;
}

struct asked {
	const char *call, *event;
	unsigned int needs;
	bool follow;
};

/* The programs that are planned, in their order, as words. */
static const char *programs(struct fixture *f, const struct asked *asked)
{
	static char text[256];
	const struct schema *call = asked->call ? schemas__find(f->schemas, asked->call) : NULL;
	const struct schema *event = asked->event ? schemas__event(f->schemas, asked->event) : NULL;
	struct selection one = select_one(f, call), other = select_one(f, event);
	const struct subscription subs[] = {
		{.events = &one, .needs = asked->needs, .string_limit = 32},
		{.events = &other, .string_limit = 64}};

	assert_true(!asked->call || (call && call->flags & SCHEMA_CALL));
	assert_true(!asked->event || event);
	plan__release(&f->plan);
	assert_int_equal(plan__make(&f->plan, f->schemas, subs, 2, asked->follow), 0);
	text[0] = 0;
	for (unsigned int i = 0; i < PLAN_PROGRAMS; i++)
		if (f->plan.programs[i])
			sprintf(text + strlen(text), "%s%s", text[0] ? " " : "",
				plan_programs[i].name);
	selection__release(&one);
	selection__release(&other);
	return text;
}

static bool has_words(const char *text, const char *words)
{
	char *copy = strdup(words), *rest = copy;
	bool all = true;

	for (char *word; (word = strsep(&rest, " "));) {
		const char *at = strstr(text, word);

		all = all && at && (at == text || at[-1] == ' ') && strchr(" ", at[strlen(word)]);
	}
	free(copy);
	return all;
}

/* The same programs; their order is that of the probes' files. */
static void assert_programs(const char *planned, const char *expected)
{
	if (!has_words(planned, expected) || !has_words(expected, planned))
		fail_msg("planned: %s; expected: %s", planned, expected);
}

#define PROGRAMS(f, ...) programs(f, &(struct asked){__VA_ARGS__})
/* Those that are always there: who ends is forgotten, who is renamed is introduced again. */
#define ALWAYS "sched_process_fork sched_process_exit task_rename iterate_tasks"

static void nothing(void **state)
{
	struct fixture *f = *state;

	assert_programs(PROGRAMS(f), ALWAYS);
	plan__release(&f->plan);
	assert_int_equal(plan__make(&f->plan, f->schemas, NULL, 0, false), 0);
	assert_false(selection__has(&f->plan.events, 20));
}

static void calls(void **state)
{
	struct fixture *f = *state;

	assert_programs(PROGRAMS(f, .call = "openat"), "sys_exit " ALWAYS);
	assert_false(f->plan.exit_calls);
	/* the entry only for who wants it, of calls that have something to show there */
	assert_programs(PROGRAMS(f, .call = "openat", .needs = NEEDS_ENTRY), "sys_exit " ALWAYS);
	assert_programs(PROGRAMS(f, .call = "close"), "sys_exit " ALWAYS);
	assert_programs(PROGRAMS(f, .call = "close", .needs = NEEDS_ENTRY),
			"sys_exit sys_enter sched_process_exec " ALWAYS);
	assert_true(f->plan.entries);
	assert_programs(PROGRAMS(f, .call = "getppid", .needs = NEEDS_LATENCY),
			"sys_exit sys_enter " ALWAYS);
	assert_true(f->plan.latency);
	/* exit_group never comes to the exit of a call */
	assert_programs(PROGRAMS(f, .call = "exit_group"), ALWAYS);
	assert_true(f->plan.exit_calls);
	assert_programs(PROGRAMS(f, .call = "rt_sigreturn", .needs = NEEDS_ENTRY),
			"sys_exit sys_enter sched_process_exec " ALWAYS);
	assert_false(f->plan.exit_calls);
}

static void events(void **state)
{
	struct fixture *f = *state;

	assert_programs(PROGRAMS(f, .event = "fork"), ALWAYS);
	assert_int_equal(f->plan.quiet, SONDE_QUIET_RENAME);
	assert_programs(PROGRAMS(f, .event = "exec"), "sched_process_exec " ALWAYS);
	assert_int_equal(f->plan.quiet, SONDE_QUIET_FORK | SONDE_QUIET_RENAME);
	assert_programs(PROGRAMS(f, .event = "signal"), "signal_generate oom_kill " ALWAYS);
	/* an end is explained by who caused it */
	assert_programs(PROGRAMS(f, .event = "exit"), "signal_generate oom_kill " ALWAYS);
	assert_programs(PROGRAMS(f, .follow = true), "sched_process_exec " ALWAYS);
	/* whose a connection is is learned from its states, which nobody else asked for */
	assert_programs(PROGRAMS(f, .event = "tcp_reset"),
			"tcp_reset inet_sock_set_state security_sock_graft iterate_files " ALWAYS);
	assert_int_equal(f->plan.quiet,
			 SONDE_QUIET_FORK | SONDE_QUIET_RENAME | SONDE_QUIET_SOCKET_STATE);
	assert_programs(PROGRAMS(f, .event = "inet_sock_set_state"),
			"inet_sock_set_state security_sock_graft iterate_files " ALWAYS);
	assert_int_equal(f->plan.quiet, SONDE_QUIET_FORK | SONDE_QUIET_RENAME);
}

/* Every program exists by name, and every EVENT() has one that captures it. */
static void complete(void **state)
{
	struct fixture *f = *state;
	unsigned int count = 0;

	for (unsigned int i = 0; i < f->schemas->count; i++) {
		const struct schema *s = f->schemas->list[i];
		bool found = false;

		if (!s || s->flags & (SCHEMA_CALL | SCHEMA_INTRO))
			continue;
		count++;
		for (unsigned int p = 0; p < PLAN_PROGRAMS; p++)
			for (unsigned int e = 0;
			     e < ARRAY_SIZE(plan_programs[p].events) && plan_programs[p].events[e];
			     e++)
				found = found || !strcmp(plan_programs[p].events[e], s->name);
		if (!found)
			fail_msg("nobody captures %s", s->name);
	}
	assert_true(count >= 6);
	for (unsigned int p = 0; p < PLAN_PROGRAMS; p++)
		assert_non_null(plan_programs[p].name);
}

/* What several want together is what each wants, and no more. */
static void several(void **state)
{
	struct fixture *f = *state;
	const struct schema *open = schemas__find(f->schemas, "openat"),
			    *read = schemas__find(f->schemas, "read");
	struct selection one = select_one(f, open), other = select_one(f, read);
	struct subscription subs[] = {
		{.events = &one, .needs = NEEDS_FILES, .string_limit = 32, .outcome = ONLY_FAILED},
		{.events = &other,
		 .needs = NEEDS_ENV,
		 .string_limit = 4096,
		 .outcome = ONLY_FAILED},
	};
	struct plan again;

	assert_int_equal(plan__make(&f->plan, f->schemas, subs, 2, false), 0);
	assert_true(selection__has(&f->plan.events, open->id) &&
		    selection__has(&f->plan.events, read->id));
	assert_false(selection__has(&f->plan.events, open->id + 1));
	assert_true(f->plan.files && f->plan.env);
	assert_false(f->plan.latency || f->plan.entries);
	assert_int_equal(f->plan.string_limit, 4096);
	assert_int_equal(f->plan.outcome, ONLY_FAILED);
	/* the same again is the same */
	assert_int_equal(plan__make(&again, f->schemas, subs, 2, false), 0);
	assert_memory_equal(again.programs, f->plan.programs, sizeof(again.programs));
	plan__release(&again);
	plan__release(&f->plan);
	subs[1].outcome = ONLY_SUCCESSFUL;
	assert_int_equal(plan__make(&f->plan, f->schemas, subs, 2, false), 0);
	assert_int_equal(f->plan.outcome, ALL_OUTCOMES);
	selection__release(&one);
	selection__release(&other);
}

static void losses(void **state)
{
	struct sonde_counters now = {};
	struct sonde_lost lost = {};
	uint64_t told = 0;

	assert_false(lost__take(&now, SONDE_CLASS_EVENT, &told, &lost));
	now.lost[SONDE_CLASS_EVENT] = 3;
	now.lost_first[SONDE_CLASS_EVENT] = 100;
	now.lost_last[SONDE_CLASS_EVENT] = 200;
	assert_false(lost__take(&now, SONDE_CLASS_INTRO, &(uint64_t){0}, &lost));
	assert_true(lost__take(&now, SONDE_CLASS_EVENT, &told, &lost));
	assert_int_equal(lost.count, 3);
	assert_int_equal(lost.first, 100);
	assert_int_equal(lost.last, 200);
	assert_int_equal(now.lost_first[SONDE_CLASS_EVENT],
			 0); /* the probes note the next beginning */
	assert_false(lost__take(&now, SONDE_CLASS_EVENT, &told, &lost));
	/* what was counted while it was told, without a beginning of its own */
	now.lost[SONDE_CLASS_EVENT] = 5;
	now.lost_last[SONDE_CLASS_EVENT] = 250;
	assert_true(lost__take(&now, SONDE_CLASS_EVENT, &told, &lost));
	assert_int_equal(lost.count, 2);
	assert_int_equal(lost.first, 250);
	assert_int_equal(lost.last, 250);
	assert_int_equal(told, 5);
}

/* What io_uring does instead of calls is watched where somebody asks, and of calls that it does. */
static void requests(void **state)
{
	struct fixture *f = *state;

	assert_programs(PROGRAMS(f, .call = "openat", .needs = NEEDS_IO_URING),
			ALWAYS " sys_exit io_uring_submit io_uring_fail io_uring_complete "
			       "io_uring_overflow");
	assert_programs(PROGRAMS(f, .call = "openat"), ALWAYS " sys_exit");
	assert_programs(PROGRAMS(f, .call = "getppid", .needs = NEEDS_IO_URING),
			ALWAYS " sys_exit");
}

static void operations_of_io_uring(void **state)
{
	struct fixture *f = *state;
	const struct schema *openat = schemas__find(f->schemas, "openat"),
			    *poll = schemas__find(f->schemas, "poll"),
			    *getppid = schemas__find(f->schemas, "getppid");

	/* IORING_OP_OPENAT: fd, addr, open_flags, len */
	assert_int_equal(operations[18].call, openat->number + 1);
	assert_int_equal(operations[18].args[0], SONDE_SQE(4, 4));
	assert_int_equal(operations[18].args[1], SONDE_SQE(16, 8));
	assert_int_equal(operations[18].args[2], SONDE_SQE(28, 4));
	assert_int_equal(operations[18].args[3], SONDE_SQE(24, 4));
	assert_int_equal(operations[18].args[4], 0);
	assert_true(operations__do(openat));
	assert_false(operations__do(getppid) || operations__resemble(getppid));
	assert_true(!operations__do(poll) && operations__resemble(poll));
	/* where a test holds instead, something else does too */
	for (unsigned int i = 0; i < SONDE_OPERATIONS; i++)
		assert_true(!operations[SONDE_OPERATIONS + i].call || operations[i].call);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nothing),
		TEST(calls),
		TEST(events),
		TEST(complete),
		TEST(several),
		TEST(requests),
		TEST(operations_of_io_uring),
		cmocka_unit_test(losses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
