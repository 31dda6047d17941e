// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#include "types.h"

__u64 connect_unix, sendmsg_unix, recvmsg_unix, getpeername_unix, getsockname_unix;

#define OF_ADDRESS(name)                                                                           \
	SEC("cgroup/" #name) int of_##name(struct bpf_sock_addr *ctx)                              \
	{                                                                                          \
		ADD(name, 1);                                                                      \
		return 1;                                                                          \
	}

OF_ADDRESS(connect_unix)
OF_ADDRESS(sendmsg_unix)
OF_ADDRESS(recvmsg_unix)
OF_ADDRESS(getpeername_unix)
OF_ADDRESS(getsockname_unix)
