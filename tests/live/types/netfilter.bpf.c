// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#include "types.h"

/* The kernel's: these members, wherever they are. */
struct sk_buff {
	unsigned int len;
} __attribute__((preserve_access_index));

struct bpf_nf_ctx {
	struct sk_buff *skb;
} __attribute__((preserve_access_index));

__u64 packets, bytes;

SEC("netfilter")
int of_input(struct bpf_nf_ctx *ctx)
{
	ADD(packets, 1);
	ADD(bytes, ctx->skb->len);
	return 1; /* NF_ACCEPT */
}
