// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as records: what the stream, the host and every formatter make of them. Input: chunks,
 * each a byte of settings, one unused, the record's size (16 bits) and its bytes, header and all.
 * What the rings promise is kept (a record's size is not more than its memory); nothing else. Each
 * record lies in a heap block of its size, so that the sanitizer sees one step too far. Besides
 * changing bytes, the mutator adds records that are well formed.
 */
#include "src/event/render.h"
#include "src/host/fields.h"
#include "src/host/host.h"
#include "src/source/live.h"
#include "src/source/stream.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t most);

enum settings {
	FIT_EVENT = 1 << 0, /* an event that exists */
	FIT_BODY = 1 << 1,  /* all that follows the header */
	FIT_SIZE = 1 << 2,
	LATE = 1 << 3,
	PRESENT = 1 << 4, /* through stream__present() */
};

struct chunk {
	uint8_t settings, unused;
	uint16_t size;
};

static const struct schemas *schemas;

struct output {
	struct buffer text, scratch;
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static struct live_schemas *all; /* for as long as the program runs */

	if (live_schemas__new(&all, NULL))
		abort();
	schemas = live_schemas__list(all);
	return 0;
}

/* No control characters, and no byte that some terminal takes for one. */
static void check_line(const struct buffer *b)
{
	for (size_t i = 0; i < b->size; i++) {
		uint8_t c = b->data[i];

		assert(c >= 0x20 && c != 0x7f && c != 0xc0 && c != 0xc1 && c < 0xf5);
		assert(c != 0xc2 || (i + 1 < b->size && (uint8_t)b->data[i + 1] >= 0xa0));
	}
}

static void render_value(struct buffer *b, const struct event *e, const struct value *v)
{
	static const struct render r = {.string_limit = 32, .names = true};

	if (v->state == VALUE_NONE)
		return;
	buffer__reset(b);
	render__value(b, &r, e, v);
	check_line(b);
	buffer__reset(b);
	render__json(b, &r, e, v);
	check_line(b);
	assert(b->size);
	buffer__reset(b);
	render__plain(b, &r, e, v);
}

/* Those of users and groups read this machine's files: they would make it slow, and differ from
 * machine to machine. */
static bool is_skipped(const struct field_def *def)
{
	return !strncmp(def->field.name, "user.", 5) || !strncmp(def->field.name, "group.", 6);
}

static void render_event(struct buffer *b, const struct event *e)
{
	static const struct render r = {.string_limit = 32, .names = true};
	struct value v;

	buffer__reset(b);
	render__call(b, &r, e, 40);
	check_line(b);
	for (unsigned int i = 0; i < e->schema->count; i++) {
		const struct field *f = event__field(e, &e->schema->fields[i]);

		if (!f)
			continue;
		event__value(e, f, &v);
		render_value(b, e, &v);
	}
	for (unsigned int i = 0; i < field_def_count; i++) {
		struct field_use use = {};

		if (is_skipped(&field_defs[i]) || field_use__parse(&use, field_defs[i].field.name))
			continue;
		if (!field_use__of(&use, e->schema))
			continue;
		field_use__value(&use, e, &v);
		if (v.state != VALUE_NONE && v.field)
			render_value(b, e, &v);
	}
}

static void deliver(void *context, const struct event *e)
{
	render_event(context, e);
}

static void feed(struct stream *s, struct buffer *text, const struct chunk *c,
		 struct sonde_record *r, size_t size)
{
	static const struct render render = {.string_limit = 32, .names = true};
	const struct event *e;

	if (c->settings & FIT_SIZE || r->size > size || r->size < sizeof(*r))
		r->size = size;
	if (c->settings & FIT_BODY)
		r->body = (r->size - sizeof(*r)) / 8;
	if (c->settings & FIT_EVENT)
		r->event = SONDE_EVENT_CALLS + r->event % (schemas->count - SONDE_EVENT_CALLS);
	if (!(c->settings & PRESENT)) {
		stream__record(s, r, c->settings & LATE);
		return;
	}
	e = stream__present(s, r, r->event < schemas->count ? schemas->list[r->event] : NULL);
	if (!e)
		return;
	buffer__reset(text);
	render__pending(text, &render, e);
	check_line(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buffer text = {};
	struct stream *s;
	struct host *h;

	if (host__new(&h) || stream__new(schemas, h, deliver, &text, &s))
		abort();
	while (size >= sizeof(struct chunk)) {
		struct chunk c;
		struct sonde_record *r;
		size_t n;

		memcpy(&c, data, sizeof(c));
		data += sizeof(c);
		size -= sizeof(c);
		n = min((size_t)c.size, size);
		if (n >= sizeof(*r)) {
			r = malloc(n);
			assert(r);
			memcpy(r, data, n);
			feed(s, &text, &c, r, n);
			free(r);
		}
		data += n;
		size -= n;
	}
	stream__free(s);
	host__free(h);
	buffer__free(&text);
	return 0;
}

/* Numbers that differ with each call; the same for the same seed. */
static uint32_t random_number(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

struct maker {
	uint8_t *data;
	size_t size, most;
	uint32_t random;
};

static void put(struct maker *m, const void *bytes, size_t size)
{
	if (m->most - m->size < size)
		return;
	memcpy(m->data + m->size, bytes, size);
	m->size += size;
}

static void put_item(struct maker *m, unsigned int slot, unsigned int what)
{
	static const uint8_t edges[] = {0,  1,  2,  4,  8,   12,  16,  24,
					32, 40, 48, 64, 112, 144, 200, 255};
	struct sonde_item item = {.slot = slot,
				  .what = what,
				  .size = edges[random_number(&m->random) % sizeof(edges)]};
	uint8_t bytes[256];

	if (what == SONDE_ITEM_FILE)
		item.size = 8;
	item.whole = random_number(&m->random) % 8 ? item.size : SONDE_WHOLE_UNKNOWN;
	for (unsigned int i = 0; i < sizeof(bytes); i++)
		bytes[i] = random_number(&m->random) % 4 ? random_number(&m->random) : 0;
	if (what == SONDE_ITEM_FILE) {
		memset(bytes, 0, 8);
		bytes[0] = random_number(&m->random) % 4;
	}
	put(m, &item, sizeof(item));
	put(m, bytes, (item.size + 7) & ~7u);
}

static unsigned int pick_what(struct maker *m, const struct field *f)
{
	if (kinds[f->kind].fetch == FETCH_FD)
		return SONDE_ITEM_FILE;
	return random_number(&m->random) % 3 ? SONDE_ITEM_DATA
					     : random_number(&m->random) % (SONDE_ITEM_OLD + 1);
}

static void put_items(struct maker *m, const struct schema *s)
{
	for (unsigned int i = 0; i < s->count; i++)
		while (random_number(&m->random) % 2)
			put_item(m, s->fields[i].offset / 8, pick_what(m, &s->fields[i]));
}

/* Behind the record that was put at `start`: what no reader knows. */
static void put_section(struct maker *m, size_t start, struct chunk *c, struct sonde_record *r)
{
	uint8_t bytes[32];

	r->body = (m->size - start - sizeof(*c) - sizeof(*r)) / 8;
	memcpy(m->data + start + sizeof(*c), r, sizeof(*r));
	for (unsigned int i = 0; i < sizeof(bytes); i++)
		bytes[i] = random_number(&m->random);
	put(m, bytes, 8 + random_number(&m->random) % 4 * 8);
	c->settings &= ~FIT_BODY;
}

/* An event, or an introduction of whom others speak. */
static void put_record(struct maker *m)
{
	static const unsigned int process_slots[] = {offsetof(struct sonde_process, exe) / 8,
						     offsetof(struct sonde_process, argv) / 8,
						     offsetof(struct sonde_process, cwd) / 8,
						     offsetof(struct sonde_process, cgroup) / 8};
	unsigned int kind = random_number(&m->random) % 8, fixed, event;
	struct chunk c = {.settings =
				  FIT_SIZE | FIT_BODY | (random_number(&m->random) % 8 ? 0 : LATE)};
	struct sonde_record r = {.class = kind < 2 ? SONDE_CLASS_INTRO : SONDE_CLASS_EVENT,
				 .key = random_number(&m->random) % 4,
				 .version = random_number(&m->random) % 3,
				 .tid = random_number(&m->random) % 4,
				 .time = random_number(&m->random)};
	const struct schema *s = NULL;
	size_t start = m->size;

	event = SONDE_EVENT_CALLS +
		random_number(&m->random) % (schemas->count - SONDE_EVENT_CALLS);
	if (kind >= 2) {
		s = schemas->list[event];
		fixed = s->fixed;
		if (s->flags & SCHEMA_CALL && random_number(&m->random) % 4 == 0)
			r.flags = 1 << random_number(&m->random) % 7;
		if (r.flags & SONDE_RECORD_LATENCY)
			fixed += 8;
	} else {
		event = kind ? SONDE_EVENT_PROCESS : SONDE_EVENT_FILE;
		fixed = kind ? sizeof(struct sonde_process) : sizeof(struct sonde_file);
	}
	r.event = event;
	put(m, &c, sizeof(c));
	put(m, &r, sizeof(r));
	for (unsigned int i = 0; i < fixed; i++) {
		uint8_t byte = random_number(&m->random) % 3 ? 0 : random_number(&m->random);

		if (i == 0 && kind == 0) /* a file's id, one that items name */
			byte = random_number(&m->random) % 4;
		else if (i < 8 && kind == 0)
			byte = 0;
		put(m, &byte, 1);
	}
	if (s)
		put_items(m, s);
	else if (kind == 0)
		put_item(m, offsetof(struct sonde_file, path) / 8, SONDE_ITEM_DATA);
	for (unsigned int i = 0; kind == 1 && i < ARRAY_SIZE(process_slots); i++)
		put_item(m, process_slots[i],
			 random_number(&m->random) % 8 ? SONDE_ITEM_DATA : SONDE_ITEM_FAULT);
	if (random_number(&m->random) % 4 == 0)
		put_section(m, start, &c, &r);
	c.size = m->size - start - sizeof(c);
	memcpy(m->data + start, &c, sizeof(c));
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t most, unsigned int seed)
{
	struct maker m = {.data = data, .size = size, .most = most, .random = seed};

	if (most - size < 512 || random_number(&m.random) % 4)
		return LLVMFuzzerMutate(data, size, most);
	if (random_number(&m.random) % 4 == 0)
		m.size = 0;
	do
		put_record(&m);
	while (m.most - m.size >= 512 && random_number(&m.random) % 4);
	return m.size;
}
