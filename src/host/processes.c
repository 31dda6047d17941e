// SPDX-License-Identifier: Apache-2.0
/*
 * Who is this process? Each introduction is kept as long as its task lives, and a while after; of
 * tasks whose end was lost, until their thread id is another's, or there are too many.
 */
#include "cgroup_path.h"
#include "tables.h"

#include <errno.h>
#include <stddef.h>

#define SLOT(member) (offsetof(struct sonde_process, member) / 8)

/* Where the pieces of text lie in the scratch buffer while it may still move. */
struct piece {
	size_t at;
	uint32_t size, whole;
	int error;
	bool there;
};

static struct piece take_item(struct buffer *b, const struct sonde_record *r, unsigned int slot,
			      bool is_path)
{
	const struct sonde_item *item = intro_item(r, sizeof(struct sonde_process), slot);
	struct piece p = {.at = b->size};

	if (!item) {
		p.error = ENODATA;
		return p;
	}
	if (item->what == SONDE_ITEM_FAULT) {
		p.error = item->whole;
		return p;
	}
	p.there = true;
	if (is_path) {
		if (item->whole == SONDE_WHOLE_UNKNOWN)
			buffer__text(b, "...");
		append_path(b, item__data(item), item->size);
	} else {
		buffer__bytes(b, item__data(item), item->size);
	}
	p.size = b->size - p.at;
	p.whole = is_path && item->whole != SONDE_WHOLE_UNKNOWN ? p.size : item->whole;
	return p;
}

static struct text text_of(const struct known_process *k, const struct piece *p)
{
	return (struct text){.data = p->there ? k->text + p->at : NULL,
			     .size = p->size,
			     .whole = p->whole,
			     .error = p->error};
}

static struct text text_of_comm(const char *comm, size_t limit)
{
	size_t size = strnlen(comm, limit);

	return (struct text){.data = comm, .size = size, .whole = size};
}

static size_t put_string(struct buffer *b, const char *text)
{
	size_t at = b->size;

	buffer__bytes(b, text, strlen(text) + 1);
	return at;
}

/* The unit is what systemd's own hierarchy says, where that is another one than the container's. */
static void read_cgroups(const char *text, const struct piece *cgroup, const struct piece *systemd,
			 struct cgroup_facts *facts)
{
	struct cgroup_facts other;

	cgroup_path__read(text + cgroup->at, cgroup->there ? cgroup->size : 0, facts);
	if (!systemd->there)
		return;
	cgroup_path__read(text + systemd->at, systemd->size, &other);
	if (other.unit[0])
		memcpy(facts->unit, other.unit, sizeof(facts->unit));
	if (!facts->id[0] && other.id[0]) {
		facts->runtime = other.runtime;
		memcpy(facts->id, other.id, sizeof(facts->id));
	}
}

static struct known_process *build(struct buffer *b, const struct sonde_record *r)
{
	struct piece exe, argv, env, cwd, cgroup, systemd;
	struct known_process *k;
	struct cgroup_facts facts;
	size_t id, unit;

	buffer__reset(b);
	exe = take_item(b, r, SLOT(exe), true);
	argv = take_item(b, r, SLOT(argv), false);
	env = take_item(b, r, SLOT(env), false);
	cwd = take_item(b, r, SLOT(cwd), true);
	cgroup = take_item(b, r, SLOT(cgroup), true);
	systemd = take_item(b, r, SLOT(systemd), true);
	if (b->failed)
		return NULL;
	read_cgroups(b->data ? b->data : "", &cgroup, &systemd, &facts);
	id = put_string(b, facts.id);
	unit = put_string(b, facts.unit);
	if (b->failed)
		return NULL;
	k = calloc(1, sizeof(*k) + b->size);
	if (!k)
		return NULL;
	memcpy(k->text, b->data, b->size);
	memcpy(&k->info, r + 1, sizeof(k->info));
	k->key = (struct process_key){.key = r->key, .version = r->version};
	k->tid = r->tid;
	k->time = r->time;
	k->process = (struct process){
		.key = r->key,
		.version = r->version,
		.pid = r->pid,
		.tid = r->tid,
		.info = &k->info,
		.exe = text_of(k, &exe),
		.argv = text_of(k, &argv),
		.env = text_of(k, &env),
		.cwd = text_of(k, &cwd),
		.cgroup = text_of(k, &cgroup),
		.name = text_of_comm(k->info.leader_comm, sizeof(k->info.leader_comm)),
		.thread_name = text_of_comm(k->info.comm, sizeof(k->info.comm)),
		.container_id = k->text + id,
		.container_runtime = facts.runtime,
		.unit = k->text + unit,
	};
	return k;
}

static struct known_key *find_key(struct processes *p, uint64_t key)
{
	struct known_key *k;

	HASH_FIND(hh, p->keys, &key, sizeof(key), k);
	return k;
}

static struct known_key *make_key(struct processes *p, uint64_t key)
{
	struct known_key *k = find_key(p, key);

	if (k)
		return k;
	k = calloc(1, sizeof(*k));
	if (!k)
		return NULL;
	k->key = key;
	HASH_ADD(hh, p->keys, key, sizeof(k->key), k);
	if (k->hh.tbl)
		return k;
	free(k);
	return NULL;
}

static struct known_process *find_thread(struct processes *p, uint32_t tid)
{
	struct known_process *k;

	HASH_FIND(hh_thread, p->threads, &tid, sizeof(tid), k);
	return k;
}

/* A process of which nothing is remembered any more. */
static void free_key_unused(struct processes *p, struct known_key *key)
{
	if (key->introductions)
		return;
	HASH_DEL(p->keys, key);
	free(key);
}

static void free_process(struct processes *p, struct known_process *k)
{
	HASH_DEL(p->table, k);
	if (p->last == k)
		p->last = NULL;
	k->of->introductions--;
	free_key_unused(p, k->of);
	free(k);
}

/* Takes it from among the threads of its process. */
static void unlink_thread(struct processes *p, struct known_process *k)
{
	if (k->previous)
		k->previous->next = k->next;
	else
		k->of->latest = k->next;
	if (k->next)
		k->next->previous = k->previous;
	k->next = k->previous = NULL;
	HASH_DELETE(hh_thread, p->threads, k);
}

/* Takes the place of the longest dead. */
static void bury(struct processes *p, struct known_process *k)
{
	if (k->life != NEW)
		unlink_thread(p, k);
	k->life = BURIED;
	if (p->graves[p->grave])
		free_process(p, p->graves[p->grave]);
	p->graves[p->grave] = k;
	p->grave = (p->grave + 1) % GRAVEYARD;
}

static void end_process(struct processes *p, struct known_key *key)
{
	key->ended = true; /* first: its last grave may go with the next one */
	while (key->latest)
		bury(p, key->latest);
}

/*
 * A thread id can be only one task's at a time: whoever had this one is history. False: it is the
 * newcomer that is.
 */
static bool take_place(struct processes *p, const struct known_process *k)
{
	struct known_process *holder = find_thread(p, k->tid);

	if (!holder)
		return true;
	if (holder->of == k->of) {
		/* What the iterator says is no record's. Otherwise the order of arrival tells, not
		 * that of times: of two that were nested the outer one is what the task kept. */
		if (k->key.version == SONDE_VERSION_LISTED)
			return false;
		bury(p, holder);
		return true;
	}
	if (k->time < holder->time) /* it came late, and its task has ended */
		return false;
	if (holder->tid == holder->process.pid) /* a leader's id is kept for it to the last */
		end_process(p, holder->of);
	else
		bury(p, holder);
	return true;
}

static int add_thread(struct processes *p, struct known_process *k)
{
	struct known_key *key = k->of;

	HASH_ADD(hh_thread, p->threads, tid, sizeof(k->tid), k);
	if (!k->hh_thread.tbl)
		return -ENOMEM;
	k->life = LIVE;
	k->next = key->latest;
	if (k->next)
		k->next->previous = k;
	key->latest = k;
	if (k->next && k->next->life == ENDED)
		bury(p, k->next);
	return 0;
}

static void forget_thread(struct processes *p, struct known_process *k)
{
	unlink_thread(p, k);
	free_process(p, k);
}

/* Those that were not asked for longest; when all were, those that were introduced first. */
static void forget(struct processes *p)
{
	struct known_process *k, *next;

	if (p->last)
		p->last->used = p->tick;
	HASH_ITER(hh_thread, p->threads, k, next)
	if (p->tick - k->used > MAX_PROCESSES / 2)
		forget_thread(p, k);
	HASH_ITER(hh_thread, p->threads, k, next)
	{
		if (HASH_CNT(hh_thread, p->threads) <= MAX_PROCESSES / 4 * 3)
			break;
		forget_thread(p, k);
	}
}

static int add(struct processes *p, struct known_process *k)
{
	k->of = make_key(p, k->key.key);
	if (!k->of) {
		free(k);
		return -ENOMEM;
	}
	HASH_ADD(hh, p->table, key, sizeof(k->key), k);
	if (!k->hh.tbl) {
		free_key_unused(p, k->of);
		free(k);
		return -ENOMEM;
	}
	k->of->introductions++;
	k->used = ++p->tick;
	if (k->of->ended || !take_place(p, k)) {
		bury(p, k);
		return 0;
	}
	if (add_thread(p, k)) {
		free_process(p, k);
		return -ENOMEM;
	}
	if (HASH_CNT(hh_thread, p->threads) > MAX_PROCESSES)
		forget(p);
	return 0;
}

int processes__learn(struct processes *p, const struct sonde_record *r)
{
	struct known_process *k;

	if (!intro_is_sound(r, sizeof(struct sonde_process)))
		return -EBADMSG;
	if (processes__find(p, r->key,
			    r->version)) /* told twice: the first stays, since events point to it */
		return 0;
	k = build(&p->scratch, r);
	return k ? add(p, k) : -ENOMEM;
}

const struct process *processes__find(struct processes *p, uint64_t key, uint32_t version)
{
	struct process_key want = {.key = key, .version = version};
	struct known_process *k;

	if (likely(p->last && p->last->key.key == key && p->last->key.version == version))
		return &p->last->process;
	HASH_FIND(hh, p->table, &want, sizeof(want), k);
	if (!k)
		return NULL;
	if (p->last)
		p->last->used = p->tick;
	k->used = p->tick;
	p->last = k;
	return &k->process;
}

const struct process *processes__latest(struct processes *p, uint64_t key)
{
	struct known_key *k = find_key(p, key);

	if (!k || !k->latest)
		return NULL;
	k->latest->used = p->tick;
	return &k->latest->process;
}

void processes__exited(struct processes *p, uint64_t key, uint32_t tid, bool group_dead)
{
	struct known_key *at = find_key(p, key);
	struct known_process *k;

	if (!at)
		return;
	if (group_dead) {
		end_process(p, at);
		return;
	}
	k = find_thread(p, tid);
	if (!k || k->of != at)
		return;
	if (k == at->latest && !k->next) /* the process lives on, and is known by no other */
		k->life = ENDED;
	else
		bury(p, k);
}

void processes__release(struct processes *p)
{
	struct known_process *k, *next;
	struct known_key *key, *next_key;

	HASH_CLEAR(hh_thread, p->threads);
	HASH_ITER(hh, p->table, k, next)
	{
		HASH_DEL(p->table, k);
		free(k);
	}
	HASH_ITER(hh, p->keys, key, next_key)
	{
		HASH_DEL(p->keys, key);
		free(key);
	}
	buffer__free(&p->scratch);
}
