// SPDX-License-Identifier: Apache-2.0
/* Which file, pipe or socket is this id, and what is it called? */
#include "tables.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <linux/netlink.h>
#include <sys/socket.h>

/* More than the kernel remembers (probes/lib/files.h), so that what it thinks known is known here.
 */
#define MAX_FILES 40000

bool intro_is_sound(const struct sonde_record *r, size_t fixed)
{
	size_t end = (size_t)r->body * 8, at = fixed;

	if (r->size % 8 || sizeof(*r) + end > r->size || fixed > end)
		return false;
	while (at < end) {
		const struct sonde_item *item = record__item(r, at, end);

		if (!item)
			return false;
		at += item__size(item);
	}
	return true;
}

const struct sonde_item *intro_item(const struct sonde_record *r, size_t fixed, unsigned int slot)
{
	size_t end = (size_t)r->body * 8, at = fixed;

	while (at < end) {
		const struct sonde_item *item = record__item(r, at, end);

		if (item->slot == slot)
			return item;
		at += item__size(item);
	}
	return NULL;
}

void append_path(struct buffer *b, const char *components, size_t size)
{
	size_t end = size;

	if (!size)
		buffer__char(b, '/');
	while (end) {
		size_t start = end - 1; /* at the NUL, unless the last one was cut */

		while (start && components[start - 1])
			start--;
		buffer__char(b, '/');
		buffer__bytes(b, components + start, strnlen(components + start, end - start));
		end = start;
	}
}

static void append_address(struct buffer *b, unsigned int family, const uint8_t *address,
			   uint16_t port)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(family, address, text, sizeof(text));
	if (family == AF_INET6)
		buffer__printf(b, "[%s]:%u", text, port);
	else
		buffer__printf(b, "%s:%u", text, port);
}

static const char *transport(const struct sonde_file *f)
{
	switch (f->protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return "icmp";
	case IPPROTO_SCTP:
		return "sctp";
	case IPPROTO_UDPLITE:
		return "udplite";
	case IPPROTO_RAW:
		return "raw";
	case 262:
		return "mptcp";
	}
	return f->socktype == SOCK_STREAM ? "tcp" : f->socktype == SOCK_DGRAM ? "udp" : "raw";
}

static bool is_zero(const uint8_t *address)
{
	static const uint8_t zero[16];

	return !memcmp(address, zero, sizeof(zero));
}

static void append_unix(struct buffer *b, const struct sonde_file *f, const struct sonde_item *name)
{
	const char *text = name ? item__data(name) : NULL;

	buffer__text(b, "unix:");
	if (name && name->size && text[0]) {
		buffer__bytes(b, text, strnlen(text, name->size));
	} else if (name &&
		   name->size > 1) { /* abstract: begins with NUL, and has no end but its length */
		buffer__char(b, '@');
		buffer__bytes(b, text + 1, name->size - 1);
	} else {
		buffer__printf(b, "[%llu", (unsigned long long)f->ino);
		if (f->peer_ino)
			buffer__printf(b, "->%llu", (unsigned long long)f->peer_ino);
		buffer__char(b, ']');
	}
}

/* Of a connection that was refused or given up the peer's address stays behind, without its port.
 */
static void append_internet(struct buffer *b, const struct sonde_file *f)
{
	bool ports = f->socktype == SOCK_STREAM || f->protocol == IPPROTO_UDP;
	bool peer = f->peer_port || (!ports && !is_zero(f->peer));

	buffer__printf(b, "%s:", transport(f));
	if (!peer && !f->local_port && is_zero(f->local)) {
		buffer__printf(b, "[%llu]", (unsigned long long)f->ino);
		return;
	}
	append_address(b, f->family, f->local, f->local_port);
	if (peer) {
		buffer__text(b, "->");
		append_address(b, f->family, f->peer, f->peer_port);
	}
}

static void append_socket(struct buffer *b, const struct sonde_file *f,
			  const struct sonde_item *name)
{
	static const char *const netlink[] = {
		"ROUTE",     "UNUSED",  "USERSOCK", "FIREWALL",       "SOCK_DIAG",  "NFLOG",
		"XFRM",      "SELINUX", "ISCSI",    "AUDIT",          "FIB_LOOKUP", "CONNECTOR",
		"NETFILTER", "IP6_FW",  "DNRTMSG",  "KOBJECT_UEVENT", "GENERIC"};

	switch (f->family) {
	case AF_INET:
	case AF_INET6:
		append_internet(b, f);
		return;
	case AF_UNIX:
		append_unix(b, f, name);
		return;
	case AF_NETLINK:
		if (f->protocol < ARRAY_SIZE(netlink))
			buffer__printf(b, "netlink:[%s:%llu]", netlink[f->protocol],
				       (unsigned long long)f->peer_ino);
		else
			buffer__printf(b, "netlink:[%u:%llu]", f->protocol,
				       (unsigned long long)f->peer_ino);
		return;
	case AF_PACKET:
		buffer__printf(b, "packet:[%llu]", (unsigned long long)f->ino);
		return;
	}
	buffer__printf(b, "socket:[%llu]", (unsigned long long)f->ino);
}

static void append_name(struct buffer *b, const struct sonde_file *f, const struct sonde_item *path)
{
	switch (f->type) {
	case SONDE_FILE_PIPE:
		buffer__printf(b, "pipe:[%llu]", (unsigned long long)f->ino);
		return;
	case SONDE_FILE_SOCKET:
		append_socket(b, f, path);
		return;
	case SONDE_FILE_ANON:
		buffer__text(b, "anon_inode:");
		break;
	case SONDE_FILE_NAMESPACE:
		if (path && path->size > 1)
			buffer__bytes(b, item__data(path), strnlen(item__data(path), path->size));
		else
			buffer__text(b, "ns");
		buffer__printf(b, ":[%llu]", (unsigned long long)f->ino);
		return;
	}
	if (!path) {
		buffer__printf(b, "inode:[%llu]", (unsigned long long)f->ino);
		return;
	}
	if (f->type == SONDE_FILE_ANON) {
		buffer__bytes(b, item__data(path), path->size);
		return;
	}
	if (f->flags & SONDE_FILE_CUT)
		buffer__text(b, "...");
	if (f->flags & SONDE_FILE_UNREACHABLE)
		buffer__text(b, "(unreachable)");
	append_path(b, item__data(path), path->size);
	if (f->flags & SONDE_FILE_DELETED)
		buffer__text(b, " (deleted)");
}

static struct known_file *find_file(const struct files *f, uint64_t id)
{
	struct table_node *n = table__find(&f->table, hash_number(id));

	return n ? container_of(n, struct known_file, node) : NULL;
}

static void free_file(struct files *f, struct known_file *k)
{
	table__remove(&f->table, &k->node);
	free(k);
}

/* Forgets the half that was not asked for longest. */
static void forget(struct files *f)
{
	struct table_node *n, *next = NULL;
	uint32_t limit = f->tick - MAX_FILES / 2;
	unsigned int bucket = 0;

	while ((n = table__each(&f->table, &bucket, &next))) {
		struct known_file *k = container_of(n, struct known_file, node);

		if ((int32_t)(k->used - limit) < 0)
			free_file(f, k);
	}
}

int files__learn(struct files *f, const struct sonde_record *r)
{
	const struct sonde_file *info = (const void *)(r + 1);
	const struct sonde_item *path;
	struct known_file *k, *old;

	if (!intro_is_sound(r, sizeof(*info)))
		return -EBADMSG;
	buffer__reset(&f->scratch);
	path = intro_item(r, sizeof(*info), offsetof(struct sonde_file, path) / 8);
	append_name(&f->scratch, info, path && path->what == SONDE_ITEM_DATA ? path : NULL);
	if (f->scratch.failed)
		return -ENOMEM;
	if (f->table.count >= MAX_FILES)
		forget(f);
	k = malloc(sizeof(*k) + f->scratch.size);
	if (!k)
		return -ENOMEM;
	k->info = *info;
	memcpy(k->name, f->scratch.data, f->scratch.size);
	k->file = (struct file){.info = &k->info,
				.name = k->name,
				.name_size = f->scratch.size,
				.cut = info->flags & SONDE_FILE_CUT,
				.serial = ++f->serial};
	k->used = f->tick++;
	old = find_file(f, info->id);
	if (old)
		free_file(f, old);
	if (!table__add(&f->table, &k->node, hash_number(info->id)))
		return 0;
	free(k);
	return -ENOMEM;
}

const struct file *files__find(struct files *f, uint64_t id)
{
	struct known_file *k = find_file(f, id);

	if (!k)
		return NULL;
	k->used = f->tick;
	return &k->file;
}

void files__release(struct files *f)
{
	struct table_node *n, *next = NULL;
	unsigned int bucket = 0;

	while ((n = table__each(&f->table, &bucket, &next)))
		free(container_of(n, struct known_file, node));
	table__release(&f->table);
	buffer__free(&f->scratch);
}
