/* SPDX-License-Identifier: Apache-2.0 */
/* Events of a run for tests of filters: made by the fixture, kept under ids of their own. */
#ifndef FILTER_FIXTURE_H
#define FILTER_FIXTURE_H

#include "fixture.h"
#include "src/filter/filter.h"
#include "src/host/fields.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>

static struct fixture f;

enum { OPENAT = SONDE_EVENT_CALLS, CLOSE, CONNECT, MMAP, READ, KILL, EXIT, SIGNAL, EVENTS };

static struct field fields[EVENTS][8];
static struct schema schemas_of[EVENTS];
static const struct schema *list[EVENTS];
static const struct schemas schemas = {.list = list, .count = EVENTS};
static struct error error;
static struct buffer text;

static void keep(unsigned int id, const char *category)
{
	memcpy(fields[id], f.fields, sizeof(f.fields));
	schemas_of[id] = f.schema;
	schemas_of[id].fields = fields[id];
	schemas_of[id].id = id;
	schemas_of[id].category = category;
	list[id] = &schemas_of[id];
}

/* openat(AT_FDCWD, "/etc/hosts", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = 3 */
static void openat_call(int64_t result)
{
	fixture__call(&f, "openat", result, KIND_fd);
	fixture__arg(&f, "dirfd", KIND_fd, (uint32_t)AT_FDCWD);
	fixture__arg(&f, "pathname", KIND_path, 0x1000)->alias = "name";
	fixture__arg(&f, "flags", KIND_flags, O_RDWR | O_CREAT | O_CLOEXEC)->values =
		values__find("open");
	fixture__arg(&f, "mode", KIND_mode, 0644);
	fixture__item(&f, 2, SONDE_ITEM_DATA, "/etc/hosts", 10);
	if (result >= 0)
		fixture__file(&f, 0, "/etc/hosts");
	keep(OPENAT, "file,desc");
}

static void close_call(void)
{
	fixture__call(&f, "close", 0, KIND_int);
	fixture__arg(&f, "fd", KIND_fd, 3)->at_entry = true;
	keep(CLOSE, "desc");
}

static void connect_call(int64_t result)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(443)};

	inet_pton(AF_INET, "10.1.2.3", &to.sin_addr);
	fixture__call(&f, "connect", result, KIND_int);
	fixture__arg(&f, "sockfd", KIND_fd, 5);
	fixture__arg(&f, "addr", KIND_sockaddr, 0x2000);
	fixture__item(&f, 2, SONDE_ITEM_DATA, &to, sizeof(to));
	fixture__file(&f, 1, "tcp:127.0.0.1:40112->10.1.2.3:443");
	f.infos[0].type = SONDE_FILE_SOCKET;
	f.infos[0].family = AF_INET;
	f.infos[0].socktype = SOCK_STREAM;
	f.infos[0].protocol = IPPROTO_TCP;
	if (!result) {
		f.infos[0].state = TCP_ESTABLISHED;
		f.infos[0].local_port = 40112;
		f.infos[0].peer_port = 443;
		memcpy(f.infos[0].local, "\x7f\0\0\1", 4);
		memcpy(f.infos[0].peer, "\x0a\1\2\3", 4);
	}
	keep(CONNECT, "net");
}

static void mmap_call(void)
{
	fixture__call(&f, "mmap", 0x7f0000000000, KIND_address);
	fixture__arg(&f, "addr", KIND_address, 0);
	fixture__arg(&f, "length", KIND_size, 8192);
	fixture__arg(&f, "flags", KIND_flags64, MAP_PRIVATE | MAP_ANONYMOUS)->values =
		values__find("mmap");
	keep(MMAP, "desc,memory");
}

static void read_call(void)
{
	fixture__call(&f, "read", 6, KIND_size);
	fixture__arg(&f, "fd", KIND_fd, 0);
	fixture__arg(&f, "buf", KIND_buffer, 0x3000);
	fixture__arg(&f, "count", KIND_size, 65536)->alias = "size";
	fixture__item(&f, 2, SONDE_ITEM_DATA, "\177ELF\0x", 6);
	keep(READ, "desc");
}

static void kill_call(int pid)
{
	fixture__call(&f, "kill", -ESRCH, KIND_int);
	fixture__arg(&f, "pid", KIND_pid, (uint32_t)pid);
	fixture__arg(&f, "sig", KIND_signal, SIGTERM);
	keep(KILL, "signal");
}

static void exit_call(void)
{
	fixture__call(&f, "exit_group", 0, KIND_none);
	f.schema.flags |= SCHEMA_NO_RETURN;
	f.record.flags |= SONDE_RECORD_NO_RETURN;
	fixture__arg(&f, "status", KIND_int, 1);
	keep(EXIT, "process");
}

static void signal_event(void)
{
	fixture__call(&f, "signal", SIGKILL, KIND_signal);
	f.schema.flags = 0;
	f.fields[0].name = "sig";
	f.fields[0].size = 4;
	keep(SIGNAL, "signal");
}

static int set_up(void **state)
{
	openat_call(3);
	close_call();
	connect_call(0);
	mmap_call();
	read_call();
	kill_call(1);
	exit_call();
	signal_event();
	return 0;
}

static int tear_down(void **state)
{
	fixture__free(&f);
	buffer__free(&text);
	return 0;
}

#endif
