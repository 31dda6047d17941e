// SPDX-License-Identifier: Apache-2.0
/* Who is who: introductions are kept while they are asked for, forgotten in time, and never grow
 * without bound. */
#include "records.h"

#include "src/host/tables.h"

#include <errno.h>
#include <stdio.h>

struct intro {
	uint64_t key, parent, time;
	uint32_t version, pid, tid;
	const char *comm;
};

static void learn(struct processes *p, const struct intro *i)
{
	static struct builder b;
	struct sonde_process info = {
		.start_time = i->pid, .thread_start_time = i->tid, .parent_key = i->parent};
	struct sonde_record *r;

	strncpy(info.comm, i->comm ? i->comm : "task", sizeof(info.comm) - 1);
	strncpy(info.leader_comm, "leader", sizeof(info.leader_comm) - 1);
	r = builder__start(&b, SONDE_EVENT_PROCESS, SONDE_CLASS_INTRO, &info, sizeof(info));
	r->key = i->key;
	r->version = i->version;
	r->pid = i->pid;
	r->tid = i->tid;
	r->time = i->time;
	builder__item(&b, SLOT_OF(struct sonde_process, exe), SONDE_ITEM_DATA,
		      LEAF_FIRST("true\0bin\0usr"));
	assert_int_equal(processes__learn(p, builder__finish(&b)), 0);
}

#define LEARN(p, ...) learn(p, &(struct intro){__VA_ARGS__})

static unsigned int kept(const struct processes *p)
{
	return p->table.count;
}

static unsigned int live(const struct processes *p)
{
	return p->threads.count;
}

static const struct process *build(struct processes *p, struct builder *b)
{
	struct sonde_record *r = builder__finish(b);

	assert_int_equal(processes__learn(p, r), 0);
	return processes__find(p, r->key, r->version);
}

static struct sonde_record *start(struct builder *b, const struct sonde_process *info)
{
	struct sonde_record *r =
		builder__start(b, SONDE_EVENT_PROCESS, SONDE_CLASS_INTRO, info, sizeof(*info));

	r->key = 77;
	r->version = 5;
	r->pid = r->tid = 1234;
	return r;
}

static void assert_text(const struct text *t, const char *expected, size_t size)
{
	assert_non_null(t->data);
	assert_int_equal(t->size, size);
	assert_memory_equal(t->data, expected, size);
}

#define ASSERT_TEXT(t, literal) assert_text(&(t), literal, sizeof(literal) - 1)
#define ITEM(b, member, literal)                                                                   \
	builder__item(b, SLOT_OF(struct sonde_process, member), SONDE_ITEM_DATA, literal,          \
		      sizeof(literal))
#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void all_fields(void **state)
{
	struct sonde_process info = {
		.comm = "worker", .leader_comm = "sixteen letters!", .uid = 1000};
	struct processes p = {};
	struct builder b;
	const struct process *q;

	start(&b, &info);
	ITEM(&b, exe, "nginx\0sbin\0usr");
	builder__item(&b, SLOT_OF(struct sonde_process, argv), SONDE_ITEM_DATA, "nginx\0-g\0\0",
		      10);
	builder__item(&b, SLOT_OF(struct sonde_process, cwd), SONDE_ITEM_DATA, NULL, 0);
	ITEM(&b, cgroup, "docker-" ID ".scope\0system.slice");
	q = build(&p, &b);
	assert_int_equal(q->key, 77);
	assert_int_equal(q->version, 5);
	assert_int_equal(q->pid, 1234);
	assert_int_equal(q->info->uid, 1000);
	ASSERT_TEXT(q->exe, "/usr/sbin/nginx");
	assert_int_equal(q->exe.whole, 15);
	ASSERT_TEXT(q->argv, "nginx\0-g\0\0");
	ASSERT_TEXT(q->cwd, "/");
	ASSERT_TEXT(q->cgroup, "/system.slice/docker-" ID ".scope");
	ASSERT_TEXT(q->name, "sixteen letters!"); /* no NUL: all 16 bytes */
	ASSERT_TEXT(q->thread_name, "worker");
	assert_null(q->env.data);
	assert_int_equal(q->env.error, ENODATA);
	assert_string_equal(q->container_id, "0123456789ab");
	assert_string_equal(q->container_runtime, "docker");
	assert_string_equal(q->unit, "docker-" ID ".scope");
	processes__release(&p);
}

/* What could not be read says so, what was cut too; nothing of it is an empty text. */
static void missing_and_cut(void **state)
{
	struct sonde_process info = {};
	struct processes p = {};
	struct builder b;
	const struct process *q;

	start(&b, &info);
	builder__item_whole(&b, SLOT_OF(struct sonde_process, exe), SONDE_ITEM_DATA, "leaf\0inner",
			    11, SONDE_WHOLE_UNKNOWN);
	builder__item_whole(&b, SLOT_OF(struct sonde_process, argv), SONDE_ITEM_FAULT, NULL, 0,
			    EFAULT);
	builder__item_whole(&b, SLOT_OF(struct sonde_process, env), SONDE_ITEM_DATA, "A=1", 3,
			    4000);
	builder__item(&b, SLOT_OF(struct sonde_process, cwd), SONDE_ITEM_DATA, "no-nul", 6);
	q = build(&p, &b);
	ASSERT_TEXT(q->exe, ".../inner/leaf");
	assert_int_equal(q->exe.whole, SONDE_WHOLE_UNKNOWN);
	assert_null(q->argv.data);
	assert_int_equal(q->argv.error, EFAULT);
	ASSERT_TEXT(q->env, "A=1");
	assert_int_equal(q->env.whole, 4000);
	ASSERT_TEXT(q->cwd, "/no-nul");
	assert_null(q->cgroup.data);
	assert_string_equal(q->container_runtime, "host");
	assert_string_equal(q->container_id, "");
	assert_string_equal(q->unit, "");
	ASSERT_TEXT(q->name, "");
	processes__release(&p);
}

/* Where systemd has a hierarchy of its own the unit is what that says, the container what the other
 * says. */
static void two_hierarchies(void **state)
{
	struct sonde_process info = {};
	struct processes p = {};
	struct builder b;
	const struct process *q;

	start(&b, &info);
	ITEM(&b, cgroup, ID "\0docker");
	ITEM(&b, systemd, "web.service\0system.slice");
	q = build(&p, &b);
	assert_string_equal(q->container_id, "0123456789ab");
	assert_string_equal(q->unit, "web.service");
	start(&b, &info)->version = 6;
	ITEM(&b, cgroup, "user.slice");
	ITEM(&b, systemd, "box\0lxc");
	q = build(&p, &b);
	assert_string_equal(q->container_id, "box");
	assert_string_equal(q->container_runtime, "lxc");
	processes__release(&p);
}

/* Texts far longer than any buffer was at first: nothing may point where it was before it moved. */
static void long_texts(void **state)
{
	static char path[12000], args[9000];
	struct sonde_process info = {};
	struct processes p = {};
	struct builder b;
	const struct process *q;
	size_t size = 0;

	for (unsigned int i = 0; i < 40; i++) {
		memset(path + size, 'a' + i % 26, 250);
		size += 251;
	}
	memset(args, 'x', sizeof(args));
	start(&b, &info);
	builder__item(&b, SLOT_OF(struct sonde_process, argv), SONDE_ITEM_DATA, args, sizeof(args));
	memcpy(path + size, "box\0lxc", 8);
	builder__item(&b, SLOT_OF(struct sonde_process, cgroup), SONDE_ITEM_DATA, path, size + 8);
	q = build(&p, &b);
	assert_int_equal(q->argv.size, sizeof(args));
	assert_memory_equal(q->argv.data, args, sizeof(args));
	assert_int_equal(q->cgroup.size, 40 * 251 + 8);
	assert_string_equal(q->container_id, "box");
	processes__release(&p);
}

static void damaged(void **state)
{
	struct sonde_process info = {};
	struct processes p = {};
	struct builder b;
	struct sonde_record *r;

	start(&b, &info);
	ITEM(&b, exe, "true\0bin");
	r = builder__finish(&b);
	r->body--;
	assert_int_equal(processes__learn(&p, r), -EBADMSG);
	r->body += 2;
	assert_int_equal(processes__learn(&p, r), -EBADMSG);
	r->body--;
	r->size -= 4;
	assert_int_equal(processes__learn(&p, r), -EBADMSG);
	builder__start(&b, SONDE_EVENT_PROCESS, SONDE_CLASS_INTRO, &info, sizeof(info) - 8);
	assert_int_equal(processes__learn(&p, builder__finish(&b)), -EBADMSG);
	assert_int_equal(kept(&p), 0);
	processes__release(&p);
}

static void told_twice(void **state)
{
	struct processes p = {};
	const struct process *first;

	LEARN(&p, .key = 7, .version = 2, .pid = 10, .tid = 10, .comm = "one");
	first = processes__find(&p, 7, 2);
	LEARN(&p, .key = 7, .version = 2, .pid = 10, .tid = 10, .comm = "two");
	assert_ptr_equal(processes__find(&p, 7, 2), first);
	ASSERT_TEXT(first->thread_name, "one");
	assert_int_equal(kept(&p), 1);
	assert_null(processes__find(&p, 7, 3));
	assert_null(processes__find(&p, 8, 2));
	processes__release(&p);
}

/* A new version is the latest; records that still bear the old one find it a while. */
static void introduced_again(void **state)
{
	struct processes p = {};

	LEARN(&p, .key = 7, .version = 2, .pid = 10, .tid = 10, .time = 1, .comm = "sh");
	LEARN(&p, .key = 7, .version = 4, .pid = 10, .tid = 10, .time = 2, .comm = "cat");
	ASSERT_TEXT(processes__latest(&p, 7)->thread_name, "cat");
	ASSERT_TEXT(processes__find(&p, 7, 2)->thread_name, "sh");
	assert_int_equal(live(&p), 1);
	/* of two nested ones the outer began earlier and ended later: the task kept that */
	LEARN(&p, .key = 7, .version = 6, .pid = 10, .tid = 10, .time = 1, .comm = "outer");
	ASSERT_TEXT(processes__latest(&p, 7)->thread_name, "outer");
	ASSERT_TEXT(processes__find(&p, 7, 4)->thread_name, "cat");
	for (unsigned int i = 0; i < 2 * GRAVEYARD; i++)
		LEARN(&p, .key = 8, .version = 10 + 2 * i, .pid = 11, .tid = 11, .time = 3 + i);
	assert_null(processes__find(&p, 7, 2));
	assert_null(processes__find(&p, 7, 4));
	assert_non_null(processes__find(&p, 7, 6));
	assert_int_equal(kept(&p), GRAVEYARD + 2);
	processes__release(&p);
}

/* The iterator's word stands until the task introduces itself, were it with an earlier time, and
 * never replaces that. */
static void listed(void **state)
{
	struct processes p = {};

	LEARN(&p, .key = 7, .version = SONDE_VERSION_LISTED, .pid = 10, .tid = 10, .time = 100,
	      .comm = "listed");
	ASSERT_TEXT(processes__latest(&p, 7)->thread_name, "listed");
	LEARN(&p, .key = 7, .version = 4, .pid = 10, .tid = 10, .time = 50, .comm = "own");
	ASSERT_TEXT(processes__latest(&p, 7)->thread_name, "own");
	LEARN(&p, .key = 8, .version = 6, .pid = 11, .tid = 11, .time = 60, .comm = "own");
	LEARN(&p, .key = 8, .version = SONDE_VERSION_LISTED, .pid = 11, .tid = 11, .time = 100,
	      .comm = "listed");
	ASSERT_TEXT(processes__latest(&p, 8)->thread_name, "own");
	assert_int_equal(live(&p), 2);
	processes__release(&p);
}

static void exits(void **state)
{
	struct processes p = {};

	for (unsigned int i = 1; i <= 10000; i++) {
		LEARN(&p, .key = i, .parent = i - 1, .version = 2, .pid = i, .tid = i, .time = i);
		assert_non_null(processes__latest(&p, i));
		processes__exited(&p, i, i, true);
		processes__exited(&p, i, i, true);          /* twice */
		assert_non_null(processes__find(&p, i, 2)); /* late records */
		/* its children's parent, for a while */
		assert_non_null(processes__latest(&p, i));
		assert_int_equal(processes__latest(&p, i)->pid, i);
		assert_true(kept(&p) <= GRAVEYARD + 1);
	}
	assert_int_equal(live(&p), 0);
	assert_int_equal(p.keys.count, GRAVEYARD);
	assert_null(processes__find(&p, 1, 2));
	assert_null(processes__latest(&p, 1));
	processes__exited(&p, 1, 1, true); /* of whom nothing is known */
	processes__exited(&p, 99999999, 1, false);
	processes__exited(&p, 10000, 10000, true); /* twice */
	processes__release(&p);
}

/*
 * A task that is about to end may introduce itself once more, since what it was made of is gone
 * already: to send SIGCHLD, for one. It stays dead.
 */
static void last_words(void **state)
{
	struct processes p = {};

	for (unsigned int i = 1; i <= 10000; i++) {
		LEARN(&p, .key = i, .version = 2, .pid = i, .tid = i, .time = 10 * i);
		processes__exited(&p, i, i, true);
		LEARN(&p, .key = i, .version = 4, .pid = i, .tid = i, .time = 10 * i + 1);
		assert_int_equal(processes__latest(&p, i)->version, 2);
		assert_non_null(processes__find(&p, i, 4));
	}
	assert_int_equal(kept(&p), GRAVEYARD);
	assert_int_equal(live(&p), 0);
	processes__release(&p);
}

/* Threads that come and go while their process lives. */
static void threads(void **state)
{
	struct processes p = {};

	LEARN(&p, .key = 5, .version = 2, .pid = 100, .tid = 100, .comm = "main");
	for (unsigned int i = 1; i <= 10000; i++) {
		LEARN(&p, .key = 5, .version = 2 + 2 * i, .pid = 100, .tid = 100 + i, .time = i,
		      .comm = "worker");
		ASSERT_TEXT(processes__latest(&p, 5)->thread_name, "worker");
		processes__exited(&p, 5, 100 + i, false);
		ASSERT_TEXT(processes__latest(&p, 5)->thread_name, "main");
		assert_true(kept(&p) <= GRAVEYARD + 2);
	}
	/* the leader may end before the others */
	LEARN(&p, .key = 5, .version = 30002, .pid = 100, .tid = 20000, .time = 20000,
	      .comm = "last");
	processes__exited(&p, 5, 100, false);
	ASSERT_TEXT(processes__latest(&p, 5)->thread_name, "last");
	processes__exited(&p, 5, 20000, true);
	ASSERT_TEXT(processes__latest(&p, 5)->thread_name, "last");
	assert_int_equal(live(&p), 0);
	processes__release(&p);
}

/* Only one thread was ever seen, and it ended: its process is still known, until another one
 * speaks. */
static void only_thread(void **state)
{
	struct processes p = {};

	LEARN(&p, .key = 5, .version = 2, .pid = 100, .tid = 101, .comm = "one");
	processes__exited(&p, 5, 101, false);
	ASSERT_TEXT(processes__latest(&p, 5)->thread_name, "one");
	LEARN(&p, .key = 5, .version = 4, .pid = 100, .tid = 102, .time = 1, .comm = "two");
	ASSERT_TEXT(processes__latest(&p, 5)->thread_name, "two");
	assert_int_equal(live(&p), 1);
	processes__exited(&p, 5, 102, false);
	for (unsigned int i = 0; i < 10000; i++) {
		LEARN(&p, .key = 5, .version = 6 + 2 * i, .pid = 100, .tid = 103 + i,
		      .time = 2 + i);
		processes__exited(&p, 5, 103 + i, false);
		assert_int_equal(live(&p), 1);
	}
	processes__release(&p);
}

/* Two processes cannot have one id: the earlier is dead, though nobody said so. */
static void reused_ids(void **state)
{
	struct processes p = {};

	LEARN(&p, .key = 1, .version = 2, .pid = 10, .tid = 10, .time = 1);
	LEARN(&p, .key = 1, .version = 4, .pid = 10, .tid = 11, .time = 2);
	/* the id of a thread: that thread is gone */
	LEARN(&p, .key = 2, .version = 6, .pid = 11, .tid = 11, .time = 3);
	assert_non_null(processes__latest(&p, 1));
	assert_int_equal(live(&p), 2);
	/* the id of the leader, which is kept for it to the last: the process is gone with all its
	 * threads */
	LEARN(&p, .key = 1, .version = 8, .pid = 10, .tid = 12, .time = 4);
	LEARN(&p, .key = 3, .version = 10, .pid = 10, .tid = 10, .time = 5);
	assert_int_equal(processes__latest(&p, 1)->tid, 12);
	assert_int_equal(live(&p), 2);
	/* late news of one who had the id before */
	LEARN(&p, .key = 4, .version = 12, .pid = 10, .tid = 10, .time = 4);
	assert_null(processes__latest(&p, 4));
	assert_non_null(processes__find(&p, 4, 12));
	assert_non_null(processes__latest(&p, 3));
	processes__release(&p);
}

/* Ends that were lost do not fill the memory. Whoever is asked for meanwhile is not forgotten. */
static void lost_exits(void **state)
{
	struct processes p = {};
	unsigned int most = 0;

	LEARN(&p, .key = 1, .version = 2, .pid = 1, .tid = 1, .comm = "asked");
	LEARN(&p, .key = 2, .version = 2, .pid = 2, .tid = 2, .comm = "parent");
	LEARN(&p, .key = 3, .version = 2, .pid = 3, .tid = 3, .comm = "silent");
	for (unsigned int i = 10; i < 10 + 4 * MAX_PROCESSES; i++) {
		LEARN(&p, .key = i, .version = 2, .pid = i, .tid = i, .time = i);
		if (i % 1000 == 0) {
			assert_non_null(processes__find(&p, 1, 2));
			assert_non_null(processes__latest(&p, 2));
		}
		most = live(&p) > most ? live(&p) : most;
	}
	assert_true(most <= MAX_PROCESSES);
	assert_true(kept(&p) <= MAX_PROCESSES + GRAVEYARD);
	assert_int_equal(p.keys.count, live(&p));
	assert_non_null(processes__find(&p, 1, 2));
	assert_non_null(processes__latest(&p, 2));
	assert_null(processes__find(&p, 3, 2));
	processes__release(&p);
}

/* So many that are all asked for: even then there is an end. */
static void too_many(void **state)
{
	struct processes p = {};

	for (unsigned int i = 10; i < 10 + 2 * MAX_PROCESSES; i++) {
		LEARN(&p, .key = i, .version = 2, .pid = i, .tid = i, .time = i);
		for (unsigned int k = 0; i % 8192 == 0 && k < MAX_PROCESSES; k++)
			(void)processes__find(&p, i - k, 2);
		assert_true(live(&p) <= MAX_PROCESSES);
	}
	processes__release(&p);
}

/* Through the door that others use. */
static void parents(void **state)
{
	struct host *h;
	struct builder b;
	struct sonde_process info = {.parent_key = 0};
	struct event e = {};

	assert_int_equal(host__new(&h), 0);
	start(&b, &info)->key = 1;
	assert_int_equal(host__learn(h, builder__finish(&b)), 0);
	info.parent_key = 1;
	start(&b, &info)->key = 2;
	b.record.tid = b.record.pid = 2;
	assert_int_equal(host__learn(h, builder__finish(&b)), 0);
	assert_int_equal(host__parent(h, host__process(h, 2))->key, 1);
	assert_null(host__parent(h, host__process(h, 1)));
	/* who did it: by version, or the latest where the record has none */
	e.record = &b.record;
	host__attend(h, &e);
	assert_int_equal(e.process->key, 2);
	b.record.version = 0;
	host__attend(h, &e);
	assert_int_equal(e.process->key, 2);
	b.record.version = 9;
	host__attend(h, &e);
	assert_null(e.process);
	/* until it is told that it is another's, a child's parent is whom it was born to */
	host__task_exited(h, 1, 1234, true);
	assert_int_equal(host__parent(h, host__process(h, 2))->key, 1);
	host__free(h);
	host__free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_fields),
		cmocka_unit_test(missing_and_cut),
		cmocka_unit_test(two_hierarchies),
		cmocka_unit_test(long_texts),
		cmocka_unit_test(damaged),
		cmocka_unit_test(told_twice),
		cmocka_unit_test(introduced_again),
		cmocka_unit_test(listed),
		cmocka_unit_test(exits),
		cmocka_unit_test(last_words),
		cmocka_unit_test(threads),
		cmocka_unit_test(only_thread),
		cmocka_unit_test(reused_ids),
		cmocka_unit_test(lost_exits),
		cmocka_unit_test(too_many),
		cmocka_unit_test(parents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
