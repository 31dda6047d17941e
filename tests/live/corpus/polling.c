// SPDX-License-Identifier: Apache-2.0
/* Waiting for descriptors, counters and changes of files. */
#include "corpus.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/select.h>

static void ready(int *pair)
{
	struct pollfd fds[3] = {
		{pair[0], POLLIN | POLLPRI, 0}, {pair[1], POLLOUT, 0}, {-1, POLLIN, 0}};
	struct timespec none = {0, 0}, moment = {0, 1000000};
	struct timeval old_none = {0, 0};
	unsigned long mask = 0x4000;
	struct {
		const unsigned long *set;
		size_t size;
	} masked = {&mask, sizeof(mask)};
	fd_set in, out;

	CALL(poll, fds, 3, 0);
	CALL(poll, fds, 1, 1);
	CALL(ppoll, fds, 3, &none, &mask, 8);
	CALL(ppoll, fds, 1, &moment, NULL, 8);
	CALL(poll, BAD_ADDRESS, 1, 0);
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(pair[0], &in);
	FD_SET(pair[1], &out);
	CALL(select, pair[1] + 1, &in, &out, NULL, &old_none);
	FD_SET(pair[0], &in);
	CALL(select, pair[0] + 1, &in, NULL, NULL, &old_none);
	FD_SET(pair[0], &in);
	CALL(pselect6, pair[1] + 1, &in, &out, NULL, &none, &masked);
	CALL(select, -1, NULL, NULL, NULL, NULL);
}

static void events(int *pair)
{
	struct epoll_event want = {EPOLLIN | EPOLLET | EPOLLRDHUP, {.u64 = 0x123456789a}},
			   out = {EPOLLOUT, {.u32 = 7}}, got[4];
	struct timespec none = {0, 0};
	int fd = CALL(epoll_create1, EPOLL_CLOEXEC), old = CALL(epoll_create, 1);

	CALL(epoll_create, 0);
	CALL(epoll_create1, 0x77);
	CALL(epoll_ctl, fd, EPOLL_CTL_ADD, pair[0], &want);
	CALL(epoll_ctl, fd, EPOLL_CTL_ADD, pair[0], &want);
	CALL(epoll_ctl, fd, EPOLL_CTL_ADD, pair[1], &out);
	CALL(epoll_ctl, fd, EPOLL_CTL_MOD, pair[0], &want);
	CALL(epoll_wait, fd, got, 4, 0);
	CALL(epoll_wait, old, got, 4, 0);
	CALL(epoll_pwait, fd, got, 4, 100, NULL, 8);
	CALL(epoll_pwait2, fd, got, 4, &none, NULL, 8);
	CALL(epoll_wait, fd, got, 0, 0);
	CALL(epoll_ctl, fd, EPOLL_CTL_DEL, pair[1], NULL);
	CALL(epoll_ctl, fd, 77, pair[1], &want);
	CALL(close, old);
	CALL(close, fd);
}

static void counters(void)
{
	uint64_t n = 5;
	int fd = CALL(eventfd2, 3, EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE);

	CALL(write, fd, &n, 8);
	CALL(read, fd, &n, 8);
	CALL(close, fd);
	fd = CALL(eventfd, 0);
	CALL(close, fd);
	CALL(eventfd2, 0, 0x77);
}

static void changes(void)
{
	char buffer[512];
	int fd = CALL(inotify_init1, IN_NONBLOCK | IN_CLOEXEC), watch, old = CALL(inotify_init);

	watch = CALL(inotify_add_watch, fd, ".", IN_CREATE | IN_DELETE | IN_ONLYDIR);
	CALL(inotify_add_watch, fd, "missing", IN_ALL_EVENTS);
	close_it(CALL(creat, "new", 0600));
	CALL(read, fd, buffer, sizeof(buffer));
	CALL(inotify_rm_watch, fd, watch);
	CALL(inotify_rm_watch, fd, 99);
	CALL(close, old);
	CALL(close, fd);
	fd = CALL(fanotify_init, FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK,
		  O_RDONLY | O_LARGEFILE);
	CALL(fanotify_mark, fd, FAN_MARK_ADD, (long)(FAN_OPEN | FAN_CLOSE_WRITE), AT_FDCWD,
	     "missing");
	CALL(fanotify_mark, 99, FAN_MARK_REMOVE | FAN_MARK_MOUNT, (long)(FAN_ACCESS | FAN_ONDIR),
	     AT_FDCWD, NULL);
	CALL(close, fd);
	CALL(fanotify_init, FAN_CLASS_CONTENT | FAN_CLASS_PRE_CONTENT, 0);
}

int main(void)
{
	int pair[2];

	CALL(pipe, pair);
	ready(pair);
	events(pair);
	CALL(write, pair[1], "x", 1);
	ready(pair);
	events(pair);
	counters();
	changes();
	return 0;
}
