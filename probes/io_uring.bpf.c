// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What io_uring does without a call: each request as the call that it replaces, in two records.
 * When it is submitted its entry in the ring still says what it was made of; when it completes, on
 * whatever task, the result is known, and what the kernel has written.
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/call.h>
#include <sonde/lib/hooks.h>

HOOK(io_uring_submit);
HOOK(io_uring_fail);
HOOK(io_uring_complete);
HOOK(io_uring_overflow);

/* By opcode: what it is where its test holds comes in the second half. */
const volatile struct sonde_operation operations[2 * SONDE_OPERATIONS] = {};

/* Of the tracepoints io_uring_complete and io_uring_submit_sqe: what is passed depends on it. */
const volatile __u32 complete_args = 3, submit_sqe_args = 2;

/* The oldest are forgotten: some end without a completion (IOSQE_CQE_SKIP_SUCCESS). */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, struct submitted);
} requests SEC(".maps");

/* Not each completion names its request: those that find no room do not, nor do the earlier ones
 * of a request that completes several times, nor any before 5.18. */
struct ring_key {
	__u64 ring, user_data;
};

struct in_flight {
	__u64 request; /* 0: it may be one of several; UNSHOWN: it is none that is shown */
	__u64 count;
};

#define UNSHOWN 1

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct ring_key);
	__type(value, struct in_flight);
} in_flight SEC(".maps");

/* linux/io_uring.h */
#define IORING_SETUP_SQE128     (1u << 10)
#define IORING_SETUP_NO_SQARRAY (1u << 16)
#define IOSQE_FIXED_FILE        (1u << 0)
#define IOSQE_BUFFER_SELECT     (1u << 5)
#define IOSQE_CQE_SKIP_SUCCESS  (1u << 6)
#define SPLICE_F_FD_IN_FIXED    (1u << 31)
#define IORING_OP_CLOSE         19
#define IORING_CQE_F_MORE       (1u << 1)
#define SQE_WORDS               8

#define SQE_FLAGS               SONDE_SQE(28, 4)
#define SQE_FILE                SONDE_SQE(SONDE_SQE_FILE, 4)
#define SQE_FILE_INDEX          SONDE_SQE(44, 4)

static __always_inline __u64 sqe_member(const __u64 *sqe, __u8 member)
{
	__u32 at = member & 60, size = member >> 6;
	__u64 word = sqe[at / 8 & (SQE_WORDS - 1)] >> at % 8 * 8;

	return size == 3 ? word : size == 2 ? (__u32)word : size == 1 ? (__u16)word : 0;
}

/* The entry of the ring that a request was just made of. */
static __always_inline __u64 find_sqe(struct io_kiocb *req)
{
	struct io_ring_ctx *ring = BPF_CORE_READ(req, ctx);
	__u32 flags = BPF_CORE_READ(ring, flags), entries = BPF_CORE_READ(ring, sq_entries),
	      at = (BPF_CORE_READ(ring, cached_sq_head) - 1) & (entries - 1);

	if (!(flags & IORING_SETUP_NO_SQARRAY))
		bpf_probe_read_kernel(&at, sizeof(at), BPF_CORE_READ(ring, sq_array) + at);
	return (__u64)BPF_CORE_READ(ring, sq_sqes) +
	       (__u64)at * 8 * (flags & IORING_SETUP_SQE128 ? 2 * SQE_WORDS : SQE_WORDS);
}

static __always_inline bool is_wanted(const volatile struct sonde_operation *op)
{
	return op->call && calls[(op->call - 1) & (SONDE_CALL_NUMBERS - 1)].flags & SONDE_CALL_ON;
}

/* SONDE_REQUEST_*, as far as they are known when it is submitted. */
static __always_inline __u32 request_flags(const volatile struct sonde_operation *op,
					   const __u64 *sqe)
{
	__u32 given = sqe[0] >> 8, flags = 0;

	if (given & IOSQE_FIXED_FILE)
		flags |= SONDE_REQUEST_FIXED;
	if (given & IOSQE_BUFFER_SELECT)
		flags |= SONDE_REQUEST_SELECT;
	if ((op->flags & SONDE_OPERATION_DIRECT) && sqe_member(sqe, SQE_FILE_INDEX))
		flags |= SONDE_REQUEST_DIRECT;
	return flags;
}

/* What a request is made of goes to s->submitted; false: it is no call that is wanted. */
static __always_inline bool read_sqe(struct scratch *s, struct io_kiocb *req, __u64 address)
{
	struct submitted *to = &s->submitted;
	const volatile struct sonde_operation *op;
	__u32 opcode = to->request.opcode & (SONDE_OPERATIONS - 1), flags, fixed = 0, i;
	__u64 *sqe = s->block;

	_Static_assert(sizeof(s->block) >= SQE_WORDS * 8, "room for one");
	to->request.flags = 0;
	to->own_file = 0;
	if (bpf_probe_read_kernel(sqe, SQE_WORDS * 8, (void *)address) ||
	    sqe[4] != to->request.user_data || (__u8)sqe[0] != to->request.opcode) {
		__builtin_memset(sqe, 0, SQE_WORDS * 8);
		to->request.flags = SONDE_REQUEST_REWRITTEN;
	}
	op = &operations[opcode + SONDE_OPERATIONS];
	if (!op->call || (sqe_member(sqe, op->test) & op->mask) != op->value)
		op = &operations[opcode];
	if (!is_wanted(op))
		return false;
	flags = sqe[0] >> 8;
	to->request.flags |= request_flags(op, sqe);
	for (i = 0; i < SONDE_CALL_ARGS; i++) {
		__u8 member = op->args[i];

		to->args[i] = sqe_member(sqe, member);
		if (member == SQE_FILE) {
			to->own_file = i + 1;
			fixed |= flags & IOSQE_FIXED_FILE || !(flags & IOSQE_CQE_SKIP_SUCCESS)
					 ? 1 << i
					 : 0;
		} else if (member == SQE_FILE_INDEX &&
			   (sqe_member(sqe, SQE_FLAGS) & SPLICE_F_FD_IN_FIXED)) {
			fixed |= 1 << i;
		}
	}
	to->number = (op->call - 1) & (SONDE_CALL_NUMBERS - 1);
	to->fixed = fixed;
	to->offsets = op->flags & SONDE_OPERATION_OFFSETS;
	to->silent = flags & IOSQE_CQE_SKIP_SUCCESS;
	if ((to->request.flags & SONDE_REQUEST_DIRECT) && opcode == IORING_OP_CLOSE) {
		to->args[0] = sqe_member(sqe, SQE_FILE_INDEX) - 1;
		to->fixed = 1;
	}
	return true;
}

static __always_inline void append_request(struct scratch *s)
{
	struct sonde_item *item = item__open(s);

	if (!item)
		return;
	*(struct sonde_request *)(item + 1) = s->submitted.request;
	item__close(s, item, 0, SONDE_ITEM_REQUEST, sizeof(struct sonde_request),
		    sizeof(struct sonde_request));
}

/* A value, as if it lay behind an address. */
static __always_inline void append_behind(struct scratch *s, __u32 slot, __u64 *argument)
{
	struct sonde_item *item = item__open(s);

	if (*argument == ~0ull || !item) {
		*argument = 0;
		return;
	}
	*(__u64 *)(item + 1) = *argument;
	*argument = 1;
	item__close(s, item, slot, SONDE_ITEM_DATA, sizeof(__u64), sizeof(__u64));
}

/* What the program has passed: it may be gone when the request completes. */
static __always_inline void fetch_given(struct scratch *s, __u32 index)
{
	__u64 *fixed = (void *)&s->data[sizeof(struct sonde_record)];

	for (__u32 i = 0; i < SONDE_CALL_ARGS; i++) {
		__u8 when = s->call.args[i].when;

		if (s->submitted.offsets && (i == 1 || i == 3))
			append_behind(s, i + 1, &fixed[1 + i]);
		else if (when && !(s->submitted.fixed >> i & 1) &&
			 (!(when & (SONDE_IF_SUCCESS | SONDE_IF_POSITIVE)) ||
			  (when & SONDE_AT_ENTRY)))
			fetch_arg(index, i, SONDE_ANY_TIME);
		s->submitted.args[i] = fixed[1 + i];
	}
}

/* What the kernel has written; and the file that it was about, as the kernel found it. */
static __always_inline void fetch_answer(struct scratch *s, __u32 index, long ret)
{
	struct io_kiocb *req = (void *)s->submitted.kiocb;

	if (s->submitted.own_file && config.resolve_files) {
		s->fd = s->submitted.args[(s->submitted.own_file - 1) & 7];
		s->value[0] = (__u64)BPF_CORE_READ(req, file);
		if (s->value[0])
			append_file(index, s->value[0], s->submitted.own_file);
	}
	for (__u32 i = 0; i < SONDE_CALL_ARGS; i++)
		if ((s->call.args[i].when & (SONDE_IF_SUCCESS | SONDE_IF_POSITIVE)) &&
		    !s->submitted.offsets && is_due(&s->call.args[i], SONDE_AT_EXIT, ret))
			fetch_arg(index, i, SONDE_ANY_TIME);
	if ((s->call.flags & SONDE_CALL_RESULT_FD) && ret >= 0 && config.resolve_files &&
	    !(s->submitted.request.flags & SONDE_REQUEST_DIRECT))
		append_fd(index, ret, 0);
}

/* The fixed part: the result and the arguments. */
static __always_inline void put_call(struct scratch *s, const struct sonde_call *call, long ret)
{
	__u64 *fixed = (void *)&s->data[sizeof(struct sonde_record)];
	__u32 count = call->count;

	((struct sonde_record *)s->data)->event = call->event;
	fixed[0] = ret;
	for (int i = 0; i < SONDE_CALL_ARGS; i++)
		fixed[1 + i] = s->submitted.args[i];
	s->size = sizeof(struct sonde_record) + 8 * (1 + (count & 7));
}

static __always_inline __u64 user_data_of(struct io_kiocb *req)
{
	if (bpf_core_field_exists(req->cqe))
		return BPF_CORE_READ(req, cqe.user_data);
	return BPF_CORE_READ((struct io_kiocb___old *)req, user_data);
}

__noinline int begin_flight(__u64 address, __u64 request)
{
	struct io_kiocb *req = (void *)address;
	struct ring_key key = {(__u64)BPF_CORE_READ(req, ctx), user_data_of(req)};
	struct in_flight *there = bpf_map_lookup_elem(&in_flight, &key), new = {request, 1};

	if (!there) {
		bpf_map_update_elem(&in_flight, &key, &new, BPF_ANY);
		return 0;
	}
	if (there->request != UNSHOWN || request != UNSHOWN)
		there->request = 0;
	__sync_fetch_and_add(&there->count, 1);
	return 0;
}

static __always_inline void end_flight(const struct ring_key *key, struct in_flight *there)
{
	if (there->count <= 1)
		bpf_map_delete_elem(&in_flight, key);
	else
		__sync_fetch_and_add(&there->count, -1);
}

static __always_inline void remember(struct scratch *s, __u64 req)
{
	const struct sonde_record *r = (void *)s->data;

	s->submitted.kiocb = req;
	s->submitted.time = r->time;
	s->submitted.key = r->key;
	s->submitted.pid = r->pid;
	s->submitted.tid = r->tid;
	s->submitted.version = r->version;
	bpf_map_update_elem(&requests, &s->submitted.kiocb, &s->submitted, BPF_ANY);
}

/* A thread that the kernel made to look into the ring (IORING_SETUP_SQPOLL) was not forked: it is
 * traced as its process is. */
static __always_inline struct task_value *submitter(bool *traced)
{
	struct task_value *v = traced_value(traced);
	struct task_struct *task = current_task(), *leader;
	__u32 flags;

	READ_TASK(flags, task, flags);
	if (*traced || follow_cgroup || !(flags & PF_IO_WORKER))
		return v;
	READ_TASK(leader, task, group_leader);
	*traced = task_is_followed(leader);
	return *traced ? current_value(true) : v;
}

static __always_inline int submit_request(__u32 hook, __u64 address, __u64 sqe)
{
	struct io_kiocb *req = (void *)address;
	__u32 opcode = BPF_CORE_READ(req, opcode), index = scratch_index(hook);
	const struct sonde_call *call;
	struct task_value *v;
	struct scratch *s;
	bool traced;

	v = submitter(&traced);
	if (!traced)
		return end_early(hook, SONDE_FILTERED);
	if (!is_wanted(&operations[opcode & (SONDE_OPERATIONS - 1)]) &&
	    !is_wanted(&operations[(opcode & (SONDE_OPERATIONS - 1)) + SONDE_OPERATIONS])) {
		begin_flight(address, UNSHOWN);
		return end_early(hook, SONDE_FILTERED);
	}
	s = begin_record(hook, 0, 0, traced, false, v);
	if (!s) {
		begin_flight(address, UNSHOWN);
		return 0;
	}
	s->submitted.request.opcode = opcode;
	s->submitted.request.user_data = user_data_of(req);
	if (opcode >= SONDE_OPERATIONS || !read_sqe(s, req, sqe ? sqe : find_sqe(req))) {
		begin_flight(address, UNSHOWN);
		return scratch__drop(s);
	}
	begin_flight(address, address);
	s->submitted.request.id = ((struct sonde_record *)s->data)->time << 8 |
				  (bpf_get_smp_processor_id() & 0x7f) << 1 | 1ull << 63;
	call = &calls[s->submitted.number & (SONDE_CALL_NUMBERS - 1)];
	put_call(s, call, 0);
	s->flags = SONDE_RECORD_IO_URING |
		   (s->submitted.silent ? SONDE_RECORD_NO_RETURN : SONDE_RECORD_ENTRY);
	append_request(s);
	choose_variant(s, call, s->submitted.number);
	fetch_given(s, index);
	remember(s, address);
	return scratch__finish(s);
}

static __always_inline int complete_request(__u32 hook, __u64 ring, __u64 address, __u64 user_data,
					    __s32 res, __u32 flags)
{
	struct ring_key key = {ring, user_data};
	struct in_flight *flight = bpf_map_lookup_elem(&in_flight, &key);
	__u64 request = address || !flight ? address : flight->request;
	struct submitted *submitted = bpf_map_lookup_elem(&requests, &request);
	bool last = !(flags & IORING_CQE_F_MORE), ambiguous = flight && !request;
	__u32 index = scratch_index(hook);
	const struct sonde_call *call;
	struct sonde_record *r;
	struct scratch *s;

	if (last && flight)
		end_flight(&key, flight);
	if (ambiguous)
		return end_early(hook, SONDE_LOST_AMBIGUOUS);
	if (!submitted)
		return end_early(hook, SONDE_FILTERED);
	if (config.outcome && (res < 0) != (config.outcome == 2)) {
		if (last)
			bpf_map_delete_elem(&requests, &request);
		return end_early(hook, SONDE_FILTERED);
	}
	s = begin_record(hook, 0, 0, true, true, NULL);
	if (!s)
		return 0;
	s->submitted = *submitted;
	r = (void *)s->data;
	call = &calls[s->submitted.number & (SONDE_CALL_NUMBERS - 1)];
	if (s->submitted.request.user_data != user_data || !(call->flags & SONDE_CALL_ON))
		return scratch__drop(s); /* what it was is forgotten, and this is another one */
	if (s->submitted.tid != r->tid)
		r->subject = SONDE_SUBJECT_ISSUER;
	r->pid = s->submitted.pid;
	r->tid = s->submitted.tid;
	r->key = s->submitted.key;
	r->version = s->submitted.version;
	put_call(s, call, res);
	s->flags = SONDE_RECORD_IO_URING;
	if (config.latency) {
		*(__u64 *)&s->data[s->size & (DATA_BYTES - 1)] = r->time - s->submitted.time;
		s->size += 8;
		s->flags |= SONDE_RECORD_LATENCY;
	}
	if (!last)
		s->submitted.request.flags |= SONDE_REQUEST_MORE;
	append_request(s);
	choose_variant(s, call, s->submitted.number);
	fetch_answer(s, index, res);
	if (last)
		bpf_map_delete_elem(&requests, &s->submitted.kiocb);
	return scratch__finish(s);
}

/* The arguments as numbers: what they point to is read with care. */
static __always_inline void read_context(__u64 *words, unsigned int count, const void *ctx)
{
	bpf_probe_read_kernel(words, count * sizeof(*words), ctx);
}

/* struct io_kiocb *req */
SEC("?tp_btf/io_uring_submit_req")
int io_uring_submit(unsigned long long *ctx)
{
	__u64 req;

	read_context(&req, 1, ctx);
	return submit_request(sonde_ids__io_uring_submit.hook, req, 0);
}

/* Until 6.2: struct io_kiocb *req, bool force_nonblock; before 6.0 the ring first, and more. */
SEC("?tp_btf/io_uring_submit_sqe")
int io_uring_submit__tp_btf(unsigned long long *ctx)
{
	__u64 words[2];

	read_context(words, 2, ctx);
	return submit_request(sonde_ids__io_uring_submit.hook, words[submit_sqe_args > 2], 0);
}

/* It was refused, and completes with that error.
 * const struct io_uring_sqe *sqe, struct io_kiocb *req, int error */
SEC("?tp_btf/io_uring_req_failed")
int io_uring_fail(unsigned long long *ctx)
{
	__u64 words[2];

	read_context(words, 2, ctx);
	return submit_request(sonde_ids__io_uring_fail.hook, words[1], words[0]);
}

/* struct io_ring_ctx *ring, struct io_kiocb *req, struct io_uring_cqe *cqe; before 6.13, instead of
 * the last one: u64 user_data, int res, unsigned cflags ...; before 5.18 without the request. */
SEC("?tp_btf/io_uring_complete")
int io_uring_complete(unsigned long long *ctx)
{
	struct io_uring_cqe *cqe;
	__u64 words[5];

	if (complete_args == 4) {
		read_context(words, 4, ctx);
		return complete_request(sonde_ids__io_uring_complete.hook, words[0], 0, words[1],
					words[2], words[3]);
	}
	if (complete_args != 3) {
		read_context(words, 5, ctx);
		return complete_request(sonde_ids__io_uring_complete.hook, words[0], words[1],
					words[2], words[3], words[4]);
	}
	read_context(words, 3, ctx);
	cqe = (void *)words[2];
	return complete_request(sonde_ids__io_uring_complete.hook, words[0], words[1],
				BPF_CORE_READ(cqe, user_data), BPF_CORE_READ(cqe, res),
				BPF_CORE_READ(cqe, flags));
}

/* There is no room in the ring: it is kept until there is, and told now.
 * void *ring, unsigned long long user_data, s32 res, u32 cflags, void *ocqe */
SEC("?tp_btf/io_uring_cqe_overflow")
int io_uring_overflow(unsigned long long *ctx)
{
	__u64 words[4];

	read_context(words, 4, ctx);
	return complete_request(sonde_ids__io_uring_overflow.hook, words[0], 0, words[1], words[2],
				words[3]);
}
