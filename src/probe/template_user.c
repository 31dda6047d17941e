// SPDX-License-Identifier: Apache-2.0
/* Templates of functions of programs and of their USDT probes, with what is known of their
 * arguments. */
#include "../kernel/binary.h"
#include "../kernel/registers.h"
#include "template_inside.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

/* "uprobe/PATH:0x1234(0x5678)": the path, since the word may have been a library's name. */
static void put_target(struct template *t, const struct named_hook *h, const char *function)
{
	const char *path = strchr(h->section, '/') + 1;

	buffer__printf(t->b, "SEC(\"%s/%.*s:%s\")\n", t->kind, (int)(strrchr(path, ':') - path),
		       path, function);
}

/* The one hook that the target names. */
static int find_one(struct template *t, struct error *err)
{
	char word[5000], names[600] = "";
	int code;

	snprintf(word, sizeof(word), "%s:%s", t->kind, t->target);
	code = named__find(&t->hooks, word, t->probes, err);
	for (unsigned int i = 0; !code && i < t->hooks.count && i < 5; i++)
		snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
			 i ? ", " : "", t->hooks.list[i]->symbol ?: "");
	/* Several places of one probe are one event. */
	if (!code && t->hooks.count > 1 && t->hooks.list[0]->symbol)
		code = error__set(err, -EINVAL, "%s names %u functions, and a probe is for one: %s",
				  t->target, t->hooks.count, names);
	return code == -ENOENT || code == -EACCES ? -EINVAL : code;
}

/* A field's name as C takes it: box.a is box_a. */
static int spell_fields(struct named_hook *h, struct field *fields)
{
	for (unsigned int i = 0; i < h->from.count; i++) {
		char *name = named_hook__keep(h, h->fields[i].name, strlen(h->fields[i].name));

		if (!name)
			return -ENOMEM;
		for (char *c = name; *c; c++)
			*c = isalnum((unsigned char)*c) ? *c : '_';
		fields[i] = h->fields[i];
		fields[i].name = name;
	}
	return 0;
}

/* What a register holds, by its place in struct pt_regs. False: it is in none. */
static bool name_register(uint32_t offset, bool at_return, char *to, size_t room)
{
	if (at_return && offset == result_registers[0].offset) {
		snprintf(to, room, "PT_REGS_RC(ctx)");
		return true;
	}
	if (offset == stack_register.offset) {
		snprintf(to, room, "PT_REGS_SP(ctx)");
		return true;
	}
	for (unsigned int i = 0; i < argument_register_count; i++) {
		if (argument_registers[i].offset != offset)
			continue;
		/* libbpf has names for five of them. */
		if (i < 5 && !at_return)
			snprintf(to, room, "PT_REGS_PARM%u(ctx)", i + 1);
		else
			snprintf(to, room, "((unsigned long *)ctx)[%u] /* %s */", offset / 8,
				 argument_registers[i].name);
		return true;
	}
	return false;
}

/* Whether put_value() knows how. */
static bool can_take(const struct sonde_named_field *from, bool at_return)
{
	char name[64];

	switch (from->what) {
	case SONDE_NAMED_NUMBER:
	case SONDE_NAMED_SIGNED:
	case SONDE_NAMED_STRING_AT:
		break;
	case SONDE_NAMED_TEXT:
		if (from->steps ||
		    name_register(from->offsets[0] + from->size, at_return, name, sizeof(name)))
			break;
		return false;
	default:
		return false;
	}
	return from->steps <= 1 && name_register(from->offsets[0], at_return, name, sizeof(name));
}

/* The word at an offset from what a register holds, as the variable `name`. */
static void put_word(struct template *t, const char *name, const char *type, const char *place,
		     int32_t offset)
{
	buffer__printf(t->b,
		       "\t\t%s %s = 0;\n\n"
		       "\t\tbpf_probe_read_user(&%s, sizeof(%s), (void *)(%s + %d));\n",
		       type, name, name, name, place, offset);
}

static void put_text(struct template *t, const struct field *f,
		     const struct sonde_named_field *from, bool at_return)
{
	bool measured = from->what == SONDE_NAMED_TEXT;
	char at[64], length[64] = "length";
	int32_t offset = from->offsets[1];

	name_register(from->offsets[0], at_return, at, sizeof(at));
	if (measured && !from->steps)
		name_register(from->offsets[0] + from->size, at_return, length, sizeof(length));
	buffer__text(t->b, from->steps ? "\t{\n" : "");
	if (from->steps && measured)
		buffer__printf(t->b,
			       "\t\t__u64 length = 0;\n"
			       "\t\tlong failed = bpf_probe_read_user(&length, sizeof(length), "
			       "(void *)(%s + %d));\n",
			       at, offset + (int32_t)from->size);
	if (from->steps) {
		put_word(t, "at", "__u64", at, offset);
		buffer__text(t->b, measured ? "\t\tif (!failed)\n\t" : "");
	}
	buffer__printf(t->b, "\t%s%s(scratch_of(e), SLOT(struct sonde_event__%s, %s),\n\t\t\t%s",
		       from->steps ? "\t" : "",
		       measured ? "append_user_bytes" : "append_user_string", t->name, f->name,
		       measured ? "SONDE_ITEM_DATA, " : "");
	buffer__printf(t->b, "(void *)%s, %s%sconfig.string_limit);\n%s", from->steps ? "at" : at,
		       measured ? length : "", measured ? ", " : "", from->steps ? "\t}\n" : "");
}

static void put_value(struct template *t, const struct field *f,
		      const struct sonde_named_field *from, bool at_return)
{
	char place[64], type[16];

	if (from->what == SONDE_NAMED_STRING_AT || from->what == SONDE_NAMED_TEXT) {
		put_text(t, f, from, at_return);
		return;
	}
	name_register(from->offsets[0], at_return, place, sizeof(place));
	snprintf(type, sizeof(type), "__%c%u", from->what == SONDE_NAMED_SIGNED ? 's' : 'u',
		 from->size * 8);
	if (!from->steps) {
		buffer__printf(t->b, "\te->%s = (%s)%s;\n", f->name, type, place);
		return;
	}
	buffer__text(t->b, "\t{\n");
	put_word(t, "there", type, place, from->offsets[1]);
	buffer__printf(t->b, "\t\te->%s = there;\n\t}\n", f->name);
}

/* Between the declaration of the event and its fields. */
static void put_begin(struct template *t)
{
	buffer__printf(
		t->b,
		")\n{\n\t/* A record, if the task is traced: fill it, then submit() it on each way "
		"out. */\n"
		"\tstruct sonde_event__%s *e = begin(%s);\n\n\tif (!e)\n\t\treturn 0;\n",
		t->name, t->name);
}

static void put_hint(struct template *t, const char *argument)
{
	buffer__printf(
		t->b,
		"\t/* A string that an argument points to: in EVENT() struct sonde_data name "
		"KIND(string); and here\n"
		"\t * append_user_string(scratch_of(e), SLOT(struct sonde_event__%s, name),\n"
		"\t *                    (void *)%s, config.string_limit); */\n",
		t->name, argument);
}

int template__user(struct template *t, struct error *err)
{
	struct field fields[SONDE_NAMED_FIELDS], kept[SONDE_NAMED_FIELDS];
	struct sonde_named_field from[SONDE_NAMED_FIELDS];
	bool returns = !strcmp(t->kind, "uretprobe");
	unsigned int count = 0;
	struct named_hook *h;
	const char *colon;
	int code;

	if (!t->target[binary__file_size(t->target)])
		return error__set(err, -EINVAL, "it is: sonde probe new %s PATH:FUNCTION", t->kind);
	code = find_one(t, err);
	if (code)
		return code;
	h = t->hooks.list[0];
	code = spell_fields(h, fields);
	for (unsigned int i = 0; i < h->from.count; i++) {
		if (!can_take(&h->from.fields[i], returns))
			continue;
		kept[count] = fields[i];
		from[count++] = h->from.fields[i];
	}
	colon = t->target + binary__file_size(t->target) + 1;
	template__head(t, returns ? "A function of a program, when it returns."
			  : h->param_count
				  ? "A function of a program, with its arguments."
				  : "A function of a program, with the registers that hold "
				    "its arguments.");
	buffer__text(t->b, "#include <sonde/probe.bpf.h>\n");
	template__event(t, kept, count, colon, false);
	put_target(t, h, h->symbol);
	buffer__printf(t->b, "int on_%s(struct pt_regs *ctx", t->name);
	put_begin(t);
	for (unsigned int i = 0; i < count; i++)
		put_value(t, &kept[i], &from[i], returns);
	if (!h->param_count)
		put_hint(t, returns ? "PT_REGS_RC(ctx)" : "PT_REGS_PARM1(ctx)");
	buffer__text(t->b, "\treturn submit(e);\n}\n");
	template__license(t);
	return code;
}

int template__usdt(struct template *t, struct error *err)
{
	size_t size = binary__file_size(t->target);
	const char *name = t->target + size + 1;
	const struct named_hook *h;
	unsigned int last = 0, number;
	int code;

	if (!t->target[size] || !strchr(name, ':'))
		return error__set(err, -EINVAL, "it is: sonde probe new usdt PATH:PROVIDER:NAME");
	code = find_one(t, err);
	if (code)
		return code;
	h = t->hooks.list[0];
	template__head(t, "A probe that a program's author put there (USDT).");
	buffer__text(t->b, "#include <sonde/probe.bpf.h>\n#include <bpf/usdt.bpf.h>\n");
	template__event(t, h->fields, h->from.count, name, false);
	put_target(t, h, name);
	buffer__printf(t->b, "int BPF_USDT(on_%s", t->name);
	for (unsigned int i = 0; i < h->from.count; i++)
		if (sscanf(h->fields[i].name, "arg%u", &number) == 1)
			last = number + 1;
	for (unsigned int i = 0; i < last; i++)
		buffer__printf(t->b, ", long arg%u", i);
	put_begin(t);
	for (unsigned int i = 0; i < h->from.count; i++)
		buffer__printf(t->b, "\te->%s = %s;\n", h->fields[i].name, h->fields[i].name);
	if (last)
		put_hint(t, "arg0");
	buffer__text(t->b, "\treturn submit(e);\n}\n");
	template__license(t);
	return 0;
}
