// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * How do processes end: with which status, or by which signal? A raw tracepoint, which is given the
 * task itself, and so more than the tracepoint's fields tell.
 *     sonde probe run exit_codes.bpf.o -- make -k check
 */
#include <sonde/probe.bpf.h>

struct end {
	char comm[16];
	__u32 status;
	__u32 signal; /* 0: it ended by itself */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct end);
	__type(value, __u64);
} ends SEC(".maps");

SEC("raw_tp/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	int code = BPF_CORE_READ(task, exit_code);
	struct end end = {.status = code >> 8 & 0xff, .signal = code & 0x7f};
	__u64 *count, one = 1;

	/* Threads end, too; the process ends with its first one. */
	if (!is_traced() || BPF_CORE_READ(task, pid) != BPF_CORE_READ(task, tgid))
		return 0;
	bpf_core_read_str(end.comm, sizeof(end.comm), &task->comm);
	count = bpf_map_lookup_elem(&ends, &end);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&ends, &end, &one, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
