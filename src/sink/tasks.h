/* SPDX-License-Identifier: Apache-2.0 */
/* Text about a task, composed once for each version of it and of its parent, then copied into every
 * line. */
#ifndef SONDE_TASKS_H
#define SONDE_TASKS_H

#include "../host/host.h"

#define TASKS_BITS 10

struct task_text {
	uint64_t key, parent_key;
	uint32_t version, parent_version, tid;
	bool used;
	struct buffer text;
	/* Of the text sink: the owner's part of the text, columns, and a hash of what folding
	 * compares. */
	uint16_t owner, owner_columns, name_columns;
	uint64_t name_hash;
};

struct tasks {
	struct task_text *entries;
	bool parents; /* the parent's name is part of it */
	/* Appends to an empty entry->text. */
	void (*compose)(void *context, struct task_text *entry, const struct event *e,
			const struct process *parent);
	void *context;
};

int tasks__init(struct tasks *tasks) __must_check;
void tasks__release(struct tasks *tasks);
/* Valid until the next call. NULL: no memory. */
const struct task_text *tasks__of(struct tasks *tasks, const struct event *e);

#endif
