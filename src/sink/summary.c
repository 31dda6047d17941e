// SPDX-License-Identifier: Apache-2.0
#include "summary.h"
#include "histogram.h"
#include "../host/fields_get.h"

#include <errno.h>
#include <stdio.h>

struct row {
	const struct schema *schema;
	uint64_t count, failed, time, unfinished;
	struct histogram latency;
};

struct summary {
	struct sink sink;
	struct row **rows; /* by event id */
	unsigned int count;
	bool json;
};

static struct row *row_of(struct summary *s, const struct schema *schema)
{
	struct row **grown;
	unsigned int count;

	if (schema->id >= s->count) {
		count = max(schema->id + 1, s->count * 2);
		grown = realloc(s->rows, count * sizeof(*grown));
		if (!grown)
			return NULL;
		memset(grown + s->count, 0, (count - s->count) * sizeof(*grown));
		s->rows = grown;
		s->count = count;
	}
	if (unlikely(!s->rows[schema->id])) {
		s->rows[schema->id] = calloc(1, sizeof(struct row));
		if (s->rows[schema->id])
			s->rows[schema->id]->schema = schema;
	}
	return s->rows[schema->id];
}

static void summary__event(struct sink *sink, const struct event *e)
{
	struct row *row;

	if (event__is_birth(e))
		return;
	row = row_of((struct summary *)sink, e->schema);
	if (!row) {
		sink->out.failed = true;
		return;
	}
	row->count += e->repeats ? e->repeats : 1;
	row->failed += event__failed(e);
	if (e->latency) {
		row->time += e->latency;
		histogram__add(&row->latency, e->latency);
	}
}

static void summary__waiting(struct sink *sink, const struct waiting *w)
{
	struct row *row;

	if (w->state != WAITING_UNFINISHED)
		return;
	row = row_of((struct summary *)sink, w->event->schema);
	if (row)
		row->unfinished++;
}

static int by_time(const void *a, const void *b)
{
	const struct row *x = *(struct row *const *)a, *y = *(struct row *const *)b;

	if (x->time != y->time)
		return x->time < y->time ? 1 : -1;
	if (x->count != y->count)
		return x->count < y->count ? 1 : -1;
	return strcmp(x->schema->name, y->schema->name);
}

enum table { TABLE_CALLS, TABLE_WAITING, TABLE_EVENTS, TABLES };

static enum table table_of(const struct row *row)
{
	if (!(row->schema->flags & SCHEMA_CALL))
		return TABLE_EVENTS;
	return schema__waits(row->schema) ? TABLE_WAITING : TABLE_CALLS;
}

/* Microseconds, with a fraction while it says something. */
static void micros(struct buffer *b, const char *width, uint64_t ns)
{
	char text[32];

	if (!ns)
		snprintf(text, sizeof(text), "-");
	else if (ns < 10000)
		snprintf(text, sizeof(text), "%.2f", ns / 1e3);
	else if (ns < 100000)
		snprintf(text, sizeof(text), "%.1f", ns / 1e3);
	else
		snprintf(text, sizeof(text), "%.0f", ns / 1e3);
	buffer__printf(b, width, text);
}

/* 79 columns. */
static const char rule[] =
	"------ ----------- ---------- ------- -------- -------- ------- ---------------\n";

static void put_row(struct buffer *b, const struct row *row, uint64_t total, const char *name)
{
	buffer__printf(b, "%6.2f %11.6f ", total ? 100.0 * row->time / total : 0.0,
		       row->time / 1e9);
	micros(b, "%10s ", row->latency.count ? row->time / row->latency.count : 0);
	micros(b, "%7s ", histogram__quantile(&row->latency, 500));
	micros(b, "%8s ", histogram__quantile(&row->latency, 990));
	buffer__printf(b, "%8llu ", (unsigned long long)row->count);
	if (row->failed)
		buffer__printf(b, "%7llu ", (unsigned long long)row->failed);
	else
		buffer__text(b, "        ");
	buffer__text(b, name);
	if (row->unfinished)
		buffer__printf(b, " (+%llu not returned)", (unsigned long long)row->unfinished);
	buffer__char(b, '\n');
}

static void add_histogram(struct histogram *to, const struct histogram *from)
{
	to->count += from->count;
	for (unsigned int i = 0; i < HISTOGRAM_BUCKETS; i++)
		to->buckets[i] += from->buckets[i];
}

static void put_table(struct buffer *b, struct row **rows, unsigned int count, enum table which)
{
	struct row total = {};
	bool any = false;

	for (unsigned int i = 0; i < count; i++) {
		if (table_of(rows[i]) != which)
			continue;
		any = true;
		total.count += rows[i]->count;
		total.failed += rows[i]->failed;
		total.time += rows[i]->time;
		total.unfinished += rows[i]->unfinished;
		add_histogram(&total.latency, &rows[i]->latency);
	}
	if (!any)
		return;
	if (b->size)
		buffer__char(b, '\n');
	if (which == TABLE_EVENTS) {
		buffer__text(b, "   count event\n-------- ---------------\n");
	} else {
		buffer__text(b, which == TABLE_WAITING
					? "Calls that wait for something to happen:\n"
					: "");
		buffer__text(b, "% time     seconds usecs/call     p50      p99    calls  errors "
				"syscall\n");
		buffer__text(b, rule);
	}
	for (unsigned int i = 0; i < count; i++) {
		if (table_of(rows[i]) != which)
			continue;
		if (which == TABLE_EVENTS)
			buffer__printf(b, "%8llu %s\n", (unsigned long long)rows[i]->count,
				       rows[i]->schema->name);
		else
			put_row(b, rows[i], total.time, rows[i]->schema->name);
	}
	if (which != TABLE_EVENTS) {
		buffer__text(b, rule);
		put_row(b, &total, total.time, "total");
	}
}

static void put_json(struct buffer *b, struct row **rows, unsigned int count,
		     const struct sink_end *end)
{
	static const char *const names[TABLES] = {"calls", "waiting", "events"};

	buffer__char(b, '{');
	for (unsigned int which = 0; which < TABLES; which++) {
		bool any = false;

		buffer__printf(b, "\"%s\":[", names[which]);
		for (unsigned int i = 0; i < count; i++) {
			const struct row *row = rows[i];

			if (table_of(row) != which)
				continue;
			buffer__text(b, any ? ",{\"name\":" : "{\"name\":");
			any = true;
			render__json_string(b, row->schema->name, strlen(row->schema->name));
			buffer__printf(b, ",\"count\":%llu,\"failed\":%llu",
				       (unsigned long long)row->count,
				       (unsigned long long)row->failed);
			if (row->unfinished)
				buffer__printf(b, ",\"unfinished\":%llu",
					       (unsigned long long)row->unfinished);
			if (row->latency.count)
				buffer__printf(
					b,
					",\"total_ns\":%llu,\"mean_ns\":%llu,\"p50_ns\":%llu,\"p99_"
					"ns\":%llu",
					(unsigned long long)row->time,
					(unsigned long long)(row->time / row->latency.count),
					(unsigned long long)histogram__quantile(&row->latency, 500),
					(unsigned long long)histogram__quantile(&row->latency,
										990));
			buffer__char(b, '}');
		}
		buffer__text(b, "],");
	}
	buffer__printf(b, "\"duration\":%llu,\"lost\":%llu}\n", (unsigned long long)end->duration,
		       (unsigned long long)end->lost);
}

static void summary__finish(struct sink *sink, const struct sink_end *end)
{
	struct summary *s = (struct summary *)sink;
	unsigned int count = 0;

	for (unsigned int i = 0; i < s->count; i++) {
		struct row *row = s->rows[i];

		if (!row)
			continue;
		s->rows[i] = NULL;
		s->rows[count++] = row;
	}
	if (count)
		qsort(s->rows, count, sizeof(*s->rows), by_time);
	if (s->json) {
		put_json(&sink->out, s->rows, count, end);
		return;
	}
	for (unsigned int which = 0; which < TABLES; which++)
		put_table(&sink->out, s->rows, count, which);
	if (end->lost)
		buffer__printf(&sink->out, "\n%llu records were lost and are not counted here\n",
			       (unsigned long long)end->lost);
}

static void summary__free(struct sink *sink)
{
	struct summary *s = (struct summary *)sink;

	for (unsigned int i = 0; i < s->count; i++)
		free(s->rows[i]);
	free(s->rows);
	free(s);
}

static const struct sink_ops summary_ops = {
	.event = summary__event,
	.waiting = summary__waiting,
	.finish = summary__finish,
	.free = summary__free,
};

int summary__new(int fd, bool json, struct sink **ret)
{
	struct summary *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->sink.ops = &summary_ops;
	s->sink.fd = fd;
	s->json = json;
	*ret = &s->sink;
	return 0;
}
