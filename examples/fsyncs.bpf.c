// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Which files does a database or a package manager wait for, and how long? fentry keeps the time at
 * which a flush to the disk begins, fexit has the arguments and the result when it is done.
 *     sonde probe run fsyncs.bpf.o -- dpkg -i PACKAGE
 *     sonde probe run fsyncs.bpf.o 'evt.arg.took > 10ms' -p PID
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/socket.h>

EVENT(fsyncs, mine, "a file was written to its disk")
{
	__s64 res RESULT;
	struct sonde_file_ref file;
	__u64 took KIND(duration);
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32); /* the thread */
	__type(value, __u64);
} begun SEC(".maps");

SEC("fentry/vfs_fsync_range")
int BPF_PROG(on_fsync, struct file *file)
{
	__u32 thread = bpf_get_current_pid_tgid();
	__u64 now = bpf_ktime_get_ns();

	if (is_traced())
		bpf_map_update_elem(&begun, &thread, &now, BPF_ANY);
	return 0;
}

SEC("fexit/vfs_fsync_range")
int BPF_PROG(on_fsynced, struct file *file, long long start, long long end, int datasync, int res)
{
	__u32 thread = bpf_get_current_pid_tgid();
	__u64 *since = bpf_map_lookup_elem(&begun, &thread), took;
	struct sonde_event__fsyncs *e;

	if (!since)
		return 0;
	took = bpf_ktime_get_ns() - *since;
	bpf_map_delete_elem(&begun, &thread);
	e = begin(fsyncs);
	if (!e)
		return 0;
	e->res = res;
	e->took = took;
	put_file(fsyncs, file, number_of(file));
	return submit(e);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
