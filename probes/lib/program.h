/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What is a BPF program, and what can it do? */
#ifndef SONDE_PROGRAM_H
#define SONDE_PROGRAM_H

#include "emit.h"
#include "kernel_code.h"

/*
 * The helpers that a program calls are known when it is verified, and hard to tell afterwards: they
 * are kept by the program's aux, which is allocated once, and the time of its loading, which tells
 * whether it is still the same.
 */
struct program_key {
	__u64 aux;
	__u64 load_time;
};

#define HELPER_WORDS 4 /* newer functions of the kernel are called by other means */

struct helpers {
	__u64 words[HELPER_WORDS];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 2048);
	__type(key, struct program_key);
	__type(value, struct helpers);
} program_helpers SEC(".maps");

static __always_inline struct program_key program_key(struct bpf_prog_aux *aux)
{
	return (struct program_key){(__u64)aux, BPF_CORE_READ(aux, load_time)};
}

/* The set of helpers; unreadable for want of the program: it was loaded before anybody looked. */
static __always_inline void append_helpers(struct scratch *s, __u8 slot, struct bpf_prog_aux *aux)
{
	struct program_key key = program_key(aux);
	struct helpers *helpers = bpf_map_lookup_elem(&program_helpers, &key);
	struct sonde_item *item;

	if (!helpers) {
		append_fault(s, slot, -ESRCH);
		return;
	}
	item = item__open(s);
	if (!item)
		return;
	__builtin_memcpy(item + 1, helpers, sizeof(*helpers));
	item__close(s, item, slot, SONDE_ITEM_DATA, sizeof(*helpers), sizeof(*helpers));
}

/* As bpftool has it: the bytes in their order. */
static __always_inline __u64 program_tag(struct bpf_prog *prog)
{
	__u64 tag = 0;

	bpf_core_read(&tag, sizeof(tag), &prog->tag);
	return __builtin_bswap64(tag);
}

#endif
