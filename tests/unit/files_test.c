// SPDX-License-Identifier: Apache-2.0
/* What files and sockets are called, of every kind; and that they do not fill the memory. */
#include "records.h"

#include "src/host/tables.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>

struct tables {
	struct files files;
	struct builder b;
};

/* The name of what is introduced so; `path` is what its item holds, NULL: there is none. */
static void check(struct tables *t, const struct sonde_file *info, const void *path, size_t size,
		  const char *expected)
{
	struct sonde_file f = *info;
	const struct file *found;

	f.id = 42;
	builder__start(&t->b, SONDE_EVENT_FILE, SONDE_CLASS_INTRO, &f, sizeof(f));
	if (path)
		builder__item(&t->b, SLOT_OF(struct sonde_file, path), SONDE_ITEM_DATA, path, size);
	assert_int_equal(files__learn(&t->files, builder__finish(&t->b)), 0);
	found = files__find(&t->files, 42);
	assert_non_null(found);
	if (found->name_size != strlen(expected) || memcmp(found->name, expected, found->name_size))
		fail_msg("%.*s, not %s", (int)found->name_size, found->name, expected);
	assert_int_equal(found->cut, (info->flags & SONDE_FILE_CUT) != 0);
	assert_memory_equal(found->info, &f, sizeof(f));
}

#define FILE_OF(...)             (&(struct sonde_file){__VA_ARGS__})
#define CHECK(t, info, expected) check(t, info, NULL, 0, expected)
/* As a path: with the NUL of its last component. */
#define CHECK_PATH(t, info, literal, expected) check(t, info, literal, sizeof(literal), expected)
#define CHECK_NAME(t, info, literal, expected)                                                     \
	check(t, info, literal, sizeof(literal) - 1, expected)

static void paths(void **state)
{
	struct tables t = {};

	CHECK_PATH(&t, FILE_OF(.type = SONDE_FILE_PATH), "hosts\0etc", "/etc/hosts");
	CHECK_PATH(&t, FILE_OF(.type = SONDE_FILE_PATH), "tmp", "/tmp");
	CHECK_NAME(&t, FILE_OF(.type = SONDE_FILE_PATH), "", "/");
	CHECK_NAME(&t, FILE_OF(.type = SONDE_FILE_PATH), "hosts\0et",
		   "/et/hosts"); /* its NUL is missing */
	CHECK_PATH(&t, FILE_OF(.type = SONDE_FILE_PATH), "a\nb\33[1m",
		   "/a\nb\33[1m"); /* escaped when it is shown */
	CHECK_PATH(&t, FILE_OF(.type = SONDE_FILE_PATH, .flags = SONDE_FILE_DELETED), "x\0tmp",
		   "/tmp/x (deleted)");
	CHECK_PATH(&t, FILE_OF(.type = SONDE_FILE_PATH, .flags = SONDE_FILE_DELETED), "memfd:x",
		   "/memfd:x (deleted)");
	CHECK_PATH(&t, FILE_OF(.type = SONDE_FILE_PATH, .flags = SONDE_FILE_CUT), "x\0deep",
		   ".../deep/x");
	CHECK_PATH(&t, FILE_OF(.type = SONDE_FILE_PATH, .flags = SONDE_FILE_UNREACHABLE), "x\0mnt",
		   "(unreachable)/mnt/x");
	CHECK_PATH(&t,
		   FILE_OF(.type = SONDE_FILE_PATH,
			   .flags = SONDE_FILE_UNREACHABLE | SONDE_FILE_CUT | SONDE_FILE_DELETED),
		   "x\0y", "...(unreachable)/y/x (deleted)");
	CHECK(&t, FILE_OF(.type = SONDE_FILE_PATH, .ino = 17), "inode:[17]");
	CHECK(&t, FILE_OF(.type = 99, .ino = 17),
	      "inode:[17]"); /* of a kernel side newer than we */
	files__release(&t.files);
}

static void no_paths(void **state)
{
	struct tables t = {};

	CHECK(&t, FILE_OF(.type = SONDE_FILE_PIPE, .ino = 1234), "pipe:[1234]");
	CHECK_NAME(&t, FILE_OF(.type = SONDE_FILE_ANON), "[eventfd]", "anon_inode:[eventfd]");
	CHECK_NAME(&t, FILE_OF(.type = SONDE_FILE_ANON), "", "anon_inode:");
	CHECK(&t, FILE_OF(.type = SONDE_FILE_ANON, .ino = 9), "anon_inode:inode:[9]");
	CHECK_PATH(&t, FILE_OF(.type = SONDE_FILE_NAMESPACE, .ino = 4026531841), "mnt",
		   "mnt:[4026531841]");
	CHECK_NAME(&t, FILE_OF(.type = SONDE_FILE_NAMESPACE, .ino = 4026531841), "",
		   "ns:[4026531841]");
	CHECK(&t, FILE_OF(.type = SONDE_FILE_NAMESPACE, .ino = 4026531841), "ns:[4026531841]");
	files__release(&t.files);
}

static struct sonde_file inet(int family, int socktype, int protocol, const char *local,
			      uint16_t local_port, const char *peer, uint16_t peer_port)
{
	struct sonde_file f = {
		.type = SONDE_FILE_SOCKET, .ino = 55, .family = family, .socktype = socktype};

	f.protocol = protocol;
	assert_int_equal(inet_pton(family, local, f.local), 1);
	if (peer)
		assert_int_equal(inet_pton(family, peer, f.peer), 1);
	f.local_port = local_port;
	f.peer_port = peer_port;
	return f;
}

static void check_inet(struct tables *t, struct sonde_file f, const char *expected)
{
	CHECK(t, &f, expected);
}

static void internet(void **state)
{
	struct tables t = {};

	check_inet(&t,
		   inet(AF_INET, SOCK_STREAM, IPPROTO_TCP, "127.0.0.1", 40112, "127.0.0.1", 443),
		   "tcp:127.0.0.1:40112->127.0.0.1:443");
	check_inet(&t, inet(AF_INET, SOCK_STREAM, IPPROTO_TCP, "0.0.0.0", 80, NULL, 0),
		   "tcp:0.0.0.0:80");
	check_inet(&t, inet(AF_INET, SOCK_STREAM, IPPROTO_TCP, "0.0.0.0", 0, NULL, 0), "tcp:[55]");
	check_inet(&t, inet(AF_INET6, SOCK_DGRAM, IPPROTO_UDP, "::", 0, NULL, 0), "udp:[55]");
	/* refused */
	check_inet(&t, inet(AF_INET, SOCK_STREAM, IPPROTO_TCP, "0.0.0.0", 0, "127.0.0.1", 0),
		   "tcp:[55]");
	check_inet(&t, inet(AF_INET, SOCK_STREAM, IPPROTO_TCP, "127.0.0.1", 700, "127.0.0.1", 0),
		   "tcp:127.0.0.1:700");
	check_inet(&t, inet(AF_INET6, SOCK_STREAM, IPPROTO_TCP, "::1", 40112, "2001:db8::2", 443),
		   "tcp:[::1]:40112->[2001:db8::2]:443");
	check_inet(&t, inet(AF_INET6, SOCK_STREAM, IPPROTO_TCP, "::", 22, NULL, 0), "tcp:[::]:22");
	check_inet(&t,
		   inet(AF_INET6, SOCK_STREAM, IPPROTO_TCP, "::ffff:10.0.0.1", 22,
			"::ffff:10.0.0.2", 999),
		   "tcp:[::ffff:10.0.0.1]:22->[::ffff:10.0.0.2]:999");
	check_inet(&t, inet(AF_INET, SOCK_DGRAM, IPPROTO_UDP, "0.0.0.0", 53, NULL, 0),
		   "udp:0.0.0.0:53");
	/* disconnected */
	check_inet(&t, inet(AF_INET6, SOCK_DGRAM, IPPROTO_UDP, "::", 53, "::1", 0), "udp:[::]:53");
	check_inet(&t,
		   inet(AF_INET, SOCK_DGRAM, IPPROTO_UDP, "10.0.0.1", 5353, "224.0.0.251", 5353),
		   "udp:10.0.0.1:5353->224.0.0.251:5353");
	check_inet(&t, inet(AF_INET, SOCK_DGRAM, IPPROTO_ICMP, "0.0.0.0", 3, "10.0.0.1", 0),
		   "icmp:0.0.0.0:3->10.0.0.1:0");
	check_inet(&t, inet(AF_INET6, SOCK_RAW, IPPROTO_ICMPV6, "::", 58, NULL, 0), "icmp:[::]:58");
	check_inet(&t, inet(AF_INET, SOCK_RAW, IPPROTO_RAW, "0.0.0.0", 255, NULL, 0),
		   "raw:0.0.0.0:255");
	check_inet(&t, inet(AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP, "0.0.0.0", 9, NULL, 0),
		   "sctp:0.0.0.0:9");
	check_inet(&t, inet(AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE, "0.0.0.0", 9, NULL, 0),
		   "udplite:0.0.0.0:9");
	check_inet(&t, inet(AF_INET, SOCK_STREAM, 262, "0.0.0.0", 9, NULL, 0), "mptcp:0.0.0.0:9");
	/* a protocol that we do not know is what its type says */
	check_inet(&t, inet(AF_INET, SOCK_STREAM, 200, "0.0.0.0", 9, NULL, 0), "tcp:0.0.0.0:9");
	check_inet(&t, inet(AF_INET, SOCK_DGRAM, 200, "0.0.0.0", 9, NULL, 0), "udp:0.0.0.0:9");
	check_inet(&t, inet(AF_INET, SOCK_RAW, 89, "0.0.0.0", 89, NULL, 0), "raw:0.0.0.0:89");
	files__release(&t.files);
}

static void other_sockets(void **state)
{
	struct tables t = {};

#define SOCKET_OF(...) FILE_OF(.type = SONDE_FILE_SOCKET, .ino = 55, __VA_ARGS__)
	CHECK_PATH(&t, SOCKET_OF(.family = AF_UNIX), "/run/x.sock", "unix:/run/x.sock");
	CHECK_NAME(&t, SOCKET_OF(.family = AF_UNIX), "/run/no-nul", "unix:/run/no-nul");
	CHECK_NAME(&t, SOCKET_OF(.family = AF_UNIX), "\0abstract", "unix:@abstract");
	CHECK_NAME(&t, SOCKET_OF(.family = AF_UNIX), "", "unix:[55]");
	CHECK_NAME(&t, SOCKET_OF(.family = AF_UNIX), "\0", "unix:[55]");
	CHECK(&t, SOCKET_OF(.family = AF_UNIX), "unix:[55]");
	CHECK(&t, SOCKET_OF(.family = AF_UNIX, .peer_ino = 56), "unix:[55->56]");
	CHECK(&t, SOCKET_OF(.family = AF_NETLINK), "netlink:[ROUTE:0]");
	CHECK(&t, SOCKET_OF(.family = AF_NETLINK, .protocol = 16, .peer_ino = 4242),
	      "netlink:[GENERIC:4242]");
	CHECK(&t, SOCKET_OF(.family = AF_NETLINK, .protocol = 15), "netlink:[KOBJECT_UEVENT:0]");
	CHECK(&t, SOCKET_OF(.family = AF_NETLINK, .protocol = 17), "netlink:[17:0]");
	CHECK(&t, SOCKET_OF(.family = AF_NETLINK, .protocol = 65535), "netlink:[65535:0]");
	CHECK(&t, SOCKET_OF(.family = AF_PACKET), "packet:[55]");
	CHECK(&t, SOCKET_OF(.family = AF_VSOCK), "socket:[55]");
	CHECK(&t, SOCKET_OF(.family = 999), "socket:[55]");
	files__release(&t.files);
}

/* An abstract name may hold NULs: it has no end but its length. */
static void abstract(void **state)
{
	struct tables t = {};
	struct sonde_file f = {.id = 1, .type = SONDE_FILE_SOCKET, .family = AF_UNIX};
	const struct file *found;

	builder__start(&t.b, SONDE_EVENT_FILE, SONDE_CLASS_INTRO, &f, sizeof(f));
	builder__item(&t.b, SLOT_OF(struct sonde_file, path), SONDE_ITEM_DATA, "\0a\0b", 4);
	assert_int_equal(files__learn(&t.files, builder__finish(&t.b)), 0);
	found = files__find(&t.files, 1);
	assert_int_equal(found->name_size, 9);
	assert_memory_equal(found->name, "unix:@a\0b", 9);
	files__release(&t.files);
}

static int learn(struct tables *t, uint64_t id)
{
	struct sonde_file f = {.id = id, .type = SONDE_FILE_PIPE, .ino = id};

	builder__start(&t->b, SONDE_EVENT_FILE, SONDE_CLASS_INTRO, &f, sizeof(f));
	return files__learn(&t->files, builder__finish(&t->b));
}

static void damaged(void **state)
{
	struct tables t = {};
	struct sonde_file f = {.id = 3};
	struct sonde_record *r;

	builder__start(&t.b, SONDE_EVENT_FILE, SONDE_CLASS_INTRO, &f, sizeof(f));
	builder__item(&t.b, SLOT_OF(struct sonde_file, path), SONDE_ITEM_DATA, "name", 5);
	r = builder__finish(&t.b);
	((struct sonde_item *)((char *)(r + 1) + sizeof(f)))->size = 60000;
	assert_int_equal(files__learn(&t.files, r), -EBADMSG);
	builder__start(&t.b, SONDE_EVENT_FILE, SONDE_CLASS_INTRO, &f, 16);
	assert_int_equal(files__learn(&t.files, builder__finish(&t.b)), -EBADMSG);
	assert_null(files__find(&t.files, 3));
	/* a path that could not be read is none, not "/" */
	builder__start(&t.b, SONDE_EVENT_FILE, SONDE_CLASS_INTRO, &f, sizeof(f));
	builder__item_whole(&t.b, SLOT_OF(struct sonde_file, path), SONDE_ITEM_FAULT, NULL, 0,
			    EFAULT);
	assert_int_equal(files__learn(&t.files, builder__finish(&t.b)), 0);
	assert_memory_equal(files__find(&t.files, 3)->name, "inode:[0]", 9);
	files__release(&t.files);
}

/* An id that is introduced again is what it is now. */
static void again(void **state)
{
	struct tables t = {};

	CHECK_PATH(&t, FILE_OF(.type = SONDE_FILE_PATH), "old", "/old");
	CHECK_PATH(&t, FILE_OF(.type = SONDE_FILE_PATH), "new", "/new");
	assert_int_equal(t.files.table.count, 1);
	files__release(&t.files);
}

/* The kernel remembers 16384 and asks for no more than these: they stay, the rest goes. */
static void forgets(void **state)
{
	struct tables t = {};

	for (uint64_t id = 1; id <= 200000; id++) {
		assert_int_equal(learn(&t, id), 0);
		assert_non_null(files__find(&t.files, 1));
		if (id > 16384)
			assert_non_null(files__find(&t.files, id - 16384));
		assert_true(t.files.table.count <= 40001);
	}
	assert_null(files__find(&t.files, 2));
	files__release(&t.files);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths),    cmocka_unit_test(no_paths),
		cmocka_unit_test(internet), cmocka_unit_test(other_sockets),
		cmocka_unit_test(abstract), cmocka_unit_test(damaged),
		cmocka_unit_test(again),    cmocka_unit_test(forgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
