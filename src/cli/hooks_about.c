/* SPDX-License-Identifier: Apache-2.0 */
/* `sonde hooks -v`: a hook's arguments, its context, and whether and how it can be attached here.
 */
#include "hooks.h"
#include "hooks_facts.h"
#include "../event/render.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 79

static const char *const columns[] = {"ARGUMENT", "TYPE", "OFFSET", "SIZE", "REGISTER", "SHOWN AS"};

struct cells {
	char text[ARRAY_SIZE(columns)][200];
};

static void fill(struct cells *c, const struct hook_argument *a)
{
	*c = (struct cells){};
	snprintf(c->text[0], sizeof(c->text[0]), "%s", a->name);
	snprintf(c->text[1], sizeof(c->text[1]), "%s", a->type);
	if (a->offset >= 0)
		snprintf(c->text[2], sizeof(c->text[2]), "%d", a->offset);
	if (a->size)
		snprintf(c->text[3], sizeof(c->text[3]), "%u", a->size);
	snprintf(c->text[4], sizeof(c->text[4]), "%s", a->place);
	snprintf(c->text[5], sizeof(c->text[5]), "%s",
		 *a->shown  ? a->shown
		 : a->field ? kinds[a->field->kind].name
			    : "");
}

static void put_row(struct buffer *b, const struct cells *c, const int *widths)
{
	buffer__text(b, "   ");
	for (unsigned int i = 0; i < ARRAY_SIZE(columns); i++) {
		size_t start = b->size;

		if (!widths[i])
			continue;
		buffer__char(b, ' ');
		hooks__escaped(b, c->text[i]);
		while (b->size - start < (size_t)widths[i] + 2)
			buffer__char(b, ' ');
	}
	while (b->data && b->data[b->size - 1] == ' ')
		b->size--;
	buffer__char(b, '\n');
}

/* S=0x1 D=0x2, on lines of their own. */
static void put_values(struct buffer *b, const struct values *values)
{
	struct buffer text = {};

	for (unsigned int i = 0; i < values->count; i++) {
		const struct named_value *v = &values->list[i];

		hooks__escaped(&text, v->name);
		buffer__printf(&text, v->mask == v->number ? "=%#llx " : "=%lld ",
			       (unsigned long long)v->number);
	}
	buffer__text(b, "        ");
	help__wrap(b, buffer__string(&text), 8, WIDTH);
	while (b->size && b->data[b->size - 1] == ' ')
		b->size--;
	buffer__char(b, '\n');
	buffer__free(&text);
}

/* A column that is empty throughout is left out. */
static void measure(const struct hook_facts *f, int *widths)
{
	for (unsigned int r = 0; r < f->argument_count; r++) {
		struct cells c;

		fill(&c, &f->arguments[r]);
		for (unsigned int i = 0; i < ARRAY_SIZE(columns); i++)
			if (c.text[i][0])
				widths[i] = max(widths[i],
						(int)max(strlen(c.text[i]), strlen(columns[i])));
	}
}

static void put_arguments(struct buffer *b, const struct hook_facts *f, bool color)
{
	int widths[ARRAY_SIZE(columns)] = {};
	struct cells c = {};

	if (!f->argument_count)
		return;
	measure(f, widths);
	for (unsigned int i = 0; i < ARRAY_SIZE(columns); i++)
		snprintf(c.text[i], sizeof(c.text[i]), "%s", columns[i]);
	buffer__text(b, color ? "\033[2m" : "");
	put_row(b, &c, widths);
	buffer__text(b, color ? "\033[0m" : "");
	for (unsigned int i = 0; i < f->argument_count; i++) {
		const struct field *field = f->arguments[i].field;

		fill(&c, &f->arguments[i]);
		put_row(b, &c, widths);
		if (field && field->values && field->values->count)
			put_values(b, field->values);
	}
}

static const char *said(const struct feature_result *state)
{
	return state->state == FEATURE_OK        ? "works here"
	       : state->state == FEATURE_UNKNOWN ? "unknown"
	       : state->state == FEATURE_LESSER  ? "works here, with less"
						 : "not here";
}

static void put_sections(struct buffer *b, const struct hook_facts *f)
{
	int width = 0;

	for (unsigned int i = 0; i < f->section_count; i++)
		width = max(width, (int)strlen(f->sections[i].name));
	for (unsigned int i = 0; i < f->section_count; i++) {
		const struct feature_result *state = &f->sections[i].state;

		buffer__text(b, "    SEC(\"");
		hooks__escaped(b, f->sections[i].name);
		buffer__printf(b, "\")%*s  %s%s%s\n", (int)(width - strlen(f->sections[i].name)),
			       "", said(state), *state->why ? ": " : "", state->why);
	}
}

void hooks_about__text(struct hooks_about *a, const struct found *h, struct buffer *b, bool color)
{
	struct hook_facts f = {};

	hook_facts__find(&f, a, h);
	buffer__text(b, color ? "\033[1m" : "");
	hooks__escaped(b, h->word);
	buffer__text(b, color ? "\033[0m" : "");
	if (h->detail && *h->detail && h->source != FIND_TRACEPOINT) {
		buffer__text(b, "\n    ");
		hooks__escaped(b, h->detail);
	}
	if (h->sites > 1)
		buffer__printf(b, "\n    at %u places", h->sites);
	buffer__char(b, '\n');
	if (f.traceable) {
		buffer__text(b, "    to trace it: sonde trace -e ");
		shell__quote(b, h->word);
		buffer__char(b, '\n');
	}
	buffer__printf(b, "    for a probe: sonde probe new %s ", f.template);
	shell__quote(b, h->target);
	buffer__char(b, '\n');
	put_sections(b, &f);
	if (f.context) {
		buffer__text(b, "    context: ");
		buffer__text(b, f.context);
		buffer__char(b, '\n');
	}
	if (f.print) {
		buffer__text(b, "    printed as: ");
		hooks__escaped(b, f.print);
		buffer__char(b, '\n');
	}
	put_arguments(b, &f, color);
	buffer__char(b, '\n');
	hook_facts__release(&f);
}

static void json_argument(struct buffer *b, const struct hook_argument *a)
{
	render__json_member(b, "{", "name", a->name);
	render__json_member(b, ",", "type", a->type);
	if (a->offset >= 0)
		buffer__printf(b, ",\"offset\":%d", a->offset);
	if (a->size)
		buffer__printf(b, ",\"size\":%u", a->size);
	render__json_member(b, ",", "register", a->place);
	render__json_member(b, ",", "shown_as", a->field ? kinds[a->field->kind].name : NULL);
	if (a->field && a->field->values) {
		const struct values *values = a->field->values;

		buffer__text(b, ",\"values\":{");
		for (unsigned int i = 0; i < values->count; i++) {
			buffer__text(b, i ? "," : "");
			render__json_string(b, values->list[i].name, strlen(values->list[i].name));
			buffer__printf(b, ":%lld", (long long)values->list[i].number);
		}
		buffer__char(b, '}');
	}
	buffer__char(b, '}');
}

void hooks_about__json(struct hooks_about *a, const struct found *h, struct buffer *b)
{
	struct buffer template = {};
	struct hook_facts f = {};

	hook_facts__find(&f, a, h);
	buffer__printf(b, ",\"traceable\":%s", f.traceable ? "true" : "false");
	buffer__printf(&template, "sonde probe new %s ", f.template);
	shell__quote(&template, h->target);
	render__json_member(b, ",", "template", buffer__string(&template));
	render__json_member(b, ",", "context", f.context);
	render__json_member(b, ",", "print", f.print);
	buffer__text(b, ",\"sections\":[");
	for (unsigned int i = 0; i < f.section_count; i++) {
		render__json_member(b, i ? ",{" : "{", "section", f.sections[i].name);
		render__json_member(b, ",", "state", feature_states[f.sections[i].state.state]);
		render__json_member(b, ",", "why", f.sections[i].state.why);
		buffer__char(b, '}');
	}
	buffer__text(b, "],\"arguments\":[");
	for (unsigned int i = 0; i < f.argument_count; i++) {
		buffer__text(b, i ? "," : "");
		json_argument(b, &f.arguments[i]);
	}
	buffer__char(b, ']');
	buffer__free(&template);
	hook_facts__release(&f);
}
