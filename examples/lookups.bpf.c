// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Which names do programs look up, how long does it take, what comes of it? A uprobe keeps what the
 * C library is asked for, a uretprobe has the answer. Programs that have no C library, or one of
 * their own, are not seen.
 *     sonde probe run lookups.bpf.o -- curl -s https://example.org
 */
#include <sonde/probe.bpf.h>

EVENT(lookups, mine, "a name was looked up")
{
	struct sonde_data name KIND(string) FROM_USER;
	__s32 error HELP("0, or EAI_*: gai_strerror(3)");
	__u64 took KIND(duration);
};

struct lookup {
	__u64 name; /* where the program has it */
	__u64 begun;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32); /* the thread */
	__type(value, struct lookup);
} asked SEC(".maps");

SEC("uprobe/libc.so.6:getaddrinfo")
int BPF_KPROBE(on_lookup, const char *name)
{
	struct lookup l = {.name = (__u64)name, .begun = bpf_ktime_get_ns()};
	__u32 thread = bpf_get_current_pid_tgid();

	if (is_traced())
		bpf_map_update_elem(&asked, &thread, &l, BPF_ANY);
	return 0;
}

SEC("uretprobe/libc.so.6:getaddrinfo")
int BPF_KRETPROBE(on_answer, int error)
{
	__u32 thread = bpf_get_current_pid_tgid();
	struct lookup *found = bpf_map_lookup_elem(&asked, &thread), l;
	struct sonde_event__lookups *e;

	if (!found)
		return 0;
	l = *found;
	bpf_map_delete_elem(&asked, &thread);
	e = begin(lookups);
	if (!e)
		return 0;
	e->error = error;
	e->took = bpf_ktime_get_ns() - l.begun;
	append_user_string(scratch_of(e), SLOT(struct sonde_event__lookups, name), (void *)l.name,
			   config.string_limit);
	return submit(e);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
