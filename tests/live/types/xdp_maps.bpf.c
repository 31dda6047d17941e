// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#include "types.h"

#ifndef XDP
#define XDP "xdp"
#endif

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} cpus SEC(".maps");

__u64 seen, by_devmap, by_cpumap;
__u64 to_interface;

SEC(XDP)
int of_xdp(struct xdp_md *xdp)
{
	__u16 port = PORT_OF(xdp);

	if (port != PORT && port != PORT + 1)
		return XDP_PASS;
	ADD(seen, 1);
	return port == PORT ? bpf_redirect_map(&ports, 2, 0) : bpf_redirect_map(&cpus, 0, 0);
}

SEC(XDP "/devmap")
int of_devmap(struct xdp_md *xdp)
{
	ADD(by_devmap, 1);
	to_interface = xdp->egress_ifindex;
	return XDP_PASS;
}

SEC(XDP "/cpumap")
int of_cpumap(struct xdp_md *xdp)
{
	if (PORT_OF(xdp) == PORT + 1)
		ADD(by_cpumap, 1);
	return XDP_DROP;
}
