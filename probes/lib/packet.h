/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What do the headers of a packet say, and what is a cgroup's path, as fields of an event? */
#ifndef SONDE_PACKET_H
#define SONDE_PACKET_H

#include "socket.h"

#include <bpf/bpf_endian.h>
#include <sonde/named.h>

#define ETH_P_IP     0x0800
#define ETH_P_IPV6   0x86dd
#define NO_HEADER    0xffff
#define HEADER_BYTES 40 /* of IPv6; as many of IPv4 are there, too */

/* These begin with the ports. */
static __always_inline bool has_ports(__u8 protocol)
{
	return protocol == 6 || protocol == 17 || protocol == 33 || protocol == 132 ||
	       protocol == 136;
}

/*
 * A part of the headers of a struct sk_buff: an address is appended to `slot`, a number returned.
 * Negative: there is none, for they are written only on the way down, and gone on the way up.
 */
__noinline int append_header(__u32 index, __u64 address, __u32 slot, __u32 part)
{
	struct scratch *s = scratch_at(index);
	struct sk_buff *skb = (void *)address;
	__u16 offset, ports[2] = {};
	__u8 *ip, *h, protocol;
	bool v4;

	if (!s || slot >= DATA_BYTES / 8)
		return -1;
	h = (void *)s->block;
	offset = BPF_CORE_READ(skb, network_header);
	ip = BPF_CORE_READ(skb, head) + offset;
	v4 = BPF_CORE_READ(skb, protocol) == bpf_htons(ETH_P_IP);
	if ((!v4 && BPF_CORE_READ(skb, protocol) != bpf_htons(ETH_P_IPV6)) || !offset ||
	    offset == NO_HEADER || bpf_probe_read_kernel(h, HEADER_BYTES, ip) ||
	    h[0] >> 4 != (v4 ? 4 : 6))
		return -1;
	protocol = v4 ? h[9] : h[6];
	if (part == PACKET_PROTOCOL)
		return protocol;
	if (part == PACKET_SOURCE || part == PACKET_DESTINATION) {
		ip += (v4 ? 12 : 8) + (part == PACKET_DESTINATION ? (v4 ? 4 : 16) : 0);
		append_kernel_bytes(s, slot, ip, v4 ? 4 : 16);
		return 0;
	}
	/* All fragments but the first are without them. */
	if (!has_ports(protocol) || (v4 && ((h[6] & 0x1f) | h[7])) ||
	    bpf_probe_read_kernel(ports, sizeof(ports), ip + (v4 ? (h[0] & 15) * 4 : HEADER_BYTES)))
		return -1;
	return bpf_ntohs(part == PACKET_SOURCE_PORT ? ports[0] : ports[1]);
}

/* Appends the path of a struct cgroup to `slot`, "/a/b". */
__noinline int append_cgroup(__u32 index, __u64 address, __u32 slot)
{
	struct scratch *s = scratch_at(index);
	struct kernfs_node *kn = BPF_CORE_READ((struct cgroup *)address, kn);
	__u64 start, at;
	__u32 depth = 0, node;
	long n;

	_Static_assert(CGROUP_DEPTH <= BLOCK_BYTES / 8, "the nodes of a path have room");
	if (!s || slot >= DATA_BYTES / 8)
		return 0;
	/* From the leaf to the root, and then the names from the root to the leaf. */
	for (__u32 i = 0; i < CGROUP_DEPTH; i++) {
		struct kernfs_node *parent = kernfs_parent(kn);

		if (!parent)
			break;
		s->block[i] = (__u64)kn;
		depth = i + 1;
		kn = parent;
	}
	start = s->size;
	s->at = start + sizeof(struct sonde_item);
	for (__u32 i = 0; i < CGROUP_DEPTH; i++) {
		at = s->at;
		node = depth - 1 - i;
		barrier_var(node);
		if (node >= CGROUP_DEPTH || at >= DATA_BYTES)
			break;
		s->data[at++ & (DATA_BYTES - 1)] = '/';
		kn = (void *)s->block[node];
		n = bpf_probe_read_kernel_str(&s->data[at & (DATA_BYTES - 1)], COMPONENT_BYTES,
					      BPF_CORE_READ(kn, name));
		if (n <= 0)
			break;
		s->at = at + n - 1;
	}
	if (!depth && start < DATA_BYTES - sizeof(struct sonde_item)) {
		s->data[(start + sizeof(struct sonde_item)) & (DATA_BYTES - 1)] = '/';
		s->at++;
	}
	at = s->at - start - sizeof(struct sonde_item);
	if (start < DATA_BYTES)
		item__close(s, (void *)&s->data[start & (DATA_BYTES - 1)], slot, SONDE_ITEM_DATA,
			    at, depth == CGROUP_DEPTH ? SONDE_WHOLE_UNKNOWN : at);
	return 0;
}

/* The field `member`, of KIND(string), of the event is the path of this struct cgroup *. */
#define put_cgroup(name, member, cgroup)                                                           \
	append_cgroup(scratch_index(sonde_ids__##name.hook), (__u64)(cgroup),                      \
		      SLOT(struct sonde_event__##name, member))
/* The field `member` of the event `e` is a part of the headers of this struct sk_buff *: a number;
 * or, of KIND(ip), an address. */
#define put_header(e, name, member, skb, part)                                                     \
	do {                                                                                       \
		int packet__ = append_header(scratch_index(sonde_ids__##name.hook), (__u64)(skb),  \
					     SLOT(struct sonde_event__##name, member), part);      \
                                                                                                   \
		if (packet__ >= 0)                                                                 \
			(e)->member = packet__;                                                    \
		else                                                                               \
			append_fault(scratch_of(e), SLOT(struct sonde_event__##name, member),      \
				     ENODATA);                                                     \
	} while (0)
#define put_header_address(e, name, member, skb, part)                                             \
	do {                                                                                       \
		if (append_header(scratch_index(sonde_ids__##name.hook), (__u64)(skb),             \
				  SLOT(struct sonde_event__##name, member), part) < 0)             \
			append_fault(scratch_of(e), SLOT(struct sonde_event__##name, member),      \
				     ENODATA);                                                     \
	} while (0)

#endif
