// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Which system calls does a command make, how often, and how many fail? By number.
 *     sonde probe build syscount.bpf.c
 *     sonde probe run syscount.bpf.o -- CMD
 */
#include <sonde/probe.bpf.h>

struct call {
	long number;
};

struct count {
	__u64 calls;
	__u64 failed;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct call);
	__type(value, struct count);
} calls SEC(".maps");

struct exit_args {
	char gap[8];
	long number;
	long result;
};

SEC("tp/raw_syscalls/sys_exit")
int on_exit(struct exit_args *args)
{
	struct call call = {.number = args->number};
	struct count *c, none = {};

	if (!is_traced())
		return 0;
	bpf_map_update_elem(&calls, &call, &none, BPF_NOEXIST);
	c = bpf_map_lookup_elem(&calls, &call);
	if (!c)
		return 0;
	__sync_fetch_and_add(&c->calls, 1);
	if (args->result < 0 && args->result >= -4095)
		__sync_fetch_and_add(&c->failed, 1);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
