// SPDX-License-Identifier: Apache-2.0
/* Templates and the table of counts. */
#include "fixture.h"

#include "src/sink/histogram.h"
#include "src/sink/summary.h"
#include "src/sink/template.h"
#include "src/host/fields.h"

#include <errno.h>

static struct fixture f;

static void templates(void **state)
{
	struct sink *sink = NULL;
	struct error err = {};
	uint32_t needs = 0;

	assert_int_equal(
		template__new(
			-1,
			"100%% %evt.type.\\t%6proc.pid|%-6evt.rawres|%evt.arg.pathname %proc.name",
			80, &sink, &needs, &err),
		0);
	fixture__call(&f, "unlink", -ENOENT, KIND_int);
	fixture__arg(&f, "pathname", KIND_path, 0x1000);
	fixture__item(&f, 1, SONDE_ITEM_DATA, "/tmp/a\033[31m\n", 12);
	sink__event(sink, fixture__event(&f));
	assert_string_equal(buffer__string(&sink->out),
			    "100% unlink.\t  4242|-2    |/tmp/a\\33[31m\\n -\n");
	sink__free(sink);
	assert_int_equal(template__new(-1, "%fd.name", 80, &sink, &needs, NULL), 0);
	assert_true(needs & NEEDS_FILES);
	sink__free(sink);
}

/* A name that no selected event has would stand for nothing in every line. */
static void arguments_in_templates(void **state)
{
	static const struct field fields[] = {
		{.name = "res"}, {.name = "pathname"}, {.name = "mode"}};
	static const struct schema mkdir = {.name = "mkdir",
					    .flags = SCHEMA_CALL | SCHEMA_RESULT,
					    .fields = fields,
					    .count = 3},
				   getpid = {.name = "getpid",
					     .flags = SCHEMA_CALL | SCHEMA_RESULT,
					     .fields = fields,
					     .count = 1};
	static const struct schema *list[] = {&getpid, &mkdir};
	const struct schemas all = {.list = list, .count = 2};
	static const struct {
		const char *format;
		uint64_t selected;
		const char *error;
	} cases[] = {
		{"%evt.arg.mode", 3, NULL},
		{"%evt.arg[1] %proc.name", 2, NULL},
		{"%evt.arg.mod", 3,
		 "--format: %evt.arg.mod: no event here has such an argument; did you mean "
		 "%evt.arg.mode?"},
		{"%evt.arg.mode", 1, "--format: %evt.arg.mode: no event here has such an argument"},
		{"%evt.arg[2]", 3, "--format: %evt.arg[2]: no event here has so many arguments"},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sink *sink = NULL;
		struct error err = {};
		uint32_t needs;

		assert_int_equal(template__new(-1, cases[i].format, 80, &sink, &needs, &err), 0);
		assert_int_equal(template__check(sink, &all, &cases[i].selected, &err),
				 cases[i].error ? -EINVAL : 0);
		assert_string_equal(err.text, cases[i].error ? cases[i].error : "");
		sink__free(sink);
	}
}

static void wrong_templates(void **state)
{
	struct sink *sink = NULL;
	struct error err = {};
	uint32_t needs;

	assert_int_equal(template__new(-1, "%proc.nmae %evt.tpye", 80, &sink, &needs, &err),
			 -EINVAL);
	assert_string_equal(
		err.text, "--format: %proc.nmae: there is no such field; did you mean %proc.name?\n"
			  "--format: %evt.tpye: there is no such field; did you mean %evt.type?");
	err = (struct error){};
	assert_int_equal(template__new(-1, "50%", 80, &sink, &needs, &err), -EINVAL);
	assert_non_null(strstr(err.text, "%% stands for the sign itself"));
	assert_null(sink);
}

static void quantiles(void **state)
{
	struct histogram h = {};

	for (uint64_t i = 1; i <= 1000; i++)
		histogram__add(&h, i * 1000);
	assert_in_range(histogram__quantile(&h, 500), 470000, 530000);
	assert_in_range(histogram__quantile(&h, 990), 930000, 1050000);
	histogram__add(&h, ~0ull);
	histogram__add(&h, 0);
	assert_int_equal(histogram__quantile(&h, 0), 0);
	assert_true(histogram__quantile(&h, 1000) > 1ull << 63);
}

static void call(struct sink *sink, const char *name, unsigned int id, int64_t result,
		 uint64_t latency)
{
	static struct schema schemas[5];

	fixture__call(&f, name, result, KIND_int);
	f.schema.id = id;
	schemas[id] = f.schema;
	fixture__event(&f);
	f.e.schema = &schemas[id];
	f.e.latency = latency;
	sink__event(sink, &f.e);
}

static void summaries(void **state)
{
	struct sink *sink = NULL;
	struct sink_end end = {.duration = 1000000000};

	assert_int_equal(summary__new(-1, false, &sink), 0);
	for (unsigned int i = 0; i < 3; i++)
		call(sink, "openat", 1, i ? 3 : -ENOENT, 2000);
	call(sink, "close", 2, 0, 1000);
	call(sink, "poll", 3, 1, 5000000);
	call(sink, "clone", 4, 0, 0); /* in the child: counted with its parent's */
	sink->ops->finish(sink, &end);
	assert_string_equal(
		buffer__string(&sink->out),
		"% time     seconds usecs/call     p50      p99    calls  errors syscall\n"
		"------ ----------- ---------- ------- -------- -------- ------- "
		"---------------\n"
		" 85.71    0.000006       2.00    2.02     2.02        3       1 openat\n"
		" 14.29    0.000001       1.00    1.01     1.01        1         close\n"
		"------ ----------- ---------- ------- -------- -------- ------- "
		"---------------\n"
		"100.00    0.000007       1.75    2.02     2.02        4       1 total\n"
		"\n"
		"Calls that wait for something to happen:\n"
		"% time     seconds usecs/call     p50      p99    calls  errors syscall\n"
		"------ ----------- ---------- ------- -------- -------- ------- "
		"---------------\n"
		"100.00    0.005000       5000    5112     5112        1         poll\n"
		"------ ----------- ---------- ------- -------- -------- ------- "
		"---------------\n"
		"100.00    0.005000       5000    5112     5112        1         total\n");
	sink__free(sink);
	assert_int_equal(summary__new(-1, true, &sink), 0);
	call(sink, "close", 2, 0, 1000);
	sink->ops->finish(sink, &end);
	assert_string_equal(buffer__string(&sink->out),
			    "{\"calls\":[{\"name\":\"close\",\"count\":1,\"failed\":0,\"total_ns\":"
			    "1000,\"mean_ns\":1000,"
			    "\"p50_ns\":1008,\"p99_ns\":1008}],\"waiting\":[],\"events\":[],"
			    "\"duration\":1000000000,"
			    "\"lost\":0}\n");
	sink__free(sink);
}

/* More room helps only against full rings. */
static void losses(void **state)
{
	uint64_t by[SONDE_OUTCOMES + 1] = {
		[SONDE_CAPTURED] = 9, [SONDE_LOST_RING] = 1200, [SONDE_LOST_SKIPPED] = 34};
	struct buffer b = {};

	sink__losses(&b, by);
	assert_string_equal(buffer__string(&b),
			    "1234 records were lost (1200 ring full, 34 skipped by the kernel): "
			    "raise --buffer, or trace less");
	b.size = 0;
	by[SONDE_LOST_RING] = 0;
	sink__losses(&b, by);
	assert_string_equal(buffer__string(&b),
			    "34 records were lost (34 skipped by the kernel): trace less; a larger "
			    "--buffer does not help");
	buffer__free(&b);
}

static int release(void **state)
{
	fixture__free(&f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(templates),       cmocka_unit_test(arguments_in_templates),
		cmocka_unit_test(wrong_templates), cmocka_unit_test(quantiles),
		cmocka_unit_test(summaries),       cmocka_unit_test(losses),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
