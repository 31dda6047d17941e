// SPDX-License-Identifier: Apache-2.0
/* The names of fields: sysdig's and Falco's are there, each means one thing, and filters that use
 * them compile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/event/catalogue.h"
#include "src/filter/filter.h"
#include "src/host/fields.h"

#include <string.h>

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(knows_what_falco_asks),
		cmocka_unit_test(arguments_of_sysdig_are_found),
		cmocka_unit_test(names_are_unique_and_explained),
		cmocka_unit_test(whole_catalogue_takes_filters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
