// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * How large are the writes of a command? Counts, and a histogram, at its end.
 *     sonde probe build write_sizes.bpf.c
 *     sonde probe run write_sizes.bpf.o -- CMD
 */
#include <sonde/probe.bpf.h>

__u64 writes;
__u64 size_hist[32]; /* slot n: from 2^n to below 2^(n+1) */

struct write_args {
	char gap[32];
	__u64 count;
};

SEC("tp/syscalls/sys_enter_write")
int on_write(struct write_args *args)
{
	__u64 size = args->count;
	__u32 slot = 0;

	if (!is_traced())
		return 0;
	__sync_fetch_and_add(&writes, 1);
	for (int i = 0; i < 31 && size > 1; i++, slot++)
		size >>= 1;
	__sync_fetch_and_add(&size_hist[slot & 31], 1);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
