// SPDX-License-Identifier: Apache-2.0
/* How do values of socket options, messages of System V and struct sigevent look? */
#include "members.h"
#include "tables.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

/* struct sigevent: a value for the handler, then the signal and how to tell. */
void out__sigevent(struct out *o, const struct span *s)
{
	uint32_t notify = span__get(s, 12, 4);

	out__open(o, '{');
	if (o->json || span__get(s, 0, 8)) {
		out__key(o, "sigev_value");
		out__open(o, '{');
		out__key(o, "sival_int");
		out__signed(o, (int32_t)span__get(s, 0, 4));
		out__key(o, "sival_ptr");
		out__address(o, span__get(s, 0, 8));
		out__close(o, '}');
	}
	out__key(o, "sigev_signo");
	out__signal(o, (int32_t)span__get(s, 8, 4));
	out__key(o, "sigev_notify");
	out__enum(o, &tables[TABLE_sigev_notify], notify, false);
	if (notify == 4) { /* SIGEV_THREAD_ID */
		out__key(o, "sigev_notify_thread_id");
		out__signed(o, (int32_t)span__get(s, 16, 4));
	}
	out__close(o, '}');
}

/* struct msgbuf: a type, then the text. */
void out__message(struct out *o, const struct span *s, bool cut)
{
	struct span text = span__from(s, 8, s->size);

	out__open(o, '{');
	out__key(o, "mtype");
	out__signed(o, span__get(s, 0, 8));
	out__key(o, "mtext");
	out__bytes(o, text.data, text.size, cut);
	out__close(o, '}');
}

/* What is no int. */
static const struct {
	int level, option;
	uint8_t kind;
} options[] = {
	{SOL_SOCKET, SO_LINGER, KIND_linger},
	{SOL_SOCKET, SO_PEERCRED, KIND_ucred},
	{SOL_SOCKET, 20 /* SO_RCVTIMEO_OLD */, KIND_timeval},
	{SOL_SOCKET, 21 /* SO_SNDTIMEO_OLD */, KIND_timeval},
	{SOL_SOCKET, SO_ATTACH_FILTER, KIND_sock_fprog},
	{SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, KIND_sock_fprog},
	{SOL_SOCKET, SO_BINDTODEVICE, KIND_buffer},
	{SOL_SOCKET, SO_PEERNAME, KIND_sockaddr},
	{IPPROTO_IP, IP_ADD_MEMBERSHIP, KIND_ip_mreq},
	{IPPROTO_IP, IP_DROP_MEMBERSHIP, KIND_ip_mreq},
	{IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, KIND_ipv6_mreq},
	{IPPROTO_IPV6, IPV6_DROP_MEMBERSHIP, KIND_ipv6_mreq},
	{IPPROTO_TCP, TCP_INFO, KIND_tcp_info},
	{IPPROTO_TCP, TCP_CONGESTION, KIND_buffer},
	{IPPROTO_TCP, TCP_ULP, KIND_buffer},
};

static uint8_t option_kind(int level, int option, size_t size)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(options); i++)
		if (options[i].level == level && options[i].option == option)
			return options[i].kind;
	return size == 4 ? KIND_int_at : KIND_buffer;
}

/* getsockopt(fd, level, option, value, size) and its like: most values are an int. */
void out__socket_option(struct out *o, const struct span *s, bool cut)
{
	const uint64_t *args = (const uint64_t *)(o->e->record + 1);
	uint8_t kind = o->e->schema->count > 3 ? option_kind(args[2], args[3], s->size)
					       : option_kind(-1, -1, s->size);
	const struct member_list *members = members__of(kind);

	if (kind == KIND_timeval && s->size == 16) {
		out__timespec(o, s, "tv_usec");
	} else if (kind == KIND_sockaddr) {
		out__sockaddr(o, s, cut);
	} else if (members && s->size >= 8) {
		members__out(o, s, members->list, members->count);
	} else if (kind != KIND_int_at) {
		out__bytes(o, s->data, s->size, cut);
	} else {
		if (!o->json)
			buffer__char(o->b, '[');
		out__signed(o, (int32_t)span__get(s, 0, 4));
		if (!o->json)
			buffer__char(o->b, ']');
	}
}
