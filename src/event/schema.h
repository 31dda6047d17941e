/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an event is made of. A schema has several producers (BTF tags of probes, the catalogue of
 * system calls, a capture file); nothing downstream knows which.
 */
#ifndef SONDE_SCHEMA_H
#define SONDE_SCHEMA_H

#include "../base/base.h"

/* A name for a value. It applies where (value & mask) == number: a flag has mask == number, a part
 * of a word that holds an enumeration (O_ACCMODE) has that part's mask, an enumeration's value has
 * mask ~0. */
struct named_value {
	const char *name;
	uint64_t number;
	uint64_t mask;
};

/*
 * A table of names: catalogue/values.def. Names of several bits come before the names of their
 * parts (O_SYNC before O_DSYNC): whoever prints a word takes the first that applies, removes its
 * bits and goes on. A name whose number is 0 (O_RDONLY, PROT_NONE) applies only where its mask's
 * bits are all clear in the word as it was passed.
 */
struct values {
	const char *name;
	const struct named_value *list;
	unsigned int count;
	bool octal; /* bits that have no name are permissions: shown as such, not in hex */
};

enum kind {
	KIND_none,
#define KIND(name, class, fetch, size) KIND_##name,
#include "kinds.def"
#undef KIND
	KINDS,
};

enum kind_class { CLASS_NUMBER, CLASS_SIGNED, CLASS_TEXT, CLASS_DATA };

enum fetch {
	FETCH_NONE,
	FETCH_FD,
	FETCH_STRING,
	FETCH_STRINGS,
	FETCH_BYTES,
	FETCH_IOVEC,
	FETCH_MSGHDR,
	FETCH_MESSAGE,
	FETCH_POINTERS,
	FETCH_FDS,
};

struct kind_info {
	const char *name;
	uint8_t class; /* enum kind_class */
	uint8_t fetch; /* enum fetch */
	uint16_t size;
};

extern const struct kind_info kinds[KINDS];

static inline bool kind__is_float(enum kind kind)
{
	return kind == KIND_float || kind == KIND_double;
}
/* What the bits of a field of such a kind stand for. */
double kind__real(enum kind kind, uint64_t bits);

enum direction {
	FIELD_IN,    /* the program passes it */
	FIELD_OUT,   /* the kernel fills it when the call succeeds */
	FIELD_INOUT, /* both: the old value is read at entry */
};

enum provenance {
	FROM_USER,   /* what the program passed: it may have changed since, or be a lie */
	FROM_KERNEL, /* the kernel's own value */
};

#define LENGTH_RESULT 0xff /* the length is the call's result */
/* | argument: that argument is the address of a 4-byte length (accept's addrlen). */
#define LENGTH_AT 0x80
/* | argument: the call's result, but never more than that argument (recvfrom, getxattr). */
#define LENGTH_UPTO 0x40

struct field {
	const char *name;  /* the man page's */
	const char *alias; /* sysdig's name for the same, or NULL */
	const char *help;
	const struct values *values; /* flags and enumerations */
	uint8_t kind;                /* enum kind */
	uint8_t direction; /* enum direction; IN is read at exit too, where the memory is unchanged,
			      unless at_entry is set */
	uint8_t provenance; /* enum provenance */
	uint8_t length;  /* BYTES: argument (1 to 6) that holds the number of elements, | LENGTH_AT,
			    LENGTH_RESULT; 0: one element */
	bool at_entry;   /* at the call's exit it is too late to read it; with FIELD_INOUT: to read
			    its old value */
	bool quiet;      /* in text it is left out where it is 0 */
	bool detail;     /* ... always: for programs that read JSON, and for filters */
	uint16_t offset; /* of its number in the fixed part */
	/*
	 * Of that number: 1, 2, 4 or 8; 0: a field that only items bear, or an array. Calls keep
	 * the whole register (8), of which only the low kinds[].size bytes count for classes NUMBER
	 * and SIGNED: the rest may be rubbish that the kernel ignores. A result is signed whatever
	 * its kind: -4095 to -1 are errors.
	 */
	uint8_t size;
	uint16_t bytes; /* inline array in the fixed part (comm[16]): its size; 0 otherwise */
	int8_t pair;    /* so many fields before (negative) it stands what this one was, or so many
			   behind it what this one became; 0: neither */
	bool only_changed; /* such a pair is there only where they differ */
};

/*
 * What an argument is may depend on another one (fcntl's arg on its cmd). Where
 * (argument & mask) == number holds, `target` is `field`, or means nothing to this call when
 * `field` is NULL.
 */
struct variant {
	uint8_t argument; /* 1 to 6; 0 ends the list */
	uint8_t target;   /* index in schema.fields: 0 is the result */
	uint64_t mask;
	uint64_t number;
	const struct field *field;
};

enum schema_flags {
	SCHEMA_CALL = 1 << 0,   /* a system call: its result is the first field */
	SCHEMA_RESULT = 1 << 1, /* the first field is a result: negative is an errno */
	SCHEMA_NO_RETURN = 1 << 2,
	SCHEMA_COMPAT_ONLY = 1 << 3, /* exists as a 32-bit call only */
	SCHEMA_INTRO = 1 << 4,       /* introduces somebody; not an event that users select */
	SCHEMA_TIMED = 1 << 6,    /* no call, but it takes time too: a function that has returned */
	SCHEMA_AT_ENTRY = 1 << 5, /* only its entry can be told from other calls (rt_sigreturn) */
};

struct schema {
	const char *name;
	const char *category; /* @file, @net ...; several are separated by a comma */
	const char *help;
	const char *blind;   /* what its hook does not see, or NULL */
	const char *config;  /* the kernel's option without which it is not there, or NULL */
	const char *instead; /* what stands in where no hook serves it, as -e has it; or NULL */
	const char *lesser;  /* what that lacks */
	uint32_t id;         /* of this run; index in struct schemas */
	uint32_t flags;
	int number;        /* system calls: number on this machine, or -1 */
	int compat_number; /* number as a 32-bit call, or -1 */
	uint16_t fixed;    /* bytes of the fixed part */
	uint8_t count;
	const struct field
		*fields; /* calls: the result (8 bytes at 0), then argument i (8 bytes at 8 * i) */
	const struct variant
		*variants; /* the first that applies to a target wins; NULL where there are none */
};

struct schemas {
	const struct schema **list; /* by event id; NULL where there is none */
	unsigned int count;
};

/* NULL when there is no such event. `name` may be one of its aliases. */
const struct schema *schemas__find(const struct schemas *all, const char *name);
/* The EVENT() of that name, not the call: a task's exit, not exit(2). NULL when there is none. */
const struct schema *schemas__event(const struct schemas *all, const char *name);
/* NULL when the event has no such field. Takes aliases too. */
const struct field *schema__field(const struct schema *s, const char *name);

/*
 * What a field of this call is, given the fixed part of its record (`args[0]` is the result):
 * `field` itself, a variant of it, or NULL when it means nothing here and is not shown (open's mode
 * without O_CREAT).
 */
const struct field *schema__variant(const struct schema *s, const struct field *field,
				    const uint64_t *args);

/* Tables of names, by name ("open"); NULL when there is none. */
const struct values *values__find(const char *name);
const char *errno_name(int number);  /* "ENOENT", also ERESTARTSYS and its kin; NULL when unknown */
const char *signal_name(int number); /* "SIGTERM", "SIGRT_3"; NULL when unknown */

#endif
