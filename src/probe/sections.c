// SPDX-License-Identifier: Apache-2.0
#include "sections.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

static const char *const helpers[] = {
/* Newer headers give it the number, too. */
#define NAME(name, ...) [BPF_FUNC_##name] = #name
	__BPF_FUNC_MAPPER(NAME)
#undef NAME
};

const char *helper_name(unsigned int helper)
{
	return helper < ARRAY_SIZE(helpers) ? helpers[helper] : NULL;
}

/* Helpers are numbered as they came: the last of each kernel. */
static const struct {
	uint16_t last, version;
} helper_versions[] = {
	{3, 319},   {13, 401},  {26, 404},  {37, 408},  {43, 409},  {50, 412},  {59, 415},
	{68, 417},  {82, 418},  {90, 420},  {94, 500},  {104, 501}, {108, 502}, {109, 503},
	{110, 504}, {115, 505}, {118, 506}, {124, 507}, {135, 508}, {141, 509}, {155, 510},
	{162, 511}, {163, 512}, {165, 513}, {168, 514}, {175, 515}, {179, 516}, {185, 517},
	{193, 518}, {203, 519}, {207, 600}, {209, 601}, {211, 602},
};

unsigned int since__helper(unsigned int helper)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(helper_versions); i++)
		if (helper <= helper_versions[i].last)
			return helper_versions[i].version;
	return 0;
}

/* By number, too. */
static const uint16_t map_versions[] = {
	0,   319, 319, 402, 403, 406, 406, 406, 408, 410, 410, 411, 412, 412, 414, 414,
	415, 418, 418, 418, 419, 419, 419, 419, 502, 504, 506, 508, 510, 511, 516, 601,
};

unsigned int since__map(unsigned int type)
{
	return type < ARRAY_SIZE(map_versions) ? map_versions[type] : type == 32 ? 602 : 0;
}

static const uint16_t program_versions[] = {
	[BPF_PROG_TYPE_SOCKET_FILTER] = 319,
	[BPF_PROG_TYPE_KPROBE] = 401,
	[BPF_PROG_TYPE_SCHED_CLS] = 401,
	[BPF_PROG_TYPE_SCHED_ACT] = 401,
	[BPF_PROG_TYPE_TRACEPOINT] = 407,
	[BPF_PROG_TYPE_XDP] = 408,
	[BPF_PROG_TYPE_PERF_EVENT] = 409,
	[BPF_PROG_TYPE_CGROUP_SKB] = 410,
	[BPF_PROG_TYPE_CGROUP_SOCK] = 410,
	[BPF_PROG_TYPE_LWT_IN] = 410,
	[BPF_PROG_TYPE_LWT_OUT] = 410,
	[BPF_PROG_TYPE_LWT_XMIT] = 410,
	[BPF_PROG_TYPE_SOCK_OPS] = 413,
	[BPF_PROG_TYPE_SK_SKB] = 414,
	[BPF_PROG_TYPE_CGROUP_DEVICE] = 415,
	[BPF_PROG_TYPE_SK_MSG] = 417,
	[BPF_PROG_TYPE_RAW_TRACEPOINT] = 417,
	[BPF_PROG_TYPE_CGROUP_SOCK_ADDR] = 417,
	[BPF_PROG_TYPE_LWT_SEG6LOCAL] = 418,
	[BPF_PROG_TYPE_LIRC_MODE2] = 418,
	[BPF_PROG_TYPE_SK_REUSEPORT] = 419,
	[BPF_PROG_TYPE_FLOW_DISSECTOR] = 420,
	[BPF_PROG_TYPE_CGROUP_SYSCTL] = 502,
	[BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE] = 502,
	[BPF_PROG_TYPE_CGROUP_SOCKOPT] = 503,
	[BPF_PROG_TYPE_TRACING] = 505,
	[BPF_PROG_TYPE_STRUCT_OPS] = 506,
	[BPF_PROG_TYPE_EXT] = 506,
	[BPF_PROG_TYPE_LSM] = 507,
	[BPF_PROG_TYPE_SK_LOOKUP] = 509,
	[BPF_PROG_TYPE_SYSCALL] = 514,
};

/* Sections that are newer than their type. */
static const struct {
	const char *begins;
	uint16_t version;
} newer_sections[] = {
	{"kprobe.session", 610}, {"kprobe.multi", 518}, {"kretprobe.multi", 518},
	{"uprobe.multi", 606},   {"uprobe.s", 600},     {"uretprobe.s", 600},
	{"lsm_cgroup", 600},     {"iter.s", 519},       {"iter/", 508},
	{"fmod_ret", 507},       {"tcx/", 606},         {"netkit/", 607},
	{"netfilter", 604},      {"usdt", 415},         {"ksyscall", 417},
};

unsigned int since__program(unsigned int type, unsigned int attach, bool sleepable,
			    const char *section)
{
	unsigned int version = type < ARRAY_SIZE(program_versions) ? program_versions[type] : 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(newer_sections); i++)
		if (!strncmp(section, newer_sections[i].begins, strlen(newer_sections[i].begins)))
			return max(version, (unsigned int)newer_sections[i].version);
	return sleepable ? max(version, 510u) : version;
}

void since__text(unsigned int version, char *to, size_t room)
{
	snprintf(to, room, "%u.%u", version / 100, version % 100);
}
