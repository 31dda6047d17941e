/* SPDX-License-Identifier: Apache-2.0 */
/* The language of -e: what each word selects, and what is said of a word that selects nothing. */
#include "src/event/catalogue.h"
#include "src/event/select.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#define CALL(id_, name_, category_, number_)                                                       \
	{                                                                                          \
		.id = id_, .name = name_, .category = category_, .number = number_,                \
		.flags = SCHEMA_CALL                                                               \
	}

static const struct schema schemas[] = {
	{.id = 1, .name = "process", .category = "process", .number = -1, .flags = SCHEMA_INTRO},
	CALL(16, "read", "desc", 0),
	CALL(17, "write", "desc", 1),
	CALL(18, "open", "file,desc", 2),
	CALL(19, "close", "desc", 3),
	CALL(20, "openat", "file,desc", 257),
	CALL(21, "openat2", "file,desc", 437),
	CALL(22, "unlink", "file", 87),
	CALL(23, "connect", "net", 42),
	CALL(24, "recvfrom", "net", 45),
	CALL(25, "recvmsg", "net", 47),
	CALL(90, "umount2", "file,mount", 166),
	CALL(89, "exit", "process", 60),
	{.id = 91, .name = "exit", .category = "process", .number = -1},
	{.id = 92, .name = "signal", .category = "signal", .number = -1},
	CALL(93, "ptrace", "tracing", 101),
	{.id = 94, .name = "ptrace", .category = "hooks,hooks_process", .number = -1},
	{.id = 95, .name = "tcp_connect", .category = "hooks,hooks_socket", .number = -1},
};

static const struct schema *list[100];
static const struct schemas all = {.list = list, .count = 100};

static int setup(void **state)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(schemas); i++)
		list[schemas[i].id] = &schemas[i];
	return 0;
}

static int parse(struct selection *s, struct error *err, const char *first, const char *second,
		 const struct selection *base)
{
	const char *const texts[] = {first, second};

	*s = (struct selection){};
	*err = (struct error){};
	return select__parse(&all, texts, second ? 2 : 1, base, s, err);
}

static void names_of(const struct selection *s, char *text, size_t size)
{
	size_t at = 0;

	text[0] = '\0';
	for (unsigned int i = 0; i < all.count; i++) {
		if (selection__has(s, i))
			at += snprintf(text + at, size - at, "%s%s", at ? " " : "",
				       list[i] ? list[i]->name : "?");
	}
}

/* `text` (and `second`) select just these names. */
static void selects2(const char *text, const char *second, const char *names)
{
	struct selection s;
	struct error err;
	char found[500];

	if (parse(&s, &err, text, second, NULL))
		fail_msg("%s: %s", text, err.text);
	names_of(&s, found, sizeof(found));
	if (strcmp(found, names))
		fail_msg("%s: wanted %s\nselected %s", text, names, found);
	selection__release(&s);
}

static void selects(const char *text, const char *names)
{
	selects2(text, NULL, names);
}

static void says(const char *text, const char *part)
{
	struct selection s;
	struct error err;

	assert_int_equal(parse(&s, &err, text, NULL, NULL), -EINVAL);
	if (!strstr(err.text, part))
		fail_msg("%s: wanted %s\nsaid: %s", text, part, err.text);
	assert_null(s.bits);
}

static void names(void **state)
{
	selects("close", "close");
	selects("close, unlink", "close unlink");
	selects2("close", "unlink", "close unlink");
	selects("exit", "exit");
	selects("42", "connect");
}

/* A call and an event that is none of the same name. */
static void same_names(void **state)
{
	struct selection s;
	struct error err;

	assert_int_equal(parse(&s, &err, "exit", NULL, NULL), 0);
	assert_true(selection__has(&s, 91));
	assert_false(selection__has(&s, 89));
	selection__release(&s);
	assert_int_equal(parse(&s, &err, "trace=exit", NULL, NULL), 0);
	assert_false(selection__has(&s, 91));
	assert_true(selection__has(&s, 89));
	selection__release(&s);
}

/* A hook's event says something else than the call of its name. */
static void hooks_beside_calls(void **state)
{
	struct selection s;
	struct error err;

	selects("ptrace", "ptrace ptrace");
	selects("trace=tcp_connect", "tcp_connect");
	selects("@all,!ptrace,!@calls", "exit signal tcp_connect");
	assert_int_equal(parse(&s, &err, "trace=ptrace", NULL, NULL), 0);
	assert_true(selection__has(&s, 93));
	assert_false(selection__has(&s, 94));
	selection__release(&s);
	assert_int_equal(parse(&s, &err, "@calm", NULL, NULL), 0);
	assert_true(selection__has(&s, 93));
	assert_false(selection__has(&s, 94));
	selection__release(&s);
}

/* No name of calm.def is a slip: each is a call of the catalogue, or one of the probes' events. */
static void calm_names_exist(void **state)
{
	unsigned int count;
	const struct schema *calls = catalogue__calls(&count);

	for (const struct calm *c = calm_parts; c->events; c++) {
		for (const char *name = c->events; *name; name += strspn(name, " ")) {
			static const char *const events[] = {"exec", "exit", "signal", "oom_kill"};
			size_t size = strcspn(name, " ");
			bool found = false;

			for (unsigned int i = 0; i < ARRAY_SIZE(events); i++)
				found |=
					strlen(events[i]) == size && !memcmp(events[i], name, size);
			for (unsigned int i = 0; i < count; i++)
				found |= strlen(calls[i].name) == size &&
					 !memcmp(calls[i].name, name, size);
			if (!found)
				fail_msg("%.*s", (int)size, name);
			name += size;
		}
	}
}

static void calm_set(void **state)
{
	selects("@calm", "open openat openat2 unlink connect umount2 exit signal ptrace");
	selects("@calm,!@net", "open openat openat2 unlink umount2 exit signal ptrace");
	says("@clam", "did you mean @calm?");
}

static void families_too(void **state)
{
	selects("open", "open openat openat2");
	selects("open,!openat", "open openat2");
	selects("openat", "openat");
}

static void categories(void **state)
{
	selects("@net", "connect recvfrom recvmsg");
	selects("%net", "connect recvfrom recvmsg");
	selects("%network", "connect recvfrom recvmsg");
	selects("@mount,@signal", "umount2 signal");
	selects("@process", "exit exit");
	selects("@all,!@calls,!@hooks", "exit signal");
}

static void globs(void **state)
{
	selects("recv*", "recvfrom recvmsg");
	selects("op?n", "open");
	selects("[rw]*e", "write");
	selects("!*", "");
}

static void regular_expressions(void **state)
{
	selects("/^recv(from|msg)$", "recvfrom recvmsg");
	selects("/at", "openat openat2");
}

static void exclusions(void **state)
{
	selects("@file,!open", "unlink umount2");
	selects("@file,!unlink,close", "open close openat openat2 umount2");
	/* In front of the whole list, as strace has it. */
	selects("!open,close,read",
		"write unlink connect recvfrom recvmsg exit umount2 exit signal ptrace ptrace tcp_connect");
	selects2("@desc", "!write,read", "open close openat openat2");
}

static void as_in_strace(void **state)
{
	selects("trace=close", "close");
	selects("trace=!all", "");
	selects("t=%net", "connect recvfrom recvmsg");
	selects("?nosuch,close", "close");
	selects("none", "");
	selects("all,!@file,!@desc,!@net", "exit exit signal ptrace ptrace tcp_connect");
	says("status=failed", "-Z for calls that fail");
	says("signal=SIGCHLD", "use -e signal and a filter");
	says("inject=close:error=EIO", "sonde does not change");
}

static void base(void **state)
{
	struct selection calm_ones, s;
	struct error err;
	char found[500];

	assert_int_equal(parse(&calm_ones, &err, "exit,connect,unlink", NULL, NULL), 0);
	assert_int_equal(parse(&s, &err, "!unlink", NULL, &calm_ones), 0);
	names_of(&s, found, sizeof(found));
	assert_string_equal(found, "connect exit");
	selection__release(&s);
	assert_int_equal(select__parse(&all, NULL, 0, &calm_ones, &s, &err), 0);
	names_of(&s, found, sizeof(found));
	assert_string_equal(found, "unlink connect exit");
	selection__release(&s);
	selection__release(&calm_ones);
}

static void errors(void **state)
{
	says("clsoe", "there is no event clsoe; did you mean close?");
	says("unlnk,cnonect", "there is no event unlnk; did you mean unlink?\nthere is no event "
			      "cnonect; did you mean connect?");
	says("@fiel", "there is no category @fiel; did you mean @file?");
	says("%fiel", "did you mean @file?");
	says("file", "there is no event file; did you mean @file?");
	says("zz*", "zz* matches no event");
	says("/(", "not a regular expression");
	says("/zz", "/zz matches no event");
	says("99999", "there is no event 99999");
	says("process", "there is no event process");
	says("", "\"\": an event is missing there");
	says(",", "\",\": an event is missing before or behind a comma");
	says("close,", "\"close,\": an event is missing before or behind a comma");
	says("trace=", "\"trace=\": an event is missing there");
	says("close,!", "\"close,!\": an event is missing");
	says("xyzzyxyzzy", "`sonde events` lists what there is");
}

static void long_words(void **state)
{
	char word[5000];

	memset(word, 'a', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	says(word, "too long");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(same_names),
		cmocka_unit_test(hooks_beside_calls),
		cmocka_unit_test(calm_set),
		cmocka_unit_test(calm_names_exist),
		cmocka_unit_test(families_too),
		cmocka_unit_test(categories),
		cmocka_unit_test(globs),
		cmocka_unit_test(regular_expressions),
		cmocka_unit_test(exclusions),
		cmocka_unit_test(as_in_strace),
		cmocka_unit_test(base),
		cmocka_unit_test(errors),
		cmocka_unit_test(long_words),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
