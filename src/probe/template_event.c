// SPDX-License-Identifier: Apache-2.0
/* Templates of hooks whose fields the kernel or the catalogue tells: tracepoints, system calls. */
#include "../base/suggest.h"
#include "../event/catalogue.h"
#include "template_inside.h"

#include <errno.h>
#include <string.h>

bool template__is_data(const struct field *f)
{
	return kinds[f->kind].class == CLASS_TEXT || kinds[f->kind].class == CLASS_DATA;
}

/* What is not a number, nor text, nor bytes that can be had by their size alone, is an address. */
static const char *type_of(const struct field *f)
{
	bool is_signed = kinds[f->kind].class == CLASS_SIGNED;

	if (f->kind == KIND_file)
		return "struct sonde_file_ref";
	if (template__is_data(f))
		return "struct sonde_data";
	switch (kinds[f->kind].size) {
	case 1:
		return is_signed ? "__s8" : "__u8";
	case 2:
		return is_signed ? "__s16" : "__u16";
	case 4:
		return is_signed ? "__s32" : "__u32";
	}
	return is_signed ? "__s64" : "__u64";
}

static void put_field(struct buffer *b, const struct field *f)
{
	const char *table = f->values ? f->values->name : "";
	enum kind kind = f->kind;
	bool has_table = *table && values__find(table);

	if (f->values && !has_table && (kind == KIND_enum || kind == KIND_flags))
		kind = kind == KIND_enum ? KIND_uint : KIND_hex;
	if (f->values && !has_table && kind == KIND_flags64)
		kind = KIND_hex;
	if (f->values && !has_table && kind == KIND_enum_at)
		kind = KIND_uint_at;
	buffer__printf(b, "\t%s %s", type_of(&(struct field){.kind = kind}), f->name);
	if (has_table && kind == KIND_enum)
		buffer__printf(b, " ENUM(%s)", table);
	else if (has_table && kind == KIND_flags)
		buffer__printf(b, " FLAGS(%s)", table);
	else if (kind != KIND_file)
		buffer__printf(b, " KIND(%s)", kinds[kind].name);
	if (template__is_data(f) && f->provenance == FROM_USER)
		buffer__text(b, " FROM_USER");
	if (f->quiet)
		buffer__text(b, " QUIET");
	buffer__text(b, ";\n");
}

/* A result is a word, whatever it is otherwise. */
static void put_result(struct buffer *b, const struct field *f)
{
	bool number = kinds[f->kind].class == CLASS_NUMBER && !f->values;

	buffer__printf(b, "\t__s64 %s RESULT", f->name);
	if (number && f->kind != KIND_ulong)
		buffer__printf(b, " KIND(%s)", kinds[f->kind].name);
	buffer__text(b, ";\n");
}

void template__event(struct template *t, const struct field *fields, unsigned int count,
		     const char *help, bool result)
{
	buffer__printf(t->b,
		       "\n/* What is captured: a member is a field, its tag says what it is "
		       "(<sonde/probe.bpf.h>). */\n"
		       "EVENT(%s, mine, \"%s\")\n{\n",
		       t->name, help);
	if (result)
		put_result(t->b, fields);
	for (unsigned int i = result; i < count; i++)
		put_field(t->b, &fields[i]);
	buffer__text(t->b, "};\n\n");
}

/* Where an append_*() puts its bytes. */
static void put_slot(struct template *t, const char *function, const struct field *f)
{
	buffer__printf(t->b, "\t%s(scratch_of(e), SLOT(struct sonde_event__%s, %s),\n\t\t",
		       function, t->name, f->name);
}

static bool is_located(const struct sonde_named_field *from)
{
	return from->what >= SONDE_NAMED_LOCATED && from->what <= SONDE_NAMED_RELATIVE_STRING;
}

/* The context, member by member: what is not captured is a gap. */
static void put_context(struct template *t, const struct named_hook *h)
{
	unsigned int at = 0, gaps = 0;

	buffer__printf(
		t->b, "\n/* As /sys/kernel/tracing/events/%s/format has it. */\nstruct %s_args {\n",
		h->section + 3, t->name);
	for (unsigned int i = 0; i < h->from.count; i++) {
		const struct sonde_named_field *from = &h->from.fields[i];
		bool bytes = from->what == SONDE_NAMED_STRING || from->what == SONDE_NAMED_BYTES;

		if (from->offsets[0] < at)
			continue;
		if (from->offsets[0] > at)
			buffer__printf(t->b, "\tchar gap_%u[%u];\n", gaps++, from->offsets[0] - at);
		if (bytes)
			buffer__printf(t->b, "\tchar %s[%u];\n", h->fields[i].name, from->size);
		else
			buffer__printf(t->b, "\t__%c%u %s;%s\n",
				       from->what == SONDE_NAMED_SIGNED ? 's' : 'u', from->size * 8,
				       h->fields[i].name,
				       is_located(from)
					       ? " /* where it is: offset, and size << 16 */"
					       : "");
		at = from->offsets[0] + from->size;
	}
	buffer__text(t->b, "};\n");
}

static void put_bytes(struct template *t, const struct field *f,
		      const struct sonde_named_field *from)
{
	const char *name = f->name;

	switch (from->what) {
	case SONDE_NAMED_STRING:
		put_slot(t, "append_kernel_string_upto", f);
		buffer__printf(t->b, "args->%s, sizeof(args->%s));\n", name, name);
		break;
	case SONDE_NAMED_BYTES:
		put_slot(t, "append_kernel_bytes", f);
		buffer__printf(t->b, "args->%s, sizeof(args->%s));\n", name, name);
		break;
	case SONDE_NAMED_LOCATED_STRING:
		put_slot(t, "append_kernel_string", f);
		buffer__printf(t->b, "(void *)args + (args->%s & 0xffff));\n", name);
		break;
	case SONDE_NAMED_LOCATED:
		put_slot(t, "append_kernel_bytes", f);
		buffer__printf(t->b, "(void *)args + (args->%s & 0xffff), args->%s >> 16);\n", name,
			       name);
		break;
	case SONDE_NAMED_RELATIVE_STRING:
		put_slot(t, "append_kernel_string", f);
		buffer__printf(t->b, "(void *)(&args->%s + 1) + (args->%s & 0xffff));\n", name,
			       name);
		break;
	case SONDE_NAMED_RELATIVE:
		put_slot(t, "append_kernel_bytes", f);
		buffer__printf(t->b,
			       "(void *)(&args->%s + 1) + (args->%s & 0xffff), args->%s >> 16);\n",
			       name, name, name);
		break;
	case SONDE_NAMED_STRING_AT:
		put_slot(t,
			 f->provenance == FROM_USER ? "append_user_string" : "append_kernel_string",
			 f);
		buffer__printf(t->b, "(void *)args->%s%s);\n", name,
			       f->provenance == FROM_USER ? ", config.string_limit" : "");
		break;
	}
}

static int find_hook(struct template *t, const char *kind, struct error *err)
{
	char word[300];
	int code;

	snprintf(word, sizeof(word), "%s:%s", kind, t->target);
	code = named__find(&t->hooks, word, t->probes, err);
	if (!code && t->hooks.count != 1)
		code = error__set(err, -EINVAL, "%s names %u hooks: a probe is for one", t->target,
				  t->hooks.count);
	return code == -ENOENT || code == -EACCES ? -EINVAL : code;
}

int template__tracepoint(struct template *t, struct error *err)
{
	const struct named_hook *h;
	bool dev = false;
	int code = find_hook(t, "tracepoint", err);

	if (code)
		return code;
	h = t->hooks.list[0];
	template__head(t, "What a tracepoint passes.");
	buffer__text(t->b, "#include <sonde/probe.bpf.h>\n");
	for (unsigned int i = 0; i < h->from.count && !dev; i++)
		dev = h->from.fields[i].what == SONDE_NAMED_DEV;
	buffer__text(t->b, dev ? "#include <sonde/lib/files.h>\n" : "");
	put_context(t, h);
	template__event(t, h->fields, h->from.count, t->target, false);
	buffer__printf(
		t->b,
		"SEC(\"%s\")\nint on_%s(struct %s_args *args)\n{\n"
		"\t/* A record, if the task is traced: fill it, then submit() it on each way out. "
		"*/\n"
		"\tstruct sonde_event__%s *e = begin(%s);\n\n\tif (!e)\n\t\treturn 0;\n",
		h->section, t->name, t->name, t->name, t->name);
	for (unsigned int i = 0; i < h->from.count; i++) {
		const struct field *f = &h->fields[i];

		if (template__is_data(f))
			put_bytes(t, f, &h->from.fields[i]);
		else if (h->from.fields[i].what == SONDE_NAMED_DEV)
			buffer__printf(t->b, "\te->%s = user_dev(args->%s);\n", f->name, f->name);
		else
			buffer__printf(t->b, "\te->%s = args->%s;\n", f->name, f->name);
	}
	buffer__text(t->b, "\treturn submit(e);\n}\n");
	template__license(t);
	return 0;
}

static const struct schema *find_call(const char *name)
{
	unsigned int count;
	const struct schema *calls = catalogue__calls(&count);

	for (unsigned int i = 0; i < count; i++)
		if (!strcmp(calls[i].name, name) && calls[i].number >= 0)
			return &calls[i];
	return NULL;
}

static int unknown_call(const char *name, struct error *err)
{
	unsigned int count;
	const struct schema *calls = catalogue__calls(&count);
	struct suggest near;

	suggest__start(&near, name, strlen(name));
	for (unsigned int i = 0; i < count; i++)
		if (calls[i].number >= 0)
			suggest__offer(&near, calls[i].name);
	return error__set(err, -EINVAL, "there is no system call %s%s%s%s", name,
			  near.best ? "; did you mean " : "", near.best ?: "",
			  near.best ? "?" : "");
}

int template__call(struct template *t, struct error *err)
{
	const struct schema *call = find_call(t->target);
	struct field fields[7];

	if (!call)
		return unknown_call(t->target, err);
	for (unsigned int i = 0; i < call->count && i < ARRAY_SIZE(fields); i++) {
		fields[i] = call->fields[i];
		/* What is neither a number nor a string stays an address. */
		if (template__is_data(&fields[i]) && kinds[fields[i].kind].fetch != FETCH_STRING)
			fields[i].kind = KIND_address;
	}
	template__head(t,
		       "A system call, when it returns: the registers still hold its arguments.");
	buffer__printf(
		t->b,
		"#include <sonde/probe.bpf.h>\n%s\n#define NUMBER %d /* of %s; elsewhere it has "
		"another one */\n"
		"#if defined(__TARGET_ARCH_x86)\n#define CALL(regs) BPF_CORE_READ(regs, orig_ax)\n"
		"#else\n#define CALL(regs) BPF_CORE_READ(regs, syscallno)\n#endif\n",
		call->count > 6 ? "#include <sonde/lib/hooks.h>\n" : "", call->number, call->name);
	buffer__printf(t->b, "\nEVENT(%s, mine, \"%s returned\")\n{\n\t__s64 res RESULT;\n",
		       t->name, t->target);
	for (unsigned int i = 1; i < call->count; i++)
		put_field(t->b, &fields[i]);
	buffer__printf(
		t->b,
		"};\n\nSEC(\"tp_btf/sys_exit\")\nint BPF_PROG(on_%s, struct pt_regs *regs, long res)\n{\n"
		"\tstruct sonde_event__%s *e;\n\n\tif ((int)CALL(regs) != NUMBER)\n\t\treturn 0;\n"
		"\te = begin(%s); /* a record, if the task is traced */\n"
		"\tif (!e)\n\t\treturn 0;\n\te->res = res;\n",
		t->name, t->name, t->name);
	for (unsigned int i = 1; i < call->count; i++) {
		if (template__is_data(&fields[i])) {
			put_slot(t, "append_user_string", &fields[i]);
			buffer__printf(
				t->b,
				"(void *)PT_REGS_PARM%u_CORE_SYSCALL(regs), config.string_limit);\n",
				i);
		} else {
			buffer__printf(t->b, "\te->%s = ", fields[i].name);
			/* libbpf's headers know the sixth from 1.2 on. */
			buffer__printf(t->b,
				       i == 6 ? "hook_register(regs, %u);\n"
					      : "PT_REGS_PARM%u_CORE_SYSCALL(regs);\n",
				       i == 6 ? 5 : i);
		}
	}
	buffer__text(t->b, "\treturn submit(e);\n}\n");
	template__license(t);
	return 0;
}
