// SPDX-License-Identifier: Apache-2.0
/* Unix sockets: pairs, paths, abstract names, passed descriptors and credentials; netlink and
 * packet sockets. */
#include "corpus.h"
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <arpa/inet.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

static void passing(void)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} control = {.header = {CMSG_LEN(2 * sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
	char buffer[16];
	struct iovec out = {"fds", 3}, in = {buffer, sizeof(buffer)};
	struct msghdr message = {.msg_iov = &out,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	int pair[2], fds[2] = {0, 1};

	CALL(socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair);
	memcpy(CMSG_DATA(&control.header), fds, sizeof(fds));
	CALL(sendmsg, pair[0], &message, 0);
	message.msg_iov = &in;
	CALL(recvmsg, pair[1], &message, MSG_CMSG_CLOEXEC);
	CALL(write, pair[1], "back", 4);
	CALL(recvfrom, pair[0], buffer, 2, MSG_WAITALL, NULL, NULL);
	CALL(close, pair[0]);
	CALL(recvfrom, pair[1], buffer, 2, 0, NULL, NULL);
	CALL(close, pair[1]);
	CALL(socketpair, AF_INET, SOCK_STREAM, 0, pair);
}

static void named(void)
{
	struct sockaddr_un path = {AF_UNIX, "socket"}, name = {AF_UNIX, "\0sonde-corpus"}, from;
	socklen_t size = offsetof(struct sockaddr_un, sun_path) + 13, length = sizeof(from);
	struct ucred who;
	char buffer[64];
	int a = CALL(socket, AF_UNIX, SOCK_STREAM, 0), b = CALL(socket, AF_UNIX, SOCK_STREAM, 0), c,
	    on = 1;

	CALL(bind, a, &path, sizeof(path));
	CALL(listen, a, 1);
	CALL(connect, b, &path, sizeof(path));
	c = CALL(accept4, a, &from, &length, SOCK_CLOEXEC);
	length = sizeof(from);
	CALL(getpeername, b, &from, &length);
	length = sizeof(who);
	CALL(getsockopt, b, SOL_SOCKET, SO_PEERCRED, &who, &length);
	CALL(write, b, "hello", 5);
	CALL(read, c, buffer, sizeof(buffer));
	CALL(close, c);
	CALL(close, b);
	CALL(close, a);
	CALL(unlink, "socket");
	a = CALL(socket, AF_UNIX, SOCK_DGRAM, 0);
	b = CALL(socket, AF_UNIX, SOCK_DGRAM, 0);
	CALL(setsockopt, a, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on));
	CALL(bind, a, &name, size);
	CALL(sendto, b, "to a name", 9, 0, &name, size);
	length = sizeof(from);
	CALL(recvfrom, a, buffer, sizeof(buffer), 0, &from, &length);
	CALL(connect, b, &path, sizeof(path));
	CALL(close, a);
	CALL(close, b);
}

int main(void)
{
	struct sockaddr_nl kernel = {AF_NETLINK, 0, 0, RTMGRP_LINK}, peer = {AF_NETLINK, 0, 0, 0};
	struct sockaddr_ll wire = {AF_PACKET, htons(ETH_P_IP), 1, 0, 0, 0, {0}};
	struct {
		struct nlmsghdr header;
		struct rtgenmsg what;
	} question = {{sizeof(question), RTM_GETLINK, NLM_F_REQUEST | NLM_F_ACK, 1, 0},
		      {AF_PACKET}};
	int fd;

	passing();
	named();
	fd = CALL(socket, AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	CALL(bind, fd, &kernel, sizeof(kernel));
	CALL(sendto, fd, &question, 4, 0, &peer, sizeof(peer));
	CALL(close, fd);
	fd = CALL(socket, AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP));
	CALL(bind, fd, &wire, sizeof(wire));
	CALL(close, fd);
	fd = CALL(socket, AF_PACKET, SOCK_RAW, 0);
	CALL(close, fd);
	return 0;
}
