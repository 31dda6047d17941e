// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Which program takes which port? And who may not: --set below=1024 refuses all ports below.
 *     sonde probe build cgroup_bind.bpf.c
 *     sonde probe run cgroup_bind.bpf.o -- CMD
 *     sonde probe run cgroup_bind.bpf.o --cgroup /system.slice
 *
 * Port 0 asks for any. Who connects without having bound is given one, and not seen here.
 */
#include <linux/bpf.h>
#include <sonde/probe.bpf.h>

__u16 below = 0;

EVENT(binding, mine, "a program wants an address and port")
{
	struct sonde_data address KIND(ip);
	__u16 port KIND(port);
	__u32 protocol ENUM(ip_protocol);
	__u8 denied QUIET;
};

static __always_inline int tell(struct bpf_sock_addr *ctx, const __u32 *address, __u32 size)
{
	__u16 port = __builtin_bswap16(ctx->user_port);
	bool denied = port && port < below;
	struct sonde_event__binding *e = begin(binding);

	if (!e)
		return !denied;
	e->port = port;
	e->protocol = ctx->protocol;
	e->denied = denied;
	append_kernel_bytes(scratch_of(e), SLOT(struct sonde_event__binding, address), address,
			    size);
	submit(e);
	return !denied;
}

SEC("cgroup/bind4")
int binding(struct bpf_sock_addr *ctx)
{
	__u32 address = ctx->user_ip4;

	return tell(ctx, &address, sizeof(address));
}

SEC("cgroup/bind6")
int binding6(struct bpf_sock_addr *ctx)
{
	__u32 address[4] = {ctx->user_ip6[0], ctx->user_ip6[1], ctx->user_ip6[2], ctx->user_ip6[3]};

	return tell(ctx, address, sizeof(address));
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
