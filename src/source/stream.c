// SPDX-License-Identifier: Apache-2.0
#include "stream.h"
#include "../host/host.h"
#include "container.h"

#include <errno.h>
#include <stdio.h>
#define HASH_NONFATAL_OOM 1
#include <uthash.h>

/*
 * Calls that were entered and have not returned: more than that are of threads whose end was lost,
 * and the oldest are forgotten. What they showed at their entry is then missing at their exit.
 */
#define MAX_ENTRIES   16384
#define SPARE_ENTRIES 64

/* What a call's entry left, until the call returns. */
struct entry {
	uint64_t key; /* the thread, or a request of io_uring: these have the highest bit set */
	size_t capacity;
	struct sonde_record *record; /* a copy */
	struct entry *next;          /* among the spare ones */
	UT_hash_handle hh;
};

struct stream {
	const struct schemas *schemas;
	struct host *host;
	stream_deliver deliver;
	void *context;
	struct entry *entries; /* by key; the table's own order is that of their times */
	struct entry *spare;   /* joined ones, for their memory */
	unsigned int spare_count;
	struct buffer scratch;
	struct event event;
	struct buffer made; /* a record that is not as the kernel sent it */
	uint64_t delivered, damaged;
	const struct schema *exit, *exec, *container_create, *container_remove;
	const struct field *group_dead, *old_tid, *filename, *interp, *argv;
};

int stream__new(const struct schemas *schemas, struct host *host, stream_deliver deliver,
		void *context, struct stream **ret)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->schemas = schemas;
	s->host = host;
	s->deliver = deliver;
	s->context = context;
	s->exit = schemas__event(schemas, "exit");
	s->exec = schemas__event(schemas, "exec");
	s->container_create = schemas__event(schemas, "container_create");
	s->container_remove = schemas__event(schemas, "container_remove");
	s->group_dead = s->exit ? schema__field(s->exit, "group_dead") : NULL;
	if (s->exec) {
		s->old_tid = schema__field(s->exec, "old_tid");
		s->filename = schema__field(s->exec, "filename");
		s->interp = schema__field(s->exec, "interp");
		s->argv = schema__field(s->exec, "argv");
	}
	*ret = s;
	return 0;
}

static void free_entry(struct entry *e)
{
	free(e->record);
	free(e);
}

void stream__free(struct stream *s)
{
	struct entry *e, *next;

	if (!s)
		return;
	HASH_ITER(hh, s->entries, e, next)
	{
		HASH_DEL(s->entries, e);
		free_entry(e);
	}
	for (e = s->spare; e; e = next) {
		next = e->next;
		free_entry(e);
	}
	buffer__free(&s->scratch);
	buffer__free(&s->made);
	free(s);
}

static struct entry *find_entry(struct stream *s, uint64_t key)
{
	struct entry *e;

	HASH_FIND(hh, s->entries, &key, sizeof(key), e);
	return e;
}

static void drop_entry(struct stream *s, struct entry *e)
{
	HASH_DEL(s->entries, e);
	if (s->spare_count >= SPARE_ENTRIES) {
		free_entry(e);
		return;
	}
	e->next = s->spare;
	s->spare = e;
	s->spare_count++;
}

static void forget_entry(struct stream *s, uint64_t key)
{
	struct entry *e = find_entry(s, key);

	if (e)
		drop_entry(s, e);
}

static void add_entry(struct stream *s, struct entry *e, uint64_t key)
{
	e->key = key;
	HASH_ADD(hh, s->entries, key, sizeof(key), e);
	if (!e->hh.tbl) /* no memory for the table */
		free_entry(e);
}

static struct entry *new_entry(struct stream *s, size_t size)
{
	struct entry *e = s->spare;

	if (e) {
		s->spare = e->next;
		s->spare_count--;
	} else {
		e = calloc(1, sizeof(*e));
	}
	if (e && e->capacity < size) {
		struct sonde_record *more = realloc(e->record, size);

		if (!more) {
			free_entry(e);
			return NULL;
		}
		e->record = more;
		e->capacity = size;
	}
	return e;
}

static void keep_entry(struct stream *s, const struct sonde_record *r, uint64_t key)
{
	struct entry *e;

	forget_entry(s, key); /* a call whose exit was lost */
	if (HASH_COUNT(s->entries) >= MAX_ENTRIES)
		drop_entry(s, s->entries);
	e = new_entry(s, r->size);
	if (!e)
		return;
	memcpy(e->record, r, r->size);
	add_entry(s, e, key);
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

/* A thread that executes takes its leader's id: the entry goes with it, and nobody has its own. */
static void follow_exec(struct stream *s, const struct sonde_record *r, uint32_t old)
{
	struct entry *entry;

	if (old == r->tid)
		return;
	host__task_exited(s->host, r->key, old, false);
	forget_entry(s, r->tid);
	entry = find_entry(s, old);
	if (!entry)
		return;
	HASH_DEL(s->entries, entry);
	add_entry(s, entry, r->tid);
}

/*
 * What the program passed as its path, from what the kernel made of it: relative to a descriptor it
 * is "/dev/fd/3/true".
 */
static void strip_descriptor(const struct schema *call, const struct sonde_record *entry,
			     struct value *v)
{
	const char *path = v->data;
	char prefix[32];
	int32_t fd;
	size_t size;

	if (call->fields[1].kind != KIND_fd)
		return;
	memcpy(&fd, (const char *)(entry + 1) + call->fields[1].offset, sizeof(fd));
	size = snprintf(prefix, sizeof(prefix), "/dev/fd/%d", fd);
	if (v->size < size || memcmp(path, prefix, size) || (v->size > size && path[size] != '/'))
		return;
	size += v->size > size;
	v->data = path + size;
	v->size -= size;
}

/* What the new program knows of an argument that could not be read before: false when it is not the
 * same. */
static bool learned_by_exec(struct stream *s, const struct event *exec, const struct schema *call,
			    const struct sonde_record *entry, unsigned int slot, struct value *v)
{
	const struct field *f = slot < call->count ? &call->fields[slot] : NULL;
	struct value interp;

	if (!f || !f->at_entry)
		return false;
	event__value(exec, s->filename, v);
	if (v->state != VALUE_OK || v->cut)
		return false;
	if (f->kind == KIND_path) {
		strip_descriptor(call, entry, v);
		return true;
	}
	/* The arguments of a script's interpreter are other ones. */
	event__value(exec, s->interp, &interp);
	if (f->kind != KIND_strings || interp.state != VALUE_OK || interp.size != v->size ||
	    memcmp(interp.data, v->data, v->size))
		return false;
	event__value(exec, s->argv, v);
	return v->state == VALUE_OK;
}

/*
 * A task that was just forked may not have its parent's pages yet, so what it passes to execve
 * cannot be read at the entry; the kernel has brought them in since, and the new program holds what
 * was in them.
 */
static void complete_by_exec(struct stream *s, const struct event *exec)
{
	struct entry *entry = find_entry(s, exec->record->tid);
	const struct schema *call = entry ? schema_of(s, entry->record->event) : NULL;
	struct sonde_record *r;
	bool learned = false;
	size_t at, end;

	if (!call || !s->filename || !s->interp || !s->argv || entry->record->size % 8)
		return;
	at = sizeof(*entry->record) + call->fixed;
	end = sizeof(*entry->record) + entry->record->body * 8u;
	if (at > end || end > entry->record->size)
		return;
	buffer__reset(&s->scratch);
	buffer__bytes(&s->scratch, (const char *)entry->record, at);
	while (at < end) {
		const struct sonde_item *item = (const void *)((const char *)entry->record + at);
		struct sonde_item more = {.what = SONDE_ITEM_DATA};
		struct value v;

		if (end - at < sizeof(*item) || end - at < item__size(item))
			return;
		if (item->what == SONDE_ITEM_FAULT &&
		    learned_by_exec(s, exec, call, entry->record, item->slot, &v) &&
		    v.size < UINT16_MAX) {
			more.slot = item->slot;
			more.size = v.size;
			more.whole = v.whole < v.size ? v.size : v.cut ? v.whole : v.size;
			buffer__bytes(&s->scratch, (const char *)&more, sizeof(more));
			buffer__bytes(&s->scratch, v.data, v.size);
			buffer__bytes(&s->scratch, "\0\0\0\0\0\0\0", -v.size & 7);
			learned = true;
		} else {
			buffer__bytes(&s->scratch, (const char *)item, item__size(item));
		}
		at += item__size(item);
	}
	if (s->scratch.failed || !learned)
		return;
	r = (void *)s->scratch.data;
	r->tid = exec->record->tid; /* no longer the one with which a thread entered */
	r->size = s->scratch.size;
	r->body = (s->scratch.size - sizeof(*r)) / 8;
	keep_entry(s, r, r->tid);
}

/* What some events mean for the state that others need. */
static void note(struct stream *s, const struct event *e)
{
	if (e->schema == s->exit && s->group_dead) {
		host__task_exited(s->host, e->record->key, e->record->tid,
				  number_of(e, s->group_dead));
		forget_entry(s, e->record->tid);
	} else if (e->schema == s->exec && s->old_tid) {
		follow_exec(s, e->record, number_of(e, s->old_tid));
		complete_by_exec(s, e);
	}
}

/* What the record of an entry and of what came of it have in common. */
static uint64_t entry_key(const struct sonde_record *r, const struct schema *call)
{
	const struct sonde_request *request = record__request(r, call);

	if (r->flags & SONDE_RECORD_IO_URING)
		return request ? request->id | 1ull << 63 : 0;
	return r->tid;
}

void stream__record(struct stream *s, const struct sonde_record *r, bool late)
{
	const struct sonde_request *request;
	const struct schema *schema;
	struct entry *entry = NULL;
	struct event *e = &s->event;

	if (r->class == SONDE_CLASS_INTRO) {
		if (host__learn(s->host, r))
			s->damaged++;
		return;
	}
	schema = schema_of(s, r->event);
	if (!schema || r->class != SONDE_CLASS_EVENT ||
	    ((r->flags & SONDE_RECORD_ENTRY) && !(schema->flags & SCHEMA_CALL))) {
		s->damaged++;
		return;
	}
	if (r->flags & SONDE_RECORD_ENTRY) {
		keep_entry(s, r, entry_key(r, schema));
		return;
	}
	if (s->entries && (schema->flags & SCHEMA_CALL)) {
		entry = find_entry(s, entry_key(r, schema));
		if (entry && entry->record->event != r->event)
			entry = NULL;
	}
	if (event__decode(e, r, schema, entry ? entry->record : NULL)) {
		s->damaged++;
		if (entry) /* it may be the one that lies */
			drop_entry(s, entry);
		return;
	}
	if (unlikely(schema == s->container_create || schema == s->container_remove)) {
		if (!container__complete(e, &s->made))
			return; /* a cgroup like any other */
		if (event__decode(e, (void *)s->made.data, schema, NULL)) {
			s->damaged++;
			return;
		}
	}
	host__attend(s->host, e);
	e->late = late;
	e->number = ++s->delivered;
	e->repeats = 1;
	e->scratch = &s->scratch;
	buffer__reset(&s->scratch);
	s->deliver(s->context, e);
	request = event__request(e);
	if (entry && !(request && request->flags & SONDE_REQUEST_MORE))
		drop_entry(s, entry);
	if (request && r->flags & SONDE_RECORD_NO_RETURN) /* it is told of again if it fails */
		keep_entry(s, r, entry_key(r, schema));
	note(s, e);
}

const struct event *stream__present(struct stream *s, const struct sonde_record *r,
				    const struct schema *call)
{
	const struct sonde_present *now = (const void *)(r + 1);
	const size_t skip = sizeof(*r) + sizeof(*now);
	struct buffer *b = &s->made;
	struct event *e = &s->event;
	struct sonde_record *made;
	uint64_t result = 0;

	if (r->size < skip || sizeof(*r) + 8u * r->body > r->size || 8u * r->body < sizeof(*now) ||
	    !call || call->fixed > sizeof(result) + sizeof(now->args))
		return NULL;
	/* The same as the call's own record would be: result, arguments, items. */
	buffer__reset(b);
	buffer__bytes(b, r, sizeof(*r));
	buffer__bytes(b, &result, sizeof(result));
	buffer__bytes(b, now->args, call->fixed - sizeof(result));
	buffer__bytes(b, (const char *)r + skip, 8u * r->body - sizeof(*now));
	if (b->failed)
		return NULL;
	made = (void *)b->data;
	made->event = call->id;
	made->size = b->size;
	made->body = (b->size - sizeof(*made)) / 8;
	made->flags = SONDE_RECORD_NO_RETURN | (now->compat ? SONDE_RECORD_COMPAT : 0);
	if (event__decode(e, made, call, NULL))
		return NULL;
	host__attend(s->host, e);
	e->late = false;
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
