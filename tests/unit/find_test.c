// SPDX-License-Identifier: Apache-2.0
/* Which hooks does a word find, and what is read of types, formats and ELF files: also of damaged
 * ones? */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/base/buffer.h"
#include "src/kernel/binary.h"
#include "src/kernel/features.h"
#include "src/kernel/find.h"
#include "src/kernel/find_tracefs.h"
#include "src/kernel/type_text.h"

#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A kernel's types, as small as they come. */
struct types {
	struct btf *btf;
	int u32, chars, file, read, trace, callback;
};

static int function(struct types *t, const char *name, int argument, const char *argument_name)
{
	int proto = btf__add_func_proto(t->btf, t->u32);

	if (argument)
		assert_int_equal(btf__add_func_param(t->btf, argument_name, argument), 0);
	return btf__add_func(t->btf, name, BTF_FUNC_STATIC, proto);
}

static void make_types(struct types *t)
{
	int file, structure, proto, nothing;

	t->btf = btf__new_empty();
	assert_non_null(t->btf);
	t->u32 = btf__add_int(t->btf, "unsigned int", 4, 0);
	t->chars = btf__add_ptr(
		t->btf, btf__add_const(t->btf, btf__add_int(t->btf, "char", 1, BTF_INT_SIGNED)));
	structure = btf__add_struct(t->btf, "file", 8);
	file = t->file = btf__add_ptr(t->btf, structure);
	t->read = function(t, "vfs_read", file, "file");
	function(t, "vfs_write", file, "file");
	function(t, "bpf_lsm_file_open", file, "file");
	function(t, "bpf_lsm_init", 0, NULL);
	btf__add_union(t->btf, "security_list_options", 8);
	btf__add_field(t->btf, "file_open", file, 0, 0);
	function(t, "bpf_iter_task", file, "task");
	function(t, "bpf_iter_num_new", file, "it");
	btf__add_struct(t->btf, "bpf_iter__task", 0);
	nothing = btf__add_ptr(t->btf, 0);
	proto = btf__add_func_proto(t->btf, 0);
	btf__add_func_param(t->btf, "", nothing);
	btf__add_func_param(t->btf, "", file);
	t->trace = btf__add_typedef(t->btf, "btf_trace_file_seen", btf__add_ptr(t->btf, proto));
	proto = btf__add_func_proto(t->btf, 0);
	btf__add_func_param(t->btf, "__data", nothing);
	btf__add_func_param(t->btf, "seen", file);
	btf__add_func(t->btf, "__traceiter_file_seen", BTF_FUNC_STATIC, proto);
	proto = btf__add_func_proto(t->btf, t->u32);
	btf__add_func_param(t->btf, "", file);
	t->callback = btf__add_ptr(t->btf, proto);
}

static void declared(const struct types *t, int id, const char *wanted)
{
	struct buffer b = {};

	type__declare(&b, t->btf, id, "x");
	assert_string_equal(buffer__string(&b), wanted);
	buffer__free(&b);
}

static void types_as_c(void **state)
{
	struct types t;
	struct buffer b = {};
	int array, deep;

	make_types(&t);
	declared(&t, 0, "void x");
	declared(&t, t.u32, "unsigned int x");
	declared(&t, t.chars, "const char *x");
	declared(&t, t.file, "struct file *x");
	declared(&t, btf__add_const(t.btf, t.file), "struct file *const x");
	declared(&t, t.callback, "unsigned int (*x)(struct file *)");
	array = btf__add_array(t.btf, t.u32, t.chars, 4);
	declared(&t, array, "const char *x[4]");
	declared(&t, btf__add_ptr(t.btf, array), "const char *(*x)[4]");
	declared(&t, btf__add_struct(t.btf, NULL, 4), "struct {...} x");
	declared(&t, 9999, "? x");
	/* A pointer to itself, and one without end. */
	deep = btf__add_ptr(t.btf, btf__type_cnt(t.btf));
	declared(&t, deep, "? *****************x");
	type__signature(&b, t.btf, t.read, "vfs_read");
	assert_string_equal(buffer__string(&b), "unsigned int vfs_read(struct file *file)");
	buffer__reset(&b);
	type__parameters(&b, t.btf, t.trace, 1);
	assert_string_equal(buffer__string(&b), "(struct file *)");
	assert_null(prototype__of(t.btf, t.u32));
	assert_null(prototype__of(t.btf, deep));
	buffer__free(&b);
	btf__free(t.btf);
}

static void only(const struct types *t, const char *word, enum find_source source,
		 const char *found, const char *detail)
{
	struct found_hooks all = {};
	struct error err = {};

	assert_int_equal(find__word(&all, word, t->btf, &err), 0);
	assert_int_equal(all.count, 1);
	assert_int_equal(all.list[0].source, source);
	assert_string_equal(all.list[0].word, found);
	assert_string_equal(all.list[0].detail, detail);
	found_hooks__release(&all);
}

static void in_types(void **state)
{
	struct found_hooks all = {};
	struct error err = {};
	struct types t;

	make_types(&t);
	only(&t, "kprobe:vfs_read", FIND_FUNCTION, "kprobe:vfs_read",
	     "unsigned int vfs_read(struct file *file)");
	only(&t, "kr:vfs_re*", FIND_FUNCTION, "kretprobe:vfs_read",
	     "unsigned int vfs_read(struct file *file)");
	only(&t, "lsm:*", FIND_LSM, "lsm:file_open", "unsigned int file_open(struct file *file)");
	only(&t, "iter:*", FIND_ITER, "iter:task", "(struct file *task)");
	/* The names of its arguments are those of its caller. */
	only(&t, "rt:*", FIND_RAW_TRACEPOINT, "rawtracepoint:file_seen", "(struct file *seen)");
	assert_int_equal(find__word(&all, "kprobe:vfs_*", t.btf, &err), 0);
	assert_int_equal(find__word(&all, "kprobe:vfs_write", t.btf, &err), 0); /* again */
	assert_int_equal(all.count, 2);
	assert_string_equal(all.list[0].target, "vfs_read");
	assert_string_equal(all.list[1].target, "vfs_write");
	found_hooks__release(&all);
	/* Counted, not kept. */
	all.only_count = true;
	assert_int_equal(find__word(&all, "*", t.btf, &err), 0);
	assert_int_equal(all.count, 0);
	assert_int_equal(all.counts[FIND_LSM], 1);
	assert_int_equal(all.counts[FIND_ITER], 1);
	assert_int_equal(all.counts[FIND_RAW_TRACEPOINT], 1);
	assert_int_equal(all.counts[FIND_FUNCTION], 5);
	found_hooks__release(&all);
	btf__free(t.btf);
}

static void exact_first(void **state)
{
	struct found_hooks all = {.exact_first = true};
	struct error err = {};
	struct types t;

	make_types(&t);
	/* Beside what is found by other words. */
	assert_int_equal(find__word(&all, "kprobe:vfs_read", t.btf, &err), 0);
	function(&t, "vfs_readv", t.file, "file");
	assert_int_equal(find__word(&all, "vfs_write", t.btf, &err), 0);
	assert_int_equal(all.count, 2);
	found_hooks__release(&all);
	all.exact_first = true;
	assert_int_equal(find__word(&all, "vfs_rea", t.btf, &err), 0);
	assert_int_equal(all.count, 2);
	found_hooks__release(&all);
	btf__free(t.btf);
}

static void nothing_found(void **state)
{
	static const struct {
		const char *word, *said;
		int code;
	} cases[] = {
		{"kprobe:vfs_raed", "did you mean kprobe:vfs_read?", -ENOENT},
		{"kprobe:vfs_raed*", "did you mean kprobe:vfs_read?", -ENOENT},
		{"lsm:fileopen", "did you mean lsm:file_open?", -ENOENT},
		{"lsm:vfs_read", "no hook is named lsm:vfs_read", -ENOENT},
		{"kprobe:", "names no hook", -EINVAL},
		{"", "names no hook", -EINVAL},
		{"uprobe:", "names no hook", -EINVAL},
		{"uprobe::x", "missing behind the colon", -EINVAL},
		{"uprobe:lib*:x", "not a pattern", -EINVAL},
		{"uprobe:/nonexistent:x", "/nonexistent: No such file", -ENOENT},
		{"uprobe:/etc/passwd:x", "not a program", -EINVAL},
		{"usdt:/dev/null", "not a program", -EINVAL},
		{"usdt:/tmp", "not a program", -EINVAL},
		{"uprobe:nosuchlibrary:x", "no library and no program nosuchlibrary", -ENOENT},
		{"uprobe:4194999:x", "there is no process 4194999", -ENOENT},
	};
	struct types t;

	make_types(&t);
	for (unsigned int i = 0; i < ARRAY_SIZE(cases); i++) {
		struct found_hooks all = {};
		struct error err = {};

		assert_int_equal(find__word(&all, cases[i].word, t.btf, &err), cases[i].code);
		if (!strstr(err.text, cases[i].said))
			fail_msg("%s: %s", cases[i].word, err.text);
		assert_int_equal(all.count, 0);
		found_hooks__release(&all);
	}
	btf__free(t.btf);
}

static void offers(void **state)
{
	struct features can = {};
	struct buffer b = {};
	struct types t;

	make_types(&t);
	assert_int_equal(find__offer(&b, "vfs_write", t.btf, &can), OFFER_EXACT);
	assert_string_equal(buffer__string(&b), "fexit:vfs_write");
	buffer__reset(&b);
	assert_int_equal(find__offer(&b, "vfs_wriet", t.btf, &can), OFFER_NEAR);
	assert_non_null(strstr(buffer__string(&b), "fexit:vfs_write"));
	/* Only what can be attached. */
	can.list[FEATURE_FEXIT].state = FEATURE_MISSING;
	buffer__reset(&b);
	assert_int_equal(find__offer(&b, "vfs_write", t.btf, &can), OFFER_EXACT);
	assert_string_equal(buffer__string(&b), "kprobe:vfs_write");
	buffer__reset(&b);
	assert_int_equal(find__offer(&b, "vfs_wriet", t.btf, &can), OFFER_NEAR);
	assert_non_null(strstr(buffer__string(&b), "kprobe:vfs_write"));
	assert_null(strstr(buffer__string(&b), "fexit:"));
	can.list[FEATURE_KPROBE].state = FEATURE_MISSING;
	buffer__reset(&b);
	assert_int_equal(find__offer(&b, "vfs_write", t.btf, &can), OFFER_NONE);
	assert_int_equal(b.size, 0);
	assert_int_equal(find__offer(&b, "vfs_wriet", t.btf, &can), OFFER_NEAR);
	assert_null(strstr(buffer__string(&b), "vfs_write"));
	buffer__free(&b);
	btf__free(t.btf);
}

static void formats(void **state)
{
	static const char text[] =
		"name: x\nformat:\n\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n\n"
		"\tfield:char rwbs[10];\toffset:8;\tsize:10;\tsigned:0;\n"
		"\tfield:__data_loc char[] cmd;\toffset:20;\tsize:4;\tsigned:1;\n"
		"\tfield:const char * name;\toffset:24;\tsize:8;\tsigned:0;\n"
		"\nprint fmt: \"\tfield:int no;\toffset:1;\tsize:1;\tsigned:0;\"\n";
	static const char *const damaged[] = {
		"",
		"\tfield:",
		"\tfield:int x",
		"\tfield:;",
		"\tfield:int x;\toffset:z;",
		"\tfield:];\toffset:1;\tsize:1;",
	};
	struct tracepoint_field f;
	const char *at = text;

	assert_true(tracepoint__next_field(&at, &f));
	assert_memory_equal(f.declaration, "char rwbs[10];", f.size + 1);
	assert_memory_equal(f.name, "rwbs[", f.name_size + 1);
	assert_int_equal(f.offset, 8);
	assert_int_equal(f.bytes, 10);
	assert_false(f.is_signed);
	assert_true(tracepoint__next_field(&at, &f));
	assert_memory_equal(f.name, "cmd;", f.name_size + 1);
	assert_true(f.is_signed);
	assert_true(tracepoint__next_field(&at, &f));
	assert_memory_equal(f.name, "name;", f.name_size + 1);
	assert_false(tracepoint__next_field(&at, &f));
	for (unsigned int i = 0; i < ARRAY_SIZE(damaged); i++) {
		at = damaged[i];
		assert_false(tracepoint__next_field(&at, &f));
	}
}

static void arguments(void **state)
{
	const char *at = "-4@%edi 8@-20(%rbp) 8f@%xmm0 1@[sp, 16] 8@$5 4 x";
	struct usdt_argument a;

	assert_true(usdt__next_argument(&at, &a));
	assert_int_equal(a.size, -4);
	assert_memory_equal(a.place, "%edi ", a.place_size + 1);
	assert_true(usdt__next_argument(&at, &a));
	assert_memory_equal(a.place, "-20(%rbp) ", a.place_size + 1);
	assert_false(a.is_float);
	assert_true(usdt__next_argument(&at, &a));
	assert_true(a.is_float);
	assert_int_equal(a.size, 8);
	assert_true(usdt__next_argument(&at, &a));
	assert_memory_equal(a.place, "[sp, 16] ", a.place_size + 1);
	assert_true(usdt__next_argument(&at, &a));
	assert_int_equal(a.place_size, 2);
	assert_false(usdt__next_argument(&at, &a));
	for (unsigned int i = 0; i < 4; i++) {
		static const char *const damaged[] = {"", "@", "4@", "((((((4@x"};

		at = damaged[i];
		assert_false(usdt__next_argument(&at, &a));
	}
}

/* This program's own probe, as the linker of any C library finds it. */
int moment(int value);
__attribute__((noinline)) int moment(int value)
{
	__asm__ volatile("990: nop\n"
			 ".pushsection .note.stapsdt, \"\", \"note\"\n"
			 ".balign 4\n"
			 ".4byte 992f - 991f, 994f - 993f, 3\n"
			 "991: .asciz \"stapsdt\"\n"
			 "992: .balign 4\n"
			 "993: .8byte 990b, _.stapsdt.base, 0\n"
			 ".asciz \"sonde\"\n.asciz \"moment\"\n.asciz \"-4@%%edi 8@$5\"\n"
			 "994: .balign 4\n"
			 ".popsection\n"
			 ".pushsection .stapsdt.base, \"aG\", \"progbits\", .stapsdt.base, comdat\n"
			 ".weak _.stapsdt.base\n.hidden _.stapsdt.base\n"
			 "_.stapsdt.base: .space 1\n"
			 ".popsection\n" ::"r"(value));
	return value;
}

static void in_program(void **state)
{
	struct found_hooks all = {};
	struct error err = {};
	uint64_t function;
	char word[64];

	assert_int_equal(moment(1), 1);
	assert_int_equal(find__word(&all, "uprobe:/proc/self/exe:moment", NULL, &err), 0);
	assert_int_equal(all.count, 1);
	assert_string_equal(all.list[0].word, "uprobe:/proc/self/exe:moment");
	function = all.list[0].place;
	found_hooks__release(&all);
	assert_int_equal(find__word(&all, "usdt:/proc/self/exe", NULL, &err), 0);
	assert_int_equal(all.count, 1);
	assert_string_equal(all.list[0].word, "usdt:/proc/self/exe:sonde:moment");
	assert_string_equal(all.list[0].detail, "-4@%edi 8@$5");
	assert_in_range(all.list[0].place, function, function + 64);
	assert_int_equal(all.list[0].semaphore, 0);
	found_hooks__release(&all);
	assert_int_equal(find__word(&all, "usdt:/proc/self/exe:moment", NULL, &err), 0);
	assert_int_equal(find__word(&all, "usdt:/proc/self/exe:sonde:m*", NULL, &err), 0);
	assert_int_equal(all.count, 1);
	found_hooks__release(&all);
	assert_int_equal(find__word(&all, "usdt:/proc/self/exe:momnet", NULL, &err), -ENOENT);
	assert_non_null(strstr(err.text, "did you mean usdt:/proc/self/exe:sonde:moment?"));
	/* By pid: all that it executes. */
	snprintf(word, sizeof(word), "uprobe:%d:moment", getpid());
	assert_int_equal(find__word(&all, word, NULL, &err), 0);
	assert_int_equal(all.count, 1);
	assert_int_equal(all.list[0].place, function);
	snprintf(word, sizeof(word), "uprobe:%d:cmocka_set_message_output", getpid());
	assert_int_equal(find__word(&all, word, NULL, &err), 0);
	assert_int_equal(all.count, 2);
	found_hooks__release(&all);
	assert_int_equal(find__word(&all, "uprobe:libc:getaddrinfo", NULL, &err), 0);
	assert_non_null(strstr(all.list[0].word, "/libc.so.6:getaddrinfo"));
	found_hooks__release(&all);
}

static void touch_symbol(void *context, const struct binary_symbol *s)
{
	*(size_t *)context += strlen(s->name);
}

static void touch_probe(void *context, const struct binary_probe *p)
{
	struct usdt_argument a;
	const char *at = p->arguments;

	*(size_t *)context += strlen(p->name) + strlen(p->provider);
	while (usdt__next_argument(&at, &a))
		*(size_t *)context += a.place_size;
}

/* Wherever a byte is another one, or the file ends: never a crash, and other files are found again.
 */
static void damaged(void **state)
{
	size_t seen = 0;
	struct binary_reader reader = {touch_symbol, touch_probe, &seen};
	char path[] = "/tmp/sonde-find-XXXXXX", *content;
	int own = open("/proc/self/exe", O_RDONLY), fd = mkstemp(path);
	uint64_t random = 88172645463325252ull, headers, sections;
	uint16_t count;
	struct stat s;

	assert_true(own >= 0 && fd >= 0 && !fstat(own, &s));
	content = malloc(s.st_size);
	assert_int_equal(read(own, content, s.st_size), s.st_size);
	assert_int_equal(write(fd, content, s.st_size), s.st_size);
	assert_int_equal(binary__read(path, &reader, NULL), 0);
	assert_true(seen > 1000);
	memcpy(&headers, content + 32, 8);
	memcpy(&sections, content + 40, 8);
	memcpy(&count, content + 60, 2);
	for (unsigned int i = 0; i < 600; i++) {
		/* The heads of file, segments and sections, and all that is near the notes. */
		const uint64_t from[] = {0, headers, sections}, room[] = {64, 56 * 8, 64 * count};
		uint64_t at;
		char byte;

		random ^= random << 13, random ^= random >> 7, random ^= random << 17;
		at = from[i % 3] + random % room[i % 3];
		byte = random >> 40;
		assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		(void)!binary__read(path, &reader, NULL);
		if (i % 4 == 3) /* a few at once */
			assert_int_equal(pwrite(fd, content, s.st_size, 0), s.st_size);
	}
	for (off_t size = s.st_size; size > 0; size = size * 2 / 3) {
		assert_int_equal(ftruncate(fd, size), 0);
		(void)!binary__read(path, &reader, NULL);
	}
	close(own);
	close(fd);
	unlink(path);
	free(content);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_as_c),  cmocka_unit_test(in_types),
		cmocka_unit_test(exact_first), cmocka_unit_test(nothing_found),
		cmocka_unit_test(offers),      cmocka_unit_test(formats),
		cmocka_unit_test(arguments),   cmocka_unit_test(in_program),
		cmocka_unit_test(damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
