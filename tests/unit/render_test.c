// SPDX-License-Identifier: Apache-2.0
/* Calls and events look as strace 6.1 prints calls: the expected lines are its output for the same
 * arguments. */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

static struct fixture f;

/* A call with one structure as its first argument. */
static const char *structure(enum kind kind, const void *data, size_t size)
{
	return fixture__structure(&f, kind, data, size, 0);
}

static const char *number(enum kind kind, const char *values, uint64_t n)
{
	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", kind, n)->values = values ? values__find(values) : NULL;
	return fixture__render(&f);
}

static void opens_a_file(void **state)
{
	fixture__call(&f, "openat", 3, KIND_fd);
	fixture__arg(&f, "dirfd", KIND_fd, (uint32_t)AT_FDCWD);
	fixture__arg(&f, "pathname", KIND_path, 0x1000);
	fixture__arg(&f, "flags", KIND_flags, O_RDONLY | O_CLOEXEC)->values = values__find("open");
	fixture__file(&f, 1, "/srv");
	fixture__item(&f, 2, SONDE_ITEM_DATA, "/etc/hosts", 10);
	fixture__file(&f, 0, "/etc/hosts");
	assert_string_equal(
		fixture__render(&f),
		"openat(AT_FDCWD</srv>, \"/etc/hosts\", O_RDONLY|O_CLOEXEC) = 3</etc/hosts>");
	f.render.names = false;
	assert_string_equal(fixture__render(&f),
			    "openat(AT_FDCWD, \"/etc/hosts\", O_RDONLY|O_CLOEXEC) = 3");
}

static void fails(void **state)
{
	static const struct {
		int64_t result;
		const char *text;
	} cases[] = {
		{-ENOENT, "unlink(NULL) = -1 ENOENT (No such file or directory)"},
		{-512, "unlink(NULL) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)"},
		{-513, "unlink(NULL) = ? ERESTARTNOINTR (To be restarted)"},
		{-514, "unlink(NULL) = ? ERESTARTNOHAND (To be restarted if no handler)"},
		{-516, "unlink(NULL) = ? ERESTART_RESTARTBLOCK (Interrupted by signal)"},
		{-4000, "unlink(NULL) = -1 E4000 (errno 4000)"},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		fixture__call(&f, "unlink", cases[i].result, KIND_int);
		fixture__arg(&f, "pathname", KIND_path, 0);
		assert_string_equal(fixture__render(&f), cases[i].text);
	}
}

static void pads_to_the_column(void **state)
{
	fixture__call(&f, "getpid", 11468, KIND_pid);
	buffer__reset(&f.out);
	render__call(&f.out, &f.render, fixture__event(&f), 40);
	assert_string_equal(buffer__string(&f.out),
			    "getpid()                                = 11468");
	f.record.flags = SONDE_RECORD_COMPAT;
	assert_string_equal(fixture__render(&f), "getpid() = 11468 (32-bit)");
	f.record.flags = SONDE_RECORD_NO_RETURN;
	assert_string_equal(fixture__render(&f), "getpid() = ?");
}

static void escapes(void **state)
{
	static const char data[] = "a\1b\n\0337x\377\303\244";

	fixture__call(&f, "write", 11, KIND_size);
	fixture__arg(&f, "buf", KIND_buffer, 0x1000);
	fixture__item(&f, 1, SONDE_ITEM_DATA, data, sizeof(data));
	assert_string_equal(fixture__render(&f),
			    "write(\"a\\1b\\n\\0337x\\377\\303\\244\\0\") = 11");

	/* C1 controls and what turns the direction of text are no letters. A last letter may be
	 * cut. */
	buffer__reset(&f.out);
	render__escaped(&f.out, "\302\233\342\200\256\303\244\"\\\177\303\244\342\202", 14);
	assert_string_equal(buffer__string(&f.out),
			    "\\302\\233\\342\\200\\256\303\244\"\\\\\\177\303\244\\342\\202");
	/* UTF-8 that is none: overlong, surrogates. Letters beside it are taken for an accident. */
	buffer__reset(&f.out);
	render__escaped(&f.out, "\303\244\300\200 ", 5);
	assert_string_equal(buffer__string(&f.out), "\\303\\244\\300\\200 ");
	buffer__reset(&f.out);
	render__escaped(&f.out, "\355\240\200\303\244", 5);
	assert_string_equal(buffer__string(&f.out), "\\355\\240\\200\\303\\244");
	/* Long enough for several words of the scan, with something special at each place. */
	for (unsigned int i = 0; i < 24; i++) {
		char text[24], expected[32];

		memset(text, 'x', sizeof(text));
		text[i] = '\n';
		memset(expected, 'x', sizeof(expected));
		memcpy(expected + i, "\\n", 2);
		expected[25] = 0;
		buffer__reset(&f.out);
		render__escaped(&f.out, text, sizeof(text));
		assert_string_equal(buffer__string(&f.out), expected);
	}
}

static void json_strings(void **state)
{
	static const struct {
		const char *data, *json;
	} cases[] = {
		{"plain", "\"plain\""},
		{"a\"b\\c\n\t\1", "\"a\\\"b\\\\c\\n\\t\\u0001\""},
		{"\303\244\342\202\254\360\237\230\200",
		 "\"\303\244\342\202\254\360\237\230\200\""},
		{"\377\303", "\"\\uf7ff\\uf7c3\""},
		{"\342\200\256", "\"\\u202e\""},
		{"\302\205", "\"\\u0085\""},
		/* U+F7FF itself is taken for its bytes. */
		{"\357\237\277", "\"\\uf7ef\\uf79f\\uf7bf\""},
		{"\363\260\200\200", "\"\\udb80\\udc00\""},
		{"\355\240\200", "\"\\uf7ed\\uf7a0\\uf780\""},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		buffer__reset(&f.out);
		render__json_string(&f.out, cases[i].data, strlen(cases[i].data));
		assert_string_equal(buffer__string(&f.out), cases[i].json);
	}
}

static void cuts_strings(void **state)
{
	char text[100];

	memset(text, 'x', sizeof(text));
	assert_string_equal(structure(KIND_string, text, 100),
			    "x(\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"...) = 0");
	assert_string_equal(structure(KIND_buffer, text, 33),
			    "x(\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"...) = 0");
	assert_string_equal(structure(KIND_buffer, text, 32),
			    "x(\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\") = 0");
	/* The name of a file bears its own dots. */
	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "fd", KIND_fd, 3);
	fixture__file(&f, 1, ".../deep/x");
	f.files[0].cut = true;
	assert_string_equal(fixture__render(&f), "x(3<.../deep/x>) = 0");
	/* A path is shown as far as there is one. */
	assert_int_equal(strlen(structure(KIND_path, text, 100)), strlen("x(\"\") = 0") + 100);
	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", KIND_path, 0x1000);
	fixture__item_whole(&f, 1, SONDE_ITEM_DATA, "abc", 3, SONDE_WHOLE_UNKNOWN);
	assert_string_equal(fixture__render(&f), "x(\"abc\"...) = 0");
}

static void says_why_not(void **state)
{
	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", KIND_path, 0xdead);
	fixture__item_whole(&f, 1, SONDE_ITEM_FAULT, NULL, 0, EFAULT);
	assert_string_equal(fixture__render(&f), "x(0xdead /* unreadable: EFAULT */) = 0");
	assert_string_equal(fixture__json(&f, 1), "{\"address\":\"0xdead\",\"error\":\"EFAULT\"}");

	fixture__call(&f, "x", -ENOENT, KIND_int);
	fixture__arg(&f, "a", KIND_stat, 0xdead);
	assert_string_equal(fixture__render(&f),
			    "x(0xdead) = -1 ENOENT (No such file or directory)");
	assert_string_equal(fixture__json(&f, 1), "\"0xdead\"");

	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", KIND_path, 0xdead)->at_entry = true;
	assert_string_equal(fixture__render(&f), "x(/* gone */) = 0");

	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", KIND_string, 0);
	fixture__item_whole(&f, 1, SONDE_ITEM_FAULT, NULL, 0, ESRCH);
	assert_string_equal(fixture__render(&f), "x(? /* unreadable: ESRCH */) = 0");

	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", KIND_stat, 0xdead);
	f.record.flags = SONDE_RECORD_COMPAT;
	fixture__item(&f, 1, SONDE_ITEM_DATA, "abcd", 4);
	assert_string_equal(fixture__render(&f), "x(0xdead /* not decoded */) = 0 (32-bit)");
}

static void strings(void **state)
{
	assert_string_equal(structure(KIND_strings, "ls\0-l\0", 6), "x([\"ls\", \"-l\"]) = 0");
	assert_string_equal(fixture__json(&f, 1), "[\"ls\",\"-l\"]");
	assert_string_equal(structure(KIND_strings, "", 0), "x([]) = 0");
	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", KIND_strings, 0x7ffd1000);
	fixture__item_whole(&f, 1, SONDE_ITEM_DATA, "ls\0-", 4, SONDE_WHOLE_UNKNOWN);
	assert_string_equal(fixture__render(&f), "x([\"ls\", \"-\"..., ...]) = 0");
	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", KIND_strings, 0x7ffd1000);
	fixture__item_whole(&f, 1, SONDE_ITEM_DATA, NULL, 0, 23);
	assert_string_equal(fixture__render(&f), "x(0x7ffd1000 /* 23 vars */) = 0");
	assert_string_equal(fixture__json(&f, 1), "{\"address\":\"0x7ffd1000\",\"count\":23}");
}

static void numbers(void **state)
{
	assert_string_equal(number(KIND_int, NULL, -1), "x(-1) = 0");
	assert_string_equal(number(KIND_int, NULL, 0xffffffff), "x(-1) = 0");
	assert_string_equal(number(KIND_size, NULL, -1), "x(18446744073709551615) = 0");
	assert_string_equal(number(KIND_address, NULL, 0), "x(NULL) = 0");
	assert_string_equal(number(KIND_address, NULL, 0x7f52b70fc000), "x(0x7f52b70fc000) = 0");
	assert_string_equal(number(KIND_mode, NULL, 022), "x(022) = 0");
	assert_string_equal(number(KIND_mode, NULL, 0), "x(000) = 0");
	assert_string_equal(number(KIND_mode, NULL, 04755), "x(04755) = 0");
	assert_string_equal(number(KIND_fmode, NULL, S_IFCHR | 0600), "x(S_IFCHR|0600) = 0");
	assert_string_equal(number(KIND_fmode, NULL, S_IFDIR | 01777),
			    "x(S_IFDIR|S_ISVTX|0777) = 0");
	assert_string_equal(number(KIND_dev, NULL, makedev(1, 3)), "x(makedev(0x1, 0x3)) = 0");
	assert_string_equal(number(KIND_uid, NULL, -1), "x(-1) = 0");
	assert_string_equal(number(KIND_signal, NULL, SIGTERM), "x(SIGTERM) = 0");
	assert_string_equal(number(KIND_signal, NULL, 0), "x(0) = 0");
	assert_string_equal(number(KIND_ioctl, "ioctl", 0x5401), "x(TCGETS) = 0");
	assert_string_equal(number(KIND_ioctl, "ioctl", 0xc0105599),
			    "x(_IOC(_IOC_READ|_IOC_WRITE, 0x55, 0x99, 0x10)) = 0");
	assert_string_equal(number(KIND_fd, NULL, (uint32_t)-1), "x(-1) = 0");
	number(KIND_size, NULL, -1);
	assert_string_equal(fixture__json(&f, 1), "\"18446744073709551615\"");
	number(KIND_size, NULL, 4096);
	assert_string_equal(fixture__json(&f, 1), "4096");
	number(KIND_address, NULL, 0x1000);
	assert_string_equal(fixture__json(&f, 1), "\"0x1000\"");
}

/* The fewest digits that are this number; what is none is text in JSON. */
static void real_numbers(void **state)
{
	static const struct {
		enum kind kind;
		uint64_t bits;
		const char *text, *json;
	} list[] = {
		{KIND_double, 0x3fb999999999999a, "x(0.1) = 0", "0.1"},
		{KIND_double, 0x3fd3333333333334, "x(0.30000000000000004) = 0",
		 "0.30000000000000004"},
		{KIND_double, 0xc000000000000000, "x(-2) = 0", "-2"},
		{KIND_double, 0x7fefffffffffffff, "x(1.7976931348623157e+308) = 0",
		 "1.7976931348623157e+308"},
		{KIND_double, 1, "x(4.94065645841247e-324) = 0", "4.94065645841247e-324"},
		{KIND_double, 0x8000000000000000, "x(-0) = 0", "-0"},
		{KIND_double, 0x7ff8000000000000, "x(nan) = 0", "\"nan\""},
		{KIND_double, 0xfff0000000000000, "x(-inf) = 0", "\"-inf\""},
		{KIND_float, 0x3dcccccd, "x(0.1) = 0", "0.1"},
		{KIND_float, 0x4b800001, "x(16777218) = 0", "16777218"},
		{KIND_float, 0x7f800000, "x(inf) = 0", "\"inf\""},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(list); i++) {
		assert_string_equal(number(list[i].kind, NULL, list[i].bits), list[i].text);
		assert_string_equal(fixture__json(&f, 1), list[i].json);
	}
}

static void names(void **state)
{
	assert_string_equal(number(KIND_address, "sa_handler", 1), "x(SIG_IGN) = 0");
	assert_string_equal(number(KIND_address, "sa_handler", 0x1234), "x(0x1234) = 0");
	assert_string_equal(number(KIND_ulong, "rlimit_value", ~0ull), "x(RLIM_INFINITY) = 0");
	assert_string_equal(number(KIND_ulong, "rlimit_value", 7), "x(7) = 0");
	assert_string_equal(number(KIND_syscall, NULL, (uint32_t)-1), "x(-1) = 0");
	assert_string_equal(number(KIND_syscall, NULL, SYS_getppid), "x(getppid) = 0");
	assert_string_equal(number(KIND_flags, "open", O_RDWR | O_CREAT | O_EXCL | 0x800000),
			    "x(O_RDWR|O_CREAT|O_EXCL|0x800000) = 0");
	assert_string_equal(number(KIND_flags, "open", 0), "x(O_RDONLY) = 0");
	assert_string_equal(number(KIND_flags, "open", O_WRONLY | O_TMPFILE),
			    "x(O_WRONLY|O_TMPFILE) = 0");
	assert_string_equal(number(KIND_flags, "access", R_OK | W_OK), "x(R_OK|W_OK) = 0");
	assert_string_equal(number(KIND_flags, "access", 0), "x(F_OK) = 0");
	assert_string_equal(number(KIND_flags, "ipc_get", 01000 | 0600), "x(IPC_CREAT|0600) = 0");
	assert_string_equal(number(KIND_flags, "ipc_get", 0), "x(000) = 0");
	assert_string_equal(number(KIND_flags, "socket_type", SOCK_STREAM | SOCK_CLOEXEC),
			    "x(SOCK_STREAM|SOCK_CLOEXEC) = 0");
	assert_string_equal(number(KIND_enum, "address_family", 99), "x(0x63 /* AF_??? */) = 0");
	assert_string_equal(number(KIND_enum, "address_family", AF_INET6), "x(AF_INET6) = 0");
	assert_string_equal(number(KIND_enum, "madvise", 99), "x(0x63 /* MADV_??? */) = 0");
	assert_string_equal(number(KIND_flags, "prot", 0), "x(PROT_NONE) = 0");
	number(KIND_flags, "open", O_RDWR | O_CREAT);
	assert_string_equal(fixture__json(&f, 1), "\"O_RDWR|O_CREAT\"");
}

static void plain_values(void **state)
{
	struct event *e;
	struct value v;

	number(KIND_flags, "open", O_RDWR | O_CREAT);
	e = fixture__event(&f);
	event__value(e, &f.fields[1], &v);
	buffer__reset(&f.out);
	render__plain(&f.out, &f.render, e, &v);
	assert_string_equal(buffer__string(&f.out), "O_RDWR|O_CREAT");
	structure(KIND_strings, "ls\0-l\0a b\0", 10);
	e = fixture__event(&f);
	event__value(e, &f.fields[1], &v);
	buffer__reset(&f.out);
	render__plain(&f.out, &f.render, e, &v);
	assert_string_equal(buffer__string(&f.out), "ls -l a b");
	structure(KIND_path, "/a\n\"b", 5);
	e = fixture__event(&f);
	event__value(e, &f.fields[1], &v);
	buffer__reset(&f.out);
	render__plain(&f.out, &f.render, e, &v);
	assert_string_equal(buffer__string(&f.out), "/a\n\"b");
}

/* A register that means nothing is not shown; what stands behind it says its name. */
static void gaps(void **state)
{
	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", KIND_int, 1);
	fixture__arg(&f, "unused", KIND_none, 2);
	fixture__arg(&f, "c", KIND_int, 3);
	assert_string_equal(fixture__render(&f), "x(1, c=3) = 0");
}

static void other_events(void **state)
{
	fixture__call(&f, "fork", 0, KIND_int);
	f.schema.flags = 0;
	f.fields[0] = (struct field){.name = "child", .kind = KIND_pid, .size = 4};
	fixture__arg(&f, "sig", KIND_signal, SIGKILL);
	assert_string_equal(fixture__render(&f), "fork child=0 sig=SIGKILL");
}

/* A file that is not there is no file that could not be resolved; what is quiet is told when there
 * is something to tell. */
static void absent_files_and_quiet_fields(void **state)
{
	for (uint64_t marked = 0; marked <= 1; marked++) {
		fixture__call(&f, "mprotect", 0, KIND_long);
		f.schema.flags = 0;
		fixture__arg(&f, "file", KIND_file, marked);
		fixture__arg(&f, "marked", KIND_bool, marked)->quiet = true;
		assert_string_equal(fixture__render(&f),
				    marked ? "mprotect ret=0 file=NULL marked=true"
					   : "mprotect ret=0 file=<?>");
	}
}

/* OLD->NEW; what has not changed is said once, or not at all. */
static void changes(void **state)
{
	fixture__call(&f, "x", 0, KIND_int);
	f.schema.flags = 0;
	f.fields[0] = (struct field){.name = "none", .kind = KIND_int, .size = 4};
	fixture__arg(&f, "old_limit", KIND_ulong, 10)->pair = 1;
	fixture__arg(&f, "limit", KIND_ulong, 20)->pair = -1;
	fixture__arg(&f, "old_uid", KIND_uid, 5)->pair = 1;
	fixture__arg(&f, "uid", KIND_uid, 5)->pair = -1;
	assert_string_equal(fixture__render(&f), "x none=0 limit=10->20 uid=5");
	f.fields[3].only_changed = f.fields[4].only_changed = true;
	assert_string_equal(fixture__render(&f), "x none=0 limit=10->20");
}

/* What changed alike is said once; where nothing did the line says so. */
static void changes_alike(void **state)
{
	static const struct {
		const char *old_name, *name;
		uint64_t old, new;
	} all[] = {
		{"old_uid", "uid", 0, 5}, {"old_suid", "suid", 1, 5}, {"old_fsuid", "fsuid", 1, 5}};

	for (unsigned int same = 0; same < 2; same++) {
		fixture__call(&f, "x", 0, KIND_int);
		f.schema.flags = 0;
		f.fields[0] =
			(struct field){.name = "key", .kind = KIND_hex, .size = 4, .detail = true};
		for (unsigned int i = 0; i < 3; i++) {
			fixture__arg(&f, all[i].old_name, KIND_uid, all[i].old)->pair = 1;
			fixture__arg(&f, all[i].name, KIND_uid, same ? all[i].old : all[i].new)
				->pair = -1;
		}
		for (unsigned int i = 1; i < 7; i++)
			f.fields[i].only_changed = true;
		assert_string_equal(fixture__render(&f),
				    same ? "x /* no change */" : "x uid=0->5 suid,fsuid=1->5");
	}
}

static void sets_of_capabilities(void **state)
{
	uint64_t all = (1ull << values__find("capability")->count) - 1;

	assert_string_equal(number(KIND_caps, NULL, 0), "x(0) = 0");
	assert_string_equal(number(KIND_caps, NULL, 0x2001), "x(CAP_CHOWN|CAP_NET_RAW) = 0");
	assert_string_equal(number(KIND_caps, NULL, all), "x(all) = 0");
	assert_string_equal(number(KIND_caps, NULL, all & ~0x2001ull),
			    "x(all-CAP_CHOWN-CAP_NET_RAW) = 0");
}

static int release(void **state)
{
	fixture__free(&f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_a_file),
		cmocka_unit_test(fails),
		cmocka_unit_test(pads_to_the_column),
		cmocka_unit_test(escapes),
		cmocka_unit_test(json_strings),
		cmocka_unit_test(cuts_strings),
		cmocka_unit_test(says_why_not),
		cmocka_unit_test(strings),
		cmocka_unit_test(numbers),
		cmocka_unit_test(real_numbers),
		cmocka_unit_test(names),
		cmocka_unit_test(plain_values),
		cmocka_unit_test(gaps),
		cmocka_unit_test(other_events),
		cmocka_unit_test(absent_files_and_quiet_fields),
		cmocka_unit_test(changes),
		cmocka_unit_test(changes_alike),
		cmocka_unit_test(sets_of_capabilities),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
