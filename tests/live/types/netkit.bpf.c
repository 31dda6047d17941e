// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#include "types.h"

__u64 primary, peer;

SEC("netkit/primary")
int of_primary(struct __sk_buff *skb)
{
	if (PORT_OF(skb) == PORT)
		ADD(primary, 1);
	return -1; /* the next one */
}

SEC("netkit/peer")
int of_peer(struct __sk_buff *skb)
{
	if (PORT_OF(skb) == PORT)
		ADD(peer, 1);
	return -1;
}
