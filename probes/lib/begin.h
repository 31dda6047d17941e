/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * How each probe begins and ends: is the task traced, is it known as it is now, and a record for
 * the event.
 */
#ifndef SONDE_BEGIN_H
#define SONDE_BEGIN_H

#include "introduce.h"

/*
 * Reading all facts for each record costs more than the record. What changes them (exec, chdir,
 * setuid, rename, a parent's death ...) advances config.changes or config.renames, and only after
 * that they are read again; what has no hook of its own (a move to another cgroup, a controlling
 * terminal) is noticed within this time. Where calls are not seen, those that a call changes are
 * read each time.
 */
#define LOOK_INTERVAL_NS 100000000ull

static __always_inline void tasks_changed(void)
{
	__sync_fetch_and_add(&config.changes, 1);
}

/* Makes sure that the current task is known as it is now. */
static __always_inline void introduce_current(struct scratch *s, __u32 index, __u32 hook,
					      struct task_value *v, __u64 time)
{
	__u64 changes = config.changes + config.renames;
	__u32 version, ends;

	/* Nothing that changes tasks happened on the whole machine, and not long ago was looked at
	 * all. */
	if (__builtin_expect(v->changes == changes && time - v->looked < LOOK_INTERVAL_NS &&
				     v->generation == config.generation && v->version &&
				     (!config.blind || own_facts_are_known(s, index, v)),
			     1))
		return;
	ends = read_facts(index, false);
	v->looked = ends & PARENT_ENDS ? 0 : time;
	if (facts_are_known(s, v, ends & TASK_ENDS) && v->generation == config.generation &&
	    v->version) {
		v->changes = changes;
		return;
	}
	version = new_version(time, current_ids());
	s->task = bpf_get_current_task();
	if (!introduce_task(index, time, version, hook) || !emit_intro(s)) {
		v->looked = 0; /* not introduced: the next record tries again */
		return;
	}
	v->key = ((struct sonde_record *)s->intro)->key;
	v->version = version;
	__builtin_memcpy(v->facts, s->facts, sizeof(v->facts));
	v->generation = config.generation;
	v->changes = changes;
}

/* Whether a css_set (its address) lies in the cgroup that is traced, or below it. */
__noinline int in_traced_cgroup(__u64 address)
{
	struct css_set *set = (void *)address;
	struct cgroup_subsys_state *css = NULL;
	struct kernfs_node *kn;
	__u64 id = config.cgroup_id;

	if (config.cgroup_hierarchy) {
		bpf_probe_read_kernel(&css, sizeof(css),
				      (void *)set + bpf_core_field_offset(struct css_set, subsys) +
					      (config.cgroup_hierarchy - 1) * sizeof(css));
		kn = BPF_CORE_READ(css, cgroup, kn);
	} else {
		kn = BPF_CORE_READ(set, dfl_cgrp, kn);
	}
	for (int i = 0; i < CGROUP_DEPTH && kn; i++) {
		if (BPF_CORE_READ(kn, id) == id)
			return 1;
		kn = kernfs_parent(kn);
	}
	return 0;
}

/* A task's label is decided anew when its cgroups changed: no move between cgroups need be watched.
 */
static __always_inline void label_by_cgroup(struct task_value *v, __u64 cgroups)
{
	if (v->cgroups == cgroups)
		return;
	v->cgroups = cgroups;
	v->labels =
		in_traced_cgroup(cgroups) ? v->labels | LABEL_CGROUP : v->labels & ~LABEL_CGROUP;
}

/* The current task's value, and whether it is one that is traced. Costs a load for those that are
 * not. */
static __always_inline struct task_value *traced_value(bool *traced)
{
	struct task_value *v = current_value(!follow || follow_cgroup);
	__u64 cgroups;

	if (v && follow_cgroup) {
		cgroups =
			(__u64)BPF_CORE_READ((struct task_struct *)bpf_get_current_task(), cgroups);
		label_by_cgroup(v, cgroups);
	}
	*traced = !follow || (v && v->labels);
	return v;
}

/* The same of another task, which a tracepoint passes. */
#define task_is_followed(task)                                                                     \
	({                                                                                         \
		struct task_value *v__ = follow ? task_value_of(task, false) : NULL;               \
		!follow || (v__ ? v__->labels : labels_without_lookup(STORAGE_OF(task)));          \
	})

/*
 * Begins a record about what the current task does, whose value is `v`. Its fixed part is `fixed`
 * bytes (a multiple of 8), and not cleared; `also`: it is wanted whoever that is. NULL: not traced,
 * or counted as lost. The scratch is taken until scratch__finish().
 */
static __always_inline struct scratch *begin_record(__u32 hook, __u32 event, __u32 fixed,
						    bool traced, bool also, struct task_value *v)
{
	__u32 index = scratch_index(hook);
	struct scratch *s = scratch_at(index);
	__u64 id = current_ids();
	struct sonde_record *r;

	/* what concerns others may well happen while sonde runs: an interrupt asks nobody */
	if (!s || (id >> 32 == own_pid && !also))
		return NULL;
	if (config.stopped || !(traced || also)) {
		scratch__count(s, SONDE_FILTERED);
		return NULL;
	}
	if (!scratch__take(s))
		return NULL;
	r = (void *)s->data;
	r->time = bpf_ktime_get_boot_ns();
	r->event = event;
	r->class = SONDE_CLASS_EVENT;
	r->subject = SONDE_SUBJECT_CURRENT;
	r->cpu = bpf_get_smp_processor_id();
	r->hook = hook;
	r->pid = id >> 32;
	r->tid = id;
	r->version = 0;
	r->key = 0;
	s->flags = 0;
	s->size = sizeof(*r) + fixed;
	if (v) {
		introduce_current(s, index, hook, v, r->time);
		r->key = v->key;
		r->version = v->version;
	}
	return s;
}

/* The same, of whoever runs: `also` for events that concern a traced task without being its own
 * doing. */
static __always_inline struct scratch *begin_event(__u32 hook, __u32 event, __u32 fixed, bool also)
{
	struct task_value *v;
	bool traced;

	v = traced_value(&traced);
	if (also && !v)
		v = current_value(true);
	return begin_record(hook, event, fixed, traced, also, v);
}

/* As a function of its own, which every program has but once. */
__noinline int begin_scratch(__u32 hook, __u32 event, __u32 fixed, __u32 also)
{
	return begin_event(hook, event, fixed, also) != NULL;
}

#define begin(name)          begin_if(name, false)
#define begin_if(name, also) begin_in(name, name, also)
/* In the program of HOOK_OF(program, name). */
#define begin_in(program, name, also) begin_with(begin_scratch, program, name, also)
#define begin_with(begins, program, name, also)                                                    \
	({                                                                                         \
		struct sonde_event__##name *e__ = NULL;                                            \
		struct scratch *s__ =                                                              \
			begins(sonde_ids__##program.hook, sonde_ids__##program.event,              \
			       pad8(sizeof(struct sonde_event__##name)), also)                     \
				? scratch_at(scratch_index(sonde_ids__##program.hook))             \
				: NULL;                                                            \
		if (s__) {                                                                         \
			e__ = (void *)&s__->data[sizeof(struct sonde_record)];                     \
			bpf_debug("begins: " #name);                                               \
			__builtin_memset(e__, 0, sizeof(*e__));                                    \
		}                                                                                  \
		e__;                                                                               \
	})

/* The scratch around an event that begin() returned. */
#define scratch_of(e)                                                                              \
	((struct scratch *)((char *)(e) - sizeof(struct sonde_record) -                            \
			    offsetof(struct scratch, data)))

/* The header of the record, in front of it. */
#define record_of(e) ((struct sonde_record *)(e)-1)

/* In an interrupt `current` is a stranger: the record is about whom it concerns. */
#define subject_as(e, how, its_pid, its_tid, its_key, its_version)                                 \
	do {                                                                                       \
		struct sonde_record *r__ = record_of(e);                                           \
		r__->subject = how;                                                                \
		r__->pid = its_pid;                                                                \
		r__->tid = its_tid;                                                                \
		r__->key = its_key;                                                                \
		r__->version = its_version;                                                        \
	} while (0)
#define subject_is(e, task)                                                                        \
	subject_as(e, SONDE_SUBJECT_OWNER, BPF_CORE_READ(task, tgid), BPF_CORE_READ(task, pid),    \
		   key_of(task), 0)

#define submit(e) scratch__finish(scratch_of(e))

#endif
