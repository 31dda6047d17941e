/* SPDX-License-Identifier: Apache-2.0 */
/* sonde events: the list, all about one event, and the same as JSON. */
#include "src/cli/options.h"
#include "src/base/buffer.h"
#include "src/event/select.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

static const struct named_value open_names[] = {{"O_WRONLY", 1, 3}, {"O_CREAT", 0100, 0100}};
static const struct values open_values = {"open", open_names, ARRAY_SIZE(open_names)};

static const struct field openat_fields[] = {
	{.name = "res",
	 .kind = KIND_fd,
	 .direction = FIELD_OUT,
	 .provenance = FROM_KERNEL,
	 .size = 8},
	{.name = "dirfd", .kind = KIND_fd, .offset = 8, .size = 8},
	{.name = "pathname", .alias = "name", .kind = KIND_path, .offset = 16, .size = 8},
	{.name = "flags", .kind = KIND_flags, .values = &open_values, .offset = 24, .size = 8},
	{.name = "mode", .kind = KIND_mode, .offset = 32, .size = 8, .at_entry = true},
};

static const struct field exec_fields[] = {
	{.name = "filename", .kind = KIND_path, .provenance = FROM_KERNEL, .help = "as given"},
};

/* As they are read from a probe that says nothing of them. */
static const struct field silent_fields[] = {
	{.name = "file", .kind = KIND_file, .provenance = FROM_KERNEL, .help = ""},
	{.name = "how",
	 .kind = KIND_flags,
	 .provenance = FROM_KERNEL,
	 .values = &open_values,
	 .help = ""},
};

static const struct schema openat = {.name = "openat",
				     .category = "file,desc",
				     .id = 16,
				     .flags = SCHEMA_CALL | SCHEMA_RESULT,
				     .number = 257,
				     .compat_number = 295,
				     .count = ARRAY_SIZE(openat_fields),
				     .fields = openat_fields};
static const struct schema exec = {.name = "exec",
				   .category = "process",
				   .help = "a \"program\" starts",
				   .blind = "nothing",
				   .id = 17,
				   .number = -1,
				   .compat_number = -1,
				   .count = ARRAY_SIZE(exec_fields),
				   .fields = exec_fields};

static const struct schema silent = {.name = "silent",
				     .category = "hooks",
				     .help = "it happened",
				     .id = 18,
				     .number = -1,
				     .compat_number = -1,
				     .count = ARRAY_SIZE(silent_fields),
				     .fields = silent_fields};

static const struct schema *list[32] = {[16] = &openat, [17] = &exec, [18] = &silent};
static const struct schemas all = {.list = list, .count = 32};

static char *run(const char *option, const char *pattern, int expected)
{
	char *argv[] = {"sonde", "events", (char *)option, (char *)pattern, NULL};
	struct options options;
	struct buffer b = {};
	struct error err = {};
	char *text;

	assert_int_equal(options__parse(2 + !!option + !!pattern, argv, &options, &err), 0);
	options.color = COLOR_NEVER;
	assert_int_equal(events__print(&options, &all, &b, &err), expected);
	text = strdup(expected ? err.text : buffer__string(&b));
	buffer__free(&b);
	options__release(&options);
	return text;
}

static void lists(void **state)
{
	char *text = run("--color=never", NULL, 0);

	assert_string_equal(text, "exec    @process     a \"program\" starts\n"
				  "silent  @hooks       it happened\n"
				  "openat  @file @desc  openat(dirfd, pathname, flags, mode)\n");
	free(text);
	text = run("--color=never", "@process", 0);
	assert_string_equal(text, "exec  @process  a \"program\" starts\n");
	free(text);
}

static void tells_all(void **state)
{
	char *text = run("-v", "openat", 0);

	assert_non_null(strstr(text,
			       "openat  @file @desc\n    openat(dirfd, pathname, flags, mode)\n"
			       "    system call 257, as a 32-bit call 295\n    family: open\n"
			       "    hook: tp_btf/sys_exit"));
	assert_non_null(strstr(
		text, "    not seen: the same done through io_uring, unless with --io-uring\n"));
	assert_non_null(
		strstr(text, "    flags     flags  NAME|NAME      program  O_WRONLY O_CREAT\n"));
	assert_non_null(strstr(text, "    pathname  path   \"/etc/hosts\"   program  "));
	assert_non_null(strstr(text, "sysdig: name"));
	assert_non_null(strstr(text, "read at the entry"));
	for (const char *l = text; *l; l += strcspn(l, "\n") + 1)
		assert_true(strcspn(l, "\n") <= 80);
	free(text);
	text = run("-v", "exec", 0);
	assert_non_null(strstr(text, "hook: tp_btf/sched_process_exec"));
	assert_non_null(strstr(text, "not seen: nothing"));
	free(text);
	text = run("-v", "silent", 0);
	assert_non_null(strstr(text, "</etc/hosts>  kernel   a file, directory, pipe or socket\n"));
	assert_non_null(strstr(text, " kernel   O_WRONLY O_CREAT\n"));
	free(text);
}

static void as_json(void **unused)
{
	char *text = run("--json", "exec", 0), *state, *rest;

	/* What this kernel makes of it depends on the machine. */
	state = strstr(text, "\"state\":\"");
	rest = strstr(text, "\"blind\"");
	assert_true(state && rest && state < rest);
	assert_non_null(strstr(state, "\"why\":"));
	memmove(state, rest, strlen(rest) + 1);
	assert_string_equal(
		text, "{\"name\":\"exec\",\"categories\":[\"process\"],\"help\":\"a "
		      "\\\"program\\\" starts\","
		      "\"hook\":\"tp_btf/sched_process_exec\",\"blind\":\"nothing\","
		      "\"instead\":null,\"lesser\":null,\"fields\":["
		      "{\"name\":\"filename\",\"alias\":null,\"type\":\"path\",\"format\":\"\\\"/"
		      "etc/hosts\\\"\","
		      "\"from\":\"kernel\",\"at_entry\":false,\"help\":\"as given\"}]}\n");
	free(text);
	text = run("--json", "openat", 0);
	assert_non_null(strstr(text, "\"number\":257,\"number_32bit\":295"));
	assert_non_null(strstr(text, "\"values\":[\"O_WRONLY\",\"O_CREAT\"]"));
	free(text);
}

static void unknown_patterns(void **state)
{
	char *text = run("--color=never", "opneat", -EINVAL);

	assert_non_null(strstr(text, "did you mean openat?"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists),
		cmocka_unit_test(tells_all),
		cmocka_unit_test(as_json),
		cmocka_unit_test(unknown_patterns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
