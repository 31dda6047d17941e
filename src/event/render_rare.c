// SPDX-License-Identifier: Apache-2.0
/* How do the smaller structures look: of ipc, scheduling, timers, locks, terminals, mounts? */
#include "out.h"
#include "tables.h"

enum how { AS_SIGNED, AS_UNSIGNED, AS_HEX, AS_ADDRESS, AS_FLAGS, AS_ENUM, AS_SIGNAL };

struct part {
	const char *name;
	uint8_t offset;
	uint8_t size;
	uint8_t how;
	uint16_t table;
};

static const struct part utimbuf[] = {{"actime", 0, 8, AS_SIGNED}, {"modtime", 8, 8, AS_SIGNED}};

static const struct part sembuf[] = {
	{"sem_num", 0, 2, AS_UNSIGNED},
	{"sem_op", 2, 2, AS_SIGNED},
	{"sem_flg", 4, 2, AS_FLAGS, TABLE_sem_flags},
};

static const struct part sched_attr[] = {
	{"size", 0, 4, AS_UNSIGNED},
	{"sched_policy", 4, 4, AS_ENUM, TABLE_sched_policy},
	{"sched_flags", 8, 8, AS_FLAGS, TABLE_sched_flags},
	{"sched_nice", 16, 4, AS_SIGNED},
	{"sched_priority", 20, 4, AS_UNSIGNED},
	{"sched_runtime", 24, 8, AS_UNSIGNED},
	{"sched_deadline", 32, 8, AS_UNSIGNED},
	{"sched_period", 40, 8, AS_UNSIGNED},
	{"sched_util_min", 48, 4, AS_UNSIGNED},
	{"sched_util_max", 52, 4, AS_UNSIGNED},
};

static const struct part io_event[] = {
	{"data", 0, 8, AS_HEX},
	{"obj", 8, 8, AS_ADDRESS},
	{"res", 16, 8, AS_SIGNED},
	{"res2", 24, 8, AS_SIGNED},
};

static const struct part futex_waitv[] = {
	{"val", 0, 8, AS_HEX},
	{"uaddr", 8, 8, AS_ADDRESS},
	{"flags", 16, 4, AS_FLAGS, TABLE_futex2},
};

static const struct part mq_attr[] = {
	{"mq_flags", 0, 8, AS_FLAGS, TABLE_pipe},
	{"mq_maxmsg", 8, 8, AS_SIGNED},
	{"mq_msgsize", 16, 8, AS_SIGNED},
	{"mq_curmsgs", 24, 8, AS_SIGNED},
};

static const struct part mount_attr[] = {
	{"attr_set", 0, 8, AS_FLAGS, TABLE_mount_attr},
	{"attr_clr", 8, 8, AS_FLAGS, TABLE_mount_attr},
	{"propagation", 16, 8, AS_FLAGS, TABLE_mount_propagation},
	{"userns_fd", 24, 8, AS_UNSIGNED},
};

static const struct part file_lock[] = {
	{"l_type", 0, 2, AS_ENUM, TABLE_lock_type},
	{"l_whence", 2, 2, AS_ENUM, TABLE_whence},
	{"l_start", 8, 8, AS_SIGNED},
	{"l_len", 16, 8, AS_SIGNED},
};

static const struct part winsize[] = {
	{"ws_row", 0, 2, AS_UNSIGNED},
	{"ws_col", 2, 2, AS_UNSIGNED},
	{"ws_xpixel", 4, 2, AS_UNSIGNED},
	{"ws_ypixel", 6, 2, AS_UNSIGNED},
};

static const struct part termios[] = {
	{"c_iflag", 0, 4, AS_HEX},
	{"c_oflag", 4, 4, AS_HEX},
	{"c_cflag", 8, 4, AS_HEX},
	{"c_lflag", 12, 4, AS_HEX},
};

static const struct part remote_iovec[] = {{"iov_base", 0, 8, AS_ADDRESS},
					   {"iov_len", 8, 8, AS_UNSIGNED}};

static void one(struct out *o, const struct span *s, const struct part *p)
{
	uint64_t n = span__get(s, p->offset, p->size);
	unsigned int unused = 64 - 8 * p->size;

	out__key(o, p->name);
	switch (p->how) {
	case AS_SIGNED:
		out__signed(o, (int64_t)(n << unused) >> unused);
		break;
	case AS_UNSIGNED:
		out__unsigned(o, n);
		break;
	case AS_HEX:
		out__hex(o, n);
		break;
	case AS_ADDRESS:
		out__address(o, n);
		break;
	case AS_FLAGS:
		out__flags(o, &tables[p->table], n);
		break;
	case AS_ENUM:
		out__enum(o, &tables[p->table], n, false);
		break;
	case AS_SIGNAL:
		out__signal(o, (int32_t)n);
		break;
	}
}

static void parts(struct out *o, const struct span *s, const struct part *list, unsigned int count)
{
	out__open(o, '{');
	for (unsigned int i = 0; i < count; i++)
		if (span__has(s, list[i].offset, list[i].size))
			one(o, s, &list[i]);
	out__close(o, '}');
}

/* struct sigevent: a value for the handler, then the signal and how to tell. */
static void sigevent(struct out *o, const struct span *s)
{
	uint32_t notify = span__get(s, 12, 4);

	out__open(o, '{');
	if (o->json || span__get(s, 0, 8)) {
		out__key(o, "sigev_value");
		out__open(o, '{');
		out__key(o, "sival_int");
		out__signed(o, (int32_t)span__get(s, 0, 4));
		out__key(o, "sival_ptr");
		out__address(o, span__get(s, 0, 8));
		out__close(o, '}');
	}
	out__key(o, "sigev_signo");
	out__signal(o, (int32_t)span__get(s, 8, 4));
	out__key(o, "sigev_notify");
	out__enum(o, &tables[TABLE_sigev_notify], notify, false);
	if (notify == 4) { /* SIGEV_THREAD_ID */
		out__key(o, "sigev_notify_thread_id");
		out__signed(o, (int32_t)span__get(s, 16, 4));
	}
	out__close(o, '}');
}

void out__rare(struct out *o, unsigned int kind, const struct span *s)
{
#define PARTS(which, list)                                                                         \
	case KIND_##which:                                                                         \
		parts(o, s, list, ARRAY_SIZE(list));                                               \
		break;
	switch (kind) {
		PARTS(utimbuf, utimbuf)
		PARTS(sembuf, sembuf)
		PARTS(sched_attr, sched_attr)
		PARTS(io_event, io_event)
		PARTS(futex_waitv, futex_waitv)
		PARTS(mq_attr, mq_attr)
		PARTS(mount_attr, mount_attr)
		PARTS(flock, file_lock)
		PARTS(winsize, winsize)
		PARTS(termios, termios)
		PARTS(remote_iovec, remote_iovec)
	case KIND_sigevent:
		sigevent(o, s);
		break;
	}
#undef PARTS
}
