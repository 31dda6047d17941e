// SPDX-License-Identifier: Apache-2.0
#include "request.h"

#include "../event/catalogue.h"
#include "../host/fields.h"
#include "../kernel/features.h"
#include "../kernel/find.h"
#include "../kernel/named.h"
#include "../kernel/planner.h"
#include "../kernel/probe_file.h"
#include "../kernel/probes.h"
#include "../sink/json.h"
#include "../sink/summary.h"
#include "../sink/template.h"
#include "../sink/text.h"
#include "calm.h"
#include "hooks_calls.h"
#include "options.h"
#include "own_probes.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static bool of_whole_machine(const struct trace_options *o)
{
	return !o->command && !o->pids.count && !o->cgroup && !o->unit && !o->container;
}

/* Whoever says by -P what of the whole machine, means all that touches it. */
static bool calm_by_default(const struct trace_options *o)
{
	return of_whole_machine(o) && !o->paths.count && !o->own.file;
}

static int select_calls(const struct schemas *all, bool ends, struct selection *ret)
{
	ret->bits = calloc((all->count + 63) / 64, sizeof(uint64_t));
	if (!ret->bits)
		return -ENOMEM;
	ret->events = all->count;
	for (unsigned int i = 0; i < all->count; i++) {
		const struct schema *s = all->list[i];

		if (s && (s->flags & SCHEMA_CALL || (ends && !strcmp(s->name, "exit"))))
			ret->bits[i / 64] |= 1ull << (i % 64);
	}
	return 0;
}

/* The hooks that -e names become events; `words` as select__parse() takes them. */
static int name_hooks(struct request *r, const char *text, struct buffer *words, struct error *err)
{
	int code = 0;

	for (size_t size; *text && !code; text += size) {
		size_t skip = strspn(text, "! ,");
		char *word;

		size = skip + strcspn(text + skip, ",");
		if (!named__is(text + skip)) {
			buffer__bytes(words, text, size);
			continue;
		}
		size = skip + named__word_size(text + skip);
		word = strndup(text + skip, size - skip);
		if (!word)
			return -ENOMEM;
		code = live_schemas__add(r->known, word, err);
		buffer__bytes(words, text, skip);
		named__spell(words, word);
		free(word);
	}
	buffer__char(words, '\0');
	return code;
}

/* A word that is no event may be a hook's name: of those there are tens of thousands. */
static void offer_hook(struct request *r, const char *word, const struct error *err,
		       struct buffer *b)
{
	char near[160];
	const struct btf *kernel = probes__kernel(live_schemas__probes(r->known));
	struct buffer hooks = {};
	struct features can = {};
	enum find_offer offer;

	for (unsigned int i = 0; i < ARRAY_SIZE(find_needs); i++)
		features__try(&can, find_needs[i], kernel);
	offer = find__offer(&hooks, word, kernel, &can);
	snprintf(near, sizeof(near), "no event %s; did you mean", word);
	/* What resembles an event as well is hardly a hook's name. */
	if (offer == OFFER_NONE)
		buffer__printf(b,
			       "\n%s is a hook of the kernel, and nothing can be attached to it "
			       "here: sonde hooks -v %s",
			       word, word);
	else if (hooks.size && (offer == OFFER_EXACT || !strstr(err->text, near)))
		buffer__printf(b, "\n%s %s: -e %s", word,
			       offer == OFFER_EXACT ? "is a hook of the kernel"
						    : "resembles a hook of the kernel",
			       buffer__string(&hooks));
	buffer__free(&hooks);
}

static void offer_hooks(struct request *r, const struct strings *texts, struct error *err)
{
	struct buffer b = {};

	for (unsigned int i = 0; i < texts->count; i++) {
		const char *text = texts->list[i];

		for (size_t size; *text; text += size) {
			char word[100];

			text += strspn(text, "! ,");
			size = strcspn(text, " ,");
			snprintf(word, sizeof(word), "%.*s", (int)size, text);
			if (size && size < sizeof(word) && !named__is(word) &&
			    !strpbrk(word, "@%/*?[=") && !isdigit((unsigned char)*word) &&
			    !schemas__find(r->schemas, word) && !catalogue__family(word))
				offer_hook(r, word, err, &b);
		}
	}
	strncat(err->text, buffer__string(&b), sizeof(err->text) - strlen(err->text) - 1);
	buffer__free(&b);
}

static int parse_words(struct request *r, const struct strings *texts, const struct selection *base,
		       struct error *err)
{
	struct buffer words = {};
	const char **list = calloc(texts->count, sizeof(*list));
	size_t at = 0;
	int code = list ? 0 : -ENOMEM;

	for (unsigned int i = 0; i < texts->count && !code; i++)
		code = name_hooks(r, texts->list[i], &words, err);
	for (unsigned int i = 0; i < texts->count && !code; i++) {
		list[i] = words.data + at;
		at += strlen(list[i]) + 1;
	}
	if (!code)
		code = select__parse(r->schemas, list, texts->count, base, &r->events, err);
	if (code == -EINVAL)
		offer_hooks(r, texts, err);
	buffer__free(&words);
	free(list);
	return code;
}

/* The events of the file that is run. */
static int select_own(struct request *r, struct selection *ret)
{
	unsigned int files, count;
	struct probe_file *const *list = live_schemas__files(r->known, &files);
	const struct schema *events = probe_file__events(list[files - 1], &count);

	ret->events = r->schemas->count;
	ret->bits = calloc((ret->events + 63) / 64, sizeof(uint64_t));
	for (unsigned int i = 0; ret->bits && i < count; i++)
		ret->bits[events[i].id / 64] |= 1ull << (events[i].id % 64);
	return ret->bits ? 0 : -ENOMEM;
}

/* Without -e: every call, and how tasks end (not in a table); of the whole machine @calm. */
static int select_events(struct request *r, const struct trace_options *o, struct error *err)
{
	static const char *const calm[] = {"@calm"};
	struct selection base = {};
	int code;

	if (o->own.file)
		return select_own(r, &r->events);
	if (calm_by_default(o))
		code = select__parse(r->schemas, calm, 1, NULL, &base, err);
	else
		code = select_calls(r->schemas, !o->summary, &base);
	if (code)
		return code;
	if (!o->events.count) {
		r->events = base;
		return 0;
	}
	code = parse_words(r, &o->events, &base, err);
	selection__release(&base);
	return code;
}

static void and_text(struct buffer *b, const char *text)
{
	buffer__text(b, b->size ? " and (" : "(");
	buffer__text(b, text);
	buffer__char(b, ')');
}

static void quoted(struct buffer *b, const char *text)
{
	buffer__char(b, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buffer__char(b, '\\');
		buffer__char(b, *text);
	}
	buffer__char(b, '"');
}

/* -P: the path itself and what lies below it, however a call reaches it; a file also by its other
 * links. */
static void and_paths(struct buffer *b, const struct strings *paths)
{
	static const char *const fields[] = {"fd.name", "evt.abspath", "evt.abspath.dst"};

	if (!paths->count)
		return;
	buffer__text(b, b->size ? " and (" : "(");
	for (unsigned int i = 0; i < paths->count; i++) {
		char full[PATH_MAX], below[PATH_MAX + 1];
		struct stat s;

		if (!realpath(paths->list[i], full))
			snprintf(full, sizeof(full), "%s", paths->list[i]);
		snprintf(below, sizeof(below), "%s/", strcmp(full, "/") ? full : "");
		for (unsigned int k = 0; k < ARRAY_SIZE(fields); k++) {
			buffer__printf(b, "%s%s = ", i || k ? " or " : "", fields[k]);
			quoted(b, full);
			buffer__printf(b, " or %s startswith ", fields[k]);
			quoted(b, below);
		}
		if (!stat(full, &s) && !S_ISDIR(s.st_mode))
			buffer__printf(
				b,
				" or (fd.ino = %llu and fd.dev.major = %u and fd.dev.minor = %u)",
				(unsigned long long)s.st_ino, major(s.st_dev), minor(s.st_dev));
	}
	buffer__char(b, ')');
}

/* -e read,pread64: events that the filter fits; -e @all where they are many. */
static void put_events(struct buffer *b, const struct schemas *all, const struct filter *f)
{
	size_t start = b->size;
	unsigned int count = 0;

	buffer__text(b, "-e ");
	for (unsigned int i = 0; i < all->count; i++) {
		const struct schema *s = all->list[i];

		if (!schema__selectable(s) || !filter__may_match(f, i))
			continue;
		/* The event is meant where a call has its name. */
		if (!(s->flags & SCHEMA_CALL) || !schemas__event(all, s->name))
			buffer__printf(b, "%s%s", count++ ? "," : "", s->name);
	}
	if (!count || count > 4) {
		b->size = start;
		buffer__text(b, "-e @all");
	}
}

/* A filter that fits some events only speaks of events, which @calm may not have, or not all of. */
static int check_calm(struct request *r, const struct filter *f, struct error *err)
{
	unsigned int all = 0, fit = 0, calm = 0, whole = 0;
	struct buffer text = {};
	int code = 0;

	for (unsigned int i = 0; i < r->schemas->count; i++) {
		if (!schema__selectable(r->schemas->list[i]))
			continue;
		all++;
		if (!filter__may_match(f, i))
			continue;
		fit++;
		calm += selection__has(&r->events, i);
		whole += calm__has_all(r->schemas->list[i]);
	}
	put_events(&text, r->schemas, f);
	if (!calm)
		code = error__set(err, -EINVAL,
				  "without -e only @calm is shown, and nothing of it fits; try %s",
				  buffer__string(&text));
	else if (fit < all / 2 && whole < fit &&
		 asprintf(&r->note, "without -e only @calm is shown; %s shows all that fits",
			  buffer__string(&text)) < 0)
		r->note = NULL;
	buffer__free(&text);
	return code;
}

/* What options mean in the filter's own language. */
static int make_filter(struct request *r, const struct trace_options *o, struct error *err)
{
	struct buffer text = {}, calm = {};
	struct filter *user = NULL;
	int code = 0;

	/* The user's own words first, alone: errors point into them. */
	if (o->filter) {
		code = filter__new(o->filter, r->schemas, &user, err);
		if (!code && calm_by_default(o) && !o->events.count)
			code = check_calm(r, user, err);
		filter__free(user);
		if (code)
			return code;
		and_text(&text, o->filter);
	}
	calm__filter(&calm, r->schemas, &r->events);
	if (calm.size)
		and_text(&text, buffer__string(&calm));
	and_paths(&text, &o->paths);
	if (text.size)
		code = filter__new(buffer__string(&text), r->schemas, &r->filter, err);
	buffer__free(&text);
	buffer__free(&calm);
	return code;
}

/* A filter that picks out some events may mean such as are no calls: exec, signal. One that fits
 * most of the calls does not speak of events. */
static void add_meant(struct request *r)
{
	unsigned int calls = 0, meant = 0;

	for (unsigned int i = 0; i < r->schemas->count; i++) {
		const struct schema *s = r->schemas->list[i];

		if (!s || !(s->flags & SCHEMA_CALL))
			continue;
		calls++;
		meant += filter__may_match(r->filter, i);
	}
	for (unsigned int i = 0; i < r->schemas->count && meant < calls / 2; i++) {
		const struct schema *s = r->schemas->list[i];

		if (s && !(s->flags & SCHEMA_INTRO) && filter__may_match(r->filter, i))
			r->events.bits[i / 64] |= 1ull << (i % 64);
	}
}

/* A mistake in the template is told before the output is opened. */
static int check_format(const struct request *r, const char *format, struct error *err)
{
	struct sink *sink;
	uint32_t needs = 0;
	int code = template__new(-1, format, 0, &sink, &needs, err);

	if (code)
		return code;
	code = template__check(sink, r->schemas, r->events.bits, err);
	sink__free(sink);
	return code;
}

/* Time that was asked for, of nothing but functions' entries. */
static void note_entries(struct request *r)
{
	const char *name = NULL;

	for (unsigned int i = 0; i < r->schemas->count; i++) {
		if (!selection__has(&r->events, i))
			continue;
		name = r->schemas->list[i]->name;
		if (!named__return_kind(name))
			return;
	}
	if (name && asprintf(&r->note, "%s is where it begins and has no duration yet; %s%s has it",
			     name, named__return_kind(name), strchr(name, ':')) < 0)
		r->note = NULL;
}

/* What hooks that are named do not show of what they are called with. */
static void note_blind(struct request *r)
{
	const struct schema *first = NULL;
	unsigned int others = 0;
	char more[80] = "";

	for (unsigned int i = 0; i < r->schemas->count; i++) {
		const struct schema *s = r->schemas->list[i];

		if (!selection__has(&r->events, i) || !s->blind || !named__is(s->name))
			continue;
		others += first != NULL;
		first = first ?: s;
	}
	if (others)
		snprintf(more, sizeof(more), "; nor do %u others show all: sonde hooks -v tells",
			 others);
	if (first &&
	    asprintf(&r->note, "%s does not show %s%s", first->name, first->blind, more) < 0)
		r->note = NULL;
}

int request__make(struct request *r, const struct trace_options *o, struct error *err)
{
	int code;

	*r = (struct request){.output = -1};
	code = live_schemas__new(&r->known, err);
	if (code)
		return code;
	code = own_probes__add(r->known, o, err);
	if (code)
		return code;
	r->schemas = live_schemas__list(r->known);
	code = o->hooks ? planner__check_kinds(o->hooks, err) : 0;
	if (!code)
		code = select_events(r, o, err);
	if (!code)
		code = make_filter(r, o, err);
	if (code)
		return code;
	r->subscription = (struct subscription){
		.events = &r->events,
		.needs = (r->filter ? filter__needs(r->filter) : 0) |
			 (o->environment ? NEEDS_ENV : 0) | (o->denied_by ? NEEDS_DENIED : 0) |
			 (o->io_uring ? NEEDS_IO_URING : 0),
		.string_limit = o->string_limit,
		.outcome = o->successful ? ONLY_SUCCESSFUL
			   : o->failed   ? ONLY_FAILED
					 : ALL_OUTCOMES,
	};
	if (o->filter && !o->events.count && !o->own.file && !calm_by_default(o))
		add_meant(r);
	if (r->filter)
		for (unsigned int i = 0; i < r->schemas->count; i++)
			if (!filter__may_match(r->filter, i))
				r->events.bits[i / 64] &= ~(1ull << (i % 64));
	if (!r->note && (o->latency || r->subscription.needs & NEEDS_LATENCY))
		note_entries(r);
	if (!r->note)
		note_blind(r);
	return o->format ? check_format(r, o->format, err) : 0;
}

static int open_output(struct request *r, const struct trace_options *o, struct error *err)
{
	if (!o->output) {
		r->output = o->command ? STDERR_FILENO : STDOUT_FILENO;
		return 0;
	}
	if (!strcmp(o->output, "-")) {
		r->output = STDOUT_FILENO;
		return 0;
	}
	r->output = open(o->output,
			 O_WRONLY | O_CREAT | O_CLOEXEC | (o->append ? O_APPEND : O_TRUNC), 0644);
	if (r->output < 0)
		return error__set(err, -errno, "-o %s: %s", o->output, strerror(errno));
	return 0;
}

static bool only_calm(const struct request *r)
{
	for (unsigned int i = 0; i < r->schemas->count; i++) {
		if (selection__has(&r->events, i) && !selection__is_calm(&r->events, i))
			return false;
	}
	return true;
}

static int open_text(struct request *r, const struct trace_options *o)
{
	/* Who asks for calls of some length wants to see it. */
	bool latency = o->latency || r->subscription.needs & NEEDS_LATENCY;
	bool names = !o->no_resolve;
	struct text_options text = {
		.fd = r->output,
		.string_limit = o->string_limit,
		.time = o->relative          ? TEXT_TIME_RELATIVE
			: o->time_detail > 2 ? TEXT_TIME_EPOCH
			: o->time_detail > 1 ? TEXT_TIME_MICRO
			: o->time_detail     ? TEXT_TIME_SECOND
					     : TEXT_TIME_MILLI,
		.quiet = o->quiet,
		.whole_machine = of_whole_machine(o),
		.names = names,
		.latency = latency,
		.fold = of_whole_machine(o) && only_calm(r),
		.colour = color_wanted(o->color, r->output),
	};

	r->subscription.needs |=
		NEEDS_ENTRY | (names ? NEEDS_FILES : 0) | (latency ? NEEDS_LATENCY : 0);
	return text__new(&text, &r->sink);
}

int request__open_sink(struct request *r, const struct trace_options *o, struct error *err)
{
	uint32_t needs = 0;
	int code = open_output(r, o, err);

	if (code)
		return code;
	if (o->hooks_of_calls)
		return hooks_calls__new(r->output, r->schemas, o->json != JSON_NONE, &r->sink);
	if (o->summary) {
		r->subscription.needs |= NEEDS_LATENCY;
		return summary__new(r->output, o->json != JSON_NONE, &r->sink);
	}
	if (o->format) {
		code = template__new(r->output, o->format, o->string_limit, &r->sink, &needs, err);
		r->subscription.needs |= needs;
		return code;
	}
	if (o->json) {
		/* To time calls costs each call of the machine: there it must be asked for. */
		bool latency = o->latency || !of_whole_machine(o);

		r->subscription.needs |= NEEDS_ENTRY | (latency ? NEEDS_LATENCY : 0) |
					 (o->no_resolve ? 0 : NEEDS_FILES);
		return json__new(r->output, o->json == JSON_FLAT, &r->sink);
	}
	return open_text(r, o);
}

void request__release(struct request *r)
{
	if (r->sink)
		sink__free(r->sink);
	if (r->output > STDERR_FILENO)
		close(r->output);
	filter__free(r->filter);
	free(r->note);
	selection__release(&r->events);
	live_schemas__free(r->known);
}
