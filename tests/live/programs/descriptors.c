// SPDX-License-Identifier: Apache-2.0
/* One descriptor of each kind, each passed once to fsync(2), whatever that says: descriptors_test
 * looks at its name. */
#include "../corpus/corpus.h"
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>

static void show(int fd)
{
	CALL(fsync, fd);
	CALL(close, fd);
}

static void internet(int family, void *address, socklen_t size)
{
	int listener = socket(family, SOCK_STREAM, 0), client = socket(family, SOCK_STREAM, 0),
	    server;

	bind(listener, address, size);
	listen(listener, 1);
	getsockname(listener, address, &size);
	connect(client, address, size);
	server = accept(listener, NULL, NULL);
	show(client);
	show(server);
	show(listener);
}

/* More than are looked at. */
static void many(void)
{
	struct pollfd fds[20];
	fd_set set;

	FD_ZERO(&set);
	for (unsigned int i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = (struct pollfd){dup2(0, 100 + 11 * i), POLLIN, 0};
		FD_SET(fds[i].fd, &set);
	}
	CALL(poll, fds, ARRAY_SIZE(fds), 0);
	CALL(select, fds[ARRAY_SIZE(fds) - 1].fd + 1, NULL, &set, NULL, NULL);
	for (unsigned int i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i].fd);
}

int main(void)
{
	const char *rude = "a \033[31mname\nof two lines\xff";
	struct sockaddr_in four = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_un path = {AF_UNIX, "socket"};
	int pair[2], fd, dir;

	show(open("/etc/hosts", O_RDONLY));
	show(open("/dev/null", O_RDONLY));
	show(open("/proc/self/status", O_RDONLY));
	show(open("/proc/self/ns/net", O_RDONLY));
	mkdir("before", 0755);
	dir = open("before", O_RDONLY | O_DIRECTORY);
	fd = openat(dir, "file", O_RDWR | O_CREAT, 0600);
	CALL(fsync, fd);
	rename("before", "after");
	CALL(fsync, fd);
	CALL(faccessat, dir, "file", 0);
	show(dir);
	unlink("after/file");
	show(fd);
	show(memfd_create("memory", 0));
	show(eventfd(0, 0));
	show(epoll_create1(0));
	show(timerfd_create(CLOCK_MONOTONIC, 0));
	show(inotify_init());
	CALL(pipe, pair);
	show(pair[0]);
	show(pair[1]);
	CALL(socketpair, AF_UNIX, SOCK_STREAM, 0, pair);
	show(pair[0]);
	show(pair[1]);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	bind(fd, (void *)&path, sizeof(path));
	show(fd);
	internet(AF_INET, &four, sizeof(four));
	internet(AF_INET6, &six, sizeof(six));
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	bind(fd,
	     (void *)&(struct sockaddr_in){.sin_family = AF_INET,
					   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)},
	     sizeof(four));
	show(fd);
	show(dup(0));
	show(77);
	close(open(rude, O_RDONLY | O_CREAT, 0600));
	unlink(rude);
	unlink(path.sun_path);
	rmdir("after");
	many();
	return 0;
}
