// SPDX-License-Identifier: Apache-2.0
/* Templates of counters, of the network, and of iterators. */
#include "../kernel/probes.h"
#include "template_inside.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

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
