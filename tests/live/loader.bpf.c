// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What loader_test loads: one program that every kernel takes, one that none does, one without a
 * hook. */
#define SEC(name) __attribute__((section(name), used))

char LICENSE[] SEC("license") = "Dual BSD/GPL";

SEC("?tp_btf/sched_process_fork")
int taken(void *ctx)
{
	return 0;
}

SEC("?tp_btf/sched_process_exec")
int refused(void *ctx)
{
	asm volatile("r0 = *(u64 *)(r9 + 0)");
	return 0;
}

SEC("?tp_btf/no_such_tracepoint")
int without_hook(void *ctx)
{
	return 0;
}
