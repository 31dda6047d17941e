// SPDX-License-Identifier: Apache-2.0
/*
 * The program that is generated from a filter decides as the terms do: it is run by the kernel on
 * records of all kinds. Skipped where loading programs is not allowed.
 */
#include "fixture.h"
#include "src/filter/generate.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#define RECORD  128 /* the record's place in the scratch */
#define KEPT    11
#define DROPPED 22

static struct field fields[][4] = {
	{{.name = "ret", .kind = KIND_fd, .size = 8},
	 {.name = "flags", .kind = KIND_flags, .size = 8, .offset = 8},
	 {.name = "mode", .kind = KIND_mode, .size = 8, .offset = 16}},
	{{.name = "ret", .kind = KIND_int, .size = 8},
	 {.name = "pid", .kind = KIND_pid, .size = 8, .offset = 8},
	 {.name = "sig", .kind = KIND_signal, .size = 8, .offset = 16}},
	{{.name = "ret", .kind = KIND_size, .size = 8},
	 {.name = "count", .kind = KIND_size, .size = 8, .offset = 8},
	 {.name = "port", .kind = KIND_port, .size = 8, .offset = 16}},
};
static struct schema calls[] = {{.name = "open", .category = "file"},
				{.name = "kill", .category = "signal"},
				{.name = "read", .category = "desc"}};
static const struct schema *list[20];
static const struct schemas schemas = {.list = list, .count = ARRAY_SIZE(list)};

static int scratches = -1, stages = -1, keep = -1, drop = -1;

static int load(const struct bpf_insn *insns, unsigned int count, char *log, size_t log_size)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = log, .log_size = log_size,
		    .log_level = log ? 1 : 0);

	return bpf_prog_load(BPF_PROG_TYPE_SCHED_CLS, "filter_test", "GPL", insns, count, &opts);
}

static int load_return(int value)
{
	struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = value},
		{.code = BPF_JMP | BPF_EXIT},
	};

	return load(insns, ARRAY_SIZE(insns), NULL, 0);
}

static int set_up(void **state)
{
	struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
	uint32_t zero = 0, one = 1;

	for (unsigned int i = 0; i < ARRAY_SIZE(calls); i++) {
		calls[i].flags = SCHEMA_CALL | SCHEMA_RESULT;
		calls[i].id = 16 + i;
		calls[i].fields = fields[i];
		calls[i].count = 3;
		calls[i].fixed = 24;
		list[16 + i] = &calls[i];
	}
	fields[0][1].values = values__find("open");
	setrlimit(RLIMIT_MEMLOCK, &unlimited);
	keep = load_return(KEPT);
	if (keep < 0)
		return 0;
	drop = load_return(DROPPED);
	scratches = bpf_map_create(BPF_MAP_TYPE_ARRAY, "scratches", 4, 512, 256, NULL);
	stages = bpf_map_create(BPF_MAP_TYPE_PROG_ARRAY, "stages", 4, 4, 2, NULL);
	assert_true(drop >= 0 && scratches >= 0 && stages >= 0);
	assert_int_equal(bpf_map_update_elem(stages, &zero, &keep, 0), 0);
	assert_int_equal(bpf_map_update_elem(stages, &one, &drop, 0), 0);
	return 0;
}

static int tear_down(void **state)
{
	int all[] = {scratches, stages, keep, drop};

	for (unsigned int i = 0; i < ARRAY_SIZE(all); i++)
		close_fd(all[i]);
	return 0;
}

static struct filter *compile(const char *words)
{
	struct filter *filter = NULL;
	struct error error = {};

	if (filter__new(words, &schemas, &filter, &error))
		fail_msg("%s", error.text);
	return filter;
}

static int load_filter(const struct filter *filter)
{
	/* Second of two hooks on 64 CPUs. */
	struct filter_stage stage = {.scratches = scratches,
				     .first_index = 64,
				     .record = RECORD,
				     .stages = stages,
				     .keep = 0,
				     .drop = 1};
	struct filter_program program;
	static char log[65536];
	int fd;

	assert_int_equal(filter__generate(filter, &stage, &program), 0);
	fd = load(program.insns, program.count, log, sizeof(log));
	if (fd < 0)
		fail_msg("the kernel refuses the program: %s\n%s", strerror(errno), log);
	filter_program__free(&program);
	return fd;
}

/* What the kernel decides of a record. The CPU that runs it is not known: all of the hook's
 * scratches hold it. */
static bool is_kept(int fd, const struct sonde_record *record, size_t size)
{
	char value[512] = {}, packet[64] = {};
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = packet, .data_size_in = sizeof(packet));

	memcpy(value + RECORD, record, size);
	for (uint32_t i = 64; i < 64 + (uint32_t)sysconf(_SC_NPROCESSORS_CONF) && i < 256; i++)
		assert_int_equal(bpf_map_update_elem(scratches, &i, value, 0), 0);
	assert_int_equal(bpf_prog_test_run_opts(fd, &run), 0);
	assert_true(run.retval == KEPT || run.retval == DROPPED);
	return run.retval == KEPT;
}

static void the_kernel_decides_as_the_terms_say(void **state)
{
	static const char *const filters[] = {
		"evt.type=open",
		"evt.failed",
		"not evt.failed and evt.type in (open, read)",
		"evt.arg.pid < 0 or evt.arg.count > 4",
		"evt.arg.sig in (SIGKILL, SIGTERM, 3) and not evt.arg.pid in (1, -1)",
		"evt.arg.flags contains O_CREAT|O_WRONLY or evt.arg.flags intersects (O_TRUNC, O_EXCL)",
		"evt.res in (ENOENT, EACCES) or evt.res=SUCCESS and evt.arg.mode=0644",
		"evt.res != ENOENT and proc.pid > 5",
		"evt.arg.count >= 0xfffffffffffffff0 or evt.arg.count <= 2",
		"evt.arg.port=65535 or evt.rawres >= -2 and evt.rawres < 3",
		"not evt.latency > 3ns",
		"evt.latency > 3ns and thread.tid != 1",
		"proc.name=cat",
		"evt.type=read and (evt.arg.count=1 and proc.name=x or evt.rawres=1)",
		"evt.arg.flags=O_RDWR|O_CREAT and evt.type=open or evt.type=kill",
	};
	struct {
		struct sonde_record record;
		uint64_t fixed[4];
	} r;
	uint64_t seed = 1;
	unsigned int kept = 0, dropped = 0;

	if (keep < 0)
		skip();
	for (unsigned int i = 0; i < ARRAY_SIZE(filters); i++) {
		struct filter *filter = compile(filters[i]);
		int fd = load_filter(filter);

		for (unsigned int n = 0; n < 300; n++) {
			struct filter_terms terms;
			bool expected;

			memset(&r, 0, sizeof(r));
			for (unsigned int k = 0; k < 4; k++) {
				seed = seed * 6364136223846793005u + 1442695040888963407u;
				r.fixed[k] = seed >> 40 & 1 ? seed >> 60 : -(seed >> 60);
				if (k && !(seed >> 50 & 7))
					r.fixed[k] =
						seed >>
						20; /* rubbish in the upper half of a register */
			}
			r.record.event = 15 + (seed >> 44) % 5;
			r.record.pid = seed >> 33 & 15;
			r.record.tid = seed >> 34 & 3;
			r.record.flags = seed >> 36 & 1 ? SONDE_RECORD_LATENCY : 0;
			filter__kernel_terms(filter, r.record.event, &terms);
			expected = filter__may_match(filter, r.record.event) &&
				   filter_terms__hold(&terms, &r.record);
			if (is_kept(fd, &r.record, sizeof(r)) != expected)
				fail_msg("%s: event %u %llx %llx %llx", filters[i], r.record.event,
					 (unsigned long long)r.fixed[0],
					 (unsigned long long)r.fixed[1],
					 (unsigned long long)r.fixed[2]);
			kept += expected;
			dropped += !expected;
		}
		close(fd);
		filter__free(filter);
	}
	assert_true(kept > 500 && dropped > 500);
}

static void what_an_entry_left_is_kept(void **state)
{
	struct sonde_record r[2] = {{.event = 17, .flags = SONDE_RECORD_ENTRY}};
	struct filter *filter;
	int fd;

	if (keep < 0)
		skip();
	filter = compile("evt.arg.pid=77");
	fd = load_filter(filter);
	assert_true(is_kept(fd, r, sizeof(r)));
	r[0].flags = 0;
	assert_false(is_kept(fd, r, sizeof(r)));
	close(fd);
	filter__free(filter);
}

static void a_filter_of_many_conditions_is_generated(void **state)
{
	struct filter_stage stage = {.record = RECORD};
	struct filter_program program;
	struct buffer words = {};
	struct filter *filter;

	for (unsigned int i = 0; i < 2000; i++)
		buffer__printf(&words, "%sevt.arg.pid != %u", i ? " and " : "", i);
	filter = compile(buffer__string(&words));
	/* What finds no room among the terms is left to user space. */
	assert_int_equal(filter__generate(filter, &stage, &program), 0);
	assert_true(program.count > FILTER_MAX_TERMS && program.count < 10 * FILTER_MAX_TERMS);
	filter_program__free(&program);
	filter__free(filter);
	buffer__free(&words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_kernel_decides_as_the_terms_say),
		cmocka_unit_test(what_an_entry_left_is_kept),
		cmocka_unit_test(a_filter_of_many_conditions_is_generated),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
