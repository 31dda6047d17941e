/* SPDX-License-Identifier: Apache-2.0 */
/* The running kernel as a source of events: loads the probes, labels who is traced, drains the
 * rings. */
#ifndef SONDE_LIVE_H
#define SONDE_LIVE_H

#include "../base/error.h"
#include "../event/event.h"
#include "../kernel/plan.h"
#include "../kernel/stage.h"

struct live;
struct host;
struct cgroup_place; /* src/kernel/cgroup.h */

/* What happens while it runs. Each may be NULL. */
struct live_handler {
	/* An event, and who subscribed to it: a bit for each id; 0: it only explains others. */
	void (*event)(void *context, const struct event *e, uint64_t subscribers);
	void (*lost)(void *context, const struct sonde_lost *lost);
	/* A selected event that will not be seen, and why: a line for each hook that could show it.
	 * `by`: those who wanted it are given what stands in, by->instead; or NULL. */
	void (*absent)(void *context, const char *event, const char *why, const struct schema *by);
	/* A task that is in a call: at the start, or asleep in it for `asleep_ns`. */
	void (*present)(void *context, const struct event *e, uint64_t asleep_ns);
	void *context;
};

#define LIVE_SUBSCRIBERS 64

struct live_options {
	struct subscription subscription; /* the first one: its id is 0 */
	bool follow; /* only tasks that live__follow() or the cgroup names, and their descendants */
	const struct cgroup_place
		*cgroup;   /* with follow: whoever is in it or below, now or later; NULL: none */
	bool debug;        /* messages of the probes in the kernel's trace_pipe */
	bool cheap;        /* the subscription's calls by hooks of their own: see programs.h */
	bool filter_calls; /* live__set_filter() will be used */
	const char *hooks; /* kinds of hook that may be used inside the kernel: see planner__new();
			      NULL: all */
	const struct probe_options *own; /* of the files of probes; NULL: nothing was said */
	uint64_t buffer_bytes;           /* of all rings; 0: a size that suits the machine */
};

/*
 * The events that this build knows: calls and EVENT()s. Needs no privilege. Stays valid until
 * live_schemas__free().
 */
struct live_schemas;
struct named_hooks;
struct probes;
int live_schemas__new(struct live_schemas **ret, struct error *err) __must_check;
/* Adds a file of probes with its events. -EINVAL ...: as probe_file__new(); -EEXIST, with
 * `only_new`: an event of such a name is there already. */
struct probe_file;
struct probe_options;
int live_schemas__add_file(struct live_schemas *s, const char *path, bool only_new,
			   struct error *err) __must_check;
struct probe_file *const *live_schemas__files(const struct live_schemas *s, unsigned int *count);
const struct schemas *live_schemas__list(const struct live_schemas *s);
/* Adds the hooks that a word names: see named__find(). */
int live_schemas__add(struct live_schemas *s, const char *word, struct error *err) __must_check;
const struct named_hooks *live_schemas__named(const struct live_schemas *s);
/* The probes that they are captured by. */
struct probes *live_schemas__probes(const struct live_schemas *s);
void live_schemas__free(struct live_schemas *s);

/* Loads and attaches. -EPERM, -ENOTSUP ...: `err` says what is missing. */
int live__new(const struct live_schemas *schemas, const struct live_options *options,
	      const struct live_handler *handler, struct live **ret, struct error *err)
	__must_check;
void live__free(struct live *l);
const struct host *live__host(const struct live *l);
/* With `cheap`: what its hooks do not see; otherwise NULL. */
const char *live__blind(const struct live *l);

/*
 * Another subscriber, while it runs: for the others no event is missing or doubled, and what
 * happens meanwhile is delivered to them. Returns its id; -EPERM, -ENOTSUP ...: `err` says what the
 * kernel refused, -ENOSPC: there are LIVE_SUBSCRIBERS; all is as before then. A filter in the
 * kernel holds for all of them: see live__set_filter().
 */
int live__subscribe(struct live *l, const struct subscription *subscription, struct error *err)
	__must_check;
/* Ends one: what happened up to now is delivered to it before this returns. -errno as above: it
 * has ended all the same. */
int live__unsubscribe(struct live *l, unsigned int id, struct error *err);
/* How many events a subscriber was given. Stays after its end, until another has its id. */
uint64_t live__delivered(const struct live *l, unsigned int id);

/* Traces these thread groups (none: those of the cgroup) and all their descendants. -ESRCH: one is
 * gone: `err` says which. */
int live__follow(struct live *l, const uint32_t *pids, unsigned int count, struct error *err)
	__must_check;
/*
 * Filters calls in the kernel, from now on: `insns` were generated for live__stage(). May be called
 * again while it runs; `count` 0: no filter any more. Only with filter_calls, and when calls are
 * captured.
 */
bool live__stage(const struct live *l, struct stage *stage);
int live__set_filter(struct live *l, const struct bpf_insn *insns, size_t count, struct error *err)
	__must_check;
/* Introduces who is there already: those that are traced and their ancestors, or all. */
int live__introduce(struct live *l, struct error *err) __must_check;
/* Tells of each traced task that is in a call. With `asleep`: only those that slept in one since
 * the last such look, and twice as long as when it was last told of them. */
void live__look(struct live *l, bool asleep);
/*
 * Waits for records, up to `timeout_ms` (-1: without end; a signal ends it; `fd` too when it is
 * readable, -1: none), delivers what is due.
 * Returns how many were delivered, or -EINTR.
 */
long live__poll(struct live *l, int timeout_ms, int fd);

/* Ends the capture: everything that was captured before is delivered, and the ledger is exact
 * afterwards. */
void live__stop(struct live *l);

/* How the entries of one program ended. */
struct ledger_line {
	const char *program;
	uint64_t outcomes[SONDE_OUTCOMES];
	uint64_t intro_lost;
	uint64_t missed; /* runs that the kernel itself skipped; ~0: it does not count them */
};

struct ledger {
	struct ledger_line lines[PLAN_SLOTS];
	unsigned int count;
	uint64_t captured, lost;              /* sums; introductions count as lost too */
	uint64_t lost_by[SONDE_OUTCOMES + 1]; /* by reason */
	uint64_t received;                    /* event records that came out of the rings */
	uint64_t gaps; /* missing sequence numbers: after live__stop(), what was lost to full rings
			*/
	uint64_t damaged;
};

void live__ledger(struct live *l, struct ledger *ledger);

/* Now, as records tell the time: ns since boot. */
uint64_t live__now(void);

#endif
