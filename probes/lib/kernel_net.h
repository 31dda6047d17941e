/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Of the kernel's types, see kernel.h: sockets, network devices, and what goes through them. */
#ifndef SONDE_KERNEL_NET_H
#define SONDE_KERNEL_NET_H

#include "kernel_fs.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct in6_addr {
	__u8 s6_addr_[16];
};

typedef struct {
	struct net *net;
} possible_net_t;

struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	struct hlist_node skc_bind_node;
};

struct sock {
	struct sock_common __sk_common;
	__u16 sk_type;
	__u16 sk_protocol;
	int sk_err;
	struct socket *sk_socket;
};

struct inet_sock {
	struct sock sk;
	__be16 inet_sport;
};

struct proto_ops {
	int family;
};

struct socket {
	short type;
	struct file *file;
	struct sock *sk;
	const struct proto_ops *ops;
};

struct socket_alloc { /* what an inode of sockfs lies in */
	struct socket socket;
	struct inode vfs_inode;
};

struct msghdr { /* the kernel's own: the address lies in its memory */
	void *msg_name;
	int msg_namelen;
};

struct sk_buff {
	char cb[48];
	__u16 transport_header, network_header;
	__u16 protocol;
	unsigned char *head;
};

struct sockaddr_un {
	__u16 sun_family;
	char sun_path[108];
};

struct unix_address {
	int len;
	struct sockaddr_un name[1];
};

struct unix_sock {
	struct sock sk;
	struct unix_address *addr;
	struct sock *peer;
};

struct netlink_sock {
	struct sock sk;
	__u32 portid;
};

struct net_device {
	char name[16];
};

#pragma clang attribute pop

#endif
