/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which hooks and helpers does this kernel have? Loads programs that return 0, and attaches them
 * where nothing runs.
 */
#include "feature_try.h"
#include "kprobe.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

/* Runs when the OOM killer has chosen; a tracepoint that every kernel has. */
#define QUIET_TRACEPOINT "mark_victim"
/* Runs on PTRACE_TRACEME only. */
#define QUIET_FUNCTION "security_ptrace_traceme"
#define QUIET_LSM_HOOK "ptrace_traceme"

static const struct bpf_insn return_0[] = {
	{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
	{.code = BPF_JMP | BPF_EXIT},
};

/* What a program of this kind is attached to, in the kernel's BTF; negative: it is not there. */
static int btf_id(const struct feature_try *t, enum bpf_attach_type attach, const char *name)
{
	const char *prefix = attach == BPF_TRACE_RAW_TP ? "btf_trace_"
			     : attach == BPF_LSM_MAC    ? "bpf_lsm_"
			     : attach == BPF_TRACE_ITER ? "bpf_iter_"
							: "";
	char full[100];

	snprintf(full, sizeof(full), "%s%s", prefix, name);
	if (!t->btf)
		return -ENOENT;
	return btf__find_by_name_kind(
		t->btf, full, attach == BPF_TRACE_RAW_TP ? BTF_KIND_TYPEDEF : BTF_KIND_FUNC);
}

static void could_not_try(struct feature_try *t)
{
	feature__set(t, FEATURE_UNKNOWN,
		     may_trace() ? "could not be tried: %s" : "only root can try it",
		     strerror(errno));
}

/*
 * Whether a program of the kind that sonde uses may call a helper: the verifier says so before
 * it looks at arguments.
 */
static void probe_helper(struct feature_try *t, int helper)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_JMP | BPF_CALL, .imm = helper},
		{.code = BPF_JMP | BPF_EXIT},
	};
	char log[4096] = "";
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_level = 1, .log_buf = log,
		    .log_size = sizeof(log), .expected_attach_type = BPF_TRACE_RAW_TP);
	__cleanup(fd) int fd = -1;
	int id = btf_id(t, BPF_TRACE_RAW_TP, QUIET_TRACEPOINT);

	if (id < 0) {
		feature__set(t, FEATURE_UNKNOWN, "could not be tried without BTF");
		return;
	}
	opts.attach_btf_id = id;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, NULL, "GPL", insns, ARRAY_SIZE(insns), &opts);
	if (fd >= 0) {
		t->result->state = FEATURE_OK;
	} else if (!log[0]) {
		could_not_try(t);
	} else if (strstr(log, "invalid func") || strstr(log, "unknown func") ||
		   strstr(log, "cannot use helper")) {
		feature__set(t, FEATURE_LESSER, "this kernel's programs do not have it");
	} else {
		t->result->state = FEATURE_OK;
	}
}

void probe_ringbuf(struct feature_try *t)
{
	__cleanup(fd) int fd =
		bpf_map_create(BPF_MAP_TYPE_RINGBUF, "sonde_try", 0, 0, getpagesize(), NULL);

	if (fd >= 0)
		t->result->state = FEATURE_OK;
	else
		feature__refused(t, "creating a ring", errno);
}

void probe_task_storage(struct feature_try *t)
{
	probe_helper(t, BPF_FUNC_task_storage_get);
	if (t->result->state != FEATURE_LESSER)
		return;
	feature__set(t, FEATURE_LESSER,
		     "what is known of a process is kept in a hash of limited size instead");
	feature__help(t, "Linux 5.13 or newer");
}

void probe_boot_clock(struct feature_try *t)
{
	probe_helper(t, BPF_FUNC_ktime_get_boot_ns);
}

void probe_task_pt_regs(struct feature_try *t)
{
	probe_helper(t, BPF_FUNC_task_pt_regs);
	if (t->result->state != FEATURE_LESSER)
		return;
	feature__set(t, FEATURE_LESSER,
		     "the present call of a thread is read from its stack instead");
	feature__help(t, "Linux 5.15 or newer");
}

void probe_recursion_misses(struct feature_try *t)
{
	__cleanup(fd) int fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, NULL, "GPL", return_0,
					     ARRAY_SIZE(return_0), NULL);
	struct bpf_prog_info found = {};
	__u32 size = sizeof(found);

	if (fd < 0 || bpf_obj_get_info_by_fd(fd, &found, &size)) {
		could_not_try(t);
	} else if (size >= offsetof(struct bpf_prog_info, recursion_misses) +
				   sizeof(found.recursion_misses)) {
		t->result->state = FEATURE_OK;
	} else {
		feature__set(t, FEATURE_LESSER,
			     "the ledger says \"unknown\" where the kernel skipped a program");
		feature__help(t, "Linux 5.12 or newer");
	}
}

/* Loads an empty program; negative errno. */
static int load(enum bpf_prog_type type, enum bpf_attach_type attach, int btf_id)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .expected_attach_type = attach,
		    .attach_btf_id = btf_id);
	int fd = bpf_prog_load(type, "sonde_try", "GPL", return_0, ARRAY_SIZE(return_0), &opts);

	return fd < 0 ? -errno : fd;
}

/*
 * Programs that are attached by the BTF id of what they hook: tp_btf, fentry, fexit, fmod_ret,
 * lsm.
 */
static void probe_btf_hook(struct feature_try *t, enum bpf_prog_type type,
			   enum bpf_attach_type attach, const char *name)
{
	int id = btf_id(t, attach, name);
	__cleanup(fd) int program = -1;
	__cleanup(fd) int link = -1;

	if (!t->btf) {
		feature__set(t, FEATURE_UNKNOWN, "could not be tried without BTF");
		return;
	}
	if (id < 0) {
		feature__refused(t, "the kernel's BTF does not name it", 0);
		return;
	}
	program = load(type, attach, id);
	if (program < 0) {
		feature__refused(t, "the program is refused", program);
		return;
	}
	link = bpf_raw_tracepoint_open(NULL, program);
	if (link < 0)
		feature__refused(t, "attaching is refused", errno);
	else
		t->result->state = FEATURE_OK;
}

void probe_tp_btf(struct feature_try *t)
{
	probe_btf_hook(t, BPF_PROG_TYPE_TRACING, BPF_TRACE_RAW_TP, QUIET_TRACEPOINT);
	if (t->result->state == FEATURE_OK && btf_id(t, BPF_TRACE_RAW_TP, "sys_exit") < 0) {
		feature__set(t, FEATURE_MISSING,
			     "this kernel has no tracepoint sys_exit: no system calls can be seen");
		feature__help(t, "a kernel with CONFIG_FTRACE_SYSCALLS");
	}
}

void probe_fentry(struct feature_try *t)
{
	probe_btf_hook(t, BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY, QUIET_FUNCTION);
}

void probe_fexit(struct feature_try *t)
{
	probe_btf_hook(t, BPF_PROG_TYPE_TRACING, BPF_TRACE_FEXIT, QUIET_FUNCTION);
}

void probe_fmod_ret(struct feature_try *t)
{
	probe_btf_hook(t, BPF_PROG_TYPE_TRACING, BPF_MODIFY_RETURN, QUIET_FUNCTION);
}

/*
 * An LSM program attaches without an error, and never fires, where "bpf" is not among the active
 * ones.
 */
void probe_lsm(struct feature_try *t)
{
	char text[300];

	probe_btf_hook(t, BPF_PROG_TYPE_LSM, BPF_LSM_MAC, QUIET_LSM_HOOK);
	if (t->result->state != FEATURE_OK)
		return;
	if (read_line("/sys/kernel/security/lsm", text, sizeof(text))) {
		feature__set(t, FEATURE_UNKNOWN,
			     "/sys/kernel/security/lsm cannot be read, which would say whether it "
			     "is active");
		feature__help(t, "mount -t securityfs securityfs /sys/kernel/security");
	} else if (!strstr(text, "bpf")) {
		feature__set(t, FEATURE_MISSING, "bpf is not among the active security modules: %s",
			     text);
		feature__help(t, "booting with lsm=%.150s,bpf", text);
	}
}

void probe_raw_tp(struct feature_try *t)
{
	__cleanup(fd) int program = load(BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0);
	__cleanup(fd) int link =
		program < 0 ? -1 : bpf_raw_tracepoint_open(QUIET_TRACEPOINT, program);

	if (link < 0)
		feature__refused(t, "attaching is refused", program < 0 ? program : errno);
	else
		t->result->state = FEATURE_OK;
}

void probe_iter_task(struct feature_try *t)
{
	int id = btf_id(t, BPF_TRACE_ITER, "task");
	__cleanup(fd) int program = id < 0 ? id : load(BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER, id);
	__cleanup(fd) int link =
		program < 0 ? -1 : bpf_link_create(program, 0, BPF_TRACE_ITER, NULL);

	if (link >= 0) {
		t->result->state = FEATURE_OK;
		return;
	}
	if (!t->btf) {
		feature__set(t, FEATURE_UNKNOWN, "could not be tried without BTF");
		return;
	}
	feature__refused(t, "attaching is refused", program < 0 ? program : errno);
	if (t->result->state == FEATURE_MISSING)
		t->result->state = FEATURE_LESSER;
}

/* Opens a perf event and hands it an empty program. */
static void probe_perf(struct feature_try *t, struct perf_event_attr *attr, int pid, int cpu,
		       enum bpf_prog_type type)
{
	__cleanup(fd) int event = -1;
	__cleanup(fd) int program = load(type, 0, 0);

	attr->size = sizeof(*attr);
	attr->disabled = 1;
	if (program < 0) {
		feature__refused(t, "the program is refused", program);
		return;
	}
	event = syscall(SYS_perf_event_open, attr, pid, cpu, -1, PERF_FLAG_FD_CLOEXEC);
	if (event < 0)
		feature__refused(t, "opening the event is refused", errno);
	else if (ioctl(event, PERF_EVENT_IOC_SET_BPF, program))
		feature__refused(t, "attaching is refused", errno);
	else
		t->result->state = FEATURE_OK;
}

static int event_source(const char *name)
{
	char path[100], text[16];
	int r;

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type", name);
	r = read_line(path, text, sizeof(text));
	return r ? r : atoi(text);
}

static void probe_source(struct feature_try *t, const char *source, const char *target,
			 uint64_t config)
{
	/* uprobe: offset 0 of our own file, which is never executed. */
	struct perf_event_attr attr = {.config = config, .config1 = (uintptr_t)target};
	int type = event_source(source);

	if (type < 0) {
		feature__refused(t, "the kernel has no such event source", 0);
		return;
	}
	attr.type = type;
	probe_perf(t, &attr, -1, 0, BPF_PROG_TYPE_KPROBE);
}

void probe_kprobe(struct feature_try *t)
{
	probe_source(t, "kprobe", QUIET_FUNCTION, 0);
}

void probe_kretprobe(struct feature_try *t)
{
	probe_source(t, "kprobe", QUIET_FUNCTION, 1);
}

void probe_uprobe(struct feature_try *t)
{
	probe_source(t, "uprobe", "/proc/self/exe", 0);
}

void probe_kprobe_multi(struct feature_try *t)
{
	const char *symbol = QUIET_FUNCTION;
	LIBBPF_OPTS(bpf_link_create_opts, opts, .kprobe_multi.syms = &symbol,
		    .kprobe_multi.cnt = 1);
	__cleanup(fd) int program = load(BPF_PROG_TYPE_KPROBE, BPF_TRACE_KPROBE_MULTI, 0);
	__cleanup(fd) int link =
		program < 0 ? -1 : bpf_link_create(program, 0, BPF_TRACE_KPROBE_MULTI, &opts);

	if (link < 0)
		feature__refused(t, "attaching is refused", program < 0 ? program : errno);
	else
		t->result->state = FEATURE_OK;
}

void probe_uprobe_multi(struct feature_try *t)
{
	/* Our own file's header, which is never executed. */
	const uint64_t place = 0;
	const struct uprobe_places places = {"/proc/self/exe", &place, NULL, NULL, 1};
	__cleanup(fd) int program = load(BPF_PROG_TYPE_KPROBE, UPROBE_MULTI, 0);
	__cleanup(fd) int link =
		program < 0 ? program : uprobe__attach_many(program, &places, false);

	if (link < 0)
		feature__refused(t, "attaching is refused", link);
	else
		t->result->state = FEATURE_OK;
}

void probe_tracepoint(struct feature_try *t)
{
	static const char *const paths[] = {
		"/sys/kernel/tracing/events/oom/" QUIET_TRACEPOINT "/id",
		"/sys/kernel/debug/tracing/events/oom/" QUIET_TRACEPOINT "/id"};
	struct perf_event_attr attr = {.type = PERF_TYPE_TRACEPOINT};
	char text[16];

	if (read_line(paths[0], text, sizeof(text)) && read_line(paths[1], text, sizeof(text))) {
		if (!may_trace()) {
			feature__refused(t, "", EPERM);
			return;
		}
		feature__set(t, FEATURE_MISSING, "tracefs is not mounted");
		feature__help(t, "mount -t tracefs tracefs /sys/kernel/tracing");
		return;
	}
	attr.config = atoi(text);
	probe_perf(t, &attr, -1, 0, BPF_PROG_TYPE_TRACEPOINT);
}

/* Kernels that cannot tell the program which of its attachments it runs for know no such link; the
 * others miss the event first. */
void probe_tracepoint_multi(struct feature_try *t)
{
	__cleanup(fd) int program = load(BPF_PROG_TYPE_TRACEPOINT, 0, 0);
	int link = program < 0 ? program : bpf_link_create(program, -1, BPF_PERF_EVENT, NULL);

	if (link == -EBADF) {
		t->result->state = FEATURE_OK;
		return;
	}
	feature__refused(t, "attaching is refused", link);
	if (program >= 0)
		feature__help(t, "Linux 5.15 or newer");
}

void probe_perf_event(struct feature_try *t)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
				       .config = PERF_COUNT_SW_CPU_CLOCK,
				       .sample_period = 1000000000};

	probe_perf(t, &attr, 0, -1, BPF_PROG_TYPE_PERF_EVENT);
}
