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
	if (!is_traced())
		return 0;
	add_to(writes, 1);
	add_to_hist(size_hist, args->count);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
