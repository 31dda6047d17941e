// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#include "types.h"

struct {
	__uint(type, BPF_MAP_TYPE_SOCKMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} listeners SEC(".maps");

__u64 dissected, protocol, looked_up;

SEC("flow_dissector")
int of_flow_dissector(struct __sk_buff *skb)
{
	struct bpf_flow_keys *keys = skb->flow_keys;

	if (keys->n_proto == bpf_htons(0x88b5)) { /* for experiments: nobody else's */
		ADD(dissected, 1);
		protocol = bpf_ntohs(keys->n_proto);
	}
	return BPF_DROP;
}

/* What goes to PORT + 1, where nobody listens, is given to who listens elsewhere. */
SEC("sk_lookup")
int of_sk_lookup(struct bpf_sk_lookup *ctx)
{
	struct bpf_sock *sk;
	__u32 key = 0;

	if (ctx->local_port != PORT + 1)
		return SK_PASS;
	ADD(looked_up, 1);
	sk = bpf_map_lookup_elem(&listeners, &key);
	if (!sk)
		return SK_DROP;
	bpf_sk_assign(ctx, sk, 0);
	bpf_sk_release(sk);
	return SK_PASS;
}
