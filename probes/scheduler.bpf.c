// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The scheduler: who is woken, who gets a CPU after whom, and how long a task that is ready waits
 * for one. Each is about the task that is woken or gets or leaves the CPU: who runs meanwhile
 * matters little, and in an interrupt is a stranger. The run queue is locked in these hooks:
 * nothing may allocate memory.
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/hooks.h>

__noinline int begin_scratch_about(__u32 hook, __u32 event, __u32 fixed, __u32 wanted)
{
	return begin_record(hook, event, fixed, false, wanted, NULL) != NULL;
}

/* A task that has not run yet has introduced itself nowhere. The version that it was given, or 0.
 */
__noinline int introduce_other(__u32 index, __u32 hook)
{
	struct scratch *s = scratch_at(index);
	struct sonde_record *r;
	__u32 version;

	if (!s)
		return 0;
	r = (void *)s->data;
	version = new_version(r->time, r->tid);
	return introduce_task(index, r->time, version, hook) && emit_intro(s) ? version : 0;
}

/* A record about another task than the current one, which none but that one decides on. */
#define begin_about(name, whom)                                                                    \
	({                                                                                         \
		struct task_value *v__ = task_value_of(whom, false);                               \
		struct sonde_event__##name *about__ = begin_with(                                  \
			begin_scratch_about, name, name,                                           \
			(__u32)BPF_CORE_READ(whom, tgid) != own_pid && task_is_followed(whom));    \
                                                                                                   \
		if (about__) {                                                                     \
			subject_is(about__, whom);                                                 \
			scratch_of(about__)->task = (__u64)(whom);                                 \
			if (v__ && !v__->version)                                                  \
				v__->version =                                                     \
					introduce_other(scratch_index(sonde_ids__##name.hook),     \
							sonde_ids__##name.hook);                   \
		}                                                                                  \
		about__;                                                                           \
	})

#define WAKEUP_FIELDS                                                                              \
	char woken_name[16] HELP("comm of the subject");                                           \
	__s32 target_cpu HELP("where it will run");                                                \
	__s32 prio HELP("the kernel's: 120 and the nice value, below 100 real-time");              \
	__s32 waker KIND(pid) HELP("thread group that runs where the wakeup is carried out: in "   \
				   "an interrupt, or on the target CPU, a stranger; 0: the idle "  \
				   "task");                                                        \
	__s32 waker_tid KIND(pid);                                                                 \
	char waker_name[16]

HOOK_EVENT(sched_wakeup, scheduler, "a task that slept is ready to run")
{
	WAKEUP_FIELDS;
};

HOOK_EVENT(sched_wakeup_new, scheduler, "a new task is ready to run for the first time")
{
	WAKEUP_FIELDS;
};

static __always_inline __s32 cpu_of(struct task_struct *task)
{
	struct task_struct___old *old = (void *)task;

	if (bpf_core_field_exists(task->thread_info.cpu))
		return BPF_CORE_READ(task, thread_info.cpu);
	return BPF_CORE_READ(old, cpu);
}

#define WAKEUP_FILL(e, task)                                                                       \
	do {                                                                                       \
		__u64 id__ = bpf_get_current_pid_tgid();                                           \
                                                                                                   \
		bpf_core_read_str((e)->woken_name, sizeof((e)->woken_name), &(task)->comm);        \
		(e)->target_cpu = cpu_of(task);                                                    \
		(e)->prio = BPF_CORE_READ(task, prio);                                             \
		(e)->waker = id__ >> 32;                                                           \
		(e)->waker_tid = id__;                                                             \
		bpf_get_current_comm((e)->waker_name, sizeof((e)->waker_name));                    \
	} while (0)

SEC("?tp_btf/sched_wakeup")
int BPF_PROG(sched_wakeup, struct task_struct *task)
{
	struct sonde_event__sched_wakeup *e = begin_about(sched_wakeup, task);

	if (!e)
		return 0;
	WAKEUP_FILL(e, task);
	return submit(e);
}

SEC("?tp_btf/sched_wakeup_new")
int BPF_PROG(sched_wakeup_new, struct task_struct *task)
{
	struct sonde_event__sched_wakeup_new *e = begin_about(sched_wakeup_new, task);

	if (!e)
		return 0;
	WAKEUP_FILL(e, task);
	return submit(e);
}

HOOK_EVENT(runqlat, scheduler,
	   "a task gets the CPU: how long it was ready and waited (run-queue latency)")
{
	__u64 wait KIND(duration) HELP("ns since it was woken or lost the CPU");
	__u8 preempted KIND(bool) HELP("it had lost the CPU, and was not woken");
	__s32 prio HELP("the kernel's: 120 and the nice value, below 100 real-time");
	__s32 before KIND(pid) HELP("thread group that had the CPU until now; 0: it was idle");
	__s32 before_tid KIND(pid);
	char before_name[16];
};

struct ready {
	__u64 since; /* ns since boot */
	__u64 preempted;
};

/* Tasks that wait for a CPU, by thread id. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, struct ready);
} ready_tasks SEC(".maps");

static __always_inline void becomes_ready(__u32 tid, bool preempted)
{
	struct ready ready = {.since = bpf_ktime_get_boot_ns(), .preempted = preempted};

	bpf_map_update_elem(&ready_tasks, &tid, &ready, BPF_ANY);
}

SEC("?tp_btf/sched_switch")
int BPF_PROG(runqlat, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct sonde_event__runqlat *e;
	__u32 tid = BPF_CORE_READ(prev, pid);
	struct ready *known, ready;

	if ((preempt || !task_state(prev)) && tid && task_is_followed(prev))
		becomes_ready(tid, true);
	tid = BPF_CORE_READ(next, pid);
	known = tid ? bpf_map_lookup_elem(&ready_tasks, &tid) : NULL;
	if (!known)
		return end_early(sonde_ids__runqlat.hook, SONDE_FILTERED);
	ready = *known;
	bpf_map_delete_elem(&ready_tasks, &tid);
	e = begin_about(runqlat, next);
	if (!e)
		return 0;
	e->wait = record_of(e)->time - ready.since;
	e->preempted = ready.preempted;
	e->prio = BPF_CORE_READ(next, prio);
	e->before = BPF_CORE_READ(prev, tgid);
	e->before_tid = BPF_CORE_READ(prev, pid);
	bpf_core_read_str(e->before_name, sizeof(e->before_name), &prev->comm);
	return submit(e);
}

HOOK_OF(runqlat_wakeup, runqlat);

SEC("?tp_btf/sched_wakeup")
int BPF_PROG(runqlat_wakeup, struct task_struct *task)
{
	if (task_is_followed(task))
		becomes_ready(BPF_CORE_READ(task, pid), false);
	return end_early(sonde_ids__runqlat_wakeup.hook, SONDE_FILTERED);
}

HOOK_OF(runqlat_wakeup_new, runqlat);

SEC("?tp_btf/sched_wakeup_new")
int BPF_PROG(runqlat_wakeup_new, struct task_struct *task)
{
	if (task_is_followed(task))
		becomes_ready(BPF_CORE_READ(task, pid), false);
	return end_early(sonde_ids__runqlat_wakeup_new.hook, SONDE_FILTERED);
}

const volatile bool sched_switch_has_state = false; /* the tracepoint passes it (5.18) */

HOOK_EVENT(sched_switch, process, "a CPU leaves a task, the subject if it is traced, for another")
{
	char next_comm[16];
	__s32 next_tid KIND(pid);
	__s32 next KIND(pid) HELP("its thread group");
	__u64 next_key KIND(hex) DETAIL;
	__u32 state FLAGS(task_state)
		HELP("in which the task is left; TASK_RUNNING: it could go on");
	__u8 preempted KIND(bool) HELP("against its will");
	__s32 prev_tid KIND(pid);
	__s32 prev KIND(pid);
	char prev_comm[16];
	__s32 prev_prio HELP("the kernel's: 120 and the nice value, below 100 real-time");
	__s32 next_prio;
};

SEC("?tp_btf/sched_switch")
int BPF_PROG(sched_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	struct sonde_event__sched_switch *e;

	if (task_is_followed(prev))
		e = begin_about(sched_switch, prev);
	else
		e = begin_about(sched_switch, next);
	if (!e)
		return 0;
	e->prev = prev->tgid;
	e->prev_tid = prev->pid;
	e->prev_prio = prev->prio;
	bpf_core_read(e->prev_comm, sizeof(e->prev_comm), &prev->comm);
	e->next = next->tgid;
	e->next_tid = next->pid;
	e->next_prio = next->prio;
	e->next_key = key_of(next);
	bpf_core_read(e->next_comm, sizeof(e->next_comm), &next->comm);
	e->preempted = preempt;
	e->state = sched_switch_has_state ? ctx[3] : task_state(prev);
	return submit(e);
}
