// SPDX-License-Identifier: Apache-2.0
/* How do socket addresses, vectors of buffers and messages look? */
#include "out.h"
#include "tables.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

static uint16_t port_at(const struct span *s, size_t offset)
{
	return ntohs((uint16_t)span__get(s, offset, 2));
}

static void octet(struct buffer *b, unsigned int n)
{
	if (n >= 100)
		buffer__char(b, '0' + n / 100);
	if (n >= 10)
		buffer__char(b, '0' + n / 10 % 10);
	buffer__char(b, '0' + n % 10);
}

/* The address alone. */
static void ip(struct buffer *b, const uint8_t *p, unsigned int size)
{
	char text[INET6_ADDRSTRLEN];

	if (size >= 16) {
		if (inet_ntop(AF_INET6, p, text, sizeof(text)))
			buffer__text(b, text);
		return;
	}
	for (unsigned int i = 0; i < 4 && i < size; i++) {
		if (i)
			buffer__char(b, '.');
		octet(b, p[i]);
	}
}

void out__ip(struct out *o, const void *data, unsigned int size)
{
	if (o->json)
		buffer__char(o->b, '"');
	ip(o->b, data, size);
	if (o->json)
		buffer__char(o->b, '"');
}

/* A number in network byte order: htons(80), in JSON 80. */
static void network_order(struct out *o, const char *macro, uint64_t n)
{
	if (o->json) {
		out__unsigned(o, n);
		return;
	}
	buffer__text(o->b, macro);
	buffer__unsigned(o->b, n);
	buffer__char(o->b, ')');
}

void out__inet(struct out *o, const struct span *s)
{
	if (o->json) {
		out__ip(o, s->data, s->size);
		return;
	}
	buffer__text(o->b, s->size > 4 ? "inet_pton(AF_INET6, \"" : "inet_addr(\"");
	ip(o->b, s->data, s->size);
	buffer__text(o->b, "\")");
}

static void inet(struct out *o, const struct span *s)
{
	struct span address = span__from(s, 4, 4);

	out__key(o, "sin_port");
	network_order(o, "htons(", port_at(s, 2));
	out__key(o, "sin_addr");
	out__inet(o, &address);
}

static void inet6(struct out *o, const struct span *s)
{
	out__key(o, "sin6_port");
	network_order(o, "htons(", port_at(s, 2));
	out__key(o, "sin6_flowinfo");
	network_order(o, "htonl(", ntohl((uint32_t)span__get(s, 4, 4)));
	if (o->json) {
		out__key(o, "sin6_addr");
		out__ip(o, s->data + 8, 16);
	} else {
		out__element(o);
		buffer__text(o->b, "inet_pton(AF_INET6, \"");
		ip(o->b, s->data + 8, 16);
		buffer__text(o->b, "\", &sin6_addr)");
	}
	if (s->size >= 28) {
		out__key(o, "sin6_scope_id");
		out__unsigned(o, span__get(s, 24, 4));
	}
}

/* A path ends at its NUL; an abstract name begins with one and may contain others. */
static void unix_address(struct out *o, const struct span *s, bool cut)
{
	struct span path = span__from(s, 2, s->size);
	bool abstract = path.size && !path.data[0];

	if (!path.size)
		return;
	out__key(o, "sun_path");
	if (!abstract) {
		out__name(o, path.data, path.size);
		return;
	}
	if (o->json) {
		buffer__text(o->b, "\"@");
		escape__json(o->b, (const char *)path.data + 1, path.size - 1);
		buffer__char(o->b, '"');
		return;
	}
	buffer__char(o->b, '@');
	paint(o->b, o->r, PAINT_STRING);
	escape__quoted(o->b, path.data + 1, path.size - 1);
	if (cut)
		buffer__bytes(o->b, "...", 3);
	paint(o->b, o->r, PAINT_END);
}

static void netlink(struct out *o, const struct span *s)
{
	static const char digits[] = "0123456789abcdef";
	uint32_t groups = span__get(s, 8, 4);

	out__key(o, "nl_pid");
	out__unsigned(o, span__get(s, 4, 4));
	out__key(o, "nl_groups");
	if (o->json)
		buffer__char(o->b, '"');
	if (groups) /* strace's 0x000001, and 00000000 for none */
		buffer__bytes(o->b, "0x", 2);
	for (int shift = groups && groups < 1 << 24 ? 20 : 28; shift >= 0; shift -= 4)
		buffer__char(o->b, digits[groups >> shift & 15]);
	if (o->json)
		buffer__char(o->b, '"');
}

static void packet(struct out *o, const struct span *s)
{
	unsigned int size = span__get(s, 11, 1);

	out__key(o, "sll_protocol");
	if (!o->json)
		buffer__text(o->b, "htons(");
	out__enum(o, &tables[TABLE_ethernet_protocol], port_at(s, 2), false);
	if (!o->json)
		buffer__char(o->b, ')');
	out__key(o, "sll_ifindex");
	out__signed(o, (int32_t)span__get(s, 4, 4));
	out__key(o, "sll_hatype");
	out__enum(o, &tables[TABLE_hardware_type], span__get(s, 8, 2), false);
	out__key(o, "sll_pkttype");
	out__enum(o, &tables[TABLE_packet_type], span__get(s, 10, 1), false);
	out__key(o, "sll_halen");
	out__unsigned(o, size);
	if (size) {
		struct span address = span__from(s, 12, min(size, 8u));

		out__key(o, "sll_addr");
		out__octets(o, &address);
	}
}

void out__sockaddr(struct out *o, const struct span *s, bool cut)
{
	unsigned int family = span__get(s, 0, 2);
	struct span rest;

	if (s->size < 2) {
		out__octets(o, s);
		return;
	}
	out__open(o, '{');
	out__key(o, "sa_family");
	out__enum(o, &tables[TABLE_address_family], family, false);
	if (family == AF_UNIX) {
		unix_address(o, s, cut);
	} else if (family == AF_INET && s->size >= 8) {
		inet(o, s);
	} else if (family == AF_INET6 && s->size >= 24) {
		inet6(o, s);
	} else if (family == AF_NETLINK && s->size >= 12) {
		netlink(o, s);
	} else if (family == AF_PACKET && s->size >= 12) {
		packet(o, s);
	} else if (s->size > 2) {
		rest = span__from(s, 2, s->size);
		out__key(o, "sa_data");
		out__bytes(o, rest.data, rest.size, cut);
	}
	out__close(o, '}');
}

/* The bytes were gathered from (or spread over) the vector's pieces one after the other. */
static void vector(struct out *o, const struct sonde_item *iovecs, const uint8_t *data, size_t size,
		   bool cut)
{
	const struct sonde_item *item = iovecs;
	struct span s = {item ? item__data(item) : NULL, item ? item->size : 0};
	size_t used = 0, shown = 0;

	out__open(o, '[');
	for (size_t at = 0; at + 16 <= s.size; at += 16) {
		uint64_t base = span__get(&s, at, 8), length = span__get(&s, at + 8, 8);
		size_t here = min(length, (uint64_t)(size - used));

		if (shown++ == out__limit(o)) {
			out__more(o);
			break;
		}
		out__element(o);
		out__open(o, '{');
		out__key(o, "iov_base");
		if (!base || (!here && length && cut))
			out__address(o, base);
		else
			out__bytes(o, data + used, here, cut && here < length);
		used += here;
		out__key(o, "iov_len");
		out__unsigned(o, length);
		out__close(o, '}');
	}
	if (item && item->whole > item->size)
		out__more(o);
	out__close(o, ']');
}

static bool item_cut(const struct sonde_item *item)
{
	return item->whole > item->size;
}

/* struct cmsghdr: length, level, type, data, padding to 8. */
static void control(struct out *o, const struct span *s, bool cut)
{
	size_t at = 0;

	out__open(o, '[');
	while (span__has(s, at, 16)) {
		uint64_t length = span__get(s, at, 8);
		int32_t level = span__get(s, at + 8, 4), type = span__get(s, at + 12, 4);
		struct span data;

		if (length < 16 || length > s->size - at)
			break;
		data = span__from(s, at + 16, length - 16);
		out__element(o);
		out__open(o, '{');
		out__key(o, "cmsg_len");
		out__unsigned(o, length);
		out__key(o, "cmsg_level");
		out__enum(o, &tables[TABLE_sockopt_level], (uint32_t)level, true);
		out__key(o, "cmsg_type");
		if (level == SOL_SOCKET)
			out__enum(o, &tables[TABLE_control_socket], (uint32_t)type, true);
		else
			out__hex(o, (uint32_t)type);
		if (length > 16 && level == SOL_SOCKET && type == SCM_RIGHTS) {
			out__key(o, "cmsg_data");
			out__fds(o, &data);
		} else if (length >= 28 && level == SOL_SOCKET && type == SCM_CREDENTIALS) {
			out__key(o, "cmsg_data");
			out__open(o, '{');
			out__key(o, "pid");
			out__signed(o, (int32_t)span__get(&data, 0, 4));
			out__key(o, "uid");
			out__id(o, span__get(&data, 4, 4));
			out__key(o, "gid");
			out__id(o, span__get(&data, 8, 4));
			out__close(o, '}');
		} else if (length > 16) {
			out__key(o, "cmsg_data");
			out__bytes(o, data.data, data.size, false);
		}
		out__close(o, '}');
		at += (length + 7) & ~7ull;
	}
	if (cut)
		out__more(o);
	out__close(o, ']');
}

/* The second DATA item of a message holds the bytes of its vector, the first one the structure
 * itself. */
static const struct sonde_item *message_bytes(const struct event *e, const struct field *f)
{
	const struct sonde_item *iovec = event__item(e, f, SONDE_ITEM_IOVEC);
	bool behind = false;

	for (unsigned int i = 0; iovec && i < e->item_count; i++) {
		const struct sonde_item *item = e->items[i];

		if (item == iovec)
			behind = true;
		else if (behind && item->slot == iovec->slot && item->what == SONDE_ITEM_DATA)
			return item;
	}
	return NULL;
}

static void part(struct out *o, const char *key, const struct sonde_item *item, uint64_t address,
		 bool is_name)
{
	struct span s;

	out__key(o, key);
	if (!item || item->what == SONDE_ITEM_FAULT) {
		out__address(o, address);
		return;
	}
	s = (struct span){item__data(item), item->size};
	if (is_name)
		out__sockaddr(o, &s, item_cut(item));
	else
		control(o, &s, item_cut(item));
}

/* struct msghdr. `f`: the field whose items hold its parts, or NULL where only the structure itself
 * was read. */
static void message(struct out *o, const struct span *s, const struct field *f)
{
	const struct sonde_item *name = f ? event__item(o->e, f, SONDE_ITEM_NAME) : NULL;
	const struct sonde_item *iovec = f ? event__item(o->e, f, SONDE_ITEM_IOVEC) : NULL;
	const struct sonde_item *ctl = f ? event__item(o->e, f, SONDE_ITEM_CONTROL) : NULL;
	const struct sonde_item *bytes = f ? message_bytes(o->e, f) : NULL;
	uint64_t controllen = span__get(s, 40, 8);

	out__open(o, '{');
	part(o, "msg_name", name, span__get(s, 0, 8), true);
	out__key(o, "msg_namelen");
	out__signed(o, (int32_t)span__get(s, 8, 4));
	out__key(o, "msg_iov");
	if (iovec)
		vector(o, iovec, bytes ? item__data(bytes) : "", bytes ? bytes->size : 0,
		       !bytes || item_cut(bytes));
	else
		out__address(o, span__get(s, 16, 8));
	out__key(o, "msg_iovlen");
	out__unsigned(o, span__get(s, 24, 8));
	if (controllen)
		part(o, "msg_control", ctl, span__get(s, 32, 8), false);
	out__key(o, "msg_controllen");
	out__unsigned(o, controllen);
	out__key(o, "msg_flags");
	out__flags(o, &tables[TABLE_msg], span__get(s, 48, 4));
	out__close(o, '}');
}

static void messages(struct out *o, const struct span *s, bool cut)
{
	size_t shown = 0;

	out__open(o, '[');
	for (size_t at = 0; at < s->size; at += 64) {
		struct span one = span__from(s, at, 64);

		if (shown++ == out__limit(o)) {
			out__more(o);
			break;
		}
		out__element(o);
		out__open(o, '{');
		out__key(o, "msg_hdr");
		message(o, &one, NULL);
		out__key(o, "msg_len");
		out__unsigned(o, span__get(&one, 56, 4));
		out__close(o, '}');
	}
	if (cut)
		out__more(o);
	out__close(o, ']');
}

bool render__network(struct out *o, const struct value *v)
{
	struct span s = {v->data, v->size};
	const struct sonde_item *iovec;

	switch (v->field->kind) {
	case KIND_sockaddr:
		if (s.size) /* an unnamed peer has no address */
			out__sockaddr(o, &s, v->cut);
		else
			out__address(o, v->number);
		return true;
	case KIND_ip:
		out__ip(o, v->data, v->size);
		return true;
	case KIND_iovec:
		iovec = event__item(o->e, v->field, SONDE_ITEM_IOVEC);
		if (iovec)
			vector(o, iovec, v->data, v->size, v->cut);
		else
			out__address(o, v->number);
		return true;
	case KIND_msghdr:
		message(o, &s, v->field);
		return true;
	case KIND_mmsghdr:
		messages(o, &s, v->cut);
		return true;
	}
	return false;
}
