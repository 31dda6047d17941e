// SPDX-License-Identifier: Apache-2.0
/* The whole way from the rings to the lines of text and JSON: what comes too late is shown and
 * marked, and what a newer kernel side adds behind a record changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/fake_rings.h"
#include "src/sink/json.h"
#include "src/sink/text.h"
#include "src/source/stream.h"

#include <stdio.h>
#include <sys/mman.h>

/* Of all: it knows what time of day the machine was started at. */
static struct host *host;

struct way {
	struct synthetic records;
	struct fake_rings rings;
	const struct schema **list;
	struct schemas schemas;
	struct stream *stream;
	struct sink *sinks[2]; /* text, JSON */
};

static void on_event(void *context, const struct event *e)
{
	struct way *w = context;

	for (unsigned int i = 0; i < ARRAY_SIZE(w->sinks); i++)
		sink__event(w->sinks[i], e);
}

static void on_record(void *context, const struct sonde_record *r, bool late)
{
	stream__record(((struct way *)context)->stream, r, late);
}

/* The same records, each with `size` bytes behind its body. */
static void add_sections(struct buffer *records, size_t size)
{
	struct buffer more = {};

	for (size_t at = 0; at < records->size;) {
		const struct sonde_record *r = (const void *)(records->data + at);
		size_t start = more.size;

		buffer__bytes(&more, (const char *)r, r->size);
		for (size_t i = 0; i < size; i++)
			buffer__char(&more, 0xff);
		assert_false(more.failed);
		((struct sonde_record *)(more.data + start))->size += size;
		at += r->size;
	}
	buffer__free(records);
	*records = more;
}

static void begin(struct way *w, size_t sections)
{
	struct text_options text = {.string_limit = 32, .time = TEXT_TIME_NONE};
	unsigned int count;
	const struct schema *calls = catalogue__calls(&count);

	*w = (struct way){};
	w->list = calloc(SONDE_EVENT_CALLS + count, sizeof(*w->list));
	assert_non_null(w->list);
	for (unsigned int i = 0; i < count; i++)
		w->list[calls[i].id] = &calls[i];
	w->schemas = (struct schemas){.list = w->list, .count = SONDE_EVENT_CALLS + count};
	assert_int_equal(synthetic__new(&w->records, host), 0);
	if (sections) {
		add_sections(&w->records.records, sections);
		add_sections(&w->records.intros, sections);
	}
	assert_int_equal(fake_rings__new(&w->rings, &w->records), 0);
	assert_int_equal(stream__new(&w->schemas, host, on_event, w, &w->stream), 0);
	text.fd = memfd_create("text", 0);
	assert_int_equal(text__new(&text, &w->sinks[0]), 0);
	assert_int_equal(json__new(memfd_create("json", 0), false, &w->sinks[1]), 0);
}

static void end(struct way *w)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(w->sinks); i++) {
		close(w->sinks[i]->fd);
		sink__free(w->sinks[i]);
	}
	stream__free(w->stream);
	fake_rings__release(&w->rings);
	synthetic__release(&w->records);
	free(w->list);
}

/* All that a sink wrote, as a string: the caller's. */
static char *written(struct sink *sink)
{
	char *text;
	off_t size;

	assert_int_equal(sink__flush(sink), 0);
	size = lseek(sink->fd, 0, SEEK_END);
	text = calloc(1, size + 1);
	assert_true(size > 0 && text);
	assert_int_equal(pread(sink->fd, text, size, 0), size);
	return text;
}

static void unknown_sections(void **state)
{
	static const size_t sizes[] = {8, 24, 4096};
	struct way plain, w;

	begin(&plain, 0);
	assert_true(merge__drain(&plain.rings.merge, ~0ull, on_record, &plain) > 5000);
	for (unsigned int i = 0; i < ARRAY_SIZE(sizes); i++) {
		begin(&w, sizes[i]);
		merge__drain(&w.rings.merge, ~0ull, on_record, &w);
		assert_int_equal(stream__damaged(w.stream), 0);
		for (unsigned int k = 0; k < ARRAY_SIZE(w.sinks); k++) {
			char *seen = written(w.sinks[k]), *expected = written(plain.sinks[k]);

			assert_true(strlen(seen) > 100000);
			assert_int_equal(strcmp(seen, expected), 0);
			free(seen);
			free(expected);
		}
		end(&w);
	}
	end(&plain);
}

/* The next line; what stands in `mark` says whether it is late. */
static bool next_line(char **at, const char *key, const char *mark, unsigned int *pid, bool *late)
{
	char *line = *at, *stop = strchr(line, '\n'), *number;

	if (!stop)
		return false;
	*stop = 0;
	number = strstr(line, key);
	assert_non_null(number);
	*pid = strtoul(number + strlen(key), NULL, 10);
	*late = strstr(line, mark) != NULL;
	*at = stop + 1;
	return true;
}

/* The records of one CPU come when all others, which are as old, were delivered. */
static void late_records(void **state)
{
	static const char *const keys[] = {"[", "\"pid\":"}, *const marks[] = {" (late)",
									       "\"late\":true"};
	unsigned long held, early, late;
	struct way w;

	begin(&w, 0);
	held = w.rings.producers[1]; /* of CPU 0, whose events those of even pids are */
	w.rings.producers[1] = 0;
	merge__drain(&w.rings.merge, ~0ull, on_record, &w);
	early = stream__delivered(w.stream);
	w.rings.producers[1] = held;
	merge__drain(&w.rings.merge, ~0ull, on_record, &w);
	late = stream__delivered(w.stream) - early;
	assert_true(early > 1000 && late > 1000);
	for (unsigned int i = 0; i < ARRAY_SIZE(w.sinks); i++) {
		char *text = written(w.sinks[i]), *at = text;
		unsigned int pid, count[2] = {};
		bool is_late;

		while (next_line(&at, keys[i], marks[i], &pid, &is_late)) {
			/* the youngest of all may be among them */
			if (is_late)
				assert_int_equal(pid % FAKE_CPUS, 0);
			count[is_late]++;
		}
		assert_int_equal(count[0] + count[1], early + late);
		assert_in_range(count[1], late - 5, late);
		free(text);
	}
	end(&w);
}

static int make_host(void **state)
{
	return host__new(&host);
}

static int free_host(void **state)
{
	host__free(host);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unknown_sections),
		cmocka_unit_test(late_records),
	};

	return cmocka_run_group_tests(tests, make_host, free_host);
}
