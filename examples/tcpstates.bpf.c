// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Which states does each TCP connection go through, and how long does it stay in each?
 *     sonde probe run tcpstates.bpf.o -- CMD
 *     sonde probe run tcpstates.bpf.o evt.arg.old_state=TCP_CLOSE_WAIT (the whole machine)
 * Long in CLOSE_WAIT: the other side has closed, and this program does not. Long in SYN_SENT:
 * nobody answers. TIME_WAIT is none of them: the kernel keeps no socket for it.
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/owner.h>

EVENT(tcpstates, net, "a TCP connection changes its state")
{
	struct sonde_file_ref socket;
	__u16 old_state ENUM(tcp_state);
	__u16 state ENUM(tcp_state) WAS(old_state);
	__u64 lasted KIND(duration) QUIET HELP("the old state; 0: its beginning was not seen");
};

struct total {
	__u16 state ENUM(tcp_state);
};

struct lasted {
	__u64 time KIND(duration) AVERAGE(times);
	__u64 times;
};

/* How long in which state, all connections together. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16);
	__type(key, struct total);
	__type(value, struct lasted);
} states SEC(".maps") QUIET;

/* When a socket came into its state, by struct sock. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, __u64);
	__type(value, __u64);
} since SEC(".maps") HIDDEN;

SEC("tp_btf/inet_sock_set_state")
int tcpstates(__u64 *ctx)
{
	__u64 sk = argument(ctx, 0), now = bpf_ktime_get_ns(), *began;
	__u32 old = ctx[1], new = ctx[2];
	/* connect and listen: the task that runs is the one that does it */
	bool own = old == TCP_CLOSE && (new == TCP_SYN_SENT || new == TCP_LISTEN);
	struct total total = {.state = old};
	struct sonde_event__tcpstates *e;
	struct lasted *l;

	if (BPF_CORE_READ((struct sock *)sk, sk_protocol) != IPPROTO_TCP)
		return 0;
	if (old == TCP_LISTEN && new == TCP_SYN_RECV)
		inherit_owner(sk);
	if (own)
		e = begin(tcpstates);
	else
		e = begin_owned(tcpstates, sk);
	if (!e)
		return 0;
	if (own)
		remember_owner(scratch_of(e), sk);
	began = bpf_map_lookup_elem(&since, &sk);
	/* The copy of a socket that listens has been none before. */
	if (began && old != TCP_CLOSE && !(old == TCP_LISTEN && new == TCP_SYN_RECV)) {
		e->lasted = now - *began;
		l = value_of(states, &total);
		if (l) {
			add_to(l->time, e->lasted);
			add_to(l->times, 1);
		}
	}
	if (new == TCP_CLOSE)
		bpf_map_delete_elem(&since, &sk);
	else
		bpf_map_update_elem(&since, &sk, &now, BPF_ANY);
	e->old_state = old;
	e->state = new;
	scratch_of(e)->port = own ? 0 : port_of((struct sock *)sk);
	put_sock(tcpstates, socket, (struct sock *)sk);
	return submit(e);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
