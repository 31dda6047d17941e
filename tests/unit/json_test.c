// SPDX-License-Identifier: Apache-2.0
/* What the JSON sink writes is JSON, has every field under the filter's name with the same value,
 * and loses no byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "bench/synthetic.h"
#include "src/host/fields.h"
#include "src/sink/json.h"

#include <sys/mman.h>
#include <sys/wait.h>

static struct synthetic records;
static struct host *host;
static struct buffer scratch;

static const struct sonde_record *next(const struct sonde_record *r)
{
	return (const void *)((const char *)r + r->size);
}

static const struct sonde_record *first(void)
{
	return (const void *)records.records.data;
}

static void decode(struct event *e, const struct sonde_record *r)
{
	unsigned int count;
	const struct schema *calls = catalogue__calls(&count);

	buffer__reset(&scratch);
	*e = (struct event){.scratch = &scratch, .repeats = 1};
	assert_in_range(r->event, SONDE_EVENT_CALLS, SONDE_EVENT_CALLS + count - 1);
	assert_int_equal(event__decode(e, r, &calls[r->event - SONDE_EVENT_CALLS], NULL), 0);
	e->number = 7;
	e->latency = 1234;
	host__attend(host, e);
}

static struct sink *json(bool flat)
{
	struct sink *sink = NULL;

	assert_int_equal(json__new(-1, flat, &sink), 0);
	return sink;
}

/* Runs a script of Python over the sink's lines, which are on its standard input. */
static void judge(struct sink *sink, const char *script)
{
	char path[64];
	int fd = memfd_create("json", 0), status;
	pid_t pid;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, sink->out.data, sink->out.size), (ssize_t)sink->out.size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		int in = open(path, O_RDONLY);

		dup2(in, 0);
		execlp("python3", "python3", "-c", script, (char *)NULL);
		_exit(errno == ENOENT ? 77 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	close(fd);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static const char common[] = "import json,sys\n"
			     "def once(pairs):\n"
			     "    keys = [k for k, v in pairs]\n"
			     "    assert len(keys) == len(set(keys)), keys\n"
			     "    return dict(pairs)\n"
			     "lines = [json.loads(l, object_pairs_hook=once) for l in "
			     "sys.stdin.buffer.read().decode('utf-8').splitlines()]\n";

static void is_json(void **state)
{
	struct sink *sink = json(false);
	const struct sonde_record *r = first();
	char script[2048];
	struct event e;

	for (unsigned int i = 0; i < 50; i++, r = next(r)) {
		decode(&e, r);
		sink__event(sink, &e);
	}
	sink__lost(sink, host,
		   &(struct sonde_lost){.count = 3,
					.first = 1,
					.last = 2,
					.class = SONDE_CLASS_EVENT,
					.reason = SONDE_LOST_RING});
	e.late = true;
	sink__waiting(sink, &(struct waiting){.event = &e, .duration = 5, .state = WAITING_STILL});
	sink->ops->finish(sink, &(struct sink_end){.command = "a\"b", .status = 256, .lost = 3});
	snprintf(script, sizeof(script),
		 "%s"
		 "o = lines[1]\n"
		 "assert len(lines) == 53\n"
		 "assert o['evt']['type'] == 'openat' and o['evt']['res'] == 'SUCCESS' and "
		 "o['evt']['num'] == 7\n"
		 "assert o['evt']['arg'] == {'dirfd': 'AT_FDCWD', 'dirfd_name': "
		 "'/srv/worker/data/file-0.txt',"
		 " 'pathname': 'data/file-0.txt', 'flags': 'O_RDWR|O_CLOEXEC'}, o['evt']['arg']\n"
		 "assert o['fd']['num'] == 5 and o['fd']['name'] == '/srv/worker/data/file-0.txt'\n"
		 "assert o['proc']['name'] == 'worker-0' and o['proc']['pid'] == 4000 and "
		 "o['thread']['tid'] == 4000\n"
		 "assert o['proc']['pid_ts'].isdigit() and o['evt']['rawtime'].isdigit()\n"
		 "assert o['user']['uid'] == 0 and o['container']['id'] == 'host'\n"
		 "assert lines[50] == {'lost': {'count': 3, 'reason': 'ring full', 'of': 'events', "
		 "'first': "
		 "lines[50]['lost']['first'],"
		 " 'last': lines[50]['lost']['last']}}\n"
		 "assert lines[51]['waiting'] == {'state': 'waiting', 'duration': 5}\n"
		 "assert 'res' not in lines[51]['evt'] and 'latency' not in lines[51]['evt']\n"
		 "assert lines[51]['evt']['late'] is True and 'late' not in o['evt']\n"
		 "assert lines[52]['end']['command'] == 'a\"b' and lines[52]['end']['status'] == "
		 "1\n",
		 common);
	judge(sink, script);
	sink__free(sink);
}

/* Each field that the objects have is there under the filter's name, and looks as it does anywhere
 * else. */
static void has_the_fields(void **state)
{
	static const struct render all = {.string_limit = UINT32_MAX};
	struct sink *sink = json(true);
	const struct sonde_record *r = first();
	struct buffer expected = {};
	struct event e;
	unsigned int found = 0;

	for (unsigned int i = 0; i < 50; i++, r = next(r)) {
		decode(&e, r);
		buffer__reset(&sink->out);
		sink__event(sink, &e);
		for (unsigned int k = 0; k < field_def_count; k++) {
			struct field_use use = {.def = &field_defs[k], .index = -1};
			struct value v;

			if (!json__has(field_defs[k].field.name))
				continue;
			field_use__value(&use, &e, &v);
			buffer__reset(&expected);
			buffer__char(&expected, '"');
			buffer__text(&expected, field_defs[k].field.name);
			buffer__text(&expected, "\":");
			if (v.state == VALUE_NONE) {
				assert_null(strstr(buffer__string(&sink->out),
						   buffer__string(&expected)));
				continue;
			}
			render__json(&expected, &all, &e, &v);
			if (!strstr(buffer__string(&sink->out), buffer__string(&expected)))
				fail_msg("%s is not in %s", expected.data, sink->out.data);
			found++;
		}
	}
	assert_true(found > 50 * 40);
	buffer__free(&expected);
	sink__free(sink);
}

/* A nested name has no dots left, and no other field's name. */
static void names_do_not_collide(void **state)
{
	for (unsigned int i = 0; i < field_def_count; i++) {
		const char *name = field_defs[i].field.name, *dot = strchr(name, '.');
		char key[64];

		if (!json__has(name))
			continue;
		assert_non_null(dot);
		assert_true(strlen(name) < sizeof(key));
		strcpy(key, name);
		for (char *p = key + (dot - name) + 1; *p; p++)
			*p = *p == '.' ? '_' : *p;
		for (unsigned int k = 0; k < field_def_count; k++)
			assert_true(k == i || strcmp(key, field_defs[k].field.name));
	}
}

static void loses_no_byte(void **state)
{
	struct synthetic one = {};
	struct sink *sink = json(false);
	char path[256], script[2048];
	struct event e;
	size_t at;

	for (unsigned int i = 1; i < 256; i++)
		path[i - 1] = i;
	/* and what is taken for the marks themselves */
	at = synthetic__call(&one, "unlink", 0, 0, (uint64_t[]){0x1000});
	synthetic__item(&one, 1, SONDE_ITEM_DATA, path, 255);
	synthetic__end(&one, at);
	at = synthetic__call(&one, "unlink", 0, 0, (uint64_t[]){0x1000});
	synthetic__item(&one, 1, SONDE_ITEM_DATA,
			"\357\236\200\357\237\277\303\244\360\237\230\200\342\202\254", 15);
	synthetic__end(&one, at);
	decode(&e, (const void *)one.records.data);
	sink__event(sink, &e);
	decode(&e, next((const void *)one.records.data));
	sink__event(sink, &e);
	snprintf(
		script, sizeof(script),
		"%s"
		"def original(s):\n"
		"    return b''.join(bytes([ord(c) & 255]) if 0xf780 <= ord(c) <= 0xf7ff else "
		"c.encode() for c in s)\n"
		"assert original(lines[0]['evt']['arg']['pathname']) == bytes(range(1, 256))\n"
		"assert original(lines[1]['evt']['arg']['pathname']) =="
		" b'\\xef\\x9e\\x80\\xef\\x9f\\xbf\\xc3\\xa4\\xf0\\x9f\\x98\\x80\\xe2\\x82\\xac'\n",
		common);
	judge(sink, script);
	buffer__free(&one.records);
	sink__free(sink);
}

static void says_what_was_cut(void **state)
{
	struct synthetic one = {};
	struct sink *sink = json(false);
	struct sonde_item *item;
	struct event e;
	size_t at;

	at = synthetic__call(&one, "write", 0, 4096, (uint64_t[]){5, 0x1000, 4096});
	synthetic__item(&one, 2, SONDE_ITEM_DATA, "abcdefgh", 8);
	item = (void *)(one.records.data + one.records.size - 16);
	item->whole = 4096;
	synthetic__end(&one, at);
	decode(&e, (const void *)one.records.data);
	sink__event(sink, &e);
	assert_non_null(strstr(buffer__string(&sink->out),
			       "\"buf\":\"abcdefgh\",\"buf_cut\":true,\"buf_size\":4096,"));
	buffer__free(&one.records);
	sink__free(sink);
}

/* The same file under the same id, but another name: what was said before does not stick. */
static void files_change(void **state)
{
	struct synthetic one = {};
	struct sink *sink = json(false);
	struct sonde_file f = {
		.id = 1, .type = SONDE_FILE_PATH, .mode = 0100644, .ino = 1000, .dev = 1 << 20};
	const struct sonde_record *r = next(next(first())); /* read */
	struct event e;
	size_t at;

	decode(&e, r);
	sink__event(sink, &e);
	assert_non_null(strstr(
		buffer__string(&sink->out),
		"\"fd\":{\"num\":5,\"type\":\"file\",\"name\":\"/srv/worker/data/file-0.txt\""));
	at = synthetic__begin(&one, SONDE_EVENT_FILE, 0);
	buffer__bytes(&one.records, &f, sizeof(f));
	synthetic__item(&one, offsetof(struct sonde_file, path) / 8, SONDE_ITEM_DATA,
			"file-X.txt\0data\0worker\0srv", 27);
	synthetic__end(&one, at);
	assert_int_equal(host__learn(host, (const void *)one.records.data), 0);
	buffer__reset(&sink->out);
	decode(&e, r);
	sink__event(sink, &e);
	assert_non_null(strstr(
		buffer__string(&sink->out),
		"\"fd\":{\"num\":5,\"type\":\"file\",\"name\":\"/srv/worker/data/file-X.txt\""));
	buffer__free(&one.records);
	sink__free(sink);
}

static int prepare(void **state)
{
	return host__new(&host) || synthetic__new(&records, host);
}

static int release(void **state)
{
	synthetic__release(&records);
	buffer__free(&scratch);
	host__free(host);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_json),
		cmocka_unit_test(has_the_fields),
		cmocka_unit_test(names_do_not_collide),
		cmocka_unit_test(loses_no_byte),
		cmocka_unit_test(says_what_was_cut),
		cmocka_unit_test(files_change),
	};

	return cmocka_run_group_tests(tests, prepare, release);
}
