// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Hooks that a user names. One body serves them all: a table, which user space makes from what the
 * kernel says of the hook, tells where each field lies. Each hook is given a copy of the program
 * for its kind, which knows its place in the table.
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/hooks.h>
#include <sonde/lib/packet.h>
#include <sonde/named.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sonde_named);
} named SEC(".maps");

static __always_inline long read_named(void *to, __u32 size, __u64 from, bool user)
{
	return user ? bpf_probe_read_user(to, size, (void *)from)
		    : bpf_probe_read_kernel(to, size, (void *)from);
}

/* What __data_loc says, `there`: a size above an offset. */
static __always_inline void append_located(struct scratch *s, __u32 slot, __u32 there, __u64 from,
					   bool string)
{
	from += there & 0xffff;
	if (string)
		append_kernel_string_upto(s, slot, (void *)from, there >> 16);
	else
		append_kernel_bytes(s, slot, (void *)from, there >> 16);
}

/* Addresses of the kernel's have their highest bit set. */
static __always_inline bool is_users(__u64 address)
{
	return !(address >> 63);
}

/* A string that ends where its array does, if not before: then it is whole. */
static __always_inline void append_array(struct scratch *s, __u32 slot, const void *from,
					 __u32 size, bool user)
{
	struct sonde_item *item = item__open(s);
	__u64 room = size;
	long n;

	if (!item)
		return;
	barrier_var(room);
	if (room > SLACK_BYTES - 17)
		room = SLACK_BYTES - 17;
	n = user ? bpf_probe_read_user_str(item + 1, room + 1, from)
		 : bpf_probe_read_kernel_str(item + 1, room + 1, from);
	item__close_string(s, item, slot, n, room < size ? room : room + 1);
}

/* At `number`, and as long as is said at `length_at`. */
static __always_inline void append_text(struct scratch *s, __u32 slot, __u64 number,
					__u64 length_at)
{
	__u64 length = 0;
	long err = read_named(&length, sizeof(length), length_at, is_users(length_at));

	if (err)
		append_fault(s, slot, err);
	else if (!number)
		append_null(s, slot);
	else
		append_user_bytes(s, slot, SONDE_ITEM_DATA, (void *)number,
				  length > 0xffffffff ? 0xffffffff : length, config.string_limit);
}

/* What lies behind the number of field `slot`, which was read from `address`. */
static __always_inline void append_named(__u32 index, struct scratch *s, __u32 slot, __u32 what,
					 __u32 size, __u64 address, __u64 number)
{
	void *at = (void *)number;
	struct path path;

	switch (what) {
	case SONDE_NAMED_STRING:
		append_array(s, slot, (void *)address, size, is_users(address));
		break;
	case SONDE_NAMED_BYTES:
		if (is_users(address))
			append_user_bytes(s, slot, SONDE_ITEM_DATA, (void *)address, size,
					  config.string_limit);
		else
			append_kernel_bytes(s, slot, (void *)address, size);
		break;
	case SONDE_NAMED_TEXT:
		append_text(s, slot, number, address + (__s32)size);
		break;
	case SONDE_NAMED_LOCATED:
	case SONDE_NAMED_LOCATED_STRING:
		append_located(s, slot, number, s->context, what == SONDE_NAMED_LOCATED_STRING);
		break;
	case SONDE_NAMED_RELATIVE:
	case SONDE_NAMED_RELATIVE_STRING:
		append_located(s, slot, number, address + 4, what == SONDE_NAMED_RELATIVE_STRING);
		break;
	case SONDE_NAMED_STRING_AT:
		if (!number)
			append_null(s, slot);
		else if (is_users(number))
			append_user_string(s, slot, at, config.string_limit);
		else
			append_kernel_string_upto(s, slot, at, config.string_limit);
		break;
	case SONDE_NAMED_BYTES_AT:
		if (!number)
			append_null(s, slot);
		else if (is_users(number))
			append_user_bytes(s, slot, SONDE_ITEM_DATA, at, size, size);
		else
			append_kernel_bytes(s, slot, at, size);
		break;
	case SONDE_NAMED_FILE:
		append_file(index, number, slot);
		break;
	case SONDE_NAMED_PATH:
		if (number && !bpf_probe_read_kernel(&path, sizeof(path), at))
			append_path(index, (__u64)path.mnt, (__u64)path.dentry, slot);
		break;
	case SONDE_NAMED_DENTRY:
		if (number)
			append_dentry(index, number, slot);
		break;
	case SONDE_NAMED_SOCK:
		if (number)
			append_sock(index, number, inode_of_sock(at), slot);
		break;
	case SONDE_NAMED_SOCKET:
		if (number)
			append_sock(index, (__u64)BPF_CORE_READ((struct socket *)at, sk),
				    inode_of_socket(at), slot);
		break;
	case SONDE_NAMED_CGROUP:
		if (number)
			append_cgroup(index, number, slot);
		else
			append_null(s, slot);
		break;
	}
}

static __always_inline bool has_number(__u32 what)
{
	return what != SONDE_NAMED_STRING && what != SONDE_NAMED_BYTES;
}

/* The size is the number's own; of others, of what lies behind it. */
static __always_inline bool is_number(__u32 what)
{
	return what < SONDE_NAMED_STRING_AT;
}

static __always_inline bool is_file(__u32 what)
{
	return what >= SONDE_NAMED_FILE && what <= SONDE_NAMED_SOCKET;
}

/* How many bytes are read: of others than numbers, an address. */
static __always_inline __u64 number_size(const struct sonde_named_field *f)
{
	__u64 size = f->size;

	barrier_var(size);
	return size > 8 || !is_number(f->what) ? 8 : size;
}

/* A number of which some bits count, all of them or those of a bit-field. */
static __always_inline __u64 take_bits(const struct sonde_named_field *f, __u64 number)
{
	__u64 bits = f->bits ? f->bits : f->size * 8;

	number <<= 64 - f->bit - bits;
	return f->what == SONDE_NAMED_SIGNED ? (__s64)number >> (64 - bits) : number >> (64 - bits);
}

/* Of a function of its own: it is verified once, whatever the number of fields. */
__noinline int take_named(__u32 index, __u32 place, __u32 slot)
{
	struct scratch *s = scratch_at(index);
	const struct sonde_named *n = bpf_map_lookup_elem(&named, &place);
	const struct sonde_named_field *f;
	__u64 address, index_number = 0, number = 0;
	bool null = false;
	long err = 0;

	if (!s || !n || slot >= SONDE_NAMED_FIELDS)
		return 0;
	f = &n->fields[slot];
	address = s->context + f->offsets[0];
	for (__u32 step = 1; step < SONDE_NAMED_STEPS; step++) {
		if (step > f->steps || err || null)
			break;
		err = read_named(&address, sizeof(address), address,
				 f->user && step - 1 >= f->user);
		null = !address;
		address += (__s32)f->offsets[step];
	}
	if (f->scale && !err) {
		err = read_named(&index_number, sizeof(index_number), s->context + f->index, false);
		address += index_number * f->scale;
		null = false; /* either may be the address */
	}
	if (f->what == SONDE_NAMED_CONSTANT)
		number = (__s32)f->offsets[0];
	else if (!err && !null && has_number(f->what))
		err = read_named(&number, number_size(f), address, f->user && f->steps >= f->user);
	if (f->what == SONDE_NAMED_NUMBER || f->what == SONDE_NAMED_SIGNED)
		number = take_bits(f, number);
	if (f->what == SONDE_NAMED_DEV)
		number = user_dev(number);
	if (f->what == SONDE_NAMED_PACKET && number) {
		err = append_header(index, number, slot, f->size);
		number = err < 0 ? 0 : err;
		err = err < 0 ? -ENODATA : 0;
	}
	/* A file has no number: append_file() and its kin say whether there is one. */
	*(__u64 *)&s->data[sizeof(struct sonde_record) + slot * 8] = !is_file(f->what) ? number
								     : number          ? 0
									      : SONDE_ABSENT;
	if (null)
		append_null(s, slot);
	else if (err)
		append_fault(s, slot, err);
	else
		append_named(index, s, slot, f->what, f->size, address, number);
	return 0;
}

/* A function that is running, for how long it takes: among the notes of hooks. One that calls
 * itself is timed from its first entry to its last return. */
#define TIMED (1u << 30)

static __always_inline void enter_named(const struct sonde_named *n)
{
	__u64 key = hook_entry_key(TIMED | n->pair);
	struct hook_entry *there = bpf_map_lookup_elem(&hook_entries, &key);
	struct hook_call call = {};

	call.args[0] = bpf_ktime_get_boot_ns();
	if (there)
		there->depth++;
	else
		leave_note(TIMED | n->pair, &call);
}

/* 0: it is not known when it began, or it runs still. */
static __always_inline __u64 latency_of(const struct sonde_named *n)
{
	__u64 key = hook_entry_key(TIMED | n->pair), began;
	struct hook_entry *entry = bpf_map_lookup_elem(&hook_entries, &key);

	if (!entry)
		return 0;
	if (entry->depth) {
		entry->depth--;
		return 0;
	}
	began = entry->call.args[0];
	bpf_map_delete_elem(&hook_entries, &key);
	return bpf_ktime_get_boot_ns() - began;
}

static __always_inline int capture_named(void *ctx, __u32 place)
{
	struct sonde_named *n = bpf_map_lookup_elem(&named, &place);
	struct scratch *s;
	__u64 latency = 0;
	__u32 index;

	if (!n)
		return 0;
	if (n->entry) {
		enter_named(n);
		return 0;
	}
	if (n->pair)
		latency = latency_of(n);
	if (!begin_scratch(n->hook, n->event, (n->count + (latency != 0)) * 8, false))
		return 0;
	index = scratch_index(n->hook);
	s = scratch_at(index);
	if (!s)
		return 0;
	s->context = (__u64)ctx;
	for (__u32 i = 0; i < SONDE_NAMED_FIELDS; i++) {
		if (i >= n->count)
			break;
		take_named(index, place, i);
	}
	if (latency) {
		__u64 at = sizeof(struct sonde_record) + n->count * 8;

		barrier_var(at);
		*(__u64 *)&s->data[at & (DATA_BYTES - 1)] = latency;
		s->flags |= SONDE_RECORD_LATENCY;
	}
	return scratch__finish(s);
}

/* SONDE_NAMED_INDEX, or what the copy has in its stead. */
#define NAMED_PLACE                                                                                \
	({                                                                                         \
		__u64 place__;                                                                     \
		asm volatile("%0 = 0x736f6e6465000000 ll" : "=r"(place__));                        \
		(__u32) place__;                                                                   \
	})

#define NAMED_PROGRAM(kind)                                                                        \
	SEC("?" #kind "/named")                                                                    \
	int named_##kind(void *ctx)                                                                \
	{                                                                                          \
		capture_named(ctx, NAMED_PLACE);                                                   \
		return 0;                                                                          \
	}

NAMED_PROGRAM(tp)
NAMED_PROGRAM(raw_tp)
NAMED_PROGRAM(tp_btf)
NAMED_PROGRAM(kprobe)
NAMED_PROGRAM(kretprobe)
NAMED_PROGRAM(fentry)
NAMED_PROGRAM(fexit)
NAMED_PROGRAM(lsm)

/* One program for many functions (5.18) or tracepoints (5.15): each attachment has its place in the
 * table with it. */
#define NAMED_MULTI(kind)                                                                          \
	SEC("?" #kind ".multi/named")                                                              \
	int named_##kind##_multi(void *ctx)                                                        \
	{                                                                                          \
		return capture_named(ctx, bpf_get_attach_cookie(ctx));                             \
	}

NAMED_MULTI(tp)
NAMED_MULTI(kprobe)
NAMED_MULTI(kretprobe)
NAMED_MULTI(uprobe) /* returns, too; 6.6 */
