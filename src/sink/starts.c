// SPDX-License-Identifier: Apache-2.0
#include "starts.h"
#include "../host/host.h"

static bool value_of(const struct event *e, const char *name, struct value *v)
{
	const struct field *f = schema__field(e->schema, name);

	if (!f)
		return false;
	event__value(e, f, v);
	return v->state != VALUE_NONE;
}

static void put_name(struct buffer *b, const struct render *r, const char *name)
{
	paint(b, r, PAINT_NAME);
	buffer__text(b, name);
	paint(b, r, PAINT_END);
}

/* A task's id, unless it is the same as the one before it. */
static void put_id(struct buffer *b, const struct render *r, const struct event *e,
		   const char *name, uint64_t before)
{
	struct value v;

	if (!value_of(e, name, &v) || v.number == before)
		return;
	buffer__char(b, ' ');
	paint(b, r, PAINT_QUIET);
	buffer__text(b, name);
	buffer__char(b, '=');
	paint(b, r, PAINT_END);
	buffer__unsigned(b, v.number);
}

/* In place of the parent's call, from which the new task comes back. */
static void birth(struct buffer *b, const struct render *r, const struct event *e)
{
	bool thread = e->record->tid != e->record->pid;
	const struct process *from = e->process;
	uint32_t pid = thread ? e->record->pid : from ? from->info->ppid : 0;

	if (!thread)
		from = from && e->host ? host__parent(e->host, from) : NULL;
	paint(b, r, PAINT_QUIET);
	buffer__text(b, thread ? "+++ thread of " : "+++ child of ");
	if (from && from->name.data)
		render__escaped(b, from->name.data, from->name.size);
	else
		buffer__char(b, '?');
	buffer__char(b, '[');
	buffer__unsigned(b, pid);
	buffer__text(b, "] +++");
	paint(b, r, PAINT_END);
}

/* The file that runs, as the kernel has it: of a script the interpreter, whose arguments name the
 * script. */
static void executable(struct buffer *b, const struct render *r, const struct process *p)
{
	paint(b, r, PAINT_RESOLVED);
	buffer__char(b, '<');
	render__escaped(b, p->exe.data, p->exe.size);
	if (p->info->exe_flags & SONDE_EXE_DELETED)
		buffer__text(b, " (deleted)");
	buffer__char(b, '>');
	paint(b, r, PAINT_END);
}

static void exec(struct buffer *b, const struct render *r, const struct event *e)
{
	struct value v;

	put_name(b, r, "exec");
	buffer__char(b, ' ');
	if (e->process && e->process->exe.data)
		executable(b, r, e->process);
	else if (value_of(e, "filename", &v))
		render__value(b, r, e, &v);
	if (value_of(e, "argv", &v)) {
		buffer__char(b, ' ');
		render__value(b, r, e, &v);
	}
	put_id(b, r, e, "old_tid", e->record->tid);
}

static void forked(struct buffer *b, const struct render *r, const struct event *e)
{
	struct value child = {}, tid = {}, inner = {};

	(void)value_of(e, "child", &child);
	(void)value_of(e, "child_tid", &tid);
	(void)value_of(e, "ns_child", &inner);
	put_name(b, r, "fork");
	put_id(b, r, e, "child", 0);
	put_id(b, r, e, "child_tid", child.number);
	put_id(b, r, e, "ns_child", child.number);
	put_id(b, r, e, "ns_child_tid", inner.number == child.number ? tid.number : inner.number);
}

bool starts__render(struct buffer *b, const struct render *r, const struct event *e)
{
	if (event__is_birth(e))
		birth(b, r, e);
	else if (e->schema->flags & SCHEMA_CALL)
		return false;
	else if (!strcmp(e->schema->name, "exec"))
		exec(b, r, e);
	else if (!strcmp(e->schema->name, "fork"))
		forked(b, r, e);
	else
		return false;
	return true;
}
