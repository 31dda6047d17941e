// SPDX-License-Identifier: Apache-2.0
#include "plan.h"
#include "calls.h"
#include "operations.h"
#include "../host/fields.h"

#include <errno.h>
#include <sonde/control.h>
#include <string.h>

const struct plan_program plan_programs[PLAN_PROGRAMS] = {
#define PROGRAM(name, ...) {#name, {__VA_ARGS__}},
#include <probes/programs.def>
#undef PROGRAM
};

static bool captures_selected(const struct plan_program *p, const struct schemas *schemas,
			      const struct selection *s)
{
	for (unsigned int i = 0; i < schemas->count; i++) {
		const struct schema *schema = schemas->list[i];

		if (!schema || schema->flags & SCHEMA_CALL || !selection__has(s, schema->id))
			continue;
		for (unsigned int k = 0; k < ARRAY_SIZE(p->events) && p->events[k]; k++)
			if (!strcmp(p->events[k], schema->name))
				return true;
	}
	return false;
}

static int add_events(struct plan *plan, const struct schemas *schemas,
		      const struct subscription *sub)
{
	if (!plan->events.bits) {
		plan->events.events = schemas->count;
		plan->events.bits = calloc((schemas->count + 63) / 64, sizeof(uint64_t));
		if (!plan->events.bits)
			return -ENOMEM;
	}
	for (unsigned int i = 0; i < schemas->count; i++)
		if (selection__has(sub->events, i))
			plan->events.bits[i / 64] |= 1ull << (i % 64);
	return 0;
}

static bool is_selected(const struct plan *plan, const struct schemas *schemas, const char *event)
{
	return selection__has(&plan->events, schemas__event(schemas, event)->id);
}

bool plan__is_denier(unsigned int program)
{
	return !strncmp(plan_programs[program].name, "denied_", 7);
}

static int add_subscription(struct plan *plan, const struct schemas *schemas,
			    const struct subscription *sub)
{
	int err = add_events(plan, schemas, sub);

	plan->files |= sub->needs & NEEDS_FILES;
	plan->latency |= sub->needs & (NEEDS_LATENCY | NEEDS_DENIED);
	plan->entries |= sub->needs & NEEDS_ENTRY;
	plan->env |= sub->needs & NEEDS_ENV;
	plan->denied |= sub->needs & NEEDS_DENIED;
	plan->io_uring |= sub->needs & NEEDS_IO_URING;
	plan->string_limit = max(plan->string_limit, sub->string_limit);
	if (sub->outcome != plan->outcome)
		plan->outcome = ALL_OUTCOMES;
	return err;
}

/* What the calls take, be they made by a program or by io_uring. */
static void add_calls(struct plan *plan, const struct schemas *schemas)
{
	bool calls = false, entries = false, requests = false;

	for (unsigned int i = 0; i < schemas->count; i++) {
		const struct schema *s = schemas->list[i];

		if (!s || !(s->flags & SCHEMA_CALL) || !selection__has(&plan->events, i))
			continue;
		if (s->flags & SCHEMA_NO_RETURN && !call__has_entry(s))
			plan->exit_calls = true;
		else
			calls = true;
		entries |= call__has_entry(s);
		requests |= operations__do(s);
	}
	plan->denied &= calls;
	for (unsigned int i = 0; i < PLAN_PROGRAMS && plan->denied; i++)
		plan->programs[i] |= plan__is_denier(i);
	plan->programs[PROGRAM_sys_exit] = calls;
	plan->entries &= entries;
	plan->programs[PROGRAM_sys_enter] = calls && (plan->entries || plan->latency);
	plan->io_uring &= requests;
	plan->programs[PROGRAM_io_uring_submit] = plan->io_uring;
	plan->programs[PROGRAM_io_uring_fail] = plan->io_uring;
	plan->programs[PROGRAM_io_uring_complete] = plan->io_uring;
	plan->programs[PROGRAM_io_uring_overflow] = plan->io_uring;
}

/* What the life of tasks takes, whatever else is watched. */
static void add_tasks(struct plan *plan, const struct schemas *schemas)
{
	/* Labels are inherited, and who has children is introduced before they name it. */
	plan->programs[PROGRAM_sched_process_fork] = true;
	plan->programs[PROGRAM_iterate_tasks] = true;
	/* Always: what is known of a task may be forgotten when it is gone. */
	plan->programs[PROGRAM_sched_process_exit] = true;
	/* A new name makes what a task was introduced as stale. */
	plan->programs[PROGRAM_task_rename] = true;
	/* A task's end is explained by who killed it; the entry of a thread's execve is found again
	 * by its old id, and whoever starts a program wants to know when it begins. */
	plan->programs[PROGRAM_signal_generate] |= captures_selected(
		&plan_programs[PROGRAM_sched_process_exit], schemas, &plan->events);
	plan->programs[PROGRAM_oom_kill] |= plan->programs[PROGRAM_signal_generate];
	plan->programs[PROGRAM_sched_process_exec] |= plan->entries || plan->follow;
}

/* Whose a socket is is learned from its states, and from who accepts it. */
static void add_owners(struct plan *plan)
{
	plan->owners = plan->programs[PROGRAM_inet_sock_set_state] ||
		       plan->programs[PROGRAM_tcp_reset] ||
		       plan->programs[PROGRAM_tcp_send_reset] ||
		       plan->programs[PROGRAM_tcp_retransmit_skb];
	plan->programs[PROGRAM_inet_sock_set_state] = plan->owners;
	plan->programs[PROGRAM_security_sock_graft] = plan->owners;
	plan->programs[PROGRAM_iterate_files] = plan->owners;
}

int plan__make(struct plan *plan, const struct schemas *schemas, const struct subscription *subs,
	       unsigned int count, bool follow)
{
	*plan = (struct plan){.follow = follow, .outcome = count ? subs[0].outcome : ALL_OUTCOMES};
	for (unsigned int i = 0; i < count; i++) {
		int err = add_subscription(plan, schemas, &subs[i]);

		if (err) {
			plan__release(plan);
			return err;
		}
	}
	for (unsigned int i = 0; i < PLAN_PROGRAMS; i++)
		plan->programs[i] = captures_selected(&plan_programs[i], schemas, &plan->events);
	add_calls(plan, schemas);
	add_tasks(plan, schemas);
	add_owners(plan);
	plan->quiet = (is_selected(plan, schemas, "fork") ? 0 : SONDE_QUIET_FORK) |
		      (is_selected(plan, schemas, "rename_task") ? 0 : SONDE_QUIET_RENAME) |
		      (plan->owners && !is_selected(plan, schemas, "inet_sock_set_state")
			       ? SONDE_QUIET_SOCKET_STATE
			       : 0);
	return 0;
}

void plan__release(struct plan *plan)
{
	selection__release(&plan->events);
}
