// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * How often do soft interrupts run, of each kind, and how long?
 *     sonde probe run softirqs.bpf.o --maps 1s --deltas          (the whole machine)
 *     sonde probe run softirqs.bpf.o -- CMD
 *     sonde probe run softirqs.bpf.o --set histograms=true
 * They do what interrupts put off: receive packets (NET_RX), run timers, balance CPUs (SCHED), free
 * memory (RCU). With a command: what ran in place of it, and took its time.
 */
#include <sonde/probe.bpf.h>

const volatile bool histograms = false;

/* By the kernel's numbers, under the names of /proc/softirqs. */
enum softirq { HI, TIMER, NET_TX, NET_RX, BLOCK, IRQ_POLL, TASKLET, SCHED, HRTIMER, RCU };

struct kind {
	enum softirq softirq;
};

struct runs {
	__u64 time KIND(duration) AVERAGE(count);
	__u64 count;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, struct kind);
	__type(value, struct runs);
} softirqs SEC(".maps") TOTAL;

struct lengths {
	__u64 ns_hist[32];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, struct kind);
	__type(value, struct lengths);
} lengths SEC(".maps") QUIET;

/* When the one began that runs on this CPU: none interrupts another. */
struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} began SEC(".maps") HIDDEN;

SEC("tp_btf/softirq_entry")
int BPF_PROG(on_entry, unsigned int number)
{
	__u32 only = 0;
	__u64 *at = bpf_map_lookup_elem(&began, &only);

	if (at)
		*at = bpf_ktime_get_ns();
	return 0;
}

SEC("tp_btf/softirq_exit")
int BPF_PROG(on_exit, unsigned int number)
{
	struct kind kind = {.softirq = number};
	__u32 only = 0;
	__u64 *at = bpf_map_lookup_elem(&began, &only), time;
	struct lengths *l;
	struct runs *r;

	/* Of the whole machine those count, too, that interrupt sonde. */
	if (!at || !*at || (follow && !is_traced()))
		return 0;
	time = bpf_ktime_get_ns() - *at;
	*at = 0;
	r = value_of(softirqs, &kind);
	if (!r)
		return 0;
	add_to(r->time, time);
	add_to(r->count, 1);
	l = histograms ? value_of(lengths, &kind) : NULL;
	if (l)
		add_to_hist(l->ns_hist, time);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
