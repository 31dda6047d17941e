/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * How a record comes to be: scratch memory that belongs to (program, CPU), the header, items, the
 * ring, and the ledger in which each entry of a program ends exactly once.
 */
#ifndef SONDE_EMIT_H
#define SONDE_EMIT_H

/* Offsets into scratch are masked with (size - 1) so that the verifier sees a bound; behind that,
 * SLACK bytes may be written by one append. */
#define DATA_BYTES  16384
#define INTRO_BYTES 8192
#define SLACK_BYTES 4096
#define BLOCK_BYTES 192

/*
 * What is cheap to read of a task and changes when an introduction grew old. Pointers may come to
 * be used again for another object: of credentials and namespaces the contents count. The first
 * ones are those that a task changes by its calls.
 */
enum task_fact {
	FACT_CRED,
	FACT_NAMESPACES,
	FACT_CWD,
	OWN_FACTS,
	FACT_IDS = OWN_FACTS,
	FACT_CGROUPS,
	FACT_MM,
	FACT_PARENT,
	FACT_ROOT,
	FACT_PATH,
	FACT_PGRP,
	FACT_SESSION,
	FACT_TTY,
	FACT_COMM,
	FACT_COMM_END,
	TASK_FACTS,
};

struct scratch {
	struct sonde_counters counters;
	__u32 busy;
	__u32 size;       /* bytes of `data` in use */
	__u32 intro_size; /* bytes of `intro` in use */
	__u16 flags;      /* of the record that is being made */
	__u64 at; /* where a loop writes next, and how much it still may: in memory, so that the
		   * verifier forgets them from one round to the next */
	__u64 left;
	__u64 whole;
	__u64 facts[TASK_FACTS];      /* of the current task */
	__u64 block[BLOCK_BYTES / 8]; /* a part of a kernel struct, read at once */
	__u64 file;                   /* id of what was resolved last */
	__u32 fd;                     /* the descriptor that is being resolved */
	__u64 fds;    /* where the item with descriptors lies in `data`; 0: there is none */
	__u64 end;    /* of what a loop reads */
	__u64 key[2]; /* of a lookup, and a value to be stored: here, since stacks are short */
	__u64 value[4];
	struct sonde_call call; /* what is to be fetched */
	struct submitted {
		struct sonde_request request;
		__u64 args[SONDE_CALL_ARGS];
		__u64 time, key, kiocb;
		__u32 pid, tid, version;
		__u32 number;  /* of the call */
		__u8 fixed;    /* arguments that are no descriptors, or resolved later: bits */
		__u8 own_file; /* 1 to 6: that one's file is the request's */
		__u8 offsets;  /* SONDE_OPERATION_OFFSETS */
		__u8 silent;   /* no completion, unless it fails */
		__u8 unused[4];
	} submitted; /* a request of io_uring */
	__u32 port;  /* of a socket that has given back its own already: 0: that is all there is */
	struct {
		__u64 dentry, mount, root;
	} walk;        /* how far up a path one has come */
	__u64 context; /* of a hook that a user named: its address */
	__u64 task;    /* whom introduce_task() introduces: as memory, since a function of its own
			  takes no pointer */
	char data[DATA_BYTES + SLACK_BYTES];
	char intro[INTRO_BYTES + SLACK_BYTES];
};

/* By place of the hook * CPUs + CPU. User space reads the ledger from it. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(map_flags, BPF_F_MMAPABLE);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};

/* By CPU * SONDE_CLASSES + class. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1);
	__type(key, __u32);
	__array(values, struct ring);
} rings SEC(".maps");

/* What decides which code exists. */
const volatile __u32 cpu_count = 1;
const volatile __u32 own_pid = 0; /* sonde's own thread group is never traced */
/* bpf_get_current_task_btf() and direct loads of a task (5.11). */
const volatile bool has_task_btf = false;
const volatile bool has_task_storage = false;
/* bpf_get_current_pid_tgid() and bpf_get_current_comm(): what is no tracing may lack them. */
const volatile bool has_current = true;
/* A lookup while another one goes on on this CPU, as in an interrupt (before 6.2). */
const volatile bool task_storage_refuses = false;
const volatile bool debug_bpf = false;     /* bpf_debug() writes */
const volatile bool follow = false;        /* only tasks that bear LABEL_FOLLOW */
const volatile bool follow_cgroup = false; /* ... and LABEL_CGROUP is decided by config.cgroup_id */

struct sonde_config config SEC(".data.config");

/* A message in the kernel's trace_pipe, with up to three numbers; without --debug-bpf it is dead
 * code. */
#define bpf_debug(text, args...)                                                                   \
	do {                                                                                       \
		if (debug_bpf)                                                                     \
			bpf_printk("sonde: " text, ##args);                                        \
	} while (0)

/* Finds the scratch of (hook, CPU) without taking it: for functions that the verifier checks alone.
 */
static __always_inline struct scratch *scratch_at(__u32 index)
{
	return bpf_map_lookup_elem(&scratches, &index);
}

static __always_inline __u32 scratch_index(__u32 hook)
{
	return (hook >> 16) * cpu_count + bpf_get_smp_processor_id();
}

static __always_inline void scratch__count(struct scratch *s, enum sonde_outcome outcome)
{
	__sync_fetch_and_add(&s->counters.outcomes[outcome], 1);
}

/* An entry that ends before it took its scratch. */
static __always_inline int end_early(__u32 hook, enum sonde_outcome outcome)
{
	struct scratch *s = scratch_at(scratch_index(hook));

	if (s)
		scratch__count(s, outcome);
	return 0;
}

/*
 * Takes the scratch, or counts the entry as nested. An addition without a returned value is all
 * that 5.10 can do atomically; reading back 2 or more means that somebody else is inside, and gives
 * way. Both may, none shares.
 */
static __always_inline bool scratch__take(struct scratch *s)
{
	__sync_fetch_and_add(&s->busy, 1);
	if (*(volatile __u32 *)&s->busy == 1)
		return true;
	__sync_fetch_and_add(&s->busy, -1);
	scratch__count(s, SONDE_LOST_NESTED);
	bpf_debug("lost: nested");
	return false;
}

static __always_inline void scratch__release(struct scratch *s)
{
	__sync_fetch_and_add(&s->busy, -1);
}

static __always_inline __u64 pad8(__u64 size)
{
	return (size + 7) & ~7ull;
}

/* Puts a finished record into its ring. `from` is inside the scratch, `limit` bytes before the end
 * of its part. */
static __always_inline bool scratch__emit(struct scratch *s, enum sonde_class class, void *from,
					  __u64 size, __u64 limit)
{
	__u32 index = bpf_get_smp_processor_id() * SONDE_CLASSES + class;
	void *ring = bpf_map_lookup_elem(&rings, &index);
	struct sonde_record *r = from;

	r->size = size;
	r->seq = ++s->counters.seq[class];
	barrier_var(size);
	if (ring && size <= limit && !bpf_ringbuf_output(ring, from, size, 0))
		return true;
	if (!s->counters.lost_first[class])
		s->counters.lost_first[class] = r->time;
	s->counters.lost_last[class] = r->time;
	s->counters.lost[class]++;
	return false;
}

/* Completes the header: what a filter reads. */
static __always_inline void scratch__seal(struct scratch *s)
{
	struct sonde_record *r = (void *)s->data;

	r->flags = s->flags;
	r->body = (s->size - sizeof(*r)) / 8;
}

/* One outcome for one taken scratch: emits what `data` holds as an event and releases. */
static __always_inline int scratch__put(struct scratch *s)
{
	/* Taken: nobody else counts these two, so they need not be atomic. */
	if (scratch__emit(s, SONDE_CLASS_EVENT, s->data, s->size, sizeof(s->data))) {
		s->counters.outcomes[SONDE_CAPTURED]++;
		bpf_debug("captured: %u bytes", s->size);
	} else {
		s->counters.outcomes[SONDE_LOST_RING]++;
		bpf_debug("lost: no room for %u bytes", s->size);
	}
	scratch__release(s);
	return 0;
}

/* The other outcome: a filter does not want it. */
static __always_inline int scratch__drop(struct scratch *s)
{
	scratch__count(s, SONDE_FILTERED);
	bpf_debug("filtered");
	scratch__release(s);
	return 0;
}

static __always_inline int scratch__finish(struct scratch *s)
{
	scratch__seal(s);
	return scratch__put(s);
}

/*
 * Room for an item and up to SLACK_BYTES - 8 bytes behind it. NULL when the record is full; the
 * flag says so then. After the bytes were written, item__close() moves on.
 */
static __always_inline struct sonde_item *item__open(struct scratch *s)
{
	__u64 at = s->size;

	if (at >= DATA_BYTES - SLACK_BYTES) {
		s->flags |= SONDE_RECORD_CUT;
		return NULL;
	}
	return (void *)&s->data[at & (DATA_BYTES - 1)];
}

static __always_inline void item__close(struct scratch *s, struct sonde_item *item, __u8 slot,
					__u8 what, __u32 size, __u32 whole)
{
	item->slot = slot;
	item->what = what;
	item->size = size;
	item->whole = whole;
	if (what == SONDE_ITEM_DATA && size < whole)
		s->flags |= SONDE_RECORD_CUT;
	s->size += sizeof(*item) + pad8(size);
}

/* Closes an item into which a string of `n` bytes with its NUL was read, of `limit` without it at
 * most; `n` < 0: minus the errno. */
static __always_inline void item__close_string(struct scratch *s, struct sonde_item *item,
					       __u8 slot, long n, __u32 limit)
{
	if (n < 0) {
		item__close(s, item, slot, SONDE_ITEM_FAULT, 0, -n);
		return;
	}
	if (n > 0) /* up to 6.12 an empty string is 0 bytes long, later 1 */
		n--;
	item__close(s, item, slot, SONDE_ITEM_DATA, n, n >= limit ? SONDE_WHOLE_UNKNOWN : n);
}

/* Closes an item into which `n` of `whole` bytes were read; `err`: 0, or minus the errno. */
static __always_inline void item__close_bytes(struct scratch *s, struct sonde_item *item, __u8 slot,
					      __u8 what, long err, __u32 n, __u32 whole)
{
	if (err)
		item__close(s, item, slot, SONDE_ITEM_FAULT, 0, -err);
	else
		item__close(s, item, slot, what, n, whole);
}

static __always_inline void append_fault(struct scratch *s, __u8 slot, long error)
{
	struct sonde_item *item = item__open(s);

	if (item)
		item__close(s, item, slot, SONDE_ITEM_FAULT, 0, error < 0 ? -error : EFAULT);
}

/* There is none, and nothing is missing. */
static __always_inline void append_null(struct scratch *s, __u8 slot)
{
	struct sonde_item *item = item__open(s);

	if (item)
		item__close(s, item, slot, SONDE_ITEM_FAULT, 0, 0);
}

/* A string at a program's address, up to `limit` (at most SLACK_BYTES - 8) bytes. */
static __always_inline void append_user_string(struct scratch *s, __u8 slot, const void *from,
					       __u32 limit)
{
	struct sonde_item *item = item__open(s);
	__u64 room = limit;

	if (!item)
		return;
	barrier_var(room);
	if (room > SLACK_BYTES - 16)
		room = SLACK_BYTES - 16;
	limit = room;
	item__close_string(s, item, slot, bpf_probe_read_user_str(item + 1, room + 1, from), limit);
}

/* `size` bytes at a program's address, of which at most `limit` are taken. */
static __always_inline void append_user_bytes(struct scratch *s, __u8 slot, __u8 what,
					      const void *from, __u32 size, __u32 limit)
{
	struct sonde_item *item = item__open(s);
	__u64 n = size < limit ? size : limit;

	if (!item)
		return;
	barrier_var(n); /* the verifier wants the bound beside the access */
	if (n > SLACK_BYTES - 16)
		n = SLACK_BYTES - 16;
	item__close_bytes(s, item, slot, what, bpf_probe_read_user(item + 1, n, from), n, size);
}

/* A string of the kernel's, of which at most `limit` bytes are taken. */
static __always_inline void append_kernel_string_upto(struct scratch *s, __u8 slot,
						      const void *from, __u32 limit)
{
	struct sonde_item *item = item__open(s);
	__u64 room = limit;

	if (!item)
		return;
	barrier_var(room);
	if (room > SLACK_BYTES - 17)
		room = SLACK_BYTES - 17;
	limit = room;
	item__close_string(s, item, slot, bpf_probe_read_kernel_str(item + 1, room + 1, from),
			   limit);
}

static __always_inline void append_kernel_string(struct scratch *s, __u8 slot, const void *from)
{
	struct sonde_item *item = item__open(s);

	if (item)
		item__close_string(s, item, slot,
				   bpf_probe_read_kernel_str(item + 1, SLACK_BYTES - 16, from),
				   SLACK_BYTES - 17);
}

/* `size` bytes of the kernel's memory, of which at most 256 are taken. */
static __always_inline void append_kernel_bytes(struct scratch *s, __u8 slot, const void *from,
						__u32 size)
{
	struct sonde_item *item = item__open(s);
	__u64 n = size;

	if (!item)
		return;
	barrier_var(n);
	if (n > 256)
		n = 256;
	item__close_bytes(s, item, slot, SONDE_ITEM_DATA, bpf_probe_read_kernel(item + 1, n, from),
			  n, size);
}

static __always_inline void append_id(struct scratch *s, __u8 slot, __u64 id)
{
	struct sonde_item *item = item__open(s);

	if (!item)
		return;
	*(__u64 *)(item + 1) = id;
	item__close(s, item, slot, SONDE_ITEM_FILE, sizeof(id), s->fd);
}

#endif
