// SPDX-License-Identifier: Apache-2.0
/*
 * From the bytes of a record to the values of its fields. All that a record says of its own sizes
 * is doubted here, so that nobody downstream need.
 */
#include "event.h"

#include <errno.h>

static const char *body(const struct sonde_record *r)
{
	return (const char *)(r + 1);
}

/* Collects the items behind the fixed part; those beyond EVENT_ITEMS are left out. */
static int collect_items(struct event *e, const struct sonde_record *r, size_t fixed)
{
	size_t at = fixed, end = (size_t)r->body * 8;

	/* A size that is no multiple of 8 would put what follows out of alignment. */
	if (r->size % 8 || sizeof(*r) + end > r->size || fixed > end)
		return -EBADMSG;
	while (at < end) {
		const struct sonde_item *item = record__item(r, at, end);

		if (!item)
			return -EBADMSG;
		if (e->item_count < EVENT_ITEMS) {
			e->files[e->item_count] = NULL;
			e->items[e->item_count++] = item;
		}
		at += item__size(item);
	}
	return 0;
}

/* Those behind the body that are known. */
static void find_sections(struct event *e, const struct sonde_record *r)
{
	size_t at = (size_t)r->body * 8, end = r->size - sizeof(*r);

	while (end - at >= sizeof(struct sonde_section)) {
		const struct sonde_section *section = (const void *)(body(r) + at);

		at += sizeof(*section);
		if (end - at < section->size)
			return;
		if (section->what == SONDE_SECTION_DENIED && section->size >= sizeof(*e->denied))
			e->denied = (const void *)(section + 1);
		at += (section->size + 7ul) & ~7ul;
		if (at > end)
			return;
	}
}

const struct sonde_request *record__request(const struct sonde_record *r,
					    const struct schema *schema)
{
	size_t at = schema->fixed + (r->flags & SONDE_RECORD_LATENCY ? sizeof(uint64_t) : 0),
	       end = (size_t)r->body * 8;
	const struct sonde_item *item;

	if (!(r->flags & SONDE_RECORD_IO_URING) || at > end || sizeof(*r) + end > r->size)
		return NULL;
	item = record__item(r, at, end);
	return item && item->what == SONDE_ITEM_REQUEST &&
			       item->size >= sizeof(struct sonde_request)
		       ? item__data(item)
		       : NULL;
}

int event__decode(struct event *e, const struct sonde_record *record, const struct schema *schema,
		  const struct sonde_record *entry)
{
	size_t fixed = schema->fixed;
	int err;

	e->record = record;
	e->entry = entry;
	e->schema = schema;
	e->latency = 0;
	e->denied = NULL;
	e->denied_file = NULL;
	e->item_count = e->entry_items = 0;
	/* What was read at the entry comes first: it is what the call was given. */
	if (entry) {
		err = collect_items(e, entry, fixed);
		if (err)
			return err;
		e->entry_items = e->item_count;
	}
	if (record->flags & SONDE_RECORD_LATENCY)
		fixed += sizeof(e->latency);
	err = collect_items(e, record, fixed);
	if (err)
		return err;
	if (unlikely(record->flags & SONDE_RECORD_VERDICT))
		find_sections(e, record);
	if (record->flags & SONDE_RECORD_LATENCY)
		memcpy(&e->latency, body(record) + schema->fixed, sizeof(e->latency));
	return 0;
}

static const struct sonde_item *find_item(const struct event *e, const struct field *field,
					  unsigned int what, unsigned int from, unsigned int to)
{
	for (unsigned int i = from; i < to; i++)
		if (e->items[i]->slot == field->offset / 8 && e->items[i]->what == what)
			return e->items[i];
	return NULL;
}

const struct sonde_item *event__item(const struct event *e, const struct field *field,
				     unsigned int what)
{
	const struct sonde_item *item = NULL;

	if (field->direction == FIELD_INOUT && e->entry_items) {
		if (what == SONDE_ITEM_OLD)
			item = find_item(e, field, SONDE_ITEM_DATA, 0, e->entry_items);
		else
			item = find_item(e, field, what, e->entry_items, e->item_count);
	}
	return item ? item : find_item(e, field, what, 0, e->item_count);
}

static uint64_t read_number(const char *at, unsigned int size)
{
	uint64_t v = 0;

	memcpy(&v, at, min(size, 8u)); /* little-endian, as every machine that sonde runs on */
	return v;
}

static uint64_t extend(uint64_t v, unsigned int size)
{
	unsigned int shift = 64 - size * 8;

	return size && size < 8 ? (uint64_t)((int64_t)(v << shift) >> shift) : v;
}

/* The number in the fixed part: of a call's argument only the bytes that its kind has. */
static uint64_t field_number(const struct event *e, const struct field *f)
{
	const struct kind_info *kind = &kinds[f->kind];
	const struct sonde_record *r = e->record;
	unsigned int size = f->size;
	uint64_t v;

	/* A successful execve has lost its registers; they are in what its entry left. */
	if (e->entry && f->offset)
		r = e->entry;
	v = read_number(body(r) + f->offset, size);
	if ((e->schema->flags & SCHEMA_CALL) && !f->offset)
		return v;
	if (kind->class == CLASS_NUMBER || kind->class == CLASS_SIGNED) {
		if (kind->size < size) {
			size = kind->size;
			v &= ~0ull >> (64 - 8 * size);
		}
		if (kind->class == CLASS_SIGNED)
			v = extend(v, size);
	}
	return v;
}

static bool is_pointer(const struct field *f)
{
	uint8_t fetch = kinds[f->kind].fetch;

	return fetch != FETCH_NONE && fetch != FETCH_FD;
}

static void set_data(struct value *v, const struct sonde_item *item)
{
	v->state = VALUE_OK;
	v->data = item__data(item);
	v->size = item->size;
	v->whole = item->whole;
	v->cut = item->whole == SONDE_WHOLE_UNKNOWN || item->size < item->whole;
}

/* Why there are no bytes behind a pointer, or for a field that only an item bears. */
static void set_absent(const struct event *e, const struct field *f, struct value *v)
{
	const struct sonde_item *fault = event__item(e, f, SONDE_ITEM_FAULT);

	if (fault) {
		v->state = !fault->whole             ? VALUE_NULL
			   : fault->whole == ENODATA ? VALUE_NONE
						     : VALUE_FAULT;
		v->whole = fault->whole;
	} else if (v->number == SONDE_ABSENT && f->provenance == FROM_KERNEL) {
		v->state = VALUE_NONE;
	} else if (!(e->schema->flags & SCHEMA_CALL) && f >= e->schema->fields &&
		   f < e->schema->fields + e->schema->count) {
		/* a probe appends each of its own: there was no room */
		v->state = VALUE_FAULT;
		v->whole = e->record->flags & SONDE_RECORD_CUT ? ENOSPC : ENODATA;
	} else if (!v->number) {
		v->state = VALUE_NULL;
	} else if (e->record->flags & SONDE_RECORD_COMPAT) {
		v->state = VALUE_NOT_DECODED;
	} else if (f->at_entry && !e->entry && f->direction == FIELD_IN) {
		v->state = VALUE_GONE;
	} else {
		v->state = VALUE_ADDRESS;
	}
}

static bool is_file_of(const struct event *e, unsigned int item, const struct field *f)
{
	return e->items[item]->what == SONDE_ITEM_FILE && e->items[item]->slot == f->offset / 8;
}

const struct file *event__file(const struct event *e, const struct field *field, int32_t fd)
{
	for (unsigned int i = 0; i < e->item_count; i++)
		if (is_file_of(e, i, field) && e->items[i]->whole == (uint32_t)fd)
			return e->files[i];
	return NULL;
}

static void read_value(const struct event *e, const struct field *f, struct value *v)
{
	const struct sonde_item *item;

	*v = (struct value){.field = f, .state = VALUE_OK};
	if (f->bytes) {
		v->data = body(e->record) + f->offset;
		v->size =
			kinds[f->kind].class == CLASS_TEXT ? strnlen(v->data, f->bytes) : f->bytes;
		v->whole = v->size;
		return;
	}
	v->number = field_number(e, f);
	if (kinds[f->kind].fetch == FETCH_FD) {
		for (unsigned int i = 0; i < e->item_count && !v->file; i++)
			if (is_file_of(e, i, f))
				v->file = e->files[i];
		if (f->kind == KIND_file && v->number)
			v->state = VALUE_NULL;
		return;
	}
	if (!is_pointer(f) || (!f->offset && (e->schema->flags & SCHEMA_CALL))) {
		/* An argument of a call may have been fetched as what it is not this time. */
		if (unlikely(e->item_count) && !(e->schema->flags & SCHEMA_CALL) &&
		    event__item(e, f, SONDE_ITEM_FAULT))
			set_absent(e, f, v);
		return;
	}
	item = event__item(e, f, SONDE_ITEM_DATA);
	if (item && (e->record->flags & SONDE_RECORD_COMPAT) &&
	    kinds[f->kind].class == CLASS_DATA && f->kind != KIND_buffer)
		v->state = VALUE_NOT_DECODED;
	else if (item)
		set_data(v, item);
	else
		set_absent(e, f, v);
}

bool value__equals(const struct value *a, const struct value *b)
{
	return a->state == b->state && a->number == b->number && a->file == b->file &&
	       a->size == b->size &&
	       !memcmp(a->data ? a->data : "", b->data ? b->data : "", a->size);
}

void event__value(const struct event *e, const struct field *f, struct value *v)
{
	struct value other;

	read_value(e, f, v);
	if (likely(!f->only_changed))
		return;
	read_value(e, f + f->pair, &other);
	if (value__equals(v, &other))
		*v = (struct value){.state = VALUE_NONE};
}

bool event__is_birth(const struct event *e)
{
	const char *name = e->schema->name;

	if (!(e->schema->flags & SCHEMA_CALL) || !(e->schema->flags & SCHEMA_RESULT) ||
	    event__result(e) || e->record->flags & SONDE_RECORD_NO_RETURN)
		return false;
	switch (name[0]) {
	case 'c':
		return !strcmp(name, "clone") || !strcmp(name, "clone3");
	case 'f':
		return !strcmp(name, "fork");
	case 'v':
		return !strcmp(name, "vfork");
	}
	return false;
}
