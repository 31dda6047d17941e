/* SPDX-License-Identifier: Apache-2.0 */
/* Who is who on the traced machine: learnt from introductions, never from /proc of the machine that
 * reads. */
#ifndef SONDE_HOST_H
#define SONDE_HOST_H

#include "../event/event.h"

/* A piece of text inside an introduction. `data` is NULL when it could not be read. */
struct text {
	const char *data;
	uint32_t size; /* bytes, without a NUL at the end */
	union {
		uint32_t whole; /* with data: bytes that there were, or SONDE_WHOLE_UNKNOWN */
		int error;      /* without: the errno, 0 for nothing at all */
	};
};

/* A task as it was introduced under (key, version). Never changes; freed some time after the task
 * ended. */
struct process {
	uint64_t key;
	uint32_t version;
	uint32_t pid, tid;
	const struct sonde_process *info; /* without the slots of its items */
	struct text exe;                  /* path of the executable, without "(deleted)" */
	struct text argv;                 /* arguments, each ended by NUL */
	struct text env;                  /* size 0 unless asked for */
	struct text cwd;
	struct text cgroup; /* path in the default hierarchy, or in that of systemd on cgroup v1 */
	struct text name;   /* comm of the thread group's leader */
	struct text thread_name; /* comm of this thread */
	/* Derived from the cgroup path. "host" and "" outside of containers. */
	const char *container_id;
	const char *container_runtime; /* docker, containerd, cri-o, podman, systemd-nspawn, lxc,
					  kubepods; "host" */
	const char *unit;              /* systemd unit, or "" */
};

struct host;

int host__new(struct host **ret) __must_check;
void host__free(struct host *host);

/*
 * Learns from an introduction (a record of SONDE_CLASS_INTRO). -EBADMSG: it contradicts itself;
 * -ENOMEM; either way nothing is learnt.
 */
int host__learn(struct host *host, const struct sonde_record *record) __must_check;
/* Says who did a decoded event, and what its descriptors are. */
void host__attend(const struct host *host, struct event *e);
/* A task has ended, and its process if `group_dead`: what is known of it goes when nobody asks for
 * it any more. */
void host__task_exited(struct host *host, uint64_t key, uint32_t tid, bool group_dead);

/* The parent as last introduced, or NULL. */
const struct process *host__parent(const struct host *host, const struct process *p);
/* The latest introduction of a process, or NULL. */
const struct process *host__process(const struct host *host, uint64_t key);

/* Names on the traced machine; NULL when there is none. */
const char *host__user(const struct host *host, uint32_t uid);
const char *host__group(const struct host *host, uint32_t gid);
/* "pts/3", "tty1" for a tty's device number; NULL for 0. */
const char *host__tty(const struct host *host, uint32_t dev);
/* ns since the epoch of a record's time. */
uint64_t host__real_time(const struct host *host, uint64_t boot_ns);
int32_t host__utc_offset(const struct host *host,
			 uint64_t epoch_seconds); /* seconds east of Greenwich */
const char *host__name(const struct host *host);

#endif
