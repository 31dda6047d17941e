// SPDX-License-Identifier: Apache-2.0
#include "maps.h"
#include "../base/table.h"
#include "../kernel/object.h"
#include "../kernel/probe_file.h"
#include "../kernel/probes.h"
#include "view.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

/* What an entry of a map or a variable was when it was shown last. */
struct shown {
	struct table_node node;
	const void *of; /* which map or variable */
	size_t key_size;
	void *key, *value;
};

struct probe_maps {
	const struct probe_file *file;
	struct typed types;
	bool json, deltas;
	struct table shown;
};

int probe_maps__new(const struct probe_file *f, bool json, bool deltas, struct probe_maps **ret)
{
	struct probe_maps *m = calloc(1, sizeof(*m));
	int code = m ? typed__read(&m->types, bpf_object__btf(probe_file__object(f))) : -ENOMEM;

	if (code) {
		probe_maps__free(m);
		return code;
	}
	m->file = f;
	m->json = json;
	m->deltas = deltas;
	*ret = m;
	return 0;
}

void probe_maps__free(struct probe_maps *m)
{
	struct table_node *n, *next = NULL;
	unsigned int bucket = 0;

	if (!m)
		return;
	while ((n = table__each(&m->shown, &bucket, &next))) {
		struct shown *s = container_of(n, struct shown, node);

		free(s->key);
		free(s->value);
		free(s);
	}
	table__release(&m->shown);
	typed__release(&m->types);
	free(m);
}

static void *copy_of(const void *data, size_t size)
{
	void *copy = malloc(size + 8);

	if (copy && size)
		memcpy(copy, data, size);
	return copy;
}

static struct shown *find_shown(struct probe_maps *m, const void *of, const void *key, size_t size,
				uint64_t hash)
{
	struct table_node *n = table__find(&m->shown, hash);

	for (; n; n = table__next(n)) {
		struct shown *s = container_of(n, struct shown, node);

		if (s->of == of && s->key_size == size && !memcmp(s->key, key, size))
			return s;
	}
	return NULL;
}

/* Leaves of an entry what came since it was shown last. Without memory it stays whole. */
static void take_away(struct probe_maps *m, const void *of, const struct view *v, struct entry *e)
{
	const void *key = v->key_size ? e->key : "";
	uint64_t hash = hash_pair((uintptr_t)of, hash_bytes(key, v->key_size));
	struct shown *s = find_shown(m, of, key, v->key_size, hash);
	void *now = copy_of(e->value, v->value_size), *before;

	if (!s) {
		s = calloc(1, sizeof(*s));
		if (s) {
			*s = (struct shown){.of = of,
					    .key_size = v->key_size,
					    .key = copy_of(key, v->key_size)};
			if (!s->key || table__add(&m->shown, &s->node, hash)) {
				free(s->key);
				free(s);
				s = NULL;
			}
		}
	}
	if (!s) {
		free(now);
		return;
	}
	before = s->value;
	s->value = now;
	/* One that was thrown out meanwhile, as of an LRU map, began anew. */
	if (before && view__weight(v, before) <= e->weight)
		typed__subtract(v->types->btf, v->value_type, e->value, before, v->value_size);
	free(before);
	e->weight = view__weight(v, e->value);
}

static int heaviest_first(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->weight < y->weight ? 1 : x->weight > y->weight ? -1 : 0;
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
static struct entry *add_entry(struct view *v, const void *key, const void *raw, unsigned int cpus)
{
	size_t stride = (v->value_size + 7) & ~7ul;
	struct entry *list = realloc(v->entries, (v->count + 1) * sizeof(*list)), *e;

	if (!list)
		return NULL;
	v->entries = list;
	e = &list[v->count];
	*e = (struct entry){.key = malloc(v->key_size + 8), .value = calloc(1, v->value_size + 8)};
	v->count++;
	if (!e->key || !e->value)
		return NULL;
	memcpy(e->key, key, v->key_size);
	if (!cpus || !v->value_type)
		memcpy(e->value, raw, v->value_size);
	for (unsigned int i = 0; i < cpus && v->value_type; i++)
		typed__add(v->types->btf, v->value_type, e->value, (const char *)raw + i * stride,
			   v->value_size);
	e->weight = view__weight(v, e->value);
	return e;
}

static void drop_last(struct view *v)
{
	struct entry *e = &v->entries[--v->count];

	free(e->key);
	free(e->value);
}

static void read_entries(struct probe_maps *m, struct view *v, const struct bpf_map *map)
{
	unsigned int cpus = is_per_cpu(bpf_map__type(map)) ? libbpf_num_possible_cpus() : 0;
	bool only = v->indexed && bpf_map__max_entries(map) == 1;
	char *key = calloc(2, v->key_size + 8), *next = key ? key + v->key_size + 8 : NULL;
	char *raw = calloc(max(cpus, 1u), v->value_size + 8);
	/* One that changes meanwhile could be walked for ever. */
	unsigned int left = bpf_map__max_entries(map);
	bool more = key && raw && !bpf_map_get_next_key(bpf_map__fd(map), NULL, next);

	while (more && left--) {
		struct entry *e;

		memcpy(key, next, v->key_size);
		more = !bpf_map_get_next_key(bpf_map__fd(map), key, next);
		if (bpf_map_lookup_elem(bpf_map__fd(map), key, raw))
			continue;
		e = add_entry(v, key, raw, cpus);
		if (!e)
			break;
		if (m->deltas)
			take_away(m, map, v, e);
		if ((v->indexed || m->deltas) && !only && is_zero(e->value, v->value_size))
			drop_last(v);
	}
	free(key);
	free(raw);
	if (!v->indexed && v->count)
		qsort(v->entries, v->count, sizeof(*v->entries), heaviest_first);
}

static void release(struct view *v)
{
	while (v->count)
		drop_last(v);
	free(v->entries);
}

/* What its tags say of a map or variable. false: it is hidden. */
static bool read_tags(const struct probe_maps *m, struct view *v)
{
	const struct probes *p = probe_file__probes(m->file);

	v->json = m->json;
	v->types = &m->types;
	v->scale = probes__tag(p, v->name, "histogram:");
	v->total = probes__tag(p, v->name, "total");
	v->quiet = probes__tag(p, v->name, "quiet");
	return !probes__tag(p, v->name, "hidden");
}

static void put_map(struct probe_maps *m, struct buffer *b, const struct bpf_map *map)
{
	enum bpf_map_type type = bpf_map__type(map);
	struct view v = {.b = b,
			 .name = bpf_map__name(map),
			 .key_type = bpf_map__btf_key_type_id(map),
			 .value_type = bpf_map__btf_value_type_id(map),
			 .key_size = bpf_map__key_size(map),
			 .value_size = bpf_map__value_size(map),
			 .indexed =
				 type == BPF_MAP_TYPE_ARRAY || type == BPF_MAP_TYPE_PERCPU_ARRAY};

	if (!read_tags(m, &v))
		return;
	read_entries(m, &v, map);
	view__put(&v);
	release(&v);
}

static void put_variables(struct probe_maps *m, struct buffer *b, const struct bpf_map *map)
{
	const struct btf *btf = m->types.btf;
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
				 .name = btf__name_by_offset(btf, var->name_off),
				 .value_type = var->type,
				 .value_size = s->size,
				 .entries = &entry,
				 .count = 1};

		/* The compiler's own, and the probes'. */
		if (s->offset > size || s->size > size - s->offset || strchr(v.name, '.') ||
		    btf_is_ptr(typed__resolve(btf, var->type)) || !read_tags(m, &v))
			continue;
		entry.weight = view__weight(&v, entry.value);
		if (m->deltas)
			take_away(m, var, &v, &entry);
		view__put(&v);
	}
	free(value);
}

void probe_maps__put(struct probe_maps *m, struct buffer *b)
{
	struct bpf_object *object = probe_file__object(m->file);
	struct bpf_map *map;

	bpf_object__for_each_map(map, object) {
		const char *section = strchr(bpf_map__name(map), '.');

		if (map__fd(map) < 0 || probe_object__shares(object, map) ||
		    !strncmp(bpf_map__name(map), "__bpf_usdt", 10))
			continue;
		if (section && bpf_map__is_internal(map)) {
			if (!strncmp(section, ".bss", 4) || !strncmp(section, ".data", 5))
				put_variables(m, b, map);
		} else if (has_values(bpf_map__type(map))) {
			put_map(m, b, map);
		}
	}
}
