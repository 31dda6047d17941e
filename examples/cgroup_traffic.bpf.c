// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * How much does a command, a service, a container exchange with whom? Bytes of IP packets, by the
 * address of the other end.
 *     sonde probe build cgroup_traffic.bpf.c
 *     sonde probe run cgroup_traffic.bpf.o -- CMD
 *     sonde probe run cgroup_traffic.bpf.o --cgroup /system.slice/nginx.service --maps 1s
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <sonde/probe.bpf.h>

struct other {
	__u8 address[16] KIND(ip); /* of IPv4 as ::ffff:127.0.0.1 */
};

struct traffic {
	__u64 sent;
	__u64 received;
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 10240);
	__type(key, struct other);
	__type(value, struct traffic);
} others SEC(".maps");

static __always_inline struct traffic *traffic_with(struct __sk_buff *skb, bool source)
{
	struct other other = {};

	if (skb->protocol == __builtin_bswap16(ETH_P_IPV6)) {
		bpf_skb_load_bytes(skb, source ? 8 : 24, other.address, 16);
	} else {
		other.address[10] = other.address[11] = 0xff;
		bpf_skb_load_bytes(skb, source ? 12 : 16, &other.address[12], 4);
	}
	return value_of(others, &other);
}

SEC("cgroup_skb/egress")
int sending(struct __sk_buff *skb)
{
	struct traffic *t = traffic_with(skb, false);

	if (t)
		add_to(t->sent, skb->len);
	return 1; /* let it pass */
}

SEC("cgroup_skb/ingress")
int receiving(struct __sk_buff *skb)
{
	struct traffic *t = traffic_with(skb, true);

	if (t)
		add_to(t->received, skb->len);
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
