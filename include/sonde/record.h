/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) OR Apache-2.0 */
/*
 * What travels from the kernel to its readers. Both sides include this file: it is the ABI of the
 * rings.
 *
 *     record = struct sonde_record | fixed part | items | sections
 *
 * The fixed part holds one number for each field: a value, or the address that a program passed.
 * What lies behind an address, or what the kernel knows about a number, follows as items, each of
 * which names its field by `slot`.
 */
#ifndef SONDE_RECORD_H
#define SONDE_RECORD_H

#ifndef __bpf__
#include <linux/types.h>
#endif

/* Each class has rings of its own, one per CPU, so that payload never starves process life. */
enum sonde_class {
	SONDE_CLASS_INTRO, /* who is who: processes, files, sockets */
	SONDE_CLASS_EVENT, /* what happened */
	SONDE_CLASS_BULK,  /* payload: `key, offset, total, bytes` */
	SONDE_CLASSES,
};

/* How the subject of a record is known. */
enum sonde_subject {
	SONDE_SUBJECT_NONE,    /* softirq, or nobody to name */
	SONDE_SUBJECT_CURRENT, /* the task that was running called */
	SONDE_SUBJECT_OWNER,   /* the owner of the object (a socket's, say) */
	SONDE_SUBJECT_ISSUER,  /* who once asked for what is done now (a block request's, say) */
};

enum sonde_record_flags {
	SONDE_RECORD_ENTRY = 1 << 0,     /* of a call's entry: joined to the record of its exit */
	SONDE_RECORD_COMPAT = 1 << 1,    /* a 32-bit call: i386 numbers and structures */
	SONDE_RECORD_LATE = 1 << 2,      /* delivered after younger ones (set by the reader) */
	SONDE_RECORD_CUT = 1 << 3,       /* at least one item holds less than there was */
	SONDE_RECORD_LATENCY = 1 << 4,   /* the fixed part's last u64 is the latency in ns */
	SONDE_RECORD_NO_RETURN = 1 << 5, /* its result is not known: a call that does not return, a
					    hook that runs before there is one */
	SONDE_RECORD_VERDICT = 1 << 6,   /* a verdict is among the sections */
	SONDE_RECORD_IO_URING = 1 << 7,  /* a request of io_uring that does what the call does; its
					    first item is SONDE_ITEM_REQUEST */
};

struct sonde_record {
	__u32 size;   /* bytes with this header; a multiple of 8 */
	__u16 event;  /* what happened: an id of this run, which the stream maps to a schema */
	__u8 class;   /* enum sonde_class */
	__u8 subject; /* enum sonde_subject */
	__u16 flags;  /* enum sonde_record_flags */
	__u16 cpu;
	__u16 hook; /* the program that made it; sequence numbers count by (hook, cpu, class) */
	__u16 body; /* fixed part and items, in units of 8 bytes; sections follow */
	__u32 pid;  /* thread group, in the initial pid namespace */
	__u32 tid;
	__u32 version; /* of the subject's introduction; 0: not introduced */
	__u32 seq;     /* a gap in it is a record lost */
	__u64 time;    /* ns since boot, suspend included (CLOCK_BOOTTIME) */
	__u64 key;     /* the subject: process_key() in probes/lib/task.h */
};

/* What an item holds. */
enum sonde_item_what {
	SONDE_ITEM_DATA = 1, /* the bytes behind the address that the program passed */
	SONDE_ITEM_FILE = 2, /* __u64 id of the file or socket that the kernel resolved a descriptor
				to: `whole` is the descriptor, of which a field may have several */
	SONDE_ITEM_FAULT = 3, /* no bytes: could not be read; `whole` is the errno, 0: there are
				 none */
	SONDE_ITEM_IOVEC = 4, /* __u64 bases and lengths (struct iovec) of a vector; the bytes are a
				 DATA item */
	SONDE_ITEM_CONTROL = 5, /* msghdr: control messages */
	SONDE_ITEM_NAME = 6,    /* msghdr: the address */
	SONDE_ITEM_OLD = 7,     /* in/out values: what it was at entry */
	SONDE_ITEM_REQUEST = 8, /* struct sonde_request */
};

enum sonde_request_flags {
	SONDE_REQUEST_FIXED = 1 << 0,  /* a file of the ring's own table: the number is its place */
	SONDE_REQUEST_DIRECT = 1 << 1, /* the new file goes there: the result is no descriptor */
	SONDE_REQUEST_SELECT = 1 << 2, /* the kernel selects a buffer, which the program offered */
	SONDE_REQUEST_MORE = 1 << 3,   /* will complete again */
	SONDE_REQUEST_REWRITTEN = 1 << 4, /* written over already: its arguments are unknown */
};

/* A request of io_uring, from its entry (as it is submitted) to its completions. */
struct sonde_request {
	__u64 id; /* unlike that of every other one under way */
	__u64 user_data;
	__u32 flags; /* enum sonde_request_flags */
	__u8 opcode; /* IORING_OP_* */
	__u8 unused[3];
};

#define SONDE_WHOLE_UNKNOWN 0xffffffffu

/* As the address of a field that the kernel fills (struct sonde_data): there is no such thing. */
#define SONDE_ABSENT 1

/* Version of an introduction by the task iterator: no other record bears it. */
#define SONDE_VERSION_LISTED 1

struct sonde_item {
	__u8 slot;   /* its field: the field's offset in the fixed part, in units of 8 bytes */
	__u8 what;   /* enum sonde_item_what */
	__u16 size;  /* bytes that follow, before padding to 8; a string has no NUL */
	__u32 whole; /* bytes that there were, or SONDE_WHOLE_UNKNOWN when it was cut and nobody
			counted */
};

/* Events with fixed ids. Calls follow from SONDE_EVENT_CALLS on, in the order of the catalogue,
 * then EVENT()s. */
enum sonde_event_id {
	SONDE_EVENT_NONE,
	SONDE_EVENT_PROCESS, /* introduces a task: struct sonde_process */
	SONDE_EVENT_FILE,    /* introduces a file or socket: struct sonde_file */
	SONDE_EVENT_PRESENT, /* a task's present call, told by the task iterator: struct
				sonde_present */
	SONDE_EVENT_LOST,    /* made by the reader: struct sonde_lost */
	SONDE_EVENT_CALLS = 16,
};

enum sonde_namespace {
	SONDE_NS_MNT,
	SONDE_NS_PID,
	SONDE_NS_NET,
	SONDE_NS_IPC,
	SONDE_NS_UTS,
	SONDE_NS_USER,
	SONDE_NS_CGROUP,
	SONDE_NS_TIME,
	SONDE_NAMESPACES,
};

enum sonde_exe_flags {
	SONDE_EXE_DELETED = 1 << 0,
	SONDE_EXE_MEMFD = 1 << 1,
	SONDE_EXE_UPPER = 1 << 2, /* in the upper, writable, layer of an overlay */
};

/*
 * A task as it is from this record on, under (key, version) of the header. Immutable: when
 * something changed, a new version is introduced. pid and tid are the header's. ~0u: unknown.
 * Kernel source: struct task_struct.
 */
struct sonde_process {
	__u64 start_time; /* of the thread group's leader, ns since boot */
	__u64 thread_start_time;
	__u64 parent_key;
	__u64 cap_effective;
	__u64 cap_permitted;
	__u64 cap_inheritable;
	__u64 cgroup_id; /* kernfs id of the cgroup whose path follows */
	__u64 exe_ino;
	__u64 exe_mtime; /* ns since the epoch */
	__u64 exe_ctime;
	__u32 exe_dev;   /* kernel's encoding: major << 20 | minor */
	__u32 exe_flags; /* enum sonde_exe_flags */
	__u32 ppid;
	__u32 ns_pid; /* ids in the task's own pid namespace */
	__u32 ns_tid;
	__u32 ns_ppid; /* 0: the parent is outside */
	__u32 pgid, sid;
	__u32 ns_pgid, ns_sid;
	__u32 uid, gid, euid, egid;
	__u32 loginuid, sessionid;
	__u32 tty;                  /* device number as in exe_dev; 0: none */
	__u32 ns[SONDE_NAMESPACES]; /* inode numbers */
	__u32 kernel_thread; /* 1: a kernel thread; 2: an io_uring or vhost worker of a user process
			      */
	char comm[16];       /* of this thread */
	char leader_comm[16];
	/* Slots that only items refer to: paths come leaf first, each component ended by NUL. */
	__u64 exe;     /* DATA: path of the executable */
	__u64 argv;    /* DATA: arguments, each ended by NUL */
	__u64 cwd;     /* DATA: path */
	__u64 cgroup;  /* DATA: path */
	__u64 env;     /* DATA: environment, each ended by NUL; only on request */
	__u64 systemd; /* DATA: path in the hierarchy name=systemd where that is another one (cgroup
			  v1) */
};

enum sonde_file_type {
	SONDE_FILE_PATH = 1, /* whatever has a path; of a socket, the name it is bound to */
	SONDE_FILE_PIPE,
	SONDE_FILE_SOCKET,
	SONDE_FILE_ANON, /* anon_inode:[name] */
	SONDE_FILE_MEMFD,
	SONDE_FILE_NAMESPACE, /* nsfs: name:[inode] */
};

enum sonde_file_flags {
	SONDE_FILE_DELETED = 1 << 0,
	SONDE_FILE_UNREACHABLE = 1 << 1, /* its mount is not attached any more */
	SONDE_FILE_CUT = 1 << 2,   /* more components than were read: the path's head is missing */
	SONDE_FILE_UPPER = 1 << 3, /* as SONDE_EXE_UPPER */
};

/* A file, directory, pipe or socket: what `SONDE_ITEM_FILE` ids stand for. Kernel source: struct
 * file, path, sock. */
struct sonde_file {
	__u64 id;
	__u64 ino;
	__u32 dev;    /* of the filesystem */
	__u32 rdev;   /* of the device that it is, if it is one */
	__u32 mode;   /* type and permissions */
	__u16 type;   /* enum sonde_file_type */
	__u16 flags;  /* enum sonde_file_flags */
	__u16 family; /* sockets: AF_* */
	__u16 socktype;
	__u16 protocol;
	__u16 state;                 /* TCP_* (also of unix sockets) */
	__u16 local_port, peer_port; /* host byte order */
	__u32 netns;
	__u8 local[16], peer[16]; /* IPv4 in the first 4 bytes, network byte order */
	__u64 peer_ino;           /* unix sockets: the other end's inode; netlink: port id */
	__u64 path; /* DATA: components, leaf first, each ended by NUL; unix sockets: the bound
		       address as it is; anonymous inodes: the name */
};

/* What a task does just now. */
struct sonde_present {
	__s64 nr; /* system call number; negative: in none */
	__u64 args[6];
	__u64 sp, ip;
	__u64 switches; /* context switches so far: unchanged means asleep all the while */
	__u32 state;    /* task state bits: 0 running, 1 interruptible, 2 uninterruptible ... */
	__u32 compat;
};

/* What follows a record's body: sections, each padded to 8 bytes. Whoever does not know one skips
 * it. */
enum sonde_section_what {
	SONDE_SECTION_DENIED = 1, /* struct sonde_denied */
};

struct sonde_section {
	__u16 what; /* enum sonde_section_what */
	__u16 size; /* bytes that follow, before padding */
	__u32 unused;
};

enum sonde_denied_by {
	SONDE_DENIED_UNKNOWN,
	SONDE_DENIED_CAPABILITY, /* what: which */
	SONDE_DENIED_LSM,        /* what: enum sonde_denier */
	SONDE_DENIED_SECCOMP,    /* what: the call's number */
	SONDE_DENIED_MODE, /* what: MAY_EXEC 1, MAY_WRITE 2, MAY_READ 4; file: of which component */
	SONDE_DENIED_MOUNT, /* what: enum sonde_mount_denies; file: where it is mounted */
};

enum sonde_mount_denies { SONDE_MOUNT_READ_ONLY, SONDE_MOUNT_NOEXEC, SONDE_MOUNT_NODEV };

/* What the security modules are asked by: security_NAME(). */
enum sonde_denier {
#define DENIER(name) SONDE_DENIER_##name,
#include <sonde/deniers.def>
#undef DENIER
	SONDE_DENIER_COUNT
};

/* The last check within a call that refused. */
struct sonde_denied {
	__u8 by;   /* enum sonde_denied_by */
	__u8 soft; /* the capability would have helped, but was not needed */
	__u8 unused[2];
	__u32 what;
	__u64 file; /* id; 0: none */
};

/* A signal's si_code. What the kernel's own codes mean depends on the signal, which is put above
 * them: 0x0b01 is SIGSEGV's 1, SEGV_MAPERR. */
#define SONDE_SIGNAL_CODE(sig, code) ((code) > 0 && (code) < 0x80 ? (sig) << 8 | (code) : (code))

/* Records that did not arrive, made by the reader from the counters. */
struct sonde_lost {
	__u64 count;
	__u64 first, last; /* ns since boot: the gap lies between */
	__u16 hook;
	__u16 class;
	__u32 reason; /* enum sonde_outcome */
};

/* Each entry of a program ends in exactly one of these. */
enum sonde_outcome {
	SONDE_CAPTURED,
	SONDE_FILTERED,
	SONDE_SAMPLED,
	SONDE_MERGED,
	SONDE_LOST_RING,      /* the ring was full */
	SONDE_LOST_NESTED,    /* the scratch of (program, CPU) was in use */
	SONDE_LOST_MEMORY,    /* no memory for a map's element */
	SONDE_LOST_AMBIGUOUS, /* it cannot be told which request of io_uring completes */
	SONDE_OUTCOMES,
	SONDE_LOST_SKIPPED = SONDE_OUTCOMES, /* of lost records only: the program was not run */
};

#endif
