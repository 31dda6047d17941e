// SPDX-License-Identifier: Apache-2.0
#include "probe_set.h"
#include "../base/suggest.h"
#include "probe_file.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DEFAULT_ENTRIES 10240
#define DEFAULT_RING    (256 << 10) /* bytes */
#define DEEPEST_STACK   127         /* what perf_event_max_stack allows where nobody changed it */

static const struct btf_type *resolve(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (btf_is_mod(t) || btf_is_typedef(t))
		t = btf__type_by_id(btf, t->type);
	return t;
}

/* A number, as C writes it, or what an enumeration calls it. */
static bool number_of(const struct btf *btf, const struct btf_type *t, const char *text,
		      uint64_t *ret)
{
	char *end;

	if (btf_is_enum(t)) {
		for (unsigned int i = 0; i < btf_vlen(t); i++) {
			if (strcmp(btf__name_by_offset(btf, btf_enum(t)[i].name_off), text))
				continue;
			*ret = (int64_t)btf_enum(t)[i].val;
			return true;
		}
	}
	if (!strcmp(text, "true") || !strcmp(text, "false")) {
		*ret = *text == 't';
		return true;
	}
	errno = 0;
	*ret = *text == '-' ? (uint64_t)strtoll(text, &end, 0) : strtoull(text, &end, 0);
	return *text && !*end && !errno;
}

static bool fits(uint64_t number, uint32_t size, bool is_signed)
{
	unsigned int bits = size * 8;

	if (bits >= 64)
		return true;
	if (is_signed)
		return (int64_t)number >= -(1ll << (bits - 1)) &&
		       (int64_t)number < (1ll << (bits - 1));
	return !(number >> bits);
}

/* NULL: done; otherwise what is wrong. */
static const char *put(const struct btf *btf, uint32_t type, void *to, uint32_t size,
		       const char *text)
{
	const struct btf_type *t = resolve(btf, type);
	uint64_t number;

	if (btf_is_array(t)) {
		const struct btf_type *of = resolve(btf, btf_array(t)->type);

		if (!btf_is_int(of) || of->size != 1)
			return "is an array, and only text can be set";
		if (strlen(text) >= size)
			return "is too short for it";
		memset(to, 0, size);
		memcpy(to, text, strlen(text));
		return NULL;
	}
	if ((!btf_is_int(t) && !btf_is_enum(t)) || size > sizeof(number) || t->size != size)
		return "is neither a number nor text";
	if (!number_of(btf, t, text, &number))
		return "is a number, and this is none";
	if (!fits(number, size, btf_is_int(t) && btf_int_encoding(t) & BTF_INT_SIGNED))
		return "has no room for a number of this size";
	memcpy(to, &number, size);
	return NULL;
}

static void nearest(const struct bpf_object *o, const char *name, size_t size, char *to,
		    size_t room)
{
	const struct btf *btf = bpf_object__btf(o);
	struct suggest near;

	suggest__start(&near, name, size);
	for (uint32_t i = 1; btf && i < btf__type_cnt(btf); i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);
		const char *other = btf__name_by_offset(btf, t->name_off);

		if (btf_is_var(t) && strncmp(other, "sonde_", 6))
			suggest__offer(&near, other);
	}
	*to = '\0';
	if (near.best)
		snprintf(to, room, "; did you mean %s?", near.best);
}

/* The size of a map. */
static int set_entries(struct bpf_map *map, const char *word, const char *value, struct error *err)
{
	char *end;
	unsigned long entries = strtoul(value, &end, 0);

	if (*value == '-' || end == value || *end || !entries || entries > UINT32_MAX)
		return error__set(err, -EINVAL,
				  "--set %s: %s is a map, and this is no number of entries", word,
				  bpf_map__name(map));
	(void)!bpf_map__set_max_entries(map, entries);
	return 0;
}

static int set(struct bpf_object *o, const char *path, const char *word, struct error *err)
{
	const char *equals = strchr(word, '='), *wrong;
	struct probe_variable v;
	char name[128], near[160];
	struct bpf_map *map;
	size_t room;
	char *memory;

	if (!equals)
		return error__set(err, -EINVAL, "--set %s: it is NAME=VALUE", word);
	snprintf(name, sizeof(name), "%.*s", (int)(equals - word), word);
	map = bpf_object__find_map_by_name(o, name);
	if (map)
		return set_entries(map, word, equals + 1, err);
	if (!probe_object__variable(o, name, &v)) {
		nearest(o, name, strlen(name), near, sizeof(near));
		return error__set(err, -EINVAL, "--set %s: %s has no variable %s%s", word, path,
				  name, near);
	}
	memory = (char *)bpf_map__initial_value(v.map, &room);
	if (!memory || v.offset + v.size > room)
		return error__set(err, -EINVAL, "--set %s: %s cannot be set", word, name);
	wrong = put(bpf_object__btf(o), v.type, memory + v.offset, v.size, equals + 1);
	return wrong ? error__set(err, -EINVAL, "--set %s: %s %s", word, name, wrong) : 0;
}

/* Many leave the size of a map to the program that loads them. */
static void complete(struct bpf_map *map)
{
	switch (bpf_map__type(map)) {
	case BPF_MAP_TYPE_STACK_TRACE:
		if (!bpf_map__value_size(map))
			(void)!bpf_map__set_value_size(map, DEEPEST_STACK * sizeof(uint64_t));
		/* fall through */
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_LPM_TRIE:
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		if (!bpf_map__max_entries(map))
			(void)!bpf_map__set_max_entries(map, DEFAULT_ENTRIES);
		return;
	case BPF_MAP_TYPE_RINGBUF:
		if (!bpf_map__max_entries(map))
			(void)!bpf_map__set_max_entries(map, DEFAULT_RING);
		return;
	default:
		return;
	}
}

int probe_set__value(const struct btf *btf, uint32_t type, void *to, uint32_t size,
		     const char *text, const char *word, struct error *err)
{
	const char *wrong = btf && type ? put(btf, type, to, size, text) : "has no type";

	return wrong ? error__set(err, -EINVAL, "%s: %s %s", word, text, wrong) : 0;
}

int probe_set__all(struct bpf_object *o, const char *path, const char *const *list,
		   struct error *err)
{
	struct bpf_map *map;
	int code = 0;

	for (; list && *list && !code; list++)
		code = set(o, path, *list, err);
	bpf_object__for_each_map(map, o)
		complete(map);
	return code;
}
