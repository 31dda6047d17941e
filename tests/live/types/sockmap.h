/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Which programs the map of sockets has says the file that includes this one. */
#include "types.h"

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} connections SEC(".maps");

__u64 messages, bytes, parsed, verdicts;

/* The end that accepts. */
SEC("sockops")
int of_sockops(struct bpf_sock_ops *ctx)
{
	__u32 key = 0;

	if (ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB)
		bpf_sock_map_update(ctx, &connections, &key, BPF_ANY);
	return 1;
}

#ifdef MESSAGES
SEC("sk_msg")
int of_msg(struct sk_msg_md *msg)
{
	ADD(messages, 1);
	ADD(bytes, msg->size);
	return SK_PASS;
}
#else
#ifdef PARSER
SEC("sk_skb/stream_parser")
int of_parser(struct __sk_buff *skb)
{
	ADD(parsed, 1);
	return skb->len;
}
#endif

SEC(STREAM)
int of_stream(struct __sk_buff *skb)
{
	ADD(verdicts, 1);
	ADD(bytes, skb->len);
	return SK_PASS;
}
#endif
