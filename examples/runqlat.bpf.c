// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * How long do tasks that could run wait for a CPU?
 *     sonde probe run runqlat.bpf.o -- make -j8
 *     sonde probe run runqlat.bpf.o --maps 1s --deltas           (of the whole machine)
 *     sonde probe run runqlat.bpf.o --set by_pid=true -p PID
 * A wait begins when a task is woken or loses the CPU, and ends when it gets one. Long ones, of
 * milliseconds, say that more tasks want to run than there are CPUs, or that they are bound to the
 * wrong ones.
 */
#include <sonde/probe.bpf.h>

/* A histogram for each name of a task, or for each process. */
const volatile bool by_name = false;
const volatile bool by_pid = false;

struct task {
	__u32 pid QUIET;
	char name[16];
};

struct waits {
	__u64 time KIND(duration) AVERAGE(us_hist);
	__u64 us_hist[32];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct task);
	__type(value, struct waits);
} waits SEC(".maps");

/* Since when those wait that do, by thread id. Each gets a CPU again, if only to end: none stays.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, __u64);
} waiting SEC(".maps") HIDDEN;

static __always_inline void begins_to_wait(__u32 tid)
{
	__u64 now = bpf_ktime_get_ns();

	bpf_map_update_elem(&waiting, &tid, &now, BPF_ANY);
}

SEC("tp_btf/sched_wakeup")
int BPF_PROG(on_wakeup, struct task_struct *task)
{
	if (task_is_followed(task))
		begins_to_wait(BPF_CORE_READ(task, pid));
	return 0;
}

SEC("tp_btf/sched_wakeup_new")
int BPF_PROG(on_new, struct task_struct *task)
{
	if (task_is_followed(task))
		begins_to_wait(BPF_CORE_READ(task, pid));
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(on_switch, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	__u32 tid = BPF_CORE_READ(prev, pid);
	struct task task = {};
	struct waits *w;
	__u64 *since, wait;

	/* Thread id 0 is what runs where nothing else does. */
	if (tid && (preempt || !task_state(prev)) && task_is_followed(prev))
		begins_to_wait(tid);
	tid = BPF_CORE_READ(next, pid);
	since = tid ? bpf_map_lookup_elem(&waiting, &tid) : NULL;
	if (!since)
		return 0;
	wait = bpf_ktime_get_ns() - *since;
	bpf_map_delete_elem(&waiting, &tid);
	if (by_pid)
		task.pid = BPF_CORE_READ(next, tgid);
	if (by_name || by_pid)
		bpf_core_read_str(task.name, sizeof(task.name), &next->comm);
	w = value_of(waits, &task);
	if (!w)
		return 0;
	add_to(w->time, wait);
	add_to_hist(w->us_hist, wait / 1000);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
