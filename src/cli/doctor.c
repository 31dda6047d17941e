/* SPDX-License-Identifier: Apache-2.0 */
/* `sonde doctor`: what works on this machine, what does not and why, and what would help. */
#include "options.h"
#include "../base/buffer.h"
#include "../event/out.h"
#include "../event/render.h"
#include "../kernel/features.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const char *const states[] = {
	[FEATURE_UNKNOWN] = "unknown",
	[FEATURE_OK] = "ok",
	[FEATURE_LESSER] = "lesser",
	[FEATURE_MISSING] = "missing",
};

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

/* Natively it takes a moment; in an emulator, or on a large machine, it is better to say what it is at. */
static void step(void *context, const struct feature_info *next)
{
	struct progress *p = context;
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!p->terminal || (now.tv_sec - p->start.tv_sec) * 1000 + (now.tv_nsec - p->start.tv_nsec) / 1000000 < 1000)
		return;
	fprintf(stderr, "\r\033[Ktrying %s ...", next->name);
	p->shown = true;
}

static void line(struct buffer *b, const char *name, enum feature_state state, const char *text, bool color)
{
	buffer__printf(b, "  %-14s %s%-8s%s ", name, color ? colors[state] : "", states[state], color ? "\033[0m" : "");
	help__wrap(b, text, 26, 79);
	buffer__char(b, '\n');
}

static void feature_line(struct buffer *b, const struct feature_info *info, const struct feature_result *r, bool color)
{
	char text[600];

	if (r->state == FEATURE_OK)
		snprintf(text, sizeof(text), "%s%s%s", info->description, r->value[0] ? ": " : "", r->value);
	else
		snprintf(text, sizeof(text), "%s%s%s%s%s", r->value, r->value[0] ? ", " : "", r->why,
			 r->help[0] ? "; what would help: " : "", r->help);
	line(b, info->name, r->state, text, color);
}

static void json_pair(struct buffer *b, const char *before, const char *name, const char *text)
{
	buffer__printf(b, "%s\"%s\":", before, name);
	render__json_string(b, text, strlen(text));
}

static void print_json(struct buffer *b, const struct features *f, const char *verdict)
{
	json_pair(b, "{", "verdict", verdict);
	buffer__text(b, ",\"features\":[");
	for (unsigned int i = 0; i < FEATURES; i++) {
		const struct feature_result *r = &f->list[i];

		json_pair(b, i ? ",{" : "{", "name", feature_infos[i].name);
		json_pair(b, ",", "group", feature_groups[feature_infos[i].group]);
		json_pair(b, ",", "description", feature_infos[i].description);
		buffer__printf(b, ",\"required\":%s", feature_infos[i].required ? "true" : "false");
		json_pair(b, ",", "state", states[r->state]);
		json_pair(b, ",", "value", r->value);
		json_pair(b, ",", "why", r->why);
		json_pair(b, ",", "help", r->help);
		buffer__char(b, '}');
	}
	buffer__text(b, "]}\n");
}

int cmd_doctor(const struct options *o)
{
	struct progress progress = {.terminal = isatty(STDERR_FILENO)};
	bool color = color_wanted(o->color, STDOUT_FILENO), some = false;
	struct buffer b = {};
	struct features f;
	const char *verdict;
	int status;

	clock_gettime(CLOCK_MONOTONIC, &progress.start);
	features__probe(&f, step, &progress);
	if (progress.shown)
		fprintf(stderr, "\r\033[K");
	for (unsigned int i = 0; i < FEATURES; i++)
		some |= f.list[i].state != FEATURE_OK;
	status = !features__can_trace(&f) ? 2 : some ? 1 : 0;
	verdict = status == 2 ? "sonde cannot trace here." :
		  status == 1 ? "sonde can trace here; some hooks and helpers are not to be had." :
				"sonde can trace here, by every means.";
	if (o->doctor.json) {
		print_json(&b, &f, status == 2 ? "none" : status == 1 ? "some" : "all");
	} else {
		for (enum feature_group g = 0; g < FEATURE_GROUPS; g++) {
			buffer__printf(&b, "%s%s%s\n", color ? "\033[1m" : "", feature_groups[g], color ? "\033[0m" : "");
			for (unsigned int i = 0; i < FEATURES; i++) {
				if (feature_infos[i].group == g)
					feature_line(&b, &feature_infos[i], &f.list[i], color);
			}
		}
		buffer__printf(&b, "\n%s\n", verdict);
	}
	fwrite(b.data, 1, b.size, stdout);
	buffer__free(&b);
	return status;
}
