// SPDX-License-Identifier: Apache-2.0
/* The fields that have one name everywhere: what they say of an event, and that sysdig's and
 * Falco's names are there. */
#include "fixture.h"
#include "src/base/suggest.h"
#include "src/event/catalogue.h"
#include "src/filter/filter.h"
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

/* What Falco's published rules ask of events, in their conditions. */
static const char *const asked[] = {
	"container.id",
	"container.image.repository",
	"container.privileged",
	"evt.arg.cmd",
	"evt.arg.domain",
	"evt.arg.filename",
	"evt.arg.flags",
	"evt.arg.mode",
	"evt.arg.name",
	"evt.arg.newpath",
	"evt.arg.oldpath",
	"evt.arg.path",
	"evt.arg.request",
	"evt.arg.target",
	"evt.arg.uid",
	"evt.arg.fd",
	"evt.arg.linkpath",
	"evt.buffer",
	"evt.is_open_exec",
	"evt.is_open_read",
	"evt.is_open_write",
	"evt.num",
	"evt.rawres",
	"evt.res",
	"evt.type",
	"evt.args",
	"fd.cip",
	"fd.cip.name",
	"fd.cnet",
	"fd.connected",
	"fd.directory",
	"fd.filename",
	"fd.ip",
	"fd.l4proto",
	"fd.name",
	"fd.name_changed",
	"fd.nameraw",
	"fd.net",
	"fd.num",
	"fd.port",
	"fd.rnet",
	"fd.sip",
	"fd.sip.name",
	"fd.snet",
	"fd.sockfamily",
	"fd.sport",
	"fd.type",
	"fd.typechar",
	"fd.lport",
	"fd.rip",
	"fd.rport",
	"k8s.ns.name",
	"k8s.pod.name",
	"proc.aexe[2]",
	"proc.aname",
	"proc.aname[1]",
	"proc.aname[7]",
	"proc.args",
	"proc.cmdline",
	"proc.cwd",
	"proc.duration",
	"proc.env",
	"proc.exe",
	"proc.exepath",
	"proc.is_exe_from_memfd",
	"proc.is_exe_upper_layer",
	"proc.is_vpgid_leader",
	"proc.name",
	"proc.pcmdline",
	"proc.pexe",
	"proc.pexepath",
	"proc.pname",
	"proc.tty",
	"proc.vpid",
	"proc.aexepath[2]",
	"proc.sname",
	"proc.exe_ino.ctime",
	"proc.exe_ino.mtime",
	"proc.exe_ino.ctime_duration_proc_start",
	"thread.cap_effective",
	"thread.cap_permitted",
	"user.loginuid",
	"user.loginname",
	"user.name",
	"user.uid",
	"group.gid",
	"group.name",
	"container.mounts",
	"container.start_ts",
	"container.mount.dest",
};

static void knows_what_falco_asks(void **state)
{
	unsigned int count;
	const struct schema *calls = catalogue__calls(&count);

	for (unsigned int i = 0; i < ARRAY_SIZE(asked); i++) {
		struct field_use use;
		bool found = false;

		if (field_use__parse(&use, asked[i])) {
			if (!field__missing(asked[i]))
				fail_msg("%s: neither a field nor missing for a reason", asked[i]);
			continue;
		}
		for (unsigned int j = 0; j < count; j++)
			found |= field_use__of(&use, &calls[j]);
		if (!found)
			fail_msg("%s: no call has it", asked[i]);
	}
}

static void arguments_of_sysdig_are_found(void **state)
{
	static const struct {
		const char *call, *name, *is;
	} cases[] = {
		{"open", "name", "pathname"},
		{"openat", "name", "pathname"},
		{"open", "fd", NULL},
		{"creat", "name", "pathname"},
		{"mkdir", "path", "pathname"},
		{"unlinkat", "name", "pathname"},
		{"chmod", "filename", "pathname"},
		{"execve", "filename", "pathname"},
		{"connect", "fd", "sockfd"},
		{"read", "size", "count"},
		{"write", "data", "buf"},
		{"pread64", "pos", "offset"},
		{"socket", "proto", "protocol"},
		{"mount", "dev", "source"},
		{"mount", "dir", "target"},
		{"mount", "type", "filesystemtype"},
		{"mount", "flags", "mountflags"},
		{"umount2", "name", "target"},
		{"chdir", "path", "path"},
		{"symlinkat", "linkdirfd", "newdirfd"},
		{"renameat", "olddir", "olddirfd"},
		{"setxattr", "name", "name"},
		{"tgkill", "pid", "tgid"},
		{"sendto", "size", "len"},
		{"ioctl", "argument", "argp"},
		{"ptrace", "request", "request"},
		{"stat", "path", "pathname"},
	};
	unsigned int count;
	const struct schema *calls = catalogue__calls(&count);

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct schema *call = NULL;
		const struct field *field;

		for (unsigned int j = 0; j < count && !call; j++)
			call = strcmp(calls[j].name, cases[i].call) ? NULL : &calls[j];
		assert_non_null(call);
		field = schema__argument(call, cases[i].name);
		if (!field)
			fail_msg("%s has no %s", cases[i].call, cases[i].name);
		if (cases[i].is)
			assert_string_equal(field->name, cases[i].is);
		else
			assert_ptr_equal(field, &call->fields[0]);
	}
}

static void names_are_unique_and_explained(void **state)
{
	for (unsigned int i = 0; i < field_def_count; i++) {
		const struct field *one = &field_defs[i].field;
		struct field_use use;

		assert_non_null(one->help);
		assert_true(strlen(one->help) > 3);
		for (unsigned int j = 0; j < field_def_count; j++) {
			if (i != j)
				assert_string_not_equal(one->name, field_defs[j].field.name);
			if (one->alias)
				assert_string_not_equal(one->alias, field_defs[j].field.name);
		}
		if (field_defs[i].takes != TAKES_ARGUMENT)
			assert_int_equal(field_use__parse(&use, one->name), 0);
	}
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

/* A kind's text must be among the names that its filter's constants are checked against. */
static void whole_catalogue_takes_filters(void **state)
{
	static const char *const filters[] = {
		"evt.type in (open, openat, openat2) and evt.is_open_write=true and "
		"fd.typechar='f' and fd.num>=0",
		"evt.type=connect and evt.dir=< and (fd.typechar=4 or fd.typechar=6) and fd.sip != "
		"127.0.0.1",
		"evt.type in (execve, execveat) and proc.aname[2] in (nginx, httpd) and not "
		"proc.name in (sh, bash)",
		"evt.type in (symlink, symlinkat) and evt.arg.target=/etc/shadow",
		"evt.type=ptrace and evt.arg.request in (PTRACE_POKETEXT, PTRACE_ATTACH, "
		"PTRACE_SEIZE)",
		"evt.type=socket and evt.arg.domain=AF_PACKET or evt.type=setuid and evt.arg.uid=0",
		"evt.type in (chmod, fchmod, fchmodat) and (evt.arg.mode contains S_ISUID or "
		"evt.arg.mode contains S_IXUSR)",
		"evt.type in (dup, dup2, dup3) and fd.num in (0, 1, 2) and fd.type in (ipv4, ipv6)",
		"evt.type=bpf and evt.arg.cmd=BPF_PROG_LOAD",
		"evt.type=unshare and evt.arg.flags contains CLONE_NEWUSER and not "
		"thread.cap_permitted contains CAP_SYS_ADMIN",
		"evt.type=kill and evt.arg.sig=SIGKILL",
		"evt.res in (SUCCESS, EINPROGRESS, ERESTARTSYS)",
		"evt.type=mmap and evt.arg.prot contains PROT_EXEC|PROT_WRITE",
		"evt.type=fcntl and evt.arg.cmd startswith F_SET",
	};
	const struct schema *list[2000] = {}, *calls;
	struct schemas schemas = {.list = list};
	unsigned int count;

	calls = catalogue__calls(&count);
	for (unsigned int i = 0; i < count; i++)
		list[calls[i].id] = &calls[i];
	schemas.count = SONDE_EVENT_CALLS + count;
	for (unsigned int i = 0; i < ARRAY_SIZE(filters); i++) {
		struct filter *filter = NULL;
		struct error error = {};

		if (filter__new(filters[i], &schemas, &filter, &error))
			fail_msg("%s", error.text);
		filter__free(filter);
	}
}

static void suggests(void **state)
{
	static const struct {
		const char *word, *candidate;
		unsigned int distance;
	} cases[] = {
		{"", "", 0},      {"abc", "abc", 0},        {"abc", "ABC", 0}, {"abc", "acb", 1},
		{"abc", "ab", 1}, {"kitten", "sitting", 3}, {"ca", "abc", 3},
	};
	struct suggest s;

	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(suggest__distance(cases[i].word, strlen(cases[i].word),
						   cases[i].candidate, strlen(cases[i].candidate),
						   5),
				 cases[i].distance);
		assert_int_equal(suggest__distance(cases[i].candidate, strlen(cases[i].candidate),
						   cases[i].word, strlen(cases[i].word), 5),
				 cases[i].distance);
	}
	assert_true(suggest__distance("abcdef", 6, "uvwxyz", 6, 2) > 2);
	suggest__start(&s, "opnat", 5);
	suggest__offer(&s, "open");
	suggest__offer(&s, "openat");
	suggest__offer(&s, "openat2");
	assert_string_equal(s.best, "openat");
	suggest__start(&s, "zzzz", 4);
	suggest__offer(&s, "open");
	assert_null(s.best);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_who),
		cmocka_unit_test(tells_what),
		cmocka_unit_test(tells_what_the_descriptor_is),
		cmocka_unit_test(tells_client_and_server),
		cmocka_unit_test(knows_what_falco_asks),
		cmocka_unit_test(arguments_of_sysdig_are_found),
		cmocka_unit_test(names_are_unique_and_explained),
		cmocka_unit_test(nothing_is_asked_in_vain),
		cmocka_unit_test(whole_catalogue_takes_filters),
		cmocka_unit_test(suggests),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
