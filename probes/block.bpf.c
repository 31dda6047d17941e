// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Block devices: which requests they are given, how long each takes, what comes of it, and who
 * asked for it. A queue is run by whoever comes by, and requests end in interrupts: the subject is
 * the task that put the request into the queue.
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/block.h>
#include <sonde/lib/hooks.h>

/* Who asked for a request that is under way. */
struct block_request {
	__u64 start, sector; /* of the request: its memory is used again for others */
	__u64 issued;        /* ns since boot; 0: not yet */
	__u64 key;
	__u32 version;
	__u32 pid, tid;
	__u32 unused;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, struct block_request);
} block_requests SEC(".maps");

const volatile bool block_queue_passed = false; /* the tracepoints pass the queue too (before 5.11,
						   and stable releases) */

#define BLOCK_REQUEST(ctx) ((__u64)(block_queue_passed ? (ctx)[1] : (ctx)[0]))

static __always_inline struct block_request *block_request_of(__u64 address)
{
	struct block_request *known = bpf_map_lookup_elem(&block_requests, &address);
	struct request *rq = (void *)address;

	if (known && known->start == BPF_CORE_READ(rq, start_time_ns) &&
	    known->sector == BPF_CORE_READ(rq, __sector))
		return known;
	return NULL;
}

/* The current task asks for it, if it is one that is traced. */
static __always_inline int block_remember(__u32 hook, __u64 address, __u64 issued)
{
	struct request *rq = (void *)address;
	struct block_request made = {};
	struct sonde_record *r;
	struct scratch *s;

	if (!begin_scratch(hook, 0, 0, false))
		return 0;
	s = scratch_at(scratch_index(hook));
	if (!s)
		return 0;
	r = (void *)s->data;
	made.start = BPF_CORE_READ(rq, start_time_ns);
	made.sector = BPF_CORE_READ(rq, __sector);
	made.issued = issued;
	made.key = r->key;
	made.version = r->version;
	made.pid = r->pid;
	made.tid = r->tid;
	bpf_map_update_elem(&block_requests, &address, &made, BPF_ANY);
	return scratch__drop(s);
}

#define BLOCK_BLIND                                                                                \
	"blind:devices without a queue of requests (zram, brd, dm, md): what they pass on is "     \
	"seen. What is written back later is asked for by a kworker"

#define BLOCK_FILL(e, rq)                                                                          \
	do {                                                                                       \
		struct gendisk *disk__ = block_disk(rq);                                           \
		__u32 flags__ = BPF_CORE_READ(rq, cmd_flags);                                      \
                                                                                                   \
		if (disk__) {                                                                      \
			bpf_core_read_str((e)->disk, sizeof((e)->disk), &disk__->disk_name);       \
			(e)->dev = user_dev((__u32)BPF_CORE_READ(disk__, major) << 20 |            \
					    BPF_CORE_READ(disk__, first_minor));                   \
		}                                                                                  \
		(e)->operation = block_operation(flags__ & REQ_OP_MASK);                           \
		(e)->flags = flags__ & REQ_FLAG_MASK;                                              \
		(e)->sector = BPF_CORE_READ(rq, __sector);                                         \
	} while (0)

HOOK_EVENT(block_rq_issue, block, "a request goes to a block device")
{
	char disk[32];
	__u64 dev KIND(dev);
	__u32 operation ENUM(block_operation);
	__u32 flags FLAGS(block_flags);
	__u64 sector HELP("of 512 bytes, on the whole disk");
	__u32 bytes;
}
SONDE_TAG(BLOCK_BLIND);

SEC("?tp_btf/block_rq_issue")
int block_rq_issue(__u64 *ctx)
{
	__u64 address = BLOCK_REQUEST(ctx);
	struct block_request *known = block_request_of(address);
	struct sonde_event__block_rq_issue *e = begin_if(block_rq_issue, known != NULL);
	struct request *rq = (void *)address;

	if (!e)
		return 0;
	if (known && known->tid != (__u32)bpf_get_current_pid_tgid())
		subject_as(e, SONDE_SUBJECT_ISSUER, known->pid, known->tid, known->key,
			   known->version);
	BLOCK_FILL(e, rq);
	e->bytes = BPF_CORE_READ(rq, __data_len);
	return submit(e);
}

HOOK_EVENT(block_rq_complete, block, "a block device has done a request, or a part of it")
{
	__s64 res RESULT HELP(
		"what it failed with; EIO too where Linux has no better word for `status`");
	char disk[32];
	__u64 dev KIND(dev);
	__u32 operation ENUM(block_operation);
	__u32 flags FLAGS(block_flags);
	__u64 sector HELP("of 512 bytes, on the whole disk");
	__u32 bytes HELP("that were done");
	__u32 status ENUM(block_status) QUIET HELP("the block layer's own word for a failure");
	__u64 latency KIND(duration) HELP("ns since it was issued; 0: that was not seen");
}
SONDE_TAG(BLOCK_BLIND);

/* As blk_status_to_errno(), of what is the same on all kernels; EIO is the last. */
const unsigned char block_errors[16] SEC(".rodata") = {0,  95, 110, 28, 67, 121, 52, 61,
						       84, 12, 5,   78, 11, 16,  5,  5};

static __always_inline int block_errno(int status)
{
	__u64 at = status;

	barrier_var(at);
	return -(int)block_errors[at < 16 ? at & 15 : 15];
}

static __always_inline __u32 block_status(int error)
{
	for (__u32 i = 0; i < sizeof(block_errors); i++)
		if (block_errors[i] == -error)
			return i;
	return 0;
}

SEC("?tp_btf/block_rq_complete")
int BPF_PROG(block_rq_complete, struct request *request, int error, unsigned int bytes)
{
	__u64 address = (__u64)request, issued = 0, key = 0;
	struct block_request *known = block_request_of(address);
	struct sonde_event__block_rq_complete *e;
	__u32 pid = 0, tid = 0, version = 0;
	struct request *rq = (void *)address;
	__u8 subject = SONDE_SUBJECT_NONE;

	if (known) {
		subject = SONDE_SUBJECT_ISSUER;
		issued = known->issued;
		key = known->key;
		version = known->version;
		pid = known->pid;
		tid = known->tid;
		if (bytes >= BPF_CORE_READ(rq, __data_len))
			bpf_map_delete_elem(&block_requests, &address);
	} else if (follow) {
		return end_early(sonde_ids__block_rq_complete.hook, SONDE_FILTERED);
	}
	e = begin_if(block_rq_complete, true);
	if (!e)
		return 0;
	subject_as(e, subject, pid, tid, key, version);
	BLOCK_FILL(e, rq);
	e->bytes = bytes;
	/* An errno before 5.16, below 0; then a blk_status_t, never below 0. */
	e->status = error > 0 ? error : block_status(error);
	e->res = error > 0 ? block_errno(error) : error;
	if (issued)
		e->latency = record_of(e)->time - issued;
	return submit(e);
}

HOOK_OF(block_rq_queued, block_rq_issue, block_rq_complete);

SEC("?tp_btf/block_rq_insert")
int block_rq_queued(__u64 *ctx)
{
	return block_remember(sonde_ids__block_rq_queued.hook, BLOCK_REQUEST(ctx), 0);
}

HOOK_OF(block_rq_started, block_rq_complete);

SEC("?tp_btf/block_rq_issue")
int block_rq_started(__u64 *ctx)
{
	__u64 address = BLOCK_REQUEST(ctx);
	struct block_request *known = block_request_of(address);

	if (!known)
		return block_remember(sonde_ids__block_rq_started.hook, address,
				      bpf_ktime_get_boot_ns());
	known->issued = bpf_ktime_get_boot_ns();
	return end_early(sonde_ids__block_rq_started.hook, SONDE_FILTERED);
}
