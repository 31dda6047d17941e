// SPDX-License-Identifier: Apache-2.0
#include "view.h"
#include "../event/render.h"
#include "drawing.h"

#include <bpf/btf.h>
#include <string.h>

#define MAX_ROWS  100 /* of a table that text shows */
#define MAX_SLOTS 1024

static const struct btf *btf_of(const struct view *v)
{
	return v->types->btf;
}

/* Of what the type of that id is, the struct; NULL: it is none, or has no members. */
static const struct btf_type *struct_of(const struct view *v, uint32_t type)
{
	const struct btf_type *t = type ? typed__resolve(btf_of(v), type) : NULL;

	return t && btf_is_struct(t) && btf_vlen(t) ? t : NULL;
}

/* A member of a struct in memory. */
struct part {
	const char *name;
	uint32_t type;
	size_t at; /* where it lies */
	const struct typed_member *tags;
};

static struct part part_of(const struct view *v, uint32_t type, const struct btf_type *s,
			   unsigned int index)
{
	return (struct part){
		.name = btf__name_by_offset(btf_of(v), btf_members(s)[index].name_off),
		.type = btf_members(s)[index].type,
		.at = btf_member_bit_offset(s, index) / 8,
		.tags = typed__member(v->types, typed__resolved(btf_of(v), type), index)};
}

static uint64_t sum_of(const struct view *v, const struct part *p, const void *data, size_t size)
{
	return p->at < size
		       ? typed__sum(btf_of(v), p->type, (const char *)data + p->at, size - p->at)
		       : 0;
}

/* The number, or sum of an array, of the member of that name. */
static uint64_t sum_named(const struct view *v, uint32_t type, const void *data, size_t size,
			  const char *name)
{
	const struct btf_type *s = struct_of(v, type);

	for (unsigned int i = 0; s && i < btf_vlen(s); i++) {
		struct part p = part_of(v, type, s, i);

		if (!strcmp(p.name, name))
			return sum_of(v, &p, data, size);
	}
	return 0;
}

uint64_t view__weight(const struct view *v, const void *value)
{
	const struct btf_type *s = struct_of(v, v->value_type);

	if (!s)
		return v->value_type ? typed__sum(btf_of(v), v->value_type, value, v->value_size)
				     : 0;
	for (unsigned int i = 0; i < btf_vlen(s); i++) {
		struct part p = part_of(v, v->value_type, s, i);

		if (typed__is_number(btf_of(v), p.type))
			return sum_of(v, &p, value, v->value_size);
	}
	return 0;
}

static void put_name(struct view *v, const char *kind)
{
	if (v->json) {
		buffer__printf(v->b, "{\"%s\":", kind);
		render__json_string(v->b, v->name, strlen(v->name));
	} else {
		render__escaped(v->b, v->name, strlen(v->name));
	}
}

static struct scale scale_of(const struct view *v, const char *name)
{
	struct scale s = {.linear = strstr(name, "linear") || strstr(name, "lin_"), .step = 1};

	if (!v->scale)
		return s;
	s.linear = !strncmp(v->scale, "linear", 6);
	if (s.linear && v->scale[6] == ':')
		s.step = strtoull(v->scale + 7, NULL, 0) ?: 1;
	return s;
}

static bool sounds_so(const struct view *v, const char *name)
{
	return v->scale || strstr(name, "hist") || !strcmp(name, "slots") ||
	       !strcmp(name, "buckets");
}

/* wait_us_hist: microseconds. "" where the name tells none. */
static const char *unit_of(const char *name)
{
	static const struct {
		const char *suffix, *unit;
	} units[] = {{"ns_hist", "nanoseconds"},
		     {"us_hist", "microseconds"},
		     {"ms_hist", "milliseconds"},
		     {"bytes_hist", "bytes"},
		     {"pages_hist", "pages"}};
	size_t size = strlen(name);

	for (unsigned int i = 0; i < ARRAY_SIZE(units); i++) {
		size_t end = strlen(units[i].suffix);

		if (size >= end && !strcmp(name + size - end, units[i].suffix) &&
		    (size == end || name[size - end - 1] == '_'))
			return units[i].unit;
	}
	return "";
}

/* An array of numbers, as slots. 0: it is none. */
static unsigned int take_slots(const struct view *v, uint32_t type, const void *data, size_t size,
			       uint64_t *slots)
{
	const struct btf *btf = btf_of(v);
	const struct btf_type *t = type ? typed__resolve(btf, type) : NULL;
	size_t one;
	unsigned int count;

	if (!t || !btf_is_array(t) || !typed__is_number(btf, btf_array(t)->type))
		return 0;
	one = typed__size(btf, btf_array(t)->type);
	count = one > 1 ? min(btf_array(t)->nelems, (uint32_t)MAX_SLOTS) : 0;
	for (unsigned int i = 0; i < count; i++)
		slots[i] = (i + 1) * one <= size ? typed__number(btf, btf_array(t)->type,
								 (const char *)data + i * one, one)
						 : 0;
	return count;
}

/* Of a value: itself or the member that is a histogram, by its name. */
static unsigned int find_slots(const struct view *v, const void *value, uint64_t *slots,
			       const char **name)
{
	const struct btf_type *s = struct_of(v, v->value_type);

	*name = v->name;
	if (!s)
		return sounds_so(v, v->name)
			       ? take_slots(v, v->value_type, value, v->value_size, slots)
			       : 0;
	for (unsigned int i = 0; i < btf_vlen(s); i++) {
		struct part p = part_of(v, v->value_type, s, i);
		unsigned int count;

		if ((!sounds_so(v, p.name) && !sounds_so(v, v->name)) || p.at >= v->value_size)
			continue;
		count = take_slots(v, p.type, (const char *)value + p.at, v->value_size - p.at,
				   slots);
		if (count) {
			*name = p.name;
			return count;
		}
	}
	return 0;
}

static void put_part(const struct view *v, struct buffer *b, const struct part *p, uint64_t number)
{
	if (p->tags && p->tags->field.kind)
		typed__put_as(b, &p->tags->field, number, v->json);
	else
		buffer__unsigned(b, number);
}

/* What else a value holds beside its histogram: bytes 4096, time 4.1 ms, 12 us on average. */
static void put_others(struct view *v, const void *value)
{
	const struct btf_type *s = struct_of(v, v->value_type);
	const char *separator = "  ";

	for (unsigned int i = 0; s && i < btf_vlen(s); i++) {
		struct part p = part_of(v, v->value_type, s, i);
		uint64_t number = sum_of(v, &p, value, v->value_size), by;

		if (!typed__is_number(btf_of(v), p.type))
			continue;
		if (v->json) {
			buffer__char(v->b, ',');
			render__json_string(v->b, p.name, strlen(p.name));
			buffer__char(v->b, ':');
			put_part(v, v->b, &p, number);
			continue;
		}
		buffer__text(v->b, separator);
		separator = ", ";
		render__escaped(v->b, p.name, strlen(p.name));
		buffer__char(v->b, ' ');
		put_part(v, v->b, &p, number);
		by = p.tags && p.tags->average
			     ? sum_named(v, v->value_type, value, v->value_size, p.tags->average)
			     : 0;
		if (by) {
			buffer__text(v->b, ", average ");
			put_part(v, v->b, &p, number / by);
		}
	}
	if (!v->json && *separator == ',')
		buffer__char(v->b, '\n');
}

static bool is_zero(const void *bytes, size_t size)
{
	const uint8_t *p = bytes;

	for (size_t i = 0; i < size; i++)
		if (p[i])
			return false;
	return true;
}

/* Of keys that are all zeros nothing is said: there is but one histogram. */
static void put_key(struct view *v, const struct entry *e)
{
	if (!v->key_size || (v->indexed && v->count == 1) ||
	    (struct_of(v, v->key_type) && is_zero(e->key, v->key_size)))
		return;
	buffer__text(v->b, v->json ? ",\"key\":" : " ");
	if (!v->json && struct_of(v, v->key_type))
		typed__put_members(v->b, v->types, v->key_type, e->key, v->key_size);
	else
		typed__put(v->b, v->types, v->key_type, e->key, v->key_size, v->json);
}

/* `e` NULL: of a map whose values are the slots. */
static void put_slots(struct view *v, const struct entry *e, const uint64_t *slots,
		      unsigned int count, const char *name)
{
	struct scale s = scale_of(v, name);
	const char *unit = unit_of(name);

	put_name(v, v->key_size ? "map" : "variable");
	if (e)
		put_key(v, e);
	if (!v->json) {
		buffer__char(v->b, '\n');
		drawing__summary(v->b, slots, count, &s, unit);
		if (e)
			put_others(v, e->value);
		drawing__histogram(v->b, slots, count, &s);
		return;
	}
	if (e)
		put_others(v, e->value);
	if (*unit)
		buffer__printf(v->b, ",\"unit\":\"%s\"", unit);
	buffer__printf(v->b, ",\"histogram\":\"%s\",\"step\":%llu,\"slots\":[",
		       s.linear ? "linear" : "log2", (unsigned long long)(s.linear ? s.step : 0));
	while (count && !slots[count - 1])
		count--;
	for (unsigned int i = 0; i < count; i++) {
		buffer__text(v->b, i ? "," : "");
		buffer__unsigned(v->b, slots[i]);
	}
	buffer__text(v->b, "]}\n");
}

static bool put_as_histogram(struct view *v)
{
	uint64_t slots[MAX_SLOTS] = {};
	const char *name;
	unsigned int count;

	/* A map from index to count is one histogram. */
	if (v->indexed && sounds_so(v, v->name) && v->value_type &&
	    typed__is_number(btf_of(v), v->value_type)) {
		for (unsigned int i = 0; i < v->count; i++) {
			uint32_t slot = *(uint32_t *)v->entries[i].key;

			if (slot < MAX_SLOTS)
				slots[slot] = v->entries[i].weight;
		}
		put_slots(v, NULL, slots, MAX_SLOTS, v->name);
		return true;
	}
	if (!v->count || !find_slots(v, v->entries[0].value, slots, &name))
		return false;
	for (unsigned int i = 0; i < v->count; i++) {
		count = find_slots(v, v->entries[i].value, slots, &name);
		put_slots(v, &v->entries[i], slots, count, name);
	}
	return true;
}

/* Text without its quotes: a table has its columns. */
static void unquote(struct buffer *cell)
{
	if (cell->size < 2 || cell->data[0] != '"')
		return;
	memmove(cell->data, cell->data + 1, cell->size - 2);
	cell->size -= 2;
}

/* Beside a number what it is on average, or which share. `data` NULL: the heading. */
static void put_derived(const struct view *v, struct table_text *t, struct buffer *cell,
			const struct part *p, uint32_t type, const void *data, size_t size)
{
	const char *other = p->tags->average ?: p->tags->share;
	uint64_t number, by;

	if (!other)
		return;
	if (!data) {
		buffer__text(cell, p->tags->average ? "average" : "%");
		t->columns++;
		table_text__cell(t, cell);
		return;
	}
	number = sum_of(v, p, data, size);
	by = sum_named(v, type, data, size, other);
	if (p->tags->average && by)
		put_part(v, cell, p, number / by);
	else if (p->tags->share && number + by)
		buffer__printf(cell, "%.1f", 100.0 * number / (number + by));
	else
		buffer__char(cell, '-');
	table_text__cell(t, cell);
}

/* A cell for each member of a struct, or one. `data` NULL: the headings. */
static void put_cells(const struct view *v, struct table_text *t, struct buffer *cell,
		      uint32_t type, const void *data, size_t size, const char *heading)
{
	const struct btf_type *s = struct_of(v, type);
	unsigned int count = s ? btf_vlen(s) : 1;

	for (unsigned int i = 0; i < count; i++) {
		struct part p =
			s ? part_of(v, type, s, i) : (struct part){.name = heading, .type = type};

		if (p.tags && p.tags->field.detail)
			continue;
		if (!data) {
			render__escaped(cell, p.name, strlen(p.name));
			t->columns++;
		} else if (p.at < size && !(s && btf_member_bitfield_size(s, i))) {
			if (s)
				typed__put_member(cell, v->types, typed__resolved(btf_of(v), type),
						  i, data, size);
			else
				typed__put(cell, v->types, type, data, size, false);
			unquote(cell);
		}
		table_text__cell(t, cell);
		if (p.tags)
			put_derived(v, t, cell, &p, type, data, size);
	}
}

static void put_total(const struct view *v, struct table_text *t, struct buffer *cell)
{
	unsigned int before = t->columns;
	struct table_text heading = {};
	void *sum = calloc(1, v->value_size + 8);

	for (unsigned int i = 0; sum && i < v->count; i++)
		typed__add(btf_of(v), v->value_type, sum, v->entries[i].value, v->value_size);
	if (sum) {
		put_cells(v, &heading, cell, v->value_type, NULL, 0, "");
		for (unsigned int i = 0; i < before - heading.columns; i++) {
			buffer__text(cell, i ? "" : "total");
			table_text__cell(t, cell);
		}
		put_cells(v, t, cell, v->value_type, sum, v->value_size, "");
	}
	table_text__release(&heading);
	free(sum);
}

static void put_table(struct view *v)
{
	struct table_text t = {};
	struct buffer cell = {};
	unsigned int shown = min(v->count, (unsigned int)MAX_ROWS);

	put_name(v, "map");
	buffer__printf(v->b, ": %u %s\n", v->count, v->count == 1 ? "entry" : "entries");
	put_cells(v, &t, &cell, v->key_type, NULL, 0, "key");
	put_cells(v, &t, &cell, v->value_type, NULL, 0,
		  struct_of(v, v->key_type) && typed__is_number(btf_of(v), v->value_type ?: 1)
			  ? "count"
			  : "value");
	for (unsigned int i = 0; i < shown; i++) {
		put_cells(v, &t, &cell, v->key_type, v->entries[i].key, v->key_size, "");
		put_cells(v, &t, &cell, v->value_type, v->entries[i].value, v->value_size, "");
	}
	if (v->total && v->count > 1 && shown == v->count)
		put_total(v, &t, &cell);
	if (v->count)
		drawing__table(v->b, &t);
	if (shown < v->count)
		buffer__printf(v->b, "  and %u more\n", v->count - shown);
	table_text__release(&t);
	buffer__free(&cell);
}

static void put_json(struct view *v)
{
	put_name(v, v->key_size ? "map" : "variable");
	if (!v->key_size) {
		buffer__text(v->b, ",\"value\":");
		typed__put(v->b, v->types, v->value_type, v->entries[0].value, v->value_size, true);
		buffer__text(v->b, "}\n");
		return;
	}
	buffer__text(v->b, ",\"entries\":[");
	for (unsigned int i = 0; i < v->count; i++) {
		buffer__text(v->b, i ? ",{\"key\":" : "{\"key\":");
		typed__put(v->b, v->types, v->key_type, v->entries[i].key, v->key_size, true);
		buffer__text(v->b, ",\"value\":");
		typed__put(v->b, v->types, v->value_type, v->entries[i].value, v->value_size, true);
		buffer__char(v->b, '}');
	}
	buffer__text(v->b, "]}\n");
}

static bool has_nothing(const struct view *v)
{
	for (unsigned int i = 0; i < v->count; i++)
		if (!is_zero(v->entries[i].value, v->value_size))
			return false;
	return true;
}

void view__put(struct view *v)
{
	if (v->quiet && !v->json && has_nothing(v))
		return;
	if (put_as_histogram(v))
		return;
	if (v->json) {
		put_json(v);
		return;
	}
	if (!v->key_size || (v->indexed && v->count == 1)) {
		put_name(v, "");
		buffer__text(v->b, ": ");
		typed__put(v->b, v->types, v->value_type, v->entries[0].value, v->value_size,
			   false);
		buffer__char(v->b, '\n');
		return;
	}
	put_table(v);
}
