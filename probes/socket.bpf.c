// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Sockets, as the kernel's own functions see them: who makes, names, connects and configures them,
 * of whatever family; and UDP's datagrams. */
#include <sonde/probe.bpf.h>
#include <sonde/lib/socket.h>

/* Laid out as the call's arguments, whose protocols it shares. */
HOOK_EVENT(security_socket_create, socket, "a socket is to be made")
{
	__s64 res RESULT;
	__u64 family ENUM(address_family);
	__u64 type ENUM(socket_type);
	__u64 protocol KIND(uint) HELP("0: the family's usual one for that type");
	__u8 kern KIND(bool) QUIET HELP("for the kernel itself, not for a program");
}
INSTEAD("socket,socketpair",
	"blind to sockets that the kernel makes for itself, or that accept makes")
SONDE_TAG("variants:socket");

LSM_HOOK(security_socket_create, socket_create, int family, int type, int protocol, int kern)
{
	struct sonde_event__security_socket_create *e = begin_hook(security_socket_create);

	if (!e)
		return 0;
	e->family = (__u32)family;
	e->type = (__u32)type;
	e->protocol = (__u32)protocol;
	e->kern = kern != 0;
	return submit(e);
}

HOOK_EVENT(security_socket_bind, socket, "a socket is to be given an address of its own")
{
	__s64 res RESULT;
	struct sonde_file_ref socket;
	struct sonde_data address KIND(sockaddr);
}
INSTEAD("bind", "the result is the whole call's");

LSM_HOOK(security_socket_bind, socket_bind, struct socket *sock, void *address, int addrlen)
{
	struct sonde_event__security_socket_bind *e = begin_hook(security_socket_bind);

	if (!e)
		return 0;
	put_socket(security_socket_bind, socket, sock);
	put_sockaddr(e, security_socket_bind, address, address, addrlen);
	return submit(e);
}

HOOK_EVENT(security_socket_connect, socket, "a socket is to be connected")
{
	__s64 res RESULT;
	struct sonde_file_ref socket HELP("as it was before");
	struct sonde_data address KIND(sockaddr) HELP("of the other end");
}
INSTEAD("connect", "the result is the whole call's");

LSM_HOOK(security_socket_connect, socket_connect, struct socket *sock, void *address, int addrlen)
{
	struct sonde_event__security_socket_connect *e = begin_hook(security_socket_connect);

	if (!e)
		return 0;
	put_socket(security_socket_connect, socket, sock);
	put_sockaddr(e, security_socket_connect, address, address, addrlen);
	return submit(e);
}

HOOK_EVENT(security_socket_listen, socket, "a socket is to take connections")
{
	__s64 res RESULT;
	struct sonde_file_ref socket;
	__s32 backlog KIND(int)
		HELP("connections that may wait, cut to net.core.somaxconn already");
}
INSTEAD("listen", "the result is the whole call's");

LSM_HOOK(security_socket_listen, socket_listen, struct socket *sock, int backlog)
{
	struct sonde_event__security_socket_listen *e = begin_hook(security_socket_listen);

	if (!e)
		return 0;
	e->backlog = backlog;
	put_socket(security_socket_listen, socket, sock);
	return submit(e);
}

HOOK_EVENT(security_socket_accept, socket,
	   "a connection is to be taken from a socket that listens; it may not be there yet")
{
	__s64 res RESULT;
	struct sonde_file_ref socket HELP("the one that listens");
	struct sonde_file_ref new_socket HELP("what accept will return, without a connection yet");
}
INSTEAD("accept", "told when the connection is there");

LSM_HOOK(security_socket_accept, socket_accept, struct socket *sock, struct socket *newsock)
{
	struct sonde_event__security_socket_accept *e = begin_hook(security_socket_accept);

	if (!e)
		return 0;
	put_socket(security_socket_accept, socket, sock);
	put_socket(security_socket_accept, new_socket, newsock);
	return submit(e);
}

/* Laid out as the call's arguments, whose options it shares. */
HOOK_EVENT(security_socket_setsockopt, socket, "an option of a socket is to be set")
{
	__s64 res RESULT;
	struct sonde_file_ref socket;
	__u64 level ENUM(sockopt_level);
	__u64 optname KIND(uint);
}
INSTEAD("setsockopt", "the result is the whole call's")
SONDE_TAG("variants:setsockopt");

LSM_HOOK(security_socket_setsockopt, socket_setsockopt, struct socket *sock, int level, int optname)
{
	struct sonde_event__security_socket_setsockopt *e = begin_hook(security_socket_setsockopt);

	if (!e)
		return 0;
	e->level = (__u32)level;
	e->optname = (__u32)optname;
	put_socket(security_socket_setsockopt, socket, sock);
	return submit(e);
}

HOOK_EVENT(udp_sendmsg, socket, "a datagram goes out over IPv4; of an IPv6 socket too")
{
	__s64 res RESULT;
	struct sonde_file_ref socket;
	struct sonde_data address KIND(sockaddr)
		HELP("where to; NULL: the peer that the socket is connected to");
	__u64 len KIND(size);
}
INSTEAD("send", "blind to write, and which protocol it is where descriptors are not resolved");

FUNCTION_HOOK(int, udp_sendmsg, struct sock *sk, struct msghdr *msg, __u64 len)
{
	struct sonde_event__udp_sendmsg *e = begin_hook(udp_sendmsg);
	void *name;

	if (!e)
		return 0;
	e->len = len;
	put_sock(udp_sendmsg, socket, sk);
	name = BPF_CORE_READ(msg, msg_name);
	if (name)
		put_sockaddr(e, udp_sendmsg, address, name, BPF_CORE_READ(msg, msg_namelen));
	else
		append_null(scratch_of(e), SLOT(struct sonde_event__udp_sendmsg, address));
	return submit(e);
}

HOOK_EVENT(udpv6_sendmsg, socket,
	   "a datagram goes out of an IPv6 socket; to an IPv4 address: udp_sendmsg shows it too")
{
	__s64 res RESULT;
	struct sonde_file_ref socket;
	struct sonde_data address KIND(sockaddr)
		HELP("where to; NULL: the peer that the socket is connected to, or an IPv4 "
		     "address");
	__u64 len KIND(size);
}
INSTEAD("send", "blind to write, and which protocol it is where descriptors are not resolved");

#define SOCKADDR_IN6_MIN 24

FUNCTION_HOOK(int, udpv6_sendmsg, struct sock *sk, struct msghdr *msg, __u64 len)
{
	struct sonde_event__udpv6_sendmsg *e = begin_hook(udpv6_sendmsg);
	void *name;

	if (!e)
		return 0;
	e->len = len;
	put_sock(udpv6_sendmsg, socket, sk);
	name = BPF_CORE_READ(msg, msg_name);
	/* For IPv4 it made an address on its own stack, which is gone now. */
	if (name && BPF_CORE_READ(msg, msg_namelen) >= SOCKADDR_IN6_MIN)
		put_sockaddr(e, udpv6_sendmsg, address, name, BPF_CORE_READ(msg, msg_namelen));
	else
		append_null(scratch_of(e), SLOT(struct sonde_event__udpv6_sendmsg, address));
	return submit(e);
}

HOOK_EVENT(__udp_disconnect, socket, "a UDP socket is about to forget its peer")
{
	struct sonde_file_ref socket HELP("still with its peer");
	__u32 flags FLAGS(open);
};

ENTRY_HOOK(__udp_disconnect, struct sock *sk, int flags)
{
	struct sonde_event____udp_disconnect *e = begin(__udp_disconnect);

	if (!e)
		return 0;
	e->flags = flags;
	put_sock(__udp_disconnect, socket, sk);
	return submit(e);
}

HOOK_EVENT(udp_destroy_sock, socket, "an IPv4 UDP socket goes away")
{
	struct sonde_file_ref socket;
};

ENTRY_HOOK(udp_destroy_sock, struct sock *sk)
{
	struct sonde_event__udp_destroy_sock *e = begin(udp_destroy_sock);

	if (!e)
		return 0;
	put_sock(udp_destroy_sock, socket, sk);
	return submit(e);
}

HOOK_EVENT(udpv6_destroy_sock, socket, "an IPv6 UDP socket goes away")
{
	struct sonde_file_ref socket;
};

ENTRY_HOOK(udpv6_destroy_sock, struct sock *sk)
{
	struct sonde_event__udpv6_destroy_sock *e = begin(udpv6_destroy_sock);

	if (!e)
		return 0;
	put_sock(udpv6_destroy_sock, socket, sk);
	return submit(e);
}
