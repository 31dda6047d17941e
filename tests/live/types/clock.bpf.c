// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What runs by counters, on request, and by timers that a program starts. */
#include "mine.h"

#define CLOCK_MONOTONIC 1
#define TICK_NS         10000000

COUNT(perf_event);
COUNT(perf_timer);
COUNT(syscall);
COUNT(ticks);
COUNT(timer_error);

/* What the kernel knows by this name and size. */
struct bpf_timer {
	__u64 unused[2];
};

struct ticking {
	struct bpf_timer timer;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct ticking);
} timers SEC(".maps");

SEC("perf_event")
ATTACH("page-faults/1") int on_perf_event(void *ctx)
{
	if (is_mine())
		SAW(perf_event);
	return 0;
}

SEC("perf_event")
ATTACH("timer@100") int on_perf_timer(void *ctx)
{
	SAW(perf_timer);
	return 0;
}

static int tick(void *map, __u32 *key, struct ticking *t)
{
	SAW(ticks);
	bpf_timer_start(&t->timer, TICK_NS, 0);
	return 0;
}

SEC("syscall")
int on_syscall(void *ctx)
{
	__u32 key = 0;
	struct ticking *t = bpf_map_lookup_elem(&timers, &key);

	SAW(syscall);
	if (!t)
		return 0;
	saw_timer_error = -bpf_timer_init(&t->timer, &timers, CLOCK_MONOTONIC);
	if (saw_timer_error || bpf_timer_set_callback(&t->timer, tick))
		return 0;
	bpf_timer_start(&t->timer, TICK_NS, 0);
	return 0;
}
