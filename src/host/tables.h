/* SPDX-License-Identifier: Apache-2.0 */
/* The tables behind struct host: private to src/host. */
#ifndef SONDE_HOST_TABLES_H
#define SONDE_HOST_TABLES_H

#include "../base/buffer.h"
#include "../base/table.h"
#include "host.h"
#include "intern.h"

/* Paths of the kernel come leaf first, each component ended by NUL: appends "/a/b". */
void append_path(struct buffer *b, const char *components, size_t size);

/* Finds the item of a slot in an introduction that was checked; NULL when there is none. */
const struct sonde_item *intro_item(const struct sonde_record *r, size_t fixed, unsigned int slot);
/* Whether the record is well formed, with a fixed part of at least `fixed` bytes. */
bool intro_is_sound(const struct sonde_record *r, size_t fixed);

struct known_file {
	struct file file;
	struct sonde_file info;
	uint32_t used; /* ticks of the table when it was last asked for */
	struct table_node node;
	char name[];
};

struct files {
	struct table table; /* by id */
	struct buffer scratch;
	uint32_t tick;
	uint32_t serial; /* of the file learnt last */
};

int files__learn(struct files *f, const struct sonde_record *r);
const struct file *files__find(struct files *f, uint64_t id);
void files__release(struct files *f);

enum life {
	NEW,
	LIVE,
	ENDED,  /* its thread has ended, but it is the only one by which its process is known */
	BURIED, /* in the graveyard: nobody refers to it but by late records */
};

/* What of an introduction is kept as it is: all but the slots of its items, which are `process`'s
 * texts. */
#define KEPT_OF_PROCESS offsetof(struct sonde_process, exe)

/* An introduction of one thread. */
struct known_process {
	struct process process;
	struct table_node by_version; /* in `table`, by key and version */
	struct table_node by_thread;  /* in `threads` */
	uint64_t time;                /* of its record: ns since boot */
	uint32_t used;                /* ticks of the table when it was last asked for */
	uint8_t life;                 /* enum life */
	struct known_key *of;
	struct known_process *next,
		*previous; /* the other threads of its process, the latest first */
	uint64_t rest[];   /* KEPT_OF_PROCESS bytes, then argv and env */
};

/* A process: what is known of its threads. Lives as long as one of its introductions is remembered.
 */
struct known_key {
	uint64_t key;
	struct known_process
		*latest; /* of the threads, by introduction; NULL: the process has ended */
	struct known_process *last; /* the latest at the end, as long as it is remembered */
	struct table_node node;     /* in `keys` */
	unsigned int introductions; /* that point here, buried ones too */
	bool ended;                 /* what comes now is a last word: buried at once */
};

#define GRAVEYARD 512

/*
 * More threads than this are known only when ends were lost. The half that was not asked for
 * longest is forgotten then: the kernel does not introduce a living one again, but one that nobody
 * asked for while as many others were introduced is most likely dead.
 */
#define MAX_PROCESSES 32768

struct processes {
	struct table table;   /* struct known_process by (key, version) */
	struct table threads; /* LIVE and ENDED ones, by tid: the present introduction of each */
	struct table keys;    /* struct known_key */
	struct strings strings;
	struct known_process *graves[GRAVEYARD]; /* a ring: the oldest is freed for the next */
	unsigned int grave;
	uint32_t tick; /* introductions so far */
	struct buffer scratch;
	struct known_process
		*last; /* asked for: most records are of the same task as the one before */
};

int processes__learn(struct processes *p, const struct sonde_record *r);
const struct process *processes__find(struct processes *p, uint64_t key, uint32_t version);
const struct process *processes__latest(struct processes *p, uint64_t key);
void processes__exited(struct processes *p, uint64_t key, uint32_t tid, bool group_dead);
void processes__release(struct processes *p);

#endif
