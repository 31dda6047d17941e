// SPDX-License-Identifier: Apache-2.0
#include "probe_types.h"
#include "program_types.h"

#include <bpf/libbpf.h>
#include <linux/bpf.h>
#include <string.h>

/* The types are in the catalogue. */
static const struct {
	const char *section;
	unsigned int attach;
	bool sleepable;
} newer[] = {
	{"usdt.s", .sleepable = true},
	{"tcx/ingress", ATTACH_TCX_INGRESS},
	{"tcx/egress", ATTACH_TCX_EGRESS},
	{"tc/ingress", ATTACH_TCX_INGRESS},
	{"tc/egress", ATTACH_TCX_EGRESS},
	{"netkit/primary", ATTACH_NETKIT_PRIMARY},
	{"netkit/peer", ATTACH_NETKIT_PEER},
	{"netfilter", ATTACH_NETFILTER},
	{"sk_skb/verdict", BPF_SK_SKB_VERDICT},
	{"cgroup/connect_unix", ATTACH_UNIX_CONNECT},
	{"cgroup/sendmsg_unix", ATTACH_UNIX_SENDMSG},
	{"cgroup/recvmsg_unix", ATTACH_UNIX_RECVMSG},
	{"cgroup/getpeername_unix", ATTACH_UNIX_GETPEERNAME},
	{"cgroup/getsockname_unix", ATTACH_UNIX_GETSOCKNAME},
};

void probe_type__complete(struct bpf_program *p)
{
	const char *section = bpf_program__section_name(p);
	const struct program_row *type, *row = program_row__of(section, &type);

	section += *section == '?';
	for (unsigned int i = 0; i < ARRAY_SIZE(newer); i++) {
		size_t size = strlen(newer[i].section);

		if (strncmp(section, newer[i].section, size) ||
		    (section[size] && section[size] != '/') || !row ||
		    bpf_program__type(p) != BPF_PROG_TYPE_UNSPEC)
			continue;
		(void)!bpf_program__set_type(p, row->type);
		(void)!bpf_program__set_expected_attach_type(p, newer[i].attach);
		if (newer[i].sleepable)
			(void)!bpf_program__set_flags(p, bpf_program__flags(p) | BPF_F_SLEEPABLE);
	}
}

bool probe_type__helps(const char *section, unsigned int helper)
{
	const struct program_row *type, *row = program_row__of(section, &type);

	switch (row ? row->type : BPF_PROG_TYPE_UNSPEC) {
	case BPF_PROG_TYPE_UNSPEC:
	case BPF_PROG_TYPE_KPROBE:
	case BPF_PROG_TYPE_TRACEPOINT:
	case BPF_PROG_TYPE_PERF_EVENT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
	case BPF_PROG_TYPE_TRACING:
	case BPF_PROG_TYPE_EXT:
	case BPF_PROG_TYPE_LSM:
	case BPF_PROG_TYPE_SYSCALL:
		return true;
	default:
		return libbpf_probe_bpf_helper(row->type, helper, NULL) == 1;
	}
}
