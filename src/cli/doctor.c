/* SPDX-License-Identifier: Apache-2.0 */
/* `sonde doctor`: what works on this machine, what does not and why, and what would help. */
#include "options.h"
#include "../base/buffer.h"
#include "../event/render.h"
#include "../event/select.h"
#include "../kernel/hooks.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const colors[] = {
	[FEATURE_UNKNOWN] = "\033[33m",
	[FEATURE_OK] = "\033[32m",
	[FEATURE_LESSER] = "\033[33m",
	[FEATURE_MISSING] = "\033[31m",
};

struct progress {
	struct timespec start;
	bool terminal;
	bool shown;
};

/*
 * Natively it takes a moment; in an emulator, or on a large machine, it is better to say what it
 * is at.
 */
static void step(void *context, const struct feature_info *next)
{
	struct progress *p = context;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!p->terminal ||
	    (now.tv_sec - p->start.tv_sec) * 1000 + (now.tv_nsec - p->start.tv_nsec) / 1000000 <
		    1000)
		return;
	fprintf(stderr, "\r\033[Ktrying %s ...", next->name);
	p->shown = true;
}

static void title(struct buffer *b, const char *text, bool color)
{
	buffer__printf(b, "%s%s%s\n", color ? "\033[1m" : "", text, color ? "\033[0m" : "");
}

/* How wide the column of names is. */
enum { NARROW = 14, WIDE = 30 };

static void line(struct buffer *b, int width, const char *name, enum feature_state state,
		 const char *text, bool color)
{
	buffer__printf(b, "  %-*s ", width, name);
	buffer__printf(b, "%s%-8s%s ", color ? colors[state] : "", feature_states[state],
		       color ? "\033[0m" : "");
	help__wrap(b, text, width + 12, 79);
	buffer__char(b, '\n');
}

static void feature_line(struct buffer *b, const struct feature_info *info,
			 const struct feature_result *r, bool color)
{
	char text[600];

	if (r->state == FEATURE_OK)
		snprintf(text, sizeof(text), "%s%s%s", info->description, r->value[0] ? ": " : "",
			 r->value);
	else
		snprintf(text, sizeof(text), "%s%s%s%s%s", r->value, r->value[0] ? ", " : "",
			 r->why, r->help[0] ? "; what would help: " : "", r->help);
	line(b, NARROW, info->name, r->state, text, color);
}

/* An event is what its hook is. */
struct event_state {
	const char *hook;
	enum feature_state state;
	char why[200];
	const char *better; /* the hooks that do not serve, a line each; until the next event */
	char key[300];      /* those that fare alike have the same */
};

static struct event_state state_of(const struct schema *s, const struct hooks *hooks)
{
	struct event_state e = {
		.hook = "none", .state = FEATURE_MISSING, .why = "no probe captures it"};
	struct candidate c;

	if (!hooks)
		return e;
	hooks__find(hooks, s, &c);
	e.hook = c.section;
	e.state = c.state.state;
	e.better = c.why;
	memcpy(e.why, c.state.why, sizeof(e.why));
	/* What stands in is another one for each. */
	if (!c.program && e.state == FEATURE_LESSER) {
		e.hook = "none";
		snprintf(e.key, sizeof(e.key), "none");
		return e;
	}
	snprintf(e.key, sizeof(e.key), "%d %.*s %s", e.state, (int)strcspn(e.hook, "/"), e.hook,
		 e.why);
	return e;
}

static bool is_hook(const struct schema *s)
{
	return s->category && !strncmp(s->category, "hooks", 5);
}

static void event_line(struct buffer *b, int width, const struct schema *s,
		       const struct event_state *e, bool color)
{
	char text[300];

	snprintf(text, sizeof(text), "%s%s%s", e->hook, *e->why ? ": " : "", e->why);
	line(b, width, s->name, e->state, text, color);
}

/* Why its better hooks do not serve. */
static void better(struct buffer *b, const char *why)
{
	for (; why && *why; why += *why == '\n') {
		int size = strcspn(why, "\n");
		char text[400];

		snprintf(text, sizeof(text), "not %.*s", size, why);
		buffer__printf(b, "%6s", "");
		help__wrap(b, text, 10, 79);
		buffer__char(b, '\n');
		why += size;
	}
}

/* Hooks inside the kernel, of which there are many, share a line with those that fare alike. */
static void alike(struct buffer *b, const struct schemas *all, unsigned int first,
		  const struct hooks *hooks, bool color)
{
	struct event_state e = state_of(all->list[first], hooks), other;
	struct buffer text = {};

	for (unsigned int i = 0; i < all->count; i++) {
		if (!schema__selectable(all->list[i]) || !is_hook(all->list[i]))
			continue;
		other = state_of(all->list[i], hooks);
		if (strcmp(other.key, e.key))
			continue;
		if (i < first)
			goto out; /* it has its line */
		buffer__printf(&text, "%s%s", text.size ? ", " : "", all->list[i]->name);
	}
	if (!strcmp(e.hook, "none") && e.state == FEATURE_LESSER)
		buffer__text(&text, "; no hook serves them, others stand in: sonde events -v NAME "
				    "says which, and what they lack");
	else
		buffer__printf(&text, "; by %.*s%s%s", (int)strcspn(e.hook, "/"), e.hook,
			       *e.why ? ": " : "", e.why);
	line(b, NARROW, "hooks", e.state, buffer__string(&text), color);
out:
	buffer__free(&text);
}

static void events(struct buffer *b, const struct schemas *all, const struct hooks *hooks,
		   bool verbose, bool color)
{
	enum feature_state worst = FEATURE_OK;
	unsigned int calls = 0;
	char text[300], why[200] = "";

	for (unsigned int i = 0; i < all->count; i++) {
		struct event_state e;

		if (!schema__selectable(all->list[i]))
			continue;
		e = state_of(all->list[i], hooks);
		if (all->list[i]->flags & SCHEMA_CALL) {
			calls++;
			if (e.state != FEATURE_OK) {
				worst = e.state;
				memcpy(why, e.why, sizeof(why));
			}
		} else if (verbose && e.state == FEATURE_MISSING && e.better) {
			line(b, WIDE, all->list[i]->name, e.state, "no hook serves it", color);
			better(b, e.better);
		} else if (verbose) {
			event_line(b, WIDE, all->list[i], &e, color);
			better(b, e.better);
		} else if (is_hook(all->list[i])) {
			alike(b, all, i, hooks, color);
		} else {
			event_line(b, NARROW, all->list[i], &e, color);
		}
	}
	snprintf(text, sizeof(text),
		 "%u of them, by tp_btf/sys_exit; what io_uring does with --io-uring%s%s", calls,
		 *why ? "; " : "", why);
	line(b, verbose ? WIDE : NARROW, "system calls", worst, text, color);
}

/* What the verifier said of each program that it refused. */
static void refusals(struct buffer *b, const struct hooks *hooks, bool color)
{
	const char *program, *why, *log;

	for (unsigned int i = 0; (program = hooks__refused(hooks, i, &why, &log)); i++) {
		if (!i)
			title(b, "Refused programs", color);
		buffer__printf(b, "  %s\n", program);
		for (const char *at = log && *log ? log : why; *at; at += *at == '\n') {
			int size = strcspn(at, "\n");

			buffer__printf(b, "    %.*s\n", size, at);
			at += size;
		}
	}
}

static void json_pair(struct buffer *b, const char *before, const char *name, const char *text)
{
	buffer__printf(b, "%s\"%s\":", before, name);
	render__json_string(b, text, strlen(text));
}

static void json_refusals(struct buffer *b, const struct hooks *hooks)
{
	const char *program, *why, *log;

	buffer__text(b, ",\"refused\":[");
	for (unsigned int i = 0; (program = hooks__refused(hooks, i, &why, &log)); i++) {
		json_pair(b, i ? ",{" : "{", "program", program);
		json_pair(b, ",", "why", why);
		json_pair(b, ",", "log", log ? log : "");
		buffer__char(b, '}');
	}
	buffer__char(b, ']');
}

static void print_json(struct buffer *b, const struct features *f, const struct schemas *all,
		       const struct hooks *hooks, bool verbose, const char *verdict)
{
	json_pair(b, "{", "verdict", verdict);
	buffer__text(b, ",\"features\":[");
	for (unsigned int i = 0; i < FEATURES; i++) {
		const struct feature_result *r = &f->list[i];

		json_pair(b, i ? ",{" : "{", "name", feature_infos[i].name);
		json_pair(b, ",", "group", feature_groups[feature_infos[i].group]);
		json_pair(b, ",", "description", feature_infos[i].description);
		buffer__printf(b, ",\"required\":%s", feature_infos[i].required ? "true" : "false");
		json_pair(b, ",", "state", feature_states[r->state]);
		json_pair(b, ",", "value", r->value);
		json_pair(b, ",", "why", r->why);
		json_pair(b, ",", "help", r->help);
		buffer__char(b, '}');
	}
	buffer__text(b, "],\"events\":[");
	for (unsigned int i = 0; i < all->count; i++) {
		struct event_state e;

		if (!schema__selectable(all->list[i]))
			continue;
		e = state_of(all->list[i], hooks);
		json_pair(b, b->data[b->size - 1] == '[' ? "{" : ",{", "name", all->list[i]->name);
		json_pair(b, ",", "hook", e.hook);
		json_pair(b, ",", "state", feature_states[e.state]);
		json_pair(b, ",", "why", e.why);
		buffer__char(b, '}');
	}
	buffer__char(b, ']');
	if (verbose)
		json_refusals(b, hooks);
	buffer__text(b, "}\n");
}

int doctor__print(const struct options *o, const struct schemas *all, struct buffer *b)
{
	struct progress progress = {.terminal = isatty(STDERR_FILENO)};
	bool color = color_wanted(o->color, STDOUT_FILENO), some = false;
	struct hooks *hooks = NULL;
	struct error err = {};
	struct features f;
	bool fails = false;
	int status;

	clock_gettime(CLOCK_MONOTONIC, &progress.start);
	features__probe(&f, step, &progress);
	if (progress.shown)
		fprintf(stderr, "\r\033[K");
	if (hooks__new(&f, &hooks, NULL))
		some = true;
	if (o->doctor.verbose && hooks && features__can_trace(&f) && hooks__load(hooks, all, &err))
		fails = true;
	for (unsigned int i = 0; i < FEATURES; i++)
		some |= f.list[i].state != FEATURE_OK;
	for (unsigned int i = 0; i < all->count; i++)
		some |= schema__selectable(all->list[i]) &&
			state_of(all->list[i], hooks).state != FEATURE_OK;
	status = fails || !features__can_trace(&f) ? 2 : some ? 1 : 0;
	if (o->doctor.json) {
		print_json(b, &f, all, hooks, o->doctor.verbose && hooks,
			   status == 2   ? "none"
			   : status == 1 ? "some"
					 : "all");
		hooks__free(hooks);
		return status;
	}
	for (enum feature_group g = 0; g < FEATURE_GROUPS; g++) {
		title(b, feature_groups[g], color);
		for (unsigned int i = 0; i < FEATURES; i++) {
			if (feature_infos[i].group == g)
				feature_line(b, &feature_infos[i], &f.list[i], color);
		}
	}
	title(b, "Events", color);
	events(b, all, hooks, o->doctor.verbose, color);
	if (o->doctor.verbose && hooks)
		refusals(b, hooks, color);
	if (fails)
		buffer__printf(b, "\n%s\n", err.text);
	buffer__printf(b, "\n%s\n",
		       status == 2   ? "sonde cannot trace here."
		       : status == 1 ? "sonde can trace here. What is not ok above it does without."
				     : "sonde can trace here, by every means.");
	hooks__free(hooks);
	return status;
}
