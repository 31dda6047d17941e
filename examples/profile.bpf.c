// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Where does the time of the CPUs go: to which programs, and how much of it in the kernel? A sample
 * 99 times a second on each CPU.
 *     sonde probe run profile.bpf.o -- make
 *     sonde probe run profile.bpf.o --perf page-faults -- make        (who needs new memory)
 */
#include <sonde/probe.bpf.h>

struct place {
	char comm[16];
	__u32 in_kernel;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, struct place);
	__type(value, __u64);
} samples SEC(".maps");

SEC("perf_event")
ATTACH("cpu-clock@99") int on_sample(struct pt_regs *ctx)
{
	/* The kernel's addresses have their highest bit set. */
	struct place place = {.in_kernel = PT_REGS_IP(ctx) >> 63};
	__u64 *count, one = 1;

	if (!is_traced())
		return 0;
	bpf_get_current_comm(place.comm, sizeof(place.comm));
	count = bpf_map_lookup_elem(&samples, &place);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&samples, &place, &one, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
