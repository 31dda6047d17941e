// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#include "types.h"

__u64 ingress, egress;

SEC("tcx/ingress")
int of_ingress(struct __sk_buff *skb)
{
	if (PORT_OF(skb) == PORT)
		ADD(ingress, 1);
	return -1; /* the next one */
}

SEC("tcx/egress")
int of_egress(struct __sk_buff *skb)
{
	if (PORT_OF(skb) == PORT)
		ADD(egress, 1);
	return -1;
}
