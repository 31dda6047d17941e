// SPDX-License-Identifier: Apache-2.0
/* How many records a second become lines, on one core: decoded, attended to by the host, formatted,
 * written. */
#include "synthetic.h"

#include "src/sink/json.h"
#include "src/sink/template.h"
#include "src/sink/text.h"

#include <time.h>

#define RUNS   9
#define REPEAT 40

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* One pass over all records. NULL: without a sink. */
static uint64_t pass(const struct synthetic *s, const struct host *host, struct buffer *scratch,
		     struct sink *sink)
{
	unsigned int count;
	const struct schema *calls = catalogue__calls(&count);
	uint64_t bytes = 0;

	for (size_t at = 0; at < s->records.size;) {
		const struct sonde_record *r = (const void *)(s->records.data + at);
		struct event e = {.scratch = scratch, .repeats = 1};

		buffer__reset(scratch);
		if (event__decode(&e, r, &calls[r->event - SONDE_EVENT_CALLS], NULL))
			return 0;
		host__attend(host, &e);
		if (sink) {
			size_t before = sink->out.size;

			sink__event(sink, &e);
			bytes += sink->out.size > before ? sink->out.size - before : 0;
		}
		at += r->size;
	}
	return bytes;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void measure(const char *name, const struct synthetic *s, const struct host *host,
		    struct sink *sink)
{
	struct buffer scratch = {};
	double times[RUNS];
	uint64_t bytes = pass(s, host, &scratch, sink);

	for (unsigned int i = 0; i < RUNS; i++) {
		double begin = cpu_seconds();

		for (unsigned int k = 0; k < REPEAT; k++)
			(void)pass(s, host, &scratch, sink);
		times[i] = (cpu_seconds() - begin) / ((double)s->count * REPEAT);
	}
	qsort(times, RUNS, sizeof(times[0]), compare);
	printf("%-28s %7.0f ns a record  %6.2f M/s  %5.0f bytes\n", name, times[RUNS / 2] * 1e9,
	       1e-6 / times[RUNS / 2], (double)bytes / s->count);
	buffer__free(&scratch);
	sink__free(sink);
}

int main(int argc, char **argv)
{
	struct synthetic s = {};
	struct host *host = NULL;
	struct sink *sink = NULL;
	struct text_options text = {.string_limit = 32, .names = true};
	const char *only = argc > 1 ? argv[1] : "";
	uint32_t needs;

	text.fd = open(argc > 2 ? argv[2] : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (text.fd < 0 || host__new(&host) || synthetic__new(&s, host)) {
		fprintf(stderr, "render: cannot prepare\n");
		return 1;
	}
	if (!*only || !strcmp(only, "none"))
		measure("decode and attend alone", &s, host, NULL);
	if ((!*only || !strcmp(only, "text")) && !text__new(&text, &sink))
		measure("text", &s, host, sink);
	text.whole_machine = true;
	if ((!*only || !strcmp(only, "machine")) && !text__new(&text, &sink))
		measure("text, whole machine", &s, host, sink);
	text.colour = true;
	if ((!*only || !strcmp(only, "colour")) && !text__new(&text, &sink))
		measure("the same in colour", &s, host, sink);
	text.colour = false;
	text.fold = true;
	if ((!*only || !strcmp(only, "fold")) && !text__new(&text, &sink))
		measure("text, folded", &s, host, sink);
	if ((!*only || !strcmp(only, "json")) && !json__new(text.fd, false, &sink))
		measure("JSON", &s, host, sink);
	if ((!*only || !strcmp(only, "flat")) && !json__new(text.fd, true, &sink))
		measure("JSON, flat", &s, host, sink);
	if ((!*only || !strcmp(only, "format")) &&
	    !template__new(text.fd, "%evt.time %proc.name %evt.type %fd.name", 80, &sink, &needs,
			   NULL))
		measure("--format, four fields", &s, host, sink);
	buffer__free(&s.records);
	host__free(host);
	close(text.fd);
	return 0;
}
