// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* TCP: who connects and listens, each state of a connection, what is sent again, what is reset. */
#include <sonde/probe.bpf.h>
#include <sonde/lib/owner.h>

HOOK_EVENT(tcp_connect, socket, "a TCP connection is begun: both ends are known, the SYN is sent")
{
	__s64 res RESULT;
	struct sonde_file_ref socket;
}
INSTEAD("inet_sock_set_state", "blind to what could not be sent; other states are shown as well");

FUNCTION_HOOK(int, tcp_connect, struct sock *sk)
{
	struct sonde_event__tcp_connect *e = begin_hook(tcp_connect);

	if (!e)
		return 0;
	put_sock(tcp_connect, socket, sk);
	return submit(e);
}

HOOK_EVENT(inet_listen, socket, "an IPv4 or IPv6 socket takes connections, or takes more of them")
{
	__s64 res RESULT;
	struct sonde_file_ref socket;
	__s32 backlog KIND(int) HELP("connections that may wait to be accepted");
}
INSTEAD("listen", "sockets of other kinds are shown as well");

FUNCTION_HOOK(int, inet_listen, struct socket *sock, int backlog)
{
	struct sonde_event__inet_listen *e = begin_hook(inet_listen);

	if (!e)
		return 0;
	e->backlog = backlog;
	put_socket(inet_listen, socket, sock);
	return submit(e);
}

#define TRACEPOINT_ARGS 3

/* A tracepoint's arguments as numbers: the verifier lets no pointer pass to a function. */
#define TAKE_ARGS(args, ctx)                                                                       \
	__u64 args[TRACEPOINT_ARGS];                                                               \
	bpf_probe_read_kernel(args, sizeof(args), ctx)

HOOK_EVENT(inet_sock_set_state, socket,
	   "a connection changes its state (TCP, MPTCP, DCCP, SCTP); the process is the socket's "
	   "owner: who connected, listens or accepted it")
{
	__u16 old_state ENUM(tcp_state);
	__u16 new_state ENUM(tcp_state);
	struct sonde_file_ref socket;
	__u16 protocol ENUM(ip_protocol);
};

/* What follows these is the end; after the others a reset may be sent yet. */
#define ENDING_STATES (1 << TCP_FIN_WAIT2 | 1 << TCP_LAST_ACK | 1 << TCP_CLOSING | 1 << TCP_LISTEN)

SEC("?tp_btf/inet_sock_set_state")
int inet_sock_set_state(__u64 *ctx)
{
	TAKE_ARGS(args, ctx);
	struct sock *sk = (void *)args[0];
	__u32 old = args[1], new = args[2];
	/* connect and listen: the task that runs is the one that does it */
	bool own = old == TCP_CLOSE && (new == TCP_SYN_SENT || new == TCP_LISTEN);
	bool quiet = config.quiet & SONDE_QUIET_SOCKET_STATE;
	struct sonde_event__inet_sock_set_state *e = NULL;

	if (old == TCP_LISTEN && new == TCP_SYN_RECV)
		inherit_owner(args[0]);
	if (own)
		e = begin(inet_sock_set_state);
	else if (!quiet)
		e = begin_owned(inet_sock_set_state, args[0]);
	if (own && e)
		remember_owner(scratch_of(e), args[0]);
	else if (own || (new == TCP_CLOSE &&ENDING_STATES & 1 << (old & 15)))
		forget_owner(args[0]);
	if (!e)
		return 0;
	if (quiet)
		return scratch__drop(scratch_of(e));
	e->old_state = old;
	e->new_state = new;
	e->protocol = BPF_CORE_READ(sk, sk_protocol);
	scratch_of(e)->port = own ? 0 : port_of(sk);
	put_sock(inet_sock_set_state, socket, sk);
	return submit(e);
}

HOOK(security_sock_graft);

/* accept: the connection is put into the socket that the program gets. */
ENTRY_HOOK(security_sock_graft, struct sock *sk, struct socket *parent)
{
	__u32 hook = sonde_ids__security_sock_graft.hook;
	struct scratch *s = NULL;

	if (begin_scratch(hook, 0, 0, false))
		s = scratch_at(scratch_index(hook));
	if (!s) {
		forget_owner((__u64)sk);
		return 0;
	}
	remember_owner(s, (__u64)sk);
	return scratch__drop(s);
}

HOOK(iterate_files);

/* The sockets that are there already, once the traced tasks are labelled: who has a descriptor of
 * one owns it; of several who share it, the first. */
SEC("?iter/task_file")
int iterate_files(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct socket_owner owner = {};
	struct socket *socket;
	struct task_value *v;
	struct inode *inode;
	__u64 sk;

	if (!task || !file || (__u32)task->tgid == own_pid)
		return 0;
	inode = BPF_CORE_READ(file, f_inode);
	if ((BPF_CORE_READ(inode, i_mode) & S_IFMT) != S_IFSOCK ||
	    BPF_CORE_READ(inode, i_sb, s_magic) != SOCKFS_MAGIC)
		return 0;
	if (follow) {
		v = task_value_of(task, false);
		if (!v || !v->labels)
			return 0;
	}
	socket = socket_of_inode((__u64)inode);
	sk = (__u64)BPF_CORE_READ(socket, sk);
	if (BPF_CORE_READ(socket, type) != SOCK_STREAM || !sk ||
	    (BPF_CORE_READ((struct sock *)sk, __sk_common.skc_family) != AF_INET &&
	     BPF_CORE_READ((struct sock *)sk, __sk_common.skc_family) != AF_INET6))
		return 0;
	owner.key = key_of(task);
	owner.ino = BPF_CORE_READ(inode, i_ino);
	owner.pid = task->tgid;
	owner.tid = task->pid;
	bpf_map_update_elem(&socket_owners, &sk, &owner, BPF_NOEXIST);
	return 0;
}

const volatile bool retransmit_has_error = false; /* the tracepoint tells failures too (6.16) */

HOOK_EVENT(tcp_retransmit_skb, socket,
	   "a TCP segment is sent again, since nobody said that it arrived")
{
	__s64 res RESULT;
	struct sonde_file_ref socket;
	__u32 seq HELP("sequence number of its first byte");
	__u32 len HELP("sequence numbers that it takes: its bytes, and one each for SYN and FIN");
	__u8 state ENUM(tcp_state);
}
SONDE_TAG(
	"blind:before 6.16 what failed; owners of sockets that were there before the trace began");

/* What TCP keeps in an skb of its own (struct tcp_skb_cb). */
struct tcp_numbers {
	__u32 seq, end_seq;
};

SEC("?tp_btf/tcp_retransmit_skb")
int tcp_retransmit_skb(__u64 *ctx)
{
	TAKE_ARGS(args, ctx);
	struct sock *sk = (void *)args[0];
	struct sk_buff *skb = (void *)args[1];
	struct tcp_numbers numbers = {};
	struct sonde_event__tcp_retransmit_skb *e = begin_owned(tcp_retransmit_skb, args[0]);

	if (!e)
		return 0;
	if (retransmit_has_error)
		e->res = (__s32)args[2];
	bpf_core_read(&numbers, sizeof(numbers), &skb->cb);
	e->seq = numbers.seq;
	e->len = numbers.end_seq - numbers.seq;
	e->state = BPF_CORE_READ(sk, __sk_common.skc_state);
	put_sock(tcp_retransmit_skb, socket, sk);
	return submit(e);
}

HOOK_EVENT(tcp_reset, socket, "the other side reset a TCP connection")
{
	struct sonde_file_ref socket;
	__u8 state ENUM(tcp_state) HELP("in which it was met");
};

SEC("?tp_btf/tcp_receive_reset")
int tcp_reset(__u64 *ctx)
{
	TAKE_ARGS(args, ctx);
	struct sock *sk = (void *)args[0];
	struct sonde_event__tcp_reset *e = begin_owned(tcp_reset, args[0]);

	if (!e)
		return 0;
	e->state = BPF_CORE_READ(sk, __sk_common.skc_state);
	put_sock(tcp_reset, socket, sk);
	return submit(e);
}

const volatile bool reset_has_reason = false; /* since 6.10 */

HOOK_EVENT(tcp_send_reset, socket, "this side resets a TCP connection, or refuses one")
{
	struct sonde_file_ref socket HELP(
		"where nothing listens: the ends that the packet named, seen from here");
	__u8 state ENUM(tcp_state) HELP("0: there is no such socket");
	__u8 reason ENUM(reset_reason) QUIET HELP("0: not told, as before 6.10");
}
SONDE_TAG("blind:before 6.10 refusals where no socket is; owners of sockets that were there before "
	  "the trace began");

/* The ends of what a packet asked for: its receiver is here. */
static __always_inline void put_packet(struct scratch *s, struct sk_buff *skb, __u32 slot)
{
	unsigned char *head = BPF_CORE_READ(skb, head);
	unsigned char *ip = head + BPF_CORE_READ(skb, network_header);
	unsigned char *tcp = head + BPF_CORE_READ(skb, transport_header);
	struct sonde_file *f = start_file(s);
	__u16 ports[2] = {};
	__u8 version = 0;

	bpf_probe_read_kernel(&version, sizeof(version), ip);
	bpf_probe_read_kernel(ports, sizeof(ports), tcp);
	f->type = SONDE_FILE_SOCKET;
	f->mode = S_IFSOCK;
	f->socktype = SOCK_STREAM;
	f->protocol = IPPROTO_TCP;
	f->state = TCP_CLOSE;
	f->peer_port = __builtin_bswap16(ports[0]);
	f->local_port = __builtin_bswap16(ports[1]);
	if (version >> 4 == 6) {
		f->family = AF_INET6;
		bpf_probe_read_kernel(f->peer, 16, ip + 8);
		bpf_probe_read_kernel(f->local, 16, ip + 24);
	} else {
		f->family = AF_INET;
		bpf_probe_read_kernel(f->peer, 4, ip + 12);
		bpf_probe_read_kernel(f->local, 4, ip + 16);
	}
	if (emit_intro(s))
		append_id(s, slot, f->id);
}

SEC("?tp_btf/tcp_send_reset")
int tcp_send_reset(__u64 *ctx)
{
	TAKE_ARGS(args, ctx);
	struct sock *sk = (void *)args[0];
	struct sonde_event__tcp_send_reset *e = begin_owned(tcp_send_reset, args[0]);

	if (!e)
		return 0;
	if (reset_has_reason)
		e->reason = args[2];
	if (sk) {
		e->state = BPF_CORE_READ(sk, __sk_common.skc_state);
		scratch_of(e)->port = port_of(sk);
		put_sock(tcp_send_reset, socket, sk);
	} else if (args[1]) {
		put_packet(scratch_of(e), (void *)args[1],
			   SLOT(struct sonde_event__tcp_send_reset, socket));
	}
	return submit(e);
}
