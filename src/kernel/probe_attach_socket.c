// SPDX-License-Identifier: Apache-2.0
/* Programs of sockets: of those that a process has, of one that sees an interface, of a map's. */
#include "probe_attach_inside.h"
#include "probe_entries.h"

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <string.h>
#include <sys/socket.h>

#define ETH_P_ALL 3

/* It is not kept open: it would outlive its process's close(). */
struct filtered {
	const char *text; /* PID:FD */
	uint64_t cookie;  /* another socket may have that descriptor later */
	int option;       /* that takes the program from it */
};

static uint64_t cookie_of(int socket)
{
	uint64_t cookie = 0;
	socklen_t size = sizeof(cookie);

	return getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &size) ? 0 : cookie;
}

static void undo_filter(void *what)
{
	const struct filtered *f = what;
	struct error gone = {};
	__cleanup(fd) int socket = probe_entries__socket(f->text, &gone);
	int unused = 0;

	if (socket >= 0 && cookie_of(socket) == f->cookie)
		(void)!setsockopt(socket, SOL_SOCKET, f->option, &unused, sizeof(unused));
}

/* To --socket's. */
static int attach_to_socket(struct attaching *a, int attach, int detach)
{
	const char *text = a->options->socket;
	__cleanup(fd) int socket = probe_entries__socket(text, a->err);
	int program = bpf_program__fd(a->program), code;
	struct filtered f = {.text = text, .option = detach};

	if (socket < 0)
		return socket;
	if (setsockopt(socket, SOL_SOCKET, attach, &program, sizeof(program)))
		return errno == ENOTSOCK
			       ? error__set(a->err, -EINVAL, "--socket %s: it is no socket", text)
			       : -errno;
	f.cookie = cookie_of(socket);
	code = attach__undo(a, undo_filter, &f, sizeof(f));
	if (code)
		undo_filter(&f);
	return code;
}

/* Of a process's socket it decides what that receives; of one of our own, what is on an interface
 * is shown to it and nobody has less. */
int attach__socket(struct attaching *a)
{
	struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
	int program = bpf_program__fd(a->program), index;

	if (a->options->socket)
		return attach_to_socket(a, SO_ATTACH_BPF, SO_DETACH_FILTER);
	if (!a->options->interface)
		return error__set(a->err, -EINVAL, "it needs --interface NAME or --socket PID:FD");
	index = attach__interface(a);
	if (index < 0)
		return index;
	address.sll_ifindex = index;
	/* Protocol 0: it receives nothing before it is bound, and then what the program has seen.
	 */
	a->link->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (a->link->fd < 0 ||
	    setsockopt(a->link->fd, SOL_SOCKET, SO_ATTACH_BPF, &program, sizeof(program)) ||
	    bind(a->link->fd, (struct sockaddr *)&address, sizeof(address)))
		return -errno;
	return 0;
}

int attach__reuseport(struct attaching *a)
{
	if (!a->options->socket)
		return error__set(a->err, -EINVAL,
				  "it needs --socket PID:FD, a socket with SO_REUSEPORT");
	return attach_to_socket(a, SO_ATTACH_REUSEPORT_EBPF, SO_DETACH_REUSEPORT_BPF);
}

struct in_map {
	int program, map;
	enum bpf_attach_type type;
};

static void undo_map(void *what)
{
	struct in_map *m = what;

	(void)!bpf_prog_detach2(m->program, m->map, m->type);
}

/* SEC("sk_skb") says nothing of what it is for. */
static enum bpf_attach_type type_in_map(const struct attaching *a)
{
	enum bpf_attach_type type = bpf_program__expected_attach_type(a->program);

	if (bpf_program__type(a->program) == BPF_PROG_TYPE_SK_MSG)
		return BPF_SK_MSG_VERDICT;
	if (type)
		return type;
	return attach__says(a, "parser") ? BPF_SK_SKB_STREAM_PARSER : BPF_SK_SKB_STREAM_VERDICT;
}

int attach__sockmap(struct attaching *a)
{
	struct bpf_map *map;
	struct in_map m = {.program = bpf_program__fd(a->program), .type = type_in_map(a)};

	bpf_object__for_each_map(map, a->object) {
		if (bpf_map__type(map) != BPF_MAP_TYPE_SOCKMAP &&
		    bpf_map__type(map) != BPF_MAP_TYPE_SOCKHASH)
			continue;
		m.map = bpf_map__fd(map);
		if (bpf_prog_attach(m.program, m.map, m.type, 0))
			return -errno;
		return attach__undo(a, undo_map, &m, sizeof(m));
	}
	return error__set(a->err, -EINVAL, "the file has no map of sockets");
}
