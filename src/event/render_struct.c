// SPDX-License-Identifier: Apache-2.0
/*
 * How do the kernel's structures look? Most are tables of members here. Text shows the members that strace shows,
 * JSON shows all of them.
 */
#include "out.h"
#include "tables.h"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/timex.h>
#include <sys/vfs.h>

enum how {
	AS_UNSIGNED,
	AS_SIGNED,
	AS_HEX,
	AS_ADDRESS,
	AS_FLAGS,
	AS_ENUM,
	AS_FMODE,
	AS_DEV,
	AS_ID,
	AS_TEXT,
	AS_SIGNAL,
	AS_FD,
	AS_TIMESPEC,
	AS_TIMEVAL,
	AS_STATX_TIME,
	AS_LOADS,
	AS_FSID,
	AS_MODE,
	AS_CAPS,
};

struct member {
	const char *name;
	const struct values *values;
	uint16_t offset;
	uint16_t size;
	uint8_t how;
	bool full; /* in JSON only; text says "..." once */
};

#define MEMBER(type, member, as, ...)                                                              \
	{                                                                                          \
		.name = #member, .offset = offsetof(struct type, member),                          \
		.size = sizeof(((struct type *)0)->member), .how = as, __VA_ARGS__                 \
	}

static void one_member(struct out *o, const struct span *s, const struct member *m)
{
	uint64_t n = m->size <= 8 ? span__get(s, m->offset, m->size) : 0;
	struct span part = span__from(s, m->offset, m->size);

	switch (m->how) {
	case AS_UNSIGNED:
		out__unsigned(o, n);
		break;
	case AS_SIGNED:
		out__signed(o, m->size == 4 ? (int32_t)n : m->size == 2 ? (int16_t)n : (int64_t)n);
		break;
	case AS_HEX:
		out__hex(o, n);
		break;
	case AS_ADDRESS:
		out__address(o, n);
		break;
	case AS_FLAGS:
		out__flags(o, m->values, n);
		break;
	case AS_ENUM:
		out__enum(o, m->values, n, true);
		break;
	case AS_FMODE:
		out__fmode(o, n);
		break;
	case AS_MODE:
		out__mode(o, n);
		break;
	case AS_DEV:
		out__dev(o, n);
		break;
	case AS_ID:
		out__id(o, n);
		break;
	case AS_TEXT:
		out__name(o, part.data, part.size);
		break;
	case AS_SIGNAL:
		out__signal(o, (int32_t)n);
		break;
	case AS_FD:
		out__fd(o, (int32_t)n, NULL);
		break;
	case AS_TIMESPEC:
		out__timespec(o, &part, "tv_nsec");
		break;
	case AS_TIMEVAL:
		out__timespec(o, &part, "tv_usec");
		break;
	case AS_STATX_TIME:
		out__open(o, '{');
		out__key(o, "tv_sec");
		out__signed(o, span__get(&part, 0, 8));
		out__key(o, "tv_nsec");
		out__unsigned(o, span__get(&part, 8, 4));
		out__close(o, '}');
		break;
	case AS_LOADS:
		out__open(o, '[');
		for (unsigned int i = 0; i < 3; i++) {
			out__element(o);
			out__unsigned(o, span__get(&part, i * 8, 8));
		}
		out__close(o, ']');
		break;
	case AS_FSID:
		out__open(o, '{');
		out__key(o, "val");
		out__open(o, '[');
		for (unsigned int i = 0; i < 2; i++) {
			out__element(o);
			out__hex(o, span__get(&part, i * 4, 4));
		}
		out__close(o, ']');
		out__close(o, '}');
		break;
	case AS_CAPS:
		/* struct __user_cap_data_struct[2]: the upper 32 capabilities are in the second. */
		out__caps(o, n | span__get(s, m->offset + 12, 4) << 32);
		break;
	}
}

static void members(struct out *o, const struct span *s, const struct member *m, unsigned int count)
{
	bool more = false;

	out__open(o, '{');
	for (unsigned int i = 0; i < count; i++) {
		if (m[i].full && !o->json) {
			more = true;
			continue;
		}
		if (!span__has(s, m[i].offset, m[i].how == AS_TEXT ? 1 : m[i].size)) {
			more = true;
			continue;
		}
		out__key(o, m[i].name);
		one_member(o, s, &m[i]);
	}
	if (more)
		out__more(o);
	out__close(o, '}');
}

static void file_stat(struct out *o, const struct span *s)
{
	static const struct member table[] = {
		MEMBER(stat, st_dev, AS_DEV, .full = true),
		MEMBER(stat, st_ino, AS_UNSIGNED, .full = true),
		MEMBER(stat, st_mode, AS_FMODE),
		MEMBER(stat, st_nlink, AS_UNSIGNED, .full = true),
		MEMBER(stat, st_uid, AS_ID, .full = true),
		MEMBER(stat, st_gid, AS_ID, .full = true),
		MEMBER(stat, st_rdev, AS_DEV, .full = true),
		MEMBER(stat, st_size, AS_SIGNED, .full = true),
		MEMBER(stat, st_blksize, AS_SIGNED, .full = true),
		MEMBER(stat, st_blocks, AS_SIGNED, .full = true),
		{"st_atime", .offset = offsetof(struct stat, st_atim), .size = 16, .how = AS_TIMESPEC, .full = true},
		{"st_mtime", .offset = offsetof(struct stat, st_mtim), .size = 16, .how = AS_TIMESPEC, .full = true},
		{"st_ctime", .offset = offsetof(struct stat, st_ctim), .size = 16, .how = AS_TIMESPEC, .full = true},
	};
	uint32_t mode;

	if (o->json) {
		members(o, s, table, ARRAY_SIZE(table));
		return;
	}
	mode = span__get(s, offsetof(struct stat, st_mode), 4);
	out__open(o, '{');
	out__key(o, "st_mode");
	out__fmode(o, mode);
	if (S_ISCHR(mode) || S_ISBLK(mode)) {
		out__key(o, "st_rdev");
		out__dev(o, span__get(s, offsetof(struct stat, st_rdev), 8));
	} else {
		out__key(o, "st_size");
		out__signed(o, span__get(s, offsetof(struct stat, st_size), 8));
	}
	out__more(o);
	out__close(o, '}');
}

static const struct member statx_table[] = {
	MEMBER(statx, stx_mask, AS_FLAGS, .values = &tables[TABLE_statx]),
	MEMBER(statx, stx_blksize, AS_UNSIGNED, .full = true),
	MEMBER(statx, stx_attributes, AS_FLAGS, .values = &tables[TABLE_statx_attributes]),
	MEMBER(statx, stx_nlink, AS_UNSIGNED, .full = true),
	MEMBER(statx, stx_uid, AS_ID, .full = true),
	MEMBER(statx, stx_gid, AS_ID, .full = true),
	MEMBER(statx, stx_mode, AS_FMODE),
	MEMBER(statx, stx_ino, AS_UNSIGNED, .full = true),
	MEMBER(statx, stx_size, AS_UNSIGNED),
	MEMBER(statx, stx_blocks, AS_UNSIGNED, .full = true),
	MEMBER(statx, stx_attributes_mask, AS_HEX, .full = true),
	MEMBER(statx, stx_atime, AS_STATX_TIME, .full = true),
	MEMBER(statx, stx_btime, AS_STATX_TIME, .full = true),
	MEMBER(statx, stx_ctime, AS_STATX_TIME, .full = true),
	MEMBER(statx, stx_mtime, AS_STATX_TIME, .full = true),
	MEMBER(statx, stx_rdev_major, AS_UNSIGNED, .full = true),
	MEMBER(statx, stx_rdev_minor, AS_UNSIGNED, .full = true),
	MEMBER(statx, stx_dev_major, AS_UNSIGNED, .full = true),
	MEMBER(statx, stx_dev_minor, AS_UNSIGNED, .full = true),
	{"stx_mnt_id", .offset = 0x90, .size = 8, .how = AS_UNSIGNED, .full = true},
};

static const struct member statfs_table[] = {
	MEMBER(statfs, f_type, AS_ENUM, .values = &tables[TABLE_filesystem]),
	MEMBER(statfs, f_bsize, AS_UNSIGNED),
	MEMBER(statfs, f_blocks, AS_UNSIGNED),
	MEMBER(statfs, f_bfree, AS_UNSIGNED),
	MEMBER(statfs, f_bavail, AS_UNSIGNED),
	MEMBER(statfs, f_files, AS_UNSIGNED),
	MEMBER(statfs, f_ffree, AS_UNSIGNED),
	MEMBER(statfs, f_fsid, AS_FSID),
	MEMBER(statfs, f_namelen, AS_UNSIGNED),
	MEMBER(statfs, f_frsize, AS_UNSIGNED),
	MEMBER(statfs, f_flags, AS_FLAGS, .values = &tables[TABLE_statfs_flags]),
};

static const struct member timex_table[] = {
	MEMBER(timex, modes, AS_FLAGS, .values = &tables[TABLE_timex_modes]),
	MEMBER(timex, offset, AS_SIGNED),
	MEMBER(timex, freq, AS_SIGNED),
	MEMBER(timex, maxerror, AS_UNSIGNED),
	MEMBER(timex, esterror, AS_UNSIGNED),
	MEMBER(timex, status, AS_FLAGS, .values = &tables[TABLE_timex_status]),
	MEMBER(timex, constant, AS_SIGNED),
	MEMBER(timex, precision, AS_UNSIGNED),
	MEMBER(timex, tolerance, AS_SIGNED),
	MEMBER(timex, time, AS_TIMEVAL),
	MEMBER(timex, tick, AS_SIGNED),
	MEMBER(timex, ppsfreq, AS_SIGNED),
	MEMBER(timex, jitter, AS_SIGNED),
	MEMBER(timex, shift, AS_SIGNED),
	MEMBER(timex, stabil, AS_SIGNED),
	MEMBER(timex, jitcnt, AS_SIGNED),
	MEMBER(timex, calcnt, AS_SIGNED),
	MEMBER(timex, errcnt, AS_SIGNED),
	MEMBER(timex, stbcnt, AS_SIGNED),
	MEMBER(timex, tai, AS_SIGNED),
};

static const struct member sysinfo_table[] = {
	MEMBER(sysinfo, uptime, AS_SIGNED),	   MEMBER(sysinfo, loads, AS_LOADS),
	MEMBER(sysinfo, totalram, AS_UNSIGNED),	   MEMBER(sysinfo, freeram, AS_UNSIGNED),
	MEMBER(sysinfo, sharedram, AS_UNSIGNED),   MEMBER(sysinfo, bufferram, AS_UNSIGNED),
	MEMBER(sysinfo, totalswap, AS_UNSIGNED),   MEMBER(sysinfo, freeswap, AS_UNSIGNED),
	MEMBER(sysinfo, procs, AS_UNSIGNED),	   MEMBER(sysinfo, totalhigh, AS_UNSIGNED),
	MEMBER(sysinfo, freehigh, AS_UNSIGNED),	   MEMBER(sysinfo, mem_unit, AS_UNSIGNED),
};

static const struct member rusage_table[] = {
	MEMBER(rusage, ru_utime, AS_TIMEVAL),
	MEMBER(rusage, ru_stime, AS_TIMEVAL),
	MEMBER(rusage, ru_maxrss, AS_SIGNED, .full = true),
	MEMBER(rusage, ru_ixrss, AS_SIGNED, .full = true),
	MEMBER(rusage, ru_idrss, AS_SIGNED, .full = true),
	MEMBER(rusage, ru_isrss, AS_SIGNED, .full = true),
	MEMBER(rusage, ru_minflt, AS_SIGNED, .full = true),
	MEMBER(rusage, ru_majflt, AS_SIGNED, .full = true),
	MEMBER(rusage, ru_nswap, AS_SIGNED, .full = true),
	MEMBER(rusage, ru_inblock, AS_SIGNED, .full = true),
	MEMBER(rusage, ru_oublock, AS_SIGNED, .full = true),
	MEMBER(rusage, ru_msgsnd, AS_SIGNED, .full = true),
	MEMBER(rusage, ru_msgrcv, AS_SIGNED, .full = true),
	MEMBER(rusage, ru_nsignals, AS_SIGNED, .full = true),
	MEMBER(rusage, ru_nvcsw, AS_SIGNED, .full = true),
	MEMBER(rusage, ru_nivcsw, AS_SIGNED, .full = true),
};

static const struct member utsname_table[] = {
	{"sysname", .offset = 0, .size = 65, .how = AS_TEXT},
	{"nodename", .offset = 65, .size = 65, .how = AS_TEXT},
	{"release", .offset = 130, .size = 65, .how = AS_TEXT, .full = true},
	{"version", .offset = 195, .size = 65, .how = AS_TEXT, .full = true},
	{"machine", .offset = 260, .size = 65, .how = AS_TEXT, .full = true},
	{"domainname", .offset = 325, .size = 65, .how = AS_TEXT, .full = true},
};

static const struct member tms_table[] = {
	{"tms_utime", .offset = 0, .size = 8, .how = AS_SIGNED},
	{"tms_stime", .offset = 8, .size = 8, .how = AS_SIGNED},
	{"tms_cutime", .offset = 16, .size = 8, .how = AS_SIGNED},
	{"tms_cstime", .offset = 24, .size = 8, .how = AS_SIGNED},
};

static const struct member itimerspec_table[] = {
	{"it_interval", .offset = 0, .size = 16, .how = AS_TIMESPEC},
	{"it_value", .offset = 16, .size = 16, .how = AS_TIMESPEC},
};

static const struct member itimerval_table[] = {
	{"it_interval", .offset = 0, .size = 16, .how = AS_TIMEVAL},
	{"it_value", .offset = 16, .size = 16, .how = AS_TIMEVAL},
};

static const struct member timezone_table[] = {
	{"tz_minuteswest", .offset = 0, .size = 4, .how = AS_SIGNED},
	{"tz_dsttime", .offset = 4, .size = 4, .how = AS_SIGNED},
};

static const struct member sigaltstack_table[] = {
	{"ss_sp", .offset = 0, .size = 8, .how = AS_ADDRESS},
	{"ss_flags", &tables[TABLE_ss_flags], .offset = 8, .size = 4, .how = AS_FLAGS},
	{"ss_size", .offset = 16, .size = 8, .how = AS_UNSIGNED},
};

static const struct member cap_header_table[] = {
	{"version", &tables[TABLE_cap_version], .offset = 0, .size = 4, .how = AS_ENUM},
	{"pid", .offset = 4, .size = 4, .how = AS_SIGNED},
};

static const struct member cap_data_table[] = {
	{"effective", .offset = 0, .size = 4, .how = AS_CAPS},
	{"permitted", .offset = 4, .size = 4, .how = AS_CAPS},
	{"inheritable", .offset = 8, .size = 4, .how = AS_CAPS},
};

static void limit(struct out *o, const char *name, uint64_t n)
{
	out__key(o, name);
	if (n == ~0ull) {
		out__symbol(o, "RLIM64_INFINITY");
	} else if (o->json || n < 1024 || n % 1024) {
		out__unsigned(o, n);
	} else {
		buffer__unsigned(o->b, n / 1024);
		buffer__bytes(o->b, "*1024", 5);
	}
}

static void resource_limit(struct out *o, const struct span *s)
{
	out__open(o, '{');
	limit(o, "rlim_cur", span__get(s, 0, 8));
	limit(o, "rlim_max", span__get(s, 8, 8));
	out__close(o, '}');
}

static void epoll_event(struct out *o, const struct span *s)
{
	uint64_t data = span__get(s, offsetof(struct epoll_event, data), 8);

	out__open(o, '{');
	out__key(o, "events");
	out__flags(o, &tables[TABLE_epoll], span__get(s, 0, 4));
	out__key(o, "data");
	out__open(o, '{');
	out__key(o, "u32");
	out__unsigned(o, (uint32_t)data);
	out__key(o, "u64");
	out__unsigned(o, data);
	out__close(o, '}');
	out__close(o, '}');
}

static void pollfd(struct out *o, const struct span *s)
{
	int32_t fd = span__get(s, 0, 4);

	out__open(o, '{');
	out__key(o, "fd");
	out__fd(o, fd, NULL);
	if (fd >= 0) {
		out__key(o, "events");
		out__flags(o, &tables[TABLE_poll], span__get(s, 4, 2));
	}
	if (o->json) {
		out__key(o, "revents");
		out__flags(o, &tables[TABLE_poll], span__get(s, 6, 2));
	}
	out__close(o, '}');
}

static void clone_args(struct out *o, const struct span *s)
{
	uint64_t flags = span__get(s, 0, 8), stack = span__get(s, 40, 8), tls = span__get(s, 56, 8);

	out__open(o, '{');
	out__key(o, "flags");
	out__flags(o, &tables[TABLE_clone3], flags);
	if (flags & 0x1000) {
		out__key(o, "pidfd");
		out__address(o, span__get(s, 8, 8));
	}
	if (flags & 0x01200000) {
		out__key(o, "child_tid");
		out__address(o, span__get(s, 16, 8));
	}
	if (flags & 0x00100000) {
		out__key(o, "parent_tid");
		out__address(o, span__get(s, 24, 8));
	}
	out__key(o, "exit_signal");
	out__signal(o, span__get(s, 32, 8));
	out__key(o, "stack");
	out__address(o, stack);
	out__key(o, "stack_size");
	out__hex(o, span__get(s, 48, 8));
	if (flags & 0x00080000) {
		out__key(o, "tls");
		out__address(o, tls);
	}
	if (s->size >= 80 && span__get(s, 72, 8)) {
		out__key(o, "set_tid");
		out__address(o, span__get(s, 64, 8));
		out__key(o, "set_tid_size");
		out__unsigned(o, span__get(s, 72, 8));
	}
	if (s->size >= 88 && (flags & 0x200000000ull)) {
		out__key(o, "cgroup");
		out__unsigned(o, span__get(s, 80, 8));
	}
	out__close(o, '}');
}

static void open_how(struct out *o, const struct span *s)
{
	uint64_t flags = span__get(s, 0, 8), mode = span__get(s, 8, 8);

	out__open(o, '{');
	out__key(o, "flags");
	out__flags(o, &tables[TABLE_open], flags);
	if (mode || (flags & 0100) || (flags & 020200000) == 020200000) {
		out__key(o, "mode");
		out__mode(o, mode);
	}
	out__key(o, "resolve");
	out__flags(o, &tables[TABLE_resolve], span__get(s, 16, 8));
	out__close(o, '}');
}

/* struct linux_dirent64. Text counts them as strace does; JSON has their names. */
static void dirents(struct out *o, const struct span *s, const struct value *v)
{
	size_t at = 0, count = 0;

	if (o->json)
		out__open(o, '[');
	while (span__has(s, at, 19)) {
		size_t size = span__get(s, at + 16, 2);

		if (size < 19)
			break;
		if (o->json) {
			struct span name = span__from(s, at + 19, size - 19);

			out__element(o);
			out__name(o, name.data, name.size);
		}
		count++;
		at += size;
	}
	if (o->json) {
		out__close(o, ']');
		return;
	}
	out__address(o, v->number);
	paint(o->b, o->r, PAINT_QUIET);
	buffer__text(o->b, v->cut ? " /* at least " : " /* ");
	buffer__unsigned(o->b, count);
	buffer__text(o->b, count == 1 ? " entry */" : " entries */");
	paint(o->b, o->r, PAINT_END);
}

/* Numbers of the bits that are set: [0 1], as strace shows sets of CPUs and descriptors. */
static void bits(struct out *o, const struct span *s)
{
	size_t shown = 0;

	out__open(o, '[');
	for (size_t i = 0; i < s->size * 8; i++) {
		if (!(s->data[i / 8] >> (i % 8) & 1))
			continue;
		if (shown++ == out__limit(o)) {
			buffer__bytes(o->b, " ...", 4);
			break;
		}
		if (o->json)
			out__element(o);
		else if (shown > 1)
			buffer__char(o->b, ' ');
		buffer__unsigned(o->b, i);
	}
	out__close(o, ']');
}

#define TABLE(table) members(o, s, table, ARRAY_SIZE(table))

static void element(struct out *o, unsigned int kind, const struct span *s);

/* Of access and of modification. */
static void pair(struct out *o, unsigned int kind, const struct span *s)
{
	struct span first = span__from(s, 0, 16), second = span__from(s, 16, 16);

	out__open(o, '[');
	out__element(o);
	element(o, kind, &first);
	o->comma = true;
	out__element(o);
	element(o, kind, &second);
	out__close(o, ']');
}

static void element(struct out *o, unsigned int kind, const struct span *s)
{
	switch (kind) {
	case KIND_timespec:
		if (!o->json && s->size >= 16 && (span__get(s, 8, 8) | 1) == 0x3fffffff)
			out__symbol(o, span__get(s, 8, 8) & 1 ? "UTIME_NOW" : "UTIME_OMIT");
		else
			out__timespec(o, s, "tv_nsec");
		break;
	case KIND_timeval:
		out__timespec(o, s, "tv_usec");
		break;
	case KIND_itimerspec:
		TABLE(itimerspec_table);
		break;
	case KIND_itimerval:
		TABLE(itimerval_table);
		break;
	case KIND_timezone:
		TABLE(timezone_table);
		break;
	case KIND_timex:
		TABLE(timex_table);
		break;
	case KIND_tms:
		TABLE(tms_table);
		break;
	case KIND_stat:
		file_stat(o, s);
		break;
	case KIND_statx:
		TABLE(statx_table);
		break;
	case KIND_statfs:
		TABLE(statfs_table);
		break;
	case KIND_rlimit:
		resource_limit(o, s);
		break;
	case KIND_rusage:
		TABLE(rusage_table);
		break;
	case KIND_sysinfo:
		TABLE(sysinfo_table);
		break;
	case KIND_utsname:
		TABLE(utsname_table);
		break;
	case KIND_sigaltstack:
		TABLE(sigaltstack_table);
		break;
	case KIND_pollfd:
		pollfd(o, s);
		break;
	case KIND_epoll_event:
		epoll_event(o, s);
		break;
	case KIND_cap_header:
		TABLE(cap_header_table);
		break;
	case KIND_cap_data:
		TABLE(cap_data_table);
		break;
	case KIND_time_at:
	case KIND_long_at:
		out__signed(o, span__get(s, 0, 8));
		break;
	case KIND_int_at:
	case KIND_pid_at:
		out__signed(o, (int32_t)span__get(s, 0, 4));
		break;
	case KIND_uint_at:
		out__unsigned(o, span__get(s, 0, 4));
		break;
	case KIND_ulong_at:
		out__unsigned(o, span__get(s, 0, 8));
		break;
	case KIND_address_at:
		out__hex(o, span__get(s, 0, 8));
		break;
	case KIND_uid_at:
	case KIND_gid_at:
		out__id(o, span__get(s, 0, 4));
		break;
	case KIND_timespec_pair:
	case KIND_timeval_pair:
		pair(o, kind == KIND_timespec_pair ? KIND_timespec : KIND_timeval, s);
		break;
	default:
		out__rare(o, kind, s);
	}
}

/* Integers behind a pointer stand in brackets, [16]; those that the call changed as [128 => 16]. */
static void numbers(struct out *o, const struct value *v, const struct span *s)
{
	const struct sonde_item *old = v->field->direction == FIELD_INOUT && !o->json ?
					       event__item(o->e, v->field, SONDE_ITEM_OLD) : NULL;
	size_t size = kinds[v->field->kind].size, shown = 0;
	bool array = v->field->length && !(v->field->length & LENGTH_AT);

	if (o->json && !array) {
		element(o, v->field->kind, s);
		return;
	}
	out__open(o, '[');
	if (old && old->size >= size && s->size >= size && memcmp(item__data(old), s->data, size)) {
		struct span before = {item__data(old), size};

		element(o, v->field->kind, &before);
		buffer__bytes(o->b, " => ", 4);
	}
	for (size_t at = 0; at + size <= s->size; at += size) {
		struct span one = span__from(s, at, size);

		out__element(o);
		if (shown++ == out__limit(o)) {
			o->comma = false;
			buffer__bytes(o->b, "...", 3);
			break;
		}
		element(o, v->field->kind, &one);
	}
	out__close(o, ']');
}

static void fds(struct out *o, const struct value *v, const struct span *s)
{
	const struct file *file = v->file;

	out__open(o, '[');
	for (size_t at = 0; at + 4 <= s->size; at += 4) {
		out__element(o);
		out__fd(o, (int32_t)span__get(s, at, 4), file);
		file = at ? NULL : v->other;
	}
	out__close(o, ']');
}

/* Most are an int; of the others only the bytes are known. */
static void socket_option(struct out *o, const struct value *v, const struct span *s)
{
	if (s->size != 4) {
		out__bytes(o, s->data, s->size, v->cut);
		return;
	}
	if (!o->json)
		buffer__char(o->b, '[');
	out__signed(o, (int32_t)span__get(s, 0, 4));
	if (!o->json)
		buffer__char(o->b, ']');
}

static void structures(struct out *o, const struct value *v, const struct span *s)
{
	unsigned int kind = v->field->kind;
	size_t size = kinds[kind].size, shown = 0;

	if (!v->field->length && s->size <= size) {
		element(o, kind, s);
		return;
	}
	out__open(o, '[');
	for (size_t at = 0; at < s->size; at += size) {
		struct span one = span__from(s, at, size);

		if (shown++ == out__limit(o)) {
			out__more(o);
			break;
		}
		out__element(o);
		element(o, kind, &one);
		o->comma = true;
	}
	if (v->cut)
		out__more(o);
	out__close(o, ']');
}

bool render__structure(struct out *o, const struct value *v)
{
	struct span s = {v->data, v->size};

	switch (v->field->kind) {
	case KIND_time_at:
	case KIND_int_at:
	case KIND_uint_at:
	case KIND_long_at:
	case KIND_ulong_at:
	case KIND_address_at:
	case KIND_pid_at:
	case KIND_uid_at:
	case KIND_gid_at:
		numbers(o, v, &s);
		return true;
	case KIND_sockopt:
		socket_option(o, v, &s);
		return true;
	case KIND_fd_at:
	case KIND_fd_pair:
		fds(o, v, &s);
		return true;
	case KIND_fd_set:
	case KIND_cpu_set:
		bits(o, &s);
		return true;
	case KIND_dirents:
		dirents(o, &s, v);
		return true;
	case KIND_clone_args:
		clone_args(o, &s);
		return true;
	case KIND_open_how:
		open_how(o, &s);
		return true;
	case KIND_timespec:
	case KIND_timeval:
	case KIND_itimerspec:
	case KIND_itimerval:
	case KIND_timezone:
	case KIND_timex:
	case KIND_tms:
	case KIND_stat:
	case KIND_statx:
	case KIND_statfs:
	case KIND_rlimit:
	case KIND_rusage:
	case KIND_sysinfo:
	case KIND_utsname:
	case KIND_sigaltstack:
	case KIND_pollfd:
	case KIND_epoll_event:
	case KIND_cap_header:
	case KIND_cap_data:
	case KIND_timespec_pair:
	case KIND_timeval_pair:
	case KIND_utimbuf:
	case KIND_sembuf:
	case KIND_sched_attr:
	case KIND_sigevent:
	case KIND_io_event:
	case KIND_futex_waitv:
	case KIND_mq_attr:
	case KIND_flock:
	case KIND_winsize:
	case KIND_termios:
	case KIND_remote_iovec:
		structures(o, v, &s);
		return true;
	case KIND_mount_attr:
		out__rare(o, KIND_mount_attr, &s);
		return true;
	}
	return false;
}
