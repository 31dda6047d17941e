// SPDX-License-Identifier: Apache-2.0
#include "ends.h"
#include "../host/host.h"

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

	*s = (struct ends_signal){.time = e->record->time, .sender = e->record->pid, .sender_tid = e->record->tid};
	return s;
}

static void copy(char *to, size_t size, struct buffer *from)
{
	size_t used = min(size - 1, from->size);

	if (from->failed || !used)
		return;
	memcpy(to, from->data, used);
	to[used] = 0;
}

void ends__learn(struct ends *ends, const struct event *e)
{
	static const struct render bare = {.string_limit = 64};
	struct buffer text = {};
	struct ends_signal *s;
	const struct field *f;
	uint64_t target, sig;
	struct value v;

	if (e->schema->flags & SCHEMA_CALL)
		return;
	if (!strcmp(e->schema->name, "oom_kill") && number_of(e, "victim", &target)) {
		s = slot(ends, e);
		s->target = target;
		s->sig = 9;
		s->oom = true;
		return;
	}
	if (strcmp(e->schema->name, "signal") || !number_of(e, "target", &target) || !number_of(e, "sig", &sig))
		return;
	s = slot(ends, e);
	s->target = target;
	s->sig = sig;
	f = schema__field(e->schema, "reason");
	if (f) {
		event__value(e, f, &v);
		render__plain(&text, &bare, e, &v);
		copy(s->reason, sizeof(s->reason), &text);
	}
	if (e->process) {
		buffer__reset(&text);
		render__escaped(&text, e->process->thread_name.data, e->process->thread_name.size);
		copy(s->name, sizeof(s->name), &text);
	}
	buffer__free(&text);
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

bool ends__render(const struct ends *ends, struct buffer *b, const struct render *r, const struct event *e)
{
	const struct ends_signal *s;
	uint64_t code, sig, core = 0;
	const char *name;

	if ((e->schema->flags & SCHEMA_CALL) || strcmp(e->schema->name, "exit") || !number_of(e, "sig", &sig) ||
	    !number_of(e, "code", &code))
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
	name = signal_name(sig);
	paint(b, r, PAINT_FAILED);
	buffer__text(b, "+++ killed by ");
	if (name)
		buffer__text(b, name);
	else
		buffer__unsigned(b, sig);
	buffer__text(b, core ? " (core dumped) +++" : " +++");
	paint(b, r, PAINT_END);
	s = cause(ends, e, sig);
	if (!s)
		return true;
	paint(b, r, PAINT_QUIET);
	if (s->oom) {
		buffer__text(b, " out of memory");
	} else if (s->sender == e->record->pid) {
		buffer__text(b, " by itself");
	} else {
		buffer__text(b, " sent by ");
		buffer__text(b, s->name[0] ? s->name : "?");
		buffer__char(b, '[');
		buffer__unsigned(b, s->sender);
		buffer__char(b, ']');
	}
	if (s->reason[0] && !s->oom) {
		buffer__text(b, " (");
		buffer__text(b, s->reason);
		buffer__char(b, ')');
	}
	paint(b, r, PAINT_END);
	return true;
}
