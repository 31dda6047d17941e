// SPDX-License-Identifier: Apache-2.0
#include "ends.h"
#include "../host/host.h"

#include <signal.h>

static bool number_of(const struct event *e, const char *name, uint64_t *ret)
{
	const struct field *f = schema__field(e->schema, name);
	struct value v;

	if (!f)
		return false;
	event__value(e, f, &v);
	*ret = v.number;
	return v.state == VALUE_OK;
}

static struct ends_signal *slot(struct ends *ends, const struct event *e)
{
	struct ends_signal *s = &ends->signals[ends->next++ % ENDS_SIGNALS];

	*s = (struct ends_signal){
		.time = e->record->time, .sender = e->record->pid, .sender_tid = e->record->tid};
	return s;
}

static void copy(char *to, size_t size, const struct buffer *from)
{
	size_t used = min(size - 1, from->size);

	if (from->failed || !used)
		return;
	memcpy(to, from->data, used);
	to[used] = 0;
}

/* Ctrl-C, Ctrl-backslash. */
static bool is_key(int sig)
{
	return sig == SIGINT || sig == SIGQUIT;
}

/* The current task is a stranger then: Ctrl-C is read by a kernel thread, a limit is found exceeded
 * by the clock. A fault is its own task's all the same. */
static bool is_kernels(const struct event *e, uint64_t target, int sig, int32_t reason)
{
	switch (sig) {
	case SIGSEGV:
	case SIGBUS:
	case SIGILL:
	case SIGFPE:
	case SIGTRAP:
	case SIGSYS:
		return false;
	}
	return (e->process && e->process->info->kernel_thread == 1) ||
	       (reason == SI_KERNEL && (e->record->pid == target || is_key(sig)));
}

void ends__learn(struct ends *ends, const struct event *e)
{
	uint64_t target, sig, reason = 0;
	struct buffer text = {};
	struct ends_signal *s;

	if (e->schema->flags & SCHEMA_CALL)
		return;
	if (!strcmp(e->schema->name, "oom_kill") && number_of(e, "victim", &target)) {
		s = slot(ends, e);
		s->target = target;
		s->sig = 9;
		s->oom = true;
		return;
	}
	if (strcmp(e->schema->name, "signal") || !number_of(e, "target", &target) ||
	    !number_of(e, "sig", &sig))
		return;
	s = slot(ends, e);
	s->target = target;
	s->sig = sig;
	if (number_of(e, "reason", &reason))
		s->reason = signal_code_name(reason);
	s->kernel = is_kernels(e, target, sig, reason);
	if (e->process) {
		render__escaped(&text, e->process->thread_name.data, e->process->thread_name.size);
		copy(s->name, sizeof(s->name), &text);
		buffer__free(&text);
	}
}

/* The latest that fits. A signal that the kernel itself sends for want of memory says so. */
static const struct ends_signal *cause(const struct ends *ends, const struct event *e, int sig)
{
	const struct ends_signal *best = NULL;

	for (unsigned int i = 0; i < ENDS_SIGNALS; i++) {
		const struct ends_signal *s = &ends->signals[i];

		if (!s->time || s->target != e->record->pid || s->sig != sig)
			continue;
		if (s->oom)
			return s;
		if (!best || s->time > best->time)
			best = s;
	}
	return best;
}

static void put_signal(struct buffer *b, uint64_t sig)
{
	const char *name = signal_name(sig);

	if (name)
		buffer__text(b, name);
	else
		buffer__unsigned(b, sig);
}

/* --- SIGTERM to sh[4242] (SI_USER) --- */
static bool sent(struct buffer *b, const struct render *r, const struct event *e)
{
	const struct field *f = schema__field(e->schema, "target_name"),
			   *how = schema__field(e->schema, "result");
	uint64_t sig, target, reason, outcome;
	const char *name;
	struct value v;

	if (!number_of(e, "sig", &sig) || !number_of(e, "target", &target))
		return false;
	buffer__text(b, "--- ");
	put_signal(b, sig);
	buffer__text(b, " to ");
	if (f) {
		event__value(e, f, &v);
		render__escaped(b, v.data, v.size);
	}
	buffer__char(b, '[');
	buffer__unsigned(b, target);
	buffer__char(b, ']');
	name = number_of(e, "reason", &reason) ? signal_code_name(reason) : NULL;
	paint(b, r, PAINT_QUIET);
	if (name) {
		buffer__text(b, " (");
		buffer__text(b, name);
		buffer__char(b, ')');
	}
	if (how && number_of(e, "result", &outcome) && outcome) {
		event__value(e, how, &v);
		buffer__char(b, ' ');
		render__plain(b, r, e, &v);
	}
	paint(b, r, PAINT_END);
	buffer__text(b, " ---");
	return true;
}

static bool ended(const struct ends *ends, struct buffer *b, const struct render *r,
		  const struct event *e)
{
	const struct ends_signal *s;
	uint64_t code, sig, core = 0;

	if (!number_of(e, "sig", &sig) || !number_of(e, "code", &code))
		return false;
	if (!sig) {
		paint(b, r, code ? PAINT_FAILED : PAINT_QUIET);
		buffer__text(b, "+++ exited with ");
		buffer__unsigned(b, code);
		buffer__text(b, " +++");
		paint(b, r, PAINT_END);
		return true;
	}
	(void)number_of(e, "core", &core);
	paint(b, r, PAINT_FAILED);
	buffer__text(b, "+++ killed by ");
	put_signal(b, sig);
	buffer__text(b, core ? " (core dumped) +++" : " +++");
	paint(b, r, PAINT_END);
	s = cause(ends, e, sig);
	if (!s)
		return true;
	paint(b, r, PAINT_QUIET);
	if (s->oom) {
		buffer__text(b, " out of memory");
	} else if (s->kernel && is_key(sig)) {
		buffer__text(b, " from the terminal");
	} else if (s->kernel) {
		buffer__text(b, " by the kernel");
	} else if (s->sender == e->record->pid) {
		buffer__text(b, " by itself");
	} else {
		buffer__text(b, " sent by ");
		buffer__text(b, s->name[0] ? s->name : "?");
		buffer__char(b, '[');
		buffer__unsigned(b, s->sender);
		buffer__char(b, ']');
	}
	if (s->reason && !s->oom) {
		buffer__text(b, " (");
		buffer__text(b, s->reason);
		buffer__char(b, ')');
	}
	paint(b, r, PAINT_END);
	return true;
}

bool ends__render(const struct ends *ends, struct buffer *b, const struct render *r,
		  const struct event *e)
{
	if (e->schema->flags & SCHEMA_CALL)
		return false;
	if (!strcmp(e->schema->name, "exit"))
		return ended(ends, b, r, e);
	if (!strcmp(e->schema->name, "signal"))
		return sent(b, r, e);
	return false;
}
