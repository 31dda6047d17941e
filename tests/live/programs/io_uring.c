// SPDX-License-Identifier: Apache-2.0
/*
 * The same work twice: "calls" does it by system calls, "ring" by io_uring, one request after the
 * other; "worker" by a thread of the kernel's, "poll" without io_uring_enter. "multishot", "links",
 * "sockets": can it make one (5.19)? "registered", "silent", "overflow", "unnamed": what only
 * io_uring can.
 */
#include "../corpus/corpus.h"
#include <arpa/inet.h>
#include <linux/io_uring.h>
#include <linux/stat.h>
#include <stdbool.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>

#define ENTRIES 8

static struct {
	int fd;
	unsigned int *head, *tail, *mask, *array, *cq_head, *cq_tail, *cq_mask, *flags;
	struct io_uring_sqe *sqes;
	struct io_uring_cqe *cqes;
	unsigned int unsubmitted;
	bool polled;
} ring;
static unsigned char all_flags;

static void make_ring(unsigned int flags)
{
	struct io_uring_params p = {.flags = flags, .sq_thread_idle = 2000};
	char *sq, *cq;

	ring.fd = CALL(io_uring_setup, ENTRIES, &p);
	if (ring.fd < 0)
		exit(77);
	ring.polled = flags & IORING_SETUP_SQPOLL;
	sq = mmap(NULL, p.sq_off.array + ENTRIES * sizeof(int), PROT_READ | PROT_WRITE, MAP_SHARED,
		  ring.fd, IORING_OFF_SQ_RING);
	cq = mmap(NULL, p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe),
		  PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, IORING_OFF_CQ_RING);
	ring.sqes = mmap(NULL, ENTRIES * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
			 MAP_SHARED, ring.fd, IORING_OFF_SQES);
	ring.head = (void *)(sq + p.sq_off.head);
	ring.tail = (void *)(sq + p.sq_off.tail);
	ring.mask = (void *)(sq + p.sq_off.ring_mask);
	ring.array = (void *)(sq + p.sq_off.array);
	ring.flags = (void *)(sq + p.sq_off.flags);
	ring.cq_head = (void *)(cq + p.cq_off.head);
	ring.cq_tail = (void *)(cq + p.cq_off.tail);
	ring.cq_mask = (void *)(cq + p.cq_off.ring_mask);
	ring.cqes = (void *)(cq + p.cq_off.cqes);
}

static void put(struct io_uring_sqe sqe)
{
	unsigned int tail = *ring.tail, at = tail & *ring.mask;

	sqe.flags |= all_flags;
	ring.sqes[at] = sqe;
	ring.array[at] = at;
	ring.unsubmitted++;
	__atomic_store_n(ring.tail, tail + 1, __ATOMIC_SEQ_CST);
}

static void enter(unsigned int wait)
{
	unsigned int flags = wait ? IORING_ENTER_GETEVENTS : 0;

	if (ring.polled && __atomic_load_n(ring.flags, __ATOMIC_SEQ_CST) & IORING_SQ_NEED_WAKEUP)
		flags |= IORING_ENTER_SQ_WAKEUP;
	CALL(io_uring_enter, ring.fd, ring.unsubmitted, wait, flags, NULL, 0);
	ring.unsubmitted = 0;
}

static long take(void)
{
	long result;

	while (__atomic_load_n(ring.cq_tail, __ATOMIC_ACQUIRE) == *ring.cq_head)
		enter(1);
	result = ring.cqes[*ring.cq_head & *ring.cq_mask].res;
	__atomic_store_n(ring.cq_head, *ring.cq_head + 1, __ATOMIC_RELEASE);
	return result;
}

static bool by_ring;

static long request(struct io_uring_sqe sqe)
{
	put(sqe);
	return take();
}

#define P(x) ((unsigned long)(x))
/* By a request of these members, or by the call. */
#define DO(op, members, call, ...)                                                                 \
	(by_ring ? request((struct io_uring_sqe){.opcode = IORING_OP_##op, BARE members})          \
		 : CALL(call, __VA_ARGS__))
#define BARE(...) __VA_ARGS__

static char text[32] = "through the ring", answer[64], more[16];

static int make_file(void)
{
	int fd;

	DO(MKDIRAT, (.fd = AT_FDCWD, .addr = P("made"), .len = 0750), mkdirat, AT_FDCWD, "made",
	   0750);
	fd = DO(OPENAT,
		(.fd = AT_FDCWD, .addr = P("made/file"), .len = 0640,
		 .open_flags = O_RDWR | O_CREAT | O_CLOEXEC),
		openat, AT_FDCWD, "made/file", O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	DO(OPENAT, (.fd = AT_FDCWD, .addr = P("missing"), .open_flags = O_RDONLY), openat, AT_FDCWD,
	   "missing", O_RDONLY, 0);
	DO(OPENAT, (.fd = AT_FDCWD, .addr = 16, .open_flags = O_RDONLY), openat, AT_FDCWD, 16,
	   O_RDONLY, 0);
	return fd;
}

static void use_file(int fd, int out)
{
	struct iovec in[] = {{answer, 4}, {more, 4}};
	static struct statx status;
	static long offset = 4;

	DO(WRITE, (.fd = fd, .addr = P(text), .len = 16, .off = -1), write, fd, text, 16);
	DO(WRITE, (.fd = fd, .addr = P(text), .len = 7, .off = 16), pwrite64, fd, text, 7, 16);
	DO(READ, (.fd = fd, .addr = P(answer), .len = 7, .off = 8), pread64, fd, answer, 7, 8);
	DO(READ, (.fd = 77, .addr = P(answer), .len = 7, .off = -1), read, 77, answer, 7);
	DO(READV, (.fd = fd, .addr = P(in), .len = 2, .off = 0), preadv2, fd, in, 2, 0, 0, 0);
	DO(FSYNC, (.fd = fd), fsync, fd);
	DO(FSYNC, (.fd = fd, .fsync_flags = IORING_FSYNC_DATASYNC), fdatasync, fd);
	DO(FALLOCATE, (.fd = fd, .len = 1, .off = 0, .addr = 4096), fallocate, fd, 1, 0, 4096);
	DO(FADVISE, (.fd = fd, .len = 4096, .fadvise_advice = POSIX_FADV_RANDOM), fadvise64, fd, 0,
	   4096, POSIX_FADV_RANDOM);
	DO(STATX,
	   (.fd = AT_FDCWD, .addr = P("made/file"), .statx_flags = AT_SYMLINK_NOFOLLOW,
	    .len = STATX_SIZE | STATX_MODE, .off = P(&status)),
	   statx, AT_FDCWD, "made/file", AT_SYMLINK_NOFOLLOW, STATX_SIZE | STATX_MODE, &status);
	DO(FSETXATTR, (.fd = fd, .addr = P("user.sonde"), .addr2 = P("value"), .len = 5), fsetxattr,
	   fd, "user.sonde", "value", 5, 0);
	DO(GETXATTR,
	   (.addr3 = P("made/file"), .addr = P("user.sonde"), .addr2 = P(answer), .len = 64),
	   getxattr, "made/file", "user.sonde", answer, 64);
	DO(SPLICE, (.splice_fd_in = fd, .splice_off_in = 4, .fd = out, .off = -1, .len = 3), splice,
	   fd, &offset, out, NULL, 3, 0);
}

static void lose_file(int fd)
{
	DO(LINKAT,
	   (.fd = AT_FDCWD, .addr = P("made/file"), .len = AT_FDCWD, .addr2 = P("made/link")),
	   linkat, AT_FDCWD, "made/file", AT_FDCWD, "made/link", 0);
	DO(SYMLINKAT, (.fd = AT_FDCWD, .addr = P("file"), .addr2 = P("made/symlink")), symlinkat,
	   "file", AT_FDCWD, "made/symlink");
	DO(RENAMEAT,
	   (.fd = AT_FDCWD, .addr = P("made/link"), .len = AT_FDCWD, .addr2 = P("made/new"),
	    .rename_flags = 1),
	   renameat2, AT_FDCWD, "made/link", AT_FDCWD, "made/new", 1);
	DO(UNLINKAT, (.fd = AT_FDCWD, .addr = P("made/new")), unlinkat, AT_FDCWD, "made/new", 0);
	DO(UNLINKAT, (.fd = AT_FDCWD, .addr = P("made/symlink")), unlinkat, AT_FDCWD,
	   "made/symlink", 0);
	DO(UNLINKAT, (.fd = AT_FDCWD, .addr = P("made/file")), unlinkat, AT_FDCWD, "made/file", 0);
	DO(UNLINKAT, (.fd = AT_FDCWD, .addr = P("made"), .unlink_flags = AT_REMOVEDIR), unlinkat,
	   AT_FDCWD, "made", AT_REMOVEDIR);
	DO(CLOSE, (.fd = fd), close, fd);
}

static struct sockaddr_in here = {.sin_family = AF_INET};
static socklen_t size = sizeof(here);

static int listening(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind(fd, (struct sockaddr *)&here, sizeof(here));
	listen(fd, 5);
	getsockname(fd, (struct sockaddr *)&here, &size);
	return fd;
}

static void talk(void)
{
	static struct sockaddr_in peer;
	static struct msghdr in, out;
	static struct iovec from, to;
	static struct epoll_event wanted = {.events = EPOLLIN, .data.u64 = 7};
	int server = listening(), polled = epoll_create1(0), client, other;

	client = DO(SOCKET, (.fd = AF_INET, .off = SOCK_STREAM | SOCK_CLOEXEC, .len = 0), socket,
		    AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	DO(CONNECT, (.fd = client, .addr = P(&here), .off = sizeof(here)), connect, client, &here,
	   sizeof(here));
	size = sizeof(peer);
	other = DO(
		ACCEPT,
		(.fd = server, .addr = P(&peer), .addr2 = P(&size), .accept_flags = SOCK_CLOEXEC),
		accept4, server, &peer, &size, SOCK_CLOEXEC);
	DO(EPOLL_CTL, (.fd = polled, .len = EPOLL_CTL_ADD, .off = other, .addr = P(&wanted)),
	   epoll_ctl, polled, EPOLL_CTL_ADD, other, &wanted);
	DO(SEND, (.fd = client, .addr = P(text), .len = 7, .msg_flags = MSG_NOSIGNAL), sendto,
	   client, text, 7, MSG_NOSIGNAL, NULL, 0);
	DO(RECV, (.fd = other, .addr = P(answer), .len = 64, .msg_flags = 0), recvfrom, other,
	   answer, 64, 0, NULL, NULL);
	from = (struct iovec){text, 11};
	to = (struct iovec){answer, 64};
	out = (struct msghdr){.msg_iov = &from, .msg_iovlen = 1};
	in = (struct msghdr){.msg_iov = &to, .msg_iovlen = 1};
	DO(SENDMSG, (.fd = client, .addr = P(&out), .len = 1), sendmsg, client, &out, 0);
	DO(RECVMSG, (.fd = other, .addr = P(&in), .len = 1), recvmsg, other, &in, 0);
	DO(SHUTDOWN, (.fd = client, .len = SHUT_WR), shutdown, client, SHUT_WR);
	DO(CLOSE, (.fd = other), close, other);
	DO(CLOSE, (.fd = client), close, client);
}

/* Two connections for one request. */
static void accept_twice(void)
{
	int server = listening();

	put((struct io_uring_sqe){.opcode = IORING_OP_ACCEPT,
				  .fd = server,
				  .user_data = 5,
				  .ioprio = IORING_ACCEPT_MULTISHOT,
				  .accept_flags = SOCK_CLOEXEC});
	enter(0);
	for (int i = 0; i < 2; i++) {
		connect(socket(AF_INET, SOCK_STREAM, 0), (struct sockaddr *)&here, sizeof(here));
		take();
	}
	request((struct io_uring_sqe){.opcode = IORING_OP_ASYNC_CANCEL, .addr = 5});
	take();
}

/* The first fails, so that the second is not done; and what is refused at once. */
static void link_requests(void)
{
	/* On the stack, which is there: nobody but sonde reads the name of what is refused. */
	volatile char name[] = "x";

	put((struct io_uring_sqe){.opcode = IORING_OP_OPENAT,
				  .fd = AT_FDCWD,
				  .addr = P("missing"),
				  .flags = IOSQE_IO_LINK});
	put((struct io_uring_sqe){
		.opcode = IORING_OP_MKDIRAT, .fd = AT_FDCWD, .addr = P("linked"), .len = 0700});
	take();
	take();
	request((struct io_uring_sqe){.opcode = IORING_OP_UNLINKAT,
				      .fd = AT_FDCWD,
				      .addr = P(name),
				      .unlink_flags = 0x40});
	request((struct io_uring_sqe){.opcode = IORING_OP_FSYNC, .fd = 1, .personality = 9});
}

/* A file of the ring's own table, put there and closed by requests. */
static void use_registered(void)
{
	int fds[2] = {-1, -1};

	CALL(io_uring_register, ring.fd, IORING_REGISTER_FILES, fds, 2);
	request((struct io_uring_sqe){.opcode = IORING_OP_OPENAT,
				      .fd = AT_FDCWD,
				      .addr = P("own"),
				      .open_flags = O_RDWR | O_CREAT,
				      .len = 0600,
				      .file_index = 2});
	request((struct io_uring_sqe){.opcode = IORING_OP_WRITE,
				      .flags = IOSQE_FIXED_FILE,
				      .fd = 1,
				      .addr = P(text),
				      .len = 7,
				      .off = -1});
	request((struct io_uring_sqe){.opcode = IORING_OP_CLOSE, .file_index = 2});
}

/* It tells when it fails only. */
static void stay_silent(void)
{
	put((struct io_uring_sqe){.opcode = IORING_OP_MKDIRAT,
				  .fd = AT_FDCWD,
				  .addr = P("quiet"),
				  .len = 0700,
				  .flags = IOSQE_CQE_SKIP_SUCCESS});
	request((struct io_uring_sqe){.opcode = IORING_OP_OPENAT,
				      .fd = AT_FDCWD,
				      .addr = P("missing"),
				      .flags = IOSQE_CQE_SKIP_SUCCESS});
}

/* More completions than the ring has room for; `named`: each tells whose it is. */
static void overflow(bool named)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		exit(1);
	for (unsigned int i = 1; i <= 3 * ENTRIES; i++) {
		put((struct io_uring_sqe){.opcode = IORING_OP_SEND,
					  .fd = fds[0],
					  .addr = P(text),
					  .len = i,
					  .user_data = named ? i : 0});
		if (i % ENTRIES == 0)
			enter(0);
	}
	for (unsigned int i = 0; i < 3 * ENTRIES; i++)
		take();
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "calls";
	int pipes[2], fd;

	if (pipe(pipes))
		return 1;
	by_ring = strcmp(mode, "calls");
	if (!strcmp(mode, "worker"))
		all_flags = IOSQE_ASYNC;
	make_ring(strcmp(mode, "poll") ? 0 : IORING_SETUP_SQPOLL);
	if (!strcmp(mode, "sockets")) {
		return request((struct io_uring_sqe){
			       .opcode = IORING_OP_SOCKET, .fd = AF_INET, .off = SOCK_STREAM}) < 0;
	} else if (!strcmp(mode, "multishot")) {
		accept_twice();
	} else if (!strcmp(mode, "links")) {
		link_requests();
	} else if (!strcmp(mode, "registered")) {
		use_registered();
	} else if (!strcmp(mode, "silent")) {
		stay_silent();
	} else if (!strcmp(mode, "overflow") || !strcmp(mode, "unnamed")) {
		overflow(!strcmp(mode, "overflow"));
	} else {
		fd = make_file();
		use_file(fd, pipes[1]);
		lose_file(fd);
		talk();
	}
	return 0;
}
