// SPDX-License-Identifier: Apache-2.0
#include "tasks.h"

#include <errno.h>

int tasks__init(struct tasks *tasks)
{
	tasks->entries = calloc(1 << TASKS_BITS, sizeof(*tasks->entries));
	return tasks->entries ? 0 : -ENOMEM;
}

void tasks__release(struct tasks *tasks)
{
	for (unsigned int i = 0; tasks->entries && i < 1 << TASKS_BITS; i++)
		buffer__free(&tasks->entries[i].text);
	free(tasks->entries);
	tasks->entries = NULL;
}

const struct task_text *tasks__of(struct tasks *tasks, const struct event *e)
{
	const struct sonde_record *record = e->record;
	uint64_t hash = (record->key ^ record->tid * 0x9e3779b97f4a7c15ull) * 0x9e3779b97f4a7c15ull;
	struct task_text *entry = &tasks->entries[hash >> (64 - TASKS_BITS)];
	const struct process *parent = NULL;
	uint64_t parent_key = 0;
	uint32_t version = e->process ? e->process->version : 0, parent_version = 0;

	if (tasks->parents && e->process && e->host)
		parent = host__parent(e->host, e->process);
	if (parent) {
		parent_key = parent->key;
		parent_version = parent->version;
	}
	if (likely(entry->used && entry->key == record->key && entry->version == version &&
		   entry->tid == record->tid && entry->parent_key == parent_key &&
		   entry->parent_version == parent_version))
		return entry;
	entry->key = record->key;
	entry->version = version;
	entry->tid = record->tid;
	entry->parent_key = parent_key;
	entry->parent_version = parent_version;
	buffer__reset(&entry->text);
	tasks->compose(tasks->context, entry, e, parent);
	entry->used = !entry->text.failed;
	return entry->used ? entry : NULL;
}
