/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Of the kernel's types, see kernel.h: what becomes part of the kernel or hooks into it: modules,
 * devices, probes, BPF programs and what they are attached to. */
#ifndef SONDE_KERNEL_CODE_H
#define SONDE_KERNEL_CODE_H

#include "kernel_fs.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

struct kobject {
	const char *name;
};

struct class
{
	const char *name;
};

struct bus_type {
	const char *name;
};

struct device_type {
	const char *name;
};

struct device {
	struct kobject kobj;
	struct device *parent;
	const char *init_name; /* until device_add() */
	const struct device_type *type;
	const struct bus_type *bus;
	const struct class *class;
	__u32 devt;
};

struct module_memory {
	unsigned int size;
};

struct module {
	char name[56];
	const char *version;
	const char *srcversion;
	bool sig_ok;
	unsigned long taints;
	struct module_memory mem[4]; /* since 6.4, and more: those of its initialisation follow */
};

struct module_layout {
	unsigned int size;
};

struct module___old {
	struct module_layout core_layout;
};

struct subprocess_info {
	const char *path;
	char **argv;
	char **envp;
};

struct kprobe {
	void *addr;
	const char *symbol_name;
	unsigned int offset;
	void *pre_handler;
	void *post_handler;
	__u32 flags;
};

struct timezone {
	int tz_minuteswest;
};

struct bpf_insn {
	__s32 imm;
};

struct bpf_map {
	enum bpf_map_type map_type;
	__u32 key_size, value_size, max_entries, map_flags;
	__u32 id;
	char name[16];
};

struct user_struct {
	kuid_t uid;
};

struct bpf_prog_aux {
	__u32 used_map_cnt;
	__u32 id;
	const char *attach_func_name;
	struct user_struct *user;
	__u64 load_time;
	char name[16];
};

enum bpf_prog_type {
	BPF_PROG_TYPE_TRACING = 26,
	BPF_PROG_TYPE_EXT = 28,
	BPF_PROG_TYPE_LSM = 29,
};

enum bpf_attach_type {
	BPF_TRACE_FENTRY = 24,
	BPF_TRACE_FEXIT = 25,
	BPF_MODIFY_RETURN = 26,
};

enum bpf_link_type {
	BPF_LINK_TYPE_RAW_TRACEPOINT = 1,
	BPF_LINK_TYPE_TRACING = 2,
	BPF_LINK_TYPE_CGROUP = 3,
	BPF_LINK_TYPE_ITER = 4,
	BPF_LINK_TYPE_NETNS = 5,
	BPF_LINK_TYPE_XDP = 6,
	BPF_LINK_TYPE_PERF_EVENT = 7,
	BPF_LINK_TYPE_KPROBE_MULTI = 8,
	BPF_LINK_TYPE_STRUCT_OPS = 9,
	BPF_LINK_TYPE_NETFILTER = 10,
	BPF_LINK_TYPE_TCX = 11,
	BPF_LINK_TYPE_UPROBE_MULTI = 12,
	BPF_LINK_TYPE_NETKIT = 13,
	BPF_LINK_TYPE_SOCKMAP = 14,
};

struct bpf_prog {
	__u16 gpl_compatible : 1;
	enum bpf_prog_type type;
	enum bpf_attach_type expected_attach_type;
	__u32 len;
	__u32 jited_len;
	__u8 tag[8];
	struct bpf_prog_aux *aux;
};

struct bpf_verifier_env {
	struct bpf_prog *prog;
};

struct bpf_link {
	__u32 id;
	enum bpf_link_type type;
	struct bpf_prog *prog;
};

struct bpf_link_primer {
	struct bpf_link *link;
	__u32 id;
};

struct tracepoint {
	const char *name;
};

struct bpf_raw_event_map {
	struct tracepoint *tp;
};

struct bpf_raw_tp_link {
	struct bpf_raw_event_map *btp;
};

struct bpf_cgroup_link {
	struct cgroup *cgroup;
};

struct bpf_iter_reg {
	const char *target;
};

struct bpf_iter_target_info {
	const struct bpf_iter_reg *reg_info;
};

struct bpf_iter_link {
	struct bpf_iter_target_info *tinfo;
};

struct bpf_xdp_link {
	struct net_device *dev;
};

struct tcx_link { /* since 6.6 */
	struct net_device *dev;
};

struct netkit_link { /* since 6.7 */
	struct net_device *dev;
};

struct bpf_perf_link { /* since 5.15 */
	struct file *perf_file;
};

struct bpf_kprobe_multi_link { /* since 5.18 */
	unsigned long *addrs;
	__u32 cnt;
};

struct bpf_uprobe {
	__s64 offset;
};

struct bpf_uprobe_multi_link { /* since 6.6 */
	struct path path;
	struct bpf_link link;
	__u32 cnt;
	struct bpf_uprobe *uprobes;
};

struct bpf_struct_ops_link { /* since 6.4 */
	struct bpf_map *map;
};

struct trace_event_call {
	union {
		const char *name;
		struct tracepoint *tp;
	};
	int flags;
	void *filter;    /* before 6.9: with it, a flag went */
	atomic_t refcnt; /* since 5.15: with it, a flag came */
};

struct perf_event {
	struct bpf_prog *prog;
	struct trace_event_call *tp_event;
};

struct kretprobe {
	struct kprobe kp;
	void *handler;
};

struct trace_probe {
	struct list_head list;
};

struct trace_probe_event {
	struct trace_event_call call;
	struct list_head probes;
};

struct trace_kprobe {
	struct kretprobe rp;
	const char *symbol;
	struct trace_probe tp;
};

struct uprobe_consumer {
	void *ret_handler;
};

struct trace_uprobe {
	struct uprobe_consumer consumer;
	char *filename;
	unsigned long offset;
	struct trace_probe tp;
};

#pragma clang attribute pop

#endif
