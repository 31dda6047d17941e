// SPDX-License-Identifier: Apache-2.0
#include "host.h"
#include "tables.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <time.h>

/* Names of users and groups, as looked up once. */
struct name {
	struct table_node node; /* by id */
	char *text;             /* NULL: there is none */
};

struct host {
	struct processes processes;
	struct files files;
	struct table users, groups;
	uint64_t boot_to_real; /* ns between the boot clock and the epoch */
	char tty[24];
	struct utsname uts;
};

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return t.tv_sec * 1000000000ull + t.tv_nsec;
}

int host__new(struct host **ret)
{
	struct host *h = calloc(1, sizeof(*h));

	if (!h)
		return -ENOMEM;
	h->boot_to_real = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
	uname(&h->uts);
	*ret = h;
	return 0;
}

static void free_names(struct table *table)
{
	struct table_node *node, *next = NULL;
	unsigned int bucket = 0;

	while ((node = table__each(table, &bucket, &next))) {
		struct name *n = container_of(node, struct name, node);

		free(n->text);
		free(n);
	}
	table__release(table);
}

void host__free(struct host *h)
{
	if (!h)
		return;
	processes__release(&h->processes);
	files__release(&h->files);
	free_names(&h->users);
	free_names(&h->groups);
	free(h);
}

int host__learn(struct host *h, const struct sonde_record *r)
{
	switch (r->event) {
	case SONDE_EVENT_PROCESS:
		return processes__learn(&h->processes, r);
	case SONDE_EVENT_FILE:
		return files__learn(&h->files, r);
	default:
		return 0;
	}
}

void host__attend(const struct host *host, struct event *e)
{
	struct host *h = (struct host *)
		host; /* what was asked for last is remembered: nothing that a caller sees */

	e->host = host;
	e->process = e->record->version
			     ? processes__find(&h->processes, e->record->key, e->record->version)
			     : processes__latest(&h->processes, e->record->key);
	if (unlikely(e->denied && e->denied->file))
		e->denied_file = files__find(&h->files, e->denied->file);
	for (unsigned int i = 0; i < e->item_count; i++)
		if (e->items[i]->what == SONDE_ITEM_FILE && e->items[i]->size == sizeof(uint64_t))
			e->files[i] =
				files__find(&h->files, *(const uint64_t *)item__data(e->items[i]));
}

void host__task_exited(struct host *h, uint64_t key, uint32_t tid, bool group_dead)
{
	processes__exited(&h->processes, key, tid, group_dead);
}

const struct process *host__process(const struct host *host, uint64_t key)
{
	return processes__latest(&((struct host *)host)->processes, key);
}

const struct process *host__parent(const struct host *host, const struct process *p)
{
	return p->info->parent_key ? host__process(host, p->info->parent_key) : NULL;
}

static const char *find_name(struct table *table, uint32_t id, bool user)
{
	struct table_node *node = table__find(table, hash_number(id));
	struct name *n;

	if (node)
		return container_of(node, struct name, node)->text;
	n = calloc(1, sizeof(*n));
	if (!n)
		return NULL;
	if (user) {
		struct passwd *p = getpwuid(id);

		n->text = p ? strdup(p->pw_name) : NULL;
	} else {
		struct group *g = getgrgid(id);

		n->text = g ? strdup(g->gr_name) : NULL;
	}
	if (!table__add(table, &n->node, hash_number(id)))
		return n->text;
	free(n->text);
	free(n);
	return NULL;
}

const char *host__user(const struct host *host, uint32_t uid)
{
	return uid == ~0u ? NULL : find_name(&((struct host *)host)->users, uid, true);
}

const char *host__group(const struct host *host, uint32_t gid)
{
	return gid == ~0u ? NULL : find_name(&((struct host *)host)->groups, gid, false);
}

const char *host__tty(const struct host *host, uint32_t dev)
{
	struct host *h = (struct host *)host;
	unsigned int major = dev >> 20, minor = dev & 0xfffff;

	if (!dev)
		return NULL;
	if (major >= 136 && major <= 143)
		snprintf(h->tty, sizeof(h->tty), "pts/%u", (major - 136) * 256 + minor);
	else if (major == 4 && minor < 64)
		snprintf(h->tty, sizeof(h->tty), "tty%u", minor);
	else if (major == 4)
		snprintf(h->tty, sizeof(h->tty), "ttyS%u", minor - 64);
	else
		snprintf(h->tty, sizeof(h->tty), "%u:%u", major, minor);
	return h->tty;
}

uint64_t host__real_time(const struct host *host, uint64_t boot_ns)
{
	return boot_ns + host->boot_to_real;
}

int32_t host__utc_offset(const struct host *host, uint64_t epoch_seconds)
{
	time_t at = epoch_seconds;
	struct tm tm;

	return localtime_r(&at, &tm) ? tm.tm_gmtoff : 0;
}

const char *host__name(const struct host *host)
{
	return host->uts.nodename;
}
