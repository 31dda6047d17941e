// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * In what pieces does a program send over TCP? Each costs a call, and small ones often a packet.
 *     sonde probe build tcp_messages.bpf.c
 *     sonde probe run tcp_messages.bpf.o -- CMD
 *
 * A program of sk_msg sees what is given to sendmsg(2) by sockets that are in a map; one of sockops
 * puts each connection there when it is made.
 */
#include <linux/bpf.h>
#include <sonde/probe.bpf.h>

struct connection {
	__u32 local_port, remote_port;
	__u32 remote[4];
};

struct {
	__uint(type, BPF_MAP_TYPE_SOCKHASH);
	__uint(max_entries, 10240);
	__type(key, struct connection);
	__type(value, __u64);
} connections SEC(".maps");

__u64 messages;
__u64 size_hist[32]; /* slot n: 2^n to 2^(n+1) - 1 bytes */

SEC("sockops")
int made(struct bpf_sock_ops *ctx)
{
	struct connection c = {.local_port = ctx->local_port,
			       .remote_port = __builtin_bswap32(ctx->remote_port)};

	if (ctx->op != BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB &&
	    ctx->op != BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		return 1;
	if (ctx->family == 2) {
		c.remote[0] = ctx->remote_ip4;
	} else {
		c.remote[0] = ctx->remote_ip6[0];
		c.remote[1] = ctx->remote_ip6[1];
		c.remote[2] = ctx->remote_ip6[2];
		c.remote[3] = ctx->remote_ip6[3];
	}
	bpf_sock_hash_update(ctx, &connections, &c, BPF_ANY);
	return 1;
}

SEC("sk_msg")
int sending(struct sk_msg_md *msg)
{
	add_to(messages, 1);
	add_to_hist(size_hist, msg->size);
	return SK_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
