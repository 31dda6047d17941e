// SPDX-License-Identifier: Apache-2.0
/* Calls look as strace 6.1 prints them: the expected lines are its output for the same arguments.
 */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>

static struct fixture f;

/* A call with one structure as its first argument. */
static const char *structure(enum kind kind, const void *data, size_t size)
{
	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", kind, 0x7ffd1000);
	fixture__item(&f, 1, SONDE_ITEM_DATA, data, size);
	return fixture__render(&f);
}

static const char *array(enum kind kind, const void *data, size_t size)
{
	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", kind, 0x7ffd1000)->length = 2;
	fixture__item(&f, 1, SONDE_ITEM_DATA, data, size);
	return fixture__render(&f);
}

static const char *number(enum kind kind, const char *values, uint64_t n)
{
	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", kind, n)->values = values ? values__find(values) : NULL;
	return fixture__render(&f);
}

static void opens_a_file(void **state)
{
	fixture__call(&f, "openat", 3, KIND_fd);
	fixture__arg(&f, "dirfd", KIND_fd, (uint32_t)AT_FDCWD);
	fixture__arg(&f, "pathname", KIND_path, 0x1000);
	fixture__arg(&f, "flags", KIND_flags, O_RDONLY | O_CLOEXEC)->values = values__find("open");
	fixture__file(&f, 1, "/srv");
	fixture__item(&f, 2, SONDE_ITEM_DATA, "/etc/hosts", 10);
	fixture__file(&f, 0, "/etc/hosts");
	assert_string_equal(
		fixture__render(&f),
		"openat(AT_FDCWD</srv>, \"/etc/hosts\", O_RDONLY|O_CLOEXEC) = 3</etc/hosts>");
	f.render.names = false;
	assert_string_equal(fixture__render(&f),
			    "openat(AT_FDCWD, \"/etc/hosts\", O_RDONLY|O_CLOEXEC) = 3");
}

static void fails(void **state)
{
	static const struct {
		int64_t result;
		const char *text;
	} cases[] = {
		{-ENOENT, "unlink(NULL) = -1 ENOENT (No such file or directory)"},
		{-512, "unlink(NULL) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)"},
		{-513, "unlink(NULL) = ? ERESTARTNOINTR (To be restarted)"},
		{-514, "unlink(NULL) = ? ERESTARTNOHAND (To be restarted if no handler)"},
		{-516, "unlink(NULL) = ? ERESTART_RESTARTBLOCK (Interrupted by signal)"},
		{-4000, "unlink(NULL) = -1 E4000 (errno 4000)"},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		fixture__call(&f, "unlink", cases[i].result, KIND_int);
		fixture__arg(&f, "pathname", KIND_path, 0);
		assert_string_equal(fixture__render(&f), cases[i].text);
	}
}

static void pads_to_the_column(void **state)
{
	fixture__call(&f, "getpid", 11468, KIND_pid);
	buffer__reset(&f.out);
	render__call(&f.out, &f.render, fixture__event(&f), 40);
	assert_string_equal(buffer__string(&f.out),
			    "getpid()                                = 11468");
	f.record.flags = SONDE_RECORD_COMPAT;
	assert_string_equal(fixture__render(&f), "getpid() = 11468 (32-bit)");
	f.record.flags = SONDE_RECORD_NO_RETURN;
	assert_string_equal(fixture__render(&f), "getpid() = ?");
}

static void escapes(void **state)
{
	static const char data[] = "a\1b\n\0337x\377\303\244";

	fixture__call(&f, "write", 11, KIND_size);
	fixture__arg(&f, "buf", KIND_buffer, 0x1000);
	fixture__item(&f, 1, SONDE_ITEM_DATA, data, sizeof(data));
	assert_string_equal(fixture__render(&f),
			    "write(\"a\\1b\\n\\0337x\\377\\303\\244\\0\") = 11");

	/* C1 controls and what turns the direction of text are no letters. A last letter may be
	 * cut. */
	buffer__reset(&f.out);
	render__escaped(&f.out, "\302\233\342\200\256\303\244\"\\\177\303\244\342\202", 14);
	assert_string_equal(buffer__string(&f.out),
			    "\\302\\233\\342\\200\\256\303\244\"\\\\\\177\303\244\\342\\202");
	/* UTF-8 that is none: overlong, surrogates. Letters beside it are taken for an accident. */
	buffer__reset(&f.out);
	render__escaped(&f.out, "\303\244\300\200 ", 5);
	assert_string_equal(buffer__string(&f.out), "\\303\\244\\300\\200 ");
	buffer__reset(&f.out);
	render__escaped(&f.out, "\355\240\200\303\244", 5);
	assert_string_equal(buffer__string(&f.out), "\\355\\240\\200\\303\\244");
	/* Long enough for several words of the scan, with something special at each place. */
	for (unsigned int i = 0; i < 24; i++) {
		char text[24], expected[32];

		memset(text, 'x', sizeof(text));
		text[i] = '\n';
		memset(expected, 'x', sizeof(expected));
		memcpy(expected + i, "\\n", 2);
		expected[25] = 0;
		buffer__reset(&f.out);
		render__escaped(&f.out, text, sizeof(text));
		assert_string_equal(buffer__string(&f.out), expected);
	}
}

static void json_strings(void **state)
{
	static const struct {
		const char *data, *json;
	} cases[] = {
		{"plain", "\"plain\""},
		{"a\"b\\c\n\t\1", "\"a\\\"b\\\\c\\n\\t\\u0001\""},
		{"\303\244\342\202\254\360\237\230\200",
		 "\"\303\244\342\202\254\360\237\230\200\""},
		{"\377\303", "\"\\uf7ff\\uf7c3\""},
		{"\342\200\256", "\"\\u202e\""},
		{"\302\205", "\"\\u0085\""},
		/* U+F7FF itself is taken for its bytes. */
		{"\357\237\277", "\"\\uf7ef\\uf79f\\uf7bf\""},
		{"\363\260\200\200", "\"\\udb80\\udc00\""},
		{"\355\240\200", "\"\\uf7ed\\uf7a0\\uf780\""},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		buffer__reset(&f.out);
		render__json_string(&f.out, cases[i].data, strlen(cases[i].data));
		assert_string_equal(buffer__string(&f.out), cases[i].json);
	}
}

static void cuts_strings(void **state)
{
	char text[100];

	memset(text, 'x', sizeof(text));
	assert_string_equal(structure(KIND_string, text, 100),
			    "x(\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"...) = 0");
	assert_string_equal(structure(KIND_buffer, text, 33),
			    "x(\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"...) = 0");
	assert_string_equal(structure(KIND_buffer, text, 32),
			    "x(\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\") = 0");
	/* The name of a file bears its own dots. */
	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "fd", KIND_fd, 3);
	fixture__file(&f, 1, ".../deep/x");
	f.files[0].cut = true;
	assert_string_equal(fixture__render(&f), "x(3<.../deep/x>) = 0");
	/* A path is shown as far as there is one. */
	assert_int_equal(strlen(structure(KIND_path, text, 100)), strlen("x(\"\") = 0") + 100);
	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", KIND_path, 0x1000);
	fixture__item_whole(&f, 1, SONDE_ITEM_DATA, "abc", 3, SONDE_WHOLE_UNKNOWN);
	assert_string_equal(fixture__render(&f), "x(\"abc\"...) = 0");
}

static void says_why_not(void **state)
{
	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", KIND_path, 0xdead);
	fixture__item_whole(&f, 1, SONDE_ITEM_FAULT, NULL, 0, EFAULT);
	assert_string_equal(fixture__render(&f), "x(0xdead /* unreadable: EFAULT */) = 0");
	assert_string_equal(fixture__json(&f, 1), "{\"address\":\"0xdead\",\"error\":\"EFAULT\"}");

	fixture__call(&f, "x", -ENOENT, KIND_int);
	fixture__arg(&f, "a", KIND_stat, 0xdead);
	assert_string_equal(fixture__render(&f),
			    "x(0xdead) = -1 ENOENT (No such file or directory)");
	assert_string_equal(fixture__json(&f, 1), "\"0xdead\"");

	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", KIND_path, 0xdead)->at_entry = true;
	assert_string_equal(fixture__render(&f), "x(/* gone */) = 0");

	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", KIND_stat, 0xdead);
	f.record.flags = SONDE_RECORD_COMPAT;
	fixture__item(&f, 1, SONDE_ITEM_DATA, "abcd", 4);
	assert_string_equal(fixture__render(&f), "x(0xdead /* not decoded */) = 0 (32-bit)");
}

static void strings(void **state)
{
	assert_string_equal(structure(KIND_strings, "ls\0-l\0", 6), "x([\"ls\", \"-l\"]) = 0");
	assert_string_equal(fixture__json(&f, 1), "[\"ls\",\"-l\"]");
	assert_string_equal(structure(KIND_strings, "", 0), "x([]) = 0");
	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", KIND_strings, 0x7ffd1000);
	fixture__item_whole(&f, 1, SONDE_ITEM_DATA, "ls\0-", 4, SONDE_WHOLE_UNKNOWN);
	assert_string_equal(fixture__render(&f), "x([\"ls\", \"-\"..., ...]) = 0");
	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", KIND_strings, 0x7ffd1000);
	fixture__item_whole(&f, 1, SONDE_ITEM_DATA, NULL, 0, 23);
	assert_string_equal(fixture__render(&f), "x(0x7ffd1000 /* 23 vars */) = 0");
	assert_string_equal(fixture__json(&f, 1), "{\"address\":\"0x7ffd1000\",\"count\":23}");
}

static void numbers(void **state)
{
	assert_string_equal(number(KIND_int, NULL, -1), "x(-1) = 0");
	assert_string_equal(number(KIND_int, NULL, 0xffffffff), "x(-1) = 0");
	assert_string_equal(number(KIND_size, NULL, -1), "x(18446744073709551615) = 0");
	assert_string_equal(number(KIND_address, NULL, 0), "x(NULL) = 0");
	assert_string_equal(number(KIND_address, NULL, 0x7f52b70fc000), "x(0x7f52b70fc000) = 0");
	assert_string_equal(number(KIND_mode, NULL, 022), "x(022) = 0");
	assert_string_equal(number(KIND_mode, NULL, 0), "x(000) = 0");
	assert_string_equal(number(KIND_mode, NULL, 04755), "x(04755) = 0");
	assert_string_equal(number(KIND_fmode, NULL, S_IFCHR | 0600), "x(S_IFCHR|0600) = 0");
	assert_string_equal(number(KIND_fmode, NULL, S_IFDIR | 01777),
			    "x(S_IFDIR|S_ISVTX|0777) = 0");
	assert_string_equal(number(KIND_dev, NULL, makedev(1, 3)), "x(makedev(0x1, 0x3)) = 0");
	assert_string_equal(number(KIND_uid, NULL, -1), "x(-1) = 0");
	assert_string_equal(number(KIND_signal, NULL, SIGTERM), "x(SIGTERM) = 0");
	assert_string_equal(number(KIND_signal, NULL, 0), "x(0) = 0");
	assert_string_equal(number(KIND_ioctl, "ioctl", 0x5401), "x(TCGETS) = 0");
	assert_string_equal(number(KIND_ioctl, "ioctl", 0xc0105599),
			    "x(_IOC(_IOC_READ|_IOC_WRITE, 0x55, 0x99, 0x10)) = 0");
	assert_string_equal(number(KIND_fd, NULL, (uint32_t)-1), "x(-1) = 0");
	number(KIND_size, NULL, -1);
	assert_string_equal(fixture__json(&f, 1), "\"18446744073709551615\"");
	number(KIND_size, NULL, 4096);
	assert_string_equal(fixture__json(&f, 1), "4096");
	number(KIND_address, NULL, 0x1000);
	assert_string_equal(fixture__json(&f, 1), "\"0x1000\"");
}

static void names(void **state)
{
	assert_string_equal(number(KIND_address, "sa_handler", 1), "x(SIG_IGN) = 0");
	assert_string_equal(number(KIND_address, "sa_handler", 0x1234), "x(0x1234) = 0");
	assert_string_equal(number(KIND_ulong, "rlimit_value", ~0ull), "x(RLIM_INFINITY) = 0");
	assert_string_equal(number(KIND_ulong, "rlimit_value", 7), "x(7) = 0");
	assert_string_equal(number(KIND_syscall, NULL, (uint32_t)-1), "x(-1) = 0");
	assert_string_equal(number(KIND_syscall, NULL, SYS_getppid), "x(getppid) = 0");
	assert_string_equal(number(KIND_flags, "open", O_RDWR | O_CREAT | O_EXCL | 0x800000),
			    "x(O_RDWR|O_CREAT|O_EXCL|0x800000) = 0");
	assert_string_equal(number(KIND_flags, "open", 0), "x(O_RDONLY) = 0");
	assert_string_equal(number(KIND_flags, "open", O_WRONLY | O_TMPFILE),
			    "x(O_WRONLY|O_TMPFILE) = 0");
	assert_string_equal(number(KIND_flags, "access", R_OK | W_OK), "x(R_OK|W_OK) = 0");
	assert_string_equal(number(KIND_flags, "access", 0), "x(F_OK) = 0");
	assert_string_equal(number(KIND_flags, "ipc_get", 01000 | 0600), "x(IPC_CREAT|0600) = 0");
	assert_string_equal(number(KIND_flags, "ipc_get", 0), "x(000) = 0");
	assert_string_equal(number(KIND_flags, "socket_type", SOCK_STREAM | SOCK_CLOEXEC),
			    "x(SOCK_STREAM|SOCK_CLOEXEC) = 0");
	assert_string_equal(number(KIND_enum, "address_family", 99), "x(0x63 /* AF_??? */) = 0");
	assert_string_equal(number(KIND_enum, "address_family", AF_INET6), "x(AF_INET6) = 0");
	assert_string_equal(number(KIND_enum, "madvise", 99), "x(0x63 /* MADV_??? */) = 0");
	assert_string_equal(number(KIND_flags, "prot", 0), "x(PROT_NONE) = 0");
	number(KIND_flags, "open", O_RDWR | O_CREAT);
	assert_string_equal(fixture__json(&f, 1), "\"O_RDWR|O_CREAT\"");
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

static void plain_values(void **state)
{
	struct event *e;
	struct value v;

	number(KIND_flags, "open", O_RDWR | O_CREAT);
	e = fixture__event(&f);
	event__value(e, &f.fields[1], &v);
	buffer__reset(&f.out);
	render__plain(&f.out, &f.render, e, &v);
	assert_string_equal(buffer__string(&f.out), "O_RDWR|O_CREAT");
	structure(KIND_strings, "ls\0-l\0a b\0", 10);
	e = fixture__event(&f);
	event__value(e, &f.fields[1], &v);
	buffer__reset(&f.out);
	render__plain(&f.out, &f.render, e, &v);
	assert_string_equal(buffer__string(&f.out), "ls -l a b");
	structure(KIND_path, "/a\n\"b", 5);
	e = fixture__event(&f);
	event__value(e, &f.fields[1], &v);
	buffer__reset(&f.out);
	render__plain(&f.out, &f.render, e, &v);
	assert_string_equal(buffer__string(&f.out), "/a\n\"b");
}

/* A register that means nothing is not shown; what stands behind it says its name. */
static void gaps(void **state)
{
	fixture__call(&f, "x", 0, KIND_int);
	fixture__arg(&f, "a", KIND_int, 1);
	fixture__arg(&f, "unused", KIND_none, 2);
	fixture__arg(&f, "c", KIND_int, 3);
	assert_string_equal(fixture__render(&f), "x(1, c=3) = 0");
}

static void other_events(void **state)
{
	fixture__call(&f, "fork", 0, KIND_int);
	f.schema.flags = 0;
	f.fields[0] = (struct field){.name = "child", .kind = KIND_pid, .size = 4};
	fixture__arg(&f, "sig", KIND_signal, SIGKILL);
	assert_string_equal(fixture__render(&f), "fork child=0 sig=SIGKILL");
}

/* A file that is not there is no file that could not be resolved; what is quiet is told when there
 * is something to tell. */
static void absent_files_and_quiet_fields(void **state)
{
	for (uint64_t marked = 0; marked <= 1; marked++) {
		fixture__call(&f, "mprotect", 0, KIND_long);
		f.schema.flags = 0;
		fixture__arg(&f, "file", KIND_file, marked);
		fixture__arg(&f, "marked", KIND_bool, marked)->quiet = true;
		assert_string_equal(fixture__render(&f),
				    marked ? "mprotect ret=0 file=NULL marked=true"
					   : "mprotect ret=0 file=<?>");
	}
}

/* OLD->NEW; what has not changed is said once, or not at all. */
static void changes(void **state)
{
	fixture__call(&f, "x", 0, KIND_int);
	f.schema.flags = 0;
	f.fields[0] = (struct field){.name = "none", .kind = KIND_int, .size = 4};
	fixture__arg(&f, "old_limit", KIND_ulong, 10)->pair = 1;
	fixture__arg(&f, "limit", KIND_ulong, 20)->pair = -1;
	fixture__arg(&f, "old_uid", KIND_uid, 5)->pair = 1;
	fixture__arg(&f, "uid", KIND_uid, 5)->pair = -1;
	assert_string_equal(fixture__render(&f), "x none=0 limit=10->20 uid=5");
	f.fields[3].only_changed = f.fields[4].only_changed = true;
	assert_string_equal(fixture__render(&f), "x none=0 limit=10->20");
}

static void sets_of_capabilities(void **state)
{
	uint64_t all = (1ull << values__find("capability")->count) - 1;

	assert_string_equal(number(KIND_caps, NULL, 0), "x(0) = 0");
	assert_string_equal(number(KIND_caps, NULL, 0x2001), "x(CAP_CHOWN|CAP_NET_RAW) = 0");
	assert_string_equal(number(KIND_caps, NULL, all), "x(all) = 0");
	assert_string_equal(number(KIND_caps, NULL, all & ~0x2001ull),
			    "x(all-CAP_CHOWN-CAP_NET_RAW) = 0");
}

static int release(void **state)
{
	fixture__free(&f);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(opens_a_file),
		cmocka_unit_test(fails),
		cmocka_unit_test(pads_to_the_column),
		cmocka_unit_test(escapes),
		cmocka_unit_test(json_strings),
		cmocka_unit_test(cuts_strings),
		cmocka_unit_test(says_why_not),
		cmocka_unit_test(strings),
		cmocka_unit_test(numbers),
		cmocka_unit_test(names),
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
		cmocka_unit_test(plain_values),
		cmocka_unit_test(gaps),
		cmocka_unit_test(other_events),
		cmocka_unit_test(absent_files_and_quiet_fields),
		cmocka_unit_test(changes),
		cmocka_unit_test(sets_of_capabilities),
	};

	return cmocka_run_group_tests(tests, NULL, release);
}
