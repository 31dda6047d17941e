// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#include "types.h"
#include <linux/ipv6.h>

__u64 packets, next_header;

SEC("lwt_seg6local")
int of_seg6local(struct __sk_buff *skb)
{
	struct ipv6hdr *ip = (void *)(long)skb->data;

	ADD(packets, 1);
	if ((void *)(ip + 1) <= (void *)(long)skb->data_end)
		next_header = ip->nexthdr;
	return BPF_OK;
}
