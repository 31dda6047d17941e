/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What does this kernel, and this user on it, let a tracer do? Tried, not deduced from version
 * numbers.
 */
#ifndef SONDE_FEATURES_H
#define SONDE_FEATURES_H

#include "../base/error.h"

enum feature {
	/* What cannot be done without. */
	FEATURE_KERNEL,
	FEATURE_BTF,
	FEATURE_CAPABILITIES,
	FEATURE_LOCKDOWN,
	FEATURE_RINGBUF,
	FEATURE_TP_BTF,
	/* What makes it better. */
	FEATURE_JIT,
	FEATURE_MEMLOCK,
	FEATURE_TASK_STORAGE,
	FEATURE_BOOT_CLOCK,
	FEATURE_TASK_PT_REGS,
	FEATURE_RECURSION_MISSES,
	FEATURE_CALLS_32BIT,
	/* Hooks. */
	FEATURE_RAW_TP,
	FEATURE_TRACEPOINT,
	FEATURE_TRACEPOINT_MULTI,
	FEATURE_ITER_TASK,
	FEATURE_FENTRY,
	FEATURE_FEXIT,
	FEATURE_KPROBE,
	FEATURE_KRETPROBE,
	FEATURE_KPROBE_MULTI,
	FEATURE_UPROBE,
	FEATURE_UPROBE_MULTI,
	FEATURE_PERF_EVENT,
	FEATURE_LSM,
	FEATURE_FMOD_RET,
	FEATURES,
};

enum feature_state {
	FEATURE_UNKNOWN, /* could not be tried: `why` */
	FEATURE_OK,
	FEATURE_LESSER, /* works, with less: `why` and what would `help` */
	FEATURE_MISSING,
	FEATURE_STATES
};

enum feature_group {
	FEATURE_GROUP_SYSTEM,
	FEATURE_GROUP_HELPERS,
	FEATURE_GROUP_HOOKS,
	FEATURE_GROUPS
};

struct feature_info {
	const char *name;        /* one word or two: "kprobe" */
	const char *description; /* what it is good for */
	const char *config;      /* the kernel's option that it takes, or NULL */
	uint8_t group;           /* enum feature_group */
	bool required;           /* without it there is no tracing */
	const void *probe;       /* private to features.c */
};

struct feature_result {
	enum feature_state state;
	char value[64]; /* what was found: "6.1.0-18-amd64"; or "" */
	char why[200];
	char help[200];
};

struct features {
	struct feature_result list[FEATURES];
};

extern const struct feature_info feature_infos[FEATURES];
extern const char *const feature_groups[FEATURE_GROUPS];
extern const char *const feature_states[FEATURE_STATES];

/*
 * Tries everything, on hooks that hardly ever run and with programs that do nothing; takes a few 10
 * ms natively, and seconds in an emulator. `step`, if not NULL, is told what comes next. Nothing is
 * left behind.
 */
void features__probe(struct features *f,
		     void (*step)(void *context, const struct feature_info *next), void *context);

/* One of them alone. `kernel`: its types, NULL: not known. */
struct btf;
void features__try(struct features *f, enum feature which, const struct btf *kernel);

/* Whether all that is required is there. */
bool features__can_trace(const struct features *f);

/*
 * The quick check before tracing starts: kernel, BTF and capabilities; loads nothing.
 * -EPERM: capabilities; -ENOTSUP: the kernel is too old or has no BTF. `err` says what, and what to
 * do, except how this program is to be called again.
 */
int features__check(struct error *err) __must_check;

/* What the kernel was built with: 'y', 'm', 'n'; '?' where its configuration cannot be read. */
char features__config(const char *option);

#endif
