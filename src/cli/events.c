/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `sonde events`: what can be traced, and with -v what each field means and which hook serves
 * the event here.
 */
#include "options.h"
#include "../base/buffer.h"
#include "../event/catalogue.h"
#include "../event/render.h"
#include "../event/select.h"
#include "../kernel/hooks.h"
#include "../kernel/operations.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 79

/* How a value of each kind looks in the trace; kinds that are not here are structures. */
static const char *const formats[KINDS] = {
	[KIND_int] = "-1",
	[KIND_uint] = "4096",
	[KIND_long] = "-1",
	[KIND_ulong] = "4096",
	[KIND_size] = "4096",
	[KIND_offset] = "4096",
	[KIND_hex] = "0x1f",
	[KIND_float] = "0.5",
	[KIND_double] = "0.5",
	[KIND_address] = "0x7f10",
	[KIND_opaque] = "0x7f10",
	[KIND_bool] = "1",
	[KIND_mode] = "0644",
	[KIND_fmode] = "S_IFCHR|0600",
	[KIND_dev] = "8:1",
	[KIND_pid] = "4711",
	[KIND_uid] = "1000",
	[KIND_gid] = "1000",
	[KIND_signal] = "SIGTERM",
	[KIND_errno] = "ENOENT",
	[KIND_call] = "openat",
	[KIND_ioctl] = "TCGETS",
	[KIND_duration] = "1.5ms",
	[KIND_port] = "443",
	[KIND_syscall] = "openat",
	[KIND_caps] = "CAP_CHOWN",
	[KIND_set] = "NAME|NAME",
	[KIND_fd] = "3</etc/hosts>",
	[KIND_file] = "</etc/hosts>",
	[KIND_path] = "\"/etc/hosts\"",
	[KIND_string] = "\"text\"",
	[KIND_strings] = "[\"ls\", \"-l\"]",
	[KIND_text] = "text",
	[KIND_buffer] = "\"bytes\"...",
	[KIND_sockaddr] = "{AF_INET, ...}",
	[KIND_ip] = "127.0.0.1",
	[KIND_fd_pair] = "[3, 4]",
	[KIND_int_at] = "[0]",
	[KIND_uint_at] = "[0]",
	[KIND_long_at] = "[0]",
	[KIND_ulong_at] = "[0]",
	[KIND_fd_at] = "[3]",
	[KIND_pid_at] = "[4711]",
	[KIND_uid_at] = "[1000]",
	[KIND_sigset] = "[INT CHLD]",
	[KIND_iovec] = "[{\"bytes\", 5}]",
};

/* What a field is, where nobody has written it down. */
static const char *const meanings[KINDS] = {
	[KIND_fd] = "a descriptor, and what it stands for",
	[KIND_file] = "a file, directory, pipe or socket",
	[KIND_path] = "a path as the program passes it",
	[KIND_mode] = "permissions",
	[KIND_pid] = "a process or thread",
	[KIND_uid] = "a user",
	[KIND_gid] = "a group",
	[KIND_size] = "bytes",
	[KIND_address] = "an address in the program",
	[KIND_opaque] = "an address; what is there is not decoded",
	[KIND_buffer] = "the bytes, as far as captured",
	[KIND_signal] = "a signal",
	[KIND_sockaddr] = "an address of a socket",
};

struct columns {
	int name, type, format, from;
};

static const char *from(const struct schema *s, const struct field *f)
{
	if (f->direction == FIELD_INOUT)
		return "both";
	if (f->direction == FIELD_OUT || f->provenance == FROM_KERNEL)
		return "kernel";
	return "program";
}

static bool is_result(const struct schema *s, const struct field *f)
{
	return f == s->fields && (s->flags & SCHEMA_RESULT);
}

/* Every event calls it so, in filters and in JSON. */
static const char *name_of(const struct schema *s, const struct field *f)
{
	return is_result(s, f) ? "res" : f->name;
}

static const char *format_of(const struct field *f)
{
	if (formats[f->kind])
		return formats[f->kind];
	if (f->values)
		return f->kind == KIND_enum ? "NAME" : "NAME|NAME";
	return kinds[f->kind].class == CLASS_DATA ? "{...}" : "1";
}

/* The names of a flag or enumeration: the first few, unless all are wanted. */
static void names(struct buffer *b, const struct values *values)
{
	size_t start = b->size;

	for (unsigned int i = 0; i < values->count; i++) {
		if (b->size - start > 60) {
			buffer__text(b, " ...");
			return;
		}
		buffer__printf(b, "%s%s", i ? " " : "", values->list[i].name);
	}
}

static void meaning(struct buffer *b, const struct schema *s, const struct field *f)
{
	const char *text = f->help && *f->help ? f->help
			   : is_result(s, f)   ? "the result, or an error"
			   : f->values         ? NULL
					       : meanings[f->kind];
	size_t start = b->size;

	if (text)
		buffer__text(b, text);
	if (f->values) {
		buffer__text(b, text ? ": " : "");
		names(b, f->values);
	}
	if (f->at_entry)
		buffer__printf(b, "%s%s", b->size > start ? "; " : "",
			       f->direction == FIELD_INOUT ? "the old value at the entry"
							   : "read at the entry");
	if (f->alias)
		buffer__printf(b, "%ssysdig: %s", b->size > start ? "; " : "", f->alias);
}

static void measure(const struct schema *s, struct columns *c)
{
	*c = (struct columns){.name = 5, .type = 4, .format = 6, .from = 7};
	for (unsigned int i = 0; i < s->count; i++) {
		const struct field *f = &s->fields[i];

		c->name = max(c->name, (int)strlen(name_of(s, f)));
		c->type = max(c->type, (int)strlen(kinds[f->kind].name));
		c->format = max(c->format, (int)strlen(format_of(f)));
	}
}

static void fields(struct buffer *b, const struct schema *s, bool color)
{
	struct columns c;
	int indent;

	measure(s, &c);
	indent = 4 + c.name + 2 + c.type + 2 + c.format + 2 + c.from + 2;
	buffer__printf(b, "    %s%-*s  %-*s  %-*s  %-*s  %s%s\n", color ? "\033[2m" : "", c.name,
		       "FIELD", c.type, "TYPE", c.format, "FORMAT", c.from, "FROM", "MEANING",
		       color ? "\033[0m" : "");
	for (unsigned int i = 0; i < s->count; i++) {
		const struct field *f = &s->fields[i];
		struct buffer text = {};

		if (is_result(s, f) && s->flags & SCHEMA_NO_RETURN)
			continue;
		meaning(&text, s, f);
		buffer__printf(b, "    %-*s  %-*s  %-*s  %-*s  ", c.name, name_of(s, f), c.type,
			       kinds[f->kind].name, c.format, format_of(f), c.from,
			       is_result(s, f) ? "kernel" : from(s, f));
		help__wrap(b, buffer__string(&text), indent, WIDTH);
		while (b->size && b->data[b->size - 1] == ' ')
			b->size--;
		buffer__char(b, '\n');
		buffer__free(&text);
	}
}

/* What it says of itself; of a call without words, how it is called. */
static void summary(struct buffer *b, const struct schema *s)
{
	if (s->help) {
		buffer__text(b, s->help);
		return;
	}
	buffer__printf(b, "%s(", s->name);
	for (unsigned int i = 1; i < s->count; i++)
		buffer__printf(b, "%s%s", i > 1 ? ", " : "", s->fields[i].name);
	buffer__char(b, ')');
}

/* @file @desc */
static void categories(struct buffer *b, const struct schema *s)
{
	for (const char *p = s->category ? s->category : ""; *p; p += strspn(p, ", ")) {
		int size = strcspn(p, ", ");

		buffer__printf(b, "%s@%.*s", p == s->category ? "" : " ", size, p);
		p += size;
	}
}

static const char *blind_of(const struct schema *s)
{
	if (s->blind)
		return s->blind;
	if (!(s->flags & SCHEMA_CALL))
		return NULL;
	if (operations__do(s))
		return "the same done through io_uring, unless with --io-uring";
	return operations__resemble(s) ? "the same done through io_uring" : NULL;
}

/* What was found out about this kernel and this build. */
struct known {
	struct hooks *hooks;
};

static const char *serves(enum feature_state state)
{
	switch (state) {
	case FEATURE_OK:
	case FEATURE_LESSER:
		return "which serves it here";
	case FEATURE_MISSING:
		return "which this kernel does not have: sonde doctor says more";
	default:
		return "which only root can try here";
	}
}

static void verbose(struct buffer *b, const struct schema *s, const struct known *known, bool color)
{
	const char *family;
	struct candidate hook;

	buffer__printf(b, "%s%s%s  ", color ? "\033[1m" : "", s->name, color ? "\033[0m" : "");
	categories(b, s);
	buffer__text(b, "\n    ");
	summary(b, s);
	if (s->flags & SCHEMA_CALL) {
		buffer__text(b, "\n    system call");
		if (s->number >= 0)
			buffer__printf(b, " %d", s->number);
		if (s->compat_number >= 0)
			buffer__printf(b, "%s as a 32-bit call %d", s->number >= 0 ? "," : "",
				       s->compat_number);
	}
	for (unsigned int i = 0; (family = catalogue__family_name(i)); i++) {
		for (const char *const *member = catalogue__family(family); *member; member++) {
			if (s->flags & SCHEMA_CALL && !strcmp(*member, s->name) &&
			    strcmp(family, s->name))
				buffer__printf(b, "\n    family: %s", family);
		}
	}
	hooks__find(known->hooks, s, &hook);
	if (hook.state.state == FEATURE_LESSER && !hook.program)
		buffer__printf(b, "\n    hook: none; lesser: %s", hook.state.why);
	else
		buffer__printf(b, "\n    hook: %s, %s", hook.section, serves(hook.state.state));
	if (hook.state.state == FEATURE_LESSER && hook.program)
		buffer__printf(b, ", %s", hook.state.why);
	for (const char *why = hook.why; why && *why; why += *why == '\n') {
		int size = strcspn(why, "\n");

		buffer__printf(b, "\n    %s: %.*s", hook.program ? "better" : "not", size, why);
		why += size;
	}
	if (s->config)
		buffer__printf(b, "\n    needs: a kernel with %s", s->config);
	if (blind_of(s))
		buffer__printf(b, "\n    not seen: %s", blind_of(s));
	buffer__char(b, '\n');
	fields(b, s, color);
	buffer__char(b, '\n');
}

static void json_field(struct buffer *b, const struct schema *s, const struct field *f)
{
	render__json_member(b, "{", "name", name_of(s, f));
	render__json_member(b, ",", "alias", f->alias);
	render__json_member(b, ",", "type", kinds[f->kind].name);
	render__json_member(b, ",", "format", format_of(f));
	render__json_member(b, ",", "from", is_result(s, f) ? "kernel" : from(s, f));
	buffer__printf(b, ",\"at_entry\":%s", f->at_entry ? "true" : "false");
	render__json_member(b, ",", "help", f->help);
	if (f->values) {
		buffer__text(b, ",\"values\":[");
		for (unsigned int i = 0; i < f->values->count; i++) {
			buffer__text(b, i ? "," : "");
			render__json_string(b, f->values->list[i].name,
					    strlen(f->values->list[i].name));
		}
		buffer__char(b, ']');
	}
	buffer__char(b, '}');
}

static void json(struct buffer *b, const struct schema *s, const struct known *known)
{
	struct buffer text = {};
	struct candidate hook;
	bool first = true;

	summary(&text, s);
	render__json_member(b, "{", "name", s->name);
	buffer__text(b, ",\"categories\":[");
	for (const char *p = s->category ? s->category : ""; *p; p += strspn(p, ", ")) {
		size_t size = strcspn(p, ", ");

		buffer__text(b, first ? "" : ",");
		render__json_string(b, p, size);
		first = false;
		p += size;
	}
	render__json_member(b, "],", "help", buffer__string(&text));
	if (s->number >= 0)
		buffer__printf(b, ",\"number\":%d", s->number);
	if (s->compat_number >= 0)
		buffer__printf(b, ",\"number_32bit\":%d", s->compat_number);
	hooks__find(known->hooks, s, &hook);
	render__json_member(b, ",", "hook", hook.section);
	render__json_member(b, ",", "state", feature_states[hook.state.state]);
	render__json_member(b, ",", "why",
			    hook.why          ? hook.why
			    : *hook.state.why ? hook.state.why
					      : NULL);
	render__json_member(b, ",", "config", s->config);
	render__json_member(b, ",", "blind", blind_of(s));
	render__json_member(b, ",", "instead", s->instead);
	render__json_member(b, ",", "lesser", s->lesser);
	buffer__text(b, ",\"fields\":[");
	for (unsigned int i = 0; i < s->count; i++) {
		buffer__text(b, i ? "," : "");
		json_field(b, s, &s->fields[i]);
	}
	buffer__text(b, "]}\n");
	buffer__free(&text);
}

/* One line; on a terminal it is cut at the margin, -v has all of it. */
static void line(struct buffer *b, const struct schema *s, int name, int category,
		 unsigned int width)
{
	size_t start = b->size;
	struct buffer text = {};

	categories(&text, s);
	buffer__printf(b, "%-*s  %-*s  ", name, s->name, category, buffer__string(&text));
	buffer__reset(&text);
	summary(&text, s);
	buffer__text(b, buffer__string(&text));
	buffer__free(&text);
	if (width && b->size - start > width) {
		b->size = start + width - 3;
		buffer__text(b, "...");
	}
	buffer__char(b, '\n');
}

static void list(struct buffer *b, const struct schemas *all, const struct selection *chosen)
{
	int name = 0, category = 0;

	for (unsigned int i = 0; i < all->count; i++) {
		struct buffer text = {};

		if (!selection__has(chosen, i))
			continue;
		categories(&text, all->list[i]);
		name = max(name, (int)strlen(all->list[i]->name));
		category = max(category, (int)text.size);
		buffer__free(&text);
	}
	/* The few that are no calls first: among hundreds of calls nobody would find them. */
	for (int calls = 0; calls < 2; calls++) {
		for (unsigned int i = 0; i < all->count; i++) {
			if (selection__has(chosen, i) &&
			    !(all->list[i]->flags & SCHEMA_CALL) == !calls)
				line(b, all->list[i], name, category, terminal_width());
		}
	}
}

int events__print(const struct options *o, const struct schemas *all, struct buffer *b,
		  struct error *err)
{
	bool color = color_wanted(o->color, STDOUT_FILENO);
	struct selection chosen = {};
	struct known known = {};
	int r = select__parse(all, o->operands.list, o->operands.count, NULL, &chosen, err);

	if (r)
		return r;
	if (o->events.verbose || o->events.json)
		r = hooks__new(NULL, &known.hooks, err);
	else
		list(b, all, &chosen);
	for (unsigned int i = 0; i < all->count && known.hooks; i++) {
		if (!selection__has(&chosen, i))
			continue;
		if (o->events.json)
			json(b, all->list[i], &known);
		else
			verbose(b, all->list[i], &known, color);
	}
	hooks__free(known.hooks);
	selection__release(&chosen);
	return r;
}
