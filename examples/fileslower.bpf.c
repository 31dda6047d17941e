// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Which reads and writes of files are slow, of which file, and whose?
 *     sonde probe run fileslower.bpf.o                           (the whole machine: 10 ms or more)
 *     sonde probe run fileslower.bpf.o --set threshold_us=500 -- CMD
 *     sonde probe run fileslower.bpf.o --set all=true -p PID     (pipes, sockets and devices too)
 * What the program waits for: the disk, a lock, the memory that is full of what is to be written;
 * biolat shows the disk's part alone. Seen are the calls, which is where files are read and
 * written on every kernel; not io_uring, nor what is mapped.
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/files.h>

const volatile __u64 threshold_us = 10000;
const volatile bool all = false; /* not only regular files */

EVENT(fileslower, file, "a read or write took long")
{
	__s64 res RESULT HELP("bytes that were read or written");
	__u32 call KIND(call);
	__s32 fd KIND(fd);
	__u64 size KIND(size) QUIET HELP("bytes that were asked for; 0: a vector of buffers");
	__u64 latency KIND(duration);
};

/* By thread id. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u32);
	__type(value, __u64);
} entered SEC(".maps") HIDDEN;

enum what { OTHER, BUFFER, VECTOR };

static __always_inline enum what what_is(long call)
{
#if defined(__TARGET_ARCH_x86)
	return call == 0 || call == 1 || call == 17 || call == 18 ? BUFFER
	       : call == 19 || call == 20 || (call >= 295 && call <= 296) ||
			       (call >= 327 && call <= 328)
		       ? VECTOR
		       : OTHER;
#else
	return (call >= 63 && call <= 64) || (call >= 67 && call <= 68) ? BUFFER
	       : (call >= 65 && call <= 66) || (call >= 69 && call <= 70) ||
			       (call >= 286 && call <= 287)
		       ? VECTOR
		       : OTHER;
#endif
}

static __always_inline bool is_regular(__u32 fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	struct file *file = NULL;

	if (fd < BPF_CORE_READ(table, max_fds))
		bpf_probe_read_kernel(&file, sizeof(file), BPF_CORE_READ(table, fd) + fd);
	return file && (BPF_CORE_READ(file, f_inode, i_mode) & S_IFMT) == S_IFREG;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(on_enter, struct pt_regs *regs, long call)
{
	__u32 tid = bpf_get_current_pid_tgid();
	__u64 now = bpf_ktime_get_ns();

	if (what_is(call) && is_traced() && !call_is_compat(current_task()))
		bpf_map_update_elem(&entered, &tid, &now, BPF_ANY);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(fileslower, struct pt_regs *regs, long res)
{
	__u32 tid = bpf_get_current_pid_tgid();
	__u64 *since = bpf_map_lookup_elem(&entered, &tid), latency;
	struct sonde_event__fileslower *e;
	long call = call_number(regs);

	if (!since)
		return 0;
	latency = bpf_ktime_get_ns() - *since;
	bpf_map_delete_elem(&entered, &tid);
	if (latency < threshold_us * 1000 || !(all || is_regular(PT_REGS_PARM1_CORE_SYSCALL(regs))))
		return 0;
	e = begin(fileslower);
	if (!e)
		return 0;
	e->res = res;
	e->call = call;
	e->fd = PT_REGS_PARM1_CORE_SYSCALL(regs);
	if (what_is(call) == BUFFER)
		e->size = PT_REGS_PARM3_CORE_SYSCALL(regs);
	e->latency = latency;
	append_fd(scratch_index(sonde_ids__fileslower.hook), e->fd,
		  SLOT(struct sonde_event__fileslower, fd));
	return submit(e);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
