// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Where are BPF programs attached, and what can they do there? */
#include <sonde/probe.bpf.h>
#include <sonde/lib/hooks.h>
#include <sonde/lib/kernel_net.h>
#include <sonde/lib/program.h>

enum bpf_hook {
#define BPF_HOOK(name, number) AT_##name = number,
#include <sonde/bpf_hooks.def>
#undef BPF_HOOK
};

HOOK_EVENT(bpf_attach, bpf, "a BPF program was attached: it runs whenever its hook is reached")
{
	__u32 hook ENUM(bpf_hook);
	struct sonde_data target HELP(
		"function, tracepoint, file, device or cgroup; of several the first");
	struct sonde_data prog_name;
	struct sonde_data helpers SET(bpf_helper)
		HELP("that it calls; ESRCH: it was loaded before they were looked for");
	__u64 offset KIND(hex) QUIET HELP("into the function or file");
	__u64 address KIND(address) QUIET HELP("where no function is named");
	__u32 count QUIET HELP("of functions, where there may be several");
	__u32 prog_type ENUM(bpf_prog_type);
	__u32 prog_id HELP("as bpftool prog has it");
	__u64 tag KIND(hex) HELP("checksum of its instructions");
	__u32 attach_type ENUM(bpf_attach_type) QUIET;
	__u32 link_id QUIET HELP("as bpftool link has it; 0: attached without a link");
}
INSTEAD("bpf",
	"blind to the name of the program, what it calls, and what ioctl, setsockopt and netlink attach")
SONDE_TAG("blind:cls_bpf and act_bpf of tc, sockmaps and flow dissectors without a link, "
	  "struct_ops maps without a link; on 5.10 also fentry and its kin, raw tracepoints, "
	  "kprobes, uprobes, perf events; kfuncs among what a program calls");

static __always_inline void put_program(struct sonde_event__bpf_attach *e, struct bpf_prog *prog)
{
	struct bpf_prog_aux *aux = BPF_CORE_READ(prog, aux);

	put_text(e, bpf_attach, prog_name, &aux->name);
	append_helpers(scratch_of(e), SLOT(struct sonde_event__bpf_attach, helpers), aux);
	e->prog_type = BPF_CORE_READ(prog, type);
	e->attach_type = BPF_CORE_READ(prog, expected_attach_type);
	e->prog_id = BPF_CORE_READ(aux, id);
	e->tag = program_tag(prog);
}

#define CONTAINER(pointer, type, member)                                                           \
	((type *)((void *)(pointer)-bpf_core_field_offset(type, member)))

/* Their numbers have no enum's name by which to find them, but moved with members that came and
 * went. */
#define TRACEPOINT_BIT(call) (bpf_core_field_exists((call)->filter) ? 4 : 3)
#define KPROBE_BIT(call)     (TRACEPOINT_BIT(call) + 1 + bpf_core_field_exists((call)->refcnt))

/* A hook that is no place with a name. */
static __always_inline void put_unnamed(struct sonde_event__bpf_attach *e, enum bpf_hook hook)
{
	e->hook = hook;
	e->target.address = SONDE_ABSENT;
}

/* perf_event_open(2)'s: a tracepoint, a kprobe or uprobe, or the processor's own events. */
static __always_inline void put_perf_event(struct sonde_event__bpf_attach *e,
					   struct perf_event *event)
{
	struct trace_event_call *call = BPF_CORE_READ(event, tp_event);
	struct trace_probe_event *probes = CONTAINER(call, struct trace_probe_event, call);
	struct trace_probe *probe =
		CONTAINER(BPF_CORE_READ(probes, probes.next), struct trace_probe, list);
	struct trace_kprobe *kprobe = CONTAINER(probe, struct trace_kprobe, tp);
	struct trace_uprobe *uprobe = CONTAINER(probe, struct trace_uprobe, tp);
	int flags = call ? BPF_CORE_READ(call, flags) : 0;

	if (!call) {
		put_unnamed(e, AT_perf_event);
	} else if (flags & 1 << TRACEPOINT_BIT(call)) {
		e->hook = AT_tracepoint;
		put_text(e, bpf_attach, target, BPF_CORE_READ(call, tp, name));
	} else if (flags & 1 << KPROBE_BIT(call)) {
		e->hook = BPF_CORE_READ(kprobe, rp.handler) ? AT_kretprobe : AT_kprobe;
		put_text_if_any(e, bpf_attach, target, BPF_CORE_READ(kprobe, symbol));
		e->offset = BPF_CORE_READ(kprobe, rp.kp.offset);
		if (!BPF_CORE_READ(kprobe, symbol))
			e->address = (__u64)BPF_CORE_READ(kprobe, rp.kp.addr);
	} else if (flags & 2 << KPROBE_BIT(call)) {
		e->hook = BPF_CORE_READ(uprobe, consumer.ret_handler) ? AT_uretprobe : AT_uprobe;
		put_text(e, bpf_attach, target, BPF_CORE_READ(uprobe, filename));
		e->offset = BPF_CORE_READ(uprobe, offset);
	} else {
		e->hook = AT_tracepoint; /* a system call's */
		put_text(e, bpf_attach, target, BPF_CORE_READ(call, name));
	}
}

static __always_inline void put_tracing(struct sonde_event__bpf_attach *e, struct bpf_prog *prog)
{
	__u32 type = BPF_CORE_READ(prog, type), at = BPF_CORE_READ(prog, expected_attach_type);

	e->hook = type == BPF_PROG_TYPE_EXT   ? AT_freplace
		  : type == BPF_PROG_TYPE_LSM ? AT_lsm
		  : at == BPF_TRACE_FENTRY    ? AT_fentry
		  : at == BPF_TRACE_FEXIT     ? AT_fexit
		  : at == BPF_MODIFY_RETURN   ? AT_fmod_ret
					      : AT_tp_btf;
	put_text_if_any(e, bpf_attach, target, BPF_CORE_READ(prog, aux, attach_func_name));
}

static __always_inline void put_device(struct sonde_event__bpf_attach *e, enum bpf_hook hook,
				       struct net_device *dev)
{
	e->hook = hook;
	if (dev)
		put_text(e, bpf_attach, target, &dev->name);
}

/* Of a link of this type, where the kernel has it. */
#define DEVICE_OF(type, link)                                                                      \
	(bpf_core_type_exists(type) ? BPF_CORE_READ((type *)(link), dev) : NULL)

static __always_inline void put_cgroup(struct sonde_event__bpf_attach *e, struct cgroup *cgroup)
{
	e->hook = AT_cgroup;
	put_text(e, bpf_attach, target, BPF_CORE_READ(cgroup, kn, name));
}

static __always_inline void put_several(struct sonde_event__bpf_attach *e, void *link)
{
	struct bpf_kprobe_multi_link *kprobes = link;

	put_unnamed(e, AT_kprobe_multi);
	if (!bpf_core_type_exists(struct bpf_kprobe_multi_link))
		return;
	e->count = BPF_CORE_READ(kprobes, cnt);
	bpf_probe_read_kernel(&e->address, 8, BPF_CORE_READ(kprobes, addrs));
}

static __always_inline void put_file_probes(struct sonde_event__bpf_attach *e, void *link)
{
	struct bpf_uprobe_multi_link *uprobes;

	e->hook = AT_uprobe_multi;
	if (!bpf_core_type_exists(struct bpf_uprobe_multi_link))
		return;
	uprobes = CONTAINER(link, struct bpf_uprobe_multi_link, link);
	put_text(e, bpf_attach, target, BPF_CORE_READ(uprobes, path.dentry, d_name.name));
	e->count = BPF_CORE_READ(uprobes, cnt);
	e->offset = BPF_CORE_READ(uprobes, uprobes, offset);
}

static __always_inline void put_struct_ops(struct sonde_event__bpf_attach *e, void *link)
{
	struct bpf_map *map;

	e->hook = AT_struct_ops;
	e->prog_name.address = e->helpers.address = SONDE_ABSENT;
	if (!bpf_core_type_exists(struct bpf_struct_ops_link))
		return;
	map = BPF_CORE_READ((struct bpf_struct_ops_link *)link, map);
	put_text(e, bpf_attach, target, &map->name);
}

static __always_inline void put_link(struct sonde_event__bpf_attach *e, void *link)
{
	struct bpf_prog *prog = BPF_CORE_READ((struct bpf_link *)link, prog);
	struct file *file;

	switch (BPF_CORE_READ((struct bpf_link *)link, type)) {
	case BPF_LINK_TYPE_RAW_TRACEPOINT:
		e->hook = BPF_CORE_READ(prog, type) == BPF_PROG_TYPE_TRACING ? AT_tp_btf
									     : AT_raw_tracepoint;
		put_text(e, bpf_attach, target,
			 BPF_CORE_READ((struct bpf_raw_tp_link *)link, btp, tp, name));
		break;
	case BPF_LINK_TYPE_TRACING:
		put_tracing(e, prog);
		break;
	case BPF_LINK_TYPE_CGROUP:
		put_cgroup(e, BPF_CORE_READ((struct bpf_cgroup_link *)link, cgroup));
		break;
	case BPF_LINK_TYPE_ITER:
		e->hook = AT_iter;
		put_text(e, bpf_attach, target,
			 BPF_CORE_READ((struct bpf_iter_link *)link, tinfo, reg_info, target));
		break;
	case BPF_LINK_TYPE_XDP:
		put_device(e, AT_xdp, DEVICE_OF(struct bpf_xdp_link, link));
		break;
	case BPF_LINK_TYPE_PERF_EVENT:
		if (!bpf_core_type_exists(struct bpf_perf_link))
			break;
		file = BPF_CORE_READ((struct bpf_perf_link *)link, perf_file);
		put_perf_event(e, BPF_CORE_READ(file, private_data));
		break;
	case BPF_LINK_TYPE_KPROBE_MULTI:
		put_several(e, link);
		break;
	case BPF_LINK_TYPE_STRUCT_OPS:
		put_struct_ops(e, link);
		return; /* several programs, one for each operation */
	case BPF_LINK_TYPE_TCX:
		put_device(e, AT_tcx, DEVICE_OF(struct tcx_link, link));
		break;
	case BPF_LINK_TYPE_UPROBE_MULTI:
		put_file_probes(e, link);
		break;
	case BPF_LINK_TYPE_NETKIT:
		put_device(e, AT_netkit, DEVICE_OF(struct netkit_link, link));
		break;
	case BPF_LINK_TYPE_NETNS:
		put_unnamed(e, AT_netns);
		break;
	case BPF_LINK_TYPE_NETFILTER:
		put_unnamed(e, AT_netfilter);
		break;
	case BPF_LINK_TYPE_SOCKMAP:
		put_unnamed(e, AT_sockmap);
		break;
	}
	put_program(e, prog);
}

/* Where the kernel keeps one more function apart, that one tells all; this one is inlined into its
 * neighbours. */
#define HAS_SYS_BPF bpf_core_type_exists(struct bpf_perf_link)

FUNCTION_HOOK_AT(int, bpf_attach, "bpf_link_settle", struct bpf_link_primer *primer)
{
	struct sonde_event__bpf_attach *e;

	if (HAS_SYS_BPF)
		return end_early(sonde_ids__bpf_attach.hook, SONDE_FILTERED);
	e = begin(bpf_attach);
	if (!e)
		return 0;
	e->link_id = BPF_CORE_READ(primer, id);
	put_link(e, BPF_CORE_READ(primer, link));
	return submit(e);
}

/* What lies behind a descriptor of the current task. */
static __always_inline void *behind_descriptor(__u32 fd)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct file **files = BPF_CORE_READ(task, files, fdt, fd), *file = NULL;

	bpf_probe_read_kernel(&file, sizeof(file), files + fd);
	return BPF_CORE_READ(file, private_data);
}

#define BPF_RAW_TRACEPOINT_OPEN 17
#define BPF_LINK_CREATE         28

HOOK_OF(__sys_bpf, bpf_attach);

FUNCTION_HOOK(int, __sys_bpf, int cmd)
{
	struct sonde_event__bpf_attach *e;
	struct bpf_link *link;

	if (!HAS_SYS_BPF || (cmd != BPF_RAW_TRACEPOINT_OPEN && cmd != BPF_LINK_CREATE) ||
	    call->result < 0)
		return end_early(sonde_ids____sys_bpf.hook, SONDE_FILTERED);
	e = begin_in(__sys_bpf, bpf_attach, false);
	if (!e)
		return 0;
	link = behind_descriptor(call->result);
	e->link_id = BPF_CORE_READ(link, id);
	put_link(e, link);
	return submit(e);
}

/* The older ways, without a link. */

#define PERF_EVENT_IOC_SET_BPF 0x40042408

HOOK_OF(perf_ioctl, bpf_attach);

FUNCTION_HOOK(int, perf_ioctl, struct file *file, unsigned int cmd)
{
	struct sonde_event__bpf_attach *e;
	struct perf_event *event;

	if (cmd != PERF_EVENT_IOC_SET_BPF || call->result)
		return end_early(sonde_ids__perf_ioctl.hook, SONDE_FILTERED);
	e = begin_in(perf_ioctl, bpf_attach, false);
	if (!e)
		return 0;
	event = BPF_CORE_READ(file, private_data);
	put_perf_event(e, event);
	put_program(e, BPF_CORE_READ(event, prog));
	return submit(e);
}

HOOK_OF(__cgroup_bpf_attach, bpf_attach);

FUNCTION_HOOK(int, __cgroup_bpf_attach, struct cgroup *cgrp, struct bpf_prog *prog, void *link)
{
	struct sonde_event__bpf_attach *e;

	if (link || call->result)
		return end_early(sonde_ids____cgroup_bpf_attach.hook, SONDE_FILTERED);
	e = begin_in(__cgroup_bpf_attach, bpf_attach, false);
	if (!e)
		return 0;
	put_cgroup(e, cgrp);
	put_program(e, prog);
	return submit(e);
}

HOOK_OF(dev_xdp_attach, bpf_attach);

FUNCTION_HOOK(int, dev_xdp_attach, struct net_device *dev, void *link, struct bpf_prog *new_prog)
{
	struct sonde_event__bpf_attach *e;

	if (link || !new_prog || call->result)
		return end_early(sonde_ids__dev_xdp_attach.hook, SONDE_FILTERED);
	e = begin_in(dev_xdp_attach, bpf_attach, false);
	if (!e)
		return 0;
	put_device(e, AT_xdp, dev);
	put_program(e, new_prog);
	return submit(e);
}

HOOK_OF(sk_attach_bpf, bpf_attach);

FUNCTION_HOOK(int, sk_attach_bpf, unsigned int ufd, struct sock *sk)
{
	struct sonde_event__bpf_attach *e;

	if (call->result)
		return end_early(sonde_ids__sk_attach_bpf.hook, SONDE_FILTERED);
	e = begin_in(sk_attach_bpf, bpf_attach, false);
	if (!e)
		return 0;
	put_unnamed(e, AT_socket);
	put_program(e, behind_descriptor((__u64)ufd));
	return submit(e);
}
