// SPDX-License-Identifier: Apache-2.0
#include "stream.h"
#include "../host/host.h"

#include <errno.h>
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/* What a call's entry left, until the call returns. */
struct entry {
	uint32_t tid;
	size_t capacity;
	struct sonde_record *record; /* a copy; record->event 0: joined, kept for the next one */
	UT_hash_handle hh;
};

struct stream {
	const struct schemas *schemas;
	struct host *host;
	stream_deliver deliver;
	void *context;
	struct entry *entries; /* by thread */
	struct buffer scratch;
	struct event event;
	struct {
		struct sonde_record record;
		uint64_t fixed[7];
	} present;
	uint64_t delivered, damaged;
	const struct schema *exit, *exec;
	const struct field *group_dead, *old_tid;
};

int stream__new(const struct schemas *schemas, struct host *host, stream_deliver deliver, void *context,
		struct stream **ret)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->schemas = schemas;
	s->host = host;
	s->deliver = deliver;
	s->context = context;
	s->exit = schemas__find(schemas, "exit");
	s->exec = schemas__find(schemas, "exec");
	for (unsigned int i = 0; i < schemas->count; i++) {
		const struct schema *schema = schemas->list[i];

		if (!schema || schema->flags & SCHEMA_CALL)
			continue;
		if (!strcmp(schema->name, "exit"))
			s->exit = schema;
		if (!strcmp(schema->name, "exec"))
			s->exec = schema;
	}
	s->group_dead = s->exit ? schema__field(s->exit, "group_dead") : NULL;
	s->old_tid = s->exec ? schema__field(s->exec, "old_tid") : NULL;
	*ret = s;
	return 0;
}

static void free_entry(struct stream *s, struct entry *e)
{
	HASH_DEL(s->entries, e);
	free(e->record);
	free(e);
}

void stream__free(struct stream *s)
{
	struct entry *e, *next;

	if (!s)
		return;
	HASH_ITER(hh, s->entries, e, next)
		free_entry(s, e);
	buffer__free(&s->scratch);
	free(s);
}

static struct entry *find_entry(struct stream *s, uint32_t tid)
{
	struct entry *e;

	HASH_FIND_INT(s->entries, &tid, e);
	return e;
}

static void keep_entry(struct stream *s, const struct sonde_record *r)
{
	struct entry *e = find_entry(s, r->tid);

	if (!e) {
		e = calloc(1, sizeof(*e));
		if (!e)
			return;
		e->tid = r->tid;
		HASH_ADD_INT(s->entries, tid, e);
	}
	if (e->capacity < r->size) {
		struct sonde_record *more = realloc(e->record, r->size);

		if (!more)
			return;
		e->record = more;
		e->capacity = r->size;
	}
	memcpy(e->record, r, r->size);
}

static const struct schema *schema_of(const struct stream *s, unsigned int event)
{
	return event < s->schemas->count ? s->schemas->list[event] : NULL;
}

static uint64_t number_of(const struct event *e, const struct field *f)
{
	struct value v;

	event__value(e, f, &v);
	return v.number;
}

/* What some events mean for the state that others need. */
static void note(struct stream *s, const struct event *e)
{
	struct entry *entry;

	if (e->schema == s->exit && s->group_dead) {
		host__task_exited(s->host, e->record->key, e->record->tid, number_of(e, s->group_dead));
		entry = find_entry(s, e->record->tid);
		if (entry)
			free_entry(s, entry);
	} else if (e->schema == s->exec && s->old_tid) {
		/* A thread that executes takes its leader's id: its entry goes with it. */
		uint32_t old = number_of(e, s->old_tid);

		if (old == e->record->tid)
			return;
		entry = find_entry(s, e->record->tid);
		if (entry)
			free_entry(s, entry);
		entry = find_entry(s, old);
		if (!entry)
			return;
		HASH_DEL(s->entries, entry);
		entry->tid = e->record->tid;
		HASH_ADD_INT(s->entries, tid, entry);
	}
}

void stream__record(struct stream *s, const struct sonde_record *r, bool late)
{
	const struct schema *schema;
	struct entry *entry = NULL;
	struct event *e = &s->event;

	if (r->class == SONDE_CLASS_INTRO) {
		if (host__learn(s->host, r) == -EBADMSG)
			s->damaged++;
		return;
	}
	schema = schema_of(s, r->event);
	if (!schema || r->class != SONDE_CLASS_EVENT) {
		s->damaged++;
		return;
	}
	if (r->flags & SONDE_RECORD_ENTRY) {
		keep_entry(s, r);
		return;
	}
	if (s->entries && (schema->flags & SCHEMA_CALL)) {
		entry = find_entry(s, r->tid);
		if (entry && entry->record->event != r->event)
			entry = NULL;
	}
	if (event__decode(e, r, schema, entry ? entry->record : NULL)) {
		s->damaged++;
		return;
	}
	host__attend(s->host, e);
	e->late = late;
	e->number = ++s->delivered;
	e->repeats = 1;
	e->scratch = &s->scratch;
	buffer__reset(&s->scratch);
	s->deliver(s->context, e);
	if (entry)
		entry->record->event = SONDE_EVENT_NONE;
	note(s, e);
}

const struct event *stream__present(struct stream *s, const struct sonde_record *r, const struct schema *call)
{
	const struct sonde_present *now = (const void *)(r + 1);
	struct event *e = &s->event;

	if (r->size < sizeof(*r) + sizeof(*now) || !call)
		return NULL;
	s->present.record = *r;
	s->present.record.event = call->id;
	s->present.record.size = sizeof(s->present.record) + call->fixed;
	s->present.record.body = call->fixed / 8;
	s->present.record.flags = SONDE_RECORD_NO_RETURN | (now->compat ? SONDE_RECORD_COMPAT : 0);
	s->present.fixed[0] = 0;
	memcpy(&s->present.fixed[1], now->args, sizeof(now->args));
	if (event__decode(e, &s->present.record, call, NULL))
		return NULL;
	host__attend(s->host, e);
	e->number = 0;
	e->repeats = 1;
	e->scratch = &s->scratch;
	buffer__reset(&s->scratch);
	return e;
}

uint64_t stream__damaged(const struct stream *s)
{
	return s->damaged;
}

uint64_t stream__delivered(const struct stream *s)
{
	return s->delivered;
}
