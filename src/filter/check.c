// SPDX-License-Identifier: Apache-2.0
/* Does a condition make sense for the events of this run? If not: why, and what was probably meant.
 */
#include "node.h"
#include "../base/suggest.h"

#include <errno.h>

static bool is_event(const struct schema *s)
{
	return s && !(s->flags & SCHEMA_INTRO);
}

/* The field's name as it was written, cut to what a message can hold. */
#define NAME(f, c) (int)min((c)->field.size, 60u), (f)->text + (c)->field.at

/* The field of a group, for a word that names none: pid is proc.pid. */
static const char *within_a_group(const char *name)
{
	static const char *const same[][2] = {{"comm", "proc.name"}, {"uid", "user.uid"}};

	for (unsigned int i = 0; i < ARRAY_SIZE(same); i++) {
		if (!strcmp(name, same[i][0]))
			return same[i][1];
	}
	for (unsigned int i = 0; i < field_def_count; i++) {
		const char *dot = strrchr(field_defs[i].field.name, '.');

		if (dot && !strcmp(dot + 1, name))
			return field_defs[i].field.name;
	}
	return NULL;
}

static void unknown_field(struct filter *f, struct condition *c, const char *name,
			  struct problems *p)
{
	const char *why = field__missing(name);
	struct suggest s;

	suggest__start(&s, name, strcspn(name, "["));
	for (unsigned int i = 0; i < field_def_count; i++) {
		if (field_defs[i].takes == TAKES_ARGUMENT)
			continue;
		suggest__offer(&s, field_defs[i].field.name);
		if (field_defs[i].field.alias)
			suggest__offer(&s, field_defs[i].field.alias);
	}
	if (within_a_group(name))
		s.best = within_a_group(name);
	if (why)
		problems__add(p, c->field, "%.*s %s", NAME(f, c), why);
	else if (s.best)
		problems__add(p, c->field, "there is no field %.*s; did you mean %s?", NAME(f, c),
			      s.best);
	else if (schemas__find(f->schemas, name))
		problems__add(p, c->field, "there is no field %.*s; did you mean evt.type=%s?",
			      NAME(f, c), name);
	else
		problems__add(p, c->field, "there is no field %.*s; `sonde help filter` lists them",
			      NAME(f, c));
}

static void wrong_use(struct filter *f, struct condition *c, struct problems *p)
{
	switch (c->use.def->takes) {
	case TAKES_ARGUMENT:
		problems__add(
			p, c->field,
			"which argument? evt.arg.flags by its name, or evt.arg[0] by its place");
		break;
	case TAKES_INDEX:
		problems__add(p, c->field, "%s takes a generation in brackets: %s[2]",
			      c->use.def->field.name, c->use.def->field.name);
		break;
	case TAKES_KEY:
		problems__add(p, c->field, "%s takes a name in brackets: %s[HOME]",
			      c->use.def->field.name, c->use.def->field.name);
		break;
	default:
		problems__add(p, c->field, "%s takes nothing in brackets", c->use.def->field.name);
	}
}

static void misfit_operator(struct condition *c, const struct field *field, struct problems *p)
{
	struct buffer takes = {};

	compare__operators(&c->use, field, &takes);
	if (c->op == OP_TRUE)
		problems__add(p, c->field,
			      "this is %s: only what is true or false stands alone. It takes %s",
			      compare__sort(&c->use, field), buffer__string(&takes));
	else
		problems__add(p, c->op_at, "%s does not fit %s. It takes %s", op_names[c->op],
			      compare__sort(&c->use, field), buffer__string(&takes));
	buffer__free(&takes);
}

static void offer_constants(struct suggest *s, const struct field *field)
{
	const char *name;
	uint64_t number;

	for (unsigned int i = 0; (name = field__constant_name(field, i, &number)); i++)
		suggest__offer(s, name);
}

/* Of names joined by |, the one that is unknown; or all of the constant. */
static struct span unknown_part(const struct constant *c, const struct field *field,
				const char **text, size_t *size)
{
	const char *end = c->text + c->size, *part = c->text;
	bool bare = c->span.size == c->size;

	while (bare && memchr(c->text, '|', c->size)) {
		const char *bar = memchr(part, '|', end - part);
		char copy[64];
		uint64_t number;

		*size = (bar ? bar : end) - part;
		if (*size >= sizeof(copy))
			break;
		memcpy(copy, part, *size);
		copy[*size] = 0;
		if (constant__number(&(struct constant){.text = copy, .size = *size}, field,
				     &number)) {
			*text = part;
			return (struct span){c->span.at + (part - c->text), max(*size, (size_t)1)};
		}
		if (!bar)
			break;
		part = bar + 1;
	}
	*text = c->text;
	*size = c->size;
	return c->span;
}

/*
 * Says what is wrong with a constant. `fields` are those that it was compared with: one, or an
 * argument's in the events that have it.
 */
static void misfit_constant(struct filter *f, struct condition *c, const struct constant *constant,
			    enum fit fit, const struct field *const *fields, uint32_t count,
			    struct problems *p)
{
	const struct field *field = fields[0];
	struct suggest s;
	struct span span;
	const char *text;
	size_t size;

	if (fit == MISFIT_RANGE) {
		problems__add(p, constant->span, "this is too large for %.*s", NAME(f, c));
		return;
	}
	span = unknown_part(constant, field, &text, &size);
	suggest__start(&s, text, size);
	for (uint32_t i = 0; i < count; i++)
		offer_constants(&s, fields[i]);
	if (c->use.def->means == MEANS_RESULT) {
		static const struct field error = {.name = "errno", .kind = KIND_errno};

		offer_constants(&s, &error);
		suggest__offer(&s, "SUCCESS");
		if (!s.best && size && strspn(text, "0123456789") == size) {
			problems__add(
				p, span,
				"evt.res is SUCCESS or an error's name; the number is evt.rawres");
			return;
		}
	}
	if (s.best)
		problems__add(p, span, "%.*s is not among the values of %.*s; did you mean %s?",
			      (int)min(size, (size_t)40), text, NAME(f, c), s.best);
	else if (field->kind == KIND_ip)
		problems__add(p, span, "this is no IP address or network such as 10.0.0.0/8");
	else if (field->kind == KIND_duration)
		problems__add(p, span, "this is no time such as 10ms; units are ns us ms s m h d");
	else if (kind__is_float(field->kind))
		problems__add(p, span, "this is no number such as 1.5 or -2e9");
	else if (kinds[field->kind].class <= CLASS_SIGNED && !field->values &&
		 field->kind != KIND_bool)
		problems__add(p, span, "this is no number such as 10, 0x10 or 4K");
	else
		problems__add(p, span, "%.*s is not among the values of %.*s",
			      (int)min(size, (size_t)40), text, NAME(f, c));
}

struct compare *condition__compare(const struct condition *c, const struct field *field,
				   bool is_result)
{
	for (uint32_t i = 0; i < c->compare_count; i++) {
		struct compare *cmp = &c->compares[i];

		if (cmp->kind == field->kind && cmp->values == field->values &&
		    cmp->is_result == is_result)
			return cmp;
	}
	return NULL;
}

void condition__free(struct condition *c)
{
	for (uint32_t i = 0; i < c->compare_count; i++)
		free(c->compares[i].memory);
	free(c->compares);
	free(c->compare_of);
	free(c->argument_of);
	free(c->events);
}

/* How the comparisons of one condition fared. */
struct survey {
	uint8_t *best; /* by constant: the least enum fit that it had with any field */
	uint8_t *fits; /* of the comparison at hand */
	enum fit fit;  /* the least of all comparisons */
	const struct field **fields; /* that take the operator */
	uint32_t field_count, field_capacity;
	uint32_t capacity; /* of c->compares */
	const struct field *first;
};

/* Finds or makes the comparison with this field; its index in `ret`. */
static int survey_field(struct filter *f, struct condition *c, struct survey *s,
			const struct field *field, bool is_result, uint16_t *ret)
{
	const struct constant *constants = f->constants + c->first_constant;
	struct compare *cmp = condition__compare(c, field, is_result);
	enum fit fit;
	int err;

	if (cmp) {
		*ret = cmp - c->compares;
		return 0;
	}
	if (c->compare_count == NO_COMPARE)
		return -ENOMEM;
	cmp = filter__more((void **)&c->compares, c->compare_count, &s->capacity, sizeof(*cmp));
	if (!cmp)
		return -ENOMEM;
	*ret = c->compare_count++;
	if (!s->first)
		s->first = field;
	memset(s->fits, FIT, c->constant_count);
	err = compare__make(cmp, &c->use, field, is_result, c->op, constants, c->constant_count,
			    s->fits, &fit);
	if (err)
		return err;
	s->fit = min(s->fit, fit == MISFIT_OPERATOR ? fit : FIT);
	if (fit == MISFIT_OPERATOR)
		return 0;
	for (uint32_t i = 0; i < c->constant_count; i++)
		s->best[i] = min(s->best[i], s->fits[i]);
	if (!filter__more((void **)&s->fields, s->field_count, &s->field_capacity,
			  sizeof(*s->fields)))
		return -ENOMEM;
	s->fields[s->field_count++] = field;
	return 0;
}

static void survey_report(struct filter *f, struct condition *c, struct survey *s,
			  struct problems *p)
{
	if (s->fit == MISFIT_OPERATOR) {
		misfit_operator(c, s->first, p);
		return;
	}
	for (uint32_t i = 0; i < c->constant_count; i++) {
		if (s->best[i] != FIT)
			misfit_constant(f, c, &f->constants[c->first_constant + i], s->best[i],
					s->fields, s->field_count, p);
	}
}

static void unknown_argument(struct filter *f, struct condition *c, struct problems *p)
{
	struct suggest s;

	if (c->use.index >= 0) {
		problems__add(p, c->field, "no event has so many arguments");
		return;
	}
	suggest__start(&s, c->use.argument, strlen(c->use.argument));
	for (unsigned int i = 0; i < f->schemas->count; i++) {
		const struct schema *schema = f->schemas->list[i];

		for (unsigned int j = 0; is_event(schema) && j < schema->count; j++)
			suggest__offer(&s, schema->fields[j].name);
	}
	problems__add(p, c->field, "no event here has an argument %s%s%s%s", c->use.argument,
		      s.best ? "; did you mean evt.arg." : "", s.best ? s.best : "",
		      s.best ? "?" : "");
}

/* The argument's kinds in all events that have it. */
static int check_argument(struct filter *f, struct condition *c, struct survey *s,
			  struct problems *p)
{
	uint16_t unused;
	int err;

	c->compare_of = calloc(f->schemas->count + 1, sizeof(*c->compare_of));
	c->argument_of = calloc(f->schemas->count + 1, sizeof(*c->argument_of));
	if (!c->compare_of || !c->argument_of)
		return -ENOMEM;
	for (unsigned int i = 0; i < f->schemas->count; i++) {
		const struct schema *schema = f->schemas->list[i];
		const struct field *field =
			is_event(schema) ? field_use__argument(&c->use, schema) : NULL;

		c->compare_of[i] = NO_COMPARE;
		if (!field)
			continue;
		c->argument_of[i] = field;
		err = survey_field(f, c, s, field, is_result(schema, field), &c->compare_of[i]);
		if (err)
			return err;
		for (const struct variant *v = schema->variants; v && v->argument; v++) {
			if (!v->field || &schema->fields[v->target] != field)
				continue;
			err = survey_field(f, c, s, v->field, is_result(schema, field), &unused);
			if (err)
				return err;
		}
	}
	if (!c->compare_count)
		unknown_argument(f, c, p);
	return 0;
}

/* The next of a category list such as "file,desc"; false after the last. */
static bool next_category(const char **list, const char **name, size_t *size)
{
	if (!*list || !**list)
		return false;
	*name = *list;
	*size = strcspn(*list, ",");
	*list += *size + ((*list)[*size] == ',');
	return true;
}

static bool find_category(const struct filter *f, const struct constant *c, struct suggest *s)
{
	for (unsigned int i = 0; i < f->schemas->count; i++) {
		const char *list = is_event(f->schemas->list[i]) ? f->schemas->list[i]->category
								 : NULL,
			   *name;
		size_t size;

		while (next_category(&list, &name, &size)) {
			if (size == c->size && !memcmp(name, c->text, size))
				return true;
			suggest__offer_bytes(s, name, size);
		}
	}
	return false;
}

/* Falco's names of events that are no calls. */
static const char *own_name(const char *name)
{
	static const char *const names[][2] = {{"procexit", "exit"}, {"signaldeliver", "signal"}};

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++) {
		if (!strcmp(name, names[i][0]))
			return names[i][1];
	}
	return name;
}

/* Events' names and categories: constants must be among them. An alias becomes the event's own
 * name. */
static void check_names(struct filter *f, struct condition *c, struct problems *p)
{
	bool is_type = c->use.def->means == MEANS_TYPE;

	if (c->op != OP_EQ && c->op != OP_NE && c->op != OP_IN && c->op != OP_INTERSECTS)
		return;
	for (uint32_t i = 0; i < c->constant_count; i++) {
		struct constant *constant = &f->constants[c->first_constant + i];
		const struct schema *found =
			is_type ? schemas__find(f->schemas, own_name(constant->text)) : NULL;
		struct suggest s;

		if (found) {
			constant->text = found->name;
			constant->size = strlen(found->name);
			continue;
		}
		suggest__start(&s, constant->text, constant->size);
		for (unsigned int j = 0; is_type && j < f->schemas->count; j++) {
			if (is_event(f->schemas->list[j]))
				suggest__offer(&s, f->schemas->list[j]->name);
		}
		if (!is_type && find_category(f, constant, &s))
			continue;
		problems__add(p, constant->span, "there is no %s %.40s%s%.*s%s",
			      is_type ? "event" : "category", constant->text,
			      s.best ? "; did you mean " : "", (int)s.best_size,
			      s.best ? s.best : "", s.best ? "?" : "");
	}
}

static bool category_holds(const struct condition *c, const struct event *e)
{
	const char *list = e->schema->category, *name;
	struct value v = {.state = VALUE_OK, .field = &c->use.def->field};
	bool all = c->op == OP_NE;
	size_t size;

	while (next_category(&list, &name, &size)) {
		v.data = name;
		v.size = size;
		if (compare__holds(c->compares, e, &v) != all)
			return !all;
	}
	return all && e->schema->category;
}

/* What depends on nothing but the event is decided once, for each event. */
static int decide_by_event(struct filter *f, struct condition *c)
{
	static const struct sonde_record record;
	struct buffer scratch = {};
	uint64_t *events = calloc(filter__words(f) + 1, sizeof(*events));

	if (!events)
		return -ENOMEM;
	for (unsigned int i = 0; i < f->schemas->count; i++) {
		const struct schema *schema = f->schemas->list[i];
		struct event e = {.record = &record, .schema = schema, .scratch = &scratch};
		struct value v;
		bool holds;

		if (!is_event(schema))
			continue;
		if (c->use.def->means == MEANS_CATEGORY && c->op != OP_EXISTS) {
			holds = category_holds(c, &e);
		} else {
			field_use__value(&c->use, &e, &v);
			holds = v.state != VALUE_NONE && compare__holds(c->compares, &e, &v);
		}
		if (holds)
			events[i / 64] |= 1ull << (i % 64);
	}
	buffer__free(&scratch);
	c->events = events;
	return 0;
}

static int check_use(struct filter *f, struct condition *c, struct problems *p)
{
	char name[128];
	int err;

	if (c->field.size >= sizeof(name)) {
		problems__add(p, c->field, "no field has such a long name");
		return -ENOENT;
	}
	memcpy(name, f->text + c->field.at, c->field.size);
	name[c->field.size] = 0;
	err = field_use__parse(&c->use, name);
	if (err == -ENOENT)
		unknown_field(f, c, name, p);
	else if (err)
		wrong_use(f, c, p);
	return err;
}

/* Bytes given as hexadecimal digits. */
static bool check_hex(struct filter *f, struct condition *c, struct problems *p)
{
	struct constant *constant = &f->constants[c->first_constant];

	if (c->op != OP_BCONTAINS && c->op != OP_BSTARTSWITH)
		return true;
	if (!constant__hex(constant, (char *)constant->text, &constant->size))
		return true;
	problems__add(p, constant->span, "%s takes bytes as hexadecimal digits: 7f454c46",
		      op_names[c->op]);
	return false;
}

int filter__check(struct filter *f, struct condition *c, struct problems *p)
{
	struct survey s = {.fit = MISFIT_OPERATOR};
	unsigned int before = p->count;
	uint16_t index;
	int err = 0;

	if (check_use(f, c, p) || !check_hex(f, c, p))
		return 0;
	if (op_takes_list(c->op) && !c->constant_count) {
		problems__add(p, c->op_at, "an empty list never matches");
		return 0;
	}
	if (c->use.def->means == MEANS_TYPE || c->use.def->means == MEANS_CATEGORY)
		check_names(f, c, p);
	s.best = malloc(c->constant_count + 1);
	s.fits = malloc(c->constant_count + 1);
	if (!s.best || !s.fits)
		err = -ENOMEM;
	else
		memset(s.best, MISFIT_RANGE, c->constant_count + 1);
	if (!err && c->use.def->means == MEANS_ARGUMENT)
		err = check_argument(f, c, &s, p);
	else if (!err)
		err = survey_field(f, c, &s, &c->use.def->field, false, &index);
	if (!err && p->count == before)
		survey_report(f, c, &s, p);
	if (!err && p->count == before && c->use.def->means >= MEANS_EVENT &&
	    c->use.def->means <= MEANS_CATEGORY)
		err = decide_by_event(f, c);
	free(s.best);
	free(s.fits);
	free(s.fields);
	return err;
}
