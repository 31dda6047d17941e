/* SPDX-License-Identifier: Apache-2.0 */
/* By which of its programs is each hook of a user's file served on this kernel? */
#ifndef SONDE_PROBE_HOOKS_H
#define SONDE_PROBE_HOOKS_H

#include "../base/base.h"

struct bpf_object;
struct planner;
struct probes;

/* A file of probes that is being loaded. */
struct probe_hooks {
	struct planner *planner; /* its own */
	struct probes *probes;   /* what it was compiled with */
	struct bpf_object *object;
	bool optional; /* what is marked "?" may be missing */
};

/*
 * Before loading. Of programs that are made of one body, LSM_HOOK() and its kin, the best is taken;
 * what this kernel does not have is left out.
 */
void probe_hooks__choose(const struct probe_hooks *h);
/* Behind it. Files that know nothing of sonde bring a program for each kernel, and leave the choice
 * to their own loader: of two of the same hook the better one is taken. */
void probe_hooks__choose_twins(const struct probe_hooks *h);
/* A program does not work here: whether its hook has another one. */
bool probe_hooks__refuse(const struct probe_hooks *h, const char *program, const char *why);
/* What was left out. */
void probe_hooks__tell(const struct probe_hooks *h,
		       void (*refused)(void *context, const char *what, const char *why),
		       void *context);

#endif
