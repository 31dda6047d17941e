// SPDX-License-Identifier: Apache-2.0
#include "live.h"
#include "present.h"
#include "stand_ins.h"
#include "stream.h"
#include "../base/thread.h"
#include "../event/catalogue.h"
#include "../host/host.h"
#include "../kernel/cgroup.h"
#include "../kernel/ledger.h"
#include "../kernel/planner.h"
#include "../kernel/probe_file.h"
#include "../kernel/probes.h"
#include "../kernel/programs.h"
#include "../kernel/rings.h"
#include "../kernel/tasks.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/membarrier.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>

/* After each drain the consumer sleeps: a wake-up costs more than what it saves. */
#define DRAIN_INTERVAL_MS 4

/* Of a program on a CPU: records of each class, and entries for each reason but a full ring. */
#define LOSSES (SONDE_CLASSES + SONDE_OUTCOMES - SONDE_LOST_NESTED)

struct sequence {
	uint32_t last;
	bool begun;
};

struct subscriber {
	struct subscription wants; /* events NULL: this place is free */
	struct selection instead;  /* what stands in for some of them */
	uint64_t since;            /* ns since boot: what happened before is not for him */
	uint64_t delivered;
};

struct live {
	const struct schemas *schemas;
	struct live_handler handler;
	struct selection absent; /* events that no hook serves here, and others stand in for */
	bool absent_grew;
	struct subscriber subscribers[LIVE_SUBSCRIBERS];
	uint64_t *wanted_by;   /* by event: whose subscriptions have it */
	uint64_t latest_since; /* of all subscribers */
	struct plan plan;
	struct planner *planner;
	struct programs *programs;
	struct rings *rings; /* the programs' */
	struct host *host;
	struct stream *stream;
	struct tasks *tasks;
	struct buffer present; /* a present call, with what it points to */
	unsigned int cpus;
	bool attached, cheap;
	uint64_t drained_at;        /* when the previous drain began: the watermark of the next */
	uint64_t began;             /* when all was attached */
	uint64_t last_ledger_check; /* ns */
	struct sequence *sequences; /* by hook, CPU and class */
	uint64_t received, gaps;
	uint64_t
		*lost_told; /* by hook, CPU and class, then other reason: as told in lost records */
};

uint64_t live__now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static void deliver_event(void *context, const struct event *e)
{
	struct live *l = context;
	uint64_t who = l->wanted_by[e->schema->id];

	if (e->record->time < l->latest_since)
		for (unsigned int i = 0; i < LIVE_SUBSCRIBERS; i++)
			if (e->record->time < l->subscribers[i].since)
				who &= ~(1ull << i);
	for (uint64_t rest = who; rest; rest &= rest - 1)
		l->subscribers[__builtin_ctzll(rest)].delivered++;
	if (l->handler.event)
		l->handler.event(l->handler.context, e, who);
}

/* The plan for those who subscribe now. */
static int make_plan(struct live *l, bool follow, struct plan *plan)
{
	struct subscription subs[2 * LIVE_SUBSCRIBERS];
	unsigned int count = 0;

	for (unsigned int i = 0; i < LIVE_SUBSCRIBERS; i++) {
		struct subscriber *s = &l->subscribers[i];
		int code;

		selection__release(&s->instead);
		if (!s->wants.events)
			continue;
		code = stand_ins__add(l->schemas, s->wants.events, &l->absent, &s->instead);
		if (code)
			return code;
		subs[count++] = s->wants;
		subs[count] = s->wants;
		subs[count++].events = &s->instead;
	}
	return plan__make(plan, l->schemas, subs, count, follow);
}

struct loading {
	struct programs *programs;
	const struct plan *plan;
	struct error err;
	int code;
	bool done;
};

static void *load(void *context)
{
	struct loading *loading = context;

	loading->code = programs__load(loading->programs, loading->plan, &loading->err);
	__atomic_store_n(&loading->done, true, __ATOMIC_RELEASE);
	return NULL;
}

/* The kernel takes its time to check programs: the rings are emptied meanwhile. */
static int load_beside(struct live *l, const struct plan *plan, struct error *err)
{
	struct loading loading = {.programs = l->programs, .plan = plan};
	struct thread thread;

	if (!l->attached)
		return programs__load(l->programs, plan, err);
	thread__begin(&thread, load, &loading);
	while (!__atomic_load_n(&loading.done, __ATOMIC_ACQUIRE))
		live__poll(l, DRAIN_INTERVAL_MS, -1);
	thread__end(&thread);
	if (loading.code && err)
		*err = loading.err;
	return loading.code;
}

/* Of the sockets that are there already: without it they are nobody's, and the rest is as well. */
static void find_owners(struct live *l)
{
	(void)programs__iterate(l->programs, PROGRAM_iterate_files);
}

static void take_absent(void *context, const char *event, const char *why)
{
	struct live *l = context;
	const struct schema *s = schemas__event(l->schemas, event);

	if (l->cheap || !stand_ins__mark(&l->absent, l->schemas, s))
		s = NULL;
	l->absent_grew |= s != NULL;
	if (l->handler.absent)
		l->handler.absent(l->handler.context, event, why, s);
}

/* Brings what is attached, and who is told, in line with the subscribers. */
static int replan(struct live *l, struct error *err)
{
	struct plan plan;
	int code = make_plan(l, l->plan.follow, &plan);

	if (code)
		return code;
	l->absent_grew = false;
	code = load_beside(l, &plan, err);
	if (!code)
		code = programs__change(l->programs, &plan, err);
	if (code) {
		plan__release(&plan);
		return code;
	}
	if (l->attached && plan.owners && !l->plan.owners)
		find_owners(l);
	plan__release(&l->plan);
	l->plan = plan;
	for (unsigned int e = 0; e < l->schemas->count; e++) {
		l->wanted_by[e] = 0;
		for (unsigned int i = 0; i < LIVE_SUBSCRIBERS; i++)
			if (l->subscribers[i].wants.events &&
			    (selection__has(l->subscribers[i].wants.events, e) ||
			     selection__has(&l->subscribers[i].instead, e)))
				l->wanted_by[e] |= 1ull << i;
	}
	return l->absent_grew ? replan(l, err) : 0;
}

static int start(struct live *l, const struct live_schemas *schemas,
		 const struct live_options *options, struct error *err)
{
	struct features known = {};
	struct programs_options programs = {.probes = live_schemas__probes(schemas),
					    .named = live_schemas__named(schemas),
					    .schemas = l->schemas,
					    .cpus = l->cpus,
					    .follow = options->follow,
					    .cgroup = options->cgroup,
					    .filter_calls =
						    options->filter_calls && !options->cheap,
					    .cheap = options->cheap,
					    .debug = options->debug,
					    .buffer_bytes = options->buffer_bytes,
					    .absent = take_absent,
					    .context = l};
	static const struct probe_options nothing;
	int code;

	programs.own = live_schemas__files(schemas, &programs.own_count);
	programs.own_options = options->own ?: &nothing;
	if (!programs.buffer_bytes)
		programs.buffer_bytes = (8ull << 20) * l->cpus;
	l->cheap = options->cheap;
	l->subscribers[0].wants = options->subscription;
	/* Without these there is nothing, so they need not be tried. */
	known.list[FEATURE_TP_BTF].state = known.list[FEATURE_ITER_TASK].state = FEATURE_OK;
	code = planner__new(options->hooks, &known, &l->planner);
	programs.planner = l->planner;
	if (!code)
		code = make_plan(l, options->follow, &l->plan);
	if (!code)
		code = host__new(&l->host);
	if (!code)
		code = stream__new(l->schemas, l->host, deliver_event, l, &l->stream);
	if (!code)
		code = programs__new(&programs, &l->plan, &l->programs, err);
	if (code)
		return code;
	l->rings = programs__rings(l->programs);
	code = tasks__new(programs__object(l->programs), &l->tasks, err);
	if (!code)
		code = replan(l, err);
	l->attached = !code;
	l->began = live__now();
	return code;
}

int live__new(const struct live_schemas *schemas, const struct live_options *options,
	      const struct live_handler *handler, struct live **ret, struct error *err)
{
	struct live *l = calloc(1, sizeof(*l));
	int code;

	if (!l)
		return -ENOMEM;
	l->schemas = live_schemas__list(schemas);
	l->handler = *handler;
	l->cpus = libbpf_num_possible_cpus();
	l->sequences = calloc(PLAN_SLOTS * l->cpus * SONDE_CLASSES, sizeof(*l->sequences));
	l->lost_told = calloc(PLAN_SLOTS * l->cpus * LOSSES, sizeof(*l->lost_told));
	l->wanted_by = calloc(l->schemas->count, sizeof(*l->wanted_by));
	code = l->sequences && l->lost_told && l->wanted_by ? start(l, schemas, options, err)
							    : -ENOMEM;
	if (code) {
		live__free(l);
		return error__set(err, code, "tracing cannot start: %s", strerror(-code));
	}
	*ret = l;
	return 0;
}

void live__free(struct live *l)
{
	if (!l)
		return;
	tasks__free(l->tasks);
	buffer__free(&l->present);
	programs__free(l->programs);
	planner__free(l->planner);
	stream__free(l->stream);
	host__free(l->host);
	plan__release(&l->plan);
	selection__release(&l->absent);
	for (unsigned int i = 0; i < LIVE_SUBSCRIBERS; i++)
		selection__release(&l->subscribers[i].instead);
	free(l->sequences);
	free(l->lost_told);
	free(l->wanted_by);
	free(l);
}

const struct host *live__host(const struct live *l)
{
	return l->host;
}

int live__follow(struct live *l, const uint32_t *pids, unsigned int count, struct error *err)
{
	return tasks__label(l->tasks, pids, count, err);
}

const char *live__blind(const struct live *l)
{
	return programs__blind(l->programs);
}

bool live__stage(const struct live *l, struct stage *stage)
{
	*stage = *programs__stage(l->programs);
	return stage->scratches;
}

int live__set_filter(struct live *l, const struct bpf_insn *insns, size_t count, struct error *err)
{
	return stage__install(programs__stage(l->programs), insns, count, err);
}

static void learn(void *context, const struct sonde_record *record)
{
	struct live *l = context;

	stream__record(l->stream, record, false);
}

int live__introduce(struct live *l, struct error *err)
{
	if (l->plan.owners)
		find_owners(l);
	return tasks__read(l->tasks, SONDE_PASS_INTRODUCE, learn, l, err);
}

static void deliver_record(void *context, const struct sonde_record *r, bool late)
{
	struct live *l = context;
	struct sequence *q;

	if (r->hook < PLAN_SLOTS && r->cpu < l->cpus && r->class < SONDE_CLASSES) {
		q = &l->sequences[(r->hook * l->cpus + r->cpu) * SONDE_CLASSES + r->class];
		if (q->begun)
			l->gaps += r->seq - q->last - 1;
		else
			l->gaps += r->seq - 1;
		q->begun = true;
		q->last = r->seq;
	}
	l->received += r->class == SONDE_CLASS_EVENT;
	stream__record(l->stream, r, late);
}

/* What the counters say was lost since they were last looked at becomes lost records. */
static void tell_losses(struct live *l)
{
	for (unsigned int i = 0; i < PLAN_SLOTS * l->cpus; i++) {
		struct sonde_counters *c =
			programs__counters(l->programs, i / l->cpus, i % l->cpus);
		uint64_t *told = &l->lost_told[i * LOSSES];
		struct sonde_lost lost = {.hook = i / l->cpus};

		if (!c)
			continue;
		for (unsigned int class = 0; class < SONDE_CLASSES; class ++) {
			if (!lost__take(c, class, &told[class], &lost))
				continue;
			lost.class = class;
			lost.reason = SONDE_LOST_RING;
			if (l->handler.lost)
				l->handler.lost(l->handler.context, &lost);
		}
		told += SONDE_CLASSES;
		for (unsigned int reason = SONDE_LOST_NESTED; reason < SONDE_OUTCOMES;
		     reason++, told++) {
			lost.count = c->outcomes[reason] - *told;
			if (!lost.count)
				continue;
			*told += lost.count;
			lost.reason = reason;
			lost.class = SONDE_CLASS_EVENT;
			lost.first = lost.last = l->drained_at;
			if (l->handler.lost)
				l->handler.lost(l->handler.context, &lost);
		}
	}
}

static long drain(struct live *l)
{
	uint64_t begun = live__now();
	long delivered = rings__drain(l->rings, l->drained_at, deliver_record, l);

	l->drained_at = begun;
	if (begun - l->last_ledger_check > 100000000) {
		l->last_ledger_check = begun;
		tell_losses(l);
	}
	return delivered;
}

/* All that was captured before now is delivered. */
static void catch_up(struct live *l)
{
	uint64_t now = live__now();

	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	while (l->drained_at <= now)
		drain(l);
	drain(l);
}

int live__subscribe(struct live *l, const struct subscription *subscription, struct error *err)
{
	struct subscriber *s = l->subscribers;
	int code;

	while (s < l->subscribers + LIVE_SUBSCRIBERS && s->wants.events)
		s++;
	if (s == l->subscribers + LIVE_SUBSCRIBERS)
		return error__set(err, -ENOSPC, "%d subscribers are as many as there can be",
				  LIVE_SUBSCRIBERS);
	*s = (struct subscriber){.wants = *subscription, .since = ~0ull};
	l->latest_since = ~0ull;
	code = replan(l, err);
	if (code) {
		*s = (struct subscriber){};
		(void)replan(l, NULL);
	}
	s->since = code ? 0 : live__now();
	l->latest_since = live__now();
	return code ? code : (int)(s - l->subscribers);
}

int live__unsubscribe(struct live *l, unsigned int id, struct error *err)
{
	catch_up(l);
	l->subscribers[id].wants.events = NULL;
	return replan(l, err);
}

uint64_t live__delivered(const struct live *l, unsigned int id)
{
	return l->subscribers[id].delivered;
}

static void look_at(struct live *l, const struct sonde_record *record, bool only_asleep)
{
	const struct sonde_present *now = (const void *)(record + 1);
	const struct schema *call = now->nr < 0 ? NULL : catalogue__by_number(now->nr, now->compat);
	bool due;
	uint64_t asleep = tasks__asleep(l->tasks, record, &due);
	const struct event *e;

	if (!call || !selection__has(&l->plan.events, call->id) || (only_asleep && !due))
		return;
	record = present__complete(&l->present, record, call, l->plan.string_limit);
	e = record ? stream__present(l->stream, record, call) : NULL;
	if (e && l->handler.present)
		l->handler.present(l->handler.context, e, asleep);
}

static void collect(void *context, const struct sonde_record *record)
{
	buffer__bytes(context, record, record->size);
}

void live__look(struct live *l, bool asleep)
{
	struct buffer seen = {};

	(void)tasks__read(l->tasks, SONDE_PASS_PRESENT, collect, &seen, NULL);
	/* What their descriptors are was introduced meanwhile: it is in the rings. */
	drain(l);
	drain(l);
	for (size_t at = 0; at < seen.size;) {
		const struct sonde_record *r = (const void *)(seen.data + at);

		look_at(l, r, asleep);
		at += r->size;
	}
	buffer__free(&seen);
}

long live__poll(struct live *l, int timeout_ms, int fd)
{
	struct pollfd p[] = {{.fd = rings__fd(l->rings), .events = POLLIN},
			     {.fd = fd, .events = POLLIN}};
	int err;

	if (rings__pending(l->rings))
		err = poll(&p[1], 1, DRAIN_INTERVAL_MS);
	else
		err = poll(p, ARRAY_SIZE(p), timeout_ms);
	if (err < 0 && errno == EINTR) {
		drain(l);
		return -EINTR;
	}
	return drain(l);
}

/*
 * A program that is running on a CPU is not run there again: where programs can be preempted, by
 * another task neither. The kernel counts it, machine-wide; nobody knows of whom.
 */
static void tell_skipped(struct live *l)
{
	for (unsigned int i = 0; i < PLAN_SLOTS; i++) {
		struct sonde_lost lost = {.hook = i,
					  .class = SONDE_CLASS_EVENT,
					  .reason = SONDE_LOST_SKIPPED,
					  .first = l->began,
					  .last = live__now()};

		if (!programs__ran(l->programs, i))
			continue;
		lost.count = programs__missed(l->programs, i);
		if (lost.count && lost.count != ~0ull && l->handler.lost)
			l->handler.lost(l->handler.context, &lost);
	}
}

void live__stop(struct live *l)
{
	if (!l->attached)
		return;
	l->attached = false;
	__atomic_store_n(&programs__config(l->programs)->stopped, 1, __ATOMIC_SEQ_CST);
	/* Every program that did not see the flag has ended when this returns. */
	syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0);
	rings__drain(l->rings, ~0ull, deliver_record, l);
	tell_losses(l);
	tell_skipped(l);
}

void live__ledger(struct live *l, struct ledger *g)
{
	*g = (struct ledger){.received = l->received,
			     .gaps = l->gaps,
			     .damaged = rings__damaged(l->rings) + stream__damaged(l->stream)};
	for (unsigned int i = 0; i < PLAN_SLOTS; i++) {
		struct ledger_line *line = &g->lines[g->count];

		if (!programs__ran(l->programs, i))
			continue;
		g->count++;
		line->program = programs__name(l->programs, i);
		for (unsigned int cpu = 0; cpu < l->cpus; cpu++) {
			const struct sonde_counters *c = programs__counters(l->programs, i, cpu);

			for (unsigned int k = 0; k < SONDE_OUTCOMES; k++)
				line->outcomes[k] += c->outcomes[k];
			line->intro_lost += c->lost[SONDE_CLASS_INTRO];
			/* What was lost last is followed by no number that shows it. */
			for (unsigned int class = 0; class < SONDE_CLASSES; class ++)
				g->gaps += c->seq[class] -
					   l->sequences[(i * l->cpus + cpu) * SONDE_CLASSES + class]
						   .last;
		}
		line->missed = programs__missed(l->programs, i);
		g->captured += line->outcomes[SONDE_CAPTURED];
		for (unsigned int k = SONDE_LOST_RING; k < SONDE_OUTCOMES; k++)
			g->lost_by[k] += line->outcomes[k];
		g->lost_by[SONDE_LOST_RING] += line->intro_lost;
		g->lost_by[SONDE_LOST_SKIPPED] += line->missed == ~0ull ? 0 : line->missed;
	}
	for (unsigned int k = SONDE_LOST_RING; k <= SONDE_LOST_SKIPPED; k++)
		g->lost += g->lost_by[k];
}
