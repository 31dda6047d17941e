// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#include "types.h"

#define SO_PRIORITY 12
#define AF_INET     2
#define AF_INET6    10

__u64 ingress, egress, any, sock_create, sock_release, sock, post_bind4, post_bind6, bind4, bind6,
	connect4, connect6, sendmsg4, sendmsg6, recvmsg4, recvmsg6, getpeername4, getpeername6,
	getsockname4, getsockname6, sysctl, getsockopt, setsockopt, dev, active, passive;
__u64 connect_address;

static __always_inline int is_ours(struct __sk_buff *skb)
{
	__u16 port = 0;
	__u32 at = skb->protocol == bpf_htons(ETH_P_IP) ? 20 : 40;
	__u8 protocol = 0;

	bpf_skb_load_bytes(skb, at == 20 ? 9 : 6, &protocol, sizeof(protocol));
	bpf_skb_load_bytes(skb, at + 2, &port, sizeof(port));
	return protocol == IPPROTO_UDP && port == bpf_htons(PORT);
}

SEC("cgroup_skb/ingress")
int of_ingress(struct __sk_buff *skb)
{
	ADD(ingress, is_ours(skb));
	return 1;
}

SEC("cgroup_skb/egress")
int of_egress(struct __sk_buff *skb)
{
	ADD(egress, is_ours(skb));
	return 1;
}

SEC("cgroup/skb")
int of_any(struct __sk_buff *skb)
{
	ADD(any, is_ours(skb));
	return 1;
}

#define OF_SOCK(name, condition)                                                                   \
	SEC("cgroup/" #name) int of_##name(struct bpf_sock *sk)                                    \
	{                                                                                          \
		if (condition)                                                                     \
			ADD(name, 1);                                                              \
		return 1;                                                                          \
	}

OF_SOCK(sock_create, sk->family == AF_INET || sk->family == AF_INET6)
OF_SOCK(sock_release, sk->family == AF_INET || sk->family == AF_INET6)
OF_SOCK(sock, sk->family == AF_INET || sk->family == AF_INET6)
OF_SOCK(post_bind4, sk->src_port == PORT)
OF_SOCK(post_bind6, sk->src_port == PORT)

#define OF_ADDRESS(name)                                                                           \
	SEC("cgroup/" #name) int of_##name(struct bpf_sock_addr *ctx)                              \
	{                                                                                          \
		if (ctx->user_port == bpf_htons(PORT))                                             \
			ADD(name, 1);                                                              \
		return 1;                                                                          \
	}

OF_ADDRESS(bind4)
OF_ADDRESS(bind6)
OF_ADDRESS(connect6)
OF_ADDRESS(sendmsg4)
OF_ADDRESS(sendmsg6)
OF_ADDRESS(recvmsg4)
OF_ADDRESS(recvmsg6)
OF_ADDRESS(getpeername4)
OF_ADDRESS(getpeername6)
OF_ADDRESS(getsockname4)
OF_ADDRESS(getsockname6)

SEC("cgroup/connect4")
int of_connect4(struct bpf_sock_addr *ctx)
{
	if (ctx->user_port == bpf_htons(PORT)) {
		ADD(connect4, 1);
		connect_address = bpf_ntohl(ctx->user_ip4);
	}
	return 1;
}

SEC("cgroup/sysctl")
int of_sysctl(struct bpf_sysctl *ctx)
{
	static const char wanted[] = "kernel/ostype";
	char name[sizeof(wanted)] = {};

	bpf_sysctl_get_name(ctx, name, sizeof(name), 0);
	for (unsigned int i = 0; i < sizeof(wanted); i++)
		if (name[i] != wanted[i])
			return 1;
	ADD(sysctl, !ctx->write);
	return 1;
}

SEC("cgroup/getsockopt")
int of_getsockopt(struct bpf_sockopt *ctx)
{
	if (ctx->optname == SO_PRIORITY)
		ADD(getsockopt, 1);
	return 1;
}

SEC("cgroup/setsockopt")
int of_setsockopt(struct bpf_sockopt *ctx)
{
	if (ctx->optname == SO_PRIORITY)
		ADD(setsockopt, 1);
	return 1;
}

SEC("cgroup/dev")
int of_dev(struct bpf_cgroup_dev_ctx *ctx)
{
	if (ctx->major == 1 && ctx->minor == 5) /* /dev/zero */
		ADD(dev, 1);
	return 1;
}

SEC("sockops")
int of_sockops(struct bpf_sock_ops *ctx)
{
	if (ctx->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB)
		ADD(active, 1);
	else if (ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		ADD(passive, 1);
	return 1;
}
