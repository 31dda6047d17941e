/* SPDX-License-Identifier: Apache-2.0 */
/* Records as the kernel side makes them, without a kernel: a hundred processes that open, read,
 * write and close. */
#ifndef SYNTHETIC_H
#define SYNTHETIC_H

#include "src/event/catalogue.h"
#include "src/host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#define SYNTHETIC_PROCESSES 100
#define SYNTHETIC_FILES     1000
#define SYNTHETIC_ROUNDS    2000 /* of five calls, one of which fails */

struct synthetic {
	struct buffer records; /* one after the other, each 8-byte aligned */
	struct buffer intros;  /* of the processes, then of the files */
	unsigned int count;
};

static inline size_t synthetic__begin(struct synthetic *s, unsigned int event, unsigned int process)
{
	struct sonde_record r = {
		.event = event,
		.class = SONDE_CLASS_EVENT,
		.subject = SONDE_SUBJECT_CURRENT,
		.pid = 4000 + process,
		.tid = 4000 + process,
		.version = 1,
		.key = process + 1,
		.time = 1000000000 + 700ull * s->count,
	};
	size_t at = s->records.size;

	buffer__bytes(&s->records, &r, sizeof(r));
	return at;
}

static inline void synthetic__item(struct synthetic *s, unsigned int slot, unsigned int what,
				   const void *data, size_t size)
{
	struct sonde_item item = {.slot = slot, .what = what, .size = size, .whole = size};

	buffer__bytes(&s->records, &item, sizeof(item));
	buffer__bytes(&s->records, data, size);
	buffer__bytes(&s->records, "\0\0\0\0\0\0\0", -size & 7);
}

static inline void synthetic__file(struct synthetic *s, unsigned int slot, uint64_t id)
{
	synthetic__item(s, slot, SONDE_ITEM_FILE, &id, sizeof(id));
}

static inline void synthetic__end(struct synthetic *s, size_t at)
{
	struct sonde_record *r = (void *)(s->records.data + at);

	r->size = s->records.size - at;
	r->body = (r->size - sizeof(*r)) / 8;
	s->count++;
}

static inline size_t synthetic__call(struct synthetic *s, const char *name, unsigned int process,
				     int64_t result, const uint64_t *args)
{
	unsigned int count;
	const struct schema *const calls = catalogue__calls(&count), *schema = NULL;
	size_t at;

	for (unsigned int i = 0; i < count && !schema; i++) {
		if (calls[i].name && !strcmp(calls[i].name, name))
			schema = &calls[i];
	}
	at = synthetic__begin(s, schema ? schema->id : 0, process);
	buffer__bytes(&s->records, &result, 8);
	if (schema)
		buffer__bytes(&s->records, args, schema->fixed - 8);
	return at;
}

static inline void synthetic__processes(struct synthetic *s)
{
	struct sonde_process p = {
		.ppid = 1, .ns_pid = 1, .start_time = 5, .exe_ino = 77, .cgroup_id = 3};

	for (unsigned int i = 0; i < SYNTHETIC_PROCESSES; i++) {
		size_t at = synthetic__begin(s, SONDE_EVENT_PROCESS, i);

		p.parent_key = i / 2 + 1;
		snprintf(p.comm, sizeof(p.comm), "worker-%u", i);
		memcpy(p.leader_comm, p.comm, sizeof(p.comm));
		buffer__bytes(&s->records, &p, sizeof(p));
		synthetic__item(s, offsetof(struct sonde_process, exe) / 8, SONDE_ITEM_DATA,
				"worker\0bin\0usr", 14);
		synthetic__item(s, offsetof(struct sonde_process, argv) / 8, SONDE_ITEM_DATA,
				"/usr/bin/worker\0--config\0/etc/worker.conf", 42);
		synthetic__item(s, offsetof(struct sonde_process, cwd) / 8, SONDE_ITEM_DATA, "srv",
				4);
		synthetic__item(s, offsetof(struct sonde_process, cgroup) / 8, SONDE_ITEM_DATA,
				"worker.service\0system.slice", 28);
		synthetic__end(s, at);
	}
}

static inline void synthetic__files(struct synthetic *s)
{
	struct sonde_file f = {.type = SONDE_FILE_PATH, .mode = 0100644, .dev = 1 << 20};

	for (unsigned int i = 0; i < SYNTHETIC_FILES; i++) {
		size_t at = synthetic__begin(s, SONDE_EVENT_FILE, 0);
		char path[64];
		int size;

		f.id = i + 1;
		f.ino = 1000 + i;
		buffer__bytes(&s->records, &f, sizeof(f));
		size = snprintf(path, sizeof(path), "file-%u.txt%cdata%cworker%csrv", i, 0, 0, 0);
		synthetic__item(s, offsetof(struct sonde_file, path) / 8, SONDE_ITEM_DATA, path,
				size + 1);
		synthetic__end(s, at);
	}
}

static inline int synthetic__introduce(struct synthetic *s, struct host *host)
{
	synthetic__processes(s);
	synthetic__files(s);
	s->intros = s->records;
	s->records = (struct buffer){};
	s->count = 0;
	for (size_t at = 0; !s->intros.failed && at < s->intros.size;) {
		struct sonde_record *r = (void *)(s->intros.data + at);
		int err;

		r->class = SONDE_CLASS_INTRO;
		err = host__learn(host, r);
		if (err)
			return err;
		at += r->size;
	}
	return s->intros.failed ? -ENOMEM : 0;
}

static inline void synthetic__release(struct synthetic *s)
{
	buffer__free(&s->records);
	buffer__free(&s->intros);
}

/* getppid, openat, read, write, close of a hundred processes in turn. `host` learns them and their
 * files first. */
static inline int synthetic__new(struct synthetic *s, struct host *host)
{
	static const char text[] = "GET /index.html HTTP/1.1\r\nHost: \"example\"\r\n\r\n";
	int err = synthetic__introduce(s, host);

	for (unsigned int i = 0; i < SYNTHETIC_ROUNDS && !err; i++) {
		unsigned int p = i * 7 % SYNTHETIC_PROCESSES, file = i % SYNTHETIC_FILES + 1;
		char path[64];
		int size = snprintf(path, sizeof(path), "data/file-%u.txt", file - 1);
		bool missing = i % 5 == 4;
		size_t at;

		at = synthetic__call(s, "getppid", p, 1, (uint64_t[]){0});
		synthetic__end(s, at);
		at = synthetic__call(
			s, "openat", p, missing ? -ENOENT : 5,
			(uint64_t[]){(uint32_t)-100, 0x7ffd12345678, O_RDWR | O_CLOEXEC, 0});
		synthetic__file(s, 1, 1);
		synthetic__item(s, 2, SONDE_ITEM_DATA, path, size);
		if (!missing)
			synthetic__file(s, 0, file);
		synthetic__end(s, at);
		at = synthetic__call(s, "read", p, 32, (uint64_t[]){5, 0x7ffd12345678, 4096});
		synthetic__file(s, 1, file);
		synthetic__item(s, 2, SONDE_ITEM_DATA, text, 32);
		synthetic__end(s, at);
		at = synthetic__call(s, "write", p, sizeof(text),
				     (uint64_t[]){5, 0x7ffd12345678, sizeof(text)});
		synthetic__file(s, 1, file);
		synthetic__item(s, 2, SONDE_ITEM_DATA, text, 32);
		synthetic__end(s, at);
		at = synthetic__call(s, "close", p, 0, (uint64_t[]){5});
		synthetic__file(s, 1, file);
		synthetic__end(s, at);
	}
	return s->records.failed ? -ENOMEM : err;
}

#endif
