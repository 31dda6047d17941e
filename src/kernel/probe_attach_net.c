// SPDX-License-Identifier: Apache-2.0
/* Programs of network interfaces, of network namespaces, and of receivers of infrared. */
#include "probe_attach_inside.h"
#include "probe_types.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

int attach__xdp(struct attaching *a)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = XDP_FLAGS_SKB_MODE);
	enum bpf_attach_type type = bpf_program__expected_attach_type(a->program);
	int index, link;

	if (type == BPF_XDP_DEVMAP || type == BPF_XDP_CPUMAP)
		/* It was put there with the entry. */
		return a->options->entries && *a->options->entries
			       ? 0
			       : error__set(a->err, -EINVAL, "it needs --entry MAP[KEY]=%s",
					    type == BPF_XDP_DEVMAP ? "INTERFACE" : "PACKETS");
	index = attach__interface(a);
	if (index < 0)
		return index;
	if (!attach__took(a, bpf_program__attach_xdp(a->program, index)))
		return 0;
	/* Not every driver runs it by itself. */
	link = bpf_link_create(bpf_program__fd(a->program), index, BPF_XDP, &opts);
	if (link < 0)
		return -errno;
	a->link->fd = link;
	return 0;
}

struct tc_filter {
	struct bpf_tc_hook hook;
	struct bpf_tc_opts filter;
	bool made_hook;
};

static void undo_tc(void *what)
{
	struct tc_filter *f = what;

	(void)!bpf_tc_detach(&f->hook, &f->filter);
	if (f->made_hook)
		attach__leave_hook(f->hook.ifindex);
}

/* Before 6.6: a filter of a queueing discipline, which outlives a process that is killed. */
static int attach_filter(struct attaching *a, int index, bool egress)
{
	struct tc_filter f = {
		.hook = {.sz = sizeof(f.hook),
			 .ifindex = index,
			 .attach_point = egress ? BPF_TC_EGRESS : BPF_TC_INGRESS},
		.filter = {.sz = sizeof(f.filter), .prog_fd = bpf_program__fd(a->program)}};
	int code = bpf_tc_hook_create(&f.hook);

	if (code && code != -EEXIST)
		return code;
	f.made_hook = !code;
	code = bpf_tc_attach(&f.hook, &f.filter);
	/* What is needed to find it again. */
	f.filter.prog_fd = f.filter.prog_id = 0;
	f.filter.flags = 0;
	if (!code)
		code = attach__undo(a, undo_tc, &f, sizeof(f));
	if (code)
		undo_tc(&f);
	return code;
}

int attach__tc(struct attaching *a)
{
	bool egress = attach__says(a, "egress");
	int index = attach__interface(a);

	if (index < 0)
		return index;
	if (!strncmp(a->section, "netkit/", 7))
		return attach__link(a, index,
				    strstr(a->section, "peer") ? ATTACH_NETKIT_PEER
							       : ATTACH_NETKIT_PRIMARY);
	if (!attach__link(a, index, egress ? ATTACH_TCX_EGRESS : ATTACH_TCX_INGRESS))
		return 0;
	if (!strncmp(a->section, "tcx/", 4))
		return error__set(a->err, -EOPNOTSUPP,
				  "the kernel refuses it: %s; SEC(\"tc\") works before 6.6, too",
				  strerror(errno));
	return attach_filter(a, index, egress);
}

/* Of the process that -p names, or of this one. */
int attach__netns(struct attaching *a)
{
	char path[64] = "/proc/self/ns/net";
	__cleanup(fd) int fd = -1;

	if (a->options->pid)
		snprintf(path, sizeof(path), "/proc/%u/ns/net", a->options->pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error__set(a->err, -errno, "%s: %s", path, strerror(errno));
	return attach__took(a, bpf_program__attach_netns(a->program, fd));
}

/* ATTACH("postrouting"), ATTACH("ipv6 input"): by IPv4 and what comes in, where nothing is said. */
int attach__netfilter(struct attaching *a)
{
	static const char *const hooks[] = {
		[NF_INET_PRE_ROUTING] = "prerouting",   [NF_INET_LOCAL_IN] = "input",
		[NF_INET_FORWARD] = "forward",          [NF_INET_LOCAL_OUT] = "output",
		[NF_INET_POST_ROUTING] = "postrouting",
	};
	/* As bpf(2) takes it; libbpf has it from 1.3 on. */
	struct {
		uint32_t program, target, type, flags, family, hook;
		int32_t priority;
		uint32_t netfilter_flags;
		uint64_t unused[4];
	} attr = {.program = bpf_program__fd(a->program),
		  .type = ATTACH_NETFILTER,
		  .family = attach__says(a, "ipv6") ? NFPROTO_IPV6 : NFPROTO_IPV4,
		  .hook = NF_INET_LOCAL_IN,
		  .priority = NF_IP_PRI_FILTER - 1};

	for (unsigned int i = 0; i < ARRAY_SIZE(hooks); i++)
		if (attach__says(a, hooks[i]))
			attr.hook = i;
	a->link->fd = syscall(SYS_bpf, BPF_LINK_CREATE, &attr, sizeof(attr));
	return a->link->fd < 0 ? -errno : 0;
}

struct lirc {
	int device, program;
};

static void undo_lirc(void *what)
{
	struct lirc *l = what;

	(void)!bpf_prog_detach2(l->program, l->device, BPF_LIRC_MODE2);
	close(l->device);
}

int attach__lirc(struct attaching *a)
{
	struct lirc l = {.program = bpf_program__fd(a->program)};
	const char *path = a->options->interface;
	int code;

	if (!path)
		return error__set(a->err, -EINVAL, "it needs --interface /dev/lircN");
	l.device = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (l.device < 0)
		return error__set(a->err, -EINVAL, "%s: %s", path, strerror(errno));
	code = bpf_prog_attach(l.program, l.device, BPF_LIRC_MODE2, 0) ? -errno : 0;
	if (!code) {
		code = attach__undo(a, undo_lirc, &l, sizeof(l));
		if (!code)
			return 0;
		(void)!bpf_prog_detach2(l.program, l.device, BPF_LIRC_MODE2);
	}
	close(l.device);
	return code;
}
