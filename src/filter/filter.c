// SPDX-License-Identifier: Apache-2.0
/* From text to a filter that can be asked: parse, check, then thread the conditions by jumps. */
#include "node.h"

#include <errno.h>

void filter__free(struct filter *f)
{
	if (!f)
		return;
	for (uint32_t i = 0; i < f->condition_count; i++)
		condition__free(&f->conditions[i]);
	free(f->conditions);
	free(f->constants);
	free(f->nodes);
	free(f->strings);
	free(f->calls);
	free(f->text);
	free(f);
}

DEFINE_CLEANUP(struct filter *, filter, filter__free)

#define DEAREST 6

static int cost_of_condition(const struct condition *c)
{
	if (c->events)
		return 0;
	if (c->use.def->many)
		return 5;
	if (!c->compares)
		return 1;
	switch (c->compares->how) {
	case COMPARE_TEXT:
		return c->compares->text_of == TEXT_RENDERED ? 4 : 3;
	case COMPARE_ADDRESS:
		return 3;
	default:
		return c->use.def->needs ? 2 : 1;
	}
}

/* How dear a node is to ask: the least of its children is asked first. */
static int cost_of(const struct filter *f, uint32_t node)
{
	const struct node *n = &f->nodes[node];
	int cost = DEAREST, one;

	if (n->type == NODE_CONDITION)
		return cost_of_condition(&f->conditions[n->condition]);
	for (uint32_t child = n->first; child != NO_NODE; child = f->nodes[child].next) {
		one = cost_of(f, child);
		cost = min(cost, one);
	}
	return cost;
}

/* A node's children, cheap ones first, as written where the cost is equal. NULL without memory. */
static uint32_t *order_children(const struct filter *f, uint32_t node, uint32_t *count)
{
	uint32_t first = f->nodes[node].first, n = 0, at = 0, i, *order;
	uint8_t *costs;

	for (uint32_t child = first; child != NO_NODE; child = f->nodes[child].next)
		n++;
	order = calloc(n, sizeof(*order));
	costs = malloc(n);
	*count = n;
	if (order && costs) {
		i = 0;
		for (uint32_t child = first; child != NO_NODE; child = f->nodes[child].next)
			costs[i++] = cost_of(f, child);
		for (int cost = 0; cost <= DEAREST; cost++) {
			i = 0;
			for (uint32_t child = first; child != NO_NODE;
			     child = f->nodes[child].next) {
				if (costs[i++] == cost)
					order[at++] = child;
			}
		}
	} else {
		free(order);
		order = NULL;
	}
	free(costs);
	return order;
}

/* Threads a node's conditions; `ret` is the condition at which it begins. */
static int thread(struct filter *f, uint32_t node, uint32_t on_true, uint32_t on_false,
		  uint32_t *ret)
{
	const struct node *n = &f->nodes[node];
	uint32_t count, *order;
	int err = 0;

	if (n->type == NODE_CONDITION) {
		f->conditions[n->condition].on_true = on_true;
		f->conditions[n->condition].on_false = on_false;
		*ret = n->condition;
		return 0;
	}
	if (n->type == NODE_NOT)
		return thread(f, n->first, on_false, on_true, ret);
	order = order_children(f, node, &count);
	if (!order)
		return -ENOMEM;
	/* From the last, so that each knows where its successor begins. */
	*ret = n->type == NODE_AND ? on_true : on_false;
	while (!err && count--) {
		if (n->type == NODE_AND)
			err = thread(f, order[count], *ret, on_false, ret);
		else
			err = thread(f, order[count], on_true, *ret, ret);
	}
	free(order);
	return err;
}

static int find_calls(struct filter *f, struct error *err)
{
	bool any = false;

	f->calls = calloc(filter__words(f) + 1, sizeof(*f->calls));
	if (!f->calls)
		return -ENOMEM;
	for (unsigned int i = 0; i < f->schemas->count; i++) {
		const struct schema *s = f->schemas->list[i];

		if (!s || s->flags & SCHEMA_INTRO || node__verdict(f, f->root, i) == VERDICT_NO)
			continue;
		f->calls[i / 64] |= 1ull << (i % 64);
		any = true;
	}
	if (any)
		return 0;
	return error__set(err, -EINVAL,
			  "no event can match this filter: its conditions contradict each other, "
			  "or they ask of an event "
			  "what it does not have");
}

static int build(struct filter *f, struct error *err)
{
	struct problems problems = {};
	int ret = filter__parse(f, &problems);

	for (uint32_t i = 0; !ret && i < f->condition_count; i++)
		ret = filter__check(f, &f->conditions[i], &problems);
	if (ret)
		return ret;
	if (problems.count)
		return problems__report(&problems, f->text, f->size, err);
	ret = thread(f, f->root, JUMP_ACCEPT, JUMP_REJECT, &f->start);
	return ret ? ret : find_calls(f, err);
}

int filter__new(const char *text, const struct schemas *schemas, struct filter **ret,
		struct error *err)
{
	__cleanup(filter) struct filter *f = calloc(1, sizeof(*f));
	size_t size = strlen(text);
	int code;

	if (size > FILTER_MAX_SIZE)
		return error__set(err, -E2BIG,
				  "the filter has %zu bytes; more than %d are not taken", size,
				  FILTER_MAX_SIZE);
	if (!f)
		return error__set(err, -ENOMEM, "no memory for the filter");
	f->schemas = schemas;
	f->size = size;
	f->text = strdup(text);
	f->strings = malloc(size + 1);
	f->constants = filter__more((void **)&f->constants, 0, &f->constant_capacity,
				    sizeof(*f->constants));
	code = f->text && f->strings && f->constants ? build(f, err) : -ENOMEM;
	if (code)
		return error__set(err, code, "no memory for the filter");
	*ret = take_ptr(f);
	return 0;
}

bool filter__may_match(const struct filter *f, unsigned int event)
{
	return event < f->schemas->count && f->calls[event / 64] >> (event % 64) & 1;
}

void filter__calls(const struct filter *f, uint64_t *bits)
{
	memcpy(bits, f->calls, filter__words(f) * sizeof(*bits));
}

/* Of the entry of a call, what the condition asks of this event. */
static bool needs_entry(const struct condition *c, const struct schema *s)
{
	const struct field *fd;

	if (c->argument_of)
		return c->argument_of[s->id] && c->argument_of[s->id]->at_entry;
	if (c->use.def->of != schema__has_descriptor)
		return false;
	fd = schema__descriptor(s);
	return fd && fd->at_entry;
}

unsigned int filter__needs(const struct filter *f)
{
	unsigned int needs = 0;

	for (uint32_t i = 0; i < f->condition_count; i++) {
		const struct condition *c = &f->conditions[i];

		needs |= c->use.def->needs;
		for (unsigned int j = 0; !(needs & NEEDS_ENTRY) && j < f->schemas->count; j++) {
			if (filter__may_match(f, j) && needs_entry(c, f->schemas->list[j]))
				needs |= NEEDS_ENTRY;
		}
		for (uint32_t j = 0; j < c->compare_count; j++) {
			if (c->compares[j].how == COMPARE_TEXT &&
			    c->compares[j].text_of == TEXT_FILE)
				needs |= NEEDS_FILES;
		}
	}
	return needs;
}
