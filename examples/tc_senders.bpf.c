// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Who sends how much over an interface? By user and cgroup: those of the sockets, whatever runs
 * while their packets leave. `ls -id /sys/fs/cgroup/PATH` shows a cgroup's number.
 *     sonde probe build tc_senders.bpf.c
 *     sonde probe run tc_senders.bpf.o --interface eth0 -- CMD
 *     sonde probe run tc_senders.bpf.o --interface eth0 --maps 1s
 */
#include <linux/bpf.h>
#include <sonde/probe.bpf.h>

#define NEXT -1 /* TC_ACT_UNSPEC: whatever else is attached decides */

struct sender {
	__u64 cgroup;
	__u32 user KIND(uid);
};

struct sent {
	__u64 packets;
	__u64 bytes;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, struct sender);
	__type(value, struct sent);
} senders SEC(".maps");

SEC("tc")
ATTACH("egress") int sending(struct __sk_buff *skb)
{
	struct sender sender = {};
	struct sent *sent;

	sender.cgroup = bpf_skb_cgroup_id(skb);
	sender.user = bpf_get_socket_uid(skb);
	sent = value_of(senders, &sender);
	if (!sent)
		return NEXT;
	/* What is to be cut into packets later counts as those. */
	add_to(sent->packets, skb->gso_segs ?: 1);
	add_to(sent->bytes, skb->len);
	return NEXT;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
