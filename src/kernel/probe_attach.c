// SPDX-License-Identifier: Apache-2.0
#include "probe_attach.h"
#include "kprobe.h"
#include "probe_file.h"
#include "probe_perf.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define ETH_P_ALL 3

struct probe_link {
	struct bpf_link *link;  /* NULL: one of the others */
	int fd;                 /* a socket, or -1 */
	struct perf_links perf; /* one for each CPU */
	struct bpf_tc_hook tc;  /* ifindex 0: none */
	struct bpf_tc_opts filter;
	bool made_hook;
	bool iterates;
};

/* What attaching one program takes. */
struct attaching {
	struct bpf_object *object;
	struct bpf_program *program;
	const struct probe_options *options;
	const char *section; /* without '?' */
	const char *tag;     /* what ATTACH() says; "" */
	struct probe_link *link;
	struct error *err;
};

static const char *section_of(const struct bpf_program *p)
{
	const char *section = bpf_program__section_name(p);

	return section + (*section == '?');
}

/* ATTACH("...") behind the program's arguments: a tag of its function. */
static const char *tag_of(const struct bpf_object *o, const char *program)
{
	const struct btf *btf = bpf_object__btf(o);
	int id = btf ? btf__find_by_name_kind(btf, program, BTF_KIND_FUNC) : -1;

	for (uint32_t i = 1; id > 0 && i < btf__type_cnt(btf); i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);
		const char *text = btf__name_by_offset(btf, t->name_off);

		if (btf_is_decl_tag(t) && (int)t->type == id && !strncmp(text, "attach:", 7))
			return text + 7;
	}
	return "";
}

static int took(struct attaching *a, struct bpf_link *link)
{
	a->link->link = link;
	return link ? 0 : -errno;
}

static int interface_of(struct attaching *a)
{
	unsigned int index = a->options->interface ? if_nametoindex(a->options->interface) : 0;

	if (!a->options->interface)
		return error__set(a->err, -EINVAL, "it needs --interface NAME");
	return index ? (int)index
		     : error__set(a->err, -ENODEV, "there is no interface %s",
				  a->options->interface);
}

static int attach_xdp(struct attaching *a)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .flags = XDP_FLAGS_SKB_MODE);
	int index = interface_of(a), link;

	if (index < 0)
		return index;
	if (!took(a, bpf_program__attach_xdp(a->program, index)))
		return 0;
	/* Not every driver runs it by itself. */
	link = bpf_link_create(bpf_program__fd(a->program), index, BPF_XDP, &opts);
	if (link < 0)
		return -errno;
	a->link->fd = link;
	return 0;
}

static int attach_tc(struct attaching *a)
{
	int index = interface_of(a), code;
	bool egress = strstr(a->section, "egress") || strstr(a->tag, "egress") ||
		      strstr(bpf_program__name(a->program), "egress");
	struct probe_link *l = a->link;

	if (index < 0)
		return index;
	l->tc = (struct bpf_tc_hook){.sz = sizeof(l->tc),
				     .ifindex = index,
				     .attach_point = egress ? BPF_TC_EGRESS : BPF_TC_INGRESS};
	code = bpf_tc_hook_create(&l->tc);
	l->made_hook = !code;
	if (code && code != -EEXIST) {
		l->tc.ifindex = 0;
		return code;
	}
	l->filter = (struct bpf_tc_opts){.sz = sizeof(l->filter),
					 .prog_fd = bpf_program__fd(a->program)};
	code = bpf_tc_attach(&l->tc, &l->filter);
	if (code && l->made_hook) {
		l->tc.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
		(void)bpf_tc_hook_destroy(&l->tc);
	}
	if (code)
		l->tc.ifindex = 0;
	/* What is needed to find it again. */
	l->filter.prog_fd = l->filter.prog_id = 0;
	l->filter.flags = 0;
	return code;
}

static int open_cgroup(struct attaching *a, const char *cgroup)
{
	char path[512];
	int fd;

	snprintf(path, sizeof(path), "%s%s", strncmp(cgroup, "/sys/", 5) ? "/sys/fs/cgroup/" : "",
		 cgroup);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? error__set(a->err, -errno, "%s: %s", path, strerror(errno)) : fd;
}

static int attach_cgroup(struct attaching *a)
{
	int fd, code;

	if (!a->options->cgroup)
		return error__set(a->err, -EINVAL, "it needs --cgroup PATH");
	fd = open_cgroup(a, a->options->cgroup);
	if (fd < 0)
		return fd;
	code = took(a, bpf_program__attach_cgroup(a->program, fd));
	close(fd);
	return code;
}

/* The control groups, from one of them downwards. */
static int attach_cgroup_iterator(struct attaching *a)
{
	LIBBPF_OPTS(bpf_iter_attach_opts, opts);
	union bpf_iter_link_info info = {.cgroup.order = BPF_CGROUP_ITER_DESCENDANTS_PRE};
	int fd = open_cgroup(a, a->options->cgroup ?: "/sys/fs/cgroup"), code;

	if (fd < 0)
		return fd;
	info.cgroup.cgroup_fd = fd;
	opts.link_info = &info;
	opts.link_info_len = sizeof(info);
	a->link->iterates = true;
	code = took(a, bpf_program__attach_iter(a->program, &opts));
	close(fd);
	return code;
}

static int attach_netns(struct attaching *a)
{
	int fd = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), code;

	if (fd < 0)
		return -errno;
	code = took(a, bpf_program__attach_netns(a->program, fd));
	close(fd);
	return code;
}

static int attach_socket(struct attaching *a)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	int index = interface_of(a), program = bpf_program__fd(a->program);

	if (index < 0)
		return index;
	address.sll_ifindex = index;
	a->link->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, htons(ETH_P_ALL));
	if (a->link->fd < 0 ||
	    setsockopt(a->link->fd, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof(program)) ||
	    bind(a->link->fd, (struct sockaddr *)&address, sizeof(address)))
		return -errno;
	return 0;
}

/* "uprobe/PATH:FUNCTION+OFFSET", "usdt/PATH:PROVIDER:NAME"; the path may be --binary's. */
static int attach_user(struct attaching *a)
{
	LIBBPF_OPTS(bpf_uprobe_opts, opts, .retprobe = !strncmp(a->section, "uret", 4));
	const char *slash = strchr(a->section, '/');
	bool usdt = !strncmp(a->section, "usdt", 4);
	char text[512], *colon, *plus;
	size_t offset = 0;
	int pid = a->options->pid ? (int)a->options->pid : -1;

	snprintf(text, sizeof(text), "%s", slash ? slash + 1 : a->options->binary ?: "");
	colon = usdt && strrchr(text, ':') ? NULL : strrchr(text, ':');
	if (usdt) {
		char *name = strrchr(text, ':'), *provider;

		if (name)
			*name++ = '\0';
		provider = name ? strrchr(text, ':') : NULL;
		if (!provider)
			return error__set(a->err, -EINVAL, "it needs --binary PATH:PROVIDER:NAME");
		*provider++ = '\0';
		return took(a, bpf_program__attach_usdt(
				       a->program, pid,
				       a->options->binary && slash ? a->options->binary : text,
				       provider, name, NULL));
	}
	if (!colon)
		return error__set(a->err, -EINVAL, "it needs --binary PATH:FUNCTION");
	*colon++ = '\0';
	plus = strchr(colon, '+');
	if (plus) {
		*plus = '\0';
		offset = strtoul(plus + 1, NULL, 0);
	}
	opts.func_name = colon;
	return took(a, bpf_program__attach_uprobe_opts(
			       a->program, pid,
			       a->options->binary && slash ? a->options->binary : text, offset,
			       &opts));
}

static int attach_perf(struct attaching *a)
{
	const char *event = a->options->perf ?: *a->tag ? a->tag : "cpu-clock@49";

	return probe_perf__attach(a->program, event, a->options->pid, &a->link->perf, a->err);
}

static int attach_sockmap(struct attaching *a)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, a->object)
	{
		if (bpf_map__type(map) != BPF_MAP_TYPE_SOCKMAP &&
		    bpf_map__type(map) != BPF_MAP_TYPE_SOCKHASH)
			continue;
		return bpf_prog_attach(bpf_program__fd(a->program), bpf_map__fd(map),
				       bpf_program__expected_attach_type(a->program), 0)
			       ? -errno
			       : 0;
	}
	return error__set(a->err, -EINVAL, "the file has no map of sockets");
}

static int run_once(struct attaching *a)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	return bpf_prog_test_run_opts(bpf_program__fd(a->program), &opts) ? -errno : 0;
}

/* A function that the compiler made a variant of is found, too. */
static int attach_kprobe(struct attaching *a)
{
	const char *target = strchr(a->section, '/');

	if (!target || strchr(target, '+'))
		return took(a, bpf_program__attach(a->program));
	a->link->fd = kprobe__attach(bpf_program__fd(a->program), target + 1, a->section[1] == 'r');
	return min(a->link->fd, 0);
}

static int attach(struct attaching *a)
{
	switch (bpf_program__type(a->program)) {
	case BPF_PROG_TYPE_XDP:
		return attach_xdp(a);
	case BPF_PROG_TYPE_SCHED_CLS:
	case BPF_PROG_TYPE_SCHED_ACT:
		return attach_tc(a);
	case BPF_PROG_TYPE_CGROUP_SKB:
	case BPF_PROG_TYPE_CGROUP_SOCK:
	case BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
	case BPF_PROG_TYPE_CGROUP_DEVICE:
	case BPF_PROG_TYPE_CGROUP_SYSCTL:
	case BPF_PROG_TYPE_CGROUP_SOCKOPT:
	case BPF_PROG_TYPE_SOCK_OPS:
		return attach_cgroup(a);
	case BPF_PROG_TYPE_FLOW_DISSECTOR:
	case BPF_PROG_TYPE_SK_LOOKUP:
		return attach_netns(a);
	case BPF_PROG_TYPE_SOCKET_FILTER:
		return attach_socket(a);
	case BPF_PROG_TYPE_SK_MSG:
	case BPF_PROG_TYPE_SK_SKB:
		return attach_sockmap(a);
	case BPF_PROG_TYPE_PERF_EVENT:
		return attach_perf(a);
	case BPF_PROG_TYPE_SYSCALL:
		return run_once(a);
	case BPF_PROG_TYPE_STRUCT_OPS:
		return 0; /* with its map */
	case BPF_PROG_TYPE_LSM:
		if (bpf_program__expected_attach_type(a->program) != BPF_LSM_MAC)
			return attach_cgroup(a);
		break;
	case BPF_PROG_TYPE_KPROBE:
		if (!strncmp(a->section, "uprobe", 6) || !strncmp(a->section, "uretprobe", 9) ||
		    !strncmp(a->section, "usdt", 4))
			return attach_user(a);
		if (!strncmp(a->section, "kprobe/", 7) || !strncmp(a->section, "kretprobe/", 10))
			return attach_kprobe(a);
		break;
	case BPF_PROG_TYPE_TRACING:
		if (!strcmp(a->section, "iter/cgroup"))
			return attach_cgroup_iterator(a);
		break;
	default:
		break;
	}
	a->link->iterates = bpf_program__expected_attach_type(a->program) == BPF_TRACE_ITER;
	return took(a, bpf_program__attach(a->program));
}

static const char *reason(int code)
{
	switch (code) {
	case -ENOENT:
	case -ESRCH:
		return "there is no such hook here";
	case -EOPNOTSUPP:
		return "sonde does not know where its section is attached";
	case -EPERM:
	case -EACCES:
		return "this process has not the right to";
	case -EBUSY:
		return "another program is attached there already";
	}
	return strerror(-code);
}

static struct probe_link *add(struct probe_links *links)
{
	struct probe_link *list = realloc(links->list, (links->count + 1) * sizeof(*list));

	if (!list)
		return NULL;
	links->list = list;
	list[links->count] = (struct probe_link){.fd = -1};
	return &list[links->count++];
}

static int attach_ops(struct bpf_object *o, struct probe_links *links,
		      void (*refused)(void *context, const char *what, const char *why),
		      void *context)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, o)
	{
		struct probe_link *link;

		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
			continue;
		link = add(links);
		if (!link)
			return -ENOMEM;
		link->link = bpf_map__attach_struct_ops(map);
		if (link->link)
			continue;
		links->count--;
		refused(context, bpf_map__name(map), reason(-errno));
	}
	return 0;
}

int probe_attach__all(struct bpf_object *o, const struct probe_options *options,
		      struct probe_links *links,
		      void (*refused)(void *context, const char *what, const char *why),
		      void *context)
{
	struct bpf_program *program;
	int code;

	bpf_object__for_each_program(program, o)
	{
		struct error err = {};
		struct attaching a = {.object = o,
				      .program = program,
				      .options = options,
				      .section = section_of(program),
				      .tag = tag_of(o, bpf_program__name(program)),
				      .err = &err};

		if (!bpf_program__autoload(program))
			continue;
		a.link = add(links);
		if (!a.link)
			return -ENOMEM;
		code = attach(&a);
		if (!code)
			continue;
		close_fd(a.link->fd);
		links->count--;
		refused(context, a.section, *err.text ? err.text : reason(code));
	}
	code = attach_ops(o, links, refused, context);
	return code ? code : links->count ? 0 : -ENOENT;
}

static void release(struct probe_link *l)
{
	if (l->link)
		(void)!bpf_link__destroy(l->link);
	close_fd(l->fd);
	perf_links__release(&l->perf);
	if (!l->tc.ifindex)
		return;
	(void)!bpf_tc_detach(&l->tc, &l->filter);
	if (l->made_hook) {
		l->tc.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
		(void)!bpf_tc_hook_destroy(&l->tc);
	}
}

void probe_links__release(struct probe_links *links)
{
	for (unsigned int i = links->count; i > 0; i--)
		release(&links->list[i - 1]);
	free(links->list);
	*links = (struct probe_links){};
}

int probe_links__iterator(const struct probe_links *links, unsigned int index)
{
	for (unsigned int i = 0; i < links->count; i++)
		if (links->list[i].iterates && !index--)
			return bpf_iter_create(bpf_link__fd(links->list[i].link));
	return -1;
}
