// SPDX-License-Identifier: Apache-2.0
/* The fields that have one name everywhere: what they say of an event. */
#include "fixture.h"
#include "src/host/fields.h"
#include "src/host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

static struct fixture f;
static struct host *host;
static struct buffer shown;

/* An introduction: the fixed part, then items. */
struct intro {
	struct sonde_record record;
	struct sonde_process process;
	char items[1024];
};

static void item(struct intro *i, unsigned int slot, const char *data, size_t size)
{
	struct sonde_item head = {
		.slot = slot, .what = SONDE_ITEM_DATA, .size = size, .whole = size};
	char *at = (char *)&i->record + i->record.size;

	memcpy(at, &head, sizeof(head));
	memcpy(at + sizeof(head), data, size);
	i->record.size += sizeof(head) + ((size + 7) & ~7ul);
}

#define SLOT(member) (offsetof(struct sonde_process, member) / 8)

/* A process with id `pid` and key `pid`, child of `parent`. */
static void introduce(uint32_t pid, uint32_t parent, const char *comm, uint32_t sid,
		      const char *argv, size_t argv_size, const char *cgroup, size_t cgroup_size)
{
	struct intro i = {
		.record = {.size = sizeof(i.record) + sizeof(i.process),
			   .event = SONDE_EVENT_PROCESS,
			   .class = SONDE_CLASS_INTRO,
			   .pid = pid,
			   .tid = pid,
			   .key = pid,
			   .version = 1},
		.process =
			{
				.start_time = 1000000000ull * pid,
				.thread_start_time = 1000000000ull * pid,
				.parent_key = parent,
				.cap_effective = 1ull << CAP_SYS_ADMIN | 1ull << CAP_BPF,
				.exe_ino = 77,
				.exe_flags = SONDE_EXE_UPPER,
				.ppid = parent,
				.ns_pid = pid - 3,
				.ns_tid = pid - 3,
				.ns_ppid = 0,
				.pgid = sid,
				.sid = sid,
				.ns_pgid = sid - 3,
				.ns_sid = sid - 3,
				.uid = 1000,
				.euid = 0,
				.gid = 100,
				.egid = 0,
				.loginuid = ~0u,
				.tty = 136 << 20 | 3,
			},
	};

	strcpy(i.process.comm, comm);
	strcpy(i.process.leader_comm, comm);
	item(&i, SLOT(exe), comm, strlen(comm) + 1);
	if (argv)
		item(&i, SLOT(argv), argv, argv_size);
	item(&i, SLOT(cwd), "work\0home", 10);
	item(&i, SLOT(env), "HOME=/root\0LD_PRELOAD=a.so", 27);
	if (cgroup)
		item(&i, SLOT(cgroup), cgroup, cgroup_size);
	i.record.body = (i.record.size - sizeof(i.record)) / 8;
	assert_int_equal(host__learn(host, &i.record), 0);
}

#define TEXT(t) (t), sizeof(t)

static int set_up(void **state)
{
	assert_int_equal(host__new(&host), 0);
	introduce(10, 1, "sshd", 10, TEXT("sshd"), NULL, 0);
	introduce(11, 10, "bash", 11, TEXT("-bash"), NULL, 0);
	introduce(12, 11, "make", 11, TEXT("make\0-j2\0all"),
		  TEXT("docker-0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef."
		       "scope\0system.slice"));
	return 0;
}

static int tear_down(void **state)
{
	host__free(host);
	fixture__free(&f);
	buffer__free(&shown);
	return 0;
}

/* openat(5</srv>, "etc/hosts", O_WRONLY|O_CREAT, 0755) by make, child of bash, child of sshd. */
static void openat_call(int64_t result)
{
	fixture__call(&f, "openat", result, KIND_fd);
	f.record.pid = f.record.tid = f.record.key = 12;
	f.record.version = 1;
	f.record.cpu = 1;
	f.record.time = 12500000000;
	fixture__arg(&f, "dirfd", KIND_fd, 5);
	fixture__arg(&f, "pathname", KIND_path, 0x1000);
	fixture__arg(&f, "flags", KIND_flags, O_WRONLY | O_CREAT)->values = values__find("open");
	fixture__arg(&f, "mode", KIND_mode, 0755);
	fixture__item(&f, 2, SONDE_ITEM_DATA, "etc/hosts", 9);
	fixture__file(&f, 1, "/srv");
	f.infos[0].mode = S_IFDIR | 0755;
	if (result >= 0) {
		fixture__file(&f, 0, "/srv/etc/hosts");
		f.infos[1].mode = S_IFREG | 0644;
		f.infos[1].ino = 4711;
		f.infos[1].dev = 8 << 20 | 1;
	}
}

/* The field's text as a template shows it; "-" when the event has none. */
static const char *show(const char *name)
{
	static const struct render plain = {.string_limit = ~0u};
	struct event *e = fixture__event(&f);
	const struct file *files[EVENT_ITEMS];
	struct field_use use;
	struct value v;
	int err = field_use__parse(&use, name);

	if (err)
		fail_msg("%s: %s", name, strerror(-err));
	memcpy(files, e->files, sizeof(files));
	host__attend(host, e);
	memcpy((void *)e->files, files, sizeof(files));
	buffer__reset(&f.scratch);
	field_use__value(&use, e, &v);
	buffer__reset(&shown);
	if (v.state == VALUE_NONE)
		buffer__text(&shown, "-");
	else
		render__plain(&shown, &plain, e, &v);
	return buffer__string(&shown);
}

static void tells_who(void **state)
{
	openat_call(3);
	assert_string_equal(show("proc.pid"), "12");
	assert_string_equal(show("proc.ppid"), "11");
	assert_string_equal(show("proc.vpid"), "9");
	assert_string_equal(show("proc.sid"), "8");
	assert_string_equal(show("proc.name"), "make");
	assert_string_equal(show("proc.pname"), "bash");
	assert_string_equal(show("proc.aname[0]"), "make");
	assert_string_equal(show("proc.aname[2]"), "sshd");
	assert_string_equal(show("proc.aname[3]"), "-");
	assert_string_equal(show("proc.aname"), "sshd>bash");
	assert_string_equal(show("proc.apid"), "10>11");
	assert_string_equal(show("proc.acmdline"), "sshd>bash");
	assert_string_equal(show("proc.exe"), "make");
	assert_string_equal(show("proc.pexe"), "-bash");
	assert_string_equal(show("proc.exepath"), "/make");
	assert_string_equal(show("proc.args"), "-j2 all");
	assert_string_equal(show("proc.cmdline"), "make -j2 all");
	assert_string_equal(show("proc.pcmdline"), "bash");
	assert_string_equal(show("proc.exeline"), "make -j2 all");
	assert_string_equal(show("proc.cmdnargs"), "2");
	assert_string_equal(show("proc.cmdlenargs"), "6");
	assert_string_equal(show("proc.cwd"), "/home/work");
	assert_string_equal(show("proc.env[LD_PRELOAD]"), "a.so");
	assert_string_equal(show("proc.env[LD_PRE]"), "-");
	assert_string_equal(show("proc.env"), "HOME=/root LD_PRELOAD=a.so");
	assert_string_equal(show("proc.tty"), "pts/3");
	assert_string_equal(show("proc.sname"), "bash");
	assert_string_equal(show("proc.is_vpgid_leader"), "false");
	assert_string_equal(show("proc.loginshellid"), "11");
	assert_string_equal(show("proc.duration"), "500000000");
	assert_string_equal(show("proc.is_exe_upper_layer"), "true");
	assert_string_equal(show("proc.is_exe_from_memfd"), "false");
	assert_string_equal(show("proc.exe_ino"), "77");
	assert_string_equal(show("thread.cap_effective"), "CAP_SYS_ADMIN CAP_BPF");
	assert_string_equal(show("thread.ismain"), "true");
	assert_string_equal(show("user.uid"), "0");
	assert_string_equal(show("user.ruid"), "1000");
	assert_string_equal(show("user.loginuid"), "-1");
	assert_string_equal(show("container.id"), "0123456789ab");
	assert_string_equal(show("container.type"), "docker");
	f.record.key = f.record.pid = f.record.tid = 11;
	assert_string_equal(show("container.id"), "host");
	assert_string_equal(show("proc.args"), "");
	assert_string_equal(show("proc.is_sid_leader"), "true");
	/* Nobody introduced it: the record's own header is known all the same. */
	f.record.key = f.record.pid = 99;
	assert_string_equal(show("proc.pid"), "99");
	assert_string_equal(show("proc.name"), "-");
	assert_string_equal(show("proc.aname"), "-");
}

static void tells_what(void **state)
{
	openat_call(3);
	assert_string_equal(show("evt.type"), "openat");
	assert_string_equal(show("evt.cpu"), "1");
	assert_string_equal(show("evt.num"), "1");
	assert_string_equal(show("evt.res"), "SUCCESS");
	assert_string_equal(show("evt.rawres"), "3");
	assert_string_equal(show("evt.failed"), "false");
	assert_string_equal(show("evt.count.error"), "-");
	assert_string_equal(show("evt.latency"), "-");
	assert_string_equal(show("evt.arg.flags"), "O_WRONLY|O_CREAT");
	assert_string_equal(show("evt.arg.filename"), "etc/hosts");
	assert_string_equal(show("evt.arg[1]"), "etc/hosts");
	assert_string_equal(show("evt.arg[7]"), "-");
	assert_string_equal(show("evt.rawarg.mode"), "0755");
	assert_string_equal(show("evt.is_open_write"), "true");
	assert_string_equal(show("evt.is_open_read"), "false");
	assert_string_equal(show("evt.is_open_exec"), "true");
	assert_string_equal(show("evt.abspath"), "/srv/etc/hosts");
	assert_string_equal(show("evt.abspath.src"), "-");
	assert_string_equal(
		show("evt.args"),
		"dirfd=5</srv> pathname=\"etc/hosts\" flags=O_WRONLY|O_CREAT mode=0755");
	openat_call(-EACCES);
	assert_string_equal(show("evt.res"), "EACCES");
	assert_string_equal(show("evt.count.error"), "1");
}

static void tells_what_the_descriptor_is(void **state)
{
	openat_call(3);
	/* What is returned, not the directory that the path began at. */
	assert_string_equal(show("fd.num"), "3");
	assert_string_equal(show("fd.name"), "/srv/etc/hosts");
	assert_string_equal(show("fd.nameraw"), "etc/hosts");
	assert_string_equal(show("fd.directory"), "/srv/etc");
	assert_string_equal(show("fd.filename"), "hosts");
	assert_string_equal(show("fd.type"), "file");
	assert_string_equal(show("fd.typechar"), "f");
	assert_string_equal(show("fd.ino"), "4711");
	assert_string_equal(show("fd.dev.major"), "8");
	assert_string_equal(show("fd.dev.minor"), "1");
	assert_string_equal(show("fd.containername"), "0123456789ab:/srv/etc/hosts");
	assert_string_equal(show("fd.containerdirectory"), "0123456789ab:/srv/etc");
	assert_string_equal(show("fd.ip"), "-");
	openat_call(-ENOENT);
	assert_string_equal(show("fd.name"), "/srv/etc/hosts");
	assert_string_equal(show("fd.num"), "-");

	fixture__call(&f, "unlinkat", 0, KIND_int);
	fixture__arg(&f, "dirfd", KIND_fd, 5);
	fixture__arg(&f, "pathname", KIND_path, 0x1000);
	fixture__item(&f, 2, SONDE_ITEM_DATA, "x", 1);
	fixture__file(&f, 1, "/");
	assert_string_equal(show("fd.name"), "-");
	assert_string_equal(show("fs.path.name"), "/x");
	assert_string_equal(show("fs.path.nameraw"), "x");
}

static void socket_call(const char *call, uint16_t local, uint16_t peer, uint16_t state)
{
	fixture__call(&f, call, 1, KIND_size);
	fixture__arg(&f, "sockfd", KIND_fd, 5);
	fixture__file(&f, 1, "tcp");
	f.infos[0] = (struct sonde_file){.type = SONDE_FILE_SOCKET,
					 .family = AF_INET6,
					 .socktype = SOCK_STREAM,
					 .state = state,
					 .local_port = local,
					 .peer_port = peer,
					 .local = {1},
					 .peer = {2}};
	if (!peer)
		f.infos[0].peer[0] = 0;
}

static void tells_client_and_server(void **state)
{
	socket_call("read", 443, 40000, 1);
	assert_string_equal(show("fd.sport"), "443");
	assert_string_equal(show("fd.cport"), "40000");
	assert_string_equal(show("fd.is_server"), "true");
	assert_string_equal(show("fd.type"), "ipv6");
	assert_string_equal(show("fd.l4proto"), "tcp");
	/* Who connects is the client, whatever its port. */
	socket_call("connect", 443, 40000, 1);
	assert_string_equal(show("fd.sport"), "40000");
	socket_call("accept4", 40000, 443, 1);
	assert_string_equal(show("fd.sport"), "40000");
	/* 10: it listens. */
	socket_call("getsockname", 80, 0, 10);
	assert_string_equal(show("fd.sport"), "80");
	assert_string_equal(show("fd.cport"), "-");
	assert_string_equal(show("fd.port"), "80");
	assert_string_equal(show("fd.connected"), "false");
}

/* Of an event that has nothing, no field may be more than absent. */
static void nothing_is_asked_in_vain(void **state)
{
	fixture__call(&f, "nothing", 0, KIND_none);
	f.record.key = 0;
	f.record.version = 0;
	f.record.subject = SONDE_SUBJECT_NONE;
	f.schema.flags = 0;
	f.schema.count = 0;
	for (unsigned int i = 0; i < field_def_count; i++) {
		const struct field_def *def = &field_defs[i];
		const char *text;

		if (def->takes == TAKES_ARGUMENT)
			continue;
		text = show(def->field.name);
		if (!strncmp(def->field.name, "proc.", 5) || !strncmp(def->field.name, "fd.", 3) ||
		    !strncmp(def->field.name, "user.", 5))
			assert_string_equal(text, "-");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_who),
		cmocka_unit_test(tells_what),
		cmocka_unit_test(tells_what_the_descriptor_is),
		cmocka_unit_test(tells_client_and_server),
		cmocka_unit_test(nothing_is_asked_in_vain),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
