// SPDX-License-Identifier: Apache-2.0
/* TCP and UDP on loopback, over IPv4 and IPv6. */
#include "corpus.h"
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>

union address {
	struct sockaddr any;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

static void conversation(int family, socklen_t size)
{
	union address at = {.any.sa_family = family}, peer;
	socklen_t length = size;
	char buffer[128];
	int on = 1, listener, client, server;
	struct linger linger = {1, 3};
	struct timeval patience = {2, 500000};

	if (family == AF_INET)
		at.four.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		at.six.sin6_addr = in6addr_loopback;
	listener = CALL(socket, family, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP);
	CALL(setsockopt, listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	CALL(bind, listener, &at, size);
	CALL(bind, listener, &at, size);
	CALL(listen, listener, 5);
	CALL(getsockname, listener, &at, &length);
	client = CALL(socket, family, SOCK_STREAM, 0);
	CALL(setsockopt, client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	CALL(setsockopt, client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	CALL(setsockopt, client, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	CALL(connect, client, &at, size);
	CALL(connect, client, &at, size);
	length = sizeof(peer);
	server = CALL(accept, listener, &peer, &length);
	CALL(sendto, client, "GET / HTTP/1.0\r\n\r\n", 18, MSG_NOSIGNAL, NULL, 0);
	CALL(recvfrom, server, buffer, sizeof(buffer), MSG_PEEK, NULL, NULL);
	CALL(recvfrom, server, buffer, sizeof(buffer), 0, NULL, NULL);
	CALL(recvfrom, server, buffer, sizeof(buffer), MSG_DONTWAIT, NULL, NULL);
	CALL(write, server, "answer", 6);
	CALL(read, client, buffer, sizeof(buffer));
	length = sizeof(peer);
	CALL(getpeername, client, &peer, &length);
	length = sizeof(on);
	CALL(getsockopt, client, SOL_SOCKET, SO_ERROR, &on, &length);
	CALL(getsockopt, client, SOL_SOCKET, SO_TYPE, &on, &length);
	CALL(getsockopt, client, IPPROTO_TCP, TCP_NODELAY, &on, &length);
	CALL(getsockopt, client, SOL_SOCKET, 9999, &on, &length);
	CALL(shutdown, client, SHUT_WR);
	CALL(recvfrom, server, buffer, sizeof(buffer), 0, NULL, NULL);
	CALL(shutdown, client, SHUT_RDWR);
	CALL(close, client);
	CALL(close, server);
	CALL(close, listener);
}

static void datagrams(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
			   from;
	char one[32], two[32];
	struct iovec out[2] = {{"scatter ", 8}, {"gather", 6}},
		     in[2] = {{one, 5}, {two, sizeof(two)}};
	struct msghdr sent = {&at, sizeof(at), out, 2, NULL, 0, 0};
	struct msghdr got = {&from, sizeof(from), in, 2, NULL, 0, 0};
	struct mmsghdr several[2] = {{.msg_hdr = sent}, {.msg_hdr = sent}},
		       taken[2] = {{.msg_hdr = got}, {.msg_hdr = got}};
	socklen_t length = sizeof(at);
	int a = CALL(socket, AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_UDP),
	    b = CALL(socket, AF_INET, SOCK_DGRAM, 0);

	CALL(bind, a, &at, sizeof(at));
	CALL(getsockname, a, &at, &length);
	CALL(sendto, b, "datagram", 8, 0, &at, sizeof(at));
	length = sizeof(from);
	CALL(recvfrom, a, one, sizeof(one), 0, &from, &length);
	CALL(sendmsg, b, &sent, MSG_DONTWAIT);
	CALL(recvmsg, a, &got, 0);
	CALL(recvmsg, a, &got, 0);
	CALL(sendmmsg, b, several, 2, 0);
	CALL(recvmmsg, a, taken, 2, MSG_WAITFORONE, NULL);
	CALL(sendmsg, b, BAD_ADDRESS, 0);
	CALL(close, a);
	CALL(close, b);
}

int main(void)
{
	struct sockaddr_in nobody = {
		.sin_family = AF_INET, .sin_port = htons(1), .sin_addr.s_addr = htonl(0x7f000001)};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6,
				   .sin6_port = htons(9),
				   .sin6_flowinfo = htonl(7),
				   .sin6_addr = IN6ADDR_LOOPBACK_INIT,
				   .sin6_scope_id = 1};
	int fd;

	conversation(AF_INET, sizeof(struct sockaddr_in));
	conversation(AF_INET6, sizeof(struct sockaddr_in6));
	datagrams();
	fd = CALL(socket, AF_INET, SOCK_STREAM, IPPROTO_IP);
	CALL(connect, fd, &nobody, sizeof(nobody));
	CALL(connect, fd, &nobody, 3);
	CALL(connect, fd, BAD_ADDRESS, sizeof(nobody));
	CALL(accept, fd, NULL, NULL);
	CALL(accept4, fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	CALL(getpeername, fd, &nobody, BAD_ADDRESS);
	CALL(close, fd);
	fd = CALL(socket, AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
	CALL(connect, fd, &six, sizeof(six));
	CALL(sendto, fd, "x", 1, MSG_OOB | MSG_MORE, NULL, 0);
	CALL(close, fd);
	CALL(socket, AF_INET, SOCK_STREAM, IPPROTO_UDP);
	CALL(socket, 999, SOCK_RAW, 0);
	CALL(shutdown, 99, SHUT_RD);
	CALL(listen, 0, 1);
	return 0;
}
