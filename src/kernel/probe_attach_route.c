// SPDX-License-Identifier: Apache-2.0
/* Programs that only netlink attaches: those of a route (lwt_*), and actions of a filter. */
#include "probe_attach_inside.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/lwtunnel.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <linux/seg6_local.h>
#include <linux/tc_act/tc_bpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define ETH_P_ALL 3
/* Of our filter, by which it is found again. */
#define PRIORITY 0x50de

struct message {
	struct nlmsghdr head;
	union {
		struct rtmsg route;
		struct tcmsg filter;
		char room[1024];
	};
	unsigned int made_hook; /* on that interface, by us; not sent */
};

static void *put(struct message *m, unsigned short type, const void *data, size_t size)
{
	struct rtattr *a = (void *)((char *)m + NLMSG_ALIGN(m->head.nlmsg_len));

	*a = (struct rtattr){.rta_len = RTA_LENGTH(size), .rta_type = type};
	if (size)
		memcpy(RTA_DATA(a), data, size);
	m->head.nlmsg_len = NLMSG_ALIGN(m->head.nlmsg_len) + RTA_ALIGN(a->rta_len);
	return a;
}

static struct rtattr *begin(struct message *m, unsigned short type)
{
	return put(m, type | NLA_F_NESTED, NULL, 0);
}

static void end(struct message *m, struct rtattr *nest)
{
	nest->rta_len = (char *)m + m->head.nlmsg_len - (char *)nest;
}

static void put_program(struct message *m, const struct bpf_program *p, unsigned short fd,
			unsigned short name)
{
	put(m, fd, &(uint32_t){bpf_program__fd(p)}, sizeof(uint32_t));
	put(m, name, bpf_program__name(p), strlen(bpf_program__name(p)) + 1);
}

/* Asks the kernel and waits for its answer. */
static int ask(struct message *m)
{
	__cleanup(fd) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct {
		struct nlmsghdr head;
		struct nlmsgerr error;
		char room[4096];
	} answer;
	ssize_t size;

	m->head.nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	if (fd < 0 || send(fd, m, m->head.nlmsg_len, 0) < 0)
		return -errno;
	size = recv(fd, &answer, sizeof(answer), 0);
	if (size < (ssize_t)(NLMSG_HDRLEN + sizeof(int)))
		return size < 0 ? -errno : -EPROTO;
	/* An answer of nothing but its end has no error either. */
	return answer.head.nlmsg_type == NLMSG_ERROR || answer.head.nlmsg_type == NLMSG_DONE
		       ? answer.error.error
		       : -EPROTO;
}

/* Whether nobody has a filter there. */
static bool is_empty(unsigned int interface, uint32_t parent)
{
	struct message m = {.head = {.nlmsg_type = RTM_GETTFILTER,
				     .nlmsg_flags = NLM_F_DUMP,
				     .nlmsg_len = NLMSG_LENGTH(sizeof(m.filter))},
			    .filter = {.tcm_ifindex = interface, .tcm_parent = parent}};

	return !ask(&m);
}

void attach__leave_hook(unsigned int interface)
{
	struct bpf_tc_hook hook = {.sz = sizeof(hook),
				   .ifindex = interface,
				   .attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS};

	if (is_empty(interface, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_INGRESS)) &&
	    is_empty(interface, TC_H_MAKE(TC_H_CLSACT, TC_H_MIN_EGRESS)))
		(void)!bpf_tc_hook_destroy(&hook);
}

/* What the message made is taken back by one of another type, of the same words. */
static void undo(void *what)
{
	struct message *m = what;

	(void)!ask(m);
	if (m->made_hook)
		attach__leave_hook(m->made_hook);
}

static int take_back(struct attaching *a, struct message *m, unsigned short type)
{
	m->head.nlmsg_type = type;
	m->head.nlmsg_flags = 0;
	return attach__undo(a, undo, m, sizeof(*m));
}

/* PREFIX[/BITS][,GATEWAY]. */
static int put_prefix(struct attaching *a, struct message *m)
{
	const char *text = a->options->route;
	char prefix[64], gateway[64], *slash;
	unsigned char address[16];
	size_t size = text ? strcspn(text, ",") : 0;
	int family, bits;

	if (!text)
		return error__set(
			a->err, -EINVAL,
			"it needs --route PREFIX and --interface NAME: a route that it makes");
	snprintf(prefix, sizeof(prefix), "%.*s", (int)size, text);
	snprintf(gateway, sizeof(gateway), "%s", text[size] ? text + size + 1 : "");
	slash = strchr(prefix, '/');
	if (slash)
		*slash++ = '\0';
	family = strchr(prefix, ':') ? AF_INET6 : AF_INET;
	bits = slash ? atoi(slash) : family == AF_INET ? 32 : 128;
	if (inet_pton(family, prefix, address) != 1 || bits < 0 ||
	    bits > (family == AF_INET ? 32 : 128))
		return error__set(a->err, -EINVAL,
				  "--route %s: it is ADDRESS, ADDRESS/BITS or ADDRESS/BITS,GATEWAY",
				  text);
	m->route = (struct rtmsg){.rtm_family = family,
				  .rtm_dst_len = bits,
				  .rtm_table = RT_TABLE_MAIN,
				  .rtm_protocol = RTPROT_STATIC,
				  .rtm_scope = *gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
				  .rtm_type = RTN_UNICAST};
	m->head.nlmsg_len = NLMSG_LENGTH(sizeof(m->route));
	put(m, RTA_DST, address, family == AF_INET ? 4 : 16);
	if (!*gateway)
		return 0;
	if (inet_pton(family, gateway, address) != 1)
		return error__set(a->err, -EINVAL, "--route %s: the gateway is no address", text);
	put(m, RTA_GATEWAY, address, family == AF_INET ? 4 : 16);
	return 0;
}

/* All of the file's that a route may have at once. */
static void put_lwt(struct message *m, struct bpf_object *o)
{
	static const unsigned short places[] = {[BPF_PROG_TYPE_LWT_IN] = LWT_BPF_IN,
						[BPF_PROG_TYPE_LWT_OUT] = LWT_BPF_OUT,
						[BPF_PROG_TYPE_LWT_XMIT] = LWT_BPF_XMIT};
	struct bpf_program *p;

	bpf_object__for_each_program(p, o) {
		enum bpf_prog_type type = bpf_program__type(p);
		struct rtattr *nest;

		if (type >= ARRAY_SIZE(places) || !places[type] || bpf_program__fd(p) < 0)
			continue;
		nest = begin(m, places[type]);
		put_program(m, p, LWT_BPF_PROG_FD, LWT_BPF_PROG_NAME);
		end(m, nest);
	}
}

static void put_seg6(struct message *m, const struct bpf_program *p)
{
	struct rtattr *nest;

	put(m, SEG6_LOCAL_ACTION, &(uint32_t){SEG6_LOCAL_ACTION_END_BPF}, sizeof(uint32_t));
	nest = begin(m, SEG6_LOCAL_BPF);
	put_program(m, p, SEG6_LOCAL_BPF_PROG, SEG6_LOCAL_BPF_PROG_NAME);
	end(m, nest);
}

int attach__route(struct attaching *a)
{
	bool seg6 = bpf_program__type(a->program) == BPF_PROG_TYPE_LWT_SEG6LOCAL;
	struct message m = {
		.head = {.nlmsg_type = RTM_NEWROUTE, .nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL}};
	struct rtattr *nest;
	int index, code;

	if (a->links->routed) /* with the first of them */
		return 0;
	code = put_prefix(a, &m);
	if (code)
		return code;
	index = attach__interface(a);
	if (index < 0)
		return index;
	put(&m, RTA_OIF, &(uint32_t){index}, sizeof(uint32_t));
	put(&m, RTA_ENCAP_TYPE, &(uint16_t){seg6 ? LWTUNNEL_ENCAP_SEG6_LOCAL : LWTUNNEL_ENCAP_BPF},
	    sizeof(uint16_t));
	nest = begin(&m, RTA_ENCAP);
	if (seg6)
		put_seg6(&m, a->program);
	else
		put_lwt(&m, a->object);
	end(&m, nest);
	code = ask(&m);
	if (code == -EEXIST)
		return error__set(a->err, -EINVAL, "--route %s: there is such a route already",
				  a->options->route);
	if (code == -EOPNOTSUPP)
		return error__set(a->err, code, "the kernel has no routes with programs: %s",
				  seg6 ? "CONFIG_IPV6_SEG6_BPF" : "CONFIG_LWTUNNEL_BPF");
	if (code)
		return error__set(a->err, code, "the route %s cannot be made: %s",
				  a->options->route, strerror(-code));
	a->links->routed = true;
	return take_back(a, &m, RTM_DELROUTE);
}

/* A filter that every packet passes, and whose action the program is. */
int attach__action(struct attaching *a)
{
	bool egress = attach__says(a, "egress");
	int index = attach__interface(a), code;
	struct bpf_tc_hook hook = {.sz = sizeof(hook), .ifindex = index};
	struct message m = {.head = {.nlmsg_type = RTM_NEWTFILTER,
				     .nlmsg_flags = NLM_F_CREATE | NLM_F_EXCL,
				     .nlmsg_len = NLMSG_LENGTH(sizeof(m.filter))}};
	struct rtattr *options, *actions, *first, *own;

	if (index < 0)
		return index;
	hook.attach_point = egress ? BPF_TC_EGRESS : BPF_TC_INGRESS;
	code = bpf_tc_hook_create(&hook);
	if (code && code != -EEXIST)
		return code;
	m.made_hook = code ? 0 : index;
	m.filter = (struct tcmsg){
		.tcm_ifindex = index,
		.tcm_parent = TC_H_MAKE(TC_H_CLSACT, egress ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS),
		.tcm_info = TC_H_MAKE(PRIORITY << 16, htons(ETH_P_ALL))};
	put(&m, TCA_KIND, "matchall", sizeof("matchall"));
	options = begin(&m, TCA_OPTIONS);
	actions = begin(&m, TCA_MATCHALL_ACT);
	first = begin(&m, 1);
	put(&m, TCA_ACT_KIND, "bpf", sizeof("bpf"));
	own = begin(&m, TCA_ACT_OPTIONS);
	put(&m, TCA_ACT_BPF_PARMS, &(struct tc_act_bpf){.action = TC_ACT_PIPE},
	    sizeof(struct tc_act_bpf));
	put_program(&m, a->program, TCA_ACT_BPF_FD, TCA_ACT_BPF_NAME);
	end(&m, own);
	end(&m, first);
	end(&m, actions);
	end(&m, options);
	code = ask(&m);
	if (code && m.made_hook)
		attach__leave_hook(m.made_hook);
	if (code == -EEXIST)
		return error__set(a->err, code, "%s has a filter of this kind already",
				  a->options->interface);
	if (code)
		return error__set(a->err, code,
				  "the kernel cannot have it as an action (%s): it needs "
				  "CONFIG_NET_CLS_MATCHALL and CONFIG_NET_ACT_BPF",
				  strerror(-code));
	m.head.nlmsg_len = NLMSG_LENGTH(sizeof(m.filter));
	put(&m, TCA_KIND, "matchall", sizeof("matchall"));
	return take_back(a, &m, RTM_DELTFILTER);
}
