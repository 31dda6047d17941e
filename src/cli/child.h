/* SPDX-License-Identifier: Apache-2.0 */
/* CMD: started, held before its first instruction until it is traced, and reaped. */
#ifndef SONDE_CHILD_H
#define SONDE_CHILD_H

#include "../base/error.h"
#include <stdint.h>
#include <sys/types.h>

/* As whom it runs. */
struct child_user {
	const char *name;
	uid_t uid;
	gid_t gid;
};

struct child {
	pid_t pid;  /* 0: none */
	int go;     /* writing to it lets CMD run */
	int ended;  /* becomes readable when it has ended; -1 */
	int status; /* as wait(2) returns it, once it was reaped */
	bool reaped;
	/* When it left our program behind, as records tell the time; 0: not yet. Shared with it. */
	uint64_t *began;
};

/* -ENOENT: not found; -EACCES: not executable; `err` says so. A NULL user is the caller. It waits
 * for child__go(). */
int child__start(struct child *c, char **argv, const struct child_user *user, struct error *err)
	__must_check;
void child__go(struct child *c);
/* Whether what this process did then, ns since boot, was its own doing: before execve it is still
 * sonde. */
bool child__had_begun(const struct child *c, pid_t pid, uint64_t time);
/* Whether it has ended; with `wait`, waits until it has. */
bool child__reap(struct child *c, bool wait);
/* Kills a child that was never let go, and closes what is open. */
void child__release(struct child *c);

#endif
