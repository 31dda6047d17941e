// SPDX-License-Identifier: Apache-2.0
/* What does the filter's text say? Builds the tree; after an error it goes on at the next `and`,
 * `or` or `)`. */
#include "lex.h"
#include "../base/suggest.h"

#include <errno.h>

const char *const op_names[OPS] = {
	[OP_EQ] = "=",
	[OP_NE] = "!=",
	[OP_LT] = "<",
	[OP_LE] = "<=",
	[OP_GT] = ">",
	[OP_GE] = ">=",
	[OP_IN] = "in",
	[OP_INTERSECTS] = "intersects",
	[OP_CONTAINS] = "contains",
	[OP_ICONTAINS] = "icontains",
	[OP_BCONTAINS] = "bcontains",
	[OP_STARTSWITH] = "startswith",
	[OP_BSTARTSWITH] = "bstartswith",
	[OP_ENDSWITH] = "endswith",
	[OP_GLOB] = "glob",
	[OP_IGLOB] = "iglob",
	[OP_PMATCH] = "pmatch",
	[OP_EXISTS] = "exists",
	[OP_TRUE] = "",
};

void *filter__more(void **list, uint32_t count, uint32_t *capacity, size_t size)
{
	if (count == *capacity) {
		uint32_t more = *capacity ? *capacity * 2 : 16;
		void *grown = reallocarray(*list, more, size);

		if (!grown)
			return NULL;
		*list = grown;
		*capacity = more;
	}
	return memset((char *)*list + (size_t)count * size, 0, size);
}

static uint32_t new_node(struct parser *p, enum node_type type)
{
	struct filter *f = p->filter;
	struct node *n =
		filter__more((void **)&f->nodes, f->node_count, &f->node_capacity, sizeof(*n));

	if (!n) {
		p->no_memory = true;
		return NO_NODE;
	}
	*n = (struct node){.type = type, .first = NO_NODE, .last = NO_NODE, .next = NO_NODE};
	return f->node_count++;
}

static void append(struct filter *f, uint32_t parent, uint32_t child)
{
	struct node *n = &f->nodes[parent];

	if (n->last == NO_NODE)
		n->first = child;
	else
		f->nodes[n->last].next = child;
	n->last = child;
}

/* One constant, quoted or bare. False: an error was noted. */
static bool parse_constant(struct parser *p)
{
	struct filter *f = p->filter;
	struct constant *c = filter__more((void **)&f->constants, f->constant_count,
					  &f->constant_capacity, sizeof(*c));

	if (!c) {
		p->no_memory = true;
		return false;
	}
	if (!lex__value(p, c))
		return false;
	f->constant_count++;
	return true;
}

static bool parse_list(struct parser *p, struct condition *c)
{
	uint32_t open;

	lex__blank(p);
	open = p->at;
	if (!lex__char(p, '(')) {
		problems__add(p->problems, lex__here(p), "%s takes a list: %s (a, b)",
			      op_names[c->op], op_names[c->op]);
		return false;
	}
	if (lex__char(p, ')'))
		return true;
	for (;;) {
		if (!parse_constant(p))
			return false;
		if (lex__char(p, ')'))
			return true;
		if (lex__char(p, ','))
			continue;
		if (lex__end(p))
			problems__add(p->problems, (struct span){open, 1}, "this list has no )");
		else
			problems__add(p->problems, lex__here(p),
				      "a list's values are separated by commas");
		return false;
	}
}

static const char operators[] =
	"= != < <= > >= in contains icontains startswith endswith glob iglob pmatch "
	"intersects exists";

/* The operator behind a field; false: an error was noted. A field alone gets OP_TRUE. */
static bool parse_operator(struct parser *p, struct condition *c)
{
	struct suggest s;
	struct span span;

	if (lex__end(p) || lex__peek(p) == ')' || lex__is_word(p, "and") || lex__is_word(p, "or")) {
		c->op = OP_TRUE;
		c->op_at = c->field;
		return true;
	}
	span = lex__operator(p);
	c->op_at = span;
	if (span.size == 2 && !memcmp(p->text + span.at, "==", 2)) {
		c->op = OP_EQ;
		return true;
	}
	suggest__start(&s, p->text + span.at, span.size);
	for (unsigned int op = 0; op < OPS; op++) {
		if (op == OP_TRUE)
			continue;
		if (strlen(op_names[op]) == span.size &&
		    !memcmp(op_names[op], p->text + span.at, span.size)) {
			c->op = op;
			return true;
		}
		if (op >= OP_IN)
			suggest__offer(&s, op_names[op]);
	}
	if (p->text[span.at] == '(')
		p->at = span.at; /* to be skipped with its ) */
	if (s.best)
		problems__add(p->problems, span, "there is no operator %.*s; did you mean %s?",
			      (int)min(span.size, 40u), p->text + span.at, s.best);
	else if (p->text[span.at] == '(')
		problems__add(p->problems, c->field,
			      "filters have no functions: here a field is expected");
	else
		problems__add(p->problems, span, "here an operator is expected: %s", operators);
	return false;
}

static uint32_t parse_condition(struct parser *p)
{
	struct filter *f = p->filter;
	uint32_t node = new_node(p, NODE_CONDITION), index = f->condition_count, start;
	struct condition *c;
	bool ok;

	c = filter__more((void **)&f->conditions, f->condition_count, &f->condition_capacity,
			 sizeof(*c));
	if (node == NO_NODE || !c) {
		p->no_memory = true;
		return node;
	}
	start = p->at;
	c->field = lex__field(p);
	if (!c->field.size) {
		problems__add(p->problems, lex__here(p),
			      lex__end(p) ? "a condition is missing at the end"
					  : "here a condition is expected, such as proc.name=cat");
		goto error;
	}
	if (!parse_operator(p, c))
		goto error;
	c->first_constant = f->constant_count;
	if (op_takes_list(c->op))
		ok = parse_list(p, c);
	else
		ok = c->op == OP_EXISTS || c->op == OP_TRUE || parse_constant(p);
	if (!ok && op_takes_list(c->op)) {
		lex__skip_to_next(p);
		lex__char(p, ')'); /* the list's own */
	}
	if (!ok)
		goto error;
	c->constant_count = f->constant_count - c->first_constant;
	c->whole = (struct span){start, p->last_end - start};
	f->nodes[node].condition = index;
	f->nodes[node].span = c->whole;
	f->condition_count++;
	return node;
error:
	lex__skip_to_next(p);
	f->nodes[node].type = NODE_ERROR;
	return node;
}

static uint32_t parse_or(struct parser *p);

static uint32_t parse_group(struct parser *p)
{
	uint32_t open = p->at, node;

	lex__char(p, '(');
	if (++p->depth > FILTER_MAX_DEPTH) {
		problems__add(p->problems, (struct span){open, 1},
			      "more than %u parentheses within each other", FILTER_MAX_DEPTH);
		p->at = p->size; /* what follows would only be misread */
		p->gave_up = true;
		return new_node(p, NODE_ERROR);
	}
	node = parse_or(p);
	p->depth--;
	if (!lex__char(p, ')') && !p->gave_up)
		problems__add(p->problems, (struct span){open, 1}, "this ( has no )");
	if (node != NO_NODE)
		p->filter->nodes[node].span = (struct span){open, p->last_end - open};
	return node;
}

static uint32_t parse_not(struct parser *p)
{
	bool negated = false;
	uint32_t child, node, start;

	lex__blank(p);
	start = p->at;
	while (lex__word(p, "not"))
		negated = !negated;
	lex__blank(p);
	if (!lex__end(p) && lex__peek(p) == '(')
		child = parse_group(p);
	else
		child = parse_condition(p);
	if (!negated || child == NO_NODE)
		return child;
	node = new_node(p, NODE_NOT);
	if (node != NO_NODE) {
		append(p->filter, node, child);
		p->filter->nodes[node].span = (struct span){start, p->last_end - start};
	}
	return node;
}

/* One child or several: `a and b and c` is one node, so that long chains do not nest. */
static uint32_t parse_chain(struct parser *p, enum node_type type, const char *word,
			    uint32_t (*parse)(struct parser *))
{
	uint32_t node = NO_NODE, child, more, start;

	lex__blank(p);
	start = p->at;
	child = parse(p);
	while (!p->no_memory && lex__word(p, word)) {
		more = parse(p);
		if (node == NO_NODE) {
			node = new_node(p, type);
			if (node == NO_NODE || child == NO_NODE)
				return NO_NODE;
			append(p->filter, node, child);
		}
		if (more == NO_NODE)
			return NO_NODE;
		append(p->filter, node, more);
		p->filter->nodes[node].span = (struct span){start, p->last_end - start};
	}
	return node == NO_NODE ? child : node;
}

static uint32_t parse_and(struct parser *p)
{
	uint32_t node = parse_chain(p, NODE_AND, "and", parse_not);

	/* What stands behind a complete condition. */
	while (!p->no_memory && !lex__end(p) && lex__peek(p) != ')' && !lex__is_word(p, "or")) {
		problems__add(p->problems, lex__here(p),
			      "here `and`, `or` or the end is expected%s",
			      lex__peek(p) == '&' || lex__peek(p) == '|' ? ", not C's operators"
			      : lex__peek(p) == ',' ? "; a list stands in parentheses behind `in`"
						    : "");
		lex__skip_to_next(p);
		if (lex__word(p, "and"))
			parse_chain(p, NODE_AND, "and", parse_not);
	}
	return node;
}

static uint32_t parse_or(struct parser *p)
{
	return parse_chain(p, NODE_OR, "or", parse_and);
}

int filter__parse(struct filter *f, struct problems *problems)
{
	struct parser p = {.filter = f, .problems = problems, .text = f->text, .size = f->size};

	if (lex__end(&p)) {
		problems__add(problems, (struct span){0, 0}, "the filter is empty");
		return 0;
	}
	f->root = parse_or(&p);
	while (!p.no_memory && !lex__end(&p)) {
		problems__add(problems, lex__here(&p), "this ) has no (");
		lex__char(&p, ')');
		if (lex__word(&p, "and") || lex__word(&p, "or"))
			parse_or(&p);
		else
			lex__skip_to_next(&p);
	}
	return p.no_memory ? -ENOMEM : 0;
}
