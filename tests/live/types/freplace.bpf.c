// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Takes the place of replaced.bpf.c's function. */
#include <sonde/probe.bpf.h>

__u64 saw_freplace;

SEC("freplace/weigh")
int my_weigh(int sig)
{
	__sync_fetch_and_add(&saw_freplace, 1);
	return sig ? 1000 : 1;
}

char LICENSE[] SEC("license") = "GPL";
