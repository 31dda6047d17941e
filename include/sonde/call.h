/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) OR Apache-2.0 */
/* What the system call program is told about each call: user space derives it from the catalogue
 * and the plan. */
#ifndef SONDE_CALL_H
#define SONDE_CALL_H

#include <sonde/record.h>

#define SONDE_CALL_ARGS    6
#define SONDE_CALL_NUMBERS 512 /* a power of two above the highest number */

enum sonde_call_flags {
	SONDE_CALL_ON = 1 << 0,        /* captured at exit */
	SONDE_CALL_ENTRY = 1 << 1,     /* captured at entry too */
	SONDE_CALL_RENAMES = 1 << 2,   /* when it succeeds, known paths may be stale */
	SONDE_CALL_RESULT_FD = 1 << 3, /* its result is a descriptor, and resolved */
	SONDE_CALL_NO_RETURN = 1 << 4, /* captured when the task exits */
	SONDE_CALL_CHANGES = 1 << 5,   /* when it succeeds, introductions of tasks may be stale */
};

/* How an argument is fetched; the same numbers as enum fetch in src/event/schema.h. */
enum sonde_fetch {
	SONDE_FETCH_NONE,
	SONDE_FETCH_FD,
	SONDE_FETCH_STRING,
	SONDE_FETCH_STRINGS,
	SONDE_FETCH_BYTES,
	SONDE_FETCH_IOVEC,
	SONDE_FETCH_MSGHDR,
	SONDE_FETCH_MESSAGE,  /* BYTES, and the 8 of the message's type */
	SONDE_FETCH_POINTERS, /* as many pointers as there are elements, and what they point to */
	SONDE_FETCH_FDS,      /* BYTES, and the descriptors among them resolved: see `special` */
};

enum sonde_call_when {
	SONDE_AT_EXIT = 1 << 0,
	SONDE_AT_ENTRY = 1 << 1,
	SONDE_IF_SUCCESS = 1 << 2,  /* at exit, only if it did not fail: the kernel fills it */
	SONDE_UNLIMITED = 1 << 3,   /* a path: whole, whatever the string limit */
	SONDE_IF_FAILURE = 1 << 4,  /* at exit, only if it failed: success leaves no trace of it */
	SONDE_IF_POSITIVE = 1 << 5, /* at exit, only if the result is above 0: nobody was found */
};

#define SONDE_LENGTH_RESULT 0xff
#define SONDE_LENGTH_AT     0x80
#define SONDE_LENGTH_UPTO   0x40

/* Where the descriptors are. */
#define SONDE_FDS_BITS    1       /* a set of bits, which are what the length counts */
#define SONDE_FDS_CONTROL (2 | 4) /* in control messages */
#define SONDE_FDS_STEP    (4 | 8) /* bytes from one to the next */
#define SONDE_FDS_ONE     0x80    /* | offset of the one in each element, a multiple of 4 */

struct sonde_call_arg {
	__u8 fetch; /* enum sonde_fetch */
	__u8 when;  /* enum sonde_call_when; 0: not fetched */
	/* Number of elements: 0: one; 1 to 6: that argument, | SONDE_LENGTH_AT: what it points to,
	 * | SONDE_LENGTH_UPTO: the result, but no more than that argument; SONDE_LENGTH_RESULT */
	__u8 length;
	/* STRINGS: 1: they are only counted. FDS, POINTERS, MSGHDR: SONDE_FDS_*. */
	__u8 special;
	__u16 size;  /* bytes of an element */
	__u16 limit; /* bytes at most; 0: the string limit */
};

struct sonde_call {
	__u16 event;
	__u8 count;    /* arguments */
	__u8 flags;    /* enum sonde_call_flags */
	__u16 fetches; /* when anything is fetched: SONDE_AT_EXIT | SONDE_AT_ENTRY */
	__u8 selector; /* 1 to 6: that argument, & selector_mask, is looked up among the variants;
			  0: none */
	__u8 unused;
	__u64 selector_mask;
	struct sonde_call_arg args[SONDE_CALL_ARGS];
};

/* Numbers of io_uring's operations; a power of two. */
#define SONDE_OPERATIONS 64

/* A member of struct io_uring_sqe: its offset, a multiple of 4, and its size; 0: none. */
#define SONDE_SQE_FILE          (4 | 1) /* fd, of the file that the request is about */
#define SONDE_SQE(offset, size) ((offset) | ((size) == 8 ? 3 : (size) == 4 ? 2 : 1) << 6)

enum sonde_operation_flags {
	SONDE_OPERATION_DIRECT = 1 << 0,  /* file_index: a slot of the ring's, no descriptor */
	SONDE_OPERATION_OFFSETS = 1 << 1, /* the 2nd and 4th argument are values, no addresses */
};

/* What io_uring does as a call does it. */
struct sonde_operation {
	__u64 mask, value; /* holds where (test & mask) == value */
	__u16 call;        /* the call's number, plus one; 0: no call does it */
	__u8 flags;        /* enum sonde_operation_flags */
	__u8 test;         /* SONDE_SQE() */
	__u8 args[SONDE_CALL_ARGS];
	__u8 unused[6];
};

/* A variant of a call: what is fetched when the selecting argument has this value. */
struct sonde_call_key {
	__u32 number; /* the call's place in the table */
	__u32 unused;
	__u64 value;
};

#endif
