// SPDX-License-Identifier: Apache-2.0
/* Whole lines as the text sink writes them: columns, times, folding, the ends of processes and of
 * the trace. */
#include "fixture.h"

#include "src/host/host.h"
#include "src/sink/fold.h"
#include "src/sink/text.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>

static struct fixture f;
static int file = -1;

static struct sonde_process info = {.ppid = 1};
static struct process cat = {
	.key = 7,
	.version = 1,
	.pid = 4242,
	.tid = 4242,
	.info = &info,
	.name = {.data = "cat", .size = 3},
	.thread_name = {.data = "cat", .size = 3},
	.container_id = "host",
	.container_runtime = "host",
	.unit = "",
};

static struct sink *text(struct text_options o)
{
	struct sink *sink = NULL;

	if (file >= 0)
		close(file);
	file = memfd_create("text", 0);
	assert_true(file >= 0);
	o.fd = file;
	if (!o.string_limit)
		o.string_limit = 32;
	assert_int_equal(text__new(&o, &sink), 0);
	return sink;
}

/* What the sink wrote since last asked. */
static const char *written(struct sink *sink)
{
	static char out[8192];
	ssize_t n;

	assert_int_equal(sink__flush(sink), 0);
	n = pread(file, out, sizeof(out) - 1, 0);
	assert_true(n >= 0);
	out[n] = 0;
	assert_int_equal(ftruncate(file, 0), 0);
	assert_int_equal(lseek(file, 0, SEEK_SET), 0);
	return out;
}

static struct event *getpid_at(uint64_t time)
{
	fixture__call(&f, "getpid", 4242, KIND_pid);
	f.record.time = time;
	fixture__event(&f);
	f.e.process = &cat;
	return &f.e;
}

/* Without a host, time since boot is taken for the time of day, in UTC. */
static void times_of_day(void **state)
{
	static const struct {
		uint8_t time;
		const char *text;
	} cases[] = {
		{TEXT_TIME_MILLI, "13:37:42.123 cat[4242] getpid() = 4242\n"},
		{TEXT_TIME_SECOND, "13:37:42 cat[4242] getpid() = 4242\n"},
		{TEXT_TIME_MICRO, "13:37:42.123456 cat[4242] getpid() = 4242\n"},
		{TEXT_TIME_EPOCH, "1700055462.123456 cat[4242] getpid() = 4242\n"},
		{TEXT_TIME_RELATIVE, "     0.000000 cat[4242] getpid() = 4242\n"},
		{TEXT_TIME_NONE, "cat[4242] getpid() = 4242\n"},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sink *sink = text((struct text_options){.time = cases[i].time, .column = 1});

		sink__event(sink, getpid_at(1700055462123456789));
		assert_string_equal(written(sink), cases[i].text);
		if (cases[i].time == TEXT_TIME_RELATIVE) {
			sink__event(sink, getpid_at(1700055463123459789));
			assert_string_equal(written(sink),
					    "     1.000003 cat[4242] getpid() = 4242\n");
		}
		sink__free(sink);
	}
}

static void columns(void **state)
{
	struct sink *sink = text((struct text_options){.time = TEXT_TIME_NONE});
	static struct process long_name;

	sink__event(sink, getpid_at(1));
	assert_string_equal(written(sink),
			    "cat[4242] getpid()                                = 4242\n");
	long_name = cat;
	long_name.version = 2;
	long_name.thread_name = (struct text){.data = "a\033long-name", .size = 11};
	getpid_at(2);
	f.e.process = &long_name;
	sink__event(sink, &f.e);
	assert_string_equal(
		written(sink),
		"a\\33long-name[4242] getpid()                                = 4242\n");
	sink__event(sink, getpid_at(3));
	assert_string_equal(written(sink),
			    "cat[4242]           getpid()                                = 4242\n");
	getpid_at(4);
	f.record.tid = 4243;
	f.e.process = NULL;
	sink__event(sink, &f.e);
	assert_string_equal(written(sink),
			    "?[4242/4243]        getpid()                                = 4242\n");
	sink__free(sink);
}

static void whole_machine(void **state)
{
	static struct process p;
	struct sink *sink = text(
		(struct text_options){.time = TEXT_TIME_NONE, .whole_machine = true, .column = 1});

	p = cat;
	p.unit = "ssh.service";
	getpid_at(1);
	f.e.process = &p;
	sink__event(sink, &f.e);
	assert_string_equal(written(sink), "ssh cat[4242] getpid() = 4242\n");
	p.version = 2;
	p.container_runtime = "docker";
	p.container_id = "3f2a9c81d0e5aabbccdd";
	sink__event(sink, &f.e);
	assert_string_equal(written(sink), "docker:3f2a9c81d0e5 cat[4242] getpid() = 4242\n");
	sink__free(sink);
	/* nobody's: an interrupt's */
	sink = text((struct text_options){.time = TEXT_TIME_NONE, .column = 1});
	getpid_at(1);
	f.e.process = NULL;
	f.record.subject = SONDE_SUBJECT_NONE;
	f.record.pid = f.record.tid = 0;
	sink__event(sink, &f.e);
	assert_string_equal(written(sink), "?[-] getpid() = 4242\n");
	sink__free(sink);
}

static void colours(void **state)
{
	struct sink *sink = text((struct text_options){.time = TEXT_TIME_NONE, .colour = true});
	const char *line;

	fixture__call(&f, "unlink", -ENOENT, KIND_int);
	fixture__event(&f)->process = &cat;
	sink__event(sink, &f.e);
	line = written(sink);
	assert_non_null(strstr(line, "\033[31m-1 ENOENT (No such file or directory)\033[0m"));
	fixture__call(&f, "connect", -EINPROGRESS, KIND_int);
	fixture__event(&f)->process = &cat;
	sink__event(sink, &f.e);
	assert_null(strstr(written(sink), "\033[31m"));
	sink__free(sink);
}

static void latency(void **state)
{
	struct sink *sink =
		text((struct text_options){.time = TEXT_TIME_NONE, .latency = true, .column = 1});

	getpid_at(1);
	f.e.latency = 123456;
	sink__event(sink, &f.e);
	assert_string_equal(written(sink), "cat[4242] getpid() = 4242 <0.000123>\n");
	f.e.late = true;
	sink__event(sink, &f.e);
	assert_string_equal(written(sink), "cat[4242] getpid() = 4242 <0.000123> (late)\n");
	sink__free(sink);
}

static void folds_repeats(void **state)
{
	struct sink *sink =
		text((struct text_options){.time = TEXT_TIME_NONE, .fold = true, .column = 1});
	uint64_t second = 1000000000;

	for (unsigned int i = 0; i < 42; i++) {
		getpid_at(10 * second + i);
		f.record.pid = f.record.tid = 4242 + i;
		f.record.key = 7 + i;
		sink__event(sink, &f.e);
	}
	assert_string_equal(written(sink), "cat[4242] getpid() = 4242\n");
	sink__tick(sink, 10 * second + 41);
	assert_string_equal(written(sink), "");
	sink__tick(sink, 11 * second);
	assert_string_equal(written(sink), "cat[4242] getpid() = 4242 ×41\n");
	/* After that it begins anew; another call is another line. */
	sink__event(sink, getpid_at(12 * second));
	fixture__call(&f, "getpid", 1, KIND_pid);
	f.record.time = 12 * second;
	fixture__event(&f)->process = &cat;
	sink__event(sink, &f.e);
	assert_string_equal(written(sink), "cat[4242] getpid() = 4242\ncat[4242] getpid() = 1\n");
	sink__event(sink, getpid_at(12 * second + 5));
	assert_int_equal(sink__finish(sink, &(struct sink_end){}), 0);
	assert_string_equal(written(sink), "cat[4242] getpid() = 4242 ×1\n");
	sink__free(sink);
}

static struct event *event(const char *name)
{
	fixture__call(&f, name, 0, KIND_int);
	f.schema.flags = 0;
	f.schema.count = 0;
	f.schema.fixed = 0;
	f.size = sizeof(f.record);
	return &f.e;
}

static void add(const char *name, enum kind kind, uint64_t n)
{
	struct field *field = fixture__arg(&f, name, kind, n);

	field->size = 4;
}

static void ends_of_processes(void **state)
{
	static struct process bash;
	struct sink *sink = text((struct text_options){.time = TEXT_TIME_NONE, .column = 1});

	event("exit");
	add("code", KIND_int, 1);
	add("sig", KIND_signal, 0);
	fixture__event(&f)->process = &cat;
	sink__event(sink, &f.e);
	assert_string_equal(written(sink), "cat[4242] +++ exited with 1 +++\n");

	bash = cat;
	bash.name = bash.thread_name = (struct text){.data = "bash", .size = 4};
	event("signal");
	add("sig", KIND_signal, SIGKILL);
	add("target", KIND_pid, 4242);
	f.record.pid = f.record.tid = 99;
	fixture__event(&f)->process = &bash;
	add("reason", KIND_int, 0);
	fixture__event(&f)->process = &bash;
	sink__event(sink, &f.e);
	assert_string_equal(written(sink), "bash[99]  --- SIGKILL to [4242] (SI_USER) ---\n");

	event("exit");
	add("code", KIND_int, 0);
	add("sig", KIND_signal, SIGKILL);
	fixture__event(&f)->process = &cat;
	sink__event(sink, &f.e);
	assert_string_equal(written(sink),
			    "cat[4242] +++ killed by SIGKILL +++ sent by bash[99] (SI_USER)\n");

	event("oom_kill");
	add("victim", KIND_pid, 4242);
	fixture__event(&f);
	sink__hint(sink, &f.e);
	event("exit");
	add("code", KIND_int, 0);
	add("sig", KIND_signal, SIGKILL);
	add("core", KIND_bool, 1);
	fixture__event(&f)->process = &cat;
	sink__event(sink, &f.e);
	assert_string_equal(written(sink),
			    "cat[4242] +++ killed by SIGKILL (core dumped) +++ out of memory\n");
	sink__free(sink);
}

/* Ctrl-C is read by whatever kernel thread serves the terminal. */
static void from_the_terminal(void **state)
{
	static struct sonde_process kernel_info = {.kernel_thread = 1};
	static struct process kworker;
	struct sink *sink = text((struct text_options){.time = TEXT_TIME_NONE, .column = 1});
	static const struct {
		int sig;
		const char *text;
	} cases[] = {
		{SIGINT, "cat[4242] +++ killed by SIGINT +++ from the terminal (SI_KERNEL)\n"},
		{SIGHUP, "cat[4242] +++ killed by SIGHUP +++ by the kernel (SI_KERNEL)\n"},
		{SIGKILL, "cat[4242] +++ killed by SIGKILL +++ by the kernel (SI_KERNEL)\n"},
		{SIGSEGV, "cat[4242] +++ killed by SIGSEGV +++ by itself (SI_KERNEL)\n"},
	};

	kworker = cat;
	kworker.info = &kernel_info;
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		event("signal");
		add("sig", KIND_signal, cases[i].sig);
		add("target", KIND_pid, 4242);
		add("reason", KIND_int, 0x80);
		if (cases[i].sig == SIGINT || cases[i].sig == SIGHUP)
			f.record.pid = f.record.tid = 99;
		fixture__event(&f)->process = f.record.pid == 99 ? &kworker : &cat;
		sink__hint(sink, &f.e);
		event("exit");
		add("code", KIND_int, 0);
		add("sig", KIND_signal, cases[i].sig);
		fixture__event(&f)->process = &cat;
		sink__event(sink, &f.e);
		assert_string_equal(written(sink), cases[i].text);
	}
	sink__free(sink);
}

/* A new task comes back from its parent's call: told, but no call. */
static void births(void **state)
{
	struct sink *sink = text((struct text_options){.time = TEXT_TIME_NONE, .column = 1});
	struct sink_end end = {.command = "cat", .duration = 1000000};

	fixture__call(&f, "clone", 0, KIND_pid);
	f.record.tid = 4243;
	fixture__event(&f)->process = &cat;
	sink__event(sink, &f.e);
	assert_string_equal(written(sink), "cat[4242/4243] +++ thread of cat[4242] +++\n");
	fixture__call(&f, "vfork", 0, KIND_pid);
	fixture__event(&f)->process = &cat;
	sink__event(sink, &f.e);
	assert_string_equal(written(sink), "cat[4242]      +++ child of ?[1] +++\n");
	fixture__call(&f, "fork", 4244, KIND_pid);
	fixture__event(&f)->process = &cat;
	sink__event(sink, &f.e);
	assert_string_equal(written(sink), "cat[4242]      fork() = 4244\n");
	fixture__call(&f, "close", 0, KIND_int);
	fixture__event(&f)->process = &cat;
	sink__event(sink, &f.e);
	assert_string_equal(written(sink), "cat[4242]      close() = 0\n");
	assert_int_equal(sink__finish(sink, &end), 0);
	assert_string_equal(written(sink),
			    "cat exited 0 after 1.0 ms: 2 calls, 0 failed, 0 lost\n");
	sink__free(sink);
	sink = text((struct text_options){.quiet = 1});
	fixture__call(&f, "clone3", 0, KIND_pid);
	fixture__event(&f)->process = &cat;
	sink__event(sink, &f.e);
	assert_string_equal(written(sink), "");
	sink__free(sink);
}

/* What a new program is: without what says the same again. */
static void programs(void **state)
{
	struct sink *sink = text((struct text_options){.time = TEXT_TIME_NONE, .column = 1});
	static struct sonde_process deleted = {.exe_flags = SONDE_EXE_DELETED};
	static struct process p;

	p = cat;
	p.version = 2;
	for (unsigned int i = 0; i < 3; i++) {
		event("exec");
		fixture__arg(&f, "filename", KIND_path, 0x1000);
		fixture__arg(&f, "argv", KIND_strings, 0x2000);
		add("old_tid", KIND_pid, i < 2 ? 4242 : 4250);
		fixture__item(&f, 0, SONDE_ITEM_DATA, "./cat", 5);
		fixture__item(&f, 1, SONDE_ITEM_DATA, "cat\0a b", 8);
		fixture__event(&f)->process = &p;
		sink__event(sink, &f.e);
		p.exe = (struct text){.data = "/tmp/\033x", .size = 7};
		p.info = i ? &deleted : &info;
	}
	assert_string_equal(written(sink),
			    "cat[4242] exec \"./cat\" [\"cat\", \"a b\"]\n"
			    "cat[4242] exec </tmp/\\33x> [\"cat\", \"a b\"]\n"
			    "cat[4242] exec </tmp/\\33x (deleted)> [\"cat\", \"a b\"] "
			    "old_tid=4250\n");
	event("fork");
	add("child", KIND_pid, 4243);
	add("child_tid", KIND_pid, 4243);
	fixture__arg(&f, "child_key", KIND_hex, 0x1234);
	add("ns_child", KIND_pid, 1);
	add("ns_child_tid", KIND_pid, 1);
	fixture__event(&f)->process = &cat;
	sink__event(sink, &f.e);
	assert_string_equal(written(sink), "cat[4242] fork child=4243 ns_child=1\n");
	sink__free(sink);
}

static void waiting_calls(void **state)
{
	struct sink *sink = text((struct text_options){.time = TEXT_TIME_NONE, .names = true});
	struct waiting w = {.event = &f.e, .duration = 1040000000, .state = WAITING_STILL};

	fixture__call(&f, "read", 0, KIND_size);
	fixture__arg(&f, "fd", KIND_fd, 0);
	fixture__arg(&f, "buf", KIND_buffer, 0x7f00);
	fixture__file(&f, 1, "/dev/pts/0");
	fixture__event(&f)->process = &cat;
	sink__waiting(sink, &w);
	assert_string_equal(written(sink),
			    "cat[4242] read(0</dev/pts/0>, 0x7f00) ... waiting 1.0 s\n");
	w.state = WAITING_UNFINISHED;
	sink__waiting(sink, &w);
	assert_string_equal(written(sink),
			    "cat[4242] read(0</dev/pts/0>, 0x7f00) = ? unfinished after 1.0 s\n");
	w.state = WAITING_PRESENT;
	w.duration = 0;
	sink__waiting(sink, &w);
	assert_string_equal(written(sink), "cat[4242] read(0</dev/pts/0>, 0x7f00) ... going on\n");
	sink__free(sink);
}

static void losses(void **state)
{
	struct sink *sink = text((struct text_options){.time = TEXT_TIME_MILLI});
	struct sonde_lost lost = {.count = 1234,
				  .first = 1700055462123456789,
				  .last = 1700055463000000000,
				  .reason = SONDE_LOST_RING};

	sink__lost(sink, NULL, &lost);
	assert_string_equal(written(sink),
			    "--- 1234 records lost (ring full) between 13:37:42.123456 and "
			    "13:37:43.000000: raise --buffer, or trace less ---\n");
	sink__free(sink);
}

static void last_line(void **state)
{
	struct sink *sink = text((struct text_options){.time = TEXT_TIME_NONE, .column = 1});
	struct sink_end end = {.command = "cat", .status = 1 << 8, .duration = 4100000};

	sink__event(sink, getpid_at(1));
	sink__event(sink, getpid_at(2));
	fixture__call(&f, "unlink", -ENOENT, KIND_int);
	fixture__event(&f)->process = &cat;
	sink__event(sink, &f.e);
	written(sink);
	assert_int_equal(sink__finish(sink, &end), 0);
	assert_string_equal(written(sink),
			    "cat exited 1 after 4.1 ms: 3 calls, 1 failed, 0 lost\n");
	end.status = SIGTERM;
	end.duration = 12345678901;
	end.lost = 5;
	assert_int_equal(sink__finish(sink, &end), 0);
	assert_string_equal(written(sink),
			    "cat killed by SIGTERM after 12.3 s: 3 calls, 1 failed, 5 lost\n");
	sink__free(sink);
	/* Who asked for other events hears of these. */
	sink = text((struct text_options){.time = TEXT_TIME_NONE});
	event("exit");
	add("code", KIND_int, 0);
	add("sig", KIND_signal, 0);
	fixture__event(&f)->process = &cat;
	sink__event(sink, &f.e);
	written(sink);
	end = (struct sink_end){.command = "cat", .duration = 4100000};
	assert_int_equal(sink__finish(sink, &end), 0);
	assert_string_equal(written(sink), "cat exited 0 after 4.1 ms: 1 event, 0 lost\n");
	sink__free(sink);
}

static void full_and_closed(void **state)
{
	struct sink *sink = text((struct text_options){.time = TEXT_TIME_NONE});
	int ends[2];

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	sink->fd = ends[1];
	sink__event(sink, getpid_at(1));
	assert_int_equal(sink__flush(sink), -EPIPE);
	/* It stays so, and what comes later is dropped, not kept. */
	sink__event(sink, getpid_at(1));
	assert_int_equal(sink__flush(sink), -EPIPE);
	assert_int_equal(sink->out.size, 0);
	sink__free(sink);
	close(ends[1]);
}

static int release(void **state)
{
	fixture__free(&f);
	close(file);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_of_day),
		cmocka_unit_test(columns),
		cmocka_unit_test(whole_machine),
		cmocka_unit_test(colours),
		cmocka_unit_test(latency),
		cmocka_unit_test(folds_repeats),
		cmocka_unit_test(ends_of_processes),
		cmocka_unit_test(from_the_terminal),
		cmocka_unit_test(births),
		cmocka_unit_test(programs),
		cmocka_unit_test(waiting_calls),
		cmocka_unit_test(losses),
		cmocka_unit_test(last_line),
		cmocka_unit_test(full_and_closed),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
