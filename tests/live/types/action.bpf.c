// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#include "types.h"

__u64 packets;

SEC("action")
int of_action(struct __sk_buff *skb)
{
	if (PORT_OF(skb) == PORT)
		ADD(packets, 1);
	return 0;
}
