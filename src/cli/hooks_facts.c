/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks_facts.h"
#include "hooks.h"
#include "../kernel/binary.h"
#include "../kernel/find_tracefs.h"
#include "../kernel/hook_kinds.h"
#include "../kernel/kprobe.h"
#include "../kernel/probes.h"
#include "../kernel/registers.h"
#include "../kernel/type_text.h"
#include "../source/live.h"

#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

struct hooks_about {
	struct probes *probes;
	const struct btf *kernel;
	struct features features; /* as far as they were tried */
	bool tried[FEATURES];
};

int hooks_about__new(struct live_schemas *known, struct hooks_about **ret)
{
	struct hooks_about *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	a->probes = live_schemas__probes(known);
	a->kernel = probes__kernel(a->probes);
	*ret = a;
	return 0;
}

void hooks_about__free(struct hooks_about *a)
{
	free(a);
}

void hook_facts__release(struct hook_facts *f)
{
	named_hooks__release(&f->named);
	free(f->arguments);
	free(f->context);
	free(f->print);
	*f = (struct hook_facts){};
}

static void try(struct hooks_about *a, enum feature feature)
{
	if (!a->tried[feature])
		features__try(&a->features, feature, a->kernel);
	a->tried[feature] = true;
}

/* One way to attach it. */
static void add_section(struct hook_facts *f, struct hooks_about *a, const char *prefix,
			const char *target, const struct found *h, enum feature feature)
{
	struct hook_section *s = &f->sections[f->section_count++];
	const struct hook_kind *kind;

	snprintf(s->name, sizeof(s->name), "%s%s", prefix, target);
	kind = hook_kind__of(s->name);
	if (kind)
		feature = kind->feature;
	try(a, feature);
	s->state = kind ? hook__state(h->types ?: a->kernel, &a->features, s->name)
			: a->features.list[feature];
}

/* This function alone, whatever works elsewhere. */
static void unreachable(struct hook_facts *f, bool by_kprobe)
{
	for (unsigned int i = 0; i < f->section_count; i++) {
		if (by_kprobe && *f->sections[i].name == 'k')
			continue;
		f->sections[i].state = (struct feature_result){
			.state = FEATURE_MISSING,
			.why = "the kernel's tracer does not reach this function: it is not "
			       "to be traced, or gone after boot"};
	}
}

static struct hook_argument *add_argument(struct hook_facts *f, const char *name)
{
	struct hook_argument *list = realloc(f->arguments, (f->argument_count + 1) * sizeof(*list)),
			     *a;

	if (!list)
		return NULL;
	f->arguments = list;
	a = &list[f->argument_count++];
	*a = (struct hook_argument){.offset = -1};
	snprintf(a->name, sizeof(a->name), "%s", name);
	return a;
}

/* How sonde shows it: a field of this name, or one that says a part of it, file_ino. */
static const struct field *field_of(const struct hook_facts *f, const char *name)
{
	const struct schema *s = f->named.count ? &f->named.list[0]->schema : NULL;
	size_t size = strlen(name);

	for (unsigned int i = 0; s && i < s->count; i++)
		if (!strncmp(s->fields[i].name, name, size) &&
		    (!s->fields[i].name[size] || s->fields[i].name[size] == '_'))
			return &s->fields[i];
	return NULL;
}

/* "file", or where a struct is shown by some of its members "p_pid, p_comm". */
static void tell_shown(const struct hook_facts *f, struct hook_argument *a)
{
	const struct named_hook *h = f->named.count ? f->named.list[0] : NULL;

	for (unsigned int i = 0; h && h->types && i < h->from.count; i++) {
		const char *name = h->fields[i].name;
		size_t used = strlen(a->shown);

		if (strcmp(h->params[h->origins[i].param].name, a->name))
			continue;
		snprintf(a->shown + used, sizeof(a->shown) - used, "%s%s", used ? ", " : "",
			 strcmp(name, a->name) ? name : kinds[h->fields[i].kind].name);
	}
	if (!*a->shown && a->field)
		snprintf(a->shown, sizeof(a->shown), "%s", kinds[a->field->kind].name);
}

static struct hook_argument *add_typed(struct hook_facts *f, const struct btf *kernel,
				       const char *name, uint32_t type)
{
	struct hook_argument *a = add_argument(f, name);
	struct buffer text = {};
	int64_t size = btf__resolve_size(kernel, type);

	if (!a)
		return NULL;
	type__declare(&text, kernel, type, "");
	snprintf(a->type, sizeof(a->type), "%s", buffer__string(&text));
	buffer__free(&text);
	a->size = size > 0 ? size : 0;
	a->field = field_of(f, name);
	tell_shown(f, a);
	return a;
}

/* Of a function, as fentry and fexit have them: words, one for each argument, the result behind. */
static void add_parameters(struct hook_facts *f, const struct found *h)
{
	const struct btf_type *proto = h->type ? prototype__of(h->types, h->type) : NULL;
	bool raw = h->source == FIND_RAW_TRACEPOINT, function = h->source == FIND_FUNCTION;
	unsigned int word = 0;

	for (unsigned int i = raw; proto && i < btf_vlen(proto); i++) {
		const struct btf_param *p = &btf_params(proto)[i];
		const char *name = btf__name_by_offset(h->types, p->name_off);
		struct hook_argument *argument;
		char number[16];

		if (!p->type)
			break;
		snprintf(number, sizeof(number), "arg%u", i - raw);
		argument = add_typed(f, h->types, *name ? name : number, p->type);
		if (!argument)
			return;
		argument->offset = 8 * word;
		if (function)
			snprintf(argument->place, sizeof(argument->place), "%s",
				 word < argument_register_count ? argument_registers[word].name
								: "stack");
		word += argument->size > 8 && argument->size <= 16 ? 2 : 1;
	}
	if (proto && proto->type && (function || h->source == FIND_LSM)) {
		struct hook_argument *result = add_typed(f, h->types, "res", proto->type);

		if (result && function) {
			result->offset = 8 * word;
			snprintf(result->place, sizeof(result->place), "%s",
				 result_registers[0].name);
		}
	}
}

static bool has_members(const struct btf *kernel, const struct btf_type *t, const char *format)
{
	struct tracepoint_field field;
	unsigned int fields = 0;

	for (const char *at = format; tracepoint__next_field(&at, &field); fields++) {
		bool found = false;

		for (unsigned int i = 0; i < btf_vlen(t) && !found; i++) {
			const char *name = btf__name_by_offset(kernel, btf_members(t)[i].name_off);
			size_t size = field.name_size;

			/* __data_loc_NAME */
			if (!strncmp(name, "__data_loc_", 11))
				name += 11;
			else if (!strncmp(name, "__rel_loc_", 10))
				name += 10;
			found = btf_member_bit_offset(t, i) == field.offset * 8 &&
				!strncmp(name, field.name, size) && !name[size];
		}
		if (!found)
			return false;
	}
	/* And what all have, and what varies. */
	return btf_vlen(t) == fields + 2;
}

/*
 * The kernel has a struct for each class of tracepoints, named after it; events of a class have
 * other names. It is told by its members; of several, the one that shares most of the name.
 */
static const char *context_struct(const struct btf *kernel, const char *name, const char *format)
{
	static const char prefix[] = "trace_event_raw_";
	const char *best = NULL;
	int most = -1;

	for (uint32_t i = 1; kernel && i < btf__type_cnt(kernel); i++) {
		const struct btf_type *t = btf__type_by_id(kernel, i);
		const char *type, *rest;
		int shared = 0;

		if (!btf_is_struct(t))
			continue;
		type = btf__name_by_offset(kernel, t->name_off);
		if (strncmp(type, prefix, strlen(prefix)))
			continue;
		rest = type + strlen(prefix);
		while (rest[shared] && rest[shared] == name[shared])
			shared++;
		if (rest[shared])
			shared /= 2; /* not a part of it */
		if (shared > most && has_members(kernel, t, format)) {
			best = type;
			most = shared;
		}
	}
	return best;
}

static void add_fields(struct hook_facts *f, struct hooks_about *a, const struct found *h)
{
	char path[320], *format = NULL;
	struct tracepoint_field field;
	const char *name = strchr(h->target, ':'), *print, *context;

	snprintf(path, sizeof(path), "%s", h->target);
	path[strcspn(path, ":")] = '/';
	add_section(f, a, "tp/", path, h, FEATURE_TRACEPOINT);
	if (!name || tracepoint__format(path, &format))
		return;
	for (const char *at = format; tracepoint__next_field(&at, &field);) {
		char text[80];
		struct hook_argument *argument;

		snprintf(text, sizeof(text), "%.*s", (int)field.name_size, field.name);
		argument = add_argument(f, text);
		if (!argument)
			break;
		snprintf(argument->type, sizeof(argument->type), "%.*s%.*s",
			 (int)(field.name - field.declaration) -
				 (field.name > field.declaration && field.name[-1] == ' '),
			 field.declaration,
			 (int)(field.size - (field.name - field.declaration) - field.name_size),
			 field.name + field.name_size);
		argument->offset = field.offset;
		argument->size = field.bytes;
		argument->field = field_of(f, text);
	}
	print = strstr(format, "\nprint fmt: ");
	if (print) {
		print += strlen("\nprint fmt: ");
		f->print = strndup(print, strcspn(print, "\n"));
	}
	if (!strncmp(h->target, "syscalls:", 9))
		context = strncmp(name + 1, "sys_exit", 8) ? "syscall_trace_enter"
							   : "syscall_trace_exit";
	else
		context = context_struct(a->kernel, name + 1, format);
	if (context && asprintf(&f->context, "struct %s *", context) < 0)
		f->context = NULL;
	free(format);
}

static void add_usdt(struct hook_facts *f, const struct found *h)
{
	struct usdt_argument argument;
	const char *at = h->detail ?: "";

	while (usdt__next_argument(&at, &argument)) {
		struct hook_argument *a;
		char name[16];

		snprintf(name, sizeof(name), "arg%u", f->argument_count);
		a = add_argument(f, name);
		if (!a)
			return;
		a->size = abs(argument.size);
		snprintf(a->type, sizeof(a->type), "%s%d",
			 argument.is_float   ? "float"
			 : argument.size < 0 ? "s"
					     : "u",
			 abs(argument.size) * 8);
		snprintf(a->place, sizeof(a->place), "%.*s", (int)argument.place_size,
			 argument.place);
		a->field = field_of(f, name);
		if (!a->field && f->named.count)
			snprintf(a->shown, sizeof(a->shown), "not read");
	}
}

static const char *register_at(uint32_t offset)
{
	for (unsigned int i = 0; i < argument_register_count; i++)
		if (argument_registers[i].offset == offset)
			return argument_registers[i].name;
	for (unsigned int i = 0; i < ARRAY_SIZE(result_registers); i++)
		if (result_registers[i].offset == offset)
			return result_registers[i].name;
	return offset == NAMED_NOWHERE ? "float" : "stack";
}

/* "rdi", "rsi, rdx", "[rcx]": at the address in it. */
static void name_registers(struct hook_argument *a, const struct named_param *p)
{
	if (p->missing)
		return;
	if (p->part_count == 2)
		snprintf(a->place, sizeof(a->place), "%s, %s", register_at(p->parts[0].offset),
			 register_at(p->parts[1].offset));
	else if (p->part_count)
		snprintf(a->place, sizeof(a->place), "%s", register_at(p->parts[0].offset));
	else
		snprintf(a->place, sizeof(a->place), "[%s]", register_at(p->from.offsets[0]));
}

/* How it is shown, as a whole or by its members: box.a; or why not. */
static void add_parts(struct hook_facts *f, const struct named_hook *h, const struct named_param *p)
{
	const char *name = p->name;
	size_t size = strlen(name);
	struct hook_argument *whole = &f->arguments[f->argument_count - 1];
	bool any = false;

	for (unsigned int i = 0; i < h->from.count; i++) {
		const struct field *field = &h->fields[i];
		struct hook_argument *a = &f->arguments[f->argument_count - 1];

		if (strncmp(field->name, name, size) ||
		    (field->name[size] && field->name[size] != '.'))
			continue;
		if (field->name[size])
			a = add_argument(f, field->name);
		if (a)
			a->field = field;
		any = true;
	}
	if (!any && p->missing)
		snprintf(whole->shown, sizeof(whole->shown), "not read: %s", p->missing);
	else if (!any && p->part_count && p->parts[0].offset == NAMED_NOWHERE)
		snprintf(whole->shown, sizeof(whole->shown),
			 "not read: in a register for floating-point numbers");
}

/* Of a program's function: its parameters, or what else its event has as fields. */
static void add_user(struct hook_facts *f)
{
	const struct named_hook *h = f->named.count ? f->named.list[0] : NULL;
	struct hook_argument *a;

	for (unsigned int i = 0; h && i < h->param_count; i++) {
		a = add_argument(f, h->params[i].name);
		if (!a)
			return;
		snprintf(a->type, sizeof(a->type), "%s", h->params[i].spelled);
		name_registers(a, &h->params[i]);
		add_parts(f, h, &h->params[i]);
	}
	for (unsigned int i = 0; h && !h->param_count && i < h->from.count; i++) {
		a = add_argument(f, h->fields[i].name);
		if (!a)
			return;
		a->field = &h->fields[i];
		snprintf(a->place, sizeof(a->place), "%s",
			 register_at(h->from.fields[i].offsets[0]));
	}
}

/* A word's kind is also what a probe is made for, but for one. */
static void name_template(struct hook_facts *f, const struct found *h)
{
	int size = strcspn(h->word, ":");

	if (h->source == FIND_RAW_TRACEPOINT)
		snprintf(f->template, sizeof(f->template), "raw_tp");
	else
		snprintf(f->template, sizeof(f->template), "%.*s", size, h->word);
}

/* Of several functions with one name the one that was found. */
static void choose_place(struct hook_facts *f, const struct found *h)
{
	struct named_hooks *all = &f->named;
	char end[32];

	snprintf(end, sizeof(end), ":%#llx", (unsigned long long)h->place);
	for (unsigned int i = 1; h->source == FIND_USER && i < all->count; i++) {
		struct named_hook *first = all->list[0];
		const char *colon = strrchr(all->list[i]->section, ':');

		if (!colon || strcmp(colon, end))
			continue;
		all->list[0] = all->list[i];
		all->list[i] = first;
	}
}

/* FILE:FUNCTION, as linkers call it. */
static void spell_target(const struct found *h, char *to, size_t room)
{
	if (h->symbol)
		snprintf(to, room, "%.*s%s", (int)binary__file_size(h->target) + 1, h->target,
			 h->symbol);
	else
		snprintf(to, room, "%s", h->target);
}

static char *text_of(const char *text)
{
	return strdup(text);
}

void hook_facts__find(struct hook_facts *f, struct hooks_about *a, const struct found *h)
{
	struct error err = {};
	char word[5000];

	f->traceable = named__is(h->word);
	/* Of a function fexit knows all, the result too. */
	if (h->source == FIND_FUNCTION)
		snprintf(word, sizeof(word), "fexit:%s", h->target);
	else
		snprintf(word, sizeof(word), "%s", h->word);
	if (f->traceable && named__find(&f->named, word, a->probes, &err))
		f->traceable = false;
	choose_place(f, h);
	name_template(f, h);
	switch ((enum find_source)h->source) {
	case FIND_TRACEPOINT:
		add_fields(f, a, h);
		break;
	case FIND_RAW_TRACEPOINT:
		f->context = text_of("words of 8 bytes, as BPF_PROG() takes them");
		add_section(f, a, "tp_btf/", h->target, h, 0);
		add_section(f, a, "raw_tp/", h->target, h, 0);
		add_parameters(f, h);
		break;
	case FIND_FUNCTION:
		f->context = text_of("fentry, fexit: words of 8 bytes, as BPF_PROG() takes them; "
				     "kprobe: struct pt_regs *");
		add_section(f, a, "fexit/", h->target, h, 0);
		add_section(f, a, "fentry/", h->target, h, 0);
		add_section(f, a, "kprobe/", h->target, h, 0);
		add_section(f, a, "kretprobe/", h->target, h, 0);
		if (h->reach >= REACH_KPROBE)
			unreachable(f, h->reach == REACH_KPROBE);
		add_parameters(f, h);
		break;
	case FIND_LSM:
		f->context = text_of("words of 8 bytes, as BPF_PROG() takes them");
		add_section(f, a, "lsm/", h->target, h, 0);
		add_parameters(f, h);
		break;
	case FIND_ITER:
		if (asprintf(&f->context, "struct bpf_iter__%s *", h->target) < 0)
			f->context = NULL;
		add_section(f, a, "iter/", h->target, h, 0);
		add_parameters(f, h);
		break;
	case FIND_PERF:
		f->context = text_of("struct bpf_perf_event_data *");
		add_section(f, a, "perf_event", "", h, FEATURE_PERF_EVENT);
		break;
	case FIND_USER:
		f->context = text_of("struct pt_regs *");
		spell_target(h, word, sizeof(word));
		add_section(f, a, "uprobe/", word, h, FEATURE_UPROBE);
		add_section(f, a, "uretprobe/", word, h, FEATURE_UPROBE);
		add_user(f);
		break;
	case FIND_USDT:
		f->context = text_of("struct pt_regs *, as BPF_USDT() takes it");
		add_section(f, a, "usdt/", h->target, h, FEATURE_UPROBE);
		add_usdt(f, h);
		break;
	case FIND_SOURCES:
		break;
	}
}
