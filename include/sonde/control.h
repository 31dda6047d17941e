/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) OR Apache-2.0 */
/* What user space tells the probes while they run, and what they count for it. */
#ifndef SONDE_CONTROL_H
#define SONDE_CONTROL_H

#include <sonde/record.h>

/* Hooks that are watched for what they change alone: nobody asked for their events. */
enum sonde_quiet {
	SONDE_QUIET_FORK = 1 << 0,
	SONDE_QUIET_RENAME = 1 << 1,
	SONDE_QUIET_SOCKET_STATE = 1 << 2,
};

struct sonde_config {
	__u32 generation;    /* a new consumer wants all introductions again */
	__u32 stopped;       /* nothing is captured any more */
	__u64 renames;       /* counts what makes known paths stale: rename, mount and their kin */
	__u64 changes;       /* counts what may make introductions of tasks stale */
	__u32 string_limit;  /* bytes of a string or buffer that are captured */
	__u32 resolve_files; /* descriptors are resolved to files and sockets */
	__u64 latency;       /* entries of calls since then are timed, ns since boot; 0: none */
	__u32 outcome;       /* calls: 0 all, 1 only those that succeed, 2 only those that fail */
	__s32 cgroup_hierarchy; /* of cgroup_id: 0 the default one, otherwise 1 + the controller's
				   subsystem id */
	__u32 quiet;            /* enum sonde_quiet */
	__u32 exit_calls; /* exit and exit_group are captured where the task ends: they never return
			   */
	__u32 environment; /* introductions have it */
	__u32 denied;      /* calls that fail for want of rights say who refused */
	__u32 blind;       /* not all calls are seen, so none tells that it changed its task */
	__u64 cgroup_id;   /* tasks in this cgroup and below are labelled; 0: none */
};

/* The ledger of (program, CPU): the first member of its scratch. */
struct sonde_counters {
	__u64 outcomes[SONDE_OUTCOMES];
	__u64 lost[SONDE_CLASSES];       /* records that found their ring full */
	__u64 lost_first[SONDE_CLASSES]; /* when, ns since boot; user space clears it */
	__u64 lost_last[SONDE_CLASSES];
	__u32 seq[SONDE_CLASSES];
	__u32 files; /* introduced: a part of their ids */
};

/* Entries of the program array behind the second filter point. */
enum sonde_stage {
	SONDE_STAGE_FILTER, /* generated; absent: no filter */
	SONDE_STAGE_KEEP,
	SONDE_STAGE_DROP,
	SONDE_STAGES,
};

/* What the task iterator is read for. */
enum sonde_pass {
	SONDE_PASS_LABEL,     /* label targets and children of labelled tasks */
	SONDE_PASS_INTRODUCE, /* labelled tasks and their ancestors, or all */
	SONDE_PASS_PRESENT,   /* the present call of labelled tasks, or of all */
};

struct sonde_iteration {
	__u32 pass;     /* enum sonde_pass */
	__u32 labelled; /* SONDE_PASS_LABEL: how many were new in this round */
};

/* Why a thread group is among the targets. */
enum sonde_target {
	SONDE_TARGET_TRACE = 1,
	SONDE_TARGET_ANCESTOR, /* of one that is traced: only introduced */
};

#endif
