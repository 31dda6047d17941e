// SPDX-License-Identifier: Apache-2.0
#include "who.h"
#include "../event/escape.h"

static uint64_t hash(const char *p, size_t size)
{
	uint64_t h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < size; i++)
		h = (h ^ (uint8_t)p[i]) * 0x100000001b3ull;
	return h;
}

/* Unit, container, or user and terminal: what an administrator would call it. */
static void owner(struct buffer *b, const struct event *e)
{
	const struct process *p = e->process;
	const char *user, *tty;
	size_t size;

	if (!p) {
		buffer__char(b, '?');
		return;
	}
	if (p->container_id[0] && strcmp(p->container_id, "host")) {
		render__escaped(b, p->container_runtime, strlen(p->container_runtime));
		buffer__char(b, ':');
		render__escaped(b, p->container_id, strnlen(p->container_id, 12));
		return;
	}
	size = strlen(p->unit);
	if (size > 8 && !strcmp(p->unit + size - 8, ".service") && strncmp(p->unit, "user@", 5)) {
		render__escaped(b, p->unit, size - 8);
		return;
	}
	user = e->host ? host__user(e->host, p->info->euid) : NULL;
	tty = e->host ? host__tty(e->host, p->info->tty) : NULL;
	if (user)
		render__escaped(b, user, strlen(user));
	else
		buffer__unsigned(b, p->info->euid);
	if (tty) {
		buffer__char(b, ' ');
		render__escaped(b, tty, strlen(tty));
	}
}

static void task_name(struct buffer *b, const struct text *name)
{
	if (name->data && name->size)
		render__escaped(b, name->data, name->size);
	else
		buffer__char(b, '?');
}

/* An interrupt's, of something that belongs to no process. */
static bool is_nobodys(const struct sonde_record *r)
{
	return r->subject == SONDE_SUBJECT_NONE && !r->pid;
}

static void compose(void *context, struct task_text *entry, const struct event *e,
		    const struct process *parent)
{
	static const struct text unknown;
	const struct sonde_record *record = e->record;
	const struct process *p = e->process;
	struct who *w = context;
	struct buffer *b = &entry->text;
	size_t name;

	if (w->whole_machine) {
		paint(b, w->render, PAINT_QUIET);
		owner(b, e);
		paint(b, w->render, PAINT_END);
	}
	entry->owner = name = b->size;
	entry->owner_columns = escape__columns(b->data, b->size, true);
	if (parent) {
		paint(b, w->render, PAINT_QUIET);
		task_name(b, &parent->name);
		buffer__char(b, '>');
		paint(b, w->render, PAINT_END);
	}
	paint(b, w->render, PAINT_WHO);
	task_name(b, !p ? &unknown : p->thread_name.size ? &p->thread_name : &p->name);
	paint(b, w->render, PAINT_END);
	entry->name_hash = hash(b->data, b->size);
	paint(b, w->render, PAINT_QUIET);
	buffer__char(b, '[');
	if (is_nobodys(record))
		buffer__char(b, '-');
	else
		buffer__unsigned(b, record->pid);
	if (record->tid != record->pid) {
		buffer__char(b, '/');
		buffer__unsigned(b, record->tid);
	}
	buffer__char(b, ']');
	paint(b, w->render, PAINT_END);
	entry->name_columns = b->failed ? 0 : escape__columns(b->data + name, b->size - name, true);
}

int who__init(struct who *w, const struct render *r, bool whole_machine)
{
	w->render = r;
	w->whole_machine = whole_machine;
	w->tasks.parents = whole_machine;
	w->tasks.compose = compose;
	w->tasks.context = w;
	return tasks__init(&w->tasks);
}
