// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Which programs does a build, a script or a service start, and how often? A tracepoint, whose
 * fields lie in its context as the format file has them.
 *     sonde probe run exec_names.bpf.o -- make
 */
#include <sonde/probe.bpf.h>

struct program {
	char file[64];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct program);
	__type(value, __u64);
} started SEC(".maps");

struct exec_args {
	char head[8];
	__u32 filename_at; /* the lower half is an offset into this context, the upper a length */
	int pid, old_pid;
};

SEC("tp/sched/sched_process_exec")
int on_exec(struct exec_args *args)
{
	struct program program = {};
	__u64 *count, one = 1;

	if (!is_traced())
		return 0;
	bpf_probe_read_kernel_str(program.file, sizeof(program.file),
				  (char *)args + (args->filename_at & 0xffff));
	count = bpf_map_lookup_elem(&started, &program);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&started, &program, &one, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
