/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What the programs of network_types_test count with: a variable, which sonde shows by its
 * name. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define PORT       7777
#define ADD(to, n) __sync_fetch_and_add(&(to), n)

char LICENSE[] SEC("license") = "Dual BSD/GPL";

/* The port that a datagram of IPv4 goes to; 0: it is something else. */
static __always_inline __u16 port_of(void *data, void *end)
{
	struct ethhdr *ethernet = data;
	struct iphdr *ip = (void *)(ethernet + 1);
	struct udphdr *udp = (void *)(ip + 1);

	if ((void *)(udp + 1) > end || ethernet->h_proto != bpf_htons(ETH_P_IP) ||
	    ip->protocol != IPPROTO_UDP)
		return 0;
	return bpf_ntohs(udp->dest);
}

#define PORT_OF(ctx) port_of((void *)(long)(ctx)->data, (void *)(long)(ctx)->data_end)
