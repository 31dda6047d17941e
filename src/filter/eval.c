// SPDX-License-Identifier: Apache-2.0
/* Does an event match? Conditions are walked by jumps, so that each is asked only while it still
 * matters. */
#include "node.h"
#include "../event/render.h"

static bool number_holds(const struct compare *c, uint64_t n)
{
	uint64_t k = c->numbers[0];

	switch (c->op) {
	case OP_EQ:
		return n == k;
	case OP_NE:
		return n != k;
	case OP_LT:
		return c->is_signed ? (int64_t)n < (int64_t)k : n < k;
	case OP_LE:
		return c->is_signed ? (int64_t)n <= (int64_t)k : n <= k;
	case OP_GT:
		return c->is_signed ? (int64_t)n > (int64_t)k : n > k;
	case OP_GE:
		return c->is_signed ? (int64_t)n >= (int64_t)k : n >= k;
	default: {
		uint32_t from = 0, to = c->count;

		while (from < to) {
			uint32_t mid = from + (to - from) / 2;

			if (c->numbers[mid] == n)
				return true;
			if (c->numbers[mid] < n)
				from = mid + 1;
			else
				to = mid;
		}
		return false;
	}
	}
}

static bool real_holds(const struct compare *c, double n)
{
	switch (c->op) {
	case OP_EQ:
		return n == c->reals[0];
	case OP_NE:
		return n != c->reals[0];
	case OP_LT:
		return n < c->reals[0];
	case OP_LE:
		return n <= c->reals[0];
	case OP_GT:
		return n > c->reals[0];
	case OP_GE:
		return n >= c->reals[0];
	default:
		for (uint32_t i = 0; i < c->count; i++)
			if (n == c->reals[i])
				return true;
		return false;
	}
}

static bool is_in(const struct compare *c, const char *text, uint32_t size)
{
	uint32_t from = 0, to = c->count;

	while (from < to) {
		uint32_t mid = from + (to - from) / 2;
		const struct pattern *p = &c->patterns[mid];
		int order =
			p->size != size ? (p->size < size ? -1 : 1) : memcmp(p->text, text, size);

		if (!order)
			return true;
		if (order < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return false;
}

static bool text_holds(const struct compare *c, const struct event *e, const struct value *v)
{
	static const struct render plain = {.string_limit = ~0u};
	const char *text = v->data;
	uint32_t size = v->size;

	if (c->text_of == TEXT_FILE) {
		if (!v->file || !v->file->name)
			return false;
		text = v->file->name;
		size = v->file->name_size;
	} else if (c->text_of == TEXT_RENDERED) {
		size_t start = e->scratch->size;

		render__plain(e->scratch, &plain, e, v);
		if (e->scratch->failed)
			return false;
		text = e->scratch->data ? e->scratch->data + start : NULL;
		size = e->scratch->size - start;
	}
	if (!text)
		text = "";
	switch (c->op) {
	case OP_EQ:
	case OP_IN:
		return is_in(c, text, size);
	case OP_NE:
		return !is_in(c, text, size);
	default:
		for (uint32_t i = 0; i < c->count; i++) {
			if (text__matches(c->op, text, size, &c->patterns[i]))
				return true;
		}
		return false;
	}
}

static bool is_within(const struct network *n, const uint8_t *address, uint32_t size)
{
	unsigned int whole = n->prefix / 8, rest = n->prefix % 8;

	if (size != n->size || memcmp(address, n->address, whole))
		return false;
	return !rest || !((address[whole] ^ n->address[whole]) >> (8 - rest));
}

static bool address_holds(const struct compare *c, const struct value *v)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	const uint8_t *address = v->data;
	uint32_t size = v->size;
	bool found = false;

	/* An IPv6 socket that talks IPv4. */
	if (size == 16 && !memcmp(address, mapped, sizeof(mapped))) {
		address += 12;
		size = 4;
	}
	for (uint32_t i = 0; i < c->count && !found; i++)
		found = is_within(&c->networks[i], address, size);
	return found != (c->op == OP_NE);
}

/* A number is known even where the data behind it is not. */
static bool has_number(const struct value *v)
{
	return v->state == VALUE_OK || v->state == VALUE_NULL || v->state == VALUE_ADDRESS;
}

bool compare__holds(const struct compare *c, const struct event *e, const struct value *v)
{
	switch (c->how) {
	case COMPARE_NUMBER:
		return has_number(v) && number_holds(c, v->number);
	case COMPARE_REAL:
		return v->state == VALUE_OK && real_holds(c, kind__real(c->kind, v->number));
	case COMPARE_BITS:
		if (!has_number(v))
			return false;
		for (uint32_t i = 0; i < c->count; i++) {
			if ((v->number & c->bits[i].mask) == c->bits[i].number)
				return true;
		}
		return false;
	case COMPARE_TEXT:
		return v->state == VALUE_OK && text_holds(c, e, v);
	case COMPARE_ADDRESS:
		return v->state == VALUE_OK && v->data && address_holds(c, v);
	case COMPARE_EXISTS:
		return v->state == VALUE_OK;
	default:
		return false;
	}
}

static bool is_negative(enum op op)
{
	return op == OP_NE;
}

/* One of several values, or for != all of them, and at least one. */
static bool any_holds(struct condition *c, const struct event *e)
{
	struct field_use use = c->use;
	bool all = is_negative(c->op);
	struct value v;

	for (use.index = 1;; use.index++) {
		field_use__value(&use, e, &v);
		if (v.state == VALUE_NONE)
			return all && use.index > 1;
		if (compare__holds(c->compares, e, &v) != all)
			return !all;
	}
}

static bool argument_holds(struct condition *c, const struct event *e)
{
	uint32_t id = e->schema->id;
	const struct field *field = c->argument_of[id], *here;
	const struct compare *compare;
	struct value v;

	if (c->compare_of[id] == NO_COMPARE)
		return false;
	compare = &c->compares[c->compare_of[id]];
	here = event__field(e, field);
	if (unlikely(here != field)) {
		compare = here ? condition__compare(c, here, is_result(e->schema, field)) : NULL;
		if (!compare)
			return false;
	}
	event__value(e, here, &v);
	return v.state != VALUE_NONE && compare__holds(compare, e, &v);
}

bool condition__holds(struct condition *c, const struct event *e)
{
	struct value v;

	if (c->events)
		return c->events[e->schema->id / 64] >> (e->schema->id % 64) & 1;
	if (c->argument_of)
		return argument_holds(c, e);
	if (c->use.def->many && c->use.index < 0)
		return any_holds(c, e);
	field_use__value(&c->use, e, &v);
	return v.state != VALUE_NONE && compare__holds(c->compares, e, &v);
}

bool filter__matches(struct filter *f, const struct event *e)
{
	size_t scratch = e->scratch->size;
	uint32_t at = f->start;

	if (e->schema->id >= f->schemas->count)
		return false;
	while (at < f->condition_count) {
		struct condition *c = &f->conditions[at];

		at = condition__holds(c, e) ? c->on_true : c->on_false;
		e->scratch->size = scratch;
	}
	return at == JUMP_ACCEPT;
}
