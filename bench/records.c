// SPDX-License-Identifier: Apache-2.0
/*
 * What does sonde's record path cost by itself: captured, merged, decoded, joined with who it was,
 * and not printed? Started by bench as `bench-records PID EVENTS` until SIGINT; status 4: some were
 * lost.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "../src/host/host.h"
#include "../src/source/live.h"

static volatile sig_atomic_t stop;

static void on_signal(int signal)
{
	stop = 1;
}

struct seen {
	struct live *live;
	uint64_t events;
};

static void on_event(void *context, const struct event *e, uint64_t subscribers)
{
	struct seen *seen = context;

	seen->events += subscribers != 0;
}

static int complain(const struct error *err)
{
	fprintf(stderr, "bench-records: %s\n", err->text);
	return 1;
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = on_signal};
	struct selection events = {};
	struct subscription all = {.events = &events, .string_limit = 32};
	struct live_options options = {.subscription = all, .follow = true};
	struct seen seen = {};
	struct live_handler handler = {.event = on_event, .context = &seen};
	struct live_schemas *schemas = NULL;
	struct error err = {};
	struct ledger ledger;
	uint32_t pid;

	if (argc != 3)
		return 2;
	pid = strtoul(argv[1], NULL, 10);
	sigaction(SIGINT, &action, NULL);
	if (live_schemas__new(&schemas, &err))
		return complain(&err);
	if (select__parse(live_schemas__list(schemas), (const char *const[]){argv[2]}, 1, NULL,
			  &events, &err))
		return complain(&err);
	if (live__new(schemas, &options, &handler, &seen.live, &err) ||
	    live__follow(seen.live, &pid, 1, &err) || live__introduce(seen.live, &err))
		return complain(&err);
	while (!stop)
		live__poll(seen.live, 1000, -1);
	live__stop(seen.live);
	live__ledger(seen.live, &ledger);
	fprintf(stderr, "%llu events, %llu records lost\n", (unsigned long long)seen.events,
		(unsigned long long)ledger.lost);
	live__free(seen.live);
	selection__release(&events);
	live_schemas__free(schemas);
	return ledger.lost ? 4 : 0;
}
