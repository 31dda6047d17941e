// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Which program connects where? And who may not: --set deny=25 lets nobody connect to port 25.
 *     sonde probe build cgroup_connect.bpf.c
 *     sonde probe run cgroup_connect.bpf.o -- CMD
 *     sonde probe run cgroup_connect.bpf.o --cgroup /system.slice --set deny=25
 *
 * Programs of cgroups are attached to a cgroup: one that sonde makes for CMD, or --cgroup's. They
 * run in the process that calls, before the kernel does what it asks for, and may refuse it. A
 * context as the kernel's headers have it wants them in front of sonde's.
 */
#include <linux/bpf.h>
#include <sonde/probe.bpf.h>

__u16 deny = 0; /* a port */

EVENT(connecting, mine, "a program wants to connect")
{
	struct sonde_data address KIND(ip);
	__u16 port KIND(port);
	__u8 denied QUIET;
};

static __always_inline int tell(struct bpf_sock_addr *ctx, const __u32 *address, __u32 size)
{
	__u16 port = __builtin_bswap16(ctx->user_port);
	bool denied = deny && port == deny;
	struct sonde_event__connecting *e = begin(connecting);

	if (!e)
		return !denied;
	e->port = port;
	e->denied = denied;
	append_kernel_bytes(scratch_of(e), SLOT(struct sonde_event__connecting, address), address,
			    size);
	submit(e);
	return !denied;
}

SEC("cgroup/connect4")
int connecting(struct bpf_sock_addr *ctx)
{
	__u32 address = ctx->user_ip4;

	return tell(ctx, &address, sizeof(address));
}

SEC("cgroup/connect6")
int connecting6(struct bpf_sock_addr *ctx)
{
	__u32 address[4] = {ctx->user_ip6[0], ctx->user_ip6[1], ctx->user_ip6[2], ctx->user_ip6[3]};

	return tell(ctx, address, sizeof(address));
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
