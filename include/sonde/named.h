/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) OR Apache-2.0 */
/*
 * A hook that a user names: what a record of it holds. Its probe is one program for all of them,
 * and reads this.
 */
#ifndef SONDE_NAMED_H
#define SONDE_NAMED_H

#ifndef __bpf__
#include <linux/types.h>
#endif

#define SONDE_NAMED_FIELDS 40
#define SONDE_NAMED_STEPS  6
/* An instruction loads it as a constant; the copy of the program that a hook is given loads its
 * place in the map `named` instead. */
#define SONDE_NAMED_INDEX 0x736f6e6465000000ull

/* What a field is, given the address that its steps lead to. */
enum sonde_named_what {
	SONDE_NAMED_NUMBER,   /* `size` bytes there, or `bits` of their bits */
	SONDE_NAMED_SIGNED,   /* the same, sign-extended */
	SONDE_NAMED_DEV,      /* a dev_t of the kernel's */
	SONDE_NAMED_CONSTANT, /* the first offset itself */
	SONDE_NAMED_STRING,   /* a string there, in an array of `size` bytes */
	SONDE_NAMED_BYTES,    /* `size` bytes */
	/* Where in the context, and how many bytes: __data_loc; counted from behind these 4 bytes:
	 * __rel_loc. */
	SONDE_NAMED_LOCATED,
	SONDE_NAMED_LOCATED_STRING,
	SONDE_NAMED_RELATIVE,
	SONDE_NAMED_RELATIVE_STRING,
	/* What is there is the address of ... */
	SONDE_NAMED_STRING_AT, /* a string, the kernel's or a program's */
	SONDE_NAMED_BYTES_AT,  /* `size` bytes of either */
	SONDE_NAMED_TEXT,      /* text; `size`, with a sign, bytes from here is how long it is */
	SONDE_NAMED_FILE,      /* struct file */
	SONDE_NAMED_PATH,      /* struct path */
	SONDE_NAMED_DENTRY,    /* struct dentry */
	SONDE_NAMED_SOCK,      /* struct sock */
	SONDE_NAMED_SOCKET,    /* struct socket */
	SONDE_NAMED_CGROUP,    /* struct cgroup */
	SONDE_NAMED_PACKET,    /* struct sk_buff: what its headers say, `size` tells which part */
};

enum sonde_packet_part {
	PACKET_PROTOCOL,
	PACKET_SOURCE,
	PACKET_DESTINATION,
	PACKET_SOURCE_PORT,
	PACKET_DESTINATION_PORT,
};

/*
 * The field at 8 * its place in the fixed part. Its address: that of the context + offsets[0]; for
 * each further step what is there is an address, to which the next offset is added: 32 bits with a
 * sign.
 */
struct sonde_named_field {
	__u8 what; /* enum sonde_named_what */
	__u8 steps;
	__u8 user; /* what is read behind so many steps is the program's memory; 0: none is */
	__u8 bit;  /* of a number: the lowest that counts */
	__u8 bits; /* and so many; 0: all */
	/* To the address at the end of the steps is added what stands in the context at `index`,
	 * times `scale`; 0: nothing is. */
	__u8 index, scale;
	__u8 unused;
	__u32 size;
	__u32 offsets[SONDE_NAMED_STEPS];
};

struct sonde_named {
	__u32 hook;  /* as in struct sonde_ids */
	__u16 event; /* of its records */
	__u8 count;  /* of fields */
	__u8 entry;  /* it makes no record, and only remembers when the function began */
	__u32 pair;  /* a function's entry and its return have the same; 0: it is not timed */
	__u32 unused;
	struct sonde_named_field fields[SONDE_NAMED_FIELDS];
};

#endif
