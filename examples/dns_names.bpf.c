// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Which names does this machine ask for? Questions to DNS over UDP, counted by name and type.
 *     sonde probe build dns_names.bpf.c
 *     sonde probe run dns_names.bpf.o --interface eth0 -- CMD
 *
 * A socket program sees what a packet socket would receive, as tcpdump does, and changes nothing.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <sonde/probe.bpf.h>

#define NAME     64 /* bytes: longer names are cut */
#define OUTGOING 4  /* PACKET_OUTGOING */
#define UDP      17

struct question {
	char name[NAME];
	__u16 type; /* 1: A, 28: AAAA */
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, struct question);
	__type(value, __u64);
} questions SEC(".maps");

/* Where the UDP header begins; 0: there is none, or it is a later fragment's. */
static __always_inline __u32 udp_header(struct __sk_buff *skb)
{
	__u8 first = 0, protocol = 0;
	__u16 fragment = 0;

	if (skb->protocol == __builtin_bswap16(ETH_P_IPV6)) {
		bpf_skb_load_bytes(skb, ETH_HLEN + 6, &protocol, 1);
		return protocol == UDP ? ETH_HLEN + 40 : 0;
	}
	bpf_skb_load_bytes(skb, ETH_HLEN, &first, 1);
	bpf_skb_load_bytes(skb, ETH_HLEN + 6, &fragment, 2);
	bpf_skb_load_bytes(skb, ETH_HLEN + 9, &protocol, 1);
	return skb->protocol == __builtin_bswap16(ETH_P_IP) && protocol == UDP &&
			       !(__builtin_bswap16(fragment) & 0x1fff)
		       ? ETH_HLEN + (first & 15) * 4
		       : 0;
}

SEC("socket")
int asked(struct __sk_buff *skb)
{
	struct question question = {};
	__u32 at = udp_header(skb), left = 0;
	__u16 port = 0, flags = 0, type = 0;
	__u64 *count;
	__u8 byte = 0;

	if (!at || skb->pkt_type != OUTGOING)
		return 0;
	bpf_skb_load_bytes(skb, at + 2, &port, 2);
	if (port != __builtin_bswap16(53) || bpf_skb_load_bytes(skb, at + 10, &flags, 2) ||
	    flags & __builtin_bswap16(0x8000)) /* an answer */
		return 0;
	at += 20;
	/* Labels: a length and as many bytes, until a length of 0. */
	for (int i = 0; i < NAME; i++, at++) {
		if (bpf_skb_load_bytes(skb, at, &byte, 1))
			return 0;
		if (!left && !byte)
			break;
		if (i)
			question.name[i - 1] = left ? byte : '.';
		left = left ? left - 1 : byte;
	}
	bpf_skb_load_bytes(skb, at + 1, &type, 2);
	question.type = __builtin_bswap16(type);
	count = value_of(questions, &question);
	if (count)
		add_to(*count, 1);
	return 0; /* our own socket need not have it */
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
