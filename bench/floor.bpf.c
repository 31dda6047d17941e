// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What is the least that tracing a call can cost? An empty program on its hook, and one that writes
 * a record of 64 bytes into the ring of its CPU. A third one is the clock: it adds up, at each
 * switch, whose time it was.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "floor.h"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
#if defined(__TARGET_ARCH_x86)
struct pt_regs___floor {
	unsigned long orig_ax, di, si, dx, r10;
};
#define ARGUMENTS(regs)                                                                            \
	{                                                                                          \
		(regs)->di, (regs)->si, (regs)->dx, (regs)->r10                                    \
	}
#define NUMBER(regs) ((long)(regs)->orig_ax)
#else
struct pt_regs___floor {
	unsigned long regs[31];
	int syscallno;
};
#define ARGUMENTS(r)                                                                               \
	{                                                                                          \
		(r)->regs[0], (r)->regs[1], (r)->regs[2], (r)->regs[3]                             \
	}
#define NUMBER(r) ((r)->syscallno)
#endif

struct task_struct___floor {
	int pid;
	int tgid;
	unsigned int flags;
};
#pragma clang attribute pop

#define PF_KTHREAD 0x00200000 /* include/linux/sched.h */

const volatile unsigned int workload_tgid;
const volatile unsigned char calls[FLOOR_CALLS];
unsigned int tracer_tgid;
struct floor_cpu cpus[FLOOR_CPUS];
unsigned long long lost[FLOOR_CPUS];

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, FLOOR_CPUS);
	__type(key, __u32);
	__type(value, __u32);
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_RINGBUF);
			__uint(max_entries, 8 << 20);
		});
} rings SEC(".maps");

SEC("tp_btf/sys_exit")
int BPF_PROG(empty, struct pt_regs___floor *regs, long result)
{
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(record, struct pt_regs___floor *regs, long result)
{
	__u64 pid_tgid;
	__u64 number = NUMBER(regs);
	__u32 cpu = bpf_get_smp_processor_id();
	struct floor_record *r;
	void *ring;

	if (number >= FLOOR_CALLS || !calls[number])
		return 0;
	pid_tgid = bpf_get_current_pid_tgid();
	if (pid_tgid >> 32 != workload_tgid)
		return 0;
	ring = bpf_map_lookup_elem(&rings, &cpu);
	if (!ring)
		return 0;
	r = bpf_ringbuf_reserve(ring, sizeof(*r), 0);
	if (!r) {
		if (cpu < FLOOR_CPUS)
			lost[cpu]++;
		return 0;
	}
	*r = (struct floor_record){
		.time = bpf_ktime_get_boot_ns(),
		.pid_tgid = pid_tgid,
		.number = number,
		.result = result,
		.args = ARGUMENTS(regs),
	};
	bpf_ringbuf_submit(r, BPF_RB_NO_WAKEUP);
	return 0;
}

static __u64 whose(const struct task_struct___floor *task)
{
	if (!task->pid)
		return FLOOR_IDLE;
	if (task->tgid == workload_tgid)
		return FLOOR_WORKLOAD;
	if (task->tgid == tracer_tgid)
		return FLOOR_TRACER;
	return task->flags & PF_KTHREAD ? FLOOR_KERNEL : FLOOR_OTHERS;
}

/* `changes` is odd while the rest does not fit together; the barriers keep the compiler from moving
 * it. */
SEC("tp_btf/sched_switch")
int BPF_PROG(account, _Bool preempt, struct task_struct___floor *prev,
	     struct task_struct___floor *next)
{
	__u32 cpu = bpf_get_smp_processor_id();
	__u64 now = bpf_ktime_get_ns(), who;
	struct floor_cpu *c;

	if (cpu >= FLOOR_CPUS)
		return 0;
	c = &cpus[cpu];
	who = c->who;
	c->changes++;
	barrier();
	if (c->since && who < FLOOR_WHO)
		c->ns[who] += now - c->since;
	c->who = whose(next);
	c->since = now;
	barrier();
	c->changes++;
	return 0;
}
