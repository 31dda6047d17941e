// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * How long do disks take for what they are asked, by disk and operation?
 *     sonde probe run biolat.bpf.o                               (the whole machine)
 *     sonde probe run biolat.bpf.o -- dd if=FILE of=/dev/null iflag=direct
 * From when a request is given to the disk until it is done: the time that it waits in the kernel's
 * queue does not count. Two humps are two kinds of answer, as of a cache and of what lies behind
 * it. With a command: what it asked for itself; its writes are mostly written back later, by the
 * kernel.
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/block.h>

/* The queue came before the request (before 5.11, and stable releases). */
const volatile __u32 issue_arguments ARGUMENTS_OF(block_rq_issue) = 0;

#define REQUEST(ctx) ((__u64)(issue_arguments == 2 ? (ctx)[1] : (ctx)[0]))

struct queue {
	char disk[32];
	__u32 operation ENUM(block_operation);
};

struct requests {
	__u64 bytes;
	__u64 time KIND(duration) AVERAGE(us_hist);
	__u64 us_hist[32];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct queue);
	__type(value, struct requests);
} latency SEC(".maps");

/* Requests of those that are traced, by address: when the disk got them, 0: not yet. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, __u64);
} pending SEC(".maps") HIDDEN;

/* Whoever puts it into the queue asks for it; the queue may be run by anybody. */
SEC("tp_btf/block_rq_insert")
int on_insert(__u64 *ctx)
{
	__u64 request = REQUEST(ctx), none = 0;

	if (is_traced())
		bpf_map_update_elem(&pending, &request, &none, BPF_ANY);
	return 0;
}

SEC("tp_btf/block_rq_issue")
int on_issue(__u64 *ctx)
{
	__u64 request = REQUEST(ctx), now = bpf_ktime_get_ns();

	if (is_traced() || bpf_map_lookup_elem(&pending, &request))
		bpf_map_update_elem(&pending, &request, &now, BPF_ANY);
	return 0;
}

SEC("tp_btf/block_rq_complete")
int BPF_PROG(on_complete, struct request *rq, int error, unsigned int bytes)
{
	__u64 request = (__u64)rq, *issued = bpf_map_lookup_elem(&pending, &request), time;
	struct gendisk *disk;
	struct queue q = {};
	struct requests *r;

	if (!issued || !*issued)
		return 0;
	disk = block_disk((void *)request);
	bpf_core_read_str(q.disk, sizeof(q.disk), &disk->disk_name);
	q.operation = block_operation(BPF_CORE_READ(rq, cmd_flags) & REQ_OP_MASK);
	r = value_of(latency, &q);
	if (!r)
		return 0;
	add_to(r->bytes, bytes);
	/* It may be done in parts. */
	if (bytes < BPF_CORE_READ(rq, __data_len))
		return 0;
	time = bpf_ktime_get_ns() - *issued;
	bpf_map_delete_elem(&pending, &request);
	add_to(r->time, time);
	add_to_hist(r->us_hist, time / 1000);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
