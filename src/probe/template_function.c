// SPDX-License-Identifier: Apache-2.0
/* Templates of hooks that are functions, with the types that the kernel's BTF has for their
 * arguments. */
#include "../kernel/hook_kinds.h"
#include "../kernel/named_structs.h"
#include "template_inside.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

static const struct means {
	const char *kind, *word, *section, *macro;
} means[] = {
	{"raw_tp", "rawtracepoint", "tp_btf", "BPF_PROG"},
	{"kprobe", "kprobe", "kprobe", "BPF_KPROBE"},
	{"kretprobe", "kretprobe", "kretprobe", "BPF_KRETPROBE"},
	{"fentry", "fentry", "fentry", "BPF_PROG"},
	{"fexit", "fexit", "fexit", "BPF_PROG"},
	{"lsm", "lsm", "lsm", "BPF_PROG"},
};

/* So many arguments has BPF_KPROBE() in all versions of libbpf. */
#define KPROBE_ARGUMENTS 5

struct function {
	struct template *t;
	const struct means *means;
	const struct named_hook *h;
	const struct btf *btf;
	bool words; /* the arguments are words, which the verifier knows the types of */
};

static const struct btf_type *plain(const struct btf *btf, uint32_t id)
{
	return btf__type_by_id(btf, type__plain(btf, id));
}

static bool is_pointer(const struct function *f, const struct named_param *p)
{
	return btf_is_ptr(plain(f->btf, p->type.words[0]));
}

/* The struct behind a pointer; NULL: it is none. */
static const char *pointed_struct(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = plain(btf, id);

	if (!btf_is_ptr(t) || !t->type)
		return NULL;
	t = plain(btf, t->type);
	return (btf_is_struct(t) || btf_is_fwd(t)) && t->name_off
		       ? btf__name_by_offset(btf, t->name_off)
		       : NULL;
}

static void put_type(struct buffer *b, const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = plain(btf, id);
	const char *name = pointed_struct(btf, id);
	bool is_signed = btf_is_int(t) && btf_int_encoding(t) & BTF_INT_SIGNED;

	if (name)
		buffer__printf(b, "struct %s *", name);
	else if (btf_is_ptr(t))
		buffer__text(b, "void *");
	else if (btf_is_int(t) && t->size <= 8)
		buffer__printf(b, "__%c%u ", is_signed ? 's' : 'u', t->size * 8);
	else if (btf_is_enum(t))
		buffer__text(b, "__u32 ");
	else
		buffer__text(b, "__u64 ");
}

/* Members that are read, each once. */
struct members {
	struct {
		const char *of, *name;
		uint32_t type;
		bool put;
	} list[64];
	unsigned int count;
};

static void collect(struct members *m, const struct btf *btf, uint32_t id, const char *path)
{
	const struct btf_type *t = plain(btf, id);
	size_t size = strcspn(path, "-.");
	struct type_place place;
	const char *of, *rest = path + size + strspn(path + size, "->.");
	bool known = false;

	if (btf_is_ptr(t))
		t = plain(btf, t->type);
	of = btf__name_by_offset(btf, t->name_off);
	if (!*path || !btf_is_composite(t) || !type__member(btf, t, path, size, NULL, &place))
		return;
	collect(m, btf, place.type, rest);
	for (unsigned int i = 0; i < m->count; i++)
		known |= !strcmp(m->list[i].of, of) && strlen(m->list[i].name) == size &&
			 !memcmp(m->list[i].name, path, size);
	if (known || m->count == ARRAY_SIZE(m->list))
		return;
	m->list[m->count].of = of;
	m->list[m->count].name = strndup(path, size) ?: "";
	m->list[m->count++].type = place.type;
}

static void put_member(struct buffer *b, const struct btf *btf, uint32_t type, const char *name,
		       bool embeds)
{
	const struct btf_type *t = plain(btf, type);
	const char *of = pointed_struct(btf, type);

	buffer__text(b, "\t");
	if (of)
		buffer__printf(b, "struct %s___mine *%s", of, name);
	else if (btf_is_array(t))
		buffer__printf(b, "char %s[%u]", name, btf_array(t)->nelems);
	else if (btf_is_composite(t) && embeds)
		buffer__printf(b, "struct %s___mine %s", btf__name_by_offset(btf, t->name_off),
			       name);
	else if (btf_is_composite(t))
		buffer__printf(b, "struct {\n\t\t__u%u word;\n\t} %s", t->size == 4 ? 32 : 64,
			       name);
	else if (btf_is_enum(t))
		buffer__printf(b, "enum {\n\t\t%s_NONE\n\t} %s", name, name);
	else {
		put_type(b, btf, type);
		buffer__text(b, name);
	}
	buffer__text(b, ";\n");
}

/* Whether members of what this one is are read. */
static bool embeds(const struct members *m, const char *name)
{
	for (unsigned int i = 0; i < m->count; i++)
		if (!strcmp(m->list[i].of, name))
			return true;
	return false;
}

/* What is embedded stands before what it is in. */
static void put_struct(const struct function *f, struct members *m, const char *of)
{
	struct buffer *b = f->t->b;

	for (unsigned int i = 0; i < m->count; i++) {
		const struct btf_type *t = plain(f->btf, m->list[i].type);
		const char *inner = btf__name_by_offset(f->btf, t->name_off);

		if (strcmp(m->list[i].of, of))
			continue;
		if (m->list[i].put)
			return;
		m->list[i].put = true;
		if (btf_is_composite(t) && embeds(m, inner))
			put_struct(f, m, inner);
	}
	buffer__printf(b, "struct %s___mine {\n", of);
	for (unsigned int i = 0; i < m->count; i++) {
		const struct btf_type *t = plain(f->btf, m->list[i].type);

		if (!strcmp(m->list[i].of, of))
			put_member(b, f->btf, m->list[i].type, m->list[i].name,
				   embeds(m, btf__name_by_offset(f->btf, t->name_off)));
	}
	buffer__text(b, "} __attribute__((preserve_access_index));\n");
}

/* The structs that the arguments point to, and the members that are read of them, wherever this
 * kernel has them. */
static void put_structs(const struct function *f)
{
	struct buffer *b = f->t->b;
	struct members m = {};
	bool any = false;

	for (unsigned int i = 0; i < f->h->param_count; i++) {
		const char *name = pointed_struct(f->btf, f->h->params[i].type.words[0]);

		if (name)
			buffer__printf(b, "%sstruct %s;\n", any ? "" : "\n", name);
		any |= name != NULL;
	}
	for (unsigned int i = 0; i < f->h->from.count; i++)
		collect(&m, f->btf, f->h->params[f->h->origins[i].param].type.words[0],
			f->h->origins[i].members);
	if (m.count)
		buffer__text(
			b,
			"\n/* Members, wherever the kernel has them: add more by their names. */\n");
	for (unsigned int i = 0; i < m.count; i++)
		put_struct(f, &m, m.list[i].of);
	for (unsigned int i = 0; i < m.count; i++)
		if (*m.list[i].name)
			free((char *)m.list[i].name);
}

static bool is_result(const struct function *f, const struct named_param *p)
{
	return f->h->schema.flags & SCHEMA_RESULT && p == f->h->params;
}

/* Names that the program itself has. */
static const char *name_of(const struct named_param *p)
{
	return !strcmp(p->name, "e") ? "e_" : !strcmp(p->name, "ctx") ? "ctx_" : p->name;
}

static unsigned int words_of(const struct function *f, const struct named_param *p)
{
	const struct btf_type *t = plain(f->btf, p->type.words[0]);

	return btf_is_composite(t) && t->size > 8 ? (t->size + 7) / 8 : 1;
}

static void put_argument(const struct function *f, const struct named_param *p)
{
	buffer__text(f->t->b, ", ");
	put_type(f->t->b, f->btf, p->type.words[0]);
	buffer__text(f->t->b, name_of(p));
	/* A struct that is passed by value. */
	for (unsigned int i = 1; i < words_of(f, p); i++)
		buffer__printf(f->t->b, ", __u64 %s_%u", name_of(p), i);
}

/* The result stands behind the arguments. */
static void put_arguments(const struct function *f)
{
	const struct named_hook *h = f->h;
	unsigned int words = 0;

	for (unsigned int i = 0; i < h->param_count; i++) {
		words += words_of(f, &h->params[i]);
		if (!is_result(f, &h->params[i]) && (f->words || words <= KPROBE_ARGUMENTS))
			put_argument(f, &h->params[i]);
	}
	if (h->param_count && is_result(f, h->params))
		put_argument(f, h->params);
	/* What the hooks before it decided. */
	if (!strcmp(f->t->kind, "lsm"))
		buffer__text(f->t->b, ", int ret");
}

/* The sixth argument of a function stands in no BPF_KPROBE(). */
static bool put_more_arguments(const struct function *f, bool put)
{
	unsigned int words = 0;
	bool any = false;

	for (unsigned int i = 0; i < f->h->param_count && !f->words; i++) {
		const struct named_param *p = &f->h->params[i];

		words += words_of(f, p);
		if (is_result(f, p) || words <= KPROBE_ARGUMENTS)
			continue;
		any = true;
		if (!put)
			continue;
		buffer__text(f->t->b, "\t");
		put_type(f->t->b, f->btf, p->type.words[0]);
		buffer__printf(f->t->b, "%s = %shook_register(ctx, %u);\n", name_of(p),
			       is_pointer(f, p) ? "(void *)" : "", words - 1);
	}
	return any;
}

/* What a field is made of: an argument, as a number if the verifier knows it as an address, or a
 * member behind it. */
static void value_of(const struct function *f, unsigned int index, struct buffer *b)
{
	const struct named_origin *o = &f->h->origins[index];
	const struct named_param *p = &f->h->params[o->param];
	const char *of = pointed_struct(f->btf, p->type.words[0]), *path = o->members;
	struct sonde_named_field from = {};
	uint32_t type;

	if (!*path && f->words && is_pointer(f, p)) {
		if (of)
			buffer__printf(b, "number_of(%s)", name_of(p));
		else
			buffer__printf(b, "argument(ctx, %u)", p->from.offsets[0] / 8);
		return;
	}
	if (!*path) {
		buffer__text(b, name_of(p));
		return;
	}
	/* As a number: to some the verifier takes no offset, as they may be NULL. */
	buffer__printf(b,
		       f->words ? "BPF_CORE_READ((struct %s___mine *)number_of(%s)"
				: "BPF_CORE_READ((struct %s___mine *)%s",
		       of, name_of(p));
	while (*path) {
		size_t size = strcspn(path, "-");

		buffer__printf(b, ", %.*s", (int)size, path);
		path += size + strspn(path + size, "->");
	}
	buffer__char(b, ')');
	if (type__follow(f->btf, p->type.words[0], o->members, &from, &type) &&
	    btf_is_composite(plain(f->btf, type)))
		buffer__text(b, ".word");
}

/* The address of an array that is a member. */
static void place_of(const struct function *f, unsigned int index, struct buffer *b)
{
	const struct named_origin *o = &f->h->origins[index];
	const struct named_param *p = &f->h->params[o->param];
	const char *last = o->members, *of = pointed_struct(f->btf, p->type.words[0]);
	struct sonde_named_field from = {};
	char before[100];
	uint32_t type;

	for (const char *arrow; (arrow = strstr(last, "->"));)
		last = arrow + 2;
	if (last == o->members) {
		buffer__printf(b, "(void *)number_of(%s)", name_of(p));
	} else {
		snprintf(before, sizeof(before), "%.*s", (int)(last - o->members - 2), o->members);
		buffer__printf(b, "(void *)BPF_CORE_READ((struct %s___mine *)number_of(%s), %s)",
			       of, name_of(p), before);
		if (type__follow(f->btf, p->type.words[0], before, &from, &type))
			of = pointed_struct(f->btf, type);
	}
	buffer__printf(b, " + bpf_core_field_offset(struct %s___mine, %s)", of, last);
}

static const char *const parts[] = {
	[PACKET_PROTOCOL] = "PACKET_PROTOCOL",
	[PACKET_SOURCE] = "PACKET_SOURCE",
	[PACKET_DESTINATION] = "PACKET_DESTINATION",
	[PACKET_SOURCE_PORT] = "PACKET_SOURCE_PORT",
	[PACKET_DESTINATION_PORT] = "PACKET_DESTINATION_PORT",
};

static void put_value(const struct function *f, unsigned int index)
{
	const struct sonde_named_field *from = &f->h->from.fields[index];
	const struct field *field = &f->h->fields[index];
	const char *event = f->t->name, *name = field->name, *value;
	struct buffer *b = f->t->b, text = {};
	char slot[200];

	if (from->what == SONDE_NAMED_STRING && field->kind != KIND_path)
		place_of(f, index, &text);
	else
		value_of(f, index, &text);
	value = buffer__string(&text);
	snprintf(slot, sizeof(slot), "scratch_of(e), SLOT(struct sonde_event__%s, %s)", event,
		 name);
	buffer__text(b, "\t");
	switch (from->what) {
	case SONDE_NAMED_FILE:
		buffer__printf(b, "put_file(%s, %s, %s)", event, name, value);
		break;
	case SONDE_NAMED_DENTRY:
		buffer__printf(b, "put_dentry(%s, %s, %s)", event, name, value);
		break;
	case SONDE_NAMED_PATH:
		buffer__printf(b, "put_path(%s, %s, (struct path *)%s)", event, name, value);
		break;
	case SONDE_NAMED_SOCK:
		buffer__printf(b, "put_sock(%s, %s, (struct sock *)%s)", event, name, value);
		break;
	case SONDE_NAMED_SOCKET:
		buffer__printf(b, "put_socket(%s, %s, (struct socket *)%s)", event, name, value);
		break;
	case SONDE_NAMED_CGROUP:
		buffer__printf(b, "put_cgroup(%s, %s, %s)", event, name, value);
		break;
	case SONDE_NAMED_PACKET:
		buffer__printf(b, "put_header%s(e, %s, %s, %s, %s)",
			       field->kind == KIND_ip ? "_address" : "", event, name, value,
			       parts[from->size]);
		break;
	case SONDE_NAMED_STRING:
		if (field->kind == KIND_path)
			buffer__printf(b, "append_kernel_string(%s,\n\t\t%s)", slot, value);
		else
			buffer__printf(b, "append_kernel_string_upto(%s,\n\t\t%s, %u)", slot, value,
				       from->size);
		break;
	case SONDE_NAMED_STRING_AT:
		buffer__printf(b, "append_any_string(%s,\n\t\t(void *)%s)", slot, value);
		break;
	case SONDE_NAMED_BYTES_AT:
		buffer__printf(b, "append_any_bytes(%s,\n\t\t(void *)%s, %u)", slot, value,
			       from->size);
		break;
	case SONDE_NAMED_DEV:
		buffer__printf(b, "e->%s = user_dev(%s)", name, value);
		break;
	default:
		buffer__printf(b, "e->%s = %s%s", name,
			       field->kind == KIND_address ? "(__u64)" : "", value);
	}
	buffer__text(b, ";\n");
	buffer__free(&text);
}

static void put_includes(const struct function *f)
{
	uint8_t most = 0;
	bool dev = false;

	for (unsigned int i = 0; i < f->h->from.count; i++) {
		most = max(most, f->h->from.fields[i].what);
		dev |= f->h->from.fields[i].what == SONDE_NAMED_DEV;
	}
	buffer__printf(f->t->b, "#include <sonde/probe.bpf.h>\n%s",
		       most >= SONDE_NAMED_CGROUP     ? "#include <sonde/lib/packet.h>\n"
		       : most >= SONDE_NAMED_FILE     ? "#include <sonde/lib/socket.h>\n"
		       : put_more_arguments(f, false) ? "#include <sonde/lib/hooks.h>\n"
		       : dev                          ? "#include <sonde/lib/files.h>\n"
						      : "");
}

int template__function(struct template *t, struct error *err)
{
	struct function f = {.t = t, .means = means};
	bool lsm = !strcmp(t->kind, "lsm");
	char word[300];
	int code;

	while (strcmp(f.means->kind, t->kind))
		f.means++;
	snprintf(word, sizeof(word), "%s:%s", f.means->word, t->target);
	code = named__find(&t->hooks, word, t->probes, err);
	if (!code && t->hooks.count != 1)
		code = error__set(err, -EINVAL, "%s names %u hooks: a probe is for one", t->target,
				  t->hooks.count);
	if (code)
		return code == -ENOENT || code == -EACCES ? -EINVAL : code;
	f.h = t->hooks.list[0];
	f.btf = f.h->types;
	f.words = !strcmp(f.means->macro, "BPF_PROG");
	template__head(
		t, lsm ? "A check of the kernel's security modules. It may refuse: return -EPERM."
		       : "A function of the kernel, with what it is called with.");
	put_includes(&f);
	put_structs(&f);
	template__event(t, f.h->fields, f.h->from.count, t->target,
			f.h->schema.flags & SCHEMA_RESULT);
	buffer__printf(t->b, "SEC(\"%s/%s\")\nint %s(on_%s", f.means->section,
		       hook__target(f.h->section), f.means->macro, t->name);
	put_arguments(&f);
	buffer__printf(
		t->b,
		")\n{\n\t/* A record, if the task is traced: fill it, then submit() it on each way "
		"out. */\n"
		"\tstruct sonde_event__%s *e = begin(%s);\n",
		t->name, t->name);
	put_more_arguments(&f, true);
	buffer__printf(t->b, "\n\tif (!e)\n\t\treturn %s;\n", lsm ? "ret" : "0");
	for (unsigned int i = 0; i < f.h->from.count; i++)
		put_value(&f, i);
	buffer__text(t->b, lsm ? "\tsubmit(e);\n\treturn ret;\n}\n" : "\treturn submit(e);\n}\n");
	template__license(t);
	return 0;
}
