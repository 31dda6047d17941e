// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Which files does a database or a package manager wait for, and how long? fentry keeps the time at
 * which a flush to the disk begins, fexit has the arguments and the result when it is done.
 *     sonde probe run fsyncs.bpf.o -- dpkg -i PACKAGE
 *     sonde probe run fsyncs.bpf.o 'evt.arg.took > 10ms' -p PID
 * Where a function is called, compilers may put a copy of it instead: some kernels have none of
 * do_fsync(), where system calls lead, others have one with vfs_fsync_range() inside. So both are
 * hooked, of which the one with "?" may be missing; where one calls the other, that one tells.
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

static __always_inline int begins(void)
{
	__u32 thread = bpf_get_current_pid_tgid();
	__u64 now = bpf_ktime_get_ns();

	if (is_traced())
		bpf_map_update_elem(&begun, &thread, &now, BPF_NOEXIST);
	return 0;
}

/* NULL: the function within has told of it. */
static __always_inline struct sonde_event__fsyncs *ended(int res)
{
	__u32 thread = bpf_get_current_pid_tgid();
	__u64 *since = bpf_map_lookup_elem(&begun, &thread), took;
	struct sonde_event__fsyncs *e;

	if (!since)
		return NULL;
	took = bpf_ktime_get_ns() - *since;
	bpf_map_delete_elem(&begun, &thread);
	e = begin(fsyncs);
	if (!e)
		return NULL;
	e->res = res;
	e->took = took;
	return e;
}

SEC("fentry/vfs_fsync_range")
int BPF_PROG(on_fsync)
{
	return begins();
}

SEC("fexit/vfs_fsync_range")
int BPF_PROG(fsyncs, struct file *file, long long start, long long end, int datasync, int res)
{
	struct sonde_event__fsyncs *e = ended(res);

	if (!e)
		return 0;
	put_file(fsyncs, file, number_of(file));
	return submit(e);
}

SEC("?fentry/do_fsync")
int BPF_PROG(on_call)
{
	return begins();
}

SEC("?fexit/do_fsync")
int BPF_PROG(on_called, unsigned int fd, int datasync, int res)
{
	struct sonde_event__fsyncs *e = ended(res);

	if (!e)
		return 0;
	append_fd(scratch_index(sonde_ids__fsyncs.hook), fd,
		  SLOT(struct sonde_event__fsyncs, file));
	return submit(e);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
