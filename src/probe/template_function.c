// SPDX-License-Identifier: Apache-2.0
/* Templates of hooks that are functions, with the types that the kernel's BTF has for their
 * arguments. */
#include "../kernel/probes.h"
#include "template_inside.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

static const struct {
	const char *kind, *word, *section, *macro;
} means[] = {
	{"raw_tp", "rawtracepoint", "tp_btf", "BPF_PROG"},
	{"kprobe", "kprobe", "kprobe", "BPF_KPROBE"},
	{"kretprobe", "kretprobe", "kretprobe", "BPF_KRETPROBE"},
	{"fentry", "fentry", "fentry", "BPF_PROG"},
	{"fexit", "fexit", "fexit", "BPF_PROG"},
	{"lsm", "lsm", "lsm", "BPF_PROG"},
};

static const struct btf_type *resolve(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (btf_is_mod(t) || btf_is_typedef(t) || btf_is_type_tag(t))
		t = btf__type_by_id(btf, t->type);
	return t;
}

/* The struct behind a pointer; NULL: it is none. */
static const char *pointed_struct(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = resolve(btf, id);

	if (!btf_is_ptr(t) || !t->type)
		return NULL;
	t = resolve(btf, t->type);
	return btf_is_struct(t) && t->name_off ? btf__name_by_offset(btf, t->name_off) : NULL;
}

static void put_type(struct buffer *b, const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = resolve(btf, id);
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

/* A member that stands for a struct: a field is named PARAMETER_MEMBER then. */
struct member {
	const char *of; /* the struct */
	const char *name, *suffix, *type;
};

static const struct member members[] = {
	{"task_struct", "pid", "_pid", "__s32"},
	{"inode", "i_ino", "_ino", "unsigned long"},
	{"cred", "euid", "_euid", "__u32"},
	{"sk_buff", "len", "_len", "__u32"},
};

static const struct named_param *param_of(const struct named_hook *h, const struct field *f,
					  const struct btf *btf, const struct member **member)
{
	*member = NULL;
	for (unsigned int i = 0; i < h->param_count; i++) {
		const char *name = h->params[i].name,
			   *of = pointed_struct(btf, h->params[i].type.words[0]);
		size_t size = strlen(name);

		if (!strcmp(name, f->name))
			return &h->params[i];
		for (unsigned int k = 0; k < ARRAY_SIZE(members) && of; k++) {
			if (strcmp(of, members[k].of) || strncmp(f->name, name, size) ||
			    strcmp(f->name + size, members[k].suffix))
				continue;
			*member = &members[k];
			return &h->params[i];
		}
	}
	return NULL;
}

/* The structs that the arguments point to; of those of which a member is read, that member,
 * wherever this kernel has it. */
static void put_structs(struct template *t, const struct named_hook *h, const struct btf *btf)
{
	bool any = false;

	for (unsigned int i = 0; i < h->param_count; i++) {
		const char *name = pointed_struct(btf, h->params[i].type.words[0]);

		if (name)
			buffer__printf(t->b, "%sstruct %s;\n", any ? "" : "\n", name);
		any |= name != NULL;
	}
	for (unsigned int k = 0; k < ARRAY_SIZE(members); k++) {
		bool used = false;

		for (unsigned int i = 0; i < h->from.count; i++) {
			const struct member *m;

			used |= param_of(h, &h->fields[i], btf, &m) && m == &members[k];
		}
		if (used)
			buffer__printf(
				t->b,
				"\n/* A member, wherever the kernel has it: add more by their "
				"names. */\nstruct %s___mine {\n\t%s %s;\n} "
				"__attribute__((preserve_access_index));\n",
				members[k].of, members[k].type, members[k].name);
	}
}

static void put_arguments(struct template *t, const struct named_hook *h, const struct btf *btf)
{
	for (unsigned int i = 0; i < h->param_count; i++) {
		buffer__text(t->b, ", ");
		put_type(t->b, btf, h->params[i].type.words[0]);
		buffer__text(t->b, h->params[i].name);
	}
	/* What the hooks before it decided. */
	if (!strcmp(t->kind, "lsm"))
		buffer__text(t->b, ", int ret");
}

/* How a program names an argument. */
static void name_argument(const struct template *t, const struct named_param *p,
			  const struct btf *btf, char *to, size_t room)
{
	const struct btf_type *type = resolve(btf, p->type.words[0]);
	bool words = strcmp(t->kind, "kprobe") && strcmp(t->kind, "kretprobe");

	if (words && btf_is_ptr(type) && type->type && !pointed_struct(btf, p->type.words[0]))
		snprintf(to, room, "argument(ctx, %u)", p->from.offsets[0] / 8);
	else
		snprintf(to, room, "%s", p->name);
}

static void put_value(struct template *t, const struct named_hook *h, unsigned int index,
		      const struct btf *btf)
{
	const struct field *f = &h->fields[index];
	const struct member *member;
	const struct named_param *p = param_of(h, f, btf, &member);
	char name[100];
	const char *slot = "SLOT(struct sonde_event__";

	if (!p)
		return;
	name_argument(t, p, btf, name, sizeof(name));
	if (member) {
		buffer__printf(t->b, "\te->%s = BPF_CORE_READ((struct %s___mine *)%s, %s);\n",
			       f->name, member->of, p->name, member->name);
		return;
	}
	switch (h->from.fields[index].what) {
	case SONDE_NAMED_FILE:
		buffer__printf(t->b, "\tput_file(%s, %s, number_of(%s));\n", t->name, f->name,
			       p->name);
		break;
	case SONDE_NAMED_DENTRY:
		buffer__printf(t->b, "\tput_dentry(%s, %s, number_of(%s));\n", t->name, f->name,
			       p->name);
		break;
	case SONDE_NAMED_PATH:
		buffer__printf(t->b, "\tput_path(%s, %s, %s);\n", t->name, f->name, p->name);
		break;
	case SONDE_NAMED_SOCK:
		buffer__printf(t->b, "\tput_sock(%s, %s, (struct sock *)number_of(%s));\n", t->name,
			       f->name, p->name);
		break;
	case SONDE_NAMED_SOCKET:
		buffer__printf(t->b, "\tput_socket(%s, %s, (struct socket *)number_of(%s));\n",
			       t->name, f->name, p->name);
		break;
	case SONDE_NAMED_STRING_AT:
		buffer__printf(t->b, "\tappend_any_string(scratch_of(e), %s%s, %s), (void *)%s);\n",
			       slot, t->name, f->name, name);
		break;
	case SONDE_NAMED_BYTES_AT:
		buffer__printf(t->b, "\tappend_kernel_bytes(scratch_of(e), %s%s, %s), %s, %u);\n",
			       slot, t->name, f->name, p->name, h->from.fields[index].size);
		break;
	default:
		buffer__printf(t->b, "\te->%s = %s%s;\n", f->name,
			       btf_is_ptr(resolve(btf, p->type.words[0])) ? "(__u64)" : "", name);
	}
}

int template__function(struct template *t, struct error *err)
{
	const struct btf *btf;
	const struct named_hook *h;
	unsigned int means_at = 0;
	char word[300];
	bool sockets = false, lsm = !strcmp(t->kind, "lsm");
	int code;

	while (strcmp(means[means_at].kind, t->kind))
		means_at++;
	snprintf(word, sizeof(word), "%s:%s", means[means_at].word, t->target);
	code = named__find(&t->hooks, word, t->probes, err);
	if (!code && t->hooks.count != 1)
		code = error__set(err, -EINVAL, "%s names %u hooks: a probe is for one", t->target,
				  t->hooks.count);
	btf = probes__kernel(t->probes);
	if (code || !btf)
		return code == -ENOENT || code == -EACCES ? -EINVAL : code;
	h = t->hooks.list[0];
	for (unsigned int i = 0; i < h->from.count; i++)
		sockets |= h->from.fields[i].what >= SONDE_NAMED_FILE;
	template__head(
		t, lsm ? "A check of the kernel's security modules. It may refuse: return -EPERM."
		       : "A function of the kernel, with what it is called with.");
	buffer__printf(t->b, "#include <sonde/probe.bpf.h>\n%s",
		       sockets ? "#include <sonde/lib/socket.h>\n" : "");
	put_structs(t, h, btf);
	template__event(t, h->fields, h->from.count, t->target);
	buffer__printf(t->b, "SEC(\"%s/%s\")\nint %s(on_%s", means[means_at].section, t->target,
		       means[means_at].macro, t->name);
	put_arguments(t, h, btf);
	buffer__printf(
		t->b,
		")\n{\n\t/* A record, if the task is traced: fill it, then submit() it on each way "
		"out. */\n"
		"\tstruct sonde_event__%s *e = begin(%s);\n\n\tif (!e)\n\t\treturn %s;\n",
		t->name, t->name, lsm ? "ret" : "0");
	for (unsigned int i = 0; i < h->from.count; i++)
		put_value(t, h, i, btf);
	buffer__text(t->b, lsm ? "\tsubmit(e);\n\treturn ret;\n}\n" : "\treturn submit(e);\n}\n");
	template__license(t);
	return 0;
}
