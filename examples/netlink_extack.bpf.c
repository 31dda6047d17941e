// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Why did the kernel refuse what `ip`, `tc` or a network daemon asked? "RTNETLINK answers: Invalid
 * argument" has a sentence behind it, which many programs do not print.
 *
 * The tracepoint exists since Linux 5.12. The shortest probe: one hook, one field, text of any
 * length. CONTRIBUTING.md, "An event is one file", tells how it becomes a part of sonde.
 */
#include <sonde/probe.bpf.h>

EVENT(netlink_extack, net, "the kernel explained its answer to a netlink request")
{
	struct sonde_data message KIND(string) HELP("the kernel's own words");
};

SEC("?tp_btf/netlink_extack")
int BPF_PROG(netlink_extack, const char *message)
{
	struct sonde_event__netlink_extack *e = begin(netlink_extack);

	if (!e)
		return 0;
	append_kernel_string(scratch_of(e), SLOT(struct sonde_event__netlink_extack, message),
			     message);
	return submit(e);
}

/* As a file of its own; in probes/ all are of one license. */
char LICENSE[] SEC("license") = "Dual BSD/GPL";
