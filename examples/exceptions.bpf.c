// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Which C++ exceptions are thrown, by type, also those that somebody catches? By a probe that the
 * authors of the C++ library put there (USDT). Types are named as the linker names them, c++filt -t
 * makes them readable; a name that is not in memory yet stays empty.
 *     sonde probe run exceptions.bpf.o -- ./server
 */
#include <sonde/probe.bpf.h>
#include <bpf/usdt.bpf.h>

struct thrown {
	char comm[16];
	char type[64];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct thrown);
	__type(value, __u64);
} exceptions SEC(".maps");

/* As the C++ ABI has it. */
struct type_info {
	void *functions;
	const char *name;
};

SEC("usdt/libstdc++.so.6:libstdcxx:throw")
int BPF_USDT(on_throw, void *object, struct type_info *type)
{
	struct thrown thrown = {};
	struct type_info info = {};
	__u64 *count, one = 1;

	if (!is_traced())
		return 0;
	bpf_get_current_comm(thrown.comm, sizeof(thrown.comm));
	bpf_probe_read_user(&info, sizeof(info), type);
	bpf_probe_read_user_str(thrown.type, sizeof(thrown.type), info.name);
	count = bpf_map_lookup_elem(&exceptions, &thrown);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&exceptions, &thrown, &one, BPF_ANY);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
