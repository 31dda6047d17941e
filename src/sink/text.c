// SPDX-License-Identifier: Apache-2.0
#include "text.h"
#include "../host/fields.h"
#include "../host/host.h"
#include "clock.h"
#include "ends.h"
#include "fold.h"
#include "starts.h"
#include "who.h"

#include <errno.h>
#include <sys/wait.h>

/* Columns grow with what they hold, up to these. */
#define OWNER_COLUMNS 20
#define NAME_COLUMNS  28

struct text_sink {
	struct sink sink;
	struct text_options o;
	struct render render;
	struct clock clock;
	struct who who;
	struct fold fold;
	struct ends ends;
	struct buffer line;
	const struct host *host;
	uint64_t last;                  /* time of the line before */
	uint64_t calls, failed, events; /* events: what is no call */
	uint16_t owner_width, name_width;
};

static const char *const palette[PAINTS] = {
	[PAINT_NAME] = "\033[1m",  [PAINT_STRING] = "\033[32m", [PAINT_RESOLVED] = "\033[36m",
	[PAINT_QUIET] = "\033[2m", [PAINT_WHO] = "\033[33m",    [PAINT_FAILED] = "\033[31m",
	[PAINT_END] = "\033[0m",
};

static void spaces(struct buffer *b, unsigned int count)
{
	if (!buffer__reserve(b, count))
		return;
	memset(b->data + b->size, ' ', count);
	b->size += count;
}

static void epoch_micro(struct buffer *b, uint64_t ns)
{
	buffer__unsigned(b, ns / 1000000000);
	buffer__char(b, '.');
	buffer__digits(b, ns / 1000 % 1000000, 6);
}

static void relative(struct text_sink *t, struct buffer *b, uint64_t time)
{
	uint64_t delta = t->last && time > t->last ? time - t->last : 0,
		 seconds = delta / 1000000000;
	unsigned int digits = 1;

	for (uint64_t n = seconds; n >= 10; n /= 10)
		digits++;
	if (digits < 6)
		spaces(b, 6 - digits);
	epoch_micro(b, delta);
}

static void put_time(struct text_sink *t, const struct host *host, uint64_t time)
{
	static const uint8_t digits[] = {
		[TEXT_TIME_MILLI] = 3, [TEXT_TIME_SECOND] = 0, [TEXT_TIME_MICRO] = 6};
	struct buffer *b = &t->sink.out;

	if (t->o.time == TEXT_TIME_NONE)
		return;
	paint(b, &t->render, PAINT_QUIET);
	if (t->o.time == TEXT_TIME_RELATIVE)
		relative(t, b, time);
	else if (t->o.time == TEXT_TIME_EPOCH)
		epoch_micro(b, host ? host__real_time(host, time) : time);
	else
		clock__time(&t->clock, b, host, time, digits[t->o.time]);
	paint(b, &t->render, PAINT_END);
	buffer__char(b, ' ');
	t->last = time;
}

/* A column that was wider once stays so: what stands behind it does not jump. */
static void pad(struct buffer *b, uint16_t *width, unsigned int limit, unsigned int columns)
{
	if (columns > *width)
		*width = min(columns, limit);
	if (columns < *width)
		spaces(b, *width - columns);
	buffer__char(b, ' ');
}

static uint64_t put_who(struct text_sink *t, struct buffer *b, const struct event *e)
{
	const struct task_text *who = tasks__of(&t->who.tasks, e);

	if (!who)
		return 0;
	if (t->o.whole_machine) {
		buffer__bytes(b, who->text.data, who->owner);
		pad(b, &t->owner_width, OWNER_COLUMNS, who->owner_columns);
	}
	buffer__bytes(b, who->text.data + who->owner, who->text.size - who->owner);
	pad(b, &t->name_width, NAME_COLUMNS, who->name_columns);
	return who->name_hash;
}

static void put_latency(struct text_sink *t, struct buffer *b, const struct event *e)
{
	if (!t->o.latency || !e->latency)
		return;
	paint(b, &t->render, PAINT_QUIET);
	buffer__bytes(b, " <", 2);
	epoch_micro(b, e->latency);
	buffer__char(b, '>');
	paint(b, &t->render, PAINT_END);
}

static void put_denied(struct text_sink *t, struct buffer *b, const struct event *e)
{
	struct field_use use;
	struct value v;

	if (field_use__parse(&use, "evt.denied_by"))
		return;
	field_use__value(&use, e, &v);
	paint(b, &t->render, PAINT_FAILED);
	buffer__text(b, " <- ");
	render__escaped(b, v.data, v.size);
	paint(b, &t->render, PAINT_END);
}

static void count(struct text_sink *t, const struct event *e)
{
	if (!(e->schema->flags & SCHEMA_CALL))
		t->events++;
	if (!(e->schema->flags & SCHEMA_CALL) || event__is_birth(e))
		return;
	t->calls++;
	t->failed += event__failed(e);
}

static void body(struct text_sink *t, struct buffer *b, const struct event *e)
{
	if (!starts__render(b, &t->render, e) && !ends__render(&t->ends, b, &t->render, e))
		render__call(b, &t->render, e, t->o.column);
}

static void text__event(struct sink *sink, const struct event *e)
{
	struct text_sink *t = (struct text_sink *)sink;
	uint64_t hash;
	size_t start;

	count(t, e);
	t->host = e->host;
	if (t->o.quiet && event__is_birth(e))
		return;
	if (!(e->schema->flags & SCHEMA_CALL)) {
		ends__learn(&t->ends, e);
		if (t->o.quiet >= 2 && !strcmp(e->schema->name, "exit"))
			return;
	}
	if (!t->o.fold) {
		put_time(t, e->host, e->record->time);
		(void)put_who(t, &sink->out, e);
		body(t, &sink->out, e);
	} else {
		buffer__reset(&t->line);
		hash = put_who(t, &t->line, e);
		start = t->line.size;
		body(t, &t->line, e);
		if (fold__repeats(&t->fold, e->record->time, hash, t->line.data, t->line.size,
				  t->line.size - start))
			return;
		put_time(t, e->host, e->record->time);
		buffer__bytes(&sink->out, t->line.data, t->line.size);
	}
	put_latency(t, &sink->out, e);
	if (unlikely(e->denied))
		put_denied(t, &sink->out, e);
	if (unlikely(e->late)) {
		paint(&sink->out, &t->render, PAINT_QUIET);
		buffer__text(&sink->out, " (late)");
		paint(&sink->out, &t->render, PAINT_END);
	}
	buffer__char(&sink->out, '\n');
}

static void show_folded(void *context, const struct fold_entry *entry)
{
	struct text_sink *t = context;
	struct buffer *b = &t->sink.out;

	put_time(t, t->host, entry->last);
	buffer__bytes(b, entry->line.data, entry->line.size);
	buffer__text(b, " ×");
	buffer__unsigned(b, entry->count);
	buffer__char(b, '\n');
}

static void text__hint(struct sink *sink, const struct event *e)
{
	struct text_sink *t = (struct text_sink *)sink;

	ends__learn(&t->ends, e);
}

/* 4.1 ms, 12 s: two or three digits and a unit. */
static void put_duration(struct buffer *b, uint64_t ns)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = {{1000000000, " s"}, {1000000, " ms"}, {1000, " us"}, {1, " ns"}};
	unsigned int i = 0;

	while (i < ARRAY_SIZE(units) - 1 && ns < units[i].ns)
		i++;
	buffer__unsigned(b, ns / units[i].ns);
	if (ns < 100 * units[i].ns && units[i].ns > 1) {
		buffer__char(b, '.');
		buffer__char(b, '0' + ns / (units[i].ns / 10) % 10);
	}
	buffer__text(b, units[i].name);
}

static void text__waiting(struct sink *sink, const struct waiting *w)
{
	struct text_sink *t = (struct text_sink *)sink;
	struct buffer *b = &sink->out;
	const struct event *e = w->event;

	put_time(t, e->host, e->record->time);
	(void)put_who(t, b, e);
	render__pending(b, &t->render, e);
	buffer__char(b, ')');
	paint(b, &t->render, PAINT_QUIET);
	switch (w->state) {
	case WAITING_UNFINISHED:
		buffer__text(b, " = ? unfinished");
		break;
	case WAITING_PRESENT:
		buffer__text(b, " ... going on");
		break;
	default:
		buffer__text(b, " ... waiting");
	}
	if (w->duration) {
		buffer__text(b, w->state == WAITING_UNFINISHED ? " after " : " ");
		put_duration(b, w->duration);
	}
	paint(b, &t->render, PAINT_END);
	buffer__char(b, '\n');
}

static void text__lost(struct sink *sink, const struct host *host, const struct sonde_lost *lost)
{
	struct text_sink *t = (struct text_sink *)sink;
	struct buffer *b = &sink->out;

	paint(b, &t->render, PAINT_FAILED);
	buffer__text(b, "--- ");
	buffer__unsigned(b, lost->count);
	buffer__text(b, lost->count == 1 ? " record lost (" : " records lost (");
	buffer__text(b, sink__lost_reason(lost->reason));
	buffer__text(b, ")");
	if (lost->first && lost->last) {
		buffer__text(b, " between ");
		clock__time(&t->clock, b, host, lost->first, 6);
		buffer__text(b, " and ");
		clock__time(&t->clock, b, host, lost->last, 6);
	}
	if (lost->reason == SONDE_LOST_RING)
		buffer__text(b, ": raise --buffer, or trace less");
	buffer__text(b, " ---");
	paint(b, &t->render, PAINT_END);
	buffer__char(b, '\n');
}

static void text__tick(struct sink *sink, uint64_t now)
{
	struct text_sink *t = (struct text_sink *)sink;

	if (t->o.fold)
		fold__tick(&t->fold, now);
}

static void plural(struct buffer *b, uint64_t n, const char *word)
{
	buffer__unsigned(b, n);
	buffer__char(b, ' ');
	buffer__text(b, word);
	if (n != 1)
		buffer__char(b, 's');
}

/* cat exited 1 after 4.1 ms: 47 calls, 2 failed, 0 lost */
static void text__finish(struct sink *sink, const struct sink_end *end)
{
	struct text_sink *t = (struct text_sink *)sink;
	struct buffer *b = &sink->out;
	const char *name;

	if (t->o.fold)
		fold__tick(&t->fold, ~0ull);
	if (!end->command || t->o.quiet)
		return;
	render__escaped(b, end->command, strlen(end->command));
	if (WIFSIGNALED(end->status)) {
		name = signal_name(WTERMSIG(end->status));
		buffer__text(b, " killed by ");
		if (name)
			buffer__text(b, name);
		else
			buffer__unsigned(b, WTERMSIG(end->status));
	} else {
		buffer__text(b, " exited ");
		buffer__unsigned(b, WEXITSTATUS(end->status));
	}
	buffer__text(b, " after ");
	put_duration(b, end->duration);
	buffer__text(b, ": ");
	if (t->calls || !t->events) {
		plural(b, t->calls, "call");
		buffer__text(b, ", ");
		buffer__unsigned(b, t->failed);
		buffer__text(b, " failed, ");
	} else {
		plural(b, t->events, "event");
		buffer__text(b, ", ");
	}
	buffer__unsigned(b, end->lost);
	buffer__text(b, " lost\n");
}

static void text__free(struct sink *sink)
{
	struct text_sink *t = (struct text_sink *)sink;

	tasks__release(&t->who.tasks);
	fold__release(&t->fold);
	buffer__free(&t->line);
	free(t);
}

static const struct sink_ops text_ops = {
	.event = text__event,
	.hint = text__hint,
	.waiting = text__waiting,
	.lost = text__lost,
	.tick = text__tick,
	.finish = text__finish,
	.free = text__free,
};

int text__new(const struct text_options *options, struct sink **ret)
{
	struct text_sink *t = calloc(1, sizeof(*t));

	if (!t)
		return -ENOMEM;
	t->sink.ops = &text_ops;
	t->sink.fd = options->fd;
	t->o = *options;
	if (!t->o.column)
		t->o.column = 40;
	t->render = (struct render){
		.string_limit = options->string_limit,
		.names = options->names,
		.palette = options->colour ? palette : NULL,
	};
	if (who__init(&t->who, &t->render, options->whole_machine) ||
	    (options->fold && fold__init(&t->fold, show_folded, t))) {
		sink__free(&t->sink);
		return -ENOMEM;
	}
	*ret = &t->sink;
	return 0;
}
