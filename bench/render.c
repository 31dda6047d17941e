// SPDX-License-Identifier: Apache-2.0
/* How many records a second become lines, on one core: merged from rings, learnt from where they
 * introduce, decoded, attended to by the host, formatted, written. */
#include "fake_rings.h"

#include "src/sink/json.h"
#include "src/sink/template.h"
#include "src/sink/text.h"
#include "src/source/stream.h"

#include <time.h>

#define RUNS   9
#define REPEAT 40

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

struct bench {
	struct synthetic records;
	struct fake_rings rings;
	const struct schema **list;
	struct schemas schemas;
	struct host *host;
	struct stream *stream;
	struct sink *sink; /* NULL: without */
	uint64_t lines, bytes;
};

static void on_event(void *context, const struct event *e)
{
	struct bench *b = context;
	size_t before;

	b->lines++;
	if (!b->sink)
		return;
	before = b->sink->out.size;
	sink__event(b->sink, e);
	b->bytes += b->sink->out.size > before ? b->sink->out.size - before : 0;
}

static void on_record(void *context, const struct sonde_record *r, bool late)
{
	struct bench *b = context;

	stream__record(b->stream, r, late);
}

/* One pass over all records; returns its seconds. */
static double pass(struct bench *b)
{
	double begin;

	fake_rings__rewind(&b->rings);
	begin = cpu_seconds();
	merge__drain(&b->rings.merge, ~0ull, on_record, b);
	if (b->sink)
		(void)sink__flush(b->sink);
	return cpu_seconds() - begin;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void measure(const char *name, struct bench *b, struct sink *sink)
{
	double times[RUNS];

	b->sink = sink;
	b->lines = b->bytes = 0;
	for (unsigned int i = 0; i < RUNS; i++) {
		times[i] = 0;
		for (unsigned int k = 0; k < REPEAT; k++)
			times[i] += pass(b) / ((double)b->records.count * REPEAT);
	}
	qsort(times, RUNS, sizeof(times[0]), compare);
	printf("%-28s %7.0f ns an event  %6.2f M/s  %5.0f bytes\n", name, times[RUNS / 2] * 1e9,
	       1e-6 / times[RUNS / 2], (double)b->bytes / b->lines);
	sink__free(sink);
}

static int prepare(struct bench *b)
{
	unsigned int count;
	const struct schema *calls = catalogue__calls(&count);

	b->schemas.count = SONDE_EVENT_CALLS + count;
	b->schemas.list = b->list = calloc(b->schemas.count, sizeof(*b->list));
	if (!b->list)
		return -ENOMEM;
	for (unsigned int i = 0; i < count; i++)
		b->list[calls[i].id] = &calls[i];
	if (host__new(&b->host) || synthetic__new(&b->records, b->host) ||
	    fake_rings__new(&b->rings, &b->records))
		return -ENOMEM;
	return stream__new(&b->schemas, b->host, on_event, b, &b->stream);
}

int main(int argc, char **argv)
{
	struct bench b = {};
	struct sink *sink = NULL;
	struct text_options text = {.string_limit = 32, .names = true};
	const char *only = argc > 1 ? argv[1] : "";
	uint32_t needs;

	text.fd = open(argc > 2 ? argv[2] : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (text.fd < 0 || prepare(&b)) {
		fprintf(stderr, "render: cannot prepare\n");
		return 1;
	}
	if (!*only || !strcmp(only, "none"))
		measure("without a sink", &b, NULL);
	if ((!*only || !strcmp(only, "text")) && !text__new(&text, &sink))
		measure("text", &b, sink);
	text.whole_machine = true;
	if ((!*only || !strcmp(only, "machine")) && !text__new(&text, &sink))
		measure("text, whole machine", &b, sink);
	text.colour = true;
	if ((!*only || !strcmp(only, "colour")) && !text__new(&text, &sink))
		measure("the same in colour", &b, sink);
	text.colour = false;
	text.fold = true;
	if ((!*only || !strcmp(only, "fold")) && !text__new(&text, &sink))
		measure("text, folded", &b, sink);
	if ((!*only || !strcmp(only, "json")) && !json__new(text.fd, false, &sink))
		measure("JSON", &b, sink);
	if ((!*only || !strcmp(only, "flat")) && !json__new(text.fd, true, &sink))
		measure("JSON, flat", &b, sink);
	if ((!*only || !strcmp(only, "format")) &&
	    !template__new(text.fd, "%evt.time %proc.name %evt.type %fd.name", 80, &sink, &needs,
			   NULL))
		measure("--format, four fields", &b, sink);
	printf("%u records of %u processes and files introduce, %u tell of events\n",
	       b.rings.introductions, SYNTHETIC_PROCESSES + SYNTHETIC_FILES, b.records.count);
	stream__free(b.stream);
	fake_rings__release(&b.rings);
	synthetic__release(&b.records);
	host__free(b.host);
	free(b.list);
	close(text.fd);
	return 0;
}
