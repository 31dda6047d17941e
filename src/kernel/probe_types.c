// SPDX-License-Identifier: Apache-2.0
#include "probe_types.h"

#include <bpf/libbpf.h>
#include <string.h>

static const struct {
	const char *section;
	unsigned int type, attach;
} newer[] = {
	{"tcx/ingress", BPF_PROG_TYPE_SCHED_CLS, ATTACH_TCX_INGRESS},
	{"tcx/egress", BPF_PROG_TYPE_SCHED_CLS, ATTACH_TCX_EGRESS},
	{"tc/ingress", BPF_PROG_TYPE_SCHED_CLS, ATTACH_TCX_INGRESS},
	{"tc/egress", BPF_PROG_TYPE_SCHED_CLS, ATTACH_TCX_EGRESS},
	{"netkit/primary", BPF_PROG_TYPE_SCHED_CLS, ATTACH_NETKIT_PRIMARY},
	{"netkit/peer", BPF_PROG_TYPE_SCHED_CLS, ATTACH_NETKIT_PEER},
	{"netfilter", PROG_TYPE_NETFILTER, ATTACH_NETFILTER},
	{"sk_skb/verdict", BPF_PROG_TYPE_SK_SKB, BPF_SK_SKB_VERDICT},
	{"cgroup/connect_unix", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, ATTACH_UNIX_CONNECT},
	{"cgroup/sendmsg_unix", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, ATTACH_UNIX_SENDMSG},
	{"cgroup/recvmsg_unix", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, ATTACH_UNIX_RECVMSG},
	{"cgroup/getpeername_unix", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, ATTACH_UNIX_GETPEERNAME},
	{"cgroup/getsockname_unix", BPF_PROG_TYPE_CGROUP_SOCK_ADDR, ATTACH_UNIX_GETSOCKNAME},
};

static int find(const char *section)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(newer); i++)
		if (!strcmp(section, newer[i].section))
			return i;
	return -1;
}

void probe_type__complete(struct bpf_program *p)
{
	const char *section = bpf_program__section_name(p);
	int i = find(section + (*section == '?'));

	if (i < 0 || bpf_program__type(p) != BPF_PROG_TYPE_UNSPEC)
		return;
	(void)!bpf_program__set_type(p, newer[i].type);
	(void)!bpf_program__set_expected_attach_type(p, newer[i].attach);
}

bool probe_type__helps(const char *section, unsigned int helper)
{
	int i = find(section);
	enum bpf_prog_type type;
	enum bpf_attach_type attach;

	if (i >= 0)
		type = newer[i].type;
	else if (libbpf_prog_type_by_name(section, &type, &attach))
		return true; /* no program is loaded from it */
	switch (type) {
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
		return libbpf_probe_bpf_helper(type, helper, NULL) == 1;
	}
}
