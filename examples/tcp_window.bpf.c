// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What if TCP did not care about congestion? A congestion control whose window is always the same,
 * for experiments on links that one has alone.
 *     sonde probe build tcp_window.bpf.c
 *     sonde probe run tcp_window.bpf.o --set window=100 -- CMD
 *
 * CMD chooses it for a socket: setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "sonde_window", 12), or
 * `iperf3 -C sonde_window`. It is there as long as sonde runs, and sockets that use it stay with
 * it.
 *
 * Programs of struct_ops stand for functions of the kernel: a table of them is registered, as a
 * module would.
 */
#include <sonde/probe.bpf.h>

struct sock;

struct tcp_sock {
	__u32 snd_cwnd;
	__u32 snd_ssthresh;
} __attribute__((preserve_access_index));

/* Those members that we fill. */
struct tcp_congestion_ops {
	__u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 (*undo_cwnd)(struct sock *sk);
	char name[16];
};

const volatile __u32 window = 10;
__u64 acknowledged, losses;

/* Where slow start ends: it has not begun. */
SEC("struct_ops/ssthresh")
__u32 BPF_PROG(ssthresh, struct sock *sk)
{
	add_to(losses, 1);
	return window;
}

SEC("struct_ops/cong_avoid")
void BPF_PROG(cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
	add_to(acknowledged, acked);
	((struct tcp_sock *)sk)->snd_cwnd = window;
}

SEC("struct_ops/undo_cwnd")
__u32 BPF_PROG(undo_cwnd, struct sock *sk)
{
	return window;
}

SEC(".struct_ops")
struct tcp_congestion_ops sonde_window = {
	.ssthresh = (void *)ssthresh,
	.cong_avoid = (void *)cong_avoid,
	.undo_cwnd = (void *)undo_cwnd,
	.name = "sonde_window",
};

char LICENSE[] SEC("license") = "Dual BSD/GPL";
