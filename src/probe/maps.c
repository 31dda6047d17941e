// SPDX-License-Identifier: Apache-2.0
#include "maps.h"
#include "../event/render.h"
#include "../kernel/probe_file.h"
#include "../kernel/probes.h"
#include "drawing.h"
#include "typed.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>

#define MAX_ROWS  100 /* of a table that text shows */
#define MAX_SLOTS 1024

struct entry {
	void *key, *value;
	uint64_t weight; /* what it is sorted by */
};

/* A map, or a variable as a map with one entry. */
struct view {
	struct buffer *b;
	bool json;
	const struct btf *btf;
	const char *name;
	uint32_t key_type, value_type; /* 0: unknown */
	size_t key_size, value_size;
	const char *scale; /* what a tag says of the histogram; NULL: nothing */
	struct entry *entries;
	unsigned int count;
	bool indexed; /* the key is an array's index */
};

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

static void put_slots(struct view *v, const uint64_t *slots, unsigned int count, const char *name)
{
	struct scale s = scale_of(v, name);

	if (!v->json) {
		drawing__histogram(v->b, slots, count, &s);
		return;
	}
	buffer__printf(v->b, "\"histogram\":\"%s\",\"step\":%llu,\"slots\":[",
		       s.linear ? "linear" : "log2", (unsigned long long)(s.linear ? s.step : 0));
	while (count && !slots[count - 1])
		count--;
	for (unsigned int i = 0; i < count; i++) {
		buffer__text(v->b, i ? "," : "");
		buffer__unsigned(v->b, slots[i]);
	}
	buffer__char(v->b, ']');
}

/* An array of numbers, as slots. 0: it is none. */
static unsigned int take_slots(const struct view *v, uint32_t type, const void *data, size_t size,
			       uint64_t *slots)
{
	const struct btf_type *t = type ? typed__resolve(v->btf, type) : NULL;
	size_t one;
	unsigned int count;

	if (!t || !btf_is_array(t) || !typed__is_number(v->btf, btf_array(t)->type))
		return 0;
	one = typed__size(v->btf, btf_array(t)->type);
	count = one > 1 ? min(btf_array(t)->nelems, (uint32_t)MAX_SLOTS) : 0;
	for (unsigned int i = 0; i < count; i++)
		slots[i] = (i + 1) * one <= size ? typed__number(v->btf, btf_array(t)->type,
								 (const char *)data + i * one, one)
						 : 0;
	return count;
}

/* Of a value: itself or the member that is a histogram. */
static unsigned int find_slots(const struct view *v, const void *value, uint64_t *slots,
			       const char **name)
{
	const struct btf_type *t = v->value_type ? typed__resolve(v->btf, v->value_type) : NULL;

	*name = v->name;
	if (t && btf_is_array(t) && sounds_so(v, v->name))
		return take_slots(v, v->value_type, value, v->value_size, slots);
	for (unsigned int i = 0; t && btf_is_struct(t) && i < btf_vlen(t); i++) {
		size_t at = btf_member_bit_offset(t, i) / 8;
		unsigned int count;

		*name = btf__name_by_offset(v->btf, btf_members(t)[i].name_off);
		if ((!sounds_so(v, *name) && !sounds_so(v, v->name)) || at >= v->value_size)
			continue;
		count = take_slots(v, btf_members(t)[i].type, (const char *)value + at,
				   v->value_size - at, slots);
		if (count)
			return count;
	}
	return 0;
}

/* A map from index to count is one histogram. */
static bool put_as_histogram(struct view *v)
{
	uint64_t slots[MAX_SLOTS] = {};
	const char *name;
	unsigned int count;

	if (v->indexed && sounds_so(v, v->name) && v->value_type &&
	    typed__is_number(v->btf, v->value_type)) {
		for (unsigned int i = 0; i < v->count; i++) {
			uint32_t slot = *(uint32_t *)v->entries[i].key;

			if (slot < MAX_SLOTS)
				slots[slot] = typed__number(v->btf, v->value_type,
							    v->entries[i].value, v->value_size);
		}
		put_name(v, "map");
		buffer__text(v->b, v->json ? "," : "\n");
		put_slots(v, slots, MAX_SLOTS, v->name);
		buffer__text(v->b, v->json ? "}\n" : "");
		return true;
	}
	if (!v->count || !find_slots(v, v->entries[0].value, slots, &name))
		return false;
	for (unsigned int i = 0; i < v->count; i++) {
		count = find_slots(v, v->entries[i].value, slots, &name);
		put_name(v, v->key_size ? "map" : "variable");
		if (v->key_size && !(v->indexed && v->count == 1)) {
			buffer__text(v->b, v->json ? ",\"key\":" : " ");
			typed__put(v->b, v->btf, v->key_type, v->entries[i].key, v->key_size,
				   v->json);
		}
		buffer__text(v->b, v->json ? "," : "\n");
		put_slots(v, slots, count, name);
		buffer__text(v->b, v->json ? "}\n" : "");
	}
	return true;
}

static const struct btf_type *struct_of(const struct view *v, uint32_t type)
{
	const struct btf_type *t = type ? typed__resolve(v->btf, type) : NULL;

	return t && btf_is_struct(t) && btf_vlen(t) ? t : NULL;
}

/* A cell for each member of a struct, or one. `data` NULL: the headings. */
static void put_cells(const struct view *v, struct table_text *t, struct buffer *cell,
		      uint32_t type, const void *data, size_t size, const char *heading)
{
	const struct btf_type *s = struct_of(v, type);
	unsigned int count = s ? btf_vlen(s) : 1;

	for (unsigned int i = 0; i < count; i++) {
		size_t at = s ? btf_member_bit_offset(s, i) / 8 : 0;
		uint32_t of = s ? btf_members(s)[i].type : type;
		const char *name =
			s ? btf__name_by_offset(v->btf, btf_members(s)[i].name_off) : heading;

		if (!data)
			render__escaped(cell, name, strlen(name));
		else if (at < size && !(s && btf_member_bitfield_size(s, i)))
			typed__put(cell, v->btf, of, (const char *)data + at, size - at, false);
		/* Text without its quotes. */
		if (data && cell->size > 1 && cell->data[0] == '"' && of &&
		    btf_is_array(typed__resolve(v->btf, of))) {
			memmove(cell->data, cell->data + 1, cell->size - 2);
			cell->size -= 2;
		}
		if (!data)
			t->columns++;
		table_text__cell(t, cell);
	}
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
		  struct_of(v, v->key_type) && typed__is_number(v->btf, v->value_type ?: 1)
			  ? "count"
			  : "value");
	for (unsigned int i = 0; i < shown; i++) {
		put_cells(v, &t, &cell, v->key_type, v->entries[i].key, v->key_size, "");
		put_cells(v, &t, &cell, v->value_type, v->entries[i].value, v->value_size, "");
	}
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
		typed__put(v->b, v->btf, v->value_type, v->entries[0].value, v->value_size, true);
		buffer__text(v->b, "}\n");
		return;
	}
	buffer__text(v->b, ",\"entries\":[");
	for (unsigned int i = 0; i < v->count; i++) {
		buffer__text(v->b, i ? ",{\"key\":" : "{\"key\":");
		typed__put(v->b, v->btf, v->key_type, v->entries[i].key, v->key_size, true);
		buffer__text(v->b, ",\"value\":");
		typed__put(v->b, v->btf, v->value_type, v->entries[i].value, v->value_size, true);
		buffer__char(v->b, '}');
	}
	buffer__text(v->b, "]}\n");
}

static int heaviest_first(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->weight < y->weight ? 1 : x->weight > y->weight ? -1 : 0;
}

static void put_view(struct view *v)
{
	if (put_as_histogram(v))
		return;
	if (v->json) {
		put_json(v);
		return;
	}
	if (!v->key_size || (v->indexed && v->count == 1)) {
		put_name(v, "");
		buffer__text(v->b, ": ");
		typed__put(v->b, v->btf, v->value_type, v->entries[0].value, v->value_size, false);
		buffer__char(v->b, '\n');
		return;
	}
	put_table(v);
}

static bool is_per_cpu(enum bpf_map_type type)
{
	return type == BPF_MAP_TYPE_PERCPU_HASH || type == BPF_MAP_TYPE_LRU_PERCPU_HASH ||
	       type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

static bool has_values(enum bpf_map_type type)
{
	return is_per_cpu(type) || type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_LRU_HASH ||
	       type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_LPM_TRIE;
}

static bool is_zero(const void *value, size_t size)
{
	const uint8_t *bytes = value;

	for (size_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

/* `raw`: as the kernel gives it, with a value for each CPU where the map has one. */
static bool add_entry(struct view *v, const void *key, const void *raw, unsigned int cpus)
{
	size_t stride = (v->value_size + 7) & ~7ul;
	struct entry *list = realloc(v->entries, (v->count + 1) * sizeof(*list)), *e;

	if (!list)
		return false;
	v->entries = list;
	e = &list[v->count];
	*e = (struct entry){.key = malloc(v->key_size + 8), .value = calloc(1, v->value_size + 8)};
	v->count++;
	if (!e->key || !e->value)
		return false;
	memcpy(e->key, key, v->key_size);
	if (!cpus || !v->value_type)
		memcpy(e->value, raw, v->value_size);
	for (unsigned int i = 0; i < cpus && v->value_type; i++)
		typed__add(v->btf, v->value_type, e->value, (const char *)raw + i * stride,
			   v->value_size);
	if (v->value_type && typed__is_number(v->btf, v->value_type))
		e->weight = typed__number(v->btf, v->value_type, e->value, v->value_size);
	return true;
}

static void read_entries(struct view *v, const struct bpf_map *map)
{
	unsigned int cpus = is_per_cpu(bpf_map__type(map)) ? libbpf_num_possible_cpus() : 0;
	char *key = calloc(2, v->key_size + 8), *next = key ? key + v->key_size + 8 : NULL;
	char *raw = calloc(max(cpus, 1u), v->value_size + 8);
	/* One that changes meanwhile could be walked for ever. */
	unsigned int left = bpf_map__max_entries(map);
	bool more = key && raw && !bpf_map_get_next_key(bpf_map__fd(map), NULL, next);

	while (more && left--) {
		memcpy(key, next, v->key_size);
		more = !bpf_map_get_next_key(bpf_map__fd(map), key, next);
		if (bpf_map_lookup_elem(bpf_map__fd(map), key, raw))
			continue;
		if (v->indexed && bpf_map__max_entries(map) > 1 &&
		    is_zero(raw, (cpus ? cpus : 1) * ((v->value_size + 7) & (cpus ? ~7ul : ~0ul))))
			continue;
		if (!add_entry(v, key, raw, cpus))
			break;
	}
	free(key);
	free(raw);
	if (!v->indexed)
		qsort(v->entries, v->count, sizeof(*v->entries), heaviest_first);
}

static void release(struct view *v)
{
	for (unsigned int i = 0; i < v->count; i++) {
		free(v->entries[i].key);
		free(v->entries[i].value);
	}
	free(v->entries);
}

static void put_map(struct buffer *b, const struct probe_file *f, const struct bpf_map *map,
		    bool json)
{
	enum bpf_map_type type = bpf_map__type(map);
	struct view v = {.b = b,
			 .json = json,
			 .btf = bpf_object__btf(probe_file__object(f)),
			 .name = bpf_map__name(map),
			 .key_type = bpf_map__btf_key_type_id(map),
			 .value_type = bpf_map__btf_value_type_id(map),
			 .key_size = bpf_map__key_size(map),
			 .value_size = bpf_map__value_size(map),
			 .indexed =
				 type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_PERCPU_ARRAY};

	v.scale = probes__tag(probe_file__probes(f), v.name, "histogram:");
	read_entries(&v, map);
	put_view(&v);
	release(&v);
}

static void put_variables(struct buffer *b, const struct probe_file *f, const struct bpf_map *map,
			  bool json)
{
	const struct btf *btf = bpf_object__btf(probe_file__object(f));
	const char *section = strchr(bpf_map__name(map), '.');
	size_t size = bpf_map__value_size(map);
	char *value = calloc(1, size + 1);
	int id = section ? btf__find_by_name_kind(btf, section, BTF_KIND_DATASEC) : -1;
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, id) : NULL;
	uint32_t zero = 0;

	if (!t || !value || bpf_map_lookup_elem(bpf_map__fd(map), &zero, value)) {
		free(value);
		return;
	}
	for (unsigned int i = 0; i < btf_vlen(t); i++) {
		const struct btf_var_secinfo *s = &btf_var_secinfos(t)[i];
		const struct btf_type *var = btf__type_by_id(btf, s->type);
		struct entry entry = {.value = value + s->offset};
		struct view v = {.b = b,
				 .json = json,
				 .btf = btf,
				 .name = btf__name_by_offset(btf, var->name_off),
				 .value_type = var->type,
				 .value_size = s->size,
				 .entries = &entry,
				 .count = 1};

		/* The compiler's own, and the probes'. */
		if (s->offset > size || s->size > size - s->offset || strchr(v.name, '.') ||
		    btf_is_ptr(typed__resolve(btf, var->type)))
			continue;
		v.scale = probes__tag(probe_file__probes(f), v.name, "histogram:");
		put_view(&v);
	}
	free(value);
}

void probe_maps__put(struct buffer *b, const struct probe_file *f, bool json)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, probe_file__object(f))
	{
		const char *section = strchr(bpf_map__name(map), '.');

		if (bpf_map__fd(map) < 0 || probe_file__is_shared(map) ||
		    !strncmp(bpf_map__name(map), "__bpf_usdt", 10))
			continue;
		if (section && bpf_map__is_internal(map)) {
			if (!strncmp(section, ".bss", 4) || !strncmp(section, ".data", 5))
				put_variables(b, f, map, json);
		} else if (has_values(bpf_map__type(map))) {
			put_map(b, f, map, json);
		}
	}
}
