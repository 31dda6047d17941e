// SPDX-License-Identifier: Apache-2.0
/* What schemas have in common, whoever produced them: kinds, and the search by name. */
#include "schema.h"

#include "catalogue.h"

#include <string.h>

double kind__real(enum kind kind, uint64_t bits)
{
	uint32_t low = bits;
	double real;
	float half;

	memcpy(&half, &low, sizeof(half));
	memcpy(&real, &bits, sizeof(real));
	return kind == KIND_float ? (double)half : real;
}

const struct kind_info kinds[KINDS] = {
	[KIND_none] = {"none", CLASS_NUMBER, FETCH_NONE, 8},
#define KIND(name, class, fetch, size) [KIND_##name] = {#name, CLASS_##class, FETCH_##fetch, size},
#include "kinds.def"
};

static const struct schema *find_exactly(const struct schemas *all, const char *name)
{
	for (unsigned int i = 0; i < all->count; i++)
		if (all->list[i] && !strcmp(all->list[i]->name, name))
			return all->list[i];
	return NULL;
}

const struct schema *schemas__find(const struct schemas *all, const char *name)
{
	const struct schema *s = find_exactly(all, name);
	const char *const *members = s ? NULL : catalogue__family(name);

	/* "pread" is the name of a family whose first member is pread64. */
	for (; members && *members && !s; members++)
		s = find_exactly(all, *members);
	return s;
}

const struct schema *schemas__event(const struct schemas *all, const char *name)
{
	for (unsigned int i = 0; i < all->count; i++)
		if (all->list[i] && !(all->list[i]->flags & SCHEMA_CALL) &&
		    !strcmp(all->list[i]->name, name))
			return all->list[i];
	return NULL;
}

const struct field *schema__field(const struct schema *s, const char *name)
{
	for (unsigned int i = 0; i < s->count; i++)
		if (s->fields[i].name && !strcmp(s->fields[i].name, name))
			return &s->fields[i];
	/* A name of its own goes before another one's alias. */
	for (unsigned int i = 0; i < s->count; i++)
		if (s->fields[i].alias && !strcmp(s->fields[i].alias, name))
			return &s->fields[i];
	return NULL;
}

const struct field *schema__variant(const struct schema *s, const struct field *field,
				    const uint64_t *args)
{
	if (field->kind == KIND_none)
		return NULL;
	/* What a call returns is not what a hook inside it does. */
	if (field == s->fields && !(s->flags & SCHEMA_CALL))
		return field;
	if (!s->variants || field < s->fields || field >= s->fields + s->count)
		return field;
	for (const struct variant *v = s->variants; v->argument; v++) {
		if (v->target != field - s->fields || (args[v->argument] & v->mask) != v->number)
			continue;
		return v->field && v->field->kind != KIND_none ? v->field : NULL;
	}
	return field;
}
