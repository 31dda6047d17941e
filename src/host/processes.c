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

static struct text text_of(const char *data, const struct piece *p)
{
	if (!p->there)
		return (struct text){.error = p->error};
	return (struct text){.data = data + p->at, .size = p->size, .whole = p->whole};
}

static struct text text_of_comm(const char *comm, size_t limit)
{
	size_t size = strnlen(comm, limit);

	return (struct text){.data = comm, .size = size, .whole = size};
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

static void drop_strings(struct processes *p, struct process *process)
{
	strings__drop(&p->strings, process->exe.data);
	strings__drop(&p->strings, process->cwd.data);
	strings__drop(&p->strings, process->cgroup.data);
	strings__drop(&p->strings, process->container_id);
	strings__drop(&p->strings, process->unit);
}

static bool share(struct strings *s, struct text *t)
{
	if (t->data)
		t->data = strings__take(s, t->data, t->size);
	return t->data;
}

/* What many processes have in common is kept once. False: no memory. */
static bool share_strings(struct processes *p, struct process *process,
			  const struct cgroup_facts *facts)
{
	bool failed = false;

	failed |= process->exe.data && !share(&p->strings, &process->exe);
	failed |= process->cwd.data && !share(&p->strings, &process->cwd);
	failed |= process->cgroup.data && !share(&p->strings, &process->cgroup);
	process->container_id = strings__take(&p->strings, facts->id, strlen(facts->id));
	process->unit = strings__take(&p->strings, facts->unit, strlen(facts->unit));
	if (!failed && process->container_id && process->unit)
		return true;
	drop_strings(p, process);
	return false;
}

static struct known_process *build(struct processes *p, const struct sonde_record *r)
{
	struct piece exe, argv, env, cwd, cgroup, systemd;
	struct buffer *b = &p->scratch;
	struct cgroup_facts facts;
	struct sonde_process *info;
	struct known_process *k;
	char *own;

	buffer__reset(b);
	argv = take_item(b, r, SLOT(argv), false);
	env = take_item(b, r, SLOT(env), false);
	exe = take_item(b, r, SLOT(exe), true);
	cwd = take_item(b, r, SLOT(cwd), true);
	cgroup = take_item(b, r, SLOT(cgroup), true);
	systemd = take_item(b, r, SLOT(systemd), true);
	if (!buffer__reserve(b, 1))
		return NULL;
	read_cgroups(b->data, &cgroup, &systemd, &facts);
	k = calloc(1, sizeof(*k) + KEPT_OF_PROCESS + exe.at);
	if (!k)
		return NULL;
	info = (void *)k->rest;
	own = (char *)k->rest + KEPT_OF_PROCESS;
	memcpy(info, r + 1, KEPT_OF_PROCESS);
	memcpy(own, b->data, exe.at);
	k->time = r->time;
	k->process = (struct process){
		.key = r->key,
		.version = r->version,
		.pid = r->pid,
		.tid = r->tid,
		.info = info,
		.exe = text_of(b->data, &exe),
		.argv = text_of(own, &argv),
		.env = text_of(own, &env),
		.cwd = text_of(b->data, &cwd),
		.cgroup = text_of(b->data, &cgroup),
		.name = text_of_comm(info->leader_comm, sizeof(info->leader_comm)),
		.thread_name = text_of_comm(info->comm, sizeof(info->comm)),
		.container_runtime = facts.runtime,
	};
	if (share_strings(p, &k->process, &facts))
		return k;
	free(k);
	return NULL;
}

static void free_built(struct processes *p, struct known_process *k)
{
	drop_strings(p, &k->process);
	free(k);
}

static struct known_key *find_key(const struct processes *p, uint64_t key)
{
	struct table_node *n = table__find(&p->keys, hash_number(key));

	return n ? container_of(n, struct known_key, node) : NULL;
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
	if (!table__add(&p->keys, &k->node, hash_number(key)))
		return k;
	free(k);
	return NULL;
}

static struct known_process *find_thread(const struct processes *p, uint32_t tid)
{
	struct table_node *n = table__find(&p->threads, hash_number(tid));

	return n ? container_of(n, struct known_process, by_thread) : NULL;
}

static struct known_process *find_version(const struct processes *p, uint64_t key, uint32_t version)
{
	struct table_node *n = table__find(&p->table, hash_pair(key, version));
	struct known_process *k;

	for (; n; n = table__next(n)) {
		k = container_of(n, struct known_process, by_version);
		if (k->process.key == key && k->process.version == version)
			return k;
	}
	return NULL;
}

/* A process of which nothing is remembered any more. */
static void free_key_unused(struct processes *p, struct known_key *key)
{
	if (key->introductions)
		return;
	table__remove(&p->keys, &key->node);
	free(key);
}

static void free_process(struct processes *p, struct known_process *k)
{
	table__remove(&p->table, &k->by_version);
	if (p->last == k)
		p->last = NULL;
	k->of->introductions--;
	if (k->of->last == k)
		k->of->last = NULL;
	free_key_unused(p, k->of);
	free_built(p, k);
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
	table__remove(&p->threads, &k->by_thread);
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
	if (key->latest)
		key->last = key->latest;
	while (key->latest)
		bury(p, key->latest);
}

/*
 * A thread id can be only one task's at a time: whoever had this one is history. False: it is the
 * newcomer that is.
 */
static bool take_place(struct processes *p, const struct known_process *k)
{
	struct known_process *holder = find_thread(p, k->process.tid);

	if (!holder)
		return true;
	if (holder->of == k->of) {
		/* What the iterator says is no record's. Otherwise the order of arrival tells, not
		 * that of times: of two that were nested the outer one is what the task kept. */
		if (k->process.version == SONDE_VERSION_LISTED)
			return false;
		bury(p, holder);
		return true;
	}
	if (k->time < holder->time) /* it came late, and its task has ended */
		return false;
	if (holder->process.tid ==
	    holder->process.pid) /* a leader's id is kept for it to the last */
		end_process(p, holder->of);
	else
		bury(p, holder);
	return true;
}

static int add_thread(struct processes *p, struct known_process *k)
{
	struct known_key *key = k->of;

	if (table__add(&p->threads, &k->by_thread, hash_number(k->process.tid)))
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

/* The one that was not asked for longest first; of equal ones, that which was introduced first. */
static int by_use(const void *a, const void *b)
{
	const struct known_process *x = *(struct known_process *const *)a,
				   *y = *(struct known_process *const *)b;

	if (x->used != y->used)
		return (int32_t)(x->used - y->used) < 0 ? -1 : 1;
	return x->time < y->time ? -1 : x->time > y->time;
}

/* A quarter at least, and all that were not asked for while half as many as are kept came. */
static void forget(struct processes *p)
{
	unsigned int count = p->threads.count, bucket = 0, i = 0;
	struct known_process **all = calloc(count, sizeof(*all));
	struct table_node *n, *next = NULL;

	if (!all)
		return;
	if (p->last)
		p->last->used = p->tick;
	while ((n = table__each(&p->threads, &bucket, &next)))
		all[i++] = container_of(n, struct known_process, by_thread);
	qsort(all, count, sizeof(*all), by_use);
	for (i = 0; i < count; i++) {
		if (p->tick - all[i]->used <= MAX_PROCESSES / 2 &&
		    p->threads.count <= MAX_PROCESSES / 4 * 3)
			break;
		forget_thread(p, all[i]);
	}
	free(all);
}

static int add(struct processes *p, struct known_process *k)
{
	const struct process *process = &k->process;

	k->of = make_key(p, process->key);
	if (!k->of) {
		free_built(p, k);
		return -ENOMEM;
	}
	if (table__add(&p->table, &k->by_version, hash_pair(process->key, process->version))) {
		free_key_unused(p, k->of);
		free_built(p, k);
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
	if (p->threads.count > MAX_PROCESSES)
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
	k = build(p, r);
	return k ? add(p, k) : -ENOMEM;
}

const struct process *processes__find(struct processes *p, uint64_t key, uint32_t version)
{
	struct known_process *k;

	if (likely(p->last && p->last->process.key == key && p->last->process.version == version))
		return &p->last->process;
	k = find_version(p, key, version);
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
	struct known_process *latest = k ? k->latest ? k->latest : k->last : NULL;

	if (!latest)
		return NULL;
	latest->used = p->tick;
	return &latest->process;
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
	struct table_node *n, *next = NULL;
	unsigned int bucket = 0;

	while ((n = table__each(&p->table, &bucket, &next)))
		free_built(p, container_of(n, struct known_process, by_version));
	bucket = 0;
	next = NULL;
	while ((n = table__each(&p->keys, &bucket, &next)))
		free(container_of(n, struct known_key, node));
	table__release(&p->table);
	table__release(&p->threads);
	table__release(&p->keys);
	strings__release(&p->strings);
	buffer__free(&p->scratch);
}
