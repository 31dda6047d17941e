// SPDX-License-Identifier: Apache-2.0
#include "json.h"
#include "clock.h"
#include "files_text.h"
#include "json_head.h"
#include "tasks.h"

#include <errno.h>
#include <sys/wait.h>

struct json {
	struct sink sink;
	struct json_plan plan;
	struct tasks tasks;
	struct files_text files;
	struct buffer file; /* what is being said of one */
	struct clock clock;
	uint64_t calls, failed, events;
};

static const struct render all = {.string_limit = UINT32_MAX};

/* Ends an object: the comma before its first key becomes the bracket. */
static void close_object(struct buffer *b, size_t open)
{
	if (b->failed)
		return;
	if (b->size > open)
		b->data[open] = '{';
	else
		buffer__char(b, '{');
	buffer__char(b, '}');
}

/* `,"buf` + suffix + `":` */
static void beside(struct buffer *b, const struct fragment *f, const char *suffix)
{
	buffer__bytes(b, f->text, f->name + 2);
	buffer__text(b, suffix);
	buffer__bytes(b, "\":", 2);
}

static const struct schema *said_for(const struct file *file, const struct event *e)
{
	return file->info->type == SONDE_FILE_SOCKET ? e->schema : NULL;
}

static void file_name(struct json *j, const struct event *e, const struct file *file)
{
	const struct file_text *text = files_text__find(&j->files, file, said_for(file, e));
	struct buffer *b = &j->sink.out;

	if (text && text->name_size)
		buffer__bytes(b, text->text.data + text->name, text->name_size);
	else
		render__json_string(b, file->name, file->name_size);
}

static void value(struct json *j, const struct fragment *key, const struct event *e,
		  const struct value *v)
{
	struct buffer *b = &j->sink.out;

	fragment__put(key, b);
	render__json(b, &all, e, v);
	/* Strings that were only counted are no part of themselves. */
	if (unlikely(v->cut && v->state == VALUE_OK &&
		     (v->size || v->field->kind != KIND_strings))) {
		beside(b, key, "_cut");
		buffer__bytes(b, "true", 4);
		if (v->whole != SONDE_WHOLE_UNKNOWN) {
			beside(b, key, "_size");
			buffer__unsigned(b, v->whole);
		}
	}
	if (v->file && v->file->name && v->field->kind == KIND_fd) {
		beside(b, key, "_name");
		file_name(j, e, v->file);
	}
}

static void arguments(struct json *j, const struct json_schema *js, const struct event *e)
{
	const struct schema *s = e->schema;
	struct buffer *b = &j->sink.out;
	const uint64_t *fixed = (const uint64_t *)(e->record + 1);
	size_t open;
	struct value v;

	if (!j->plan.flat)
		fragment__put(&j->plan.arg_open, b);
	open = b->size;
	for (unsigned int i = s->flags & SCHEMA_RESULT ? 1 : 0; i < s->count; i++) {
		const struct field *f = schema__variant(s, &s->fields[i], fixed);

		if (!f)
			continue;
		event__value(e, f, &v);
		if (v.state != VALUE_NONE)
			value(j, &js->args[i], e, &v);
	}
	if (!j->plan.flat)
		close_object(b, open);
}

static void step(struct buffer *b, struct json_step *s, const struct event *e)
{
	struct value v;

	field_use__value(&s->use, e, &v);
	if (v.state == VALUE_NONE)
		return;
	fragment__put(&s->key, b);
	render__json(b, &all, e, &v);
}

static void compose_task(void *context, struct task_text *entry, const struct event *e,
			 const struct process *parent)
{
	struct json *j = context;
	struct buffer *b = &entry->text;

	for (unsigned int i = 0; i < j->plan.group_count; i++) {
		const struct json_group *g = &j->plan.groups[i];
		size_t start = b->size, open;

		if (!g->task)
			continue;
		if (!j->plan.flat)
			fragment__put(&g->open, b);
		open = b->size;
		for (unsigned int k = 0; k < g->count; k++)
			step(b, &g->steps[k], e);
		if (b->size == open)
			b->size = start;
		else if (!j->plan.flat)
			close_object(b, open);
	}
}

/* Says what a file is, and keeps it for the next time. */
static void describe(struct json *j, const struct json_part *part, const struct event *e,
		     const struct file *file)
{
	struct buffer *b = &j->sink.out;
	size_t name = 0, name_size = 0;
	struct file_text *text;

	buffer__reset(&j->file);
	for (unsigned int i = 0; i < part->count; i++) {
		size_t at = j->file.size + part->steps[i].key.size;

		step(&j->file, &part->steps[i], e);
		if (part->steps[i].name && j->file.size > at) {
			name = at;
			name_size = j->file.size - at;
		}
	}
	if (j->file.failed) {
		b->failed = true;
		return;
	}
	buffer__bytes(b, j->file.data, j->file.size);
	text = files_text__keep(&j->files, file, said_for(file, e), &j->file);
	text->name = name;
	text->name_size = name_size;
}

/*
 * What is said of a file is the same each time, but for the number of its descriptor; of a socket
 * it depends on the call too: who accepts is the server.
 */
static void descriptor(struct json *j, const struct json_schema *js, const struct json_part *part,
		       const struct event *e)
{
	const struct fragment *number = &j->plan.specials[JSON_FD_NUMBER];
	struct buffer *b = &j->sink.out;
	const struct file_text *text;
	struct value v;
	bool there, wanted = js->opens && event__failed(e);

	event__value(e, js->descriptor, &v);
	there = v.state == VALUE_OK && (int64_t)v.number >= 0;
	if (there && js->descriptor->kind == KIND_fd) {
		fragment__put(number, b);
		buffer__unsigned(b, v.number);
	}
	if (!there || !v.file) {
		for (unsigned int i = 0; i < part->count; i++) {
			if (js->address || (wanted && part->steps[i].pathname))
				step(b, &part->steps[i], e);
		}
		return;
	}
	text = files_text__find(&j->files, v.file, said_for(v.file, e));
	if (likely(text))
		buffer__bytes(b, text->text.data, text->text.size);
	else
		describe(j, part, e, v.file);
}

static void group(struct json *j, const struct json_schema *js, unsigned int i,
		  const struct event *e, bool pending)
{
	const struct json_group *g = &j->plan.groups[i];
	const struct json_part *part = &js->parts[i];
	struct buffer *b = &j->sink.out;
	size_t start = b->size, open;

	if (!part->count && !g->event)
		return;
	if (!j->plan.flat)
		fragment__put(&g->open, b);
	open = b->size;
	if (g->fd) {
		if (js->descriptor)
			descriptor(j, js, part, e);
	} else {
		if (g->event) {
			buffer__bytes(b, js->constants.data, js->constants.size);
			json_head__put(&j->plan, js, &j->clock, b, e, pending);
		}
		for (unsigned int k = 0; k < part->count; k++) {
			struct json_step *s = &part->steps[k];

			if (!pending || !s->result)
				step(b, s, e);
		}
	}
	if (g->event && unlikely(e->late))
		buffer__text(b, j->plan.flat ? ",\"evt.late\":true" : ",\"late\":true");
	if (g->event && unlikely(e->record->flags & SONDE_RECORD_IO_URING))
		buffer__text(b,
			     j->plan.flat ? ",\"evt.is_io_uring\":true" : ",\"is_io_uring\":true");
	if (g->event)
		arguments(j, js, e);
	if (b->size == open)
		b->size = start;
	else if (!j->plan.flat)
		close_object(b, open);
}

static void object(struct json *j, const struct event *e, bool pending)
{
	const struct json_schema *js = json_plan__schema(&j->plan, e->schema);
	struct buffer *b = &j->sink.out;
	const struct task_text *task;

	if (!js) {
		b->failed = true;
		return;
	}
	for (unsigned int i = 0; i < j->plan.group_count; i++) {
		if (!j->plan.groups[i].task)
			group(j, js, i, e, pending);
	}
	task = tasks__of(&j->tasks, e);
	if (task)
		buffer__bytes(b, task->text.data, task->text.size);
}

static void end_line(struct buffer *b, size_t open)
{
	close_object(b, open);
	buffer__char(b, '\n');
}

static void json__event(struct sink *sink, const struct event *e)
{
	struct json *j = (struct json *)sink;
	size_t open = sink->out.size;

	j->events++;
	if (e->schema->flags & SCHEMA_CALL) {
		j->calls++;
		j->failed += event__failed(e);
	}
	object(j, e, false);
	end_line(&sink->out, open);
}

static void json__waiting(struct sink *sink, const struct waiting *w)
{
	static const char *const states[] = {[WAITING_PRESENT] = "present",
					     [WAITING_STILL] = "waiting",
					     [WAITING_UNFINISHED] = "unfinished"};
	struct json *j = (struct json *)sink;
	struct buffer *b = &sink->out;
	size_t open = b->size;

	buffer__text(b, ",\"waiting\":{\"state\":\"");
	buffer__text(b, states[w->state]);
	buffer__text(b, "\",\"duration\":");
	buffer__unsigned(b, w->duration);
	buffer__char(b, '}');
	object(j, w->event, true);
	end_line(b, open);
}

static void epoch(struct buffer *b, const char *key, const struct host *host, uint64_t time)
{
	buffer__text(b, ",\"");
	buffer__text(b, key);
	buffer__text(b, "\":\"");
	buffer__unsigned(b, host ? host__real_time(host, time) : time);
	buffer__char(b, '"');
}

static void json__lost(struct sink *sink, const struct host *host, const struct sonde_lost *lost)
{
	struct buffer *b = &sink->out;

	buffer__text(b, "{\"lost\":{\"count\":");
	buffer__unsigned(b, lost->count);
	buffer__text(b, ",\"reason\":\"");
	buffer__text(b, sink__lost_reason(lost->reason));
	buffer__text(b, lost->class == SONDE_CLASS_INTRO ? "\",\"of\":\"introductions\""
							 : "\",\"of\":\"events\"");
	epoch(b, "first", host, lost->first);
	epoch(b, "last", host, lost->last);
	buffer__text(b, "}}\n");
}

static void json__finish(struct sink *sink, const struct sink_end *end)
{
	struct json *j = (struct json *)sink;
	struct buffer *b = &sink->out;

	buffer__text(b, "{\"end\":{");
	if (end->command) {
		buffer__text(b, "\"command\":");
		render__json_string(b, end->command, strlen(end->command));
		if (WIFSIGNALED(end->status)) {
			buffer__text(b, ",\"signal\":");
			buffer__unsigned(b, WTERMSIG(end->status));
		} else {
			buffer__text(b, ",\"status\":");
			buffer__unsigned(b, WEXITSTATUS(end->status));
		}
		buffer__char(b, ',');
	}
	buffer__text(b, "\"duration\":");
	buffer__unsigned(b, end->duration);
	buffer__text(b, ",\"events\":");
	buffer__unsigned(b, j->events);
	buffer__text(b, ",\"calls\":");
	buffer__unsigned(b, j->calls);
	buffer__text(b, ",\"failed\":");
	buffer__unsigned(b, j->failed);
	buffer__text(b, ",\"lost\":");
	buffer__unsigned(b, end->lost);
	buffer__text(b, "}}\n");
}

static void json__free(struct sink *sink)
{
	struct json *j = (struct json *)sink;

	json_plan__release(&j->plan);
	tasks__release(&j->tasks);
	files_text__release(&j->files);
	buffer__free(&j->file);
	free(j);
}

static const struct sink_ops json_ops = {
	.event = json__event,
	.waiting = json__waiting,
	.lost = json__lost,
	.finish = json__finish,
	.free = json__free,
};

int json__new(int fd, bool flat, struct sink **ret)
{
	struct json *j = calloc(1, sizeof(*j));
	int err;

	if (!j)
		return -ENOMEM;
	j->sink.ops = &json_ops;
	j->sink.fd = fd;
	j->tasks.parents = true;
	j->tasks.compose = compose_task;
	j->tasks.context = j;
	err = json_plan__init(&j->plan, flat);
	if (!err)
		err = tasks__init(&j->tasks);
	if (!err)
		err = files_text__init(&j->files);
	if (err) {
		sink__free(&j->sink);
		return err;
	}
	*ret = &j->sink;
	return 0;
}
