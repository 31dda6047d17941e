// SPDX-License-Identifier: Apache-2.0
#include "probe_set.h"
#include "../base/suggest.h"
#include "probe_file.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

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

static int set(struct bpf_object *o, const char *path, const char *word, struct error *err)
{
	const char *equals = strchr(word, '='), *wrong;
	struct probe_variable v;
	char name[128], near[160];
	size_t room;
	char *memory;

	if (!equals)
		return error__set(err, -EINVAL, "--set %s: it is NAME=VALUE", word);
	snprintf(name, sizeof(name), "%.*s", (int)(equals - word), word);
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

int probe_set__value(const struct btf *btf, uint32_t type, void *to, uint32_t size,
		     const char *text, const char *word, struct error *err)
{
	const char *wrong = btf && type ? put(btf, type, to, size, text) : "has no type";

	return wrong ? error__set(err, -EINVAL, "%s: %s %s", word, text, wrong) : 0;
}

int probe_set__all(struct bpf_object *o, const char *path, const char *const *list,
		   struct error *err)
{
	int code = 0;

	for (; list && *list && !code; list++)
		code = set(o, path, *list, err);
	return code;
}
