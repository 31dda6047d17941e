// SPDX-License-Identifier: Apache-2.0
/*
 * A generated filter decides in the kernel: what it does not want is counted as filtered and never
 * comes out of a ring, until it is taken away. A child makes calls of two kinds, the same number of
 * each with the filter and without.
 */
#include "src/event/select.h"
#include "src/filter/filter.h"
#include "src/filter/generate.h"
#include "src/source/live.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define WANTED   300
#define UNWANTED 5000

struct test {
	struct live *live;
	uint64_t wanted, unwanted; /* as they come from the kernel: no other filter is asked */
	bool failed;
};

static void expect(struct test *t, const char *what, uint64_t seen, bool holds)
{
	printf("%s  %s: %llu\n", holds ? "ok  " : "FAIL", what, (unsigned long long)seen);
	t->failed |= !holds;
}

static void on_event(void *context, const struct event *e, uint64_t subscribers)
{
	struct test *t = context;

	t->wanted += !strcmp(e->schema->name, "close");
	t->unwanted += !strcmp(e->schema->name, "getppid");
}

/* A round of calls each time that `shared` is raised by one, which the child then does as well. */
static void work(volatile int *shared)
{
	for (int round = 1; round <= 2; round++) {
		while (shared[0] < round)
			usleep(1000);
		for (int i = 0; i < UNWANTED; i++) {
			(void)getppid();
			if (i % (UNWANTED / WANTED) == 0 && i / (UNWANTED / WANTED) < WANTED)
				close(-1);
		}
		shared[1] = round;
	}
	_exit(0);
}

static void a_round(struct test *t, volatile int *shared)
{
	uint64_t until;

	t->wanted = t->unwanted = 0;
	for (shared[0]++; shared[1] < shared[0];)
		live__poll(t->live, 20, -1);
	until = live__now() + 200000000;
	while (live__now() < until)
		live__poll(t->live, 20, -1);
}

static int put_in(struct test *t, const struct filter *filter, struct error *err)
{
	struct filter_program program;
	struct filter_stage to;
	struct stage stage;
	int code;

	if (!live__stage(t->live, &stage))
		return error__set(err, -ENOENT, "there is no second filter point");
	to = (struct filter_stage){.scratches = stage.scratches,
				   .first_index = stage.first_index,
				   .record = stage.record,
				   .stages = stage.stages,
				   .keep = stage.keep,
				   .drop = stage.drop};
	code = filter__generate(filter, &to, &program);
	if (code)
		return error__set(err, code, "no program for the filter");
	code = live__set_filter(t->live, program.insns, program.count, err);
	filter_program__free(&program);
	return code;
}

static const struct ledger_line *line_of(const struct ledger *ledger, const char *program)
{
	for (unsigned int i = 0; i < ledger->count; i++)
		if (!strcmp(ledger->lines[i].program, program))
			return &ledger->lines[i];
	return NULL;
}

static int run(struct test *t, const struct live_schemas *schemas, struct selection *events,
	       const struct filter *filter, uint32_t child, volatile int *shared, struct error *err)
{
	struct live_options options = {.follow = true,
				       .filter_calls = true,
				       .subscription = {.events = events, .string_limit = 32}};
	struct live_handler handler = {.event = on_event, .context = t};
	const struct ledger_line *line;
	struct ledger ledger;

	if (live__new(schemas, &options, &handler, &t->live, err) ||
	    live__follow(t->live, &child, 1, err) || put_in(t, filter, err))
		return -1;
	a_round(t, shared);
	expect(t, "wanted, with the filter", t->wanted, t->wanted == WANTED);
	expect(t, "not wanted, with the filter", t->unwanted, !t->unwanted);
	if (live__set_filter(t->live, NULL, 0, err))
		return -1;
	a_round(t, shared);
	expect(t, "wanted, without", t->wanted, t->wanted == WANTED);
	expect(t, "not wanted, without", t->unwanted, t->unwanted == UNWANTED);
	live__stop(t->live);
	live__ledger(t->live, &ledger);
	line = line_of(&ledger, "sys_exit");
	if (!line)
		return error__set(err, -ENOENT, "sys_exit has no line in the ledger");
	expect(t, "lost", ledger.lost, !ledger.lost);
	expect(t, "captured by sys_exit", line->outcomes[SONDE_CAPTURED],
	       line->outcomes[SONDE_CAPTURED] == 2 * WANTED + UNWANTED);
	expect(t, "filtered by sys_exit", line->outcomes[SONDE_FILTERED],
	       line->outcomes[SONDE_FILTERED] >= UNWANTED);
	return 0;
}

int main(void)
{
	static const char *const words[] = {"close,getppid"};
	volatile int *shared =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct live_schemas *schemas = NULL;
	struct selection events = {};
	struct filter *filter = NULL;
	struct test t = {};
	struct error err = {};
	int code = live_schemas__new(&schemas, &err);
	pid_t child = 0;

	if (!code)
		code = select__parse(live_schemas__list(schemas), words, 1, NULL, &events, &err);
	if (!code)
		code = filter__new("evt.failed = true", live_schemas__list(schemas), &filter, &err);
	if (!code) {
		child = fork();
		if (!child)
			work(shared);
		code = run(&t, schemas, &events, filter, child, shared, &err);
	}
	if (child > 0) {
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
	}
	live__free(t.live);
	filter__free(filter);
	selection__release(&events);
	live_schemas__free(schemas);
	if (code)
		printf("FAIL  %s\n", err.text);
	return code || t.failed;
}
