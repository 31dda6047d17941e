// SPDX-License-Identifier: Apache-2.0
/* The structures behind a call's arguments look as strace 6.1 prints them; render_rare_test.c has
 * the smaller ones. */
#include "fixture.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>

static struct fixture f;

static const char *structure(enum kind kind, const void *data, size_t size)
{
	return fixture__structure(&f, kind, data, size, 0);
}

static const char *array(enum kind kind, const void *data, size_t size)
{
	return fixture__structure(&f, kind, data, size, 2);
}

static void files(void **state)
{
	struct stat st = {.st_mode = S_IFREG | 0644, .st_size = 49, .st_ino = 12};
	uint64_t statx[32] = {};

	assert_string_equal(structure(KIND_stat, &st, sizeof(st)),
			    "x({st_mode=S_IFREG|0644, st_size=49, ...}) = 0");
	st.st_mode = S_IFCHR | 0666;
	st.st_rdev = makedev(1, 3);
	assert_string_equal(structure(KIND_stat, &st, sizeof(st)),
			    "x({st_mode=S_IFCHR|0666, st_rdev=makedev(0x1, 0x3), ...}) = 0");
	assert_string_equal(
		fixture__json(&f, 1),
		"{\"st_dev\":\"0:0\",\"st_ino\":12,\"st_mode\":\"S_IFCHR|0666\",\"st_nlink\":0,"
		"\"st_uid\":0,"
		"\"st_gid\":0,\"st_rdev\":\"1:3\",\"st_size\":49,\"st_blksize\":0,\"st_blocks\":0,"
		"\"st_atime\":{\"tv_sec\":0,\"tv_nsec\":0},\"st_mtime\":{\"tv_sec\":0,\"tv_nsec\":"
		"0},"
		"\"st_ctime\":{\"tv_sec\":0,\"tv_nsec\":0}}");
	statx[0] = 0x7ff;
	((uint16_t *)statx)[14] = S_IFREG | 0755;
	statx[5] = 49;
	assert_string_equal(structure(KIND_statx, statx, sizeof(statx)),
			    "x({stx_mask=STATX_BASIC_STATS, stx_attributes=0, "
			    "stx_mode=S_IFREG|0755, stx_size=49, ...}) = 0");
	assert_string_equal(structure(KIND_dirents,
				      "\1\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\030\0\4.\0\0\0\0"
				      "\2\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\030\0\4..\0\0\0",
				      48),
			    "x(0x7ffd1000 /* 2 entries */) = 0");
	assert_string_equal(fixture__json(&f, 1), "[\".\",\"..\"]");
}

static void times(void **state)
{
	int64_t two[4] = {1, 2, 3, 4};

	assert_string_equal(structure(KIND_timespec, two, 16), "x({tv_sec=1, tv_nsec=2}) = 0");
	assert_string_equal(structure(KIND_timeval, two, 16), "x({tv_sec=1, tv_usec=2}) = 0");
	assert_string_equal(
		structure(KIND_itimerspec, two, 32),
		"x({it_interval={tv_sec=1, tv_nsec=2}, it_value={tv_sec=3, tv_nsec=4}}) = 0");
	two[3] = 0x3fffffff;
	assert_string_equal(array(KIND_timespec, two, 32),
			    "x([{tv_sec=1, tv_nsec=2}, UTIME_NOW]) = 0");
	structure(KIND_timespec, two, 16);
	assert_string_equal(fixture__json(&f, 1), "{\"tv_sec\":1,\"tv_nsec\":2}");
}

static void integers_behind_pointers(void **state)
{
	int32_t before = 128, after = 16, group[2] = {0, 4};

	assert_string_equal(structure(KIND_int_at, &after, 4), "x([16]) = 0");
	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", KIND_int_at, 0x1000)->direction = FIELD_INOUT;
	fixture__item(&f, 1, SONDE_ITEM_OLD, &before, 4);
	fixture__item(&f, 1, SONDE_ITEM_DATA, &after, 4);
	assert_string_equal(fixture__render(&f), "x([128 => 16]) = 0");
	assert_string_equal(fixture__json(&f, 1), "16");
	assert_string_equal(array(KIND_uid_at, group, 8), "x([0, 4]) = 0");
	fixture__call(&f, "pipe2", 0, KIND_int);
	fixture__arg(&f, "pipefd", KIND_fd_pair, 0x1000);
	fixture__item(&f, 1, SONDE_ITEM_DATA, (int[]){3, 4}, 8);
	fixture__file_of(&f, 1, 4, "pipe:[2]");
	fixture__file_of(&f, 1, 3, "pipe:[1]");
	assert_string_equal(fixture__render(&f), "pipe2([3<pipe:[1]>, 4<pipe:[2]>]) = 0");
	assert_string_equal(fixture__json(&f, 1), "[3,4]");
}

static void limits(void **state)
{
	uint64_t rlim[2] = {8192 * 1024, ~0ull};

	assert_string_equal(structure(KIND_rlimit, rlim, 16),
			    "x({rlim_cur=8192*1024, rlim_max=RLIM64_INFINITY}) = 0");
	rlim[0] = 20000;
	rlim[1] = 0;
	assert_string_equal(structure(KIND_rlimit, rlim, 16),
			    "x({rlim_cur=20000, rlim_max=0}) = 0");
}

static void polls(void **state)
{
	struct pollfd p[3] = {{3, POLLIN, POLLIN}, {4, POLLIN | POLLOUT, 0}, {-1, 0, 0}};
	struct epoll_event ev = {EPOLLIN | EPOLLET, {.u64 = 0x123456789}};

	fixture__call(&f, "poll", 1, KIND_int);
	fixture__arg(&f, "fds", KIND_pollfd, 0x1000)->length = 2;
	fixture__arg(&f, "nfds", KIND_uint, 3);
	fixture__item(&f, 1, SONDE_ITEM_DATA, p, sizeof(p));
	assert_string_equal(fixture__render(&f),
			    "poll([{fd=3, events=POLLIN}, {fd=4, events=POLLIN|POLLOUT}, {fd=-1}], "
			    "3) = 1 ([{fd=3, "
			    "revents=POLLIN}])");
	fixture__call(&f, "poll", 0, KIND_int);
	fixture__arg(&f, "fds", KIND_pollfd, 0x1000)->length = 2;
	fixture__item(&f, 1, SONDE_ITEM_DATA, p, 0);
	assert_string_equal(fixture__render(&f), "poll([]) = 0 (Timeout)");
	/* Without the entry only what became ready is known, with it what was asked for, too. */
	fixture__call(&f, "select", 1, KIND_int);
	fixture__arg(&f, "readfds", KIND_fd_set, 0x1000)->direction = FIELD_INOUT;
	fixture__arg(&f, "writefds", KIND_fd_set, 0x2000)->direction = FIELD_INOUT;
	fixture__arg(&f, "timeout", KIND_timeval, 0x3000)->direction = FIELD_INOUT;
	fixture__item(&f, 1, SONDE_ITEM_OLD, "\030\0\0\0\0\0\0\0", 8);
	fixture__item(&f, 2, SONDE_ITEM_OLD, "\020\0\0\0\0\0\0\0", 8);
	fixture__item(&f, 1, SONDE_ITEM_DATA, "\010\0\0\0\0\0\0\0", 8);
	fixture__item(&f, 2, SONDE_ITEM_DATA, "\0\0\0\0\0\0\0\0", 8);
	fixture__item(&f, 3, SONDE_ITEM_DATA, "\1\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0", 16);
	assert_string_equal(fixture__render(&f),
			    "select([3 4], [4], {tv_sec=1, tv_usec=2}) = 1 (in [3], left "
			    "{tv_sec=1, tv_usec=2})");
	assert_string_equal(
		structure(KIND_epoll_event, &ev, sizeof(ev)),
		"x({events=EPOLLIN|EPOLLET, data={u32=591751049, u64=4886718345}}) = 0");
	assert_string_equal(
		array(KIND_epoll_event, &ev, sizeof(ev)),
		"x([{events=EPOLLIN|EPOLLET, data={u32=591751049, u64=4886718345}}]) = 0");
}

static void addresses(void **state)
{
	assert_string_equal(
		structure(KIND_sockaddr, "\2\0\0\1\177\0\0\1\0\0\0\0\0\0\0\0", 16),
		"x({sa_family=AF_INET, sin_port=htons(1), sin_addr=inet_addr(\"127.0.0.1\")}) = 0");
	assert_string_equal(
		fixture__json(&f, 1),
		"{\"sa_family\":\"AF_INET\",\"sin_port\":1,\"sin_addr\":\"127.0.0.1\"}");
	assert_string_equal(structure(KIND_sockaddr,
				      "\12\0\0\1\0\0\0\5\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\1\0\0\0",
				      28),
			    "x({sa_family=AF_INET6, sin6_port=htons(1), sin6_flowinfo=htonl(5), "
			    "inet_pton(AF_INET6, "
			    "\"::1\", &sin6_addr), sin6_scope_id=1}) = 0");
	assert_string_equal(structure(KIND_sockaddr, "\1\0/tmp/x\0\0\0\0", 12),
			    "x({sa_family=AF_UNIX, sun_path=\"/tmp/x\"}) = 0");
	assert_string_equal(structure(KIND_sockaddr, "\1\0\0abs", 6),
			    "x({sa_family=AF_UNIX, sun_path=@\"abs\"}) = 0");
	assert_string_equal(structure(KIND_sockaddr, "\1\0", 2), "x({sa_family=AF_UNIX}) = 0");
	assert_string_equal(structure(KIND_sockaddr, "\20\0\0\0\314\54\0\0\0\0\0\0", 12),
			    "x({sa_family=AF_NETLINK, nl_pid=11468, nl_groups=00000000}) = 0");
	assert_string_equal(
		structure(KIND_sockaddr, "\21\0\0\3\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20),
		"x({sa_family=AF_PACKET, sll_protocol=htons(ETH_P_ALL), sll_ifindex=1, "
		"sll_hatype=ARPHRD_NETROM, sll_pkttype=PACKET_HOST, sll_halen=0}) = 0");
	assert_string_equal(structure(KIND_sockaddr, "\2\0\0\1\177", 5),
			    "x({sa_family=AF_INET, sa_data=\"\\0\\1\\177\"}) = 0");
	assert_string_equal(structure(KIND_sockaddr, "c\0\0\0", 4),
			    "x({sa_family=0x63 /* AF_??? */, sa_data=\"\\0\\0\"}) = 0");
}

static void vectors(void **state)
{
	struct iovec v[2] = {{(void *)0x1000, 5}, {(void *)0x2000, 6}};

	fixture__call(&f, "writev", 11, KIND_size);
	fixture__arg(&f, "iov", KIND_iovec, 0x7ffd1000);
	fixture__item(&f, 1, SONDE_ITEM_IOVEC, v, sizeof(v));
	fixture__item(&f, 1, SONDE_ITEM_DATA, "hellowor\nld", 11);
	assert_string_equal(fixture__render(&f), "writev([{iov_base=\"hello\", iov_len=5}, "
						 "{iov_base=\"wor\\nld\", iov_len=6}]) = 11");
	fixture__call(&f, "readv", 11, KIND_size);
	v[0].iov_len = 4;
	v[1].iov_len = 100;
	fixture__arg(&f, "iov", KIND_iovec, 0x7ffd1000);
	fixture__item(&f, 1, SONDE_ITEM_IOVEC, v, sizeof(v));
	fixture__item(&f, 1, SONDE_ITEM_DATA, "hellowor\nld", 11);
	assert_string_equal(fixture__render(&f), "readv([{iov_base=\"hell\", iov_len=4}, "
						 "{iov_base=\"owor\\nld\", iov_len=100}]) = 11");
	/* Bytes that were left behind say so. */
	fixture__call(&f, "writev", 104, KIND_size);
	fixture__arg(&f, "iov", KIND_iovec, 0x7ffd1000);
	fixture__item_whole(&f, 1, SONDE_ITEM_IOVEC, v, sizeof(v), 48);
	fixture__item_whole(&f, 1, SONDE_ITEM_DATA, "hello", 5, 104);
	assert_string_equal(fixture__render(&f), "writev([{iov_base=\"hell\", iov_len=4}, "
						 "{iov_base=\"o\"..., iov_len=100}, ...]) = 104");
}

static void messages(void **state)
{
	struct iovec v = {(void *)0x1000, 5};
	struct msghdr m = {.msg_name = (void *)0x3000,
			   .msg_namelen = 16,
			   .msg_iov = (void *)0x2000,
			   .msg_iovlen = 1,
			   .msg_control = (void *)0x4000,
			   .msg_controllen = 24};
	struct {
		uint64_t len;
		int32_t level, type, fds[2];
	} control = {24, SOL_SOCKET, SCM_RIGHTS, {0, 1}};

	fixture__call(&f, "sendmsg", 5, KIND_size);
	fixture__arg(&f, "msg", KIND_msghdr, 0x7ffd1000);
	fixture__item(&f, 1, SONDE_ITEM_DATA, &m, sizeof(m));
	fixture__item(&f, 1, SONDE_ITEM_NAME, "\2\0\0\1\177\0\0\1\0\0\0\0\0\0\0\0", 16);
	fixture__item(&f, 1, SONDE_ITEM_CONTROL, &control, sizeof(control));
	fixture__item(&f, 1, SONDE_ITEM_IOVEC, &v, sizeof(v));
	fixture__item(&f, 1, SONDE_ITEM_DATA, "hello", 5);
	assert_string_equal(
		fixture__render(&f),
		"sendmsg({msg_name={sa_family=AF_INET, sin_port=htons(1), "
		"sin_addr=inet_addr(\"127.0.0.1\")}, msg_namelen=16, msg_iov=[{iov_base=\"hello\", "
		"iov_len=5}], msg_iovlen=1, msg_control=[{cmsg_len=24, cmsg_level=SOL_SOCKET, "
		"cmsg_type=SCM_RIGHTS, cmsg_data=[0, 1]}], msg_controllen=24, msg_flags=0}) = 5");
	m = (struct msghdr){.msg_iov = (void *)0x2000, .msg_iovlen = 1};
	fixture__call(&f, "sendmsg", 5, KIND_size);
	fixture__arg(&f, "msg", KIND_msghdr, 0x7ffd1000);
	fixture__item(&f, 1, SONDE_ITEM_DATA, &m, sizeof(m));
	assert_string_equal(fixture__render(&f),
			    "sendmsg({msg_name=NULL, msg_namelen=0, msg_iov=0x2000, msg_iovlen=1, "
			    "msg_controllen=0, msg_flags=0}) = 5");
}

static void signals(void **state)
{
	uint64_t set = 1ull << (SIGINT - 1) | 1ull << (SIGTERM - 1);
	uint64_t sa[4] = {0x55e6c8018619, 0x14000004, 0x7f52b6f49050, 1ull << (SIGINT - 1)};
	int32_t info[32] = {SIGCHLD, 0, CLD_EXITED, 0, 11469, 0, 3};

	assert_string_equal(structure(KIND_sigset, &set, 8), "x([INT TERM]) = 0");
	assert_string_equal(fixture__json(&f, 1), "[\"SIGINT\",\"SIGTERM\"]");
	set = ~0ull;
	assert_string_equal(structure(KIND_sigset, &set, 8), "x(~[]) = 0");
	set = ~(3ull << 31);
	assert_string_equal(structure(KIND_sigset, &set, 8), "x(~[RTMIN RT_1]) = 0");
	set = 0;
	assert_string_equal(structure(KIND_sigset, &set, 8), "x([]) = 0");
	assert_string_equal(structure(KIND_sigaction, sa, sizeof(sa)),
			    "x({sa_handler=0x55e6c8018619, sa_mask=[INT], "
			    "sa_flags=SA_RESTORER|SA_RESTART|SA_SIGINFO, "
			    "sa_restorer=0x7f52b6f49050}) = 0");
	memset(sa, 0, sizeof(sa));
	assert_string_equal(structure(KIND_sigaction, sa, sizeof(sa)),
			    "x({sa_handler=SIG_DFL, sa_mask=[], sa_flags=0}) = 0");
	assert_string_equal(structure(KIND_siginfo, info, sizeof(info)),
			    "x({si_signo=SIGCHLD, si_code=CLD_EXITED, si_pid=11469, si_uid=0, "
			    "si_status=3, si_utime=0, "
			    "si_stime=0}) = 0");
	memset(info, 0, sizeof(info));
	info[0] = SIGSEGV;
	info[2] = SEGV_MAPERR;
	info[4] = 0x10;
	assert_string_equal(structure(KIND_siginfo, info, sizeof(info)),
			    "x({si_signo=SIGSEGV, si_code=SEGV_MAPERR, si_addr=0x10}) = 0");
	assert_string_equal(structure(KIND_wait_status, "\0\3\0\0", 4),
			    "x([{WIFEXITED(s) && WEXITSTATUS(s) == 3}]) = 0");
	assert_string_equal(structure(KIND_wait_status, "\17\0\0\0", 4),
			    "x([{WIFSIGNALED(s) && WTERMSIG(s) == SIGTERM}]) = 0");
	assert_string_equal(structure(KIND_wait_status, "\213\0\0\0", 4),
			    "x([{WIFSIGNALED(s) && WTERMSIG(s) == SIGSEGV && WCOREDUMP(s)}]) = 0");
	assert_string_equal(fixture__json(&f, 1),
			    "{\"status\":139,\"signal\":\"SIGSEGV\",\"core\":true}");
	assert_string_equal(structure(KIND_wait_status, "\177\23\0\0", 4),
			    "x([{WIFSTOPPED(s) && WSTOPSIG(s) == SIGSTOP}]) = 0");
}

static void clone_and_open(void **state)
{
	uint64_t args[8] = {0x11200, 0, 0, 0, SIGCHLD, 0, 0, 0}, how[3] = {O_RDONLY, 0, 8};

	assert_string_equal(structure(KIND_clone_args, args, 64),
			    "x({flags=CLONE_FS|CLONE_PIDFD|CLONE_THREAD, pidfd=NULL, "
			    "exit_signal=SIGCHLD, stack=NULL, "
			    "stack_size=0}) = 0");
	assert_string_equal(structure(KIND_open_how, how, 24),
			    "x({flags=O_RDONLY, resolve=RESOLVE_BENEATH}) = 0");
	how[0] = O_RDWR | O_CREAT;
	how[1] = 0600;
	how[2] = 0;
	assert_string_equal(structure(KIND_open_how, how, 24),
			    "x({flags=O_RDWR|O_CREAT, mode=0600, resolve=0}) = 0");
}

static void system_information(void **state)
{
	char uts[390] = "Linux";

	strcpy(uts + 65, "vm");
	assert_string_equal(structure(KIND_utsname, uts, sizeof(uts)),
			    "x({sysname=\"Linux\", nodename=\"vm\", ...}) = 0");
	assert_string_equal(structure(KIND_cpu_set, "\3\0\0\0\0\0\0\0", 8), "x([0 1]) = 0");
	assert_string_equal(structure(KIND_sigaltstack, (uint64_t[]){0x1000, 0, 8192}, 24),
			    "x({ss_sp=0x1000, ss_flags=0, ss_size=8192}) = 0");
}

static int release(void **state)
{
	fixture__free(&f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files),
		cmocka_unit_test(times),
		cmocka_unit_test(integers_behind_pointers),
		cmocka_unit_test(limits),
		cmocka_unit_test(polls),
		cmocka_unit_test(addresses),
		cmocka_unit_test(vectors),
		cmocka_unit_test(messages),
		cmocka_unit_test(signals),
		cmocka_unit_test(clone_and_open),
		cmocka_unit_test(system_information),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
