// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* A cgroup may have no sockets of the internet. */
#include "mine.h"

#define AF_INET 2

COUNT(lsm_cgroup);

SEC("lsm_cgroup/socket_create")
int BPF_PROG(on_socket, int family, int type, int protocol, int kern)
{
	if (family != AF_INET || !is_mine())
		return 1;
	SAW(lsm_cgroup);
	return 0;
}
