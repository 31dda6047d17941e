// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Which system calls are made, how often, how many fail, and how much time do they take?
 *     sonde probe run syscount.bpf.o -- CMD
 *     sonde probe run syscount.bpf.o --duration 10s              (the whole machine)
 * The time is from a call's entry to its return: of one that waits, as read and futex do, it says
 * how long. exit and exit_group do not return, and are not counted.
 */
#include <sonde/probe.bpf.h>

struct call {
	__u32 call KIND(call);
};

struct count {
	__u64 calls;
	__u64 failed;
	__u64 time KIND(duration) AVERAGE(calls);
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct call);
	__type(value, struct count);
} calls SEC(".maps") TOTAL;

struct entry {
	__u64 time;
	struct call call;
};

/* By thread id. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, struct entry);
} entries SEC(".maps") HIDDEN;

SEC("tp_btf/sys_enter")
int BPF_PROG(on_enter, struct pt_regs *regs, long number)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct entry entry = {.call.call = number};

	if (!is_traced())
		return 0;
	/* The numbers of 32-bit calls are others. */
	if (call_is_compat(current_task()))
		entry.call.call |= 1 << 16;
	entry.time = bpf_ktime_get_ns();
	bpf_map_update_elem(&entries, &tid, &entry, BPF_ANY);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(on_exit, struct pt_regs *regs, long result)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct entry *entry = bpf_map_lookup_elem(&entries, &tid);
	struct call call;
	struct count *c;

	if (!entry)
		return 0;
	call = entry->call;
	c = value_of(calls, &call);
	if (c) {
		add_to(c->calls, 1);
		add_to(c->time, bpf_ktime_get_ns() - entry->time);
		if (result < 0 && result >= -4095)
			add_to(c->failed, 1);
	}
	bpf_map_delete_elem(&entries, &tid);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
