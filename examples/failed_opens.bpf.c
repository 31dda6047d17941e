// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Which programs fail to open files, how often, and why (as errno has it)? By a kretprobe: what the
 * function returns is a file, or a small negative number.
 *     sonde probe run failed_opens.bpf.o -- python3 -c pass
 */
#include <sonde/probe.bpf.h>

struct failure {
	char comm[16];
	__s32 error;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct failure);
	__type(value, __u64);
} failures SEC(".maps");

/* The kernel looks a name up without locks first; where that does not do it tries again. */
#define ECHILD 10

SEC("kretprobe/path_openat")
int BPF_KRETPROBE(on_opened, long file)
{
	struct failure f = {.error = -file};
	__u64 *count, one = 1;

	if (file >= 0 || file < -4095 || file == -ECHILD || !is_traced())
		return 0;
	bpf_get_current_comm(f.comm, sizeof(f.comm));
	count = bpf_map_lookup_elem(&failures, &f);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&failures, &f, &one, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
