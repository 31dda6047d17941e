/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of features, and what is asked of the machine itself; features_hooks.c tries the
 * kernel's hooks.
 */
#include "feature_try.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <zlib.h>

#ifndef CAP_PERFMON
#define CAP_PERFMON 38
#endif
#ifndef CAP_BPF
#define CAP_BPF 39
#endif

#define BTF_PATH "/sys/kernel/btf/vmlinux"

typedef void (*probe_fn)(struct feature_try *t);

void feature__set(struct feature_try *t, enum feature_state state, const char *why, ...)
{
	va_list args;

	t->result->state = state;
	va_start(args, why);
	vsnprintf(t->result->why, sizeof(t->result->why), why, args);
	va_end(args);
}

void feature__help(struct feature_try *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(t->result->help, sizeof(t->result->help), fmt, args);
	va_end(args);
}

/* libbpf's own messages are for those who write programs. */
static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return 0;
}

int read_line(const char *path, char *text, size_t size)
{
	__cleanup(fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -errno;
	n = read(fd, text, size - 1);
	if (n < 0)
		return -errno;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return 0;
}

char features__config(const char *option)
{
	struct utsname u;
	char path[200], line[400], found = 'n';
	gzFile file;

	/* gzopen() reads plain files as they are. */
	file = gzopen("/proc/config.gz", "re");
	if (!file && !uname(&u)) {
		snprintf(path, sizeof(path), "/boot/config-%s", u.release);
		file = gzopen(path, "re");
	}
	if (!file)
		return '?';
	while (gzgets(file, line, sizeof(line))) {
		size_t size = strlen(option);

		if (!strncmp(line, option, size) && line[size] == '=') {
			found = line[size + 1];
			break;
		}
	}
	gzclose(file);
	return found;
}

void feature__refused(struct feature_try *t, const char *what, int error)
{
	error = error < 0 ? -error : error;
	if ((error == EPERM || error == EACCES) && !may_trace()) {
		feature__set(t, FEATURE_UNKNOWN, "only root can try it");
		return;
	}
	if (error)
		feature__set(t, FEATURE_MISSING, "%s: %s", what, strerror(error));
	else
		feature__set(t, FEATURE_MISSING, "%s", what);
	if (t->info->config && features__config(t->info->config) == 'n')
		feature__help(t, "a kernel with %s", t->info->config);
	else if (error == EPERM || error == EACCES)
		feature__help(t, "a security policy that allows it; the rights are there");
	else if (t->info->config && features__config(t->info->config) == '?')
		feature__help(t, "perhaps a kernel with %s", t->info->config);
}

static int kernel_version(char *release, size_t size)
{
	unsigned int major = 0, minor = 0;
	struct utsname u;

	if (uname(&u))
		return -errno;
	snprintf(release, size, "%.*s", (int)size - 1, u.release);
	sscanf(u.release, "%u.%u", &major, &minor);
	return major * 1000 + minor;
}

static void probe_kernel(struct feature_try *t)
{
	int version = kernel_version(t->result->value, sizeof(t->result->value));

	if (version >= 5010) {
		t->result->state = FEATURE_OK;
		return;
	}
	feature__set(t, FEATURE_MISSING, "too old: sonde reads what kernels tell from 5.10 on");
	feature__help(t, "Linux 5.10 or newer");
}

static void probe_btf(struct feature_try *t)
{
	if (!access(BTF_PATH, R_OK)) {
		snprintf(t->result->value, sizeof(t->result->value), "%s", BTF_PATH);
		t->result->state = FEATURE_OK;
		return;
	}
	if (errno == ENOENT) {
		feature__set(t, FEATURE_MISSING,
			     "there is no " BTF_PATH ": the kernel does not describe its types");
		feature__help(t, "a kernel with CONFIG_DEBUG_INFO_BTF%s",
			      access("/sys/kernel", F_OK) ? ", and /sys mounted" : "");
	} else {
		feature__set(t, FEATURE_MISSING, BTF_PATH ": %s", strerror(errno));
	}
}

/* Effective capabilities as a bitmap. */
static uint64_t capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {};

	if (syscall(SYS_capget, &header, data))
		return 0;
	return data[0].effective | (uint64_t)data[1].effective << 32;
}

/* Says which are missing; "" when none. CAP_SYS_ADMIN stands for both. */
static void missing_capabilities(char *text, size_t size)
{
	uint64_t caps = capabilities();
	bool admin = caps >> CAP_SYS_ADMIN & 1;
	bool bpf = admin || caps >> CAP_BPF & 1, perfmon = admin || caps >> CAP_PERFMON & 1;

	snprintf(text, size, "%s%s%s", bpf ? "" : "CAP_BPF", bpf || perfmon ? "" : ", ",
		 perfmon ? "" : "CAP_PERFMON");
}

/*
 * Capabilities count only in the initial user namespace: the map of ids is the whole range
 * there.
 */
static bool in_user_namespace(void)
{
	char text[100];
	unsigned long long inside, outside, count;

	return !read_line("/proc/self/uid_map", text, sizeof(text)) &&
	       sscanf(text, "%llu %llu %llu", &inside, &outside, &count) == 3 &&
	       count != 4294967295ull;
}

bool may_trace(void)
{
	char text[64];

	missing_capabilities(text, sizeof(text));
	return !text[0] && !in_user_namespace();
}

static void probe_capabilities(struct feature_try *t)
{
	char text[64];

	missing_capabilities(text, sizeof(text));
	if (text[0]) {
		feature__set(t, FEATURE_MISSING, "%s missing", text);
		feature__help(t, "root: sudo sonde doctor");
	} else if (in_user_namespace()) {
		feature__set(t, FEATURE_MISSING,
			     "this is a user namespace: its capabilities do not reach BPF");
		feature__help(t, "root of the machine, not of the container");
	} else {
		t->result->state = FEATURE_OK;
		snprintf(t->result->value, sizeof(t->result->value), "CAP_BPF, CAP_PERFMON");
	}
}

static void probe_lockdown(struct feature_try *t)
{
	char text[100];

	t->result->state = FEATURE_OK;
	if (read_line("/sys/kernel/security/lockdown", text, sizeof(text)) ||
	    strstr(text, "[none]")) {
		snprintf(t->result->value, sizeof(t->result->value), "none");
	} else if (strstr(text, "[integrity]")) {
		snprintf(t->result->value, sizeof(t->result->value), "integrity");
	} else {
		feature__set(t, FEATURE_MISSING,
			     "the kernel is locked down for confidentiality: BPF may not read its "
			     "memory");
		feature__help(t, "booting with lockdown=integrity or none");
	}
}

static void probe_jit(struct feature_try *t)
{
	char text[16];

	t->result->state = FEATURE_OK;
	if (features__config("CONFIG_BPF_JIT_ALWAYS_ON") == 'y' ||
	    read_line("/proc/sys/net/core/bpf_jit_enable", text, sizeof(text)) || text[0] != '0')
		return;
	feature__set(t, FEATURE_LESSER,
		     "programs are interpreted: each event costs several times as much");
	feature__help(t, "sysctl net.core.bpf_jit_enable=1");
}

static void probe_memlock(struct feature_try *t)
{
	char release[64];
	struct rlimit limit;

	t->result->state = FEATURE_OK;
	/* From 5.11 on, memory cgroups account for BPF. */
	if (kernel_version(release, sizeof(release)) >= 5011) {
		snprintf(t->result->value, sizeof(t->result->value), "not needed on this kernel");
		return;
	}
	if (getrlimit(RLIMIT_MEMLOCK, &limit) || limit.rlim_cur == RLIM_INFINITY ||
	    capabilities() >> CAP_SYS_RESOURCE & 1)
		return;
	feature__set(
		t, FEATURE_LESSER,
		"at most %llu KiB of locked memory, and it cannot be raised: buffers must be small",
		(unsigned long long)limit.rlim_cur >> 10);
	feature__help(t, "CAP_SYS_RESOURCE, or ulimit -l unlimited");
}

static void probe_calls_32bit(struct feature_try *t)
{
	char found = features__config("CONFIG_IA32_EMULATION");

	t->result->state = FEATURE_OK;
	if (found == 'y' || found == 'n')
		snprintf(t->result->value, sizeof(t->result->value),
			 found == 'y' ? "this kernel takes them" : "this kernel has none");
}

#define SYSTEM .group = FEATURE_GROUP_SYSTEM
#define HELPER .group = FEATURE_GROUP_HELPERS
#define HOOK   .group = FEATURE_GROUP_HOOKS

const char *const feature_states[FEATURE_STATES] = {
	[FEATURE_UNKNOWN] = "unknown",
	[FEATURE_OK] = "ok",
	[FEATURE_LESSER] = "lesser",
	[FEATURE_MISSING] = "missing",
};

const char *const feature_groups[FEATURE_GROUPS] = {
	[FEATURE_GROUP_SYSTEM] = "This machine",
	[FEATURE_GROUP_HELPERS] = "What programs in the kernel can use",
	[FEATURE_GROUP_HOOKS] = "Kinds of hook",
};

const struct feature_info feature_infos[FEATURES] = {
	[FEATURE_KERNEL] = {"kernel", "5.10 or newer", NULL, SYSTEM, true, probe_kernel},
	[FEATURE_BTF] = {"BTF", "the kernel's types", "CONFIG_DEBUG_INFO_BTF", SYSTEM, true,
			 probe_btf},
	[FEATURE_CAPABILITIES] = {"capabilities", "the right to trace", NULL, SYSTEM, true,
				  probe_capabilities},
	[FEATURE_LOCKDOWN] = {"lockdown", "whether kernel memory may be read", NULL, SYSTEM, true,
			      probe_lockdown},
	[FEATURE_RINGBUF] = {"ring buffer", "the way of the events", NULL, HELPER, true,
			     probe_ringbuf},
	[FEATURE_TP_BTF] = {"tp_btf", "tracepoints with types: all system calls",
			    "CONFIG_FTRACE_SYSCALLS", HOOK, true, probe_tp_btf},
	[FEATURE_JIT] = {"JIT", "programs as machine code", NULL, SYSTEM, false, probe_jit},
	[FEATURE_MEMLOCK] = {"locked memory", "room for the buffers", NULL, SYSTEM, false,
			     probe_memlock},
	[FEATURE_TASK_STORAGE] = {"task storage", "what is known of each process", NULL, HELPER,
				  false, probe_task_storage},
	[FEATURE_BOOT_CLOCK] = {"boot clock", "time, suspend included", NULL, HELPER, false,
				probe_boot_clock},
	[FEATURE_TASK_PT_REGS] = {"task registers", "the present call of a thread", NULL, HELPER,
				  false, probe_task_pt_regs},
	[FEATURE_RECURSION_MISSES] = {"skipped runs", "counted by the kernel", NULL, HELPER, false,
				      probe_recursion_misses},
	[FEATURE_CALLS_32BIT] = {"32-bit calls", "are seen, marked as such", NULL, SYSTEM, false,
				 probe_calls_32bit},
	[FEATURE_RAW_TP] = {"raw_tp", "tracepoints", NULL, HOOK, false, probe_raw_tp},
	[FEATURE_TRACEPOINT] = {"tracepoint", "tracepoints by format", NULL, HOOK, false,
				probe_tracepoint},
	[FEATURE_TRACEPOINT_MULTI] = {"tp.multi", "one program for many tracepoints", NULL, HOOK,
				      false, probe_tracepoint_multi},
	[FEATURE_ITER_TASK] = {"iter/task", "what threads do just now", NULL, HOOK, false,
			       probe_iter_task},
	[FEATURE_FENTRY] = {"fentry", "entry of kernel functions",
			    "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS", HOOK, false, probe_fentry},
	[FEATURE_FEXIT] = {"fexit", "return of kernel functions",
			   "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS", HOOK, false, probe_fexit},
	[FEATURE_KPROBE] = {"kprobe", "entry of kernel functions", "CONFIG_KPROBE_EVENTS", HOOK,
			    false, probe_kprobe},
	[FEATURE_KRETPROBE] = {"kretprobe", "return of kernel functions", "CONFIG_KPROBE_EVENTS",
			       HOOK, false, probe_kretprobe},
	[FEATURE_KPROBE_MULTI] = {"kprobe.multi", "many kernel functions at once", "CONFIG_FPROBE",
				  HOOK, false, probe_kprobe_multi},
	[FEATURE_UPROBE] = {"uprobe", "functions of programs", "CONFIG_UPROBE_EVENTS", HOOK, false,
			    probe_uprobe},
	[FEATURE_UPROBE_MULTI] = {"uprobe.multi", "many functions of programs at once",
				  "CONFIG_UPROBE_EVENTS", HOOK, false, probe_uprobe_multi},
	[FEATURE_PERF_EVENT] = {"perf_event", "samples", "CONFIG_PERF_EVENTS", HOOK, false,
				probe_perf_event},
	[FEATURE_LSM] = {"lsm", "decisions of the security modules", "CONFIG_BPF_LSM", HOOK, false,
			 probe_lsm},
	[FEATURE_FMOD_RET] = {"fmod_ret", "denying what a program asks",
			      "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS", HOOK, false,
			      probe_fmod_ret},
};

static void try_one(struct features *f, enum feature which, const struct btf *btf)
{
	struct feature_try t = {
		.info = &feature_infos[which], .result = &f->list[which], .btf = btf};

	*t.result = (struct feature_result){};
	((probe_fn)t.info->probe)(&t);
}

static struct btf *kernel_btf(void)
{
	struct btf *btf = btf__load_vmlinux_btf();

	return libbpf_get_error(btf) ? NULL : btf;
}

void features__probe(struct features *f,
		     void (*step)(void *context, const struct feature_info *next), void *context)
{
	libbpf_print_fn_t print = libbpf_set_print(quiet);
	struct btf *btf = kernel_btf();

	for (enum feature which = 0; which < FEATURES; which++) {
		if (step)
			step(context, &feature_infos[which]);
		try_one(f, which, btf);
	}
	btf__free(btf);
	libbpf_set_print(print);
}

void features__try(struct features *f, enum feature which, const struct btf *kernel)
{
	libbpf_print_fn_t print = libbpf_set_print(quiet);

	try_one(f, which, kernel);
	libbpf_set_print(print);
}

bool features__can_trace(const struct features *f)
{
	for (unsigned int i = 0; i < FEATURES; i++) {
		if (feature_infos[i].required && f->list[i].state == FEATURE_MISSING)
			return false;
	}
	return true;
}

int features__check(struct error *err)
{
	static const enum feature quick[] = {FEATURE_KERNEL, FEATURE_BTF, FEATURE_LOCKDOWN,
					     FEATURE_CAPABILITIES};
	struct feature_result r;
	char text[64];

	missing_capabilities(text, sizeof(text));
	for (unsigned int i = 0; i < ARRAY_SIZE(quick); i++) {
		const struct feature_info *info = &feature_infos[quick[i]];

		r = (struct feature_result){};
		((probe_fn)info->probe)(&(struct feature_try){.info = info, .result = &r});
		if (r.state != FEATURE_MISSING)
			continue;
		if (quick[i] == FEATURE_CAPABILITIES && text[0])
			return error__set(
				err, -EPERM, "tracing needs CAP_BPF, CAP_PERFMON%s",
				geteuid() ? "" : ", which root does not have in this container");
		return error__set(err, quick[i] == FEATURE_CAPABILITIES ? -EPERM : -ENOTSUP,
				  "tracing is not possible here (%s%s%s): %s%s%s", info->name,
				  r.value[0] ? " " : "", r.value, r.why,
				  r.help[0] ? "; what would help: " : "", r.help);
	}
	return 0;
}
