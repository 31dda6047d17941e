// SPDX-License-Identifier: Apache-2.0
/* Who is this process? Each introduction is kept as long as its task lives, and a while after. */
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

static struct piece take_item(struct buffer *b, const struct sonde_record *r, unsigned int slot, bool is_path)
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
	return (struct text){
		.data = p->there ? k->text + p->at : NULL, .size = p->size, .whole = p->whole, .error = p->error};
}

static struct text text_of_comm(const char *comm, size_t limit)
{
	size_t size = strnlen(comm, limit);

	return (struct text){.data = comm, .size = size, .whole = size};
}

static size_t put_string(struct buffer *b, const char *text, size_t size)
{
	size_t at = b->size;

	buffer__bytes(b, text, size);
	buffer__char(b, 0);
	return at;
}

static struct known_process *build(struct buffer *b, const struct sonde_record *r)
{
	struct piece exe, argv, env, cwd, cgroup;
	struct known_process *k;
	struct cgroup_facts facts;
	size_t id, unit;

	buffer__reset(b);
	exe = take_item(b, r, SLOT(exe), true);
	argv = take_item(b, r, SLOT(argv), false);
	env = take_item(b, r, SLOT(env), false);
	cwd = take_item(b, r, SLOT(cwd), true);
	cgroup = take_item(b, r, SLOT(cgroup), true);
	buffer__reserve(b, 4096 * 2); /* so that facts may point into it while it grows */
	cgroup_path__read(b->data + cgroup.at, cgroup.there ? cgroup.size : 0, &facts);
	id = put_string(b, facts.id, facts.id_size);
	unit = put_string(b, facts.unit, facts.unit_size);
	if (b->failed)
		return NULL;
	k = calloc(1, sizeof(*k) + b->size);
	if (!k)
		return NULL;
	memcpy(k->text, b->data, b->size);
	memcpy(&k->info, r + 1, sizeof(k->info));
	k->key = (struct process_key){.key = r->key, .version = r->version};
	k->process = (struct process){.key = r->key,
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
				      .unit = k->text + unit};
	return k;
}

static struct known_key *find_key(struct processes *p, uint64_t key)
{
	struct known_key *k;

	HASH_FIND(hh, p->keys, &key, sizeof(key), k);
	return k;
}

static void free_process(struct processes *p, struct known_process *k)
{
	HASH_DEL(p->table, k);
	if (p->last == k)
		p->last = NULL;
	free(k);
}

/* Takes the place of the longest dead. */
static void bury(struct processes *p, struct known_process *k)
{
	if (k->dead)
		return;
	k->dead = true;
	if (p->graves[p->grave])
		free_process(p, p->graves[p->grave]);
	p->graves[p->grave] = k;
	p->grave = (p->grave + 1) % GRAVEYARD;
}

/* What the same task was introduced as before is history; other threads of its process are not. */
static void bury_older(struct processes *p, struct known_process *latest, uint32_t tid)
{
	struct known_process **at = &latest->older;

	while (*at) {
		struct known_process *k = *at;

		if (k->process.tid == tid) {
			*at = k->older;
			bury(p, k);
		} else {
			at = &k->older;
		}
	}
}

int processes__learn(struct processes *p, const struct sonde_record *r)
{
	struct known_process *k, *same;
	struct known_key *key;

	if (!intro_is_sound(r, sizeof(struct sonde_process)))
		return -EBADMSG;
	k = build(&p->scratch, r);
	if (!k)
		return -ENOMEM;
	HASH_FIND(hh, p->table, &k->key, sizeof(k->key), same);
	if (same) { /* told twice: the first stays, since events point to it */
		free(k);
		return 0;
	}
	key = find_key(p, r->key);
	if (!key) {
		key = calloc(1, sizeof(*key));
		if (!key) {
			free(k);
			return -ENOMEM;
		}
		key->key = r->key;
		HASH_ADD(hh, p->keys, key, sizeof(key->key), key);
	}
	HASH_ADD(hh, p->table, key, sizeof(k->key), k);
	k->older = key->latest;
	key->latest = k;
	bury_older(p, k, r->tid);
	return 0;
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
	p->last = k;
	return &k->process;
}

const struct process *processes__latest(struct processes *p, uint64_t key)
{
	struct known_key *k = find_key(p, key);

	return k && k->latest ? &k->latest->process : NULL;
}

void processes__exited(struct processes *p, uint64_t key, uint32_t tid, bool group_dead)
{
	struct known_key *at = find_key(p, key);

	if (!at)
		return;
	if (group_dead) {
		HASH_DEL(p->keys, at);
		for (struct known_process *k = at->latest, *next; k; k = next) {
			next = k->older;
			bury(p, k);
		}
		free(at);
		return;
	}
	/* A thread that ends while its process lives on: if it was the latest to be introduced, it stays the process's face. */
	if (at->latest)
		bury_older(p, at->latest, tid);
}

void processes__release(struct processes *p)
{
	struct known_process *k, *next;
	struct known_key *key, *next_key;

	HASH_ITER(hh, p->table, k, next) {
		HASH_DEL(p->table, k);
		free(k);
	}
	HASH_ITER(hh, p->keys, key, next_key) {
		HASH_DEL(p->keys, key);
		free(key);
	}
	buffer__free(&p->scratch);
}
