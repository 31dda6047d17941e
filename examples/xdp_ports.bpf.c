// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What comes in over an interface? Packets and bytes by protocol and port, and what is malformed.
 * --set blocked=PORT drops what goes to a port of UDP or TCP before the kernel looks at it.
 *     sonde probe build xdp_ports.bpf.c
 *     sonde probe run xdp_ports.bpf.o --interface eth0 --maps 1s
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <sonde/probe.bpf.h>

#define TCP  6
#define UDP  17
#define SCTP 132

const volatile __u16 blocked = 0;
__u64 malformed; /* shorter than they say */

struct kind {
	__u16 ethernet KIND(hex); /* 0x800: IPv4, 0x86dd: IPv6, 0x806: ARP */
	__u8 protocol;            /* of IP: 1 ICMP, 6 TCP, 17 UDP */
	__u16 port KIND(port);
};

struct seen {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, struct kind);
	__type(value, struct seen);
} received SEC(".maps");

/* Fills in what the headers say; false: they are cut short. */
static __always_inline bool dissect(struct kind *kind, void *data, void *end)
{
	struct ethhdr *ethernet = data;
	void *next = ethernet + 1;
	struct iphdr *ip = next;
	struct ipv6hdr *ip6 = next;
	__u16 *ports;
	bool first = true;

	if (next > end)
		return false;
	kind->ethernet = __builtin_bswap16(ethernet->h_proto);
	if (kind->ethernet == ETH_P_IP) {
		if ((void *)(ip + 1) > end || ip->ihl < 5)
			return false;
		kind->protocol = ip->protocol;
		first = !(ip->frag_off & __builtin_bswap16(0x1fff));
		next += ip->ihl * 4;
	} else if (kind->ethernet == ETH_P_IPV6) {
		if ((void *)(ip6 + 1) > end)
			return false;
		kind->protocol = ip6->nexthdr;
		next = ip6 + 1;
	}
	if (!first || (kind->protocol != TCP && kind->protocol != UDP && kind->protocol != SCTP))
		return true;
	ports = next;
	if ((void *)(ports + 2) > end)
		return false;
	kind->port = __builtin_bswap16(ports[1]);
	return true;
}

SEC("xdp")
int receiving(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct seen *seen;
	struct kind kind;

	__builtin_memset(&kind, 0,
			 sizeof(kind)); /* what lies between the members is a part of the key */
	if (!dissect(&kind, data, end)) {
		add_to(malformed, 1);
		return XDP_PASS;
	}
	seen = value_of(received, &kind);
	if (seen) {
		add_to(seen->packets, 1);
		add_to(seen->bytes, end - data);
	}
	return blocked && kind.port == blocked ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
