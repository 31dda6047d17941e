// SPDX-License-Identifier: Apache-2.0
/* How do the smaller structures look: of ipc, scheduling, timers, locks, terminals, mounts? */
#include "members.h"
#include "tables.h"

static const struct member utimbuf[] = {{"actime", NULL, 0, 8, AS_SIGNED},
					{"modtime", NULL, 8, 8, AS_SIGNED}};

static const struct member sembuf[] = {
	{"sem_num", NULL, 0, 2, AS_UNSIGNED},
	{"sem_op", NULL, 2, 2, AS_SIGNED},
	{"sem_flg", &tables[TABLE_sem_flags], 4, 2, AS_FLAGS},
};

static const struct member sched_attr[] = {
	{"size", NULL, 0, 4, AS_UNSIGNED},
	{"sched_policy", &tables[TABLE_sched_policy], 4, 4, AS_ENUM},
	{"sched_flags", &tables[TABLE_sched_flags], 8, 8, AS_FLAGS},
	{"sched_nice", NULL, 16, 4, AS_SIGNED},
	{"sched_priority", NULL, 20, 4, AS_UNSIGNED},
	{"sched_runtime", NULL, 24, 8, AS_UNSIGNED},
	{"sched_deadline", NULL, 32, 8, AS_UNSIGNED},
	{"sched_period", NULL, 40, 8, AS_UNSIGNED},
	{"sched_util_min", NULL, 48, 4, AS_UNSIGNED, .optional = true},
	{"sched_util_max", NULL, 52, 4, AS_UNSIGNED, .optional = true},
};

static const struct member io_event[] = {
	{"data", NULL, 0, 8, AS_HEX},
	{"obj", NULL, 8, 8, AS_ADDRESS},
	{"res", NULL, 16, 8, AS_SIGNED},
	{"res2", NULL, 24, 8, AS_SIGNED},
};

static const struct member futex_waitv[] = {
	{"val", NULL, 0, 8, AS_HEX},
	{"uaddr", NULL, 8, 8, AS_ADDRESS},
	{"flags", &tables[TABLE_futex2], 16, 4, AS_FLAGS},
};

static const struct member mq_attr[] = {
	{"mq_flags", &tables[TABLE_pipe], 0, 8, AS_FLAGS},
	{"mq_maxmsg", NULL, 8, 8, AS_SIGNED},
	{"mq_msgsize", NULL, 16, 8, AS_SIGNED},
	{"mq_curmsgs", NULL, 24, 8, AS_SIGNED},
};

static const struct member mount_attr[] = {
	{"attr_set", &tables[TABLE_mount_attr], 0, 8, AS_FLAGS},
	{"attr_clr", &tables[TABLE_mount_attr], 8, 8, AS_FLAGS},
	{"propagation", &tables[TABLE_mount_propagation], 16, 8, AS_FLAGS},
	{"userns_fd", NULL, 24, 8, AS_UNSIGNED},
};

static const struct member file_lock[] = {
	{"l_type", &tables[TABLE_lock_type], 0, 2, AS_ENUM},
	{"l_whence", &tables[TABLE_whence], 2, 2, AS_ENUM},
	{"l_start", NULL, 8, 8, AS_SIGNED},
	{"l_len", NULL, 16, 8, AS_SIGNED},
};

static const struct member winsize[] = {
	{"ws_row", NULL, 0, 2, AS_UNSIGNED},
	{"ws_col", NULL, 2, 2, AS_UNSIGNED},
	{"ws_xpixel", NULL, 4, 2, AS_UNSIGNED},
	{"ws_ypixel", NULL, 6, 2, AS_UNSIGNED},
};

static const struct member termios[] = {
	{"c_iflag", NULL, 0, 4, AS_HEX},
	{"c_oflag", NULL, 4, 4, AS_HEX},
	{"c_cflag", NULL, 8, 4, AS_HEX},
	{"c_lflag", NULL, 12, 4, AS_HEX},
};

static const struct member remote_iovec[] = {{"iov_base", NULL, 0, 8, AS_ADDRESS},
					     {"iov_len", NULL, 8, 8, AS_UNSIGNED}};

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
#define LIST(which, list)                                                                          \
	case KIND_##which:                                                                         \
		members__out(o, s, list, ARRAY_SIZE(list));                                        \
		break;
	switch (kind) {
		LIST(utimbuf, utimbuf)
		LIST(sembuf, sembuf)
		LIST(sched_attr, sched_attr)
		LIST(io_event, io_event)
		LIST(futex_waitv, futex_waitv)
		LIST(mq_attr, mq_attr)
		LIST(mount_attr, mount_attr)
		LIST(flock, file_lock)
		LIST(winsize, winsize)
		LIST(termios, termios)
		LIST(remote_iovec, remote_iovec)
	case KIND_sigevent:
		sigevent(o, s);
		break;
	}
#undef LIST
}
