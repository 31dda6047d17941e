// SPDX-License-Identifier: Apache-2.0
/* Fields of what happened: the event itself, its arguments, its result. */
#include "fields_get.h"
#include "../event/tables.h"
#include "../event/render.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#define GET(name)                                                                                  \
	void field_get__##name(const struct event *e, struct field_use *use, struct value *v)

static bool is_among(const struct schema *s, const char *const *names, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (!strcmp(s->name, names[i]))
			return true;
	}
	return false;
}

static const char *const reads[] = {"read", "pread64",  "readv",   "preadv",   "preadv2",
				    "recv", "recvfrom", "recvmsg", "recvmmsg", "recvmmsg_time64"};
static const char *const writes[] = {"write", "pwrite64", "writev",  "pwritev", "pwritev2",
				     "send",  "sendto",   "sendmsg", "sendmmsg"};
static const char *const waits[] = {"poll",
				    "ppoll",
				    "select",
				    "pselect6",
				    "epoll_wait",
				    "epoll_pwait",
				    "epoll_pwait2",
				    "nanosleep",
				    "clock_nanosleep",
				    "pause",
				    "wait4",
				    "waitid",
				    "futex",
				    "futex_waitv",
				    "futex_wait",
				    "rt_sigtimedwait",
				    "rt_sigsuspend",
				    "flock",
				    "semop",
				    "semtimedop",
				    "io_getevents",
				    "io_pgetevents",
				    "msgrcv",
				    "mq_timedreceive",
				    "waitpid",
				    "_newselect",
				    "ppoll_time64",
				    "pselect6_time64",
				    "futex_time64",
				    "clock_nanosleep_time64",
				    "rt_sigtimedwait_time64",
				    "semtimedop_time64",
				    "io_pgetevents_time64",
				    "mq_timedreceive_time64"};
static const char *const opens[] = {"open", "openat", "openat2", "creat", "open_by_handle_at"};

bool schema__is_call(const struct schema *s)
{
	return s->flags & SCHEMA_CALL;
}

bool schema__is_timed(const struct schema *s)
{
	return s->flags & (SCHEMA_CALL | SCHEMA_TIMED);
}

bool schema__has_result(const struct schema *s)
{
	return (s->flags & SCHEMA_RESULT) && !(s->flags & SCHEMA_NO_RETURN);
}

bool schema__waits(const struct schema *s)
{
	return is_among(s, waits, ARRAY_SIZE(waits));
}

bool schema__opens(const struct schema *s)
{
	return is_among(s, opens, ARRAY_SIZE(opens));
}

static const struct field *buffer_field(const struct schema *s)
{
	for (unsigned int i = 0; i < s->count; i++) {
		const struct field *f = &s->fields[i];

		if (f->kind == KIND_buffer || f->kind == KIND_iovec || f->kind == KIND_msghdr)
			return f;
	}
	return NULL;
}

bool schema__has_buffer(const struct schema *s)
{
	return buffer_field(s) != NULL;
}

const struct field *schema__path(const struct schema *s, enum path_part part)
{
	const struct field *paths[2] = {};
	unsigned int n = 0;

	for (unsigned int i = 0; i < s->count && n < 2; i++) {
		if (s->fields[i].kind == KIND_path)
			paths[n++] = &s->fields[i];
	}
	return part == PATH_TARGET ? paths[1] : part == PATH_SOURCE && !paths[1] ? NULL : paths[0];
}

bool schema__has_path(const struct schema *s)
{
	return schema__path(s, PATH_ONLY) != NULL;
}

GET(evt_num)
{
	value__set_number(v, e->number);
}

static uint64_t real_time(const struct event *e)
{
	return host__real_time(e->host, e->record->time);
}

GET(evt_rawtime)
{
	uint64_t t = real_time(e);

	value__set_number(v, use->def->part == TIME_SECONDS       ? t / 1000000000
			     : use->def->part == TIME_NANOSECONDS ? t % 1000000000
								  : t);
}

GET(evt_time)
{
	uint64_t t = real_time(e);
	time_t seconds = t / 1000000000;
	unsigned int part = use->def->part;
	struct buffer *b = e->scratch;
	size_t start = b->size;
	struct tm tm;

	if (part != TIME_ISO)
		seconds += host__utc_offset(e->host, seconds);
	gmtime_r(&seconds, &tm);
	if (part == TIME_ISO || part == TIME_DATE || part == TIME_DATE_S) {
		buffer__digits(b, tm.tm_year + 1900, 4);
		buffer__char(b, '-');
		buffer__digits(b, tm.tm_mon + 1, 2);
		buffer__char(b, '-');
		buffer__digits(b, tm.tm_mday, 2);
		buffer__char(b, part == TIME_ISO ? 'T' : ' ');
	}
	buffer__digits(b, tm.tm_hour, 2);
	buffer__char(b, ':');
	buffer__digits(b, tm.tm_min, 2);
	buffer__char(b, ':');
	buffer__digits(b, tm.tm_sec, 2);
	if (part != TIME_OF_DAY_S && part != TIME_DATE_S) {
		buffer__char(b, '.');
		buffer__digits(b, t % 1000000000, 9);
	}
	if (part == TIME_ISO)
		buffer__char(b, 'Z');
	value__set_scratch(v, e, start);
}

GET(evt_type)
{
	value__set_string(v, e->schema->name);
}

GET(syscall_type)
{
	if (schema__is_call(e->schema))
		value__set_string(v, e->schema->name);
}

GET(evt_category)
{
	value__set_string(v, e->schema->category);
}

GET(evt_dir)
{
	value__set_string(v, "<");
}

GET(evt_cpu)
{
	value__set_number(v, e->record->cpu);
}

GET(evt_args)
{
	static const struct render style = {.string_limit = ~0u, .names = true};
	struct buffer text = {}; /* what is rendered may use the scratch */
	size_t start;

	for (unsigned int i = !!(e->schema->flags & SCHEMA_RESULT); i < e->schema->count; i++) {
		const struct field *field = event__field(e, &e->schema->fields[i]);
		struct value one;

		if (!field)
			continue;
		event__value(e, field, &one);
		if (text.size)
			buffer__char(&text, ' ');
		buffer__text(&text, e->schema->fields[i].name);
		buffer__char(&text, '=');
		render__value(&text, &style, e, &one);
	}
	start = e->scratch->size;
	buffer__bytes(e->scratch, text.size ? text.data : "", text.size);
	value__set_scratch(v, e, start);
	buffer__free(&text);
}

GET(evt_arg)
{
	if (use->cached_schema != e->schema) {
		use->cached_schema = e->schema;
		use->cached_field = field_use__argument(use, e->schema);
	}
	if (use->cached_field) {
		const struct field *field = event__field(e, use->cached_field);

		if (field)
			event__value(e, field, v);
	}
}

/* Of calls that return. */
static bool has_result(const struct event *e)
{
	return schema__has_result(e->schema) && !(e->record->flags & SONDE_RECORD_NO_RETURN);
}

GET(evt_res)
{
	int error = event__failed(e) ? -event__result(e) : 0;
	const char *name;

	if (!has_result(e))
		return;
	name = error ? errno_name(error) : "SUCCESS";
	if (!name) {
		size_t start = e->scratch->size;

		buffer__signed(e->scratch, -error);
		value__set_scratch(v, e, start);
	}
	value__set_string(v, name);
	v->number = error;
}

GET(evt_rawres)
{
	if (has_result(e))
		value__set_number(v, event__result(e));
}

GET(evt_failed)
{
	value__set_number(v, event__failed(e));
}

static void denied_at(struct buffer *b, const char *before, const struct file *file)
{
	if (!file)
		return;
	buffer__text(b, before);
	buffer__bytes(b, file->name, file->name_size);
}

/* MAY_READ, MAY_WRITE, MAY_EXEC, as ls has them. */
static void denied_mode(struct buffer *b, uint32_t mask, const struct file *file)
{
	buffer__printf(b, "mode (no %s%s%s)", mask & 4 ? "r" : "", mask & 2 ? "w" : "",
		       mask & 1 ? "x" : "");
	denied_at(b, " of ", file);
}

GET(evt_denied_by)
{
	static const char *const deniers[SONDE_DENIER_COUNT] = {
#define DENIER(name) "security_" #name,
#include <sonde/deniers.def>
#undef DENIER
	};
	static const char *const mounts[] = {[SONDE_MOUNT_READ_ONLY] = "read-only",
					     [SONDE_MOUNT_NOEXEC] = "noexec",
					     [SONDE_MOUNT_NODEV] = "nodev"};
	const struct sonde_denied *d = e->denied;
	const struct values *capabilities;
	const struct named_value *name;
	size_t start = e->scratch->size;

	if (!d)
		return;
	switch (d->by) {
	case SONDE_DENIED_CAPABILITY:
		capabilities = values__find("capability");
		name = capabilities ? values__value(capabilities, d->what) : NULL;
		if (name)
			buffer__text(e->scratch, name->name);
		else
			buffer__printf(e->scratch, "capability %u", d->what);
		break;
	case SONDE_DENIED_LSM:
		buffer__text(e->scratch,
			     d->what < SONDE_DENIER_COUNT ? deniers[d->what] : "a security module");
		break;
	case SONDE_DENIED_SECCOMP:
		buffer__text(e->scratch, "seccomp");
		break;
	case SONDE_DENIED_MODE:
		denied_mode(e->scratch, d->what, e->denied_file);
		break;
	case SONDE_DENIED_MOUNT:
		if (d->what < ARRAY_SIZE(mounts))
			buffer__printf(e->scratch, "%s ", mounts[d->what]);
		buffer__text(e->scratch, "mount");
		denied_at(e->scratch, " ", e->denied_file);
		break;
	default:
		buffer__text(e->scratch, "unknown");
	}
	value__set_scratch(v, e, start);
}

GET(evt_latency)
{
	unsigned int part = use->def->part;

	if (e->latency)
		value__set_number(v, part == TIME_SECONDS       ? e->latency / 1000000000
				     : part == TIME_NANOSECONDS ? e->latency % 1000000000
								: e->latency);
}

GET(evt_latency_human)
{
	static const struct {
		const char *unit;
		uint64_t ns;
	} units[] = {{"s", 1000000000}, {"ms", 1000000}, {"us", 1000}, {"ns", 1}};
	unsigned int i = 0;
	size_t start = e->scratch->size;

	if (!e->latency)
		return;
	while (e->latency < units[i].ns)
		i++;
	buffer__unsigned(e->scratch, e->latency / units[i].ns);
	if (units[i].ns > 1) {
		buffer__char(e->scratch, '.');
		buffer__digits(e->scratch, e->latency % units[i].ns / (units[i].ns / 100), 2);
	}
	buffer__text(e->scratch, units[i].unit);
	value__set_scratch(v, e, start);
}

GET(evt_count)
{
	value__set_number(v, e->repeats);
}

GET(evt_count_error)
{
	if (event__failed(e))
		value__set_number(v, e->repeats);
}

GET(evt_buffer)
{
	const struct field *f = buffer_field(e->schema);
	struct value data;

	if (!f)
		return;
	event__value(e, f, &data);
	if (data.state != VALUE_OK || f->kind == KIND_buffer) {
		data.field = v->field;
		*v = data;
		return;
	}
	/* Of vectors the bytes are the item that is neither the vector nor an address. */
	const struct sonde_item *item = event__item(e, f, SONDE_ITEM_DATA);

	if (item && f->kind == KIND_iovec) {
		value__set_bytes(v, item__data(item), item->size);
		v->whole = item->whole;
		v->cut = item->whole != item->size;
	}
}

GET(evt_buflen)
{
	struct value data = {.state = VALUE_NONE, .field = v->field};

	/* What was read is the result, whatever was captured of it. */
	if (e->schema->flags & SCHEMA_RESULT && event__result(e) >= 0 &&
	    (is_among(e->schema, reads, ARRAY_SIZE(reads)) ||
	     is_among(e->schema, writes, ARRAY_SIZE(writes)))) {
		value__set_number(v, event__result(e));
		return;
	}
	field_get__evt_buffer(e, use, &data);
	if (data.state == VALUE_OK && data.whole != SONDE_WHOLE_UNKNOWN)
		value__set_number(v, data.whole);
}

GET(evt_is)
{
	bool is_read = is_among(e->schema, reads, ARRAY_SIZE(reads));
	bool is_write = is_among(e->schema, writes, ARRAY_SIZE(writes));

	switch (use->def->part) {
	case IS_READ:
		value__set_number(v, is_read);
		break;
	case IS_WRITE:
		value__set_number(v, is_write);
		break;
	case IS_IO:
		value__set_number(v, is_read || is_write);
		break;
	case IS_WAIT:
		value__set_number(v, schema__waits(e->schema));
		break;
	}
}

GET(evt_is_io_uring)
{
	value__set_number(v, !!(e->record->flags & SONDE_RECORD_IO_URING));
}

GET(evt_io_dir)
{
	if (is_among(e->schema, reads, ARRAY_SIZE(reads)))
		value__set_string(v, "r");
	else if (is_among(e->schema, writes, ARRAY_SIZE(writes)))
		value__set_string(v, "w");
}

/* The flags and mode of a call that opens; false when they are unknown. */
static bool open_flags(const struct event *e, uint64_t *flags, uint64_t *mode)
{
	*flags = !strcmp(e->schema->name, "creat") ? O_WRONLY | O_CREAT | O_TRUNC : O_RDONLY;
	*mode = 0;
	for (unsigned int i = 0; i < e->schema->count; i++) {
		const struct field *f = &e->schema->fields[i];
		struct value v;

		event__value(e, f, &v);
		if (f->kind == KIND_open_how) {
			if (v.state != VALUE_OK || v.size < 16)
				return false;
			memcpy(flags, v.data, 8);
			memcpy(mode, (const char *)v.data + 8, 8);
		} else if (f->kind == KIND_flags && v.state == VALUE_OK) {
			*flags = v.number;
		} else if (f->kind == KIND_mode && v.state == VALUE_OK) {
			*mode = v.number;
		}
	}
	return true;
}

GET(evt_is_open)
{
	uint64_t flags, mode;
	bool creates, is = false;

	if (schema__opens(e->schema) && open_flags(e, &flags, &mode)) {
		creates = (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE;
		switch (use->def->part) {
		case OPEN_READ:
			is = (flags & O_ACCMODE) != O_WRONLY;
			break;
		case OPEN_WRITE:
			is = (flags & O_ACCMODE) != O_RDONLY;
			break;
		case OPEN_EXEC:
			is = creates && (mode & 0111);
			break;
		case OPEN_CREATE:
			is = creates;
			break;
		}
	}
	value__set_number(v, is);
}

bool event__absolute_path(const struct event *e, enum path_part part, struct buffer *out)
{
	const struct field *path = schema__path(e->schema, part), *before;
	struct value v, dir;
	const char *base = NULL;
	size_t base_size = 0;

	if (!path)
		return false;
	event__value(e, path, &v);
	if (v.state != VALUE_OK)
		return false;
	before = path > e->schema->fields && strstr(path[-1].name, "dirfd") ? path - 1 : NULL;
	if (v.size && *(const char *)v.data == '/') {
		buffer__bytes(out, v.data, v.size);
		return true;
	}
	if (before) {
		event__value(e, before, &dir);
		if (dir.file && dir.file->name) {
			base = dir.file->name;
			base_size = dir.file->name_size;
		} else if ((int)dir.number != AT_FDCWD) {
			return false;
		}
	}
	if (!base && e->process && e->process->cwd.data) {
		base = e->process->cwd.data;
		base_size = e->process->cwd.size;
	}
	if (!base)
		return false;
	buffer__bytes(out, base, base_size);
	if (v.size) {
		if (base_size && base[base_size - 1] != '/')
			buffer__char(out, '/');
		buffer__bytes(out, v.data, v.size);
	}
	return true;
}

GET(path_name)
{
	size_t start = e->scratch->size;

	if (event__absolute_path(e, use->def->part, e->scratch))
		value__set_scratch(v, e, start);
}

GET(path_raw)
{
	const struct field *path = schema__path(e->schema, use->def->part);

	if (path) {
		struct value raw;

		event__value(e, path, &raw);
		raw.field = v->field;
		*v = raw;
	}
}
