// SPDX-License-Identifier: Apache-2.0
/* `sonde trace`: joins the running kernel, a filter and a sink, until something ends it. */
#include "../filter/generate.h"
#include "../host/host.h"
#include "../kernel/cgroup.h"
#include "../kernel/features.h"
#include "../kernel/named.h"
#include "../kernel/tasks.h"
#include "child.h"
#include "options.h"
#include "own_probes.h"
#include "request.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LOOK_INTERVAL_NS 1000000000ull
#define MANY             100

struct run {
	const struct trace_options *options;
	struct request request;
	struct live *live;
	struct own_show *own; /* NULL: not of a file of probes alone */
	struct child child;
	struct cgroup_place cgroup; /* with --cgroup, --unit, --container */
	uint64_t started;           /* ns, CLOCK_MONOTONIC */
	uint64_t shown;             /* events that went to the sink */
	bool done;
};

static volatile sig_atomic_t interrupts, pending;

static void on_interrupt(int sig)
{
	interrupts++;
	if (sig != SIGINT)
		pending = sig;
}

/* Ctrl-C reaches CMD by itself; what is sent to us alone does not. */
static void pass_on(struct run *r)
{
	int sig = pending;

	if (!sig || !r->child.pid || child__reap(&r->child, false))
		return;
	pending = 0;
	kill(r->child.pid, sig);
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* CMD's end is told to its parent, which without us would be another. */
static bool is_for_us(const struct event *e)
{
	const struct field *target;
	struct value v;

	if (e->schema->flags & SCHEMA_CALL || strcmp(e->schema->name, "signal"))
		return false;
	target = schema__field(e->schema, "target");
	if (!target)
		return false;
	event__value(e, target, &v);
	return v.state == VALUE_OK && v.number == (uint64_t)getpid();
}

static void take_event(void *context, const struct event *e, uint64_t subscribers)
{
	struct run *r = context;
	const struct trace_options *o = r->options;

	if (r->done || !child__had_begun(&r->child, e->record->pid, e->record->time) ||
	    (r->child.pid && is_for_us(e)))
		return;
	if (!subscribers || (r->request.filter && !filter__matches(r->request.filter, e))) {
		sink__hint(r->request.sink, e);
		return;
	}
	sink__event(r->request.sink, e);
	r->shown++;
	if ((o->count && r->shown >= o->count) || r->request.sink->error)
		r->done = true;
}

static int complain(const struct error *err, int status)
{
	const char *text = err->text;

	if (!*text)
		text = strerror(-err->code);
	while (*text) {
		int size = strcspn(text, "\n");

		fprintf(stderr, "sonde: %.*s\n", size, text);
		text += size + (text[size] == '\n');
	}
	return status;
}

static void take_absent(void *context, const char *event, const char *why, const struct schema *by)
{
	const struct run *r = context;
	const char *own = r->options->own.file;

	if (own && !strcmp(event, own)) { /* it says itself of what */
		struct error err = {};

		(void)complain(&err, error__set(&err, -EINVAL, "%s", why));
		return;
	}
	fprintf(stderr, "sonde: %s will not be seen:\n", event);
	for (int size; *why; why += size + (why[size] == '\n')) {
		size = strcspn(why, "\n");
		fprintf(stderr, "sonde:   %.*s\n", size, why);
	}
	if (by)
		fprintf(stderr, "sonde: lesser: -e %s stands in for it, %s\n", by->instead,
			by->lesser);
}

static void take_lost(void *context, const struct sonde_lost *lost)
{
	struct run *r = context;

	sink__lost(r->request.sink, live__host(r->live), lost);
}

/* A call that goes on: `asleep` ns already, or 0 at the start and the end. */
static void take_present(void *context, const struct event *e, uint64_t asleep)
{
	struct run *r = context;
	struct waiting w = {.event = e, .duration = asleep};

	if (!child__had_begun(&r->child, e->record->pid, e->record->time))
		return;
	if (r->request.filter && !filter__matches(r->request.filter, e))
		return;
	w.state = r->done               ? WAITING_UNFINISHED
		  : asleep              ? WAITING_STILL
		  : r->options->command ? WAITING_UNFINISHED
					: WAITING_PRESENT;
	sink__waiting(r->request.sink, &w);
}

static int complain_rights(const struct trace_options *o, const struct error *err)
{
	int status = complain(err, STATUS_FAILURE);

	if (err->code == -EPERM && o->command_line)
		fprintf(stderr, "sonde: run: sudo %s\n", o->command_line);
	return status;
}

static int explain(const struct request *r)
{
	struct buffer b = {};

	if (r->filter)
		filter__explain(r->filter, r->events.bits, &b);
	else
		buffer__text(&b, "no filter: every selected event is shown\n");
	fwrite(b.data, 1, b.size, stdout);
	buffer__free(&b);
	return STATUS_OK;
}

/* Some tasks and their descendants, not the whole machine. */
static bool follows(const struct trace_options *o)
{
	return o->command || o->pids.count || o->cgroup || o->unit || o->container;
}

/* What the kernel can decide of the filter is decided there. One that is too long for a program is
 * left to us. */
static int filter_in_kernel(struct run *r, struct error *err)
{
	struct filter_program program = {};
	struct filter_stage to;
	struct stage stage;
	int code;

	if (!live__stage(r->live, &stage))
		return 0;
	to = (struct filter_stage){.scratches = stage.scratches,
				   .first_index = stage.first_index,
				   .record = stage.record,
				   .stages = stage.stages,
				   .keep = stage.keep,
				   .drop = stage.drop};
	code = filter__generate(r->request.filter, &to, &program);
	if (code)
		return code == -E2BIG ? 0 : code;
	code = live__set_filter(r->live, program.insns, program.count, err);
	filter_program__free(&program);
	return code;
}

/* What is not there is told to everybody, also to who has no right to trace. */
static int find_whom(struct run *r, struct error *err)
{
	const struct trace_options *o = r->options;

	if (o->cgroup)
		return cgroup__by_path(o->cgroup, &r->cgroup, err);
	if (o->unit)
		return cgroup__by_unit(o->unit, &r->cgroup, err);
	if (o->container)
		return cgroup__by_container(o->container, &r->cgroup, err);
	return tasks__exist(o->pids.list, o->pids.count, err);
}

static int start(struct run *r, struct error *err)
{
	const struct trace_options *o = r->options;
	struct live_handler handler = {.event = take_event,
				       .lost = take_lost,
				       .absent = take_absent,
				       .present = take_present,
				       .context = r};
	struct probe_options own;
	struct live_options live = {.subscription = r->request.subscription,
				    .follow = follows(o),
				    .filter_calls = r->request.filter != NULL,
				    .hooks = o->hooks,
				    .cheap = o->cheap,
				    .debug = o->debug_bpf,
				    .own = &own,
				    .buffer_bytes = o->buffer_bytes};
	int code;

	own_probes__options(o, &own);
	own.command = r->child.pid;
	if (o->cgroup || o->unit || o->container)
		live.cgroup = &r->cgroup;
	code = live__new(r->request.known, &live, &handler, &r->live, err);
	if (code)
		return code;
	/* CMD need not run when nothing would be seen. */
	if (o->own.file && !own_probes__attached(r->request.known))
		return -ENOEXEC;
	code = own_show__new(r->request.known, o, &r->own, err);
	if (code)
		return code;
	if (live__blind(r->live) && !o->quiet)
		fprintf(stderr, "sonde: --cheap does not see %s\n", live__blind(r->live));
	code = filter_in_kernel(r, err);
	if (code)
		return code;
	if (o->command) {
		uint32_t pid = r->child.pid;

		code = live__follow(r->live, &pid, 1, err);
	} else if (live.follow) {
		code = live__follow(r->live, o->pids.list, o->pids.count, err);
	}
	if (!code)
		code = live__introduce(r->live, err);
	if (code)
		return code;
	if (live.follow && !o->command)
		live__look(r->live, false);
	return 0;
}

static bool all_gone(const struct pids *pids)
{
	for (unsigned int i = 0; i < pids->count; i++)
		if (!kill(pids->list[i], 0) || errno != ESRCH)
			return false;
	return true;
}

/* Whether something ends the trace: an interrupt, the time, the end of CMD. */
static bool is_over(struct run *r, int interrupts_seen)
{
	const struct trace_options *o = r->options;

	if (r->done || r->request.sink->error ||
	    (o->duration_ns && now_ns() - r->started >= o->duration_ns))
		return true;
	if (!o->command)
		return interrupts_seen > 0 || (o->pids.count && all_gone(&o->pids));
	/* Ctrl-C reaches CMD too: it may end in its own way; the second one is meant for us. */
	return child__reap(&r->child, false) || interrupts_seen > 1;
}

static int poll_timeout(const struct run *r, uint64_t next_look)
{
	uint64_t now = now_ns(), until = next_look;

	if (r->options->duration_ns)
		until = min(until, r->started + r->options->duration_ns);
	return until > now ? (until - now) / 1000000 + 1 : 0;
}

static void loop(struct run *r)
{
	uint64_t next_look = r->started + LOOK_INTERVAL_NS;

	while (!is_over(r, interrupts)) {
		int timeout = poll_timeout(r, next_look);

		pass_on(r);

		if (own_show__patience(r->own) >= 0)
			timeout = min(timeout, own_show__patience(r->own));
		live__poll(r->live, timeout, r->child.ended);
		own_show__put(r->own, live__host(r->live), now_ns(), false, &r->request.sink->out);
		sink__flush(r->request.sink);
		if (now_ns() < next_look)
			continue;
		next_look = now_ns() + LOOK_INTERVAL_NS;
		if (follows(r->options))
			live__look(r->live, true);
		sink__tick(r->request.sink, live__now());
		sink__flush(r->request.sink);
	}
}

/* CMD's status. Whoever reads no more, or presses Ctrl-C twice, is not to be kept waiting: then CMD
 * is left to itself. */
static int await_command(struct run *r, struct sink_end *end)
{
	const char *path = r->options->command[0], *name = strrchr(path, '/');
	bool unread = r->request.sink->error == -EPIPE;

	struct pollfd ended = {.fd = r->child.ended, .events = POLLIN};

	while (!child__reap(&r->child, false) && !unread && interrupts <= 1) {
		pass_on(r);
		poll(&ended, 1, 200);
	}
	if (!r->child.reaped)
		return STATUS_SIGNAL + (unread ? SIGPIPE : SIGINT);
	end->command = name ? name + 1 : path;
	end->status = r->child.status;
	end->duration = now_ns() - r->started; /* CMD's: it may have outlived the trace */
	return WIFSIGNALED(end->status) ? STATUS_SIGNAL + WTERMSIG(end->status)
					: WEXITSTATUS(end->status);
}

static int finish(struct run *r)
{
	const struct trace_options *o = r->options;
	struct ledger ledger;
	struct sink_end end = {.duration = now_ns() - r->started};
	int status = STATUS_OK, err;

	live__stop(r->live);
	if (!r->done && !r->child.reaped && follows(o)) {
		r->done = true;
		live__look(r->live, false);
	}
	own_show__put(r->own, live__host(r->live), now_ns(), true, &r->request.sink->out);
	live__ledger(r->live, &ledger);
	if (o->command) {
		sink__flush(r->request.sink);
		status = await_command(r, &end);
	}
	end.lost = ledger.lost;
	err = sink__finish(r->request.sink, &end);
	if (err && err != -EPIPE) {
		fprintf(stderr, "sonde: writing %s: %s\n",
			r->request.output == STDOUT_FILENO   ? "to the standard output"
			: r->request.output == STDERR_FILENO ? "to the standard error"
							     : o->output,
			strerror(-err));
		return STATUS_FAILURE;
	}
	if (ledger.lost && (!o->command || o->quiet || o->json || o->format)) {
		struct buffer b = {};

		sink__losses(&b, ledger.lost_by);
		fprintf(stderr, "sonde: %s\n", buffer__string(&b));
		buffer__free(&b);
	}
	return o->strict && ledger.lost ? STATUS_LOSS : status;
}

static void catch_signals(void)
{
	struct sigaction a = {.sa_handler = on_interrupt};

	sigaction(SIGINT, &a, NULL);
	sigaction(SIGTERM, &a, NULL);
	/* Under nohup it stays ignored. */
	if (signal(SIGHUP, SIG_IGN) != SIG_IGN)
		sigaction(SIGHUP, &a, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Each hook is a file or two. The command keeps the limit that it is given. */
static void allow_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int run(struct run *r, struct error *err)
{
	const struct trace_options *o = r->options;
	int code;

	code = request__make(&r->request, o, err);
	if (code == -EINVAL && o->meant_command) {
		complain(err, 0);
		fprintf(stderr, "sonde: did you mean: %s\n", o->meant_command);
		return STATUS_USAGE;
	}
	if (code)
		return complain(err,
				code == -EINVAL || code == -E2BIG ? STATUS_USAGE : STATUS_FAILURE);
	if (r->request.note && !o->quiet)
		fprintf(stderr, "sonde: %s\n", r->request.note);
	if (o->explain)
		return explain(&r->request);
	if (find_whom(r, err))
		return complain(err, STATUS_FAILURE);
	if (features__check(err))
		return complain_rights(o, err);
	code = request__open_sink(&r->request, o, err);
	if (code)
		return complain(err, code == -EINVAL ? STATUS_USAGE : STATUS_FAILURE);
	catch_signals();
	if (o->command) {
		struct child_user user = {o->user, o->uid, o->gid};

		code = child__start(&r->child, o->command, o->user ? &user : NULL, err);
		if (code)
			return complain(err,
					code == -ENOENT ? STATUS_NOT_FOUND : STATUS_NOT_EXECUTABLE);
	}
	allow_files();
	code = start(r, err);
	if (code == -EPERM)
		return complain_rights(o, err);
	if (code == -ENOEXEC && !*err->text) /* said already */
		return own_probes__misused(r->request.known) ? STATUS_USAGE : STATUS_FAILURE;
	if (code)
		return complain(err, code == -E2BIG ? STATUS_USAGE : STATUS_FAILURE);
	r->started = now_ns();
	child__go(&r->child);
	loop(r);
	return finish(r);
}

/* The kernel waits until none of them runs any more, with each anew: some 30 ms. */
static void say_detaching(const struct run *r)
{
	const struct named_hooks *named = live_schemas__named(r->request.known);
	unsigned int count = 0;

	for (unsigned int i = 0; r->live && i < named->count; i++)
		count += !strncmp(named->list[i]->schema.name, "tracepoint:", 11);
	if (count >= MANY && !r->options->quiet)
		fprintf(stderr, "sonde: detaching from %u tracepoints: the kernel takes its time\n",
			count);
}

int cmd_trace(const struct trace_options *o)
{
	struct run r = {.options = o, .child = {.go = -1, .ended = -1}};
	struct error err = {};
	int status;

	r.request.output = -1;
	status = run(&r, &err);
	own_show__free(r.own);
	say_detaching(&r);
	live__free(r.live);
	child__release(&r.child);
	request__release(&r.request);
	return status;
}
