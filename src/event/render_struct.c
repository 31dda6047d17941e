// SPDX-License-Identifier: Apache-2.0
/* How do the kernel's structures look, and arrays of them? Those that are a mere list of members
 * are in render_members.c. */
#include "members.h"
#include "tables.h"

#include <linux/openat2.h>
#include <linux/sched.h>
#include <sys/epoll.h>

static void limit(struct out *o, const char *name, uint64_t n)
{
	out__key(o, name);
	if (n == ~0ull) {
		out__symbol(o, "RLIM64_INFINITY");
	} else if (o->json || n <= 1024 || n % 1024) {
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
	out__fd_member(o, "fd", fd);
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
static void bits(struct out *o, const struct span *s, bool are_fds)
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
		if (are_fds)
			out__inner_fd(o, i);
		else
			buffer__unsigned(o->b, i);
	}
	out__close(o, ']');
}

static void named_bits(struct out *o, const struct span *s, const struct values *names)
{
	bool any = false;

	if (o->json)
		buffer__char(o->b, '"');
	for (size_t i = 0; i < s->size * 8; i++) {
		const struct named_value *name;

		if (!(s->data[i / 8] >> (i % 8) & 1))
			continue;
		name = names ? values__value(names, i) : NULL;
		if (any)
			buffer__char(o->b, '|');
		any = true;
		if (name)
			buffer__text(o->b, name->name);
		else
			buffer__unsigned(o->b, i);
	}
	if (!any)
		buffer__char(o->b, '0');
	if (o->json)
		buffer__char(o->b, '"');
}

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
	case KIND_rlimit:
		resource_limit(o, s);
		break;
	case KIND_pollfd:
		pollfd(o, s);
		break;
	case KIND_epoll_event:
		epoll_event(o, s);
		break;
	case KIND_time_at:
	case KIND_long_at:
		out__signed(o, span__get(s, 0, 8));
		break;
	case KIND_int_at:
	case KIND_pid_at:
		out__signed(o, (int32_t)span__get(s, 0, 4));
		break;
	case KIND_enum_at:
		out__enum(o, o->field->values, span__get(s, 0, 4), true);
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
	case KIND_sigevent:
		out__sigevent(o, s);
		break;
	default:
		(void)out__members(o, kind, s);
	}
}

/* Integers behind a pointer stand in brackets, [16]; those that the call changed as [128 => 16]. */
static void numbers(struct out *o, const struct value *v, const struct span *s)
{
	const struct sonde_item *old = v->field->direction == FIELD_INOUT && !o->json
					       ? event__item(o->e, v->field, SONDE_ITEM_OLD)
					       : NULL;
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

void out__fds(struct out *o, const struct span *s)
{
	out__open(o, '[');
	for (size_t at = 0; at + 4 <= s->size; at += 4) {
		out__element(o);
		out__inner_fd(o, (int32_t)span__get(s, at, 4));
	}
	out__close(o, ']');
}

static void structures(struct out *o, const struct value *v, const struct span *s)
{
	unsigned int kind = v->field->kind;
	size_t size = kinds[kind].size, shown = 0;

	/* of one byte: a structure of any length */
	if (size == 1 || (!v->field->length && s->size <= size)) {
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
	case KIND_enum_at:
	case KIND_long_at:
	case KIND_ulong_at:
	case KIND_address_at:
	case KIND_pid_at:
	case KIND_uid_at:
	case KIND_gid_at:
		numbers(o, v, &s);
		return true;
	case KIND_sockopt:
		out__socket_option(o, &s, v->cut);
		return true;
	case KIND_message:
		out__message(o, &s, v->cut);
		return true;
	case KIND_fd_at:
	case KIND_fd_pair:
		out__fds(o, &s);
		return true;
	case KIND_fd_set:
	case KIND_cpu_set:
		bits(o, &s, v->field->kind == KIND_fd_set);
		return true;
	case KIND_set:
		named_bits(o, &s, v->field->values);
		return true;
	case KIND_dirents:
		dirents(o, &s, v);
		return true;
	case KIND_clone_args:
		if (s.size < CLONE_ARGS_SIZE_VER0)
			out__address(o, v->number);
		else
			clone_args(o, &s);
		return true;
	case KIND_open_how:
		if (s.size < sizeof(struct open_how))
			out__address(o, v->number);
		else
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
	case KIND_sigevent:
		structures(o, v, &s);
		return true;
	}
	if (!members__of(v->field->kind))
		return false;
	if (s.size)
		structures(o, v, &s);
	else
		out__address(o, v->number);
	return true;
}
