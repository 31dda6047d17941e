// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#include "types.h"

__u64 in, out, xmit;

/* Behind the Ethernet header: the IP packet. */
static __always_inline int is_ours(struct __sk_buff *skb)
{
	struct iphdr *ip = (void *)(long)skb->data;

	return (void *)(ip + 1) <= (void *)(long)skb->data_end && ip->protocol == IPPROTO_UDP;
}

SEC("lwt_in")
int of_in(struct __sk_buff *skb)
{
	if (is_ours(skb))
		ADD(in, 1);
	return BPF_OK;
}

SEC("lwt_out")
int of_out(struct __sk_buff *skb)
{
	if (is_ours(skb))
		ADD(out, 1);
	return BPF_OK;
}

SEC("lwt_xmit")
int of_xmit(struct __sk_buff *skb)
{
	if (is_ours(skb))
		ADD(xmit, 1);
	return BPF_OK;
}
