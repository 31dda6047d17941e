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
#include "src/probe/view.h"

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
	assert_non_null(strstr(err.text, "sonde probe new kprobe vfs_unlink"));
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
	const struct typed plain = {.btf = btf};

	typed__put(&b, &plain, alias, &data, sizeof(data), false);
	assert_string_equal(buffer__string(&b), "{pid=-5, comm=\"a\\\"b\"}");
	buffer__reset(&b);
	typed__put(&b, &plain, record, &data, sizeof(data), true);
	assert_string_equal(buffer__string(&b), "{\"pid\":-5,\"comm\":\"a\\\"b\"}");
	buffer__reset(&b);
	/* What is missing is 0. */
	typed__put(&b, &plain, record, &data, 4, false);
	assert_string_equal(buffer__string(&b), "{pid=-5, comm=\"\"}");
	buffer__reset(&b);
	/* Of bytes without a type, what may be text. */
	typed__put(&b, &plain, 0, "\1\2abc\0word\0\33[1m", 15, false);
	assert_string_equal(buffer__string(&b), "010261626300776f7264001b5b316d \"word\"");
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

/* Arrays of arrays of nothing, and one that is longer than its bytes. */
static void endless_values(void **state)
{
	struct btf *btf = btf__new_empty();
	int number = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int nothing = btf__add_struct(btf, "nothing", 0);
	int many = btf__add_array(btf, number, nothing, UINT32_MAX);
	int more = btf__add_array(btf, number, many, UINT32_MAX);
	int longer = btf__add_array(btf, number, number, UINT32_MAX);
	const struct typed plain = {.btf = btf};
	const int data[] = {1, -2};
	struct buffer b = {};

	typed__put(&b, &plain, more, data, sizeof(data), true);
	assert_string_equal(buffer__string(&b), "[]");
	buffer__reset(&b);
	typed__put(&b, &plain, longer, data, sizeof(data), true);
	assert_string_equal(buffer__string(&b), "[1,-2]");
	buffer__free(&b);
	btf__free(btf);
}

/* Keys and values as tools have them, with tags. */
struct disk_key {
	uint8_t address[16];
	uint32_t operation;
	int32_t call;
	char disk[8];
};

struct disk_value {
	uint64_t time, hits, misses;
	uint32_t us_hist[8];
};

static int number_type(struct btf *btf, const char *name, size_t size, int encoding)
{
	return btf__add_int(btf, name, size, encoding);
}

static void add_member(struct btf *btf, const char *name, int type, size_t at)
{
	assert_int_equal(btf__add_field(btf, name, type, at * 8, 0), 0);
}

static struct btf *tagged(int *key, int *value, bool drawn)
{
	struct btf *btf = btf__new_empty();
	int u8 = number_type(btf, "unsigned char", 1, 0), u32 = number_type(btf, "int", 4, 0);
	int s32 = number_type(btf, "int", 4, BTF_INT_SIGNED), u64 = number_type(btf, "long", 8, 0);
	int letter = number_type(btf, "char", 1, BTF_INT_SIGNED);
	int address = btf__add_array(btf, u32, u8, 16), text = btf__add_array(btf, u32, letter, 8);
	int slots = btf__add_array(btf, u32, u32, 8);

	*key = btf__add_struct(btf, "disk_key", sizeof(struct disk_key));
	add_member(btf, "address", address, offsetof(struct disk_key, address));
	add_member(btf, "operation", u32, offsetof(struct disk_key, operation));
	add_member(btf, "call", s32, offsetof(struct disk_key, call));
	add_member(btf, "disk", text, offsetof(struct disk_key, disk));
	*value = btf__add_struct(btf, "disk_value", sizeof(struct disk_value));
	add_member(btf, "time", u64, offsetof(struct disk_value, time));
	add_member(btf, "hits", u64, offsetof(struct disk_value, hits));
	add_member(btf, "misses", u64, offsetof(struct disk_value, misses));
	add_member(btf, drawn ? "us_hist" : "numbers", slots, offsetof(struct disk_value, us_hist));
	assert_true(btf__add_decl_tag(btf, "kind:ip", *key, 0) > 0);
	assert_true(btf__add_decl_tag(btf, "kind:enum", *key, 1) > 0);
	assert_true(btf__add_decl_tag(btf, "values:block_operation", *key, 1) > 0);
	assert_true(btf__add_decl_tag(btf, "kind:errno", *key, 2) > 0);
	assert_true(btf__add_decl_tag(btf, "quiet", *key, 2) > 0);
	assert_true(btf__add_decl_tag(btf, "kind:duration", *value, 0) > 0);
	assert_true(btf__add_decl_tag(btf, drawn ? "average:us_hist" : "average:misses", *value,
				      0) > 0);
	assert_true(btf__add_decl_tag(btf, "share:misses", *value, 1) > 0);
	if (!drawn)
		assert_true(btf__add_decl_tag(btf, "detail", *value, 3) > 0);
	return btf;
}

static struct disk_key keys[] = {
	{{[10] = 0xff, [11] = 0xff, [12] = 10, [15] = 1}, 1, 2, "a\033b"},
	{{[0] = 0x20, [1] = 0x01, [15] = 1}, 0, -13, "vda"},
};
static struct disk_value values_of[] = {{4000000, 3, 1, {0, 3, 1}}, {500, 0, 0, {}}};
static struct entry disks[] = {{&keys[0], &values_of[0]}, {&keys[1], &values_of[1]}};

static void tags_of_members(void **state)
{
	struct buffer b = {};
	struct typed types;
	int key, value;
	struct btf *btf = tagged(&key, &value, true);

	assert_int_equal(typed__read(&types, btf), 0);
	typed__put(&b, &types, key, &keys[0], sizeof(keys[0]), false);
	has(&b, "{address=10.0.0.1, operation=REQ_OP_WRITE, call=ENOENT, disk=\"a\\33b\"}");
	buffer__reset(&b);
	typed__put(&b, &types, key, &keys[1], sizeof(keys[1]), true);
	has(&b, "{\"address\":\"2001::1\",\"operation\":\"REQ_OP_READ\",\"call\":\"EACCES\","
		"\"disk\":\"vda\"}");
	buffer__reset(&b);
	/* Bytes that end in the middle of an address. */
	typed__put(&b, &types, key, &keys[1], 2, false);
	has(&b, "{address=2001::, operation=REQ_OP_READ, disk=\"\"}");
	buffer__reset(&b);
	typed__put_members(&b, &types, value, &values_of[0], sizeof(values_of[0]));
	has(&b, "time=4.0 ms, hits=3, misses=1, us_hist=[0, 3, 1, ...]");
	typed__release(&types);
	buffer__free(&b);
	btf__free(btf);
}

static void histograms_by_key(void **state)
{
	struct buffer b = {};
	struct typed types;
	struct view v = {.b = &b,
			 .types = &types,
			 .name = "latency",
			 .key_size = sizeof(keys[0]),
			 .value_size = sizeof(values_of[0]),
			 .entries = disks,
			 .count = 2};
	int key, value;
	struct btf *btf = tagged(&key, &value, true);
	struct disk_key none = {};
	struct entry only = {&none, &values_of[0]};

	assert_int_equal(typed__read(&types, btf), 0);
	v.key_type = key;
	v.value_type = value;
	view__put(&v);
	has(&b, "latency address=10.0.0.1, operation=REQ_OP_WRITE, call=ENOENT, disk=\"a\\33b\"\n"
		"  4 in microseconds: half below 4, all below 8\n"
		"  time 4.0 ms, average 1.0 ms, hits 3, misses 1\n"
		"  [2, 4)                    3 |@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@|\n"
		"  [4, 8)                    1 |@@@@@@@@@@@@@                           |\n"
		"latency address=2001::1");
	buffer__reset(&b);
	v.json = true;
	view__put(&v);
	has(&b, "{\"map\":\"latency\",\"key\":{\"address\":\"10.0.0.1\",\"operation\":"
		"\"REQ_OP_WRITE\",\"call\":\"ENOENT\",\"disk\":\"a\\u001bb\"},\"time\":4000000,"
		"\"hits\":3,\"misses\":1,\"unit\":\"microseconds\",\"histogram\":\"log2\","
		"\"step\":0,\"slots\":[0,3,1]}\n");
	buffer__reset(&b);
	/* A key of zeros is none. */
	v.json = false;
	v.entries = &only;
	v.count = 1;
	view__put(&v);
	has(&b, "latency\n  4 in microseconds");
	typed__release(&types);
	buffer__free(&b);
	btf__free(btf);
}

static void table_with_sums(void **state)
{
	struct buffer b = {};
	struct typed types;
	struct view v = {.b = &b,
			 .types = &types,
			 .name = "disks",
			 .key_size = sizeof(keys[0]),
			 .value_size = sizeof(values_of[0]),
			 .entries = disks,
			 .count = 2,
			 .total = true};
	int key, value;
	struct btf *btf = tagged(&key, &value, false);

	assert_int_equal(typed__read(&types, btf), 0);
	v.key_type = key;
	v.value_type = value;
	assert_int_equal(view__weight(&v, &values_of[0]), 4000000);
	view__put(&v);
	has(&b, "disks: 2 entries\n"
		"  address   operation     call    disk     time  average  hits     %  misses\n"
		"  10.0.0.1  REQ_OP_WRITE  ENOENT  a\\33b  4.0 ms   4.0 ms     3  75.0       1\n"
		"  2001::1   REQ_OP_READ   EACCES  vda    500 ns        -     0     -       0\n"
		"  total                                  4.0 ms   4.0 ms     3  75.0       1\n");
	buffer__reset(&b);
	v.count = 0;
	view__put(&v);
	has(&b, "disks: 0 entries\n");
	buffer__reset(&b);
	v.quiet = true;
	view__put(&v);
	assert_int_equal(b.size, 0);
	typed__release(&types);
	buffer__free(&b);
	btf__free(btf);
}

static void sums(void **state)
{
	struct disk_value sum = values_of[0];
	struct typed types;
	int key, value;
	struct btf *btf = tagged(&key, &value, true);

	assert_int_equal(typed__read(&types, btf), 0);
	typed__add(btf, value, &sum, &values_of[1], sizeof(sum));
	assert_int_equal(sum.time, 4000500);
	typed__subtract(btf, value, &sum, &values_of[0], sizeof(sum));
	assert_memory_equal(&sum, &values_of[1], sizeof(sum));
	typed__release(&types);
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
	buffer__reset(&b);
	drawing__summary(&b, slots, 6, &(struct scale){}, "bytes");
	assert_string_equal(buffer__string(&b), "  7 in bytes: half below 8, all below 32\n");
	buffer__reset(&b);
	drawing__summary(&b, (const uint64_t[]){199, 0, 1}, 3, &(struct scale){}, "");
	assert_string_equal(buffer__string(&b), "  200: 99 % below 2, all below 8\n");
	buffer__reset(&b);
	drawing__summary(&b, slots, 1, &(struct scale){}, "bytes");
	assert_string_equal(buffer__string(&b), "  0\n");
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
		cmocka_unit_test(endless_values),
		cmocka_unit_test(tags_of_members),
		cmocka_unit_test(histograms_by_key),
		cmocka_unit_test(table_with_sums),
		cmocka_unit_test(sums),
		cmocka_unit_test(histogram),
		cmocka_unit_test(since),
		cmocka_unit_test(no_object),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
