/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * What a probe includes: EVENT() declares what it captures, begin() and submit() stand around the
 * capture.
 *
 *     EVENT(name, category, "what happened") { fields with their tags };
 *
 * declares struct sonde_event__name, whose tags user space reads from the object's BTF: nothing
 * else need be told.
 *
 * Who needs a context as the kernel's own headers have it (struct __sk_buff, struct bpf_sock_addr)
 * includes <linux/bpf.h> before this file.
 */
#ifndef SONDE_PROBE_BPF_H
#define SONDE_PROBE_BPF_H

#include <sonde/lib/kernel.h>

/* bpf_tracing.h takes registers by the names that the kernel gives them. */
#ifndef __VMLINUX_H__
#define __VMLINUX_H__
#endif
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_tracing.h>
#include <sonde/call.h>
#include <sonde/control.h>
#include <sonde/record.h>

#define SONDE_TAG(text) __attribute__((btf_decl_tag(text)))

/* Which event of this run and which program slot: user space fills them in before the object is
 * loaded. */
struct sonde_ids {
	__u32 hook; /* the program's number; in the upper half, its place among the scratches */
	__u32 event;
};

/* A program that makes records of several events: only its slot is its own. */
#define HOOK(name) const volatile struct sonde_ids sonde_ids__##name = {}
/* A further program of these events: it makes records of them too, by begin_in(), or prepares for
 * them. Stands behind the program that the event is named after. */
#define HOOK_OF(name, events...)    HOOK(name)

#define EVENT(name, category, help) EVENT_OF(name, #category, help)
#define EVENT_OF(name, categories, help)                                                           \
	struct sonde_event__##name;                                                                \
	const volatile struct sonde_ids sonde_ids__##name = {};                                    \
	struct sonde_event__##name *sonde_type__##name SEC(".bss.types");                          \
	struct SONDE_TAG("category:" categories) SONDE_TAG("help:" help) sonde_event__##name

/* A tag of an event, behind its struct's braces: without this option the kernel has no such hook.
 */
#define NEEDS(option) SONDE_TAG("config:" #option)
/* Likewise: where no hook serves the event, these others (as -e names them: "open,!creat") show a
 * part of it; what they lack is said in words: "blind to ...". */
#define INSTEAD(events, lesser) SONDE_TAG("instead:" events) SONDE_TAG("lesser:" lesser)

/* A tag of a program, behind its arguments: what drives it, where its section does not say:
 * ATTACH("page-faults"), ATTACH("cpu-clock@49"), ATTACH("egress"). */
#define ATTACH(to) SONDE_TAG("attach:" to)

/* Tags of a field. Without one its C type decides: signed or unsigned decimal, text for char
 * arrays. */
#define KIND(kind)   SONDE_TAG("kind:" #kind)
#define ENUM(table)  SONDE_TAG("kind:enum") SONDE_TAG("values:" #table)
#define FLAGS(table) SONDE_TAG("kind:flags") SONDE_TAG("values:" #table)
/* Some numbers have names: without KIND() they are decimal. */
#define NAMED(table) SONDE_TAG("values:" #table)
/* Of a struct sonde_data: bits with names, as many as there are. */
#define SET(table) SONDE_TAG("kind:set") SONDE_TAG("values:" #table)
#define HELP(text) SONDE_TAG("help:" text)
#define FROM_USER  SONDE_TAG("from:user")
/* In text it is left out where it is 0. */
#define QUIET SONDE_TAG("quiet")
/* Always: it is for programs and filters. */
#define DETAIL SONDE_TAG("detail")
/* What the field `old`, which stands before it, has become: shown as OLD->NEW. CHANGED(): both are
 * there only where they differ. */
#define WAS(old)     SONDE_TAG("was:" #old)
#define CHANGED(old) SONDE_TAG("changed:" #old)
/* The first field, of 8 bytes: what came of it; below 0: minus an errno. */
#define RESULT SONDE_TAG("result")

/*
 * Maps and variables are shown by their types; KIND(), ENUM() and their kin work on the members of
 * their structs, and DETAIL on those of tables. Beside a number that bears AVERAGE(other) stands
 * what it is for each of the member `other`, which may be a histogram; SHARE(other): how many of a
 * hundred it is of both together.
 */
#define AVERAGE(other) SONDE_TAG("average:" #other)
#define SHARE(other)   SONDE_TAG("share:" #other)
/* Tags of a map or variable, behind its name or SEC(): it is not shown; it is left out where there
 * is nothing (QUIET); a table ends with the sums; an array is a histogram: HISTOGRAM(linear:512).
 */
#define HIDDEN           SONDE_TAG("hidden")
#define TOTAL            SONDE_TAG("total")
#define HISTOGRAM(scale) SONDE_TAG("histogram:" #scale)
/* Of a `const volatile __u32`: how many arguments the tracepoint has here, 0: there is none. Some
 * have others on other kernels. */
#define ARGUMENTS_OF(tracepoint) SONDE_TAG("arguments:" #tracepoint)

/* A field whose bytes follow the fixed part: append_*() below fills it. */
struct sonde_data {
	__u64 address; /* where the program keeps it; 0 for what the kernel made */
};

/* A file, directory, pipe or socket that the kernel means: put_file() and its kin fill it. */
struct sonde_file_ref {
	__u64 none; /* there is no file: anonymous memory, say */
};

#include <sonde/lib/emit.h>
#include <sonde/lib/begin.h>

/* A pointer that the verifier knows, as the number that functions of their own take. */
static __always_inline __u64 number_of(const void *pointer)
{
	__u64 number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), &pointer);
	return number;
}

/* The argument of that place of a BPF_PROG(), whose type old kernels (5.10) do not let it load: a
 * pointer to something else than a struct. */
static __always_inline __u64 argument(const unsigned long long *ctx, unsigned int place)
{
	__u64 number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), &ctx[place]);
	return number;
}

/* A string of the kernel's or of a program's: the kernel's addresses have their highest bit set. */
static __always_inline void append_any_string(struct scratch *s, __u8 slot, const void *from)
{
	__u64 address = number_of(from);

	if (address >> 63)
		append_kernel_string(s, slot, (void *)address);
	else
		append_user_string(s, slot, (void *)address, config.string_limit);
}

/* The value of `key` in a hash, which begins as zeros. NULL: it is full. */
#define value_of(map, key)                                                                         \
	({                                                                                         \
		static const typeof(*(map).value) none__;                                          \
		typeof((map).value) value__ = bpf_map_lookup_elem(&(map), key);                    \
                                                                                                   \
		if (!value__) {                                                                    \
			bpf_map_update_elem(&(map), key, &none__, BPF_NOEXIST);                    \
			value__ = bpf_map_lookup_elem(&(map), key);                                \
		}                                                                                  \
		value__;                                                                           \
	})

/* On whatever CPU. */
#define add_to(number, n) __sync_fetch_and_add(&(number), n)

/* Of a histogram: slot n is for 2^n up to below 2^(n+1), the first one also for 0. */
static __always_inline __u32 log2_slot(__u64 n)
{
	__u32 slot = 0;

	_Pragma("unroll") for (int bits = 32; bits; bits /= 2)
	{
		if (n >> bits) {
			n >>= bits;
			slot += bits;
		}
	}
	return slot;
}

/* Counts a number in such an array, whose size is a power of two; the last slot has all that is
 * larger. */
#define add_to_hist(slots, n)                                                                      \
	do {                                                                                       \
		__u64 slot__ = log2_slot(n), last__ = sizeof(slots) / sizeof((slots)[0]) - 1;      \
                                                                                                   \
		if (slot__ > last__)                                                               \
			slot__ = last__;                                                           \
		barrier_var(slot__); /* the bound stands beside the access */                      \
		__sync_fetch_and_add(&(slots)[slot__ & last__], 1);                                \
	} while (0)

/* Likewise `size` bytes; where there is no address, there is nothing. */
static __always_inline void append_any_bytes(struct scratch *s, __u8 slot, const void *from,
					     __u32 size)
{
	__u64 address = number_of(from);

	if (!address)
		append_null(s, slot);
	else if (address >> 63)
		append_kernel_bytes(s, slot, (void *)address, size);
	else
		append_user_bytes(s, slot, SONDE_ITEM_DATA, (void *)address, size, size);
}

/* Whether the current task is one of those that are traced: for programs that only count. */
static __always_inline bool is_traced(void)
{
	bool traced;

	traced_value(&traced);
	return traced && current_ids() >> 32 != own_pid;
}

#endif
