// SPDX-License-Identifier: Apache-2.0
#include "told.h"
#include "../event/catalogue.h"
#include "calls.h"
#include "object.h"
#include "operations.h"
#include "plan.h"
#include "probes.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <sonde/control.h>
#include <stdio.h>
#include <time.h>

/* Whether programs of this kernel have a helper. */
static bool kernel_helps(struct probes *probes, const char *helper)
{
	char value[64];

	snprintf(value, sizeof(value), "BPF_FUNC_%s", helper);
	return probes__kernel_has(probes, "bpf_func_id", value);
}

void told__everywhere(struct probes *probes, const struct told_constants *c,
		      void (*set)(void *context, const char *name, const void *value, size_t size),
		      void *context)
{
	const bool task_btf = kernel_helps(probes, "get_current_task_btf");
	/* It does no longer since the release that brought this helper (6.2). */
	const bool refuses = c->task_storage && !kernel_helps(probes, "cgrp_storage_get");
	const uint32_t cpus = c->cpus, own_pid = getpid();

	set(context, "cpu_count", &cpus, sizeof(cpus));
	set(context, "own_pid", &own_pid, sizeof(own_pid));
	set(context, "has_task_btf", &task_btf, sizeof(task_btf));
	set(context, "has_task_storage", &c->task_storage, sizeof(c->task_storage));
	set(context, "task_storage_refuses", &refuses, sizeof(refuses));
	set(context, "debug_bpf", &c->debug, sizeof(c->debug));
	set(context, "follow", &c->follow, sizeof(c->follow));
	set(context, "follow_cgroup", &c->follow_cgroup, sizeof(c->follow_cgroup));
}

static void set_built_in(void *context, const char *name, const void *value, size_t size)
{
	object__set_constant(context, name, value, size);
}

void told__constants(struct object *o, struct probes *probes, const struct told_constants *c)
{
	told__everywhere(probes, c, set_built_in, o);
	object__set(o, "mark_victim_has_task",
		    (bool)(object__tracepoint_args(o, "mark_victim") == 2));
	object__set(o, "block_queue_passed",
		    (bool)(object__tracepoint_args(o, "block_rq_issue") == 2));
	object__set(o, "retransmit_has_error",
		    (bool)(object__tracepoint_args(o, "tcp_retransmit_skb") == 3));
	object__set(o, "reset_has_reason",
		    (bool)(object__tracepoint_args(o, "tcp_send_reset") == 3));
	object__set(o, "sched_switch_has_state",
		    (bool)(object__tracepoint_args(o, "sched_switch") == 4));
	object__set(o, "complete_args", object__tracepoint_args(o, "io_uring_complete"));
	object__set(o, "submit_sqe_args", object__tracepoint_args(o, "io_uring_submit_sqe"));
	object__set_constant(o, "operations", operations, sizeof(operations));
}

static void put_variant(void *context, const struct sonde_call_key *key,
			const struct sonde_call *call)
{
	const int *map = context;

	/* There is room for all: without it the argument would be shown as an address, no more. */
	(void)bpf_map_update_elem(*map, key, call, BPF_ANY);
}

/* Word by word while the probes read it: each argument is fetched as the one plan or the other
 * says, and a call is on only when its arguments are told. */
static void put_call(struct sonde_call *to, const struct sonde_call *from)
{
	const uint64_t *word = (const void *)from;
	uint64_t *at = (void *)to;
	bool on = from->flags & SONDE_CALL_ON;

	if (!on)
		__atomic_store_n(&at[0], word[0], __ATOMIC_RELEASE);
	for (unsigned int i = 1; i < sizeof(*to) / sizeof(*at); i++)
		__atomic_store_n(&at[i], word[i], __ATOMIC_RELAXED);
	if (on)
		__atomic_store_n(&at[0], word[0], __ATOMIC_RELEASE);
}

int told__plan(struct object *o, int variants, const struct plan *plan)
{
	struct calls_wanted wanted = {.selected = &plan->events,
				      .entries = plan->entries,
				      .env = plan->env,
				      .variant = put_variant,
				      .context = &variants};
	unsigned int count;
	const struct schema *list = catalogue__calls(&count);
	struct sonde_config *config = object__variable(o, ".data.config", "config");
	struct sonde_call *calls = object__variable(o, ".data.calls", "calls");
	struct sonde_call *made = calloc(2 * SONDE_CALL_NUMBERS, sizeof(*made));
	struct timespec t;

	if (!made)
		return -ENOMEM;
	clock_gettime(CLOCK_BOOTTIME, &t);
	config->string_limit = plan->string_limit;
	config->resolve_files = plan->files;
	if (!plan->latency)
		config->latency = 0;
	else if (!config->latency)
		config->latency = t.tv_sec * 1000000000ull + t.tv_nsec;
	config->outcome = plan->outcome;
	config->environment = plan->env;
	config->denied = plan->denied;
	config->exit_calls = plan->exit_calls;
	config->quiet = plan->quiet;
	calls__fill(made, list, count, &wanted);
	for (unsigned int i = 0; i < 2 * SONDE_CALL_NUMBERS; i++)
		put_call(&calls[i], &made[i]);
	free(made);
	return 0;
}
