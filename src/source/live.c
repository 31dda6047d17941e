// SPDX-License-Identifier: Apache-2.0
#include "live.h"
#include "present.h"
#include "stream.h"
#include "../event/catalogue.h"
#include "../host/host.h"
#include "../kernel/btf_schema.h"
#include "../kernel/calls.h"
#include "../kernel/cgroup.h"
#include "../kernel/ledger.h"
#include "../kernel/object.h"
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

struct live_schemas {
	struct btf_schemas *probes;
	const struct schema **list;
	struct schemas all;
};

struct sequence {
	uint32_t last;
	bool begun;
};

struct live {
	const struct schemas *schemas;
	const struct schema *calls;
	struct live_handler handler;
	struct plan plan;
	struct object *object;
	struct rings *rings;
	struct host *host;
	struct stream *stream;
	struct tasks *tasks;
	struct buffer present; /* a present call, with what it points to */
	struct counters *counters;
	unsigned int cpus;
	bool follow;
	struct cgroup_place cgroup; /* id 0: none */
	bool filter_calls;
	struct stage stage; /* with filter_calls */
	bool attached;
	uint64_t drained_at;        /* when the previous drain began: the watermark of the next */
	uint64_t began;             /* when all was attached */
	uint64_t last_ledger_check; /* ns */
	struct sequence *sequences; /* by hook, CPU and class */
	uint64_t received, gaps;
	uint64_t *lost_told; /* by hook, CPU and class: of scratch.lost, as told in lost records */
	uint64_t *nested_told;
};

uint64_t live__now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

void live_schemas__free(struct live_schemas *s)
{
	if (!s)
		return;
	btf_schemas__free(s->probes);
	free(s->list);
	free(s);
}

const struct schemas *live_schemas__list(const struct live_schemas *s)
{
	return &s->all;
}

int live_schemas__new(struct live_schemas **ret, struct error *err)
{
	struct live_schemas *s = calloc(1, sizeof(*s));
	const struct schema *calls, *probes;
	struct object *object = NULL;
	unsigned int call_count, probe_count;
	int code;

	if (!s)
		return -ENOMEM;
	calls = catalogue__calls(&call_count);
	code = object__open(&object, err);
	if (!code)
		code = btf_schemas__new(bpf_object__btf(object__bpf(object)),
					SONDE_EVENT_CALLS + call_count, &s->probes, err);
	object__free(object);
	if (code)
		goto failed;
	probes = btf_schemas__list(s->probes, &probe_count);
	s->all.count = SONDE_EVENT_CALLS + call_count + probe_count;
	s->all.list = s->list = calloc(s->all.count, sizeof(*s->list));
	if (!s->list) {
		code = -ENOMEM;
		goto failed;
	}
	for (unsigned int i = 0; i < call_count; i++)
		s->list[calls[i].id] = &calls[i];
	for (unsigned int i = 0; i < probe_count; i++)
		s->list[probes[i].id] = &probes[i];
	*ret = s;
	return 0;
failed:
	live_schemas__free(s);
	return code;
}

struct ids {
	uint16_t event, hook;
};

static void set_ids(struct live *l, const char *name, struct ids ids)
{
	char variable[64];

	snprintf(variable, sizeof(variable), "sonde_ids__%s", name);
	memcpy(object__variable(l->object, ".rodata", variable), &ids, sizeof(ids));
}

/* Constants and sizes: what decides which code exists. */
static void configure(struct live *l, bool task_storage)
{
	static const char *const quiet[] = {"fork", "rename_task"};
	struct bpf_object *bpf = object__bpf(l->object);
	struct bpf_program *p;

	object__set(l->object, "cpu_count", l->cpus);
	object__set(l->object, "own_pid", (uint32_t)getpid());
	object__set(l->object, "has_task_btf",
		    object__kernel_has(l->object, "bpf_func_id", "BPF_FUNC_get_current_task_btf"));
	object__set(l->object, "has_task_storage", task_storage);
	object__set(l->object, "follow", l->follow);
	object__set(l->object, "follow_cgroup", (bool)(l->cgroup.id != 0));
	object__set(l->object, "capture_env", l->plan.env);
	stage__prepare(l->object, l->filter_calls);
	object__set(l->object, "want_exit_calls", l->plan.exit_calls);
	object__set(l->object, "mark_victim_has_task",
		    (bool)(object__tracepoint_args(l->object, "mark_victim") == 2));
	bpf_map__set_autocreate(object__map(l->object, task_storage ? "tasks_by_tid" : "tasks"),
				false);
	bpf_map__set_max_entries(object__map(l->object, "scratches"), PLAN_PROGRAMS * l->cpus);
	bpf_map__set_max_entries(object__map(l->object, "rings"), l->cpus * SONDE_CLASSES);
	for (uint16_t i = 0; i < PLAN_PROGRAMS; i++) {
		const struct plan_program *program = &plan_programs[i];

		p = bpf_object__find_program_by_name(bpf, program->name);
		bpf_program__set_autoload(p, l->plan.programs[i]);
		for (unsigned int k = 0; k < ARRAY_SIZE(program->events) && program->events[k]; k++)
			set_ids(l, program->events[k],
				(struct ids){schemas__event(l->schemas, program->events[k])->id,
					     i});
		if (!program->events[0])
			set_ids(l, program->name, (struct ids){0, i});
	}
	/* Those that nobody asked for are seen for what they change alone. */
	for (unsigned int i = 0; i < ARRAY_SIZE(quiet); i++)
		if (!selection__has(&l->plan.events, schemas__event(l->schemas, quiet[i])->id))
			set_ids(l, quiet[i], (struct ids){0, 0});
}

static struct sonde_config *config_of(struct live *l)
{
	return object__variable(l->object, ".data.config", "config");
}

static void put_variant(void *context, const struct sonde_call_key *key,
			const struct sonde_call *call)
{
	struct live *l = context;

	/* There is room for all: without it the argument would be shown as an address, no more. */
	(void)bpf_map_update_elem(bpf_map__fd(object__map(l->object, "variants")), key, call,
				  BPF_ANY);
}

static void fill_calls(struct live *l, unsigned int count)
{
	struct calls_wanted wanted = {.selected = &l->plan.events,
				      .entries = l->plan.entries,
				      .env = l->plan.env,
				      .variant = put_variant,
				      .context = l};

	calls__fill(object__variable(l->object, ".data.calls", "calls"), l->calls, count, &wanted);
}

/* Fork first, so that no child of a labelled task goes unlabelled; the calls last. */
static int attach(struct live *l, struct error *err)
{
	static const unsigned int last[] = {PROGRAM_sys_enter, PROGRAM_sys_exit};
	bool done[PLAN_PROGRAMS] = {[PROGRAM_iterate_tasks] = true,
				    [PROGRAM_sys_enter] = true,
				    [PROGRAM_sys_exit] = true};
	int code = 0;

	if (l->plan.programs[PROGRAM_sched_process_fork])
		code = object__attach(l->object, plan_programs[PROGRAM_sched_process_fork].name,
				      err);
	done[PROGRAM_sched_process_fork] = true;
	for (unsigned int i = 0; i < PLAN_PROGRAMS && !code; i++)
		if (l->plan.programs[i] && !done[i])
			code = object__attach(l->object, plan_programs[i].name, err);
	for (unsigned int i = 0; i < ARRAY_SIZE(last) && !code; i++)
		if (l->plan.programs[last[i]])
			code = object__attach(l->object, plan_programs[last[i]].name, err);
	return code;
}

static void leave_out(struct live *l, unsigned int program, const char *tracepoint)
{
	const char *const *events = plan_programs[program].events;

	l->plan.programs[program] = false;
	for (unsigned int i = 0; i < ARRAY_SIZE(plan_programs[program].events) && events[i]; i++)
		if (l->handler.absent &&
		    selection__has(&l->plan.events, schemas__event(l->schemas, events[i])->id))
			l->handler.absent(l->handler.context, events[i], tracepoint);
}

/* A tracepoint that this kernel lacks costs its events, not the start. */
static void leave_out_missing(struct live *l)
{
	for (unsigned int i = 0; i < PLAN_PROGRAMS; i++) {
		struct bpf_program *p = bpf_object__find_program_by_name(object__bpf(l->object),
									 plan_programs[i].name);
		const char *section = bpf_program__section_name(p), *slash = strchr(section, '/');

		if (l->plan.programs[i] && slash && strstr(section, "tp_btf/") &&
		    object__tracepoint_args(l->object, slash + 1) < 0)
			leave_out(l, i, slash + 1);
	}
}

/* The rings are made while the kernel checks the programs. */
static int load(struct live *l, uint64_t buffer_bytes, struct error *err)
{
	struct bpf_map *map = object__map(l->object, "rings");
	struct rings_begun *begun = NULL;
	int code;

	if (!object__make_rings(l->object, l->cpus * SONDE_CLASSES))
		begun = rings__begin(l->cpus, buffer_bytes, bpf_map__fd(map));
	code = object__load(l->object, err);
	if (begun) {
		struct error other = {};
		int rings_code = rings__end(begun, &l->rings, &other);

		if (!code && rings_code) {
			*err = other;
			code = rings_code;
		}
		return code;
	}
	return code ? code : rings__new(l->cpus, buffer_bytes, bpf_map__fd(map), &l->rings, err);
}

static int start(struct live *l, uint64_t buffer_bytes, struct error *err)
{
	unsigned int call_count;
	struct sonde_config *config;
	int code;

	l->calls = catalogue__calls(&call_count);
	leave_out_missing(l);
	configure(l, task_storage__works(l->object));
	code = load(l, buffer_bytes, err);
	if (code)
		return code;
	code = counters__map(l->object, PLAN_PROGRAMS * l->cpus, &l->counters, err);
	if (code)
		return code;
	if (l->filter_calls)
		code = stage__open(l->object, PROGRAM_sys_exit * l->cpus, &l->stage, err);
	if (code)
		return code;
	config = config_of(l);
	config->generation = 1;
	config->cgroup_id = l->cgroup.id;
	config->cgroup_hierarchy = l->cgroup.hierarchy;
	config->string_limit = l->plan.string_limit;
	config->resolve_files = l->plan.files;
	config->latency = l->plan.latency;
	config->outcome = l->plan.outcome;
	fill_calls(l, call_count);
	code = tasks__new(l->object, &l->tasks, err);
	if (!code)
		code = attach(l, err);
	object__drop_types(l->object);
	l->attached = !code;
	l->began = live__now();
	return code;
}

static void deliver_event(void *context, const struct event *e)
{
	struct live *l = context;

	if (l->handler.event)
		l->handler.event(l->handler.context, e,
				 selection__has(&l->plan.events, e->schema->id));
}

int live__new(const struct live_schemas *schemas, const struct live_options *options,
	      const struct live_handler *handler, struct live **ret, struct error *err)
{
	struct live *l = calloc(1, sizeof(*l));
	uint64_t buffer;
	int code;

	if (!l)
		return -ENOMEM;
	l->schemas = &schemas->all;
	l->handler = *handler;
	l->follow = options->follow;
	if (options->cgroup)
		l->cgroup = *options->cgroup;
	l->cpus = libbpf_num_possible_cpus();
	l->sequences = calloc(PLAN_PROGRAMS * l->cpus * SONDE_CLASSES, sizeof(*l->sequences));
	l->lost_told = calloc(PLAN_PROGRAMS * l->cpus * (SONDE_CLASSES + 1), sizeof(*l->lost_told));
	code = l->sequences && l->lost_told ? 0 : -ENOMEM;
	buffer = options->buffer_bytes ? options->buffer_bytes : (8ull << 20) * l->cpus;
	if (!code)
		code = plan__make(&l->plan, l->schemas, options->subscriptions,
				  options->subscription_count, l->follow);
	l->filter_calls = options->filter_calls && l->plan.programs[PROGRAM_sys_exit];
	if (!code)
		code = host__new(&l->host);
	if (!code)
		code = stream__new(l->schemas, l->host, deliver_event, l, &l->stream);
	if (!code)
		code = object__open_here(&l->object, err);
	if (!code)
		code = start(l, buffer, err);
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
	counters__free(l->counters);
	rings__free(l->rings);
	object__free(l->object);
	stream__free(l->stream);
	host__free(l->host);
	plan__release(&l->plan);
	free(l->sequences);
	free(l->lost_told);
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

bool live__stage(const struct live *l, struct stage *stage)
{
	*stage = l->stage;
	return l->filter_calls;
}

int live__set_filter(struct live *l, const struct bpf_insn *insns, size_t count, struct error *err)
{
	return stage__install(&l->stage, insns, count, err);
}

static void learn(void *context, const struct sonde_record *record)
{
	struct live *l = context;

	stream__record(l->stream, record, false);
}

int live__introduce(struct live *l, struct error *err)
{
	return tasks__read(l->tasks, SONDE_PASS_INTRODUCE, learn, l, err);
}

static void deliver_record(void *context, const struct sonde_record *r, bool late)
{
	struct live *l = context;
	struct sequence *q;

	if (r->hook < PLAN_PROGRAMS && r->cpu < l->cpus && r->class < SONDE_CLASSES) {
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
	for (unsigned int i = 0; i < PLAN_PROGRAMS * l->cpus; i++) {
		uint64_t *told = &l->lost_told[i * (SONDE_CLASSES + 1)];
		struct sonde_lost lost = {.hook = i / l->cpus};

		for (unsigned int class = 0; class < SONDE_CLASSES; class ++) {
			if (!counters__take_lost(l->counters, i, class, &told[class], &lost))
				continue;
			lost.class = class;
			lost.reason = SONDE_LOST_RING;
			if (l->handler.lost)
				l->handler.lost(l->handler.context, &lost);
		}
		lost.count = counters__at(l->counters, i)->outcomes[SONDE_LOST_NESTED] -
			     told[SONDE_CLASSES];
		if (!lost.count)
			continue;
		told[SONDE_CLASSES] += lost.count;
		lost.reason = SONDE_LOST_NESTED;
		lost.class = SONDE_CLASS_EVENT;
		lost.first = lost.last = l->drained_at;
		if (l->handler.lost)
			l->handler.lost(l->handler.context, &lost);
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

static void look_at(struct live *l, const struct sonde_record *record, bool only_asleep)
{
	const struct sonde_present *now = (const void *)(record + 1);
	const struct schema *call = now->nr < 0 ? NULL : catalogue__by_number(now->nr, now->compat);
	uint64_t asleep = tasks__asleep(l->tasks, record);
	const struct event *e;

	if (!call || !selection__has(&l->plan.events, call->id) || (only_asleep && !asleep))
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
	for (unsigned int i = 0; i < PLAN_PROGRAMS - 1; i++) {
		struct sonde_lost lost = {.hook = i,
					  .class = SONDE_CLASS_EVENT,
					  .reason = SONDE_LOST_SKIPPED,
					  .first = l->began,
					  .last = live__now()};

		if (!l->plan.programs[i])
			continue;
		lost.count = object__missed(l->object, plan_programs[i].name);
		if (lost.count && lost.count != ~0ull && l->handler.lost)
			l->handler.lost(l->handler.context, &lost);
	}
}

void live__stop(struct live *l)
{
	if (!l->attached)
		return;
	l->attached = false;
	__atomic_store_n(&config_of(l)->stopped, 1, __ATOMIC_SEQ_CST);
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
	for (unsigned int i = 0; i < PLAN_PROGRAMS; i++) {
		struct ledger_line *line = &g->lines[g->count];

		if (!l->plan.programs[i] || i == PROGRAM_iterate_tasks)
			continue;
		g->count++;
		line->program = plan_programs[i].name;
		for (unsigned int cpu = 0; cpu < l->cpus; cpu++) {
			const struct sonde_counters *c =
				counters__at(l->counters, i * l->cpus + cpu);

			for (unsigned int k = 0; k < SONDE_OUTCOMES; k++)
				line->outcomes[k] += c->outcomes[k];
			line->intro_lost += c->lost[SONDE_CLASS_INTRO];
		}
		line->missed = object__missed(l->object, plan_programs[i].name);
		g->captured += line->outcomes[SONDE_CAPTURED];
		for (unsigned int k = SONDE_LOST_RING; k < SONDE_OUTCOMES; k++)
			g->lost += line->outcomes[k];
		g->lost += line->intro_lost + (line->missed == ~0ull ? 0 : line->missed);
	}
}
