// SPDX-License-Identifier: Apache-2.0
/* From records to events: entries are joined to their exits, tasks are learnt and forgotten,
 * nothing grows without end. */
#include "records.h"

#include "src/host/host.h"
#include "src/source/stream.h"

#include <malloc.h>
#include <stdio.h>

enum { CALL = 16, OTHER_CALL, EXIT_CALL, EXIT, EXEC, CONTAINER, EVENTS };

static const struct field call_fields[] = {
	{.name = "ret", .kind = KIND_long, .size = 8},
	{.name = "path", .kind = KIND_path, .at_entry = true, .size = 8, .offset = 8},
};

static const struct field exit_fields[] = {
	{.name = "code", .kind = KIND_int, .size = 4},
	{.name = "group_dead", .kind = KIND_bool, .size = 1, .offset = 4},
};

static const struct field exec_fields[] = {
	{.name = "filename", .kind = KIND_path, .size = 8},
	{.name = "interp", .kind = KIND_path, .size = 8, .offset = 8},
	{.name = "argv", .kind = KIND_strings, .size = 8, .offset = 16},
	{.name = "old_tid", .kind = KIND_pid, .size = 4, .offset = 24},
};

static const struct field container_fields[] = {
	{.name = "id", .kind = KIND_string, .size = 8},
	{.name = "runtime", .kind = KIND_string, .size = 8, .offset = 8},
	{.name = "path", .kind = KIND_path, .size = 8, .offset = 16},
};

#define CALL_OF(title, number)                                                                     \
	{                                                                                          \
		.name = title, .id = number, .flags = SCHEMA_CALL | SCHEMA_RESULT, .fixed = 16,    \
		.count = 2, .fields = call_fields                                                  \
	}

static const struct schema schemas[] = {
	CALL_OF("open", CALL),
	CALL_OF("mkdir", OTHER_CALL),
	CALL_OF("exit", EXIT_CALL), /* exit(2) is not the end of a task */
	{.name = "exit", .id = EXIT, .fixed = 8, .count = 2, .fields = exit_fields},
	{.name = "exec", .id = EXEC, .fixed = 32, .count = 4, .fields = exec_fields},
	{.name = "container_create",
	 .id = CONTAINER,
	 .fixed = 24,
	 .count = 3,
	 .fields = container_fields},
};

struct fixture {
	const struct schema *list[EVENTS];
	struct schemas all;
	struct host *host;
	struct stream *stream;
	struct builder b;
	unsigned int count;
	char path[64]; /* of the last event: what its entry showed, or why not */
	uint64_t number;
	bool late, known;
};

static void deliver(void *context, const struct event *e)
{
	struct fixture *f = context;
	struct value v;

	f->count++;
	f->number = e->number;
	f->late = e->late;
	f->known = e->process != NULL;
	assert_int_equal(e->repeats, 1);
	assert_non_null(e->scratch);
	assert_ptr_equal(e->host, f->host);
	if (e->schema->id == CONTAINER) {
		struct value id;

		event__value(e, &container_fields[0], &id);
		event__value(e, &container_fields[1], &v);
		snprintf(f->path, sizeof(f->path), "%.*s %.*s", (int)v.size, (const char *)v.data,
			 (int)id.size, (const char *)id.data);
		return;
	}
	if (!(e->schema->flags & SCHEMA_CALL))
		return;
	event__value(e, &call_fields[1], &v);
	if (v.state == VALUE_OK)
		snprintf(f->path, sizeof(f->path), "%.*s", (int)v.size, (const char *)v.data);
	else
		snprintf(f->path, sizeof(f->path), "state %d", v.state);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	for (unsigned int i = 0; i < ARRAY_SIZE(schemas); i++)
		f->list[schemas[i].id] = &schemas[i];
	f->all = (struct schemas){f->list, EVENTS};
	assert_int_equal(host__new(&f->host), 0);
	assert_int_equal(stream__new(&f->all, f->host, deliver, f, &f->stream), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	stream__free(f->stream);
	stream__free(NULL);
	host__free(f->host);
	free(f);
	return 0;
}

static void put(struct fixture *f, uint32_t tid)
{
	builder__finish(&f->b);
	f->b.record.pid = f->b.record.tid = tid;
	f->b.record.key = tid;
	f->b.record.version = 2;
	stream__record(f->stream, &f->b.record, false);
}

static void enter(struct fixture *f, unsigned int event, uint32_t tid, const char *path)
{
	builder__start(&f->b, event, SONDE_CLASS_EVENT, (const uint64_t[2]){0, 0x1000}, 16)->flags =
		SONDE_RECORD_ENTRY;
	builder__item(&f->b, 1, SONDE_ITEM_DATA, path, strlen(path));
	put(f, tid);
}

/* What the entry showed is in f->path afterwards. */
static const char *leave(struct fixture *f, unsigned int event, uint32_t tid)
{
	builder__start(&f->b, event, SONDE_CLASS_EVENT, (const uint64_t[2]){0, 0x1000}, 16);
	strcpy(f->path, "nothing delivered");
	put(f, tid);
	return f->path;
}

static void end(struct fixture *f, uint32_t tid, bool group)
{
	const struct {
		int32_t code;
		uint8_t group_dead, unused[3];
	} fixed = {0, group, {}};

	builder__start(&f->b, EXIT, SONDE_CLASS_EVENT, &fixed, sizeof(fixed));
	put(f, tid);
}

static void introduce(struct fixture *f, uint32_t tid)
{
	const struct sonde_process info = {.comm = "task"};

	builder__start(&f->b, SONDE_EVENT_PROCESS, SONDE_CLASS_INTRO, &info, sizeof(info));
	put(f, tid);
}

static void joined(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(leave(f, CALL, 1), "state 5"); /* gone: nobody looked at its entry */
	enter(f, CALL, 1, "/one");
	enter(f, CALL, 2, "/two");
	assert_int_equal(f->count, 1);
	assert_string_equal(leave(f, CALL, 2), "/two");
	assert_string_equal(leave(f, CALL, 1), "/one");
	assert_string_equal(leave(f, CALL, 1), "state 5"); /* once only */
	/* an exit was lost: the next entry counts */
	enter(f, CALL, 1, "/lost");
	enter(f, CALL, 1, "/again, and longer than what was there before");
	assert_string_equal(leave(f, CALL, 1), "/again, and longer than what was there before");
	/* another call's exit */
	enter(f, CALL, 1, "/one");
	assert_string_equal(leave(f, OTHER_CALL, 1), "state 5");
	assert_string_equal(leave(f, CALL, 1), "/one");
	assert_int_equal(f->number, stream__delivered(f->stream));
	assert_int_equal(stream__damaged(f->stream), 0);
}

static void exec(struct fixture *f, uint32_t tid, int32_t old, const char *filename)
{
	const struct {
		uint64_t addresses[3];
		int32_t old_tid, unused;
	} fixed = {{}, old, 0};

	builder__start(&f->b, EXEC, SONDE_CLASS_EVENT, &fixed, sizeof(fixed));
	for (unsigned int slot = 0; slot < 3; slot++)
		builder__item(&f->b, slot, SONDE_ITEM_DATA, filename, strlen(filename));
	put(f, tid);
}

/* An execve by another thread than the leader: it enters with its own id and returns with the
 * leader's. */
static void exec_by_a_thread(void **state)
{
	struct fixture *f = *state;

	enter(f, CALL, 100, "/leader");
	enter(f, CALL, 101, "/thread");
	exec(f, 100, 101, "/bin/x");
	assert_string_equal(leave(f, CALL, 101), "state 5");
	assert_string_equal(leave(f, CALL, 100), "/thread");
	/* and nobody has the thread's id any more */
	introduce(f, 200);
	f->b.record.version = 4;
	f->b.record.tid = 201;
	stream__record(f->stream, &f->b.record, false);
	assert_int_equal(host__process(f->host, 200)->tid, 201);
	exec(f, 200, 201, "/bin/x");
	assert_int_equal(host__process(f->host, 200)->tid, 200);
	/* the leader itself: nothing moves */
	enter(f, CALL, 100, "/leader");
	exec(f, 100, 100, "/bin/x");
	assert_string_equal(leave(f, CALL, 100), "/leader");
}

/* What the entry could not read the new program knows. */
static void completed_by_exec(void **state)
{
	struct fixture *f = *state;

	for (unsigned int i = 0; i < 2; i++) {
		builder__start(&f->b, CALL, SONDE_CLASS_EVENT, (const uint64_t[2]){0, 0x1000}, 16)
			->flags = SONDE_RECORD_ENTRY;
		builder__item_whole(&f->b, 1, SONDE_ITEM_FAULT, NULL, 0, 14);
		put(f, 100 + i);
	}
	exec(f, 100, 100, "/bin/a path, longer than eight");
	assert_string_equal(leave(f, CALL, 100), "/bin/a path, longer than eight");
	exec(f, 100, 101, "/bin/y"); /* by a thread */
	assert_string_equal(leave(f, CALL, 100), "/bin/y");
	/* what the entry did read stays */
	enter(f, CALL, 100, "../bin/z");
	exec(f, 100, 100, "/bin/z");
	assert_string_equal(leave(f, CALL, 100), "../bin/z");
	/* an entry that lies */
	builder__start(&f->b, CALL, SONDE_CLASS_EVENT, (const uint64_t[2]){0, 0x1000}, 16)->flags =
		SONDE_RECORD_ENTRY;
	builder__item_whole(&f->b, 1, SONDE_ITEM_FAULT, NULL, 0, 14);
	builder__finish(&f->b);
	((struct sonde_item *)(f->b.bytes + sizeof(struct sonde_record) + 16))->size = 9000;
	f->b.record.tid = 100;
	stream__record(f->stream, &f->b.record, false);
	exec(f, 100, 100, "/bin/z");
	assert_string_equal(leave(f, CALL, 100), "nothing delivered");
}

static void ends(void **state)
{
	struct fixture *f = *state;

	introduce(f, 1);
	assert_non_null(host__process(f->host, 1));
	leave(f, EXIT_CALL, 1); /* the call asks for the end, and is not it */
	assert_non_null(host__process(f->host, 1));
	enter(f, CALL, 1, "/never returns");
	end(f, 1, false);
	assert_non_null(host__process(f->host, 1));
	end(f, 1, true);
	assert_true(f->known);                      /* who ended is told before it is forgotten, */
	assert_non_null(host__process(f->host, 1)); /* and remembered while its children name it */
	assert_string_equal(leave(f, CALL, 1), "state 5"); /* another thread with this id */
}

static void damaged(void **state)
{
	struct fixture *f = *state;

	leave(f, 5, 1); /* no such event */
	leave(f, 60000, 1);
	assert_int_equal(stream__damaged(f->stream), 2);
	builder__start(&f->b, CALL, SONDE_CLASS_BULK, (const uint64_t[2]){}, 16);
	put(f, 1);
	builder__start(&f->b, EXIT, SONDE_CLASS_EVENT, (const uint64_t[2]){}, 8)->flags =
		SONDE_RECORD_ENTRY;
	put(f, 1);
	builder__start(&f->b, CALL, SONDE_CLASS_EVENT, (const uint64_t[2]){},
		       8); /* too short for its schema */
	put(f, 1);
	builder__start(&f->b, SONDE_EVENT_PROCESS, SONDE_CLASS_INTRO, (const uint64_t[2]){}, 16);
	put(f, 1);
	assert_int_equal(stream__damaged(f->stream), 6);
	assert_int_equal(f->count, 0);
	/* an entry that lies takes one exit with it, no more */
	builder__start(&f->b, CALL, SONDE_CLASS_EVENT, (const uint64_t[2]){}, 8)->flags =
		SONDE_RECORD_ENTRY;
	put(f, 1);
	assert_string_equal(leave(f, CALL, 1), "nothing delivered");
	assert_string_equal(leave(f, CALL, 1), "state 5");
	assert_int_equal(stream__damaged(f->stream), 7);
	assert_int_equal(stream__delivered(f->stream), 1);
}

static void late(void **state)
{
	struct fixture *f = *state;

	leave(f, CALL, 1);
	assert_false(f->late);
	stream__record(f->stream, &f->b.record, true);
	assert_true(f->late);
}

static void present(void **state)
{
	struct fixture *f = *state;
	struct sonde_present now = {.nr = 2, .args = {0x1000, 2, 3}};
	struct schema big = schemas[0];
	const struct event *e;
	struct value v;

	introduce(f, 7);
	builder__start(&f->b, SONDE_EVENT_PRESENT, SONDE_CLASS_INTRO, &now, sizeof(now));
	f->b.record.key = 7;
	e = stream__present(f->stream, builder__finish(&f->b), &schemas[0]);
	assert_non_null(e);
	assert_non_null(e->process);
	assert_ptr_equal(e->schema, &schemas[0]);
	assert_false(event__failed(e));
	assert_false(e->late);
	event__value(e, &call_fields[1], &v);
	assert_int_equal(v.number, 0x1000);
	assert_null(stream__present(f->stream, &f->b.record, NULL));
	big.fixed = 200;
	assert_null(stream__present(f->stream, &f->b.record, &big));
	f->b.record.size -= 8;
	assert_null(stream__present(f->stream, &f->b.record, &schemas[0]));
}

/* Ten thousand processes and a hundred thousand events, then calls whose end was lost: the memory
 * comes to an end. */
static void bounded(void **state)
{
	struct fixture *f = *state;
	size_t before, after;

	for (uint32_t round = 0; round < 2; round++) {
		before = mallinfo2().uordblks;
		for (uint32_t tid = 1; tid <= 10000; tid++) {
			introduce(f, tid + 10000 * round);
			for (unsigned int i = 0; i < 10; i++) {
				enter(f, CALL, tid + 10000 * round, "/some/file");
				leave(f, CALL, tid + 10000 * round);
				assert_true(f->known);
			}
			end(f, tid + 10000 * round, true);
		}
		after = mallinfo2().uordblks;
	}
	assert_int_equal(f->count, 220000);
	/* the second time finds all that it needs (mallinfo tells nothing under a sanitizer) */
	assert_true(after <= before + 100000);
	for (uint32_t tid = 1; tid <= 200000; tid++)
		enter(f, CALL, tid, "/never returns");
	assert_true(mallinfo2().uordblks < after + 8000000);
	assert_string_equal(leave(f, CALL, 1), "state 5");
	assert_string_equal(leave(f, CALL, 200000 - 16384), "state 5");
	assert_string_equal(leave(f, CALL, 200000 - 16383), "/never returns");
	assert_string_equal(leave(f, CALL, 200000), "/never returns");
}

static const char *make_cgroup(struct fixture *f, const char *path)
{
	builder__start(&f->b, CONTAINER, SONDE_CLASS_EVENT, (const uint64_t[3]){}, 24);
	if (path)
		builder__item(&f->b, 2, SONDE_ITEM_DATA, path, strlen(path));
	else
		builder__item_whole(&f->b, 2, SONDE_ITEM_FAULT, NULL, 0, 14);
	strcpy(f->path, "nothing delivered");
	put(f, 1);
	return f->path;
}

/* Of the cgroups that are made, those that are containers: not what lies in them. */
static void containers(void **state)
{
#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	struct fixture *f = *state;

	assert_string_equal(make_cgroup(f, "/system.slice/docker-" ID ".scope"),
			    "docker 0123456789ab");
	assert_string_equal(make_cgroup(f, "/kubepods/besteffort/pod1/" ID),
			    "kubepods 0123456789ab");
	assert_string_equal(make_cgroup(f, "/system.slice/docker-" ID ".scope/init"),
			    "nothing delivered");
	assert_string_equal(make_cgroup(f, "/system.slice/ssh.service"), "nothing delivered");
	assert_string_equal(make_cgroup(f, ""), "nothing delivered");
	assert_string_equal(make_cgroup(f, NULL), "nothing delivered");
	assert_int_equal(f->number, 2);
	assert_int_equal(stream__damaged(f->stream), 0);
}

/* A record of io_uring: one of the requests under way on a thread, which may be in a call too. */
static void tell_request(struct fixture *f, uint64_t id, unsigned int flags, unsigned int more,
			 const char *path)
{
	struct sonde_request request = {.id = id, .flags = more};

	builder__start(&f->b, CALL, SONDE_CLASS_EVENT, (const uint64_t[2]){0, 0x1000}, 16)->flags =
		SONDE_RECORD_IO_URING | flags;
	builder__item(&f->b, 0, SONDE_ITEM_REQUEST, &request, sizeof(request));
	if (path)
		builder__item(&f->b, 1, SONDE_ITEM_DATA, path, strlen(path));
	put(f, 7);
}

/* By their ids, and not by the thread, which may be in a call of its own. */
static void requests(void **state)
{
	struct fixture *f = *state;

	enter(f, CALL, 7, "of the call");
	tell_request(f, 1ull << 63 | 1, SONDE_RECORD_ENTRY, 0, "first");
	tell_request(f, 1ull << 63 | 2, SONDE_RECORD_ENTRY, 0, "second");
	assert_int_equal(f->count, 0);
	tell_request(f, 1ull << 63 | 2, 0, SONDE_REQUEST_MORE, NULL);
	assert_string_equal(f->path, "second");
	tell_request(f, 1ull << 63 | 1, 0, 0, NULL);
	assert_string_equal(f->path, "first");
	tell_request(f, 1ull << 63 | 2, 0, 0, NULL);
	assert_string_equal(f->path, "second");
	assert_string_equal(leave(f, CALL, 7), "of the call");
	assert_int_equal(f->count, 4);
	/* each of them is forgotten by then */
	tell_request(f, 1ull << 63 | 1, 0, 0, NULL);
	assert_string_equal(f->path, "state 5");
	tell_request(f, 1ull << 63 | 2, 0, 0, NULL);
	assert_string_equal(f->path, "state 5");
}

/* One that is told when it begins is told again if it fails. */
static void silent_requests(void **state)
{
	struct fixture *f = *state;

	tell_request(f, 1ull << 63 | 1, SONDE_RECORD_NO_RETURN, 0, "path");
	assert_string_equal(f->path, "path");
	assert_int_equal(f->count, 1);
	f->path[0] = 0;
	tell_request(f, 1ull << 63 | 1, 0, 0, NULL);
	assert_string_equal(f->path, "path");
	assert_int_equal(f->count, 2);
}

static void damaged_requests(void **state)
{
	struct fixture *f = *state;

	enter(f, CALL, 7, "of the call");
	builder__start(&f->b, CALL, SONDE_CLASS_EVENT, (const uint64_t[2]){0, 0x1000}, 16)->flags =
		SONDE_RECORD_IO_URING;
	builder__item(&f->b, 0, SONDE_ITEM_REQUEST, "short", 5);
	put(f, 7);
	assert_int_equal(f->count, 1);
	assert_string_equal(f->path, "state 5");
	f->b.record.body = 60000;
	stream__record(f->stream, &f->b.record, false);
	assert_int_equal(f->count, 1);
	assert_int_equal(stream__damaged(f->stream), 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(joined),   TEST(exec_by_a_thread), TEST(completed_by_exec),
		TEST(ends),     TEST(damaged),          TEST(late),
		TEST(present),  TEST(bounded),          TEST(containers),
		TEST(requests), TEST(silent_requests),  TEST(damaged_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
