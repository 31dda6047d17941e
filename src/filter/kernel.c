// SPDX-License-Identifier: Apache-2.0
/*
 * What can the kernel decide? For each event the filter is reduced to clauses over numbers of the
 * finished record: all must hold, in each one of its alternatives. What does not fit that form is
 * left to user space.
 */
#include "kernel.h"

#include <stddef.h>

static enum verdict condition__verdict(const struct filter *f, const struct condition *c,
				       unsigned int event)
{
	const struct schema *s = f->schemas->list[event];

	if (c->events)
		return c->events[event / 64] >> (event % 64) & 1 ? VERDICT_YES : VERDICT_NO;
	if (c->argument_of) {
		if (c->compare_of[event] == NO_COMPARE)
			return VERDICT_NO;
		if (c->compares[c->compare_of[event]].how == COMPARE_NEVER && !s->variants)
			return VERDICT_NO;
		return VERDICT_PERHAPS;
	}
	return field_use__of(&c->use, s) ? VERDICT_PERHAPS : VERDICT_NO;
}

enum verdict node__verdict(const struct filter *f, uint32_t node, unsigned int event)
{
	const struct node *n = &f->nodes[node];
	enum verdict all = n->type == NODE_AND ? VERDICT_YES : VERDICT_NO, one;

	if (n->type == NODE_CONDITION)
		return condition__verdict(f, &f->conditions[n->condition], event);
	if (n->type == NODE_NOT) {
		one = node__verdict(f, n->first, event);
		return one == VERDICT_PERHAPS ? one : one == VERDICT_YES ? VERDICT_NO : VERDICT_YES;
	}
	for (uint32_t child = n->first; child != NO_NODE; child = f->nodes[child].next) {
		one = node__verdict(f, child, event);
		if (one == VERDICT_PERHAPS)
			all = one;
		else if (one == (n->type == NODE_AND ? VERDICT_NO : VERDICT_YES))
			return one;
	}
	return all;
}

/* At the exit of some calls the arguments are not what they were. */
static bool loses_registers(const struct schema *s)
{
	for (unsigned int i = 0; i < s->count; i++) {
		if (s->fields[i].at_entry && s->fields[i].direction == FIELD_IN)
			return true;
	}
	return false;
}

/* Where in the record the number lies that a condition asks for; false when the kernel does not
 * have it. */
static bool locate(const struct filter *f, const struct condition *c, unsigned int event,
		   struct filter_term *t)
{
	const struct schema *s = f->schemas->list[event];
	bool returns = s->flags & SCHEMA_RESULT && !(s->flags & SCHEMA_NO_RETURN);
	const char *name = c->use.def->field.name;
	unsigned int size;

	*t = (struct filter_term){.mask = ~0ull};
	if (c->argument_of) {
		const struct field *field = c->argument_of[event];
		bool result = is_result(s, field);

		/* Names are compared where the number is not what counts; after execve the
		 * registers are gone. */
		if (kinds[field->kind].class > CLASS_SIGNED || kind__is_float(field->kind) ||
		    (result ? !returns : loses_registers(s)))
			return false;
		for (const struct variant *v = s->variants; v && v->argument; v++) {
			if (&s->fields[v->target] == field)
				return false;
		}
		size = result ? field->size
			      : min((unsigned int)field->size,
				    (unsigned int)kinds[field->kind].size);
		if (size != 1 && size != 2 && size != 4 && size != 8)
			return false;
		t->offset = sizeof(struct sonde_record) + field->offset;
		t->size = size;
		t->is_signed = result || kinds[field->kind].class == CLASS_SIGNED;
		return true;
	}
	if (!strcmp(name, "evt.latency")) {
		t->offset = sizeof(struct sonde_record) + s->fixed;
		t->size = 8;
		return true;
	}
	if (c->use.def->means == MEANS_RESULT || !strcmp(name, "evt.rawres") ||
	    !strcmp(name, "evt.failed")) {
		t->offset = sizeof(struct sonde_record);
		t->size = 8;
		t->is_signed = true;
		return returns;
	}
	/* Only of calls it is certain that `current` is the subject. */
	if (!(s->flags & SCHEMA_CALL))
		return false;
	if (!strcmp(name, "proc.pid"))
		t->offset = offsetof(struct sonde_record, pid);
	else if (!strcmp(name, "thread.tid"))
		t->offset = offsetof(struct sonde_record, tid);
	else
		return false;
	t->size = 4;
	t->is_signed = true;
	return true;
}

struct alternatives {
	struct filter_term list[FILTER_MAX_TERMS];
	unsigned int count;
	bool all; /* all must hold, not one */
};

static bool alternatives__add(struct alternatives *a, struct filter_term t, enum filter_op op,
			      uint64_t value)
{
	if (a->count == FILTER_MAX_TERMS)
		return false;
	t.op = op;
	t.value = value;
	a->list[a->count++] = t;
	return true;
}

static const enum filter_op ops[] = {[OP_EQ] = FILTER_EQ, [OP_NE] = FILTER_NE, [OP_LT] = FILTER_LT,
				     [OP_LE] = FILTER_LE, [OP_GT] = FILTER_GT, [OP_GE] = FILTER_GE};
static const enum filter_op contrary[] = {
	[FILTER_EQ] = FILTER_NE, [FILTER_NE] = FILTER_EQ, [FILTER_LT] = FILTER_GE,
	[FILTER_LE] = FILTER_GT, [FILTER_GT] = FILTER_LE, [FILTER_GE] = FILTER_LT};

/* The first error as an unsigned number: errors are the uppermost of all. */
#define FIRST_ERROR ((uint64_t)-4095)

/* evt.failed and evt.res: an errno in place of the number that the record has; 0 for all that is no
 * error. */
static bool error_term(struct alternatives *a, struct filter_term t, uint64_t error, bool negated)
{
	if (error) {
		/* -errno needs no test whether it is an error. */
		return alternatives__add(a, t, negated ? FILTER_NE : FILTER_EQ, -error);
	}
	t.is_signed = false;
	return alternatives__add(a, t, negated ? FILTER_GE : FILTER_LT, FIRST_ERROR);
}

static bool result_terms(const struct condition *c, const struct compare *cmp, bool negated,
			 struct filter_term t, struct alternatives *a)
{
	bool is_failed = c->use.def->means != MEANS_RESULT;

	if (cmp->how != COMPARE_NUMBER ||
	    (cmp->op != OP_EQ && cmp->op != OP_NE && cmp->op != OP_IN))
		return false;
	negated ^= cmp->op == OP_NE;
	a->all = negated;
	for (uint32_t i = 0; i < cmp->count; i++) {
		/* evt.failed=true is: not without error. */
		bool not_success = is_failed && cmp->numbers[i];

		if (is_failed && cmp->numbers[i] > 1)
			return false;
		if (!error_term(a, t, is_failed ? 0 : cmp->numbers[i], negated != not_success))
			return false;
	}
	return true;
}

/* Calls whose entry was not seen have no latency: a comparison with it is false, and its contrary
 * true. */
static bool latency_terms(const struct compare *cmp, bool negated, struct filter_term t,
			  struct alternatives *a)
{
	struct filter_term has = {.offset = offsetof(struct sonde_record, flags),
				  .size = 2,
				  .mask = SONDE_RECORD_LATENCY};

	if (cmp->how != COMPARE_NUMBER || cmp->op == OP_IN)
		return false;
	a->all = !negated;
	return alternatives__add(a, has, negated ? FILTER_EQ : FILTER_NE, 0) &&
	       alternatives__add(a, t, negated ? contrary[ops[cmp->op]] : ops[cmp->op],
				 cmp->numbers[0]);
}

/* The condition, or its contrary, as terms. False: the kernel cannot decide it. */
static bool condition_terms(const struct filter *f, const struct condition *c, unsigned int event,
			    bool negated, struct alternatives *a)
{
	const struct compare *cmp = &c->compares[c->argument_of ? c->compare_of[event] : 0];
	struct filter_term t;

	a->count = 0;
	a->all = negated;
	if (c->events || !locate(f, c, event, &t))
		return false;
	if (c->use.def->means == MEANS_RESULT || !strcmp(c->use.def->field.name, "evt.failed"))
		return result_terms(c, cmp, negated, t, a);
	if (t.offset == sizeof(struct sonde_record) + f->schemas->list[event]->fixed)
		return latency_terms(cmp, negated, t, a);
	if (cmp->how == COMPARE_BITS) {
		for (uint32_t i = 0; i < cmp->count; i++) {
			t.is_signed = false;
			t.mask = cmp->bits[i].mask;
			if (!alternatives__add(a, t, negated ? FILTER_NE : FILTER_EQ,
					       cmp->bits[i].number))
				return false;
		}
		return true;
	}
	if (cmp->how != COMPARE_NUMBER)
		return false;
	for (uint32_t i = 0; i < cmp->count; i++) {
		enum filter_op op = cmp->op == OP_IN ? FILTER_EQ : ops[cmp->op];

		if (!alternatives__add(a, t, negated ? contrary[op] : op, cmp->numbers[i]))
			return false;
	}
	return true;
}

static bool add_term(struct filter_terms *terms, const struct filter_term *t)
{
	if (terms->count == FILTER_MAX_TERMS)
		return false;
	terms->list[terms->count++] = *t;
	return true;
}

/* Verdict on a node, or on its contrary. */
static enum verdict verdict_of(const struct filter *f, uint32_t node, unsigned int event,
			       bool negated)
{
	enum verdict v = node__verdict(f, node, event);

	return v == VERDICT_PERHAPS || !negated ? v : v == VERDICT_YES ? VERDICT_NO : VERDICT_YES;
}

/*
 * Appends a node's alternatives to the open clause. False: it has one that the kernel cannot
 * decide, so that the clause is worth nothing. `exact` is cleared where the alternatives let more
 * pass than the node does.
 */
static bool append_alternatives(const struct filter *f, uint32_t node, unsigned int event,
				bool negated, struct filter_terms *terms, bool *exact)
{
	const struct node *n = &f->nodes[node];
	bool conjunction = (n->type == NODE_AND) != negated, found = false;
	unsigned int uncertain = 0, before;
	struct alternatives a;

	if (verdict_of(f, node, event, negated) == VERDICT_NO)
		return true;
	if (n->type == NODE_NOT)
		return append_alternatives(f, n->first, event, !negated, terms, exact);
	if (n->type == NODE_CONDITION) {
		if (!condition_terms(f, &f->conditions[n->condition], event, negated, &a) ||
		    !a.count)
			return false;
		/* Of several that must all hold, one is a necessary condition. */
		if (a.all && a.count > 1) {
			a.count = 1;
			*exact = false;
		}
		for (unsigned int i = 0; i < a.count; i++) {
			if (!add_term(terms, &a.list[i]))
				return false;
		}
		return true;
	}
	for (uint32_t child = n->first; child != NO_NODE; child = f->nodes[child].next) {
		if (conjunction && verdict_of(f, child, event, negated) == VERDICT_YES)
			continue;
		uncertain++;
		if (found)
			continue;
		before = terms->count;
		if (append_alternatives(f, child, event, negated, terms, exact)) {
			found = conjunction;
		} else if (conjunction) {
			terms->count = before;
		} else {
			return false;
		}
	}
	/* Of a conjunction one that can be decided is a necessary condition, and all of it where
	 * the others are certain. */
	if (conjunction && uncertain > 1)
		*exact = false;
	return found || !conjunction;
}

static void note(struct split *split, uint32_t node, bool negated, bool exact)
{
	struct part *list = exact ? split->kernel : split->user;
	unsigned int *count = exact ? &split->kernel_count : &split->user_count;

	if (*count < SPLIT_PARTS)
		list[(*count)++] = (struct part){node, negated};
}

/* Of a disjunction the only alternative that this event leaves open, or NO_NODE. */
static uint32_t only_alternative(const struct filter *f, uint32_t node, unsigned int event)
{
	uint32_t only = NO_NODE;

	for (uint32_t child = f->nodes[node].first; child != NO_NODE;
	     child = f->nodes[child].next) {
		if (node__verdict(f, child, event) != VERDICT_PERHAPS)
			continue;
		if (only != NO_NODE)
			return NO_NODE;
		only = child;
	}
	return only;
}

/* A node that must hold, or with `negated` must not: each of its conjuncts becomes a clause where
 * that can be. */
static void split_node(const struct filter *f, uint32_t node, unsigned int event, bool negated,
		       struct filter_terms *terms, struct split *split)
{
	const struct node *n = &f->nodes[node];
	unsigned int before = terms->count;
	bool exact = true;
	struct alternatives a;

	if (verdict_of(f, node, event, negated) == VERDICT_YES)
		return;
	if (n->type == NODE_NOT) {
		split_node(f, n->first, event, !negated, terms, split);
		return;
	}
	if ((n->type == NODE_AND && !negated) || (n->type == NODE_OR && negated)) {
		for (uint32_t child = n->first; child != NO_NODE; child = f->nodes[child].next)
			split_node(f, child, event, negated, terms, split);
		return;
	}
	if (n->type != NODE_CONDITION) {
		uint32_t only = only_alternative(f, node, event);

		if (only != NO_NODE) {
			split_node(f, only, event, negated, terms, split);
			return;
		}
	}
	if (n->type == NODE_CONDITION &&
	    condition_terms(f, &f->conditions[n->condition], event, negated, &a) && a.all &&
	    a.count > 1 && terms->count + a.count <= FILTER_MAX_TERMS) {
		for (unsigned int i = 0; i < a.count; i++) {
			a.list[i].last = true;
			add_term(terms, &a.list[i]);
		}
	} else if (append_alternatives(f, node, event, negated, terms, &exact) &&
		   terms->count > before) {
		terms->list[terms->count - 1].last = true;
	} else {
		terms->count = before;
		exact = false;
	}
	terms->exact &= exact;
	note(split, node, negated, exact);
	if (!exact && terms->count > before && split->weak_count < SPLIT_PARTS)
		split->weak[split->weak_count++] = (struct part){node, negated};
}

void filter__split(const struct filter *f, unsigned int event, struct filter_terms *terms,
		   struct split *split)
{
	terms->count = 0;
	terms->exact = true;
	memset(split, 0, sizeof(*split));
	if (filter__may_match(f, event))
		split_node(f, f->root, event, false, terms, split);
}

void filter__kernel_terms(const struct filter *f, unsigned int event, struct filter_terms *terms)
{
	struct split split;

	filter__split(f, event, terms, &split);
}

static bool term_holds(const struct filter_term *t, const struct sonde_record *record)
{
	uint64_t n = 0;

	memcpy(&n, (const char *)record + t->offset, t->size);
	if (t->is_signed && t->size < 8)
		n = (int64_t)(n << (64 - t->size * 8)) >> (64 - t->size * 8);
	n &= t->mask;
	switch (t->op) {
	case FILTER_EQ:
		return n == t->value;
	case FILTER_NE:
		return n != t->value;
	case FILTER_LT:
		return t->is_signed ? (int64_t)n < (int64_t)t->value : n < t->value;
	case FILTER_LE:
		return t->is_signed ? (int64_t)n <= (int64_t)t->value : n <= t->value;
	case FILTER_GT:
		return t->is_signed ? (int64_t)n > (int64_t)t->value : n > t->value;
	default:
		return t->is_signed ? (int64_t)n >= (int64_t)t->value : n >= t->value;
	}
}

bool filter_terms__hold(const struct filter_terms *terms, const struct sonde_record *record)
{
	bool any = false;

	for (unsigned int i = 0; i < terms->count; i++) {
		any = any || term_holds(&terms->list[i], record);
		if (terms->list[i].last) {
			if (!any)
				return false;
			any = false;
		}
	}
	return true;
}
