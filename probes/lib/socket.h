/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Sockets and addresses that the kernel's functions are given, as fields of an event. */
#ifndef SONDE_SOCKET_H
#define SONDE_SOCKET_H

#include "hooks.h"

#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT    2
#define TCP_SYN_RECV    3
#define TCP_FIN_WAIT2   5
#define TCP_CLOSE       7
#define TCP_LAST_ACK    9
#define TCP_LISTEN      10
#define TCP_CLOSING     11

/* Where a struct socket lies in an inode, that inode's address. */
static __always_inline __u64 inode_of_socket(struct socket *socket)
{
	if (!socket)
		return 0;
	return (__u64)socket + bpf_core_field_offset(struct socket_alloc, vfs_inode) -
	       bpf_core_field_offset(struct socket_alloc, socket);
}

static __always_inline __u64 inode_of_sock(struct sock *sk)
{
	return is_small_sock(sk) ? 0 : inode_of_socket(BPF_CORE_READ(sk, sk_socket));
}

/* A socket that is closed has given back its port before it says so. */
static __always_inline __u16 port_of(struct sock *sk)
{
	return is_small_sock(sk)
		       ? 0
		       : __builtin_bswap16(BPF_CORE_READ((struct inet_sock *)sk, inet_sport));
}

/* The field `member`, a struct sonde_file_ref, of the event is this struct socket *, or this struct
 * sock *. */
#define put_socket(name, member, socket)                                                           \
	append_sock(scratch_index(sonde_ids__##name.hook), (__u64)BPF_CORE_READ(socket, sk),       \
		    inode_of_socket(socket), SLOT(struct sonde_event__##name, member))
#define put_sock(name, member, sk)                                                                 \
	append_sock(scratch_index(sonde_ids__##name.hook), (__u64)(sk), inode_of_sock(sk),         \
		    SLOT(struct sonde_event__##name, member))

/* The field `member`, of KIND(sockaddr), of the event `e` is this address in the kernel's memory.
 */
#define put_sockaddr(e, name, member, from, size)                                                  \
	append_kernel_bytes(scratch_of(e), SLOT(struct sonde_event__##name, member), from, size)

#endif
