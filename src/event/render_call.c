// SPDX-License-Identifier: Apache-2.0
/* How does a whole event look: a call as strace prints it, anything else as name field=value ... ?
 */
#include "escape.h"
#include "out.h"
#include "tables.h"

#include <errno.h>

const struct field *render__field(const struct event *e, const struct field *field)
{
	return schema__variant(e->schema, field, (const uint64_t *)(e->record + 1));
}

/* select, ppoll: what was asked for, if the entry was seen; the result says what became ready and
 * what is left. */
static void before_the_call(const struct event *e, struct value *v)
{
	const struct sonde_item *old = event__item(e, v->field, SONDE_ITEM_OLD);

	if (!old)
		return;
	v->data = item__data(old);
	v->size = old->size;
}

/* The kernel puts what is left of it in its place. */
static bool is_timeout(const struct field *f)
{
	return f->direction == FIELD_INOUT && (f->kind == KIND_timeval || f->kind == KIND_timespec);
}

/* A value that is gone leaves the address that the program passed: a call that has not returned may
 * still fill it. */
static void arguments(struct out *o, bool pending)
{
	const struct event *e = o->e;
	const struct schema *s = e->schema;
	bool any = false, skipped = false;
	struct value v;

	for (unsigned int i = 1; i < s->count; i++) {
		const struct field *f = render__field(e, &s->fields[i]);

		if (!f) {
			skipped = true;
			continue;
		}
		event__value(e, f, &v);
		if (v.state == VALUE_NONE)
			continue;
		if (any)
			buffer__bytes(o->b, ", ", 2);
		any = true;
		/* Behind a gap the place no longer tells which argument it is. */
		if (skipped) {
			paint(o->b, o->r, PAINT_QUIET);
			buffer__text(o->b, s->fields[i].name);
			buffer__char(o->b, '=');
			paint(o->b, o->r, PAINT_END);
		}
		if ((f->kind == KIND_fd_set || is_timeout(f)) && v.state == VALUE_OK)
			before_the_call(e, &v);
		if (pending && v.state == VALUE_GONE)
			v.state = VALUE_ADDRESS;
		o->comma = false;
		render__any(o, &v);
	}
}

static void name(struct out *o)
{
	paint(o->b, o->r, PAINT_NAME);
	buffer__text(o->b, o->e->schema->name);
	paint(o->b, o->r, PAINT_END);
}

/* What a result that is none means: codes between the kernel and itself, which the program never
 * sees. */
static const char *restart_text(int64_t result)
{
	switch (-result) {
	case 512:
		return "ERESTARTSYS (To be restarted if SA_RESTART is set)";
	case 513:
		return "ERESTARTNOINTR (To be restarted)";
	case 514:
		return "ERESTARTNOHAND (To be restarted if no handler)";
	case 515:
		return "ENOIOCTLCMD (No ioctl command)";
	case 516:
		return "ERESTART_RESTARTBLOCK (Interrupted by signal)";
	}
	return NULL;
}

/* Failures that are part of normal life are not coloured as failures. */
static bool ordinary(int64_t result)
{
	switch (-result) {
	case EAGAIN:
	case EINPROGRESS:
	case EALREADY:
	case EINTR:
		return true;
	}
	return restart_text(result) != NULL;
}

static void failure(struct out *o, int64_t result)
{
	enum paint colour = ordinary(result) ? PAINT_QUIET : PAINT_FAILED;
	const char *text = restart_text(result), *code;

	paint(o->b, o->r, colour);
	if (text) {
		buffer__bytes(o->b, "? ", 2);
		buffer__text(o->b, text);
	} else {
		code = errno_name(-result);
		text = strerrordesc_np(-result);
		buffer__bytes(o->b, "-1 ", 3);
		if (code) {
			buffer__text(o->b, code);
		} else {
			buffer__char(o->b, 'E');
			buffer__unsigned(o->b, -result);
		}
		buffer__bytes(o->b, " (", 2);
		if (text) {
			buffer__text(o->b, text);
		} else {
			buffer__text(o->b, "errno ");
			buffer__unsigned(o->b, -result);
		}
		buffer__char(o->b, ')');
	}
	paint(o->b, o->r, PAINT_END);
}

/* What is left of the time that the call was given. */
static bool left(struct out *o, const char *before)
{
	const struct schema *s = o->e->schema;
	struct value v;

	for (unsigned int i = 1; i < s->count; i++) {
		if (!is_timeout(&s->fields[i]))
			continue;
		event__value(o->e, &s->fields[i], &v);
		if (v.state != VALUE_OK)
			return false;
		buffer__text(o->b, before);
		buffer__bytes(o->b, "left ", 5);
		o->comma = false;
		render__any(o, &v);
		return true;
	}
	return false;
}

/* ([{fd=3, revents=POLLIN}], left {tv_sec=1, tv_nsec=0}): what of a poll became ready. */
static void ready(struct out *o, const struct value *v)
{
	struct span s = {v->data, v->size};
	size_t shown = 0;

	buffer__bytes(o->b, " (", 2);
	out__open(o, '[');
	for (size_t at = 0; at + 8 <= s.size; at += 8) {
		uint64_t revents = span__get(&s, at + 6, 2);

		if (!revents)
			continue;
		if (shown++ == out__limit(o)) {
			out__more(o);
			break;
		}
		out__element(o);
		out__open(o, '{');
		out__fd_member(o, "fd", (int32_t)span__get(&s, at, 4));
		out__key(o, "revents");
		out__flags(o, &tables[TABLE_poll], revents);
		out__close(o, '}');
	}
	out__close(o, ']');
	(void)left(o, ", ");
	buffer__char(o->b, ')');
}

static bool empty(const uint8_t *set, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (set[i])
			return false;
	}
	return true;
}

/* (in [3], out [4], left {tv_sec=1, tv_usec=0}): what of a select became ready. */
static void selected(struct out *o)
{
	static const char *const names[] = {"in ", "out ", "except "};
	const struct schema *s = o->e->schema;
	unsigned int sets = 0;
	bool any = false;
	struct value v;

	for (unsigned int i = 1; i < s->count; i++) {
		if (s->fields[i].kind != KIND_fd_set || sets == ARRAY_SIZE(names))
			continue;
		sets++;
		event__value(o->e, &s->fields[i], &v);
		if (v.state != VALUE_OK || empty(v.data, v.size))
			continue;
		buffer__bytes(o->b, any ? ", " : " (", 2);
		any = true;
		buffer__text(o->b, names[sets - 1]);
		o->comma = false;
		render__any(o, &v);
	}
	any |= left(o, any ? ", " : " (");
	if (any)
		buffer__char(o->b, ')');
}

/* What the result does not say by itself: which descriptors are ready, or that the time was up.
 * What they are stands among the arguments. */
static void result_note(struct out *with_names, int64_t result)
{
	const struct schema *s = with_names->e->schema;
	struct render bare = *with_names->r;
	struct out bare_out = *with_names, *o = &bare_out;

	bare.names = false;
	o->r = &bare;
	for (unsigned int i = 1; i < s->count; i++) {
		struct value v;

		if (s->fields[i].kind != KIND_pollfd && s->fields[i].kind != KIND_fd_set)
			continue;
		if (!result) {
			buffer__text(o->b, " (Timeout)");
		} else if (s->fields[i].kind == KIND_fd_set) {
			selected(o);
		} else {
			event__value(o->e, &s->fields[i], &v);
			if (v.state == VALUE_OK)
				ready(o, &v);
		}
		return;
	}
}

static void result(struct out *o)
{
	const struct event *e = o->e;
	int64_t number = event__result(e);
	const struct field *f;
	struct value v;

	if (e->record->flags & SONDE_RECORD_NO_RETURN) {
		buffer__char(o->b, '?');
		return;
	}
	if (number < 0 && number >= -4095) {
		failure(o, number);
		return;
	}
	f = render__field(e, &e->schema->fields[0]);
	if (!f) {
		buffer__signed(o->b, number);
		return;
	}
	event__value(e, f, &v);
	if (v.state == VALUE_OK)
		render__any(o, &v);
	else
		buffer__signed(o->b, number);
	if (e->schema->count > 1)
		result_note(o, number);
}

/* What makes a request of io_uring differ from the call, if anything. */
static void request(struct out *o, const struct sonde_request *r)
{
	static const struct {
		uint32_t flag;
		const char *text;
	} words[] = {
		{SONDE_REQUEST_FIXED, ", fixed file"},
		{SONDE_REQUEST_DIRECT, ", direct descriptor"},
		{SONDE_REQUEST_SELECT, ", selected buffer"},
		{SONDE_REQUEST_MORE, ", more to come"},
		{SONDE_REQUEST_REWRITTEN, ", arguments overwritten"},
	};

	paint(o->b, o->r, PAINT_QUIET);
	buffer__text(o->b, " (io_uring");
	for (unsigned int i = 0; r && i < ARRAY_SIZE(words); i++)
		if (r->flags & words[i].flag)
			buffer__text(o->b, words[i].text);
	buffer__char(o->b, ')');
	paint(o->b, o->r, PAINT_END);
}

static void call(struct out *o, unsigned int column)
{
	size_t start = o->b->size, width;

	name(o);
	buffer__char(o->b, '(');
	arguments(o, false);
	buffer__char(o->b, ')');
	if (o->b->failed)
		return;
	width = escape__columns(o->b->data + start, o->b->size - start, o->r->palette);
	buffer__char(o->b, ' ');
	if (width + 1 < column && buffer__reserve(o->b, column)) {
		memset(o->b->data + o->b->size, ' ', column - width - 1);
		o->b->size += column - width - 1;
	}
	buffer__bytes(o->b, "= ", 2);
	result(o);
	if (o->e->record->flags & SONDE_RECORD_COMPAT) {
		paint(o->b, o->r, PAINT_QUIET);
		buffer__text(o->b, " (32-bit)");
		paint(o->b, o->r, PAINT_END);
	}
	if (unlikely(o->e->record->flags & SONDE_RECORD_IO_URING))
		request(o, event__request(o->e));
}

/* What it was before, unless that is the same: OLD-> */
static void before(struct out *o, const struct field *f, const struct value *v)
{
	struct value old;

	event__value(o->e, f + f->pair, &old);
	if (value__equals(&old, v))
		return;
	render__any(o, &old);
	buffer__bytes(o->b, "->", 2);
	o->comma = false;
}

/* The name; with those behind it that changed alike: uid,euid=0->1000. Returns the last of them. */
static unsigned int names(struct out *o, unsigned int i, const struct value *v)
{
	const struct schema *s = o->e->schema;
	const struct field *f = &s->fields[i];
	struct value old, other;

	buffer__text(o->b, f->name);
	if (!f->only_changed)
		return i;
	event__value(o->e, f + f->pair, &old);
	for (unsigned int k = i + 1; k < s->count && s->fields[k].only_changed; k++) {
		const struct field *next = &s->fields[k];

		if (next->pair > 0)
			continue;
		event__value(o->e, next, &other);
		if (other.state == VALUE_NONE)
			continue;
		if (next->kind != f->kind || !value__equals(&other, v))
			break;
		event__value(o->e, next + next->pair, &other);
		if (!value__equals(&other, &old))
			break;
		buffer__printf(o->b, ",%s", next->name);
		i = k;
	}
	return i;
}

static void fields(struct out *o)
{
	const struct schema *s = o->e->schema;
	bool nothing = true;
	struct value v;

	name(o);
	for (unsigned int i = !!(s->flags & SCHEMA_RESULT); i < s->count; i++) {
		const struct field *f = render__field(o->e, &s->fields[i]);

		if (!f || f->pair > 0)
			continue;
		event__value(o->e, f, &v);
		if (v.state == VALUE_NONE || f->detail ||
		    (f->quiet && !v.number && !v.size && !v.file))
			continue;
		nothing = false;
		buffer__char(o->b, ' ');
		paint(o->b, o->r, PAINT_QUIET);
		i = names(o, i, &v);
		buffer__char(o->b, '=');
		paint(o->b, o->r, PAINT_END);
		o->comma = false;
		if (f->pair)
			before(o, f, &v);
		render__any(o, &v);
	}
	if (nothing && s->count && s->fields[s->count - 1].only_changed) {
		paint(o->b, o->r, PAINT_QUIET);
		buffer__text(o->b, " /* no change */");
		paint(o->b, o->r, PAINT_END);
	}
	if (s->flags & SCHEMA_RESULT) {
		buffer__bytes(o->b, " = ", 3);
		result(o);
	}
}

void render__call(struct buffer *b, const struct render *r, const struct event *e,
		  unsigned int column)
{
	struct out o = {.b = b, .r = r, .e = e};

	if (e->schema->flags & SCHEMA_CALL)
		call(&o, column);
	else
		fields(&o);
}

void render__pending(struct buffer *b, const struct render *r, const struct event *e)
{
	struct out o = {.b = b, .r = r, .e = e};

	name(&o);
	buffer__char(b, '(');
	arguments(&o, true);
}
