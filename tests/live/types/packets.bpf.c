// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#include "types.h"

__u64 socket_packets, socket_bytes, tc_packets, tc_bytes, classifier_packets, xdp_packets,
	xdp_bytes;

/* The whole frame, whose headers lie at fixed places. */
SEC("socket")
int of_socket(struct __sk_buff *skb)
{
	__u16 port = 0;

	if (!bpf_skb_load_bytes(skb, ETH_HLEN + sizeof(struct iphdr) + 2, &port, sizeof(port)) &&
	    port == bpf_htons(PORT)) {
		ADD(socket_packets, 1);
		ADD(socket_bytes, skb->len);
	}
	return 0;
}

SEC("tc")
int of_tc(struct __sk_buff *skb)
{
	if (PORT_OF(skb) == PORT) {
		ADD(tc_packets, 1);
		ADD(tc_bytes, skb->len);
	}
	return 0; /* TC_ACT_OK */
}

SEC("classifier")
int of_egress(struct __sk_buff *skb)
{
	if (PORT_OF(skb) == PORT)
		ADD(classifier_packets, 1);
	return 0;
}

SEC("xdp")
int of_xdp(struct xdp_md *xdp)
{
	if (PORT_OF(xdp) == PORT) {
		ADD(xdp_packets, 1);
		ADD(xdp_bytes, xdp->data_end - xdp->data);
	}
	return XDP_PASS;
}
