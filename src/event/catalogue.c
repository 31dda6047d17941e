// SPDX-License-Identifier: Apache-2.0
/* Turns catalogue/syscalls.def and its companions into schemas, at build time. */
#include <asm/ioctls.h>
#ifdef __x86_64__
#include <asm/prctl.h>
#endif
#include <asm/termbits.h>
#include <linux/bpf.h>
#include <linux/eventpoll.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/futex.h>
#include <linux/if_packet.h>
#include <linux/in.h>
#include <linux/io_uring.h>
#include <linux/kcmp.h>
#include <linux/keyctl.h>
#include <linux/landlock.h>
#include <linux/membarrier.h>
#include <linux/mman.h>
#include <linux/mount.h>
#include <linux/nsfs.h>
#include <linux/perf_event.h>
#include <linux/prctl.h>
#include <linux/quota.h>
#include <linux/ptrace.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/sem.h>
#include <linux/msg.h>
#include <linux/shm.h>
#include <linux/sockios.h>
#include <linux/stat.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <asm/ptrace.h>

#include "catalogue.h"
#include "tables.h"

#include <sonde/record.h>
#include <string.h>

#include <catalogue/call_numbers.h>
#include <catalogue/newer.h>

/*
 * An argument is a tuple (direction, at_entry, kind, name, third, alias); the empty words stand in
 * for what is left out.
 */
#define ARG(...)   , (FIELD_IN, false, __VA_ARGS__, , , )
#define OUT(...)   , (FIELD_OUT, false, __VA_ARGS__, , , )
#define INOUT(...) , (FIELD_INOUT, true, __VA_ARGS__, , , )
#define ENTRY(...) , (FIELD_IN, true, __VA_ARGS__, , , )

/* A result is (flags, variants of the call, kind, table). */
#define RET(...)      (0, NO, __VA_ARGS__, , )
#define VARIES(...)   (0, YES, __VA_ARGS__, , )
#define NEVER()       (SCHEMA_NO_RETURN, NO, int, , )
#define AT_ENTRY(...) (SCHEMA_AT_ENTRY, NO, __VA_ARGS__, , )

/* EACH(X, call, tuples...) is X(call, 1, tuple) X(call, 2, tuple) ... */
#define EACH_0(X, call)
#define EACH_1(X, call, a)                         X(call, 1, a)
#define EACH_2(X, call, a, b)                      EACH_1(X, call, a) X(call, 2, b)
#define EACH_3(X, call, a, b, c)                   EACH_2(X, call, a, b) X(call, 3, c)
#define EACH_4(X, call, a, b, c, d)                EACH_3(X, call, a, b, c) X(call, 4, d)
#define EACH_5(X, call, a, b, c, d, e)             EACH_4(X, call, a, b, c, d) X(call, 5, e)
#define EACH_6(X, call, a, b, c, d, e, f)          EACH_5(X, call, a, b, c, d, e) X(call, 6, f)
#define EACH_OF(X, call, a, b, c, d, e, f, n, ...) EACH_##n
#define EACH(...)                                  EACH_OF(__VA_ARGS__, 6, 5, 4, 3, 2, 1, 0, )(__VA_ARGS__)
#define BARE(...)                                  __VA_ARGS__

/* The third word is a table or a length: a number of enum table, or one of these. */
enum length {
	LENGTH_ = 0,
	LENGTH_1 = 1,
	LENGTH_2,
	LENGTH_3,
	LENGTH_4,
	LENGTH_5,
	LENGTH_6,
	LENGTH_AT1 = LENGTH_AT | 1,
	LENGTH_AT2 = LENGTH_AT | 2,
	LENGTH_AT3 = LENGTH_AT | 3,
	LENGTH_AT5 = LENGTH_AT | 5,
	LENGTH_AT6 = LENGTH_AT | 6,
	LENGTH_UPTO1 = LENGTH_UPTO | 1,
	LENGTH_UPTO2,
	LENGTH_UPTO3,
	LENGTH_UPTO4,
	LENGTH_UPTO5,
#define TABLE(name)       LENGTH_##name = 0,
#define TABLE_OCTAL(name) LENGTH_##name = 0,
#include <catalogue/values.def>
};

enum {
	TABLE_ = TABLE_none,
	TABLE_1 = TABLE_none,
	TABLE_2 = TABLE_none,
	TABLE_3 = TABLE_none,
	TABLE_4 = TABLE_none,
	TABLE_5 = TABLE_none,
	TABLE_6 = TABLE_none,
	TABLE_AT1 = TABLE_none,
	TABLE_AT2 = TABLE_none,
	TABLE_AT3 = TABLE_none,
	TABLE_AT5 = TABLE_none,
	TABLE_AT6 = TABLE_none,
	TABLE_UPTO1 = TABLE_none,
	TABLE_UPTO2 = TABLE_none,
	TABLE_UPTO3 = TABLE_none,
	TABLE_UPTO4 = TABLE_none,
	TABLE_UPTO5 = TABLE_none,
	TABLE_RESULT = TABLE_none,
};

#define FIELD_OF(index, way, entry, what, title, third, other)                                     \
	{                                                                                          \
		.name = title, .alias = other,                                                     \
		.values = (int)TABLE_##third == 0 ? NULL : &tables[TABLE_##third],                 \
		.kind = KIND_##what, .direction = (way), .provenance = FROM_USER,                  \
		.length = LENGTH_##third, .at_entry = (entry), .offset = 8 * (index), .size = 8,   \
	}

/* 1. The names of arguments as numbers: ARG_fcntl_cmd is 2. An i386 form's are not needed. */
#define NUMBER_(call, index, way, entry, what, title, ...) ARG_##call##_##title = index,
#define NUMBER__(...)                                      NUMBER_(__VA_ARGS__)
#define NUMBER(call, index, tuple)                         NUMBER__(call, index, BARE tuple)
#define SYSCALL(call, categories, args, result)            ARG_##call##_RES = 0, EACH(NUMBER, call args)
#define SYSCALL64                                          SYSCALL
#define SYSCALL32                                          SYSCALL
#define COMPAT(call, categories, args, result)
enum argument {
#include <catalogue/syscalls.def>
};
#undef SYSCALL
#undef COMPAT

/* 2. The fields of each call: the result, then the arguments. */
/* sysdig calls a descriptor that a call returns fd. */
#define RESULT_(flags, varies, what, table, ...)                                                   \
	FIELD_OF(0, FIELD_OUT, false, what, "res", table, KIND_##what == KIND_fd ? "fd" : NULL),
#define ARGUMENT_(call, index, way, entry, what, title, third, other, ...)                         \
	FIELD_OF(index, way, entry, what, #title, third, sizeof(#other) > 1 ? #other : NULL),
#define ARGUMENT__(...)              ARGUMENT_(__VA_ARGS__)
#define ARGUMENT(call, index, tuple) ARGUMENT__(call, index, BARE tuple)
#define FIELDS(list, result, ...)                                                                  \
	static const struct field list[] = {RESULT_ result EACH(ARGUMENT, __VA_ARGS__)};
#define SYSCALL(call, categories, args, result) FIELDS(fields_##call, result, call args)
#define COMPAT(call, categories, args, result)  FIELDS(compat_fields_##call, result, call args)
#include <catalogue/syscalls.def>
#undef SYSCALL
#undef COMPAT

/* 3. What arguments are when others say so. */
#define VARIANT(call, when, bits, value, which, to)                                                \
	{                                                                                          \
		.argument = ARG_##call##_##when,                                                   \
		.target = ARG_##call##_##which,                                                    \
		.mask = (uint32_t)(bits),                                                          \
		.number = (uint32_t)(value),                                                       \
		.field = to,                                                                       \
	},
#define FIELD_TO_(call, way, which, what, third, ...)                                              \
	&(const struct field)FIELD_OF(ARG_##call##_##which, way, false, what, #which, third, NULL)
#define FIELD_TO(...) FIELD_TO_(__VA_ARGS__, )
#define CALL(call)    static const struct variant variants_##call[] = {
#define IS(call, when, value, which, ...)                                                          \
	VARIANT(call, when, ~0u, value, which, FIELD_TO(call, FIELD_IN, which, __VA_ARGS__, ))
#define FILLED(call, when, value, which, ...)                                                      \
	VARIANT(call, when, ~0u, value, which, FIELD_TO(call, FIELD_OUT, which, __VA_ARGS__, ))
#define UNUSED(call, when, value, which) VARIANT(call, when, ~0u, value, which, NULL)
#define MASKED(call, when, bits, value, which, ...)                                                \
	VARIANT(call, when, bits, value, which, FIELD_TO(call, FIELD_IN, which, __VA_ARGS__, ))
#define UNLESS(call, when, bits, which) VARIANT(call, when, bits, 0, which, NULL)
#define REST(call, which)               {.argument = 1, .target = ARG_##call##_##which},
/* clang-format off */
#define END {.argument = 0}};
/* clang-format on */
#include <catalogue/variants.def>
#undef END

/* 4. The calls. */
enum call {
#define SYSCALL(call, categories, args, result) CALL_##call,
#define COMPAT(call, categories, args, result)  COMPAT_CALL_##call,
#include <catalogue/syscalls.def>
#undef SYSCALL
#undef COMPAT
	CALLS,
};

#define VARIANTS_NO(call)                  NULL
#define VARIANTS_YES(call)                 variants_##call
#define FLAGS_(bits, varies, ...)          (bits)
#define VARIANTS_(call, bits, varies, ...) VARIANTS_##varies(call)
#define VARIANTS__(...)                    VARIANTS_(__VA_ARGS__)
#define SCHEMA(index, call, categories, list, more, native, as_compat, result)                     \
	[index] = {                                                                                \
		.name = #call,                                                                     \
		.category = categories,                                                            \
		.id = SONDE_EVENT_CALLS + (index),                                                 \
		.flags = SCHEMA_CALL | SCHEMA_RESULT | (more) | FLAGS_ result,                     \
		.number = (native),                                                                \
		.compat_number = (as_compat),                                                      \
		.fixed = 8 * ARRAY_SIZE(list),                                                     \
		.count = ARRAY_SIZE(list),                                                         \
		.fields = list,                                                                    \
		.variants = VARIANTS__(call, BARE result),                                         \
	},
#undef SYSCALL64
#undef SYSCALL32
#define SYSCALL(call, categories, args, result)                                                    \
	SCHEMA(CALL_##call, call, categories, fields_##call, 0, SONDE_NR_##call,                   \
	       SONDE_NR_COMPAT_##call, result)
#define SYSCALL64(call, categories, args, result)                                                  \
	SCHEMA(CALL_##call, call, categories, fields_##call, 0, SONDE_NR_##call, -1, result)
#define SYSCALL32(call, categories, args, result)                                                  \
	SCHEMA(CALL_##call, call, categories, fields_##call, SCHEMA_COMPAT_ONLY, -1,               \
	       SONDE_NR_COMPAT_##call, result)
#define COMPAT(call, categories, args, result)                                                     \
	SCHEMA(COMPAT_CALL_##call, call, categories, compat_fields_##call, SCHEMA_COMPAT_ONLY, -1, \
	       SONDE_NR_COMPAT_##call, result)
static const struct schema calls[CALLS] = {
#include <catalogue/syscalls.def>
};
#undef SYSCALL
#undef SYSCALL64
#undef SYSCALL32
#undef COMPAT

const struct schema *catalogue__calls(unsigned int *count)
{
	*count = CALLS;
	return calls;
}

/* 5. The way back from a number: index + 1. Calls without a number share the last place. */
#define NOWHERE           1023
#define AT(number, index) [(number) < 0 ? NOWHERE : (number)] = (index) + 1,

#pragma GCC diagnostic push
#ifdef __clang__
#pragma GCC diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif
static const uint16_t by_number[NOWHERE + 1] = {
#define SYSCALL(call, categories, args, result) AT(SONDE_NR_##call, CALL_##call)
#define SYSCALL64                               SYSCALL
#define SYSCALL32(call, categories, args, result)
#define COMPAT(call, categories, args, result)
#include <catalogue/syscalls.def>
#undef SYSCALL
#undef SYSCALL64
#undef SYSCALL32
#undef COMPAT
};

static const uint16_t by_compat_number[NOWHERE + 1] = {
#define SYSCALL(call, categories, args, result) AT(SONDE_NR_COMPAT_##call, CALL_##call)
#define SYSCALL64(call, categories, args, result)
#define SYSCALL32                              SYSCALL
#define COMPAT(call, categories, args, result) AT(SONDE_NR_COMPAT_##call, COMPAT_CALL_##call)
#include <catalogue/syscalls.def>
#undef SYSCALL
#undef SYSCALL64
#undef SYSCALL32
#undef COMPAT
};
#pragma GCC diagnostic pop

const struct schema *catalogue__by_number(long number, bool compat)
{
	uint16_t index;

	if (number < 0 || number >= NOWHERE)
		return NULL;
	index = compat ? by_compat_number[number] : by_number[number];
	return index ? &calls[index - 1] : NULL;
}

/* 6. Families. */
static const struct {
	const char *name;
	const char *const *members;
} families[] = {
#define FAMILY(family, ...) {#family, (const char *const[]){__VA_ARGS__, NULL}},
#include <catalogue/families.def>
};

const char *const *catalogue__family(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(families); i++)
		if (!strcmp(families[i].name, name))
			return families[i].members;
	return NULL;
}

const char *catalogue__family_name(unsigned int index)
{
	return index < ARRAY_SIZE(families) ? families[index].name : NULL;
}
