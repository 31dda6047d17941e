// SPDX-License-Identifier: Apache-2.0
/* Fields of the descriptor that a call is about: file, pipe or connection, and its two ends. */
#include "fields_get.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#define GET(name)                                                                                  \
	void field_get__##name(const struct event *e, struct field_use *use, struct value *v)

const struct field *schema__descriptor(const struct schema *s)
{
	bool result = s->flags & SCHEMA_RESULT;

	if (result && s->count && s->fields[0].kind == KIND_fd)
		return &s->fields[0];
	for (unsigned int i = result; i < s->count; i++) {
		const struct field *f = &s->fields[i];

		/* Of a directory and a path, the path names what the call is about. */
		if (f->kind == KIND_file)
			return f;
		if (f->kind == KIND_fd &&
		    !(strstr(f->name, "dirfd") && i + 1 < s->count && f[1].kind == KIND_path))
			return f;
	}
	return NULL;
}

bool schema__has_descriptor(const struct schema *s)
{
	return schema__descriptor(s) != NULL;
}

/* The descriptor's value; false when there is none, or the call failed to make one. */
static bool descriptor(const struct event *e, struct field_use *use, struct value *fd)
{
	if (use->cached_schema != e->schema) {
		use->cached_schema = e->schema;
		use->cached_field = schema__descriptor(e->schema);
	}
	if (!use->cached_field)
		return false;
	event__value(e, use->cached_field, fd);
	return fd->state == VALUE_OK && (int64_t)fd->number >= 0;
}

static const struct file *file_of(const struct event *e, struct field_use *use)
{
	struct value fd;

	return descriptor(e, use, &fd) ? fd.file : NULL;
}

GET(fd_num)
{
	struct value fd;

	if (descriptor(e, use, &fd) && use->cached_field->kind == KIND_fd)
		value__set_number(v, fd.number);
}

GET(fd_uid)
{
	struct value fd;
	size_t start = e->scratch->size;

	if (!descriptor(e, use, &fd) || use->cached_field->kind != KIND_fd)
		return;
	buffer__signed(e->scratch, fd.number);
	buffer__unsigned(e->scratch, e->record->tid);
	value__set_scratch(v, e, start);
}

/* A failed open has no file, but the path that it wanted. */
static bool wanted_path(const struct event *e)
{
	return schema__opens(e->schema) && event__failed(e);
}

GET(fd_name)
{
	const struct file *f = file_of(e, use);
	size_t start = e->scratch->size;

	if (f && f->name) {
		value__set_bytes(v, f->name, f->name_size);
		v->cut = f->cut;
	} else if (wanted_path(e) && event__absolute_path(e, PATH_ONLY, e->scratch)) {
		value__set_scratch(v, e, start);
	}
}

GET(fd_nameraw)
{
	const struct field *path =
		schema__opens(e->schema) ? schema__path(e->schema, PATH_ONLY) : NULL;
	struct value raw;

	if (!path) {
		field_get__fd_name(e, use, v);
		return;
	}
	event__value(e, path, &raw);
	raw.field = v->field;
	*v = raw;
}

static bool has_path(const struct event *e, struct field_use *use)
{
	const struct file *f = file_of(e, use);

	return f ? f->info->type == SONDE_FILE_PATH : wanted_path(e);
}

GET(fd_path_part)
{
	const char *slash;
	size_t before;

	if (!has_path(e, use))
		return;
	field_get__fd_name(e, use, v);
	if (v->state != VALUE_OK || !v->size)
		return;
	slash = memrchr(v->data, '/', v->size);
	if (!slash) {
		if (use->def->part == PATH_DIRECTORY)
			v->state = VALUE_NONE;
		return;
	}
	before = slash - (const char *)v->data;
	if (use->def->part == PATH_DIRECTORY) {
		v->size = before ? before : 1;
	} else {
		v->data = slash + 1;
		v->size -= before + 1;
	}
	v->whole = v->size;
	v->cut = v->cut && use->def->part == PATH_DIRECTORY;
}

GET(fd_container)
{
	struct value id = {.state = VALUE_NONE}, name = {.state = VALUE_NONE, .field = v->field};
	struct buffer text = {}; /* the name may lie in the scratch, which moves when it grows */
	size_t start;

	field_get__container_id(e, use, &id);
	if (use->def->part == PATH_DIRECTORY)
		field_get__fd_path_part(e, use, &name);
	else
		field_get__fd_name(e, use, &name);
	if (id.state != VALUE_OK || name.state != VALUE_OK)
		return;
	buffer__bytes(&text, id.data, id.size);
	buffer__char(&text, ':');
	buffer__bytes(&text, name.data, name.size);
	if (!text.failed) {
		start = e->scratch->size;
		buffer__bytes(e->scratch, text.data, text.size);
		value__set_scratch(v, e, start);
	}
	buffer__free(&text);
}

struct type {
	const char *name;
	char letter;
};

static struct type anonymous_type(const struct file *f)
{
	static const struct {
		const char *prefix; /* of the kernel's name for the anonymous inode */
		struct type type;
	} types[] = {
		{"anon_inode:[eventfd]", {"event", 'e'}},
		{"anon_inode:[eventpoll]", {"eventpoll", 'l'}},
		{"anon_inode:[signalfd]", {"signalfd", 's'}},
		{"anon_inode:[timerfd]", {"timerfd", 't'}},
		{"anon_inode:inotify", {"inotify", 'i'}},
		{"anon_inode:[inotify]", {"inotify", 'i'}},
		{"anon_inode:bpf", {"bpf", 'b'}},
		{"anon_inode:[bpf", {"bpf", 'b'}},
		{"anon_inode:[userfaultfd]", {"userfaultfd", 'u'}},
		{"anon_inode:[io_uring]", {"io_uring", 'r'}},
		{"anon_inode:[pidfd]", {"pidfd", 'o'}},
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(types); i++) {
		size_t size = strlen(types[i].prefix);

		if (f->name && f->name_size >= size && !memcmp(f->name, types[i].prefix, size))
			return types[i].type;
	}
	return (struct type){"unknown", 'o'};
}

static struct type file_type(const struct file *f)
{
	switch (f->info->type) {
	case SONDE_FILE_PATH:
		if (S_ISDIR(f->info->mode))
			return (struct type){"directory", 'd'};
		if (S_ISFIFO(f->info->mode))
			return (struct type){"pipe", 'p'};
		return (struct type){"file", 'f'};
	case SONDE_FILE_PIPE:
		return (struct type){"pipe", 'p'};
	case SONDE_FILE_MEMFD:
		return (struct type){"memfd", 'm'};
	case SONDE_FILE_NAMESPACE:
		return (struct type){"namespace", 'o'};
	case SONDE_FILE_SOCKET:
		switch (f->info->family) {
		case AF_INET:
			return (struct type){"ipv4", '4'};
		case AF_INET6:
			return (struct type){"ipv6", '6'};
		case AF_UNIX:
			return (struct type){"unix", 'u'};
		case AF_NETLINK:
			return (struct type){"netlink", 'n'};
		case AF_PACKET:
			return (struct type){"packet", 'P'};
		}
		return (struct type){"socket", 'o'};
	case SONDE_FILE_ANON:
		return anonymous_type(f);
	}
	return (struct type){"unknown", 'o'};
}

GET(fd_type)
{
	const struct file *f = file_of(e, use);

	if (f)
		value__set_string(v, file_type(f).name);
	else if (wanted_path(e))
		value__set_string(v, "file");
}

GET(fd_typechar)
{
	const struct file *f = file_of(e, use);
	const char *letter;

	if (!f) {
		if (wanted_path(e))
			value__set_string(v, "f");
		return;
	}
	/* A string that lasts: the letter's place in all of them. */
	letter = strchr("fd46upelstibrmnPo", file_type(f).letter);
	value__set_bytes(v, letter, 1);
}

GET(fd_inode)
{
	const struct file *f = file_of(e, use);
	unsigned int major, minor;

	if (!f)
		return;
	major = f->info->dev >> 20; /* as the kernel packs them */
	minor = f->info->dev & 0xfffff;
	value__set_number(v, use->def->part == INODE_NUMBER  ? f->info->ino
			     : use->def->part == INODE_MAJOR ? major
			     : use->def->part == INODE_MINOR ? minor
							     : makedev(major, minor));
}

struct ends {
	bool v6;
	bool has_local, has_peer;
	bool local_serves;
	uint8_t local[16], peer[16];
	uint16_t local_port, peer_port;
};

/* The call that an event is about: security_socket_bind is bind's check. */
static const char *call_of(const struct event *e)
{
	static const char check[] = "security_socket_";
	const char *name = e->schema->name;

	return strncmp(name, check, strlen(check)) ? name : name + strlen(check);
}

/* Where the socket does not know its peer, the call may: connect that failed or is under way,
 * sendto. */
static void peer_of_call(const struct event *e, struct ends *ends)
{
	bool binds = !strcmp(call_of(e), "bind");

	for (unsigned int i = 0; i < e->schema->count; i++) {
		struct sockaddr_storage address = {};
		struct value v;

		if (e->schema->fields[i].kind != KIND_sockaddr)
			continue;
		event__value(e, &e->schema->fields[i], &v);
		if (v.state != VALUE_OK || !v.data)
			continue;
		memcpy(&address, v.data, min(v.size, (uint32_t)sizeof(address)));
		if (address.ss_family == AF_INET && v.size >= 8) {
			const struct sockaddr_in *in = (const void *)&address;

			ends->v6 = false;
			memcpy(binds ? ends->local : ends->peer, &in->sin_addr, 4);
			*(binds ? &ends->local_port : &ends->peer_port) = ntohs(in->sin_port);
		} else if (address.ss_family == AF_INET6 && v.size >= 24) {
			const struct sockaddr_in6 *in6 = (const void *)&address;

			ends->v6 = true;
			memcpy(binds ? ends->local : ends->peer, &in6->sin6_addr, 16);
			*(binds ? &ends->local_port : &ends->peer_port) = ntohs(in6->sin6_port);
		} else {
			continue;
		}
		*(binds ? &ends->has_local : &ends->has_peer) = true;
		return;
	}
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
	while (size > 0 && !bytes[size - 1])
		size--;
	return !size;
}

/* Both ends of an internet socket, as far as they are known. */
static bool ends_of(const struct event *e, struct field_use *use, struct ends *ends)
{
	const struct file *f = file_of(e, use);
	const struct sonde_file *i;
	const char *call = call_of(e);

	*ends = (struct ends){};
	if (!f || f->info->type != SONDE_FILE_SOCKET ||
	    (f->info->family != AF_INET && f->info->family != AF_INET6))
		return false;
	i = f->info;
	ends->v6 = i->family == AF_INET6;
	memcpy(ends->local, i->local, 16);
	memcpy(ends->peer, i->peer, 16);
	ends->local_port = i->local_port;
	ends->peer_port = i->peer_port;
	ends->has_local = ends->local_port || !is_zero(ends->local, 16);
	ends->has_peer = ends->peer_port || !is_zero(ends->peer, 16);
	if (!ends->peer_port) /* of a refused connection the socket still has the address */
		peer_of_call(e, ends);

	if (!strcmp(call, "connect") || !strcmp(call, "tcp_connect") || i->state == TCP_SYN_SENT)
		ends->local_serves = false;
	else if (!strncmp(call, "accept", 6) || i->state == TCP_LISTEN || !strcmp(call, "listen"))
		ends->local_serves = true;
	else if (!ends->has_peer || !ends->has_local)
		ends->local_serves = ends->has_local;
	else
		ends->local_serves = ends->local_port < ends->peer_port;
	return true;
}

/* Is the asked end the local one? For END_EITHER the index says: 1 the remote end, or the only one
 * that is known. */
static bool pick_end(const struct ends *ends, const struct field_use *use, bool *local)
{
	switch (use->def->part) {
	case END_CLIENT:
		*local = !ends->local_serves;
		break;
	case END_SERVER:
		*local = ends->local_serves;
		break;
	case END_LOCAL:
		*local = true;
		break;
	case END_REMOTE:
		*local = false;
		break;
	default:
		*local = use->index == 2 || !ends->has_peer;
		if (use->index > 1 + (ends->has_peer && ends->has_local))
			return false;
	}
	return *local ? ends->has_local : ends->has_peer;
}

GET(fd_ip)
{
	struct ends ends;
	bool local;

	if (ends_of(e, use, &ends) && pick_end(&ends, use, &local)) {
		size_t start = e->scratch->size;

		buffer__bytes(e->scratch, local ? ends.local : ends.peer, ends.v6 ? 16 : 4);
		value__set_scratch(v, e, start);
	}
}

GET(fd_port)
{
	struct ends ends;
	bool local;

	if (ends_of(e, use, &ends) && pick_end(&ends, use, &local))
		value__set_number(v, local ? ends.local_port : ends.peer_port);
}

GET(fd_l4proto)
{
	const struct file *f = file_of(e, use);
	const struct sonde_file *i;

	if (!f || f->info->type != SONDE_FILE_SOCKET ||
	    (f->info->family != AF_INET && f->info->family != AF_INET6))
		return;
	i = f->info;
	if (i->socktype == SOCK_RAW) {
		value__set_string(v, "raw");
		return;
	}
	switch (i->protocol) {
	case IPPROTO_TCP:
		value__set_string(v, "tcp");
		break;
	case IPPROTO_UDP:
		value__set_string(v, "udp");
		break;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		value__set_string(v, "icmp");
		break;
	case IPPROTO_SCTP:
		value__set_string(v, "sctp");
		break;
	case IPPROTO_DCCP:
		value__set_string(v, "dccp");
		break;
	case IPPROTO_UDPLITE:
		value__set_string(v, "udplite");
		break;
	case IPPROTO_MPTCP % 65536:
		value__set_string(v, "mptcp");
		break;
	default:
		value__set_string(v, i->socktype == SOCK_STREAM  ? "tcp"
				     : i->socktype == SOCK_DGRAM ? "udp"
								 : NULL);
	}
}

GET(fd_sockfamily)
{
	const struct file *f = file_of(e, use);

	if (!f || f->info->type != SONDE_FILE_SOCKET)
		return;
	if (f->info->family == AF_UNIX)
		value__set_string(v, "unix");
	else if (f->info->family == AF_INET || f->info->family == AF_INET6)
		value__set_string(v, "ip");
}

GET(fd_is_server)
{
	struct ends ends;

	if (ends_of(e, use, &ends))
		value__set_number(v, ends.local_serves);
}

GET(fd_connected)
{
	const struct file *f = file_of(e, use);

	if (!f || f->info->type != SONDE_FILE_SOCKET)
		return;
	/* For all protocols the kernel says so by the state, which shares TCP's numbers. */
	value__set_number(v, f->info->state == TCP_ESTABLISHED);
}
