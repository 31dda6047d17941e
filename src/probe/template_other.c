// SPDX-License-Identifier: Apache-2.0
/* Templates of hooks in programs, of counters, of the network, and of iterators. */
#include "../kernel/binary.h"
#include "../kernel/probes.h"
#include "template_inside.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

#define MAX_ARGUMENTS 6

/* Words: what they are, the program knows. */
static void put_words(struct template *t, unsigned int count, const char *help, const char *macro)
{
	buffer__printf(t->b, "\nEVENT(%s, mine, \"%s\")\n{\n", t->name, help);
	for (unsigned int i = 1; i <= count; i++)
		buffer__printf(t->b, "\t__u64 arg%u KIND(hex);\n", i);
	buffer__printf(
		t->b,
		"\t/* A string that an argument points to: struct sonde_data name KIND(string); "
		"and below\n"
		"\t * append_user_string(scratch_of(e), SLOT(struct sonde_event__%s, name),\n"
		"\t *                    (void *)arg1, config.string_limit); */\n};\n\n"
		"SEC(\"%s/%s\")\nint %s(on_%s",
		t->name, t->kind, t->target, macro, t->name);
	for (unsigned int i = 1; i <= count; i++)
		buffer__printf(t->b, ", long arg%u", i);
	buffer__printf(
		t->b,
		")\n{\n\tstruct sonde_event__%s *e = begin(%s); /* if the task is traced */\n\n"
		"\tif (!e)\n\t\treturn 0;\n",
		t->name, t->name);
	for (unsigned int i = 1; i <= count; i++)
		buffer__printf(t->b, "\te->arg%u = arg%u;\n", i, i);
	buffer__text(t->b, "\treturn submit(e);\n}\n");
}

struct looking {
	const char *provider, *name;
	unsigned int arguments;
	bool found, indirect;
};

static void see_symbol(void *context, const struct binary_symbol *s)
{
	struct looking *l = context;

	if (strcmp(s->name, l->name))
		return;
	l->found = true;
	l->indirect = s->indirect;
}

static void see_probe(void *context, const struct binary_probe *p)
{
	struct looking *l = context;
	const char *rest = p->arguments;
	struct usdt_argument argument;

	if (strcmp(p->provider, l->provider) || strcmp(p->name, l->name))
		return;
	l->found = true;
	l->arguments = 0;
	while (l->arguments < 12 && usdt__next_argument(&rest, &argument))
		l->arguments++;
}

/* The first file that a word means, with its whole path. */
static int find_binary(struct template *t, const char *word, const struct binary_reader *reader,
		       char *target, size_t room, const char *rest, struct error *err)
{
	struct paths paths = {};
	struct looking *l = reader->context;
	int code = binary__paths(word, &paths, err);

	if (!code && !paths.count)
		code = error__set(err, -EINVAL, "there is no program or library %s", word);
	if (!code)
		code = binary__read(paths.list[0], reader, err);
	if (!code && !l->found)
		code = error__set(err, -EINVAL, "%s has no %s: sonde hooks finds those that it has",
				  paths.list[0], rest);
	if (!code && l->indirect)
		code = error__set(err, -EINVAL,
				  "%s: which function %s is, is decided when a program starts: "
				  "sonde hooks 'uprobe:%s:*%s*' finds those that it may be",
				  paths.list[0], rest, word, rest);
	if (!code)
		snprintf(target, room, "%s:%s", paths.list[0], rest);
	paths__release(&paths);
	return code == -ENOENT || code == -EACCES ? -EINVAL : code;
}

int template__user(struct template *t, struct error *err)
{
	char binary[512], target[900], *colon;
	struct looking l = {};
	const struct binary_reader reader = {.symbol = see_symbol, .context = &l};
	bool returns = !strcmp(t->kind, "uretprobe");
	int code;

	snprintf(binary, sizeof(binary), "%s", t->target);
	colon = strrchr(binary, ':');
	if (!colon)
		return error__set(err, -EINVAL, "it is: sonde probe new %s PATH:FUNCTION", t->kind);
	*colon = '\0';
	l.name = colon + 1;
	code = find_binary(t, binary, &reader, target, sizeof(target), l.name, err);
	if (code)
		return code;
	t->target = target;
	template__head(
		t,
		returns ? "A function of a program, when it returns."
			: "A function of a program, with the registers that hold its arguments.");
	buffer__text(t->b, "#include <sonde/probe.bpf.h>\n");
	put_words(t,
		  returns             ? 1
		  : MAX_ARGUMENTS > 4 ? 4
				      : MAX_ARGUMENTS,
		  l.name, returns ? "BPF_KRETPROBE" : "BPF_KPROBE");
	template__license(t);
	return 0;
}

int template__usdt(struct template *t, struct error *err)
{
	char binary[512], target[900], *provider, *name;
	struct looking l = {};
	const struct binary_reader reader = {.probe = see_probe, .context = &l};
	char rest[256];
	int code;

	snprintf(binary, sizeof(binary), "%s", t->target);
	name = strrchr(binary, ':');
	if (name)
		*name++ = '\0';
	provider = name ? strrchr(binary, ':') : NULL;
	if (!provider)
		return error__set(err, -EINVAL, "it is: sonde probe new usdt PATH:PROVIDER:NAME");
	*provider++ = '\0';
	l.provider = provider;
	l.name = name;
	snprintf(rest, sizeof(rest), "%s:%s", provider, name);
	code = find_binary(t, binary, &reader, target, sizeof(target), rest, err);
	if (code)
		return code;
	t->target = target;
	template__head(t, "A probe that a program's author put there (USDT).");
	buffer__text(t->b, "#include <sonde/probe.bpf.h>\n#include <bpf/usdt.bpf.h>\n");
	put_words(t, l.arguments, rest, "BPF_USDT");
	template__license(t);
	return 0;
}

int template__perf(struct template *t, struct error *err)
{
	bool timer = !strcmp(t->kind, "timer");
	const char *event = *t->target ? t->target : timer ? "10" : "cpu-clock@49";

	if (timer && (!strtoul(event, NULL, 10) || event[strspn(event, "0123456789")]))
		return error__set(err, -EINVAL, "it is: sonde probe new timer HERTZ");
	template__head(
		t,
		timer ? "Runs so many times a second on one CPU, and counts who is running there."
		      : "Runs each time when a counter of the CPU or the kernel has gone so far.");
	buffer__printf(
		t->b,
		"#include <sonde/probe.bpf.h>\n\n"
		"struct who {\n\t__u32 pid;\n\tchar comm[16];\n};\n\n"
		"/* Shown as a table when it ends, or by --maps 1s each second. */\n"
		"struct {\n\t__uint(type, BPF_MAP_TYPE_HASH);\n\t__uint(max_entries, 10240);\n"
		"\t__type(key, struct who);\n\t__type(value, __u64);\n} samples SEC(\".maps\");\n\n"
		"/* --perf EVENT says another one. */\n"
		"SEC(\"perf_event\")\nATTACH(\"%s%s\") int %s(void *ctx)\n{\n"
		"\tstruct who who = {.pid = bpf_get_current_pid_tgid() >> 32};\n"
		"\t__u64 *count, one = 1;\n\n"
		"\tif (!is_traced())\n\t\treturn 0;\n"
		"\tbpf_get_current_comm(who.comm, sizeof(who.comm));\n"
		"\tcount = bpf_map_lookup_elem(&samples, &who);\n"
		"\tif (count)\n\t\t__sync_fetch_and_add(count, 1);\n"
		"\telse\n\t\tbpf_map_update_elem(&samples, &who, &one, BPF_ANY);\n\treturn 0;\n}\n",
		timer ? "timer@" : "", event, timer ? "tick" : "sample");
	template__license(t);
	return 0;
}

int template__network(struct template *t, struct error *err)
{
	bool xdp = !strcmp(t->kind, "xdp");
	const char *context = xdp ? "xdp_md" : "__sk_buff";

	template__head(
		t,
		xdp ? "Each packet that a network interface receives, before the kernel looks at it.\n"
		      " * --interface NAME says which."
		    : "Each packet of a network interface. --interface NAME says which.");
	buffer__printf(
		t->b,
		"#include <linux/bpf.h>\n#include <linux/if_ether.h>\n#include <bpf/bpf_helpers.h>\n"
		"#include <bpf/bpf_endian.h>\n\n"
		"struct protocol {\n\t__u16 number; /* 0x800: IPv4, 0x86dd: IPv6, 0x806: ARP */\n};\n\n"
		"/* Shown as a table when it ends, or by --maps 1s each second. */\n"
		"struct {\n\t__uint(type, BPF_MAP_TYPE_HASH);\n\t__uint(max_entries, 256);\n"
		"\t__type(key, struct protocol);\n\t__type(value, __u64);\n} packets SEC(\".maps\");\n\n"
		"/* Slot n: 2^n to 2^(n+1) - 1 bytes. A map whose name has hist in it is drawn. */\n"
		"struct {\n\t__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);\n\t__uint(max_entries, 17);\n"
		"\t__type(key, __u32);\n\t__type(value, __u64);\n} size_hist SEC(\".maps\");\n\n");
	buffer__printf(
		t->b,
		"SEC(\"%s\")\nint %s%s(struct %s *ctx)\n{\n"
		"\tvoid *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;\n"
		"\tstruct ethhdr *ethernet = data;\n\tstruct protocol protocol = {};\n"
		"\t__u64 *count, one = 1, size = %s;\n\t__u32 slot = 0;\n\n"
		"\t/* The verifier wants to see this before the packet is read. */\n"
		"\tif ((void *)(ethernet + 1) > end)\n\t\treturn %s;\n"
		"\tprotocol.number = bpf_ntohs(ethernet->h_proto);\n"
		"\tcount = bpf_map_lookup_elem(&packets, &protocol);\n"
		"\tif (count)\n\t\t__sync_fetch_and_add(count, 1);\n"
		"\telse\n\t\tbpf_map_update_elem(&packets, &protocol, &one, BPF_ANY);\n"
		"\tfor (int i = 0; i < 16 && size > 1; i++, slot++)\n\t\tsize >>= 1;\n"
		"\tcount = bpf_map_lookup_elem(&size_hist, &slot);\n"
		"\tif (count)\n\t\t*count += 1;\n\treturn %s; /* on it goes */\n}\n",
		t->kind, xdp ? "packet" : "packet_", xdp ? "" : "ingress", context,
		xdp ? "end - data" : "ctx->len", xdp ? "XDP_PASS" : "0 /* TC_ACT_OK */",
		xdp ? "XDP_PASS" : "0 /* TC_ACT_OK */");
	template__license(t);
	return 0;
}

static const struct btf_type *resolve(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	while (btf_is_mod(t) || btf_is_typedef(t) || btf_is_type_tag(t))
		t = btf__type_by_id(btf, t->type);
	return t;
}

/* The first few numbers of a struct: what tells one from another, most likely. */
static void put_members(struct template *t, const struct btf *btf, const struct btf_type *s,
			const char *of, bool declare)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < btf_vlen(s) && count < 4; i++) {
		const struct btf_type *m = resolve(btf, btf_members(s)[i].type);
		const char *name = btf__name_by_offset(btf, btf_members(s)[i].name_off);

		if (!*name || !btf_is_int(m) || m->size > 8 || btf_member_bitfield_size(s, i))
			continue;
		count++;
		if (declare)
			buffer__printf(t->b, "\t__%c%u %s;\n",
				       btf_int_encoding(m) & BTF_INT_SIGNED ? 's' : 'u',
				       m->size * 8, name);
		else
			buffer__printf(
				t->b,
				"\tBPF_SEQ_PRINTF(ctx->meta->seq, \"%s=%%llu \",\n"
				"\t\t       (__u64)BPF_CORE_READ((struct %s___mine *)%s, %s));\n",
				name, btf__name_by_offset(btf, s->name_off), of, name);
	}
}

int template__iterator(struct template *t, struct error *err)
{
	const struct btf *btf = probes__kernel(t->probes);
	const struct btf_type *context, *behind[4];
	const char *names[4];
	char name[200];
	unsigned int count = 0;
	int id;

	snprintf(name, sizeof(name), "bpf_iter__%s", t->target);
	id = btf ? btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT) : -1;
	if (id <= 0)
		return error__set(err, -EINVAL,
				  "this kernel has no iterator %s: sonde hooks 'iter:*' lists them",
				  t->target);
	context = btf__type_by_id(btf, id);
	if (!strncmp(t->target, "bpf_map_elem", 12) || !strcmp(t->target, "sockmap") ||
	    !strcmp(t->target, "bpf_sk_storage_map"))
		return error__set(err, -EINVAL,
				  "the iterator %s goes through one map, which it must be given: "
				  "bpftool iter pin FILE PATH map MAP",
				  t->target);
	template__head(t, "Goes through all that the kernel has of a kind, each time it is read.");
	buffer__text(t->b, "#include <sonde/probe.bpf.h>\n\n");
	for (unsigned int i = 0; i < btf_vlen(context) && count < ARRAY_SIZE(behind); i++) {
		const struct btf_type *p = resolve(btf, btf_members(context)[i].type), *s;
		const char *member = btf__name_by_offset(btf, btf_members(context)[i].name_off);

		/* A union around a pointer, for the verifier's sake. */
		if (btf_is_union(p) && btf_vlen(p) == 1) {
			member = btf__name_by_offset(btf, btf_members(p)[0].name_off);
			p = resolve(btf, btf_members(p)[0].type);
		}
		s = btf_is_ptr(p) && p->type ? resolve(btf, p->type) : NULL;
		if (!s || !btf_is_struct(s) || !strcmp(member, "meta"))
			continue;
		names[count] = member;
		behind[count++] = s;
	}
	for (unsigned int i = 0; i < count; i++) {
		buffer__printf(
			t->b,
			"/* Members, wherever the kernel has them: add more by their names. */\n"
			"struct %s___mine {\n",
			btf__name_by_offset(btf, behind[i]->name_off));
		put_members(t, btf, behind[i], names[i], true);
		buffer__printf(t->b, "} __attribute__((preserve_access_index));\n\n");
	}
	buffer__printf(t->b, "struct bpf_iter__%s___mine {\n\tstruct bpf_iter_meta *meta;\n",
		       t->target);
	for (unsigned int i = 0; i < count; i++)
		buffer__printf(t->b, "\tvoid *%s;\n", names[i]);
	buffer__printf(t->b,
		       "} __attribute__((preserve_access_index));\n\nSEC(\"iter/%s\")\n"
		       "int on_%s(struct bpf_iter__%s___mine *ctx)\n{\n",
		       t->target, t->name, t->target);
	for (unsigned int i = 0; i < count; i++)
		buffer__printf(t->b, "\tvoid *%s = ctx->%s;\n", names[i], names[i]);
	if (count)
		buffer__text(t->b, "\n\tif (");
	for (unsigned int i = 0; i < count; i++)
		buffer__printf(t->b, "%s!%s", i ? " || " : "", names[i]);
	if (count)
		buffer__text(t->b, ") /* the end */\n\t\treturn 0;\n");
	for (unsigned int i = 0; i < count; i++)
		put_members(t, btf, behind[i], names[i], false);
	if (!strcmp(t->target, "task"))
		buffer__text(
			t->b,
			"\tBPF_SEQ_PRINTF(ctx->meta->seq, \"pid=%d tgid=%d comm=%s\",\n"
			"\t\t       ((struct task_struct *)task)->pid, ((struct task_struct *)task)->tgid,\n"
			"\t\t       ((struct task_struct *)task)->comm);\n");
	buffer__text(t->b, "\tBPF_SEQ_PRINTF(ctx->meta->seq, \"\\n\");\n\treturn 0;\n}\n");
	template__license(t);
	return 0;
}
