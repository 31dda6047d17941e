// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * How long are the round trips of TCP connections, and how often must they send again? Round trip
 * times in microseconds, as a histogram; connections, and packets that were sent again.
 *     sonde probe build tcp_rtt.bpf.c
 *     sonde probe run tcp_rtt.bpf.o -- CMD
 *     sonde probe run tcp_rtt.bpf.o --cgroup /system.slice --maps 1s
 */
#include <linux/bpf.h>
#include <sonde/probe.bpf.h>

__u64 connected, accepted, retransmitted;
__u64 rtt_us_hist[32]; /* slot n: 2^n to 2^(n+1) - 1 */

SEC("sockops")
int on_socket(struct bpf_sock_ops *ctx)
{
	switch (ctx->op) {
	case BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB:
		add_to(connected, 1);
		break;
	case BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB:
		add_to(accepted, 1);
		break;
	case BPF_SOCK_OPS_RTT_CB:
		add_to_hist(rtt_us_hist, ctx->srtt_us >> 3); /* it is kept times 8 */
		return 1;
	case BPF_SOCK_OPS_RETRANS_CB:
		add_to(retransmitted, ctx->args[1]);
		return 1;
	default:
		return 1;
	}
	/* The others are told to whom asks for them. */
	bpf_sock_ops_cb_flags_set(ctx, BPF_SOCK_OPS_RTT_CB_FLAG | BPF_SOCK_OPS_RETRANS_CB_FLAG);
	return 1;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
