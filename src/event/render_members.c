// SPDX-License-Identifier: Apache-2.0
/*
 * How do structures look that are a list of members? Text shows the members that strace shows, JSON
 * all of them.
 */
#include "members.h"
#include "tables.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/timex.h>
#include <sys/vfs.h>

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
	case AS_BITS:
		out__unsigned(o, n >> m->shift & ((1ull << m->bits) - 1));
		break;
	case AS_STRUCT:
		(void)out__members(o, m->kind, &part);
		break;
	case AS_SOCKADDR:
		out__sockaddr(o, &part, false);
		break;
	case AS_INET:
		out__inet(o, &part);
		break;
	case AS_OCTETS:
		out__octets(o, &part);
		break;
	case AS_CAPS:
		/* struct __user_cap_data_struct[2]: the upper 32 capabilities are in the second. */
		out__caps(o, n | span__get(s, m->offset + 12, 4) << 32);
		break;
	}
}

static bool applies(const struct member *m, const struct span *s)
{
	uint32_t part = span__get(s, m->at, 4) & m->mask;

	return !m->mask || (part >= m->low && part <= m->high);
}

/* Nothing that text shows. */
static bool is_quiet(const struct member *m, const struct span *s)
{
	uint64_t n;

	if (!m->nonzero || m->size > sizeof(n))
		return false;
	n = span__get(s, m->offset, m->size);
	return !(m->how == AS_BITS ? n >> m->shift & ((1ull << m->bits) - 1) : n);
}

void members__out(struct out *o, const struct span *s, const struct member *m, unsigned int count)
{
	bool more = false;

	out__open(o, '{');
	for (unsigned int i = 0; i < count; i++) {
		if (!applies(&m[i], s) || (!o->json && is_quiet(&m[i], s)))
			continue;
		if (m[i].full && !o->json) {
			more = true;
			continue;
		}
		if (!span__has(s, m[i].offset,
			       m[i].how == AS_TEXT || m[i].how == AS_STRUCT ? 1 : m[i].size)) {
			more |= !m[i].optional;
			continue;
		}
		if (m[i].how == AS_FD) {
			out__fd_member(o, m[i].name, (int32_t)span__get(s, m[i].offset, m[i].size));
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
		{"st_atime", .offset = offsetof(struct stat, st_atim), .size = 16,
		 .how = AS_TIMESPEC, .full = true},
		{"st_mtime", .offset = offsetof(struct stat, st_mtim), .size = 16,
		 .how = AS_TIMESPEC, .full = true},
		{"st_ctime", .offset = offsetof(struct stat, st_ctim), .size = 16,
		 .how = AS_TIMESPEC, .full = true},
	};
	uint32_t mode;

	if (o->json) {
		members__out(o, s, table, ARRAY_SIZE(table));
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
	MEMBER(sysinfo, uptime, AS_SIGNED),      MEMBER(sysinfo, loads, AS_LOADS),
	MEMBER(sysinfo, totalram, AS_UNSIGNED),  MEMBER(sysinfo, freeram, AS_UNSIGNED),
	MEMBER(sysinfo, sharedram, AS_UNSIGNED), MEMBER(sysinfo, bufferram, AS_UNSIGNED),
	MEMBER(sysinfo, totalswap, AS_UNSIGNED), MEMBER(sysinfo, freeswap, AS_UNSIGNED),
	MEMBER(sysinfo, procs, AS_UNSIGNED),     MEMBER(sysinfo, totalhigh, AS_UNSIGNED),
	MEMBER(sysinfo, freehigh, AS_UNSIGNED),  MEMBER(sysinfo, mem_unit, AS_UNSIGNED),
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

bool out__members(struct out *o, unsigned int kind, const struct span *s)
{
	static const struct member_list lists[KINDS] = {
		[KIND_itimerspec] = {itimerspec_table, ARRAY_SIZE(itimerspec_table)},
		[KIND_itimerval] = {itimerval_table, ARRAY_SIZE(itimerval_table)},
		[KIND_timezone] = {timezone_table, ARRAY_SIZE(timezone_table)},
		[KIND_timex] = {timex_table, ARRAY_SIZE(timex_table)},
		[KIND_tms] = {tms_table, ARRAY_SIZE(tms_table)},
		[KIND_statx] = {statx_table, ARRAY_SIZE(statx_table)},
		[KIND_statfs] = {statfs_table, ARRAY_SIZE(statfs_table)},
		[KIND_rusage] = {rusage_table, ARRAY_SIZE(rusage_table)},
		[KIND_sysinfo] = {sysinfo_table, ARRAY_SIZE(sysinfo_table)},
		[KIND_utsname] = {utsname_table, ARRAY_SIZE(utsname_table)},
		[KIND_sigaltstack] = {sigaltstack_table, ARRAY_SIZE(sigaltstack_table)},
		[KIND_cap_header] = {cap_header_table, ARRAY_SIZE(cap_header_table)},
		[KIND_cap_data] = {cap_data_table, ARRAY_SIZE(cap_data_table)},
	};
	const struct member_list *other = members__of(kind);

	if (kind == KIND_stat)
		file_stat(o, s);
	else if (kind < KINDS && lists[kind].list)
		members__out(o, s, lists[kind].list, lists[kind].count);
	else if (other)
		members__out(o, s, other->list, other->count);
	else
		return false;
	return true;
}
