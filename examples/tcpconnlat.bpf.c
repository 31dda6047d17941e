// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * How long does it take until a TCP connection is there, or refused: by whom, and to where?
 *     sonde probe run tcpconnlat.bpf.o                           (the whole machine)
 *     sonde probe run tcpconnlat.bpf.o 'evt.arg.latency > 100ms' -- CMD
 * From the SYN until the answer to it: the way there and back and the other kernel, no program. A
 * second, or three, say that a SYN got lost. connect() itself may return at once: all the same.
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/owner.h>

EVENT(tcpconnlat, net, "a TCP connection was made, or could not be")
{
	__s64 res RESULT;
	struct sonde_file_ref socket;
	__u64 latency KIND(duration) HELP("from the SYN until the answer");
};

__u64 latency_us_hist[32] QUIET;

/* By struct sock. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, __u64);
} connecting SEC(".maps") HIDDEN;

/* The task that runs is the one that connects. */
static __always_inline int begins(__u64 sk)
{
	__u32 hook = sonde_ids__tcpconnlat.hook;
	__u64 now = bpf_ktime_get_ns();
	struct scratch *s =
		begin_scratch(hook, 0, 0, false) ? scratch_at(scratch_index(hook)) : NULL;

	if (!s)
		return 0;
	remember_owner(s, sk);
	bpf_map_update_elem(&connecting, &sk, &now, BPF_ANY);
	return scratch__drop(s);
}

SEC("tp_btf/inet_sock_set_state")
int tcpconnlat(__u64 *ctx)
{
	__u64 sk = argument(ctx, 0), *since, latency;
	__u32 old = ctx[1], new = ctx[2];
	struct sock *sock = (void *)sk;
	struct sonde_event__tcpconnlat *e;

	if (BPF_CORE_READ(sock, sk_protocol) != IPPROTO_TCP)
		return 0;
	if (new == TCP_SYN_SENT)
		return begins(sk);
	since = old == TCP_SYN_SENT ? bpf_map_lookup_elem(&connecting, &sk) : NULL;
	if (!since)
		return 0;
	latency = bpf_ktime_get_ns() - *since;
	bpf_map_delete_elem(&connecting, &sk);
	if (new == TCP_ESTABLISHED)
		add_to_hist(latency_us_hist, latency / 1000);
	e = begin_owned(tcpconnlat, sk);
	if (!e)
		return 0;
	e->res = -BPF_CORE_READ(sock, sk_err);
	e->latency = latency;
	scratch_of(e)->port = port_of(sock);
	put_sock(tcpconnlat, socket, sock);
	return submit(e);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
