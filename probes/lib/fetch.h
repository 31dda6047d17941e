/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What lies behind the arguments of a call: strings, vectors, structures, descriptors, as the table
 * of calls says.
 */
#ifndef SONDE_FETCH_H
#define SONDE_FETCH_H

#include <sonde/call.h>
#include "files.h"

#define MAX_STRINGS 64  /* of argv */
#define MAX_COUNTED 512 /* of environ: only counted */
#define MAX_VECTORS 8   /* of an iovec whose data is taken */
#define MAX_POINTED 8   /* structures behind an array of pointers, that are taken */
#define MAX_FDS     16  /* of a structure, that are resolved */
#define SET_WORDS   16  /* of an fd_set: 1024 descriptors */

/* What some arguments are depends on another one: ioctl's on its request, fcntl's on its command.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2048);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct sonde_call_key);
	__type(value, struct sonde_call);
} variants SEC(".maps");

/* Closes the item whose bytes a loop has written from s->size on to s->at. */
static __always_inline void close_loop(struct scratch *s, __u32 slot, __u32 whole)
{
	__u64 start = s->size;
	struct sonde_item *item;

	if (start >= DATA_BYTES - SLACK_BYTES)
		return;
	item = (void *)&s->data[start & (DATA_BYTES - 1)];
	item__close(s, item, slot, SONDE_ITEM_DATA, s->at - start - sizeof(*item), whole);
}

/* Loops of which the verifier would go through each round are steps of functions of their own, with
 * what they have come to in memory: it goes through these once. */
enum step {
	STEP_ON,
	STEP_END,
	STEP_CUT, /* there is more than was taken */
};

/* The string whose address lies at `address` goes to s->at. */
__noinline int take_string(__u32 index, __u64 address, __u32 slot, __u32 kernel)
{
	struct scratch *s = scratch_at(index);
	__u64 at, pointer = 0;
	long n;

	if (!s)
		return STEP_END;
	if (kernel ? bpf_probe_read_kernel(&pointer, 8, (void *)address)
		   : bpf_probe_read_user(&pointer, 8, (void *)address)) {
		append_fault(s, slot, -EFAULT);
		return STEP_END;
	}
	at = s->at;
	if (!pointer) {
		close_loop(s, slot, at - s->size - sizeof(struct sonde_item));
		return STEP_END;
	}
	if (at >= DATA_BYTES - SLACK_BYTES)
		return STEP_CUT;
	n = kernel ? bpf_probe_read_kernel_str(&s->data[at & (DATA_BYTES - 1)], SLACK_BYTES / 4,
					       (void *)pointer)
		   : bpf_probe_read_user_str(&s->data[at & (DATA_BYTES - 1)], SLACK_BYTES / 4,
					     (void *)pointer);
	if (n < 0) {
		append_fault(s, slot, n);
		return STEP_END;
	}
	if (n == 0) {
		s->data[at & (DATA_BYTES - 1)] = 0;
		n = 1;
	}
	s->at += n;
	return STEP_ON;
}

/* A NULL-terminated array of strings, each ended by NUL in the item: a program's, or the kernel's.
 */
__noinline int append_strings(__u32 index, __u64 address, __u32 slot, __u32 kernel)
{
	struct scratch *s = scratch_at(index);
	int step;

	if (!s)
		return 0;
	s->at = s->size + sizeof(struct sonde_item);
	for (int i = 0; i < MAX_STRINGS; i++) {
		step = take_string(index, address + i * 8, slot, kernel);
		if (step == STEP_END)
			return 0;
		if (step != STEP_ON)
			break;
	}
	close_loop(s, slot, SONDE_WHOLE_UNKNOWN);
	s->flags |= SONDE_RECORD_CUT;
	return 0;
}

/* So many more strings, unless the array ends before. */
#define COUNTED_AT_ONCE 16
__noinline int count_strings(__u32 index, __u64 address, __u32 slot)
{
	struct scratch *s = scratch_at(index);
	struct sonde_item *item;
	__u64 pointer;

	if (!s)
		return STEP_END;
	for (int i = 0; i < COUNTED_AT_ONCE; i++) {
		if (bpf_probe_read_user(&pointer, sizeof(pointer), (void *)(address + i * 8))) {
			append_fault(s, slot, -EFAULT);
			return STEP_END;
		}
		if (!pointer) {
			item = item__open(s);
			if (item)
				item__close(s, item, slot, SONDE_ITEM_DATA, 0, s->whole);
			return STEP_END;
		}
		s->whole++;
	}
	return STEP_ON;
}

/* How many strings there are: an item without bytes. Too many to count: the address is all that is
 * said. */
__noinline int append_count(__u32 index, __u64 address, __u32 slot)
{
	struct scratch *s = scratch_at(index);

	if (!s)
		return 0;
	s->whole = 0;
	for (int i = 0; i < MAX_COUNTED; i += COUNTED_AT_ONCE)
		if (count_strings(index, address + i * 8, slot) != STEP_ON)
			break;
	return 0;
}

struct user_iovec {
	__u64 base, len;
};

/* An array of struct iovec, and the bytes behind it: `size` of them at most (a read filled no
 * more). */
__noinline int append_iovec(__u32 index, __u64 address, __u32 count, __u64 size, __u32 slot)
{
	struct scratch *s = scratch_at(index);
	struct user_iovec v;
	__u64 at, n;

	if (!s)
		return 0;
	append_user_bytes(s, slot, SONDE_ITEM_IOVEC, (void *)address, count * sizeof(v),
			  MAX_VECTORS * sizeof(v));
	s->at = s->size + sizeof(struct sonde_item);
	s->left = size < config.string_limit ? size : config.string_limit;
	s->whole = 0;
	for (int i = 0; i < MAX_VECTORS; i++) {
		if ((__u32)i >= count ||
		    bpf_probe_read_user(&v, sizeof(v), (void *)(address + i * sizeof(v))))
			break;
		s->whole += v.len;
		n = s->left;
		if (n > v.len)
			n = v.len;
		at = s->at;
		barrier_var(n);
		if (n > SLACK_BYTES / 2)
			n = SLACK_BYTES / 2;
		if (!n || at >= DATA_BYTES - SLACK_BYTES)
			continue;
		if (bpf_probe_read_user(&s->data[at & (DATA_BYTES - 1)], n, (void *)v.base))
			break;
		s->at += n;
		s->left -= n;
	}
	close_loop(s, slot, s->whole < size ? s->whole : size);
	return 0;
}

/* Structures of `size` bytes, to which an array of `count` pointers points. */
__noinline int append_pointed(__u32 index, __u64 address, __u32 count, __u32 size, __u32 slot)
{
	struct scratch *s = scratch_at(index);
	__u64 at, pointer, n = size;

	if (!s)
		return 0;
	barrier_var(n);
	if (n > SLACK_BYTES / 2)
		return 0;
	s->at = s->size + sizeof(struct sonde_item);
	for (int i = 0; i < MAX_POINTED; i++) {
		at = s->at;
		if ((__u32)i >= count || at >= DATA_BYTES - SLACK_BYTES)
			break;
		barrier_var(at); /* or the mask is left out, which older verifiers need */
		if (bpf_probe_read_user(&pointer, sizeof(pointer), (void *)(address + i * 8)) ||
		    bpf_probe_read_user(&s->data[at & (DATA_BYTES - 1)], n, (void *)pointer)) {
			append_fault(s, slot, -EFAULT);
			return 0;
		}
		s->at = at + n;
	}
	close_loop(s, slot,
		   count < MAX_POINTED ? s->at - s->size - sizeof(struct sonde_item) : count * n);
	return 0;
}

struct user_msghdr {
	__u64 name;
	__u32 namelen, unused;
	__u64 iov, iovlen, control, controllen;
	__u32 flags, unused2;
};

__noinline int append_msghdr(__u32 index, __u64 address, __u64 size, __u32 slot)
{
	struct scratch *s = scratch_at(index);
	struct user_msghdr m;

	if (!s)
		return 0;
	if (bpf_probe_read_user(&m, sizeof(m), (void *)address)) {
		append_fault(s, slot, -EFAULT);
		return 0;
	}
	append_user_bytes(s, slot, SONDE_ITEM_DATA, (void *)address, sizeof(m), sizeof(m));
	if (m.name && m.namelen)
		append_user_bytes(s, slot, SONDE_ITEM_NAME, (void *)m.name, m.namelen, 128);
	if (m.control && m.controllen) {
		s->fds = s->size;
		barrier(); /* or the bound of s->size is lost */
		append_user_bytes(s, slot, SONDE_ITEM_CONTROL, (void *)m.control, m.controllen,
				  256);
	}
	if (m.iov && m.iovlen)
		append_iovec(index, m.iov, m.iovlen, size, slot);
	return 0;
}

/* How many elements an argument has; a length of the wildest kind stays within 32 bits. */
static __always_inline __u32 elements(const struct sonde_call_arg *arg, const __u64 *args, long ret)
{
	__u32 from = arg->length & 7, n = 1;
	__u64 value;

	if (arg->length == SONDE_LENGTH_RESULT)
		return ret > 0 ? ret : 0;
	if (!from)
		return 1;
	value = args[(from - 1) & 7];
	if (arg->length & SONDE_LENGTH_AT) {
		if (bpf_probe_read_user(&n, sizeof(n), (void *)value))
			return 0;
		return n;
	}
	if ((arg->length & SONDE_LENGTH_UPTO) && (__s64)value > ret)
		return ret > 0 ? ret : 0;
	if (arg->special == SONDE_FDS_BITS)
		value = (value + 63) / 64 * 8;
	return value > 0x7fffffff ? 0x7fffffff : value;
}

/* The place of the lowest bit that is set. */
static __always_inline __u32 lowest_bit(__u64 word)
{
	word = (word & -word) - 1;
	word -= word >> 1 & 0x5555555555555555ull;
	barrier_var(word); /* clang 18 sees what it is, and has no instruction for it */
	word = (word & 0x3333333333333333ull) + (word >> 2 & 0x3333333333333333ull);
	word = (word + (word >> 4)) & 0x0f0f0f0f0f0f0f0full;
	return word * 0x0101010101010101ull >> 56;
}

/* The next bit that is set between s->at and s->end; -1: none. s->left: the rest of the word whose
 * bits are numbered from s->whole on. */
__noinline int next_bit(__u32 index)
{
	struct scratch *s = scratch_at(index);
	const __u64 *from;
	__u64 at, word;

	if (!s)
		return -1;
	for (int i = 0; i < SET_WORDS && !s->left && s->at < s->end; i++) {
		at = s->at;
		from = (void *)&s->data[at & (DATA_BYTES - 1)];
		s->left = *from;
		s->at = at + 8;
		s->whole += 64;
	}
	word = s->left;
	s->left = word & (word - 1);
	return word ? (int)s->whole + (int)lowest_bit(word) : -1;
}

/* The bytes of the item at s->fds lie between s->at and s->end. */
static __always_inline void enter_item(struct scratch *s)
{
	__u64 at = s->fds;
	const struct sonde_item *item = (void *)&s->data[at & (DATA_BYTES - 1)];

	s->at = at + sizeof(*item);
	s->end = at + sizeof(*item) + item->size;
}

/* The descriptors whose bits are set in the item at s->fds. */
__noinline int append_fd_set(__u32 index, __u32 slot)
{
	struct scratch *s = scratch_at(index);
	int fd;

	if (!s)
		return 0;
	enter_item(s);
	s->left = 0;
	s->whole = -64;
	for (int i = 0; i < MAX_FDS; i++) {
		fd = next_bit(index);
		if (fd < 0)
			break;
		append_fd(index, fd, slot);
	}
	return 0;
}

struct user_cmsghdr {
	__u64 len;
	__u32 level, type;
};

#define SOL_SOCKET   1
#define SCM_RIGHTS   1
#define MAX_MESSAGES 3 /* control messages among which descriptors are looked for */

/* From control messages, between s->at and s->end, to the descriptors in them. */
static __always_inline void find_rights(struct scratch *s)
{
	const struct user_cmsghdr *header;
	__u64 at, end;

	for (int i = 0; i < MAX_MESSAGES; i++) {
		at = s->at;
		end = s->end;
		header = (void *)&s->data[at & (DATA_BYTES - 1)];
		if (header->level == SOL_SOCKET && header->type == SCM_RIGHTS) {
			s->at = at + sizeof(*header);
			if (at + header->len < end)
				s->end = at + header->len;
			return;
		}
		s->at = at + pad8(header->len);
	}
	s->end = 0;
}

/* The descriptors in the item at s->fds, of elements of `size` bytes, where `special` of its
 * argument says. */
__noinline int append_fds(__u32 index, __u32 special, __u32 size, __u32 slot)
{
	struct scratch *s = scratch_at(index);
	const int *fd;
	__u64 at;

	if (!s)
		return 0;
	enter_item(s);
	if (special == SONDE_FDS_CONTROL)
		find_rights(s);
	s->left = special & SONDE_FDS_ONE ? (size > 1 ? size : SLACK_BYTES)
					  : special & SONDE_FDS_STEP;
	s->at += special & SONDE_FDS_ONE ? special & ~SONDE_FDS_ONE : 0;
	for (int i = 0; i < MAX_FDS; i++) {
		at = s->at;
		if (at >= s->end)
			break;
		fd = (void *)&s->data[at & (DATA_BYTES - 1)];
		append_fd(index, *fd | *fd >> 31, slot); /* AT_FDCWD is none in there */
		s->at = at + s->left;
	}
	return 0;
}

/* What lies behind an address: s->whole elements. s->fds: the item with descriptors among it. */
static __always_inline void fetch_data(struct scratch *s, __u32 index,
				       const struct sonde_call_arg *arg, __u64 value, __u32 slot,
				       long ret)
{
	__u64 size;
	__u32 limit;

	switch (arg->fetch) {
	case SONDE_FETCH_STRING:
		append_user_string(s, slot, (void *)value,
				   arg->when & SONDE_UNLIMITED ? SLACK_BYTES : config.string_limit);
		break;
	case SONDE_FETCH_STRINGS:
		if (arg->special)
			append_count(index, value, slot);
		else
			append_strings(index, value, slot, false);
		break;
	case SONDE_FETCH_FDS:
		s->fds = s->size;
		barrier();
		/* fall through */
	case SONDE_FETCH_MESSAGE:
	case SONDE_FETCH_BYTES:
		limit = arg->limit ? arg->limit : config.string_limit;
		size = s->whole * arg->size;
		if (arg->fetch == SONDE_FETCH_MESSAGE) {
			size += sizeof(__u64);
			limit += sizeof(__u64);
		}
		append_user_bytes(s, slot, SONDE_ITEM_DATA, (void *)value,
				  size > 0x7fffffff ? 0x7fffffff : size, limit);
		break;
	case SONDE_FETCH_POINTERS:
		s->fds = arg->special ? s->size : 0;
		append_pointed(index, value, s->whole, arg->size, slot);
		break;
	case SONDE_FETCH_IOVEC:
		append_iovec(index, value, s->whole,
			     arg->when & SONDE_IF_SUCCESS ? ret : 0x7fffffff, slot);
		break;
	case SONDE_FETCH_MSGHDR:
		append_msghdr(index, value, arg->when & SONDE_IF_SUCCESS ? ret : 0x7fffffff, slot);
		break;
	}
}

static __always_inline bool is_due(const struct sonde_call_arg *arg, __u32 when, long ret)
{
	if (!(arg->when & when))
		return false;
	return when != SONDE_AT_EXIT || !(((arg->when & SONDE_IF_SUCCESS) && ret < 0) ||
					  ((arg->when & SONDE_IF_FAILURE) && ret >= 0) ||
					  ((arg->when & SONDE_IF_POSITIVE) && ret <= 0));
}

#define SONDE_ANY_TIME (~0u) /* it was looked already whether it is due */

/*
 * Fetches one argument, if s->call says so. A function of its own, verified once and not six times.
 * The fixed part of the record begins with the result, so that the registers stand behind it.
 */
__noinline int fetch_arg(__u32 index, __u32 i, __u32 when)
{
	struct scratch *s = scratch_at(index);
	const struct sonde_call_arg *arg;
	__u64 *fixed, value;
	__u32 slot = i + 1;
	long ret;

	if (!s || i >= SONDE_CALL_ARGS)
		return 0;
	arg = &s->call.args[i];
	fixed = (void *)&s->data[sizeof(struct sonde_record)];
	ret = fixed[0];
	value = fixed[1 + i];
	if (!is_due(arg, when, ret))
		return 0;
	if (arg->fetch == SONDE_FETCH_FD) {
		if (config.resolve_files)
			append_fd(index, value, slot);
		return 0;
	}
	if (!value)
		return 0;
	s->fds = 0;
	s->whole = elements(arg, fixed + 1, ret);
	barrier(); /* one number for the verifier, however it came about */
	fetch_data(s, index, arg, value, slot, ret);
	if (!s->fds || !config.resolve_files)
		return 0;
	if (arg->special == SONDE_FDS_BITS)
		append_fd_set(index, slot);
	else
		append_fds(index, arg->special, arg->size, slot);
	return 0;
}

/* `call`, or the variant of it that its arguments select, to s->call. */
static __always_inline void choose_variant(struct scratch *s, const struct sonde_call *call,
					   __u32 number)
{
	const struct sonde_call *variant = NULL;
	struct sonde_call_key *key = (void *)s->key;
	__u64 *fixed = (void *)&s->data[sizeof(struct sonde_record)];

	if (call->selector) {
		key->number = number;
		key->unused = 0;
		key->value = fixed[call->selector & 7] & call->selector_mask;
		variant = bpf_map_lookup_elem(&variants, key);
	}
	if (variant)
		s->call = *variant;
	else
		s->call = *call;
}

/* What that says of each argument. */
static __always_inline void fetch_args(struct scratch *s, __u32 index,
				       const struct sonde_call *call, __u32 number, __u32 when)
{
	choose_variant(s, call, number);
	for (__u32 i = 0; i < SONDE_CALL_ARGS; i++)
		fetch_arg(index, i, when);
}

#endif
