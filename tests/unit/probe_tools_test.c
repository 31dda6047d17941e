// SPDX-License-Identifier: Apache-2.0
/* Templates of probes, what is said of a refusal, of types and of damaged ones, and how values and
 * histograms look. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "src/base/buffer.h"
#include "src/kernel/btf_check.h"
#include "src/kernel/refusal.h"
#include "src/probe/drawing.h"
#include "src/probe/inspect.h"
#include "src/probe/sections.h"
#include "src/probe/template.h"
#include "src/probe/typed.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

static void has(struct buffer *b, const char *text)
{
	if (!strstr(buffer__string(b), text))
		fail_msg("no \"%s\" in:\n%s", text, buffer__string(b));
}

/* The catalogue tells what a call's arguments are, on every kernel. */
static void template_of_a_call(void **state)
{
	struct buffer b = {};

	assert_int_equal(probe_template("syscall", "openat", &b, NULL), 0);
	has(&b, "#include <sonde/probe.bpf.h>");
	has(&b, "EVENT(my_openat, mine, \"openat returned\")");
	has(&b, "__s32 dirfd KIND(fd);");
	has(&b, "struct sonde_data pathname KIND(path) FROM_USER;");
	has(&b, "__u32 flags FLAGS(open);");
	has(&b,
	    "SEC(\"tp_btf/sys_exit\")\nint BPF_PROG(on_my_openat, struct pt_regs *regs, long res)");
	has(&b, "e->dirfd = PT_REGS_PARM1_CORE_SYSCALL(regs);");
	has(&b, "(void *)PT_REGS_PARM2_CORE_SYSCALL(regs)");
	has(&b, "return submit(e);");
	has(&b, "SEC(\"license\")");
	buffer__free(&b);
}

static void templates_without_a_target(void **state)
{
	static const struct {
		const char *kind, *target, *text;
	} cases[] = {
		{"xdp", "", "SEC(\"xdp\")\nint packet(struct xdp_md *ctx)"},
		{"tc", "", "SEC(\"tc\")\nint packet_ingress(struct __sk_buff *ctx)"},
		{"perf", "", "ATTACH(\"cpu-clock@49\") int sample(void *ctx)"},
		{"perf", "page-faults", "ATTACH(\"page-faults\")"},
		{"timer", "99", "ATTACH(\"timer@99\") int tick(void *ctx)"},
	};

	for (unsigned int i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct buffer b = {};

		assert_int_equal(probe_template(cases[i].kind, cases[i].target, &b, NULL), 0);
		has(&b, cases[i].text);
		buffer__free(&b);
	}
}

static void no_template(void **state)
{
	struct error err = {};
	struct buffer b = {};

	assert_int_equal(probe_template("trcepoint", "a:b", &b, &err), -EINVAL);
	assert_non_null(strstr(err.text, "did you mean tracepoint?"));
	err = (struct error){};
	assert_int_equal(probe_template("kprobe", "", &b, &err), -EINVAL);
	assert_non_null(strstr(err.text, "sonde probe new kprobe do_unlinkat"));
	assert_int_equal(probe_template("syscall", "no_such_call", &b, NULL), -EINVAL);
	assert_int_equal(b.size, 0);
	buffer__free(&b);
}

static void refusal(void **state)
{
	static const char log[] = "; __u64 *v = lookup(&m, &k); @ mine.bpf.c:7\n"
				  "4: (85) call bpf_map_lookup_elem#1\n"
				  "; *v += 1; @ mine.bpf.c:8\n"
				  "5: (79) r1 = *(u64 *)(r0 +0)\n"
				  "R0 invalid mem access 'map_value_or_null'\n"
				  "processed 6 insns (limit 1000000)\n";
	struct error err = {};

	assert_int_equal(refusal__tell(&err, -EACCES, "mine.bpf.o", "on_exit", log), -EACCES);
	assert_string_equal(
		err.text,
		"mine.bpf.o: the kernel refuses the program on_exit: R0 invalid mem access "
		"'map_value_or_null'\n"
		"    at: *v += 1; @ mine.bpf.c:8\n"
		"    hint: a lookup may find nothing: if (!value) return 0; before it is used");
	err = (struct error){};
	(void)!refusal__tell(&err, -EPERM, "mine.bpf.o", "on_exit",
			     "processed 0 insns (limit 1000000)\n");
	assert_string_equal(
		err.text,
		"mine.bpf.o: the kernel refuses the program on_exit: Operation not permitted");
	assert_non_null(
		strstr(refusal__hint("R2 unbounded memory access, use 'var &= const'"), "bound"));
	assert_non_null(
		strstr(refusal__hint("Unreleased reference id=2 alloc_insn=7"), "discarded"));
	assert_non_null(strstr(refusal__hint("back-edge from insn 9 to 3"), "loops"));
	assert_non_null(strstr(refusal__hint("unknown func bpf_loop#181"), "helper"));
	assert_non_null(strstr(
		refusal__hint("invalid stack: combined stack size of 2 calls is 544."), "512"));
	assert_null(refusal__hint("something new"));
}

/* struct { int pid; char comm[8]; }, and a typedef that can be bent. */
static struct btf *types(int *record, int *alias)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED), text;
	int letter = btf__add_int(btf, "char", 1, BTF_INT_SIGNED);

	text = btf__add_array(btf, number, letter, 8);
	*record = btf__add_struct(btf, "record", 12);
	assert_int_equal(btf__add_field(btf, "pid", number, 0, 0), 0);
	assert_int_equal(btf__add_field(btf, "comm", text, 32, 0), 0);
	*alias = btf__add_typedef(btf, "alias", *record);
	return btf;
}

static void values(void **state)
{
	const struct {
		int pid;
		char comm[8];
	} data = {-5, "a\"b"};
	struct buffer b = {};
	int record, alias;
	struct btf *btf = types(&record, &alias);

	typed__put(&b, btf, alias, &data, sizeof(data), false);
	assert_string_equal(buffer__string(&b), "{pid=-5, comm=\"a\\\"b\"}");
	buffer__reset(&b);
	typed__put(&b, btf, record, &data, sizeof(data), true);
	assert_string_equal(buffer__string(&b), "{\"pid\":-5,\"comm\":\"a\\\"b\"}");
	buffer__reset(&b);
	/* What is missing is 0. */
	typed__put(&b, btf, record, &data, 4, false);
	assert_string_equal(buffer__string(&b), "{pid=-5, comm=\"\"}");
	buffer__free(&b);
	btf__free(btf);
}

static void damaged_types(void **state)
{
	struct error err = {};
	int record, alias;
	struct btf *btf = types(&record, &alias);
	struct btf_type *t = (struct btf_type *)btf__type_by_id(btf, alias);

	assert_int_equal(btf__check(btf, &err), 0);
	t->type = alias; /* itself */
	assert_int_equal(btf__check(btf, &err), -EINVAL);
	assert_non_null(strstr(err.text, "contains itself"));
	t->type = 1000;
	assert_int_equal(btf__check(btf, NULL), -EINVAL);
	t->type = record;
	t->name_off = 0xffffff;
	assert_int_equal(btf__check(btf, NULL), -EINVAL);
	t->name_off = 0;
	/* A struct within itself. */
	btf_members((struct btf_type *)btf__type_by_id(btf, record))[0].type = alias;
	assert_int_equal(btf__check(btf, NULL), -EINVAL);
	btf__free(btf);
}

static void histogram(void **state)
{
	const uint64_t slots[] = {0, 1, 4, 0, 2, 0};
	struct buffer b = {};

	drawing__histogram(&b, slots, 6, &(struct scale){});
	has(&b, "  [2, 4)                    1 |@@@@@@@@@@                              |\n"
		"  [4, 8)                    4 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
		"  [8, 16)                   0 |                                        |\n"
		"  [16, 32)                  2 |@@@@@@@@@@@@@@@@@@@@                    |\n");
	buffer__reset(&b);
	drawing__histogram(&b, slots, 6, &(struct scale){.linear = true, .step = 512});
	has(&b, "[512, 1K) ");
	buffer__free(&b);
}

static void since(void **state)
{
	assert_int_equal(since__helper(BPF_FUNC_ringbuf_output), 508);
	assert_int_equal(since__helper(BPF_FUNC_loop), 517);
	assert_int_equal(since__map(BPF_MAP_TYPE_RINGBUF), 508);
	assert_int_equal(since__program("lsm.s/file_open"), 510);
	assert_int_equal(since__program("?kprobe.multi/vfs_*"), 518);
	assert_int_equal(since__program("no such section"), 0);
	assert_string_equal(helper_name(1), "map_lookup_elem");
}

static void no_object(void **state)
{
	struct error err = {};
	struct buffer b = {};

	assert_int_equal(probe_inspect("/proc/self/exe", false, &b, &err), -EINVAL);
	assert_int_equal(probe_inspect("/dev/null", false, &b, NULL), -EINVAL);
	assert_int_equal(probe_inspect("/no/such/file", false, &b, NULL), -ENOENT);
	assert_int_equal(b.size, 0);
	buffer__free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(template_of_a_call),
		cmocka_unit_test(templates_without_a_target),
		cmocka_unit_test(no_template),
		cmocka_unit_test(refusal),
		cmocka_unit_test(values),
		cmocka_unit_test(damaged_types),
		cmocka_unit_test(histogram),
		cmocka_unit_test(since),
		cmocka_unit_test(no_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
