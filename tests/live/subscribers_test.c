// SPDX-License-Identifier: Apache-2.0
/*
 * Subscribers come and go while it runs: for whoever stays, no event is missing or doubled; whoever
 * comes sees all from then on, whoever went nothing more. A child numbers its calls, so that each
 * can be missed.
 */
#include "src/event/select.h"
#include "src/source/live.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define FIRST 1000000 /* no descriptor and no process has such a number */

/* What one subscriber was given. */
struct run {
	const char *events;
	struct selection selection;
	int id;
	uint64_t seen, timed;
	int64_t first, last;
	uint64_t gaps;
};

struct test {
	struct live *live;
	struct run runs[3];
	pid_t child;
	bool failed;
};

static void expect(struct test *t, const char *what, bool holds, int64_t seen)
{
	if (holds)
		return;
	t->failed = true;
	printf("FAIL  %s: %lld\n", what, (long long)seen);
}

static void on_event(void *context, const struct event *e, uint64_t subscribers)
{
	struct test *t = context;

	for (unsigned int i = 0; i < ARRAY_SIZE(t->runs); i++) {
		struct run *r = &t->runs[i];
		struct value v = {};

		if (r->id < 0 || !(subscribers >> r->id & 1))
			continue;
		r->seen++;
		r->timed += e->latency != 0;
		if (!(e->schema->flags & SCHEMA_CALL))
			continue;
		event__value(e, &e->schema->fields[1], &v);
		if (r->last && (int64_t)v.number != r->last + 1)
			r->gaps++;
		if (!r->last)
			r->first = v.number;
		r->last = v.number;
	}
}

static void subscribe(struct test *t, unsigned int i, unsigned int needs)
{
	struct subscription s = {
		.events = &t->runs[i].selection, .needs = needs, .string_limit = 32};
	struct error err = {};

	t->runs[i].id = live__subscribe(t->live, &s, &err);
	if (t->runs[i].id < 0) {
		printf("FAIL  %s: %s\n", t->runs[i].events, err.text);
		t->failed = true;
	}
}

static void unsubscribe(struct test *t, unsigned int i)
{
	struct run *r = &t->runs[i];
	struct error err = {};

	expect(t, "ended", !live__unsubscribe(t->live, r->id, &err), i);
	expect(t, "accounts", live__delivered(t->live, r->id) == r->seen, r->seen);
	r->id = -1;
}

static void poll_for(struct test *t, unsigned int ms)
{
	uint64_t until = live__now() + ms * 1000000ull;

	while (live__now() < until)
		live__poll(t->live, 20, -1);
}

/* close(n) and getpgid(n) for all n, until told to stop; a signal to itself now and then. */
static void work(volatile int64_t *shared)
{
	signal(SIGURG, SIG_IGN);
	for (int64_t n = FIRST; !shared[0]; n++) {
		close(n);
		shared[1] = n;
		(void)getpgid(n);
		if (n % 16 == 0) {
			raise(SIGURG);
			usleep(100);
		}
	}
	_exit(0);
}

static void check(struct test *t, int64_t last_call)
{
	struct run *stays = &t->runs[0], *comes = &t->runs[1], *other = &t->runs[2];
	struct ledger ledger;
	uint64_t skipped = 0; /* by the kernel, where programs can be preempted: told, and no fault
				 of ours */

	live__ledger(t->live, &ledger);
	for (unsigned int i = 0; i < ledger.count; i++)
		skipped += ledger.lines[i].missed == ~0ull ? 0 : ledger.lines[i].missed;
	expect(t, "lost", ledger.lost == skipped, ledger.lost);
	expect(t, "gaps in the sequence numbers", ledger.gaps == 0, ledger.gaps);
	expect(t, "the first who stays: missing or doubled", stays->gaps <= skipped, stays->gaps);
	expect(t, "the first who stays: up to the last call", stays->last == last_call,
	       stays->last);
	expect(t, "the first who stays: how many",
	       (int64_t)(stays->seen + skipped) >= stays->last - stays->first + 1 &&
		       (int64_t)stays->seen <= stays->last - stays->first + 1,
	       stays->seen);
	expect(t, "who comes: missing or doubled", comes->gaps <= skipped, comes->gaps);
	expect(t, "who comes: some", comes->seen > 100, comes->seen);
	expect(t, "who comes: later", comes->first > stays->first + 100, comes->first);
	expect(t, "who comes: and goes", comes->last < last_call - 100, comes->last);
	/* in a call when its entry was not watched yet, at most once */
	expect(t, "who comes: latencies", comes->timed + 1 + skipped >= comes->seen, comes->timed);
	expect(t, "the other: signals", other->seen > 10, other->seen);
	expect(t, "its account", live__delivered(t->live, 0) == stays->seen,
	       live__delivered(t->live, 0));
}

static int run(struct test *t, const struct live_schemas *schemas, volatile int64_t *shared,
	       struct error *err)
{
	struct live_options options = {
		.follow = true,
		.subscription = {.events = &t->runs[0].selection, .string_limit = 32}};
	struct live_handler handler = {.event = on_event, .context = t};
	uint32_t pid = t->child;
	uint64_t timed, signals;

	t->runs[0].id = 0;
	t->runs[1].id = t->runs[2].id = -1;
	if (live__new(schemas, &options, &handler, &t->live, err) ||
	    live__follow(t->live, &pid, 1, err))
		return -1;
	poll_for(t, 200);
	expect(t, "no latency before anybody wants it", t->runs[0].timed == 0, t->runs[0].timed);
	subscribe(t, 1, 1 << 1 /* NEEDS_LATENCY */);
	poll_for(t, 200);
	subscribe(t, 2, 0);
	poll_for(t, 200);
	unsubscribe(t, 1);
	poll_for(t, 200); /* what was timed before */
	timed = t->runs[0].timed;
	poll_for(t, 200);
	expect(t, "no latency when nobody wants it any more", t->runs[0].timed == timed,
	       t->runs[0].timed - timed);
	unsubscribe(t, 2);
	signals = t->runs[2].seen;
	poll_for(t, 100);
	expect(t, "no signals to who went", t->runs[2].seen == signals, t->runs[2].seen);
	/* and again: what was loaded once is found again */
	subscribe(t, 2, 0);
	poll_for(t, 100);
	expect(t, "signals again", t->runs[2].seen > signals, t->runs[2].seen);
	shared[0] = 1;
	waitpid(t->child, NULL, 0);
	t->child = 0;
	live__stop(t->live);
	check(t, shared[1]);
	return 0;
}

int main(void)
{
	struct test t = {
		.runs = {{.events = "close"}, {.events = "getpgid"}, {.events = "signal"}}};
	volatile int64_t *shared =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct live_schemas *schemas = NULL;
	struct error err = {};
	int code = live_schemas__new(&schemas, &err);

	for (unsigned int i = 0; i < ARRAY_SIZE(t.runs) && !code; i++)
		code = select__parse(live_schemas__list(schemas), &t.runs[i].events, 1, NULL,
				     &t.runs[i].selection, &err);
	if (!code) {
		t.child = fork();
		if (!t.child)
			work(shared);
		code = run(&t, schemas, shared, &err);
	}
	if (t.child) {
		kill(t.child, SIGKILL);
		waitpid(t.child, NULL, 0);
	}
	live__free(t.live);
	for (unsigned int i = 0; i < ARRAY_SIZE(t.runs); i++)
		selection__release(&t.runs[i].selection);
	live_schemas__free(schemas);
	if (code)
		printf("FAIL  %s\n", err.text);
	printf("close %llu, getpgid %llu, signal %llu\n", (unsigned long long)t.runs[0].seen,
	       (unsigned long long)t.runs[1].seen, (unsigned long long)t.runs[2].seen);
	return code || t.failed;
}
