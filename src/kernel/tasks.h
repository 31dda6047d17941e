/* SPDX-License-Identifier: Apache-2.0 */
/* The tasks that are there already, through the kernel's task iterator: no /proc is read. */
#ifndef SONDE_KERNEL_TASKS_H
#define SONDE_KERNEL_TASKS_H

#include "../base/error.h"
#include <sonde/control.h>

struct object;
struct probes;
struct tasks;

/*
 * Whether the probes may keep what they know of a task with the task itself. Tried, since it takes
 * more than the kernel's release: some cannot allocate it on machines without cmpxchg16b.
 */
bool task_storage__works(struct probes *probes);

int tasks__new(struct object *o, struct tasks **ret, struct error *err) __must_check;
void tasks__free(struct tasks *t);

/* Whether these thread groups are there. -ESRCH: `err` says which is not. */
int tasks__exist(const uint32_t *pids, unsigned int count, struct error *err) __must_check;
/*
 * Labels thread groups and all their descendants. Forks must be watched already: what is forked
 * meanwhile inherits, and rounds are made until one finds nothing new. -ESRCH: a pid is gone: `err`
 * says which.
 */
int tasks__label(struct tasks *t, const uint32_t *pids, unsigned int count, struct error *err)
	__must_check;

/* One round of the iterator; `take` is given each record. */
int tasks__read(struct tasks *t, enum sonde_pass pass,
		void (*take)(void *context, const struct sonde_record *r), void *context,
		struct error *err);

/*
 * For how long the task of a SONDE_PASS_PRESENT record has slept in its present call, as far as
 * looks have shown, in ns; 0: it is awake, in another call than at the last look, or not seen
 * before. `due`: it should be told, now that it has slept twice as long as when it was last due.
 */
uint64_t tasks__asleep(struct tasks *t, const struct sonde_record *record, bool *due);

#endif
