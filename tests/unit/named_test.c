// SPDX-License-Identifier: Apache-2.0
/* What do the words of -e that name a hook mean, and which fields has such an event? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/base/buffer.h"
#include "src/kernel/binary.h"
#include "src/kernel/demangle.h"
#include "src/kernel/named.h"
#include "src/kernel/probes.h"

#include <bpf/btf.h>
#include <errno.h>
#include <string.h>

#define COMMON                                                                                     \
	"name: x\nID: 1\nformat:\n"                                                                \
	"\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"                     \
	"\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"

static const struct field *field(const struct named_hook *h, const char *name)
{
	const struct field *f = schema__field(&h->schema, name);

	assert_non_null(f);
	assert_int_equal(f->offset, 8 * (f - h->fields));
	return f;
}

static const struct sonde_named_field *from(const struct named_hook *h, const char *name)
{
	return &h->from.fields[field(h, name) - h->fields];
}

static struct named_hook *read_format(const char *category, const char *format)
{
	struct named_hook *h = named_hook__new();

	assert_non_null(h);
	assert_int_equal(named_tracepoint__read(h, category, format), 0);
	return h;
}

static void numbers(void **state)
{
	struct named_hook *h = read_format(
		"x", COMMON "\tfield:dev_t dev;\toffset:8;\tsize:4;\tsigned:0;\n"
			    "\tfield:sector_t sector;\toffset:16;\tsize:8;\tsigned:0;\n"
			    "\tfield:int prio;\toffset:24;\tsize:4;\tsigned:1;\n"
			    "\tfield:pid_t pid;\toffset:28;\tsize:4;\tsigned:1;\n"
			    "\tfield:void * ptr;\toffset:32;\tsize:8;\tsigned:0;\n"
			    "\tfield:bool on;\toffset:40;\tsize:1;\tsigned:0;\n"
			    "\tfield:unsigned long args[3];\toffset:48;\tsize:24;\tsigned:0;\n"
			    "\nprint fmt: \"%d\", REC->prio\n");

	assert_int_equal(h->schema.count, 9);
	assert_int_equal(h->schema.fixed, 72);
	assert_null(schema__field(&h->schema, "common_pid"));
	assert_int_equal(field(h, "dev")->kind, KIND_dev);
	assert_int_equal(from(h, "dev")->what, SONDE_NAMED_DEV);
	assert_int_equal(field(h, "sector")->kind, KIND_ulong);
	assert_int_equal(from(h, "sector")->offsets[0], 16);
	assert_int_equal(from(h, "sector")->size, 8);
	assert_int_equal(field(h, "prio")->kind, KIND_long);
	assert_int_equal(from(h, "prio")->what, SONDE_NAMED_SIGNED);
	assert_int_equal(field(h, "pid")->kind, KIND_pid);
	assert_int_equal(field(h, "ptr")->kind, KIND_address);
	assert_int_equal(field(h, "on")->kind, KIND_bool);
	assert_int_equal(from(h, "args_2")->offsets[0], 64);
	assert_int_equal(from(h, "args_2")->size, 8);
	named_hook__free(h);
}

static void copies_of_arguments(void **state)
{
	struct named_hook *h = read_format(
		"syscalls",
		COMMON "\tfield:const char * pathname;\toffset:16;\tsize:8;\tsigned:0;\n"
		       "\tfield:__data_loc char[] __pathname_val;\toffset:24;\tsize:4;\tsigned:0;\n"
		       "\nprint fmt: \"\"\n");

	assert_int_equal(h->schema.count, 1);
	assert_int_equal(field(h, "pathname")->kind, KIND_string);
	named_hook__free(h);
}

static void texts(void **state)
{
	struct named_hook *h = read_format(
		"x", COMMON "\tfield:char rwbs[10];\toffset:8;\tsize:10;\tsigned:0;\n"
			    "\tfield:__data_loc char[] cmd;\toffset:20;\tsize:4;\tsigned:0;\n"
			    "\tfield:__rel_loc char[] rel;\toffset:24;\tsize:4;\tsigned:0;\n"
			    "\tfield:__data_loc u8[] raw;\toffset:28;\tsize:4;\tsigned:0;\n"
			    "\tfield:__u8 saddr_v6[16];\toffset:32;\tsize:16;\tsigned:0;\n"
			    "\tfield:__u8 hash[20];\toffset:48;\tsize:20;\tsigned:0;\n"
			    "\tfield:const char * name;\toffset:72;\tsize:8;\tsigned:0;\n");

	assert_int_equal(field(h, "rwbs")->kind, KIND_string);
	assert_int_equal(from(h, "rwbs")->what, SONDE_NAMED_STRING);
	assert_int_equal(from(h, "rwbs")->size, 10);
	assert_int_equal(from(h, "cmd")->what, SONDE_NAMED_LOCATED_STRING);
	assert_int_equal(from(h, "rel")->what, SONDE_NAMED_RELATIVE_STRING);
	assert_int_equal(from(h, "raw")->what, SONDE_NAMED_LOCATED);
	assert_int_equal(field(h, "raw")->kind, KIND_buffer);
	assert_int_equal(field(h, "saddr_v6")->kind, KIND_ip);
	assert_int_equal(field(h, "hash")->kind, KIND_buffer);
	assert_int_equal(field(h, "name")->kind, KIND_string);
	assert_int_equal(from(h, "name")->what, SONDE_NAMED_STRING_AT);
	assert_int_equal(field(h, "name")->provenance, FROM_KERNEL);
	named_hook__free(h);
}

static void more_than_text(void **state)
{
	struct named_hook *h = read_format(
		"x", COMMON "\tfield:__data_loc cpumask_t mask;\toffset:8;\tsize:4;\tsigned:0;\n"
			    "\tfield:__u8 saddr[28];\toffset:12;\tsize:28;\tsigned:0;\n"
			    "\tfield:enum tick how;\toffset:40;\tsize:4;\tsigned:0;\n"
			    "\tfield:enum other named;\toffset:44;\tsize:4;\tsigned:0;\n"
			    "\nprint fmt: \"%s %pISpc %s\", __get_cpumask(mask), REC->saddr, "
			    "__print_symbolic(REC->named, { 1, \"one\" })\n");

	assert_int_equal(field(h, "mask")->kind, KIND_cpu_set);
	assert_int_equal(from(h, "mask")->what, SONDE_NAMED_LOCATED);
	assert_int_equal(field(h, "saddr")->kind, KIND_sockaddr);
	assert_int_equal(from(h, "saddr")->size, 28);
	/* The kernel's types have its values. */
	assert_string_equal(field(h, "how")->values->name, "tick");
	assert_int_equal(field(h, "how")->values->count, 0);
	assert_int_equal(field(h, "named")->kind, KIND_enum);
	assert_int_equal(field(h, "named")->values->count, 1);
	named_hook__free(h);
}

static void of_system_calls(void **state)
{
	struct named_hook *h =
		read_format("syscalls", COMMON
			    "\tfield:int dfd;\toffset:16;\tsize:8;\tsigned:0;\n"
			    "\tfield:const char * filename;\toffset:24;\tsize:8;\tsigned:0;\n"
			    "\tfield:umode_t mode;\toffset:32;\tsize:8;\tsigned:0;\n");

	assert_int_equal(from(h, "mode")->size, 2);
	assert_int_equal(field(h, "mode")->kind, KIND_mode);
	assert_int_equal(from(h, "dfd")->size, 4);
	assert_int_equal(from(h, "dfd")->what, SONDE_NAMED_SIGNED);
	assert_int_equal(field(h, "filename")->provenance, FROM_USER);
	named_hook__free(h);
}

static void names_of_values(void **state)
{
	struct named_hook *h = read_format(
		"x", COMMON
		"\tfield:long state;\toffset:8;\tsize:8;\tsigned:1;\n"
		"\tfield:int reason;\toffset:16;\tsize:4;\tsigned:1;\n"
		"\tfield:int reason2;\toffset:20;\tsize:4;\tsigned:1;\n"
		"\nprint fmt: \"%s %s\", __print_flags(REC->state & 0xff, \"|\", { 0x1, \"S\" }, "
		"{ (1UL << 1), \"D\" }, { UNKNOWN, \"?\" }, { 4, \"a}b\" }), "
		"__print_symbolic(REC->reason, { 0, \"none\" }, { -1, \"all\" })\n");
	const struct values *v = field(h, "state")->values;

	assert_int_equal(field(h, "state")->kind, KIND_flags64);
	assert_int_equal(v->count, 3);
	assert_string_equal(v->list[0].name, "S");
	assert_int_equal(v->list[1].number, 2);
	assert_int_equal(v->list[1].mask, 2);
	assert_string_equal(v->list[2].name, "a}b");
	v = field(h, "reason")->values;
	assert_int_equal(field(h, "reason")->kind, KIND_enum);
	assert_int_equal(v->count, 2);
	assert_string_equal(v->list[0].name, "none");
	assert_null(field(h, "reason2")->values);
	named_hook__free(h);
}

static void too_many(void **state)
{
	struct named_hook *h = named_hook__new();
	struct buffer b = {};

	buffer__text(&b, COMMON);
	for (unsigned int i = 0; i < SONDE_NAMED_FIELDS + 6; i++)
		buffer__printf(&b, "\tfield:int f%u;\toffset:%u;\tsize:4;\tsigned:1;\n", i,
			       8 + 4 * i);
	assert_int_equal(named_tracepoint__read(h, "x", buffer__string(&b)), 0);
	assert_int_equal(h->schema.count, SONDE_NAMED_FIELDS);
	assert_non_null(h->schema.blind);
	buffer__free(&b);
	named_hook__free(h);
}

static void no_format(void **state)
{
	static const char *const texts[] = {
		"",
		"nonsense",
		"\nformat:\n\tfield:int;\n",
		"\nformat:\n\tfield:int x;\toffset:8;\n",
		"\nformat:\n\tfield:;\toffset:8;\tsize:4;\tsigned:1;\n",
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(texts); i++) {
		struct named_hook *h = named_hook__new();

		assert_int_equal(named_tracepoint__read(h, "x", texts[i]), -EINVAL);
		named_hook__free(h);
	}
}

static void words(void **state)
{
	struct buffer b = {};

	assert_true(named__is("kprobe:do_unlinkat"));
	assert_true(named__is("t:sched:*"));
	assert_false(named__is("openat"));
	assert_false(named__is("kprobe"));
	named__spell(&b, "k:do_*");
	assert_string_equal(buffer__string(&b), "kprobe:do_*");
	buffer__reset(&b);
	named__spell(&b, "tracepoint:sched_switch");
	assert_string_equal(buffer__string(&b), "tracepoint:*:sched_switch");
	buffer__free(&b);
}

/* Where a word ends, and the file in it; what its function is called. */
static void names_of_programs(void **state)
{
	static const char *const lists[][2] = {
		{"u:f:g(a, b->c),openat", "u:f:g(a, b->c)"},
		{"u:f:n::m<int, long>::g,openat", "u:f:n::m<int, long>::g"},
		{"u:f:n::operator<,openat", "u:f:n::operator<"},
		{"u:f:n::operator()(a, b),openat", "u:f:n::operator()(a, b)"},
		{"u:f:<*,openat", "u:f:<*"},
	};
	static const char *const symbols[][2] = {
		{"_ZN4shop4sellEi", "shop::sell"},
		{"_ZN4shop4sell17h0123456789abcdefE", "shop::sell"},
		{"_RNvCs6GmmlP4bgsG_4shop4sell", "shop::sell"},
		{"_ZN4shop4sellEi.isra.0", "shop::sell.isra.0"},
		{"_ZN4shop5titleB5cxx11Ev", "shop::title"},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(lists); i++)
		assert_int_equal(named__word_size(lists[i][0]), strlen(lists[i][1]));
	for (unsigned int i = 0; i < ARRAY_SIZE(symbols); i++) {
		char *name = demangle(symbols[i][0]);

		assert_string_equal(name, symbols[i][1]);
		free(name);
	}
	assert_null(demangle("main"));
	assert_null(demangle("_Z!"));
	assert_true(is_clone("shop::sell.isra.0"));
	assert_false(is_clone("<T as core..ops>::f"));
	assert_int_equal(binary__file_size("libc:std::f"), strlen("libc"));
	assert_int_equal(binary__file_size("/proc/self/exe:a::b"), strlen("/proc/self/exe"));
	assert_int_equal(binary__file_size("/proc/self/exe"), strlen("/proc/self/exe"));
}

/* A type of a damaged program may have an empty name. */
static void nothing_is_kept(void **state)
{
	struct named_hook *h = named_hook__new();

	assert_string_equal(named_hook__keep(h, NULL, 0), "");
	named_hook__free(h);
}

/* Symbols of a few hundred bytes that stand for more than 2^34 characters: each part is the one
 * before it, twice. */
static void endless_names(void **state)
{
	static const char digits[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	struct buffer rust = {}, plus = {};
	char *name;

	buffer__text(&rust, "_RINvC1a1b");
	for (unsigned int i = 0; i < 40; i++)
		buffer__char(&rust, 'T');
	buffer__char(&rust, 'h');
	for (unsigned int i = 1; i <= 40; i++)
		buffer__printf(&rust, "B%c_E", digits[strlen("INvC1a1b") + 40 - i]);
	buffer__char(&rust, 'E');
	name = demangle(buffer__string(&rust));
	assert_int_equal(strspn(name, "a:b<("), strlen("a::b::<") + 40);
	assert_int_equal(strlen(name), 3999);
	free(name);

	buffer__text(&plus, "_Z1fI1A1PIS0_S0_E");
	for (unsigned int i = 2; i < 36; i++)
		buffer__printf(&plus, "S1_IS%c_S%c_E", digits[i] & ~(i > 9 ? ' ' : 0),
			       digits[i] & ~(i > 9 ? ' ' : 0));
	buffer__text(&plus, "EvT_");
	name = demangle(buffer__string(&plus));
	assert_memory_equal(name, "f<A, P<A, A>, P<P<A, A>, P<A, A> >", 34);
	assert_int_equal(strlen(name), 3999);
	free(name);
	buffer__free(&rust);
	buffer__free(&plus);
}

/* As the kernel that runs has it. */
static void functions(void **state)
{
	struct named_hooks all = {};
	struct probes *probes = NULL;
	struct error err = {};
	const struct named_hook *h;

	assert_int_equal(probes__built_in(&probes, NULL), 0);
	if (!probes__kernel(probes)) {
		probes__free(probes);
		skip();
	}
	assert_int_equal(named__find(&all, "fexit:vfs_read", probes, &err), 0);
	assert_int_equal(named__find(&all, "k:vfs_read", probes, &err), 0);
	assert_int_equal(named__find(&all, "kprobe:vfs_read", probes, &err), 0); /* again */
	assert_int_equal(all.count, 2);
	h = all.list[0];
	assert_string_equal(h->schema.name, "fexit:vfs_read");
	assert_string_equal(h->section, "fexit/vfs_read");
	assert_string_equal(h->program, "named_fexit");
	assert_true(h->schema.flags & SCHEMA_RESULT);
	assert_string_equal(h->fields[0].name, "res");
	assert_int_equal(h->from.fields[0].offsets[0], 32);
	assert_int_equal(field(h, "file")->kind, KIND_file);
	assert_int_equal(from(h, "count")->offsets[0], 16);
	h = all.list[1];
	assert_false(h->schema.flags & SCHEMA_RESULT);
	assert_int_equal(field(h, "file")->offset, 0);
	assert_int_equal(named__find(&all, "k:vfs_readd", probes, &err), -ENOENT);
	assert_non_null(strstr(err.text, "did you mean"));
	assert_int_equal(named__find(&all, "k:", probes, &err), -EINVAL);
	named_hooks__release(&all);
	probes__free(probes);
}

static int choose(struct probes *probes, const char *word, struct named_hooks *all,
		  struct error *err)
{
	*err = (struct error){};
	named_hooks__release(all);
	return named__find(all, word, probes, err);
}

static void members(void **state)
{
	struct named_hooks all = {};
	struct probes *probes = NULL;
	struct error err;
	const struct named_hook *h;

	assert_int_equal(probes__built_in(&probes, NULL), 0);
	if (!probes__kernel(probes)) {
		probes__free(probes);
		skip();
	}
	assert_int_equal(choose(probes,
				"fexit:do_sys_openat2(res, filename, how->flags:x, "
				"filename:x)",
				&all, &err),
			 0);
	h = all.list[0];
	assert_string_equal(h->schema.name, "fexit:do_sys_openat2");
	assert_int_equal(h->schema.count, 4);
	assert_int_equal(field(h, "res")->kind, KIND_long);
	assert_int_equal(h->fields[1].kind, KIND_string);
	assert_int_equal(field(h, "how->flags")->kind, KIND_hex);
	assert_int_equal(from(h, "how->flags")->steps, 1);
	assert_int_equal(from(h, "how->flags")->offsets[0], 16);
	assert_int_equal(from(h, "how->flags")->offsets[1], 0);
	assert_int_equal(from(h, "how->flags")->size, 8);
	assert_int_equal(h->fields[3].kind, KIND_hex);
	/* An array of characters; three arrows; the parts of a union without a name. */
	assert_int_equal(choose(probes, "k:vfs_read(file->f_inode->i_sb->s_id,file->f_path.dentry)",
				&all, &err),
			 0);
	h = all.list[0];
	assert_int_equal(h->fields[0].kind, KIND_string);
	assert_int_equal(h->from.fields[0].what, SONDE_NAMED_STRING);
	assert_int_equal(h->from.fields[0].size, 32);
	assert_int_equal(h->from.fields[0].steps, 3);
	assert_int_equal(h->fields[1].kind, KIND_file);
	assert_int_equal(h->from.fields[1].steps, 1);
	probes__free(probes);
	named_hooks__release(&all);
}

/* Of this very program. */
static void user_functions(void **state)
{
	struct named_hooks all = {};
	struct error err = {};
	const struct named_hook *h;

	assert_int_equal(named__find(&all, "u:/proc/self/exe:main", NULL, &err), 0);
	assert_int_equal(all.count, 1);
	h = all.list[0];
	assert_string_equal(h->schema.name, "uprobe:/proc/self/exe:main");
	assert_true(!strncmp(h->section, "uprobe/", 7) && strstr(h->section, ":0x"));
	assert_string_equal(h->program, "named_kprobe");
	/* With debug information it is known that main() takes nothing here; without it, registers.
	 */
	assert_true(h->schema.count == 6 || h->schema.count == 0);
	assert_int_equal(choose(NULL, "ur:/proc/self/exe:main(res:d)", &all, &err), 0);
	h = all.list[0];
	assert_int_equal(h->schema.count, 1);
	assert_int_equal(field(h, "res")->kind, KIND_long);
	assert_int_equal(choose(NULL, "u:/proc/self/exe:mainn", &all, &err), -ENOENT);
	assert_int_equal(choose(NULL, "u:/no/such/file:main", &all, &err), -ENOENT);
	assert_int_equal(choose(NULL, "u:main", &all, &err), -EINVAL);
	assert_int_equal(choose(NULL, "usdt:/proc/self/exe:x:y", &all, &err), -ENOENT);
	named_hooks__release(&all);
}

#define LONG "f_inode_that_has_a_name_of_fifty_characters_just_so"

static void wrong_members(void **state)
{
	static const char *const wrong[][2] = {
		{"k:vfs_read(file->f_inod)", "there is no member f_inod; did you mean f_inode?"},
		{"k:vfs_read(fil)", "there is no argument fil; did you mean file?"},
		{"k:vfs_read(file.f_inode)", "\"->\" leads to its member"},
		{"k:vfs_read(count->x)", "\".\" leads to its member"},
		{"k:vfs_read(count:z)", "there is no format \"z\""},
		{"k:vfs_read(count", "the closing parenthesis is missing"},
		{"k:vfs_read(count+1)", "is not understood"},
		{"k:vfs_read(file->)", "there is no member"},
		{"k:vfs_read(file->f_inode->i_sb->s_bdev->bd_disk->queue->disk->queue)",
		 "more than 5 arrows"},
		{"k:vfs_read(file->" LONG LONG LONG LONG ")", "more than 199 characters"},
	};
	struct named_hooks all = {};
	struct probes *probes = NULL;
	struct error err;

	assert_int_equal(probes__built_in(&probes, NULL), 0);
	for (unsigned int i = 0; i < ARRAY_SIZE(wrong) && probes__kernel(probes); i++) {
		assert_int_equal(choose(probes, wrong[i][0], &all, &err), -EINVAL);
		if (!strstr(err.text, wrong[i][1]))
			fail_msg("%s: %s", wrong[i][0], err.text);
	}
	named_hooks__release(&all);
	probes__free(probes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(texts),
		cmocka_unit_test(copies_of_arguments),
		cmocka_unit_test(more_than_text),
		cmocka_unit_test(of_system_calls),
		cmocka_unit_test(names_of_values),
		cmocka_unit_test(too_many),
		cmocka_unit_test(no_format),
		cmocka_unit_test(words),
		cmocka_unit_test(names_of_programs),
		cmocka_unit_test(nothing_is_kept),
		cmocka_unit_test(endless_names),
		cmocka_unit_test(functions),
		cmocka_unit_test(members),
		cmocka_unit_test(wrong_members),
		cmocka_unit_test(user_functions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
