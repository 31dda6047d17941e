/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that try features share. */
#ifndef SONDE_FEATURE_TRY_H
#define SONDE_FEATURE_TRY_H

#include "features.h"

struct btf;

/* One feature, as it is being tried. */
struct feature_try {
	const struct feature_info *info;
	struct feature_result *result;
	const struct btf *btf; /* the kernel's; NULL: it has none */
};

void feature__set(struct feature_try *t, enum feature_state state, const char *why, ...)
	__printf_like(3, 4);
void feature__help(struct feature_try *t, const char *fmt, ...) __printf_like(2, 3);
/*
 * One that could not be had: the errno, and the configuration or the rights where these are the
 * reason.
 */
void feature__refused(struct feature_try *t, const char *what, int error);

/* The first line of a small file; negative errno. */
int read_line(const char *path, char *text, size_t size) __must_check;
/* CAP_BPF and CAP_PERFMON, where they count. */
bool may_trace(void);

void probe_ringbuf(struct feature_try *t);
void probe_task_storage(struct feature_try *t);
void probe_boot_clock(struct feature_try *t);
void probe_task_pt_regs(struct feature_try *t);
void probe_recursion_misses(struct feature_try *t);
void probe_tp_btf(struct feature_try *t);
void probe_fentry(struct feature_try *t);
void probe_fexit(struct feature_try *t);
void probe_fmod_ret(struct feature_try *t);
void probe_lsm(struct feature_try *t);
void probe_raw_tp(struct feature_try *t);
void probe_iter_task(struct feature_try *t);
void probe_kprobe(struct feature_try *t);
void probe_kretprobe(struct feature_try *t);
void probe_uprobe(struct feature_try *t);
void probe_uprobe_multi(struct feature_try *t);
void probe_kprobe_multi(struct feature_try *t);
void probe_tracepoint(struct feature_try *t);
void probe_tracepoint_multi(struct feature_try *t);
void probe_perf_event(struct feature_try *t);

#endif
