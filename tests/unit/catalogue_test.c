// SPDX-License-Identifier: Apache-2.0
/* Is every system call in the catalogue, well formed, and does each number have its name? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "src/event/catalogue.h"
#include "src/event/tables.h"

#include <asm/unistd.h>
#include <catalogue/call_numbers.h>
#include <linux/bpf.h>
#include <linux/fcntl.h>
#include <linux/futex.h>
#include <linux/prctl.h>
#include <linux/sched.h>
#include <sonde/record.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/timex.h>

/* Fails with words instead of two numbers. */
#define expect(condition, ...)                                                                     \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			print_error(__VA_ARGS__);                                                  \
			print_error("\n");                                                         \
			fail();                                                                    \
		}                                                                                  \
	} while (0)

/* clang-format off */
static const struct {
	const char *name;
	long number;
} native[] = {
#define NR(call, number) {#call, number},
	SONDE_ALL_CALLS(NR)
}, compat[] = {
	SONDE_ALL_COMPAT_CALLS(NR)
	{NULL, -1},
};
/* clang-format on */

static const struct schema *call(const char *name)
{
	unsigned int count;
	const struct schema *calls = catalogue__calls(&count);

	for (unsigned int i = 0; i < count; i++)
		if (!strcmp(calls[i].name, name))
			return &calls[i];
	print_error("no call %s\n", name);
	fail();
	return NULL;
}

static const struct field *argument(const char *name, const char *arg)
{
	const struct field *f = schema__field(call(name), arg);

	expect(f, "%s has no %s", name, arg);
	return f;
}

static void every_call_of_the_headers_is_there(void **state)
{
	const struct schema *s;

	assert_true(ARRAY_SIZE(native) > 300);
	for (unsigned int i = 0; i < ARRAY_SIZE(native); i++) {
		s = catalogue__by_number(native[i].number, false);
		expect(s, "%s (%ld) is missing", native[i].name, native[i].number);
		assert_string_equal(s->name, native[i].name);
		assert_int_equal(s->number, native[i].number);
	}
	for (unsigned int i = 0; compat[i].name; i++) {
		s = catalogue__by_number(compat[i].number, true);
		expect(s, "%s (32-bit, %ld) is missing", compat[i].name, compat[i].number);
		assert_string_equal(s->name, compat[i].name);
		assert_int_equal(s->compat_number, compat[i].number);
	}
#ifdef __x86_64__
	assert_true(ARRAY_SIZE(compat) > 420);
#endif
}

static void newer_calls_are_there_whatever_the_headers(void **state)
{
	static const struct {
		long number;
		const char *name;
	} newer[] = {{437, "openat2"}, {450, "set_mempolicy_home_node"}, {452, "fchmodat2"},
		     {462, "mseal"},   {466, "removexattrat"},           {469, "file_setattr"},
		     {470, "listns"},  {471, "rseq_slice_yield"}};

	for (unsigned int i = 0; i < ARRAY_SIZE(newer); i++) {
		expect(catalogue__by_number(newer[i].number, false), "no %s", newer[i].name);
		assert_string_equal(catalogue__by_number(newer[i].number, false)->name,
				    newer[i].name);
	}
	assert_string_equal(catalogue__by_number(__NR_openat, false)->name, "openat");
	assert_string_equal(catalogue__by_number(__NR_exit_group, false)->name, "exit_group");
#ifdef __x86_64__
	assert_string_equal(catalogue__by_number(335, false)->name, "uretprobe");
	assert_string_equal(catalogue__by_number(336, false)->name, "uprobe");
	assert_string_equal(catalogue__by_number(102, true)->name, "socketcall");
	assert_string_equal(catalogue__by_number(5, true)->name, "open");
	/* the same name, other arguments */
	assert_string_equal(catalogue__by_number(90, true)->name, "mmap");
	assert_int_equal(catalogue__by_number(90, true)->count, 2);
	assert_int_equal(catalogue__by_number(9, false)->count, 7);
#endif
	assert_null(catalogue__by_number(-1, false));
	assert_null(catalogue__by_number(400, false));
	assert_null(catalogue__by_number(1023, false));
	assert_null(catalogue__by_number(1l << 40, true));
}

static bool has_length(uint8_t kind)
{
	return kinds[kind].fetch == FETCH_BYTES || kinds[kind].fetch == FETCH_FDS ||
	       kinds[kind].fetch == FETCH_MESSAGE || kinds[kind].fetch == FETCH_POINTERS ||
	       kinds[kind].fetch == FETCH_IOVEC;
}

static void check_field(const struct schema *s, const struct field *f, unsigned int i)
{
	bool named = f->kind == KIND_flags || f->kind == KIND_flags64 || f->kind == KIND_enum ||
		     f->kind == KIND_enum_at;
	unsigned int length = f->length & 7;

	expect(f->kind < KINDS && (i == 0 || f->name[0]), "%s: argument %u", s->name, i);
	assert_int_equal(f->offset, 8 * i);
	assert_int_equal(f->size, 8);
	expect(!named || f->values, "%s.%s has no table", s->name, f->name);
	expect(!f->values || kinds[f->kind].class == CLASS_NUMBER ||
		       kinds[f->kind].class == CLASS_SIGNED || f->kind == KIND_enum_at,
	       "%s.%s: a table for what is no number", s->name, f->name);
	if (!f->length)
		return;
	expect(has_length(f->kind), "%s.%s has a length", s->name, f->name);
	if (f->length == LENGTH_RESULT)
		return;
	expect(length >= 1 && length < s->count, "%s.%s: length in argument %u", s->name, f->name,
	       length);
	if (f->length & LENGTH_AT)
		/* or itself: a structure whose first member is its size */
		expect(s->fields[length].kind == KIND_int_at || length == i, "%s.%s: length",
		       s->name, f->name);
	else
		expect(kinds[s->fields[length].kind].class != CLASS_DATA, "%s.%s: length", s->name,
		       f->name);
}

static void schemas_are_well_formed(void **state)
{
	static const char categories[] =
		",file,desc,net,process,memory,ipc,signal,creds,clock,timer,system,sched,"
		"mount,module,key,security,aio,stat,statfs,pure,thread,";
	unsigned int count;
	const struct schema *calls = catalogue__calls(&count);

	for (unsigned int i = 0; i < count; i++) {
		const struct schema *s = &calls[i];
		char list[100], *next = list, *category;

		assert_int_equal(s->id, SONDE_EVENT_CALLS + i);
		assert_true(s->flags & SCHEMA_CALL);
		assert_true(s->flags & SCHEMA_RESULT);
		assert_int_equal(s->fixed, 8 * s->count);
		assert_true(s->count >= 1 && s->count <= 7);
		assert_string_equal(s->fields[0].name, "res");
		for (unsigned int k = 0; k < s->count; k++) {
			check_field(s, &s->fields[k], k);
			expect(schema__field(s, s->fields[k].name) == &s->fields[k],
			       "%s has two %s", s->name, s->fields[k].name);
		}
		snprintf(list, sizeof(list), "%s", s->category);
		while ((category = strsep(&next, ","))) {
			char word[40];

			snprintf(word, sizeof(word), ",%s,", category);
			expect(strstr(categories, word), "%s: category %s", s->name, category);
		}
	}
}

static void variants_are_well_formed(void **state)
{
	unsigned int count, with = 0;
	const struct schema *calls = catalogue__calls(&count);

	for (unsigned int i = 0; i < count; i++) {
		const struct schema *s = &calls[i];

		with += s->variants != NULL;
		for (const struct variant *v = s->variants; v && v->argument; v++) {
			assert_true(v->argument < s->count && v->target < s->count);
			assert_int_equal(v->number & ~v->mask, 0);
			if (v->field && v->field->kind != KIND_none)
				check_field(s, v->field, v->target);
		}
	}
	assert_true(with >= 25);
}

static void calls_say_what_must_be_read_at_the_entry(void **state)
{
	assert_true(argument("close", "fd")->at_entry);
	assert_true(argument("execve", "pathname")->at_entry);
	assert_true(argument("execve", "argv")->at_entry);
	assert_true(argument("execveat", "envp")->at_entry);
	assert_true(argument("dup2", "newfd")->at_entry);
	assert_false(argument("dup2", "oldfd")->at_entry);
	assert_true(argument("pselect6", "readfds")->at_entry);
	assert_int_equal(argument("pselect6", "readfds")->direction, FIELD_INOUT);
	assert_false(argument("openat", "pathname")->at_entry);
	assert_true(call("rt_sigreturn")->flags & SCHEMA_AT_ENTRY);
	assert_true(call("exit_group")->flags & SCHEMA_NO_RETURN);
	assert_false(call("exit_group")->flags & SCHEMA_AT_ENTRY);
}

static void lengths_name_their_argument(void **state)
{
	assert_int_equal(argument("read", "buf")->length, LENGTH_UPTO | 3);
	assert_int_equal(argument("write", "buf")->length, 3);
	assert_int_equal(argument("accept", "addr")->length, LENGTH_AT | 3);
	assert_int_equal(argument("connect", "addr")->length, 3);
	assert_int_equal(argument("recvfrom", "src_addr")->length, LENGTH_AT | 6);
	assert_int_equal(argument("poll", "fds")->length, 2);
	assert_int_equal(argument("openat", "pathname")->length, 0);
}

static const char *effective(const char *name, const char *arg, const uint64_t *args)
{
	const struct field *f = schema__variant(call(name), argument(name, arg), args);

	return f ? kinds[f->kind].name : "";
}

static void arguments_depend_on_each_other(void **state)
{
	/* args[0] is the result; what lies above an int's 32 bits is rubbish */
	const uint64_t rubbish = 0xdead00000000;
	const struct field *f;

	assert_string_equal(effective("openat", "mode", (uint64_t[7]){0, 0, 0, O_RDONLY}), "");
	assert_string_equal(
		effective("openat", "mode", (uint64_t[7]){0, 0, 0, O_RDONLY | O_DIRECTORY}), "");
	assert_string_equal(effective("openat", "mode", (uint64_t[7]){0, 0, 0, rubbish | O_CREAT}),
			    "mode");
	assert_string_equal(effective("openat", "mode", (uint64_t[7]){0, 0, 0, O_TMPFILE | O_RDWR}),
			    "mode");
	assert_string_equal(effective("openat", "pathname", (uint64_t[7]){0}), "path");
	assert_string_equal(effective("fcntl", "arg", (uint64_t[7]){0, 3, F_GETFD}), "");
	assert_string_equal(effective("fcntl", "arg", (uint64_t[7]){0, 3, rubbish | F_SETFL}),
			    "flags");
	assert_string_equal(effective("fcntl", "arg", (uint64_t[7]){0, 3, F_DUPFD_CLOEXEC}), "int");
	assert_string_equal(effective("fcntl", "res", (uint64_t[7]){5, 3, F_DUPFD_CLOEXEC}), "fd");
	assert_string_equal(effective("fcntl", "res", (uint64_t[7]){5, 3, F_SETFD}), "int");
	assert_string_equal(effective("fcntl", "arg", (uint64_t[7]){5, 3, 9999}), "hex");
	f = schema__variant(call("fcntl"), argument("fcntl", "arg"), (uint64_t[7]){0, 3, F_SETFL});
	assert_string_equal(f->values->name, "open");
	assert_string_equal(f->name, "arg");
	assert_string_equal(effective("futex", "timeout", (uint64_t[7]){0, 0, FUTEX_WAKE_PRIVATE}),
			    "");
	assert_string_equal(effective("futex", "timeout", (uint64_t[7]){0, 0, FUTEX_WAIT_PRIVATE}),
			    "timespec");
	assert_string_equal(effective("futex", "timeout", (uint64_t[7]){0, 0, FUTEX_CMP_REQUEUE}),
			    "uint");
	assert_string_equal(effective("futex", "val3",
				      (uint64_t[7]){0, 0,
						    FUTEX_WAIT_BITSET | FUTEX_PRIVATE_FLAG |
							    FUTEX_CLOCK_REALTIME}),
			    "enum");
	assert_string_equal(effective("prctl", "arg2", (uint64_t[7]){0, PR_SET_NAME}), "string");
	assert_string_equal(effective("prctl", "arg3", (uint64_t[7]){0, PR_SET_NAME}), "");
	assert_string_equal(effective("prctl", "arg3", (uint64_t[7]){0, PR_SET_NO_NEW_PRIVS}),
			    "hex");
	assert_string_equal(effective("mremap", "new_address", (uint64_t[7]){0, 0, 0, 0, 1}), "");
	assert_string_equal(effective("mremap", "new_address", (uint64_t[7]){0, 0, 0, 0, 3}),
			    "address");
	assert_string_equal(effective("clone", "tls", (uint64_t[7]){0, CLONE_VM}), "");
	assert_string_equal(effective("clone", "tls", (uint64_t[7]){0, CLONE_SETTLS}), "hex");
	assert_string_equal(effective("mknodat", "dev", (uint64_t[7]){0, 0, 0, 0100644}), "");
	assert_string_equal(effective("mknodat", "dev", (uint64_t[7]){0, 0, 0, 0020644}), "dev");
	assert_string_equal(effective("bpf", "res", (uint64_t[7]){7, BPF_MAP_CREATE}), "fd");
	assert_string_equal(effective("bpf", "res", (uint64_t[7]){0, BPF_MAP_UPDATE_ELEM}), "int");
	assert_string_equal(effective("getpid", "res", (uint64_t[7]){7}), "pid");
}

static void families_have_members(void **state)
{
	unsigned int calls, i;
	const struct schema *list = catalogue__calls(&calls);
	const char *const *open = catalogue__family("open");

	for (i = 0; catalogue__family_name(i); i++) {
		const char *const *m = catalogue__family(catalogue__family_name(i));

		assert_non_null(m);
		assert_non_null(*m);
		for (; *m; m++)
			call(*m);
		if (i)
			assert_true(strcmp(catalogue__family_name(i - 1),
					   catalogue__family_name(i)) < 0);
	}
	assert_true(i > 60);
	assert_string_equal(open[0], "open");
	assert_string_equal(open[1], "openat");
	assert_null(catalogue__family("getppid"));

	/* a name that only a family has */
	const struct schema *pointers[600];
	struct schemas all = {pointers, calls};

	assert_true(calls < ARRAY_SIZE(pointers));
	for (i = 0; i < calls; i++)
		pointers[i] = i % 7 ? &list[i] : NULL;
	for (i = 0; i < calls; i++)
		pointers[i] = &list[i];
	assert_string_equal(schemas__find(&all, "pread")->name, "pread64");
	assert_string_equal(schemas__find(&all, "open")->name, "open");
	assert_string_equal(schemas__find(&all, "fstatat")->name, "newfstatat");
	assert_null(schemas__find(&all, "opne"));
}

static void sysdig_names_are_aliases(void **state)
{
	static const char *const names[][3] = {
		{"openat", "name", "pathname"},
		{"execve", "filename", "pathname"},
		{"connect", "fd", "sockfd"},
		{"read", "size", "count"},
		{"read", "data", "buf"},
		{"mkdir", "path", "pathname"},
		{"renameat", "olddir", "olddirfd"},
		{"chmod", "filename", "pathname"},
		{"socket", "proto", "protocol"},
		{"mount", "dev", "source"},
		{"unlinkat", "name", "pathname"},
		{"init_module", "uargs", "param_values"},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(names); i++)
		assert_string_equal(argument(names[i][0], names[i][1])->name, names[i][2]);
	assert_string_equal(argument("openat", "fd")->name, "res");
	assert_string_equal(argument("close", "fd")->name, "fd");
	assert_null(schema__field(call("read"), "nosuch"));
}

/* A name for the same bits as an earlier one's would never be seen. */
static bool hides(const struct named_value *first, const struct named_value *later)
{
	return first->mask == later->mask && first->number == later->number;
}

static void each_value_can_be_seen(void **state)
{
	for (unsigned int t = TABLE_none + 1; t < TABLES; t++) {
		const struct values *table = &tables[t];

		assert_ptr_equal(values__find(table->name), table);
		assert_true(table->count > 0);
		for (unsigned int i = 0; i < table->count; i++) {
			const struct named_value *v = &table->list[i];

			expect(v->name[0] == '_' || v->name[0] >= 'A' || strstr(v->name, "<<"),
			       "%s: %s is a number", table->name, v->name);
			expect(v->name[0] && v->mask, "%s: %s has no bits", table->name, v->name);
			expect(!(v->number & ~v->mask), "%s: %s is outside its mask", table->name,
			       v->name);
			for (unsigned int k = 0; k < i; k++) {
				const struct named_value *p = &table->list[k];

				expect(strcmp(p->name, v->name), "%s: %s twice", table->name,
				       v->name);
				expect(!hides(p, v), "%s: %s hides %s", table->name, p->name,
				       v->name);
				/* a flag that is a part of a later one would take that one's bits
				 */
				expect(p->mask != p->number || v->mask != v->number ||
					       v->mask == ~0ull ||
					       (v->number & p->number) != p->number,
				       "%s: %s stands before %s", table->name, p->name, v->name);
			}
		}
	}
	assert_null(values__find("nosuch"));
}

static void numbers_have_the_kernels_names(void **state)
{
	assert_string_equal(errno_name(1), "EPERM");
	assert_string_equal(errno_name(11), "EAGAIN");
	assert_string_equal(errno_name(40), "ELOOP");
	assert_string_equal(errno_name(42), "ENOMSG");
	assert_string_equal(errno_name(115), "EINPROGRESS");
	assert_string_equal(errno_name(133), "EHWPOISON");
	assert_string_equal(errno_name(512), "ERESTARTSYS");
	assert_string_equal(errno_name(513), "ERESTARTNOINTR");
	assert_string_equal(errno_name(514), "ERESTARTNOHAND");
	assert_string_equal(errno_name(515), "ENOIOCTLCMD");
	assert_string_equal(errno_name(516), "ERESTART_RESTARTBLOCK");
	assert_string_equal(errno_name(524), "ENOTSUPP");
	assert_null(errno_name(0));
	assert_null(errno_name(-1));
	assert_null(errno_name(41));
	assert_null(errno_name(400));
	assert_null(errno_name(4095));
	assert_string_equal(signal_name(1), "SIGHUP");
	assert_string_equal(signal_name(9), "SIGKILL");
	assert_string_equal(signal_name(17), "SIGCHLD");
	assert_string_equal(signal_name(31), "SIGSYS");
	assert_string_equal(signal_name(32), "SIGRTMIN");
	assert_string_equal(signal_name(35), "SIGRT_3");
	assert_string_equal(signal_name(64), "SIGRT_32");
	assert_null(signal_name(0));
	assert_null(signal_name(65));
	assert_null(signal_name(-3));

	const struct values *open = values__find("open");

	assert_string_equal(values__value(open, O_RDWR | O_CREAT)->name, "O_RDWR");
	for (unsigned int i = 0; i < open->count; i++)
		if (!strcmp(open->list[i].name, "O_LARGEFILE"))
#ifdef __x86_64__
			assert_int_equal(open->list[i].number, 0100000);
#else
			assert_int_not_equal(open->list[i].number, 0);
#endif
	assert_string_equal(values__value(values__find("tcp_state"), 1)->name, "TCP_ESTABLISHED");
	assert_string_equal(values__value(values__find("address_family"), 10)->name, "AF_INET6");
	assert_string_equal(values__value(values__find("capability"), 39)->name, "CAP_BPF");
	assert_string_equal(values__value(values__find("key_special"), (uint64_t)-3)->name,
			    "KEY_SPEC_SESSION_KEYRING");
	assert_null(values__value(values__find("address_family"), 999));
}

static void kinds_are_what_kinds_def_says(void **state)
{
	assert_string_equal(kinds[KIND_fd].name, "fd");
	assert_int_equal(kinds[KIND_fd].class, CLASS_SIGNED);
	assert_int_equal(kinds[KIND_fd].fetch, FETCH_FD);
	assert_int_equal(kinds[KIND_fd].size, 4);
	assert_int_equal(kinds[KIND_path].fetch, FETCH_STRING);
	assert_int_equal(kinds[KIND_strings].fetch, FETCH_STRINGS);
	assert_int_equal(kinds[KIND_msghdr].size, 56);
	assert_int_equal(kinds[KIND_stat].size, sizeof(struct stat));
	assert_int_equal(kinds[KIND_statfs].size, sizeof(struct statfs));
	assert_int_equal(kinds[KIND_epoll_event].size, sizeof(struct epoll_event));
	assert_int_equal(kinds[KIND_rusage].size, sizeof(struct rusage));
	assert_int_equal(kinds[KIND_timex].size, sizeof(struct timex));
	for (unsigned int i = 0; i < KINDS; i++)
		assert_non_null(kinds[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_call_of_the_headers_is_there),
		cmocka_unit_test(newer_calls_are_there_whatever_the_headers),
		cmocka_unit_test(schemas_are_well_formed),
		cmocka_unit_test(variants_are_well_formed),
		cmocka_unit_test(calls_say_what_must_be_read_at_the_entry),
		cmocka_unit_test(lengths_name_their_argument),
		cmocka_unit_test(arguments_depend_on_each_other),
		cmocka_unit_test(families_have_members),
		cmocka_unit_test(sysdig_names_are_aliases),
		cmocka_unit_test(each_value_can_be_seen),
		cmocka_unit_test(numbers_have_the_kernels_names),
		cmocka_unit_test(kinds_are_what_kinds_def_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
