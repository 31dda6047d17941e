// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#include "types.h"

#ifndef REUSEPORT
#define REUSEPORT "sk_reuseport"
#endif

struct {
	__uint(type, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u64);
} sockets SEC(".maps");

__u64 selected, migrated;

/* Always the second. */
SEC(REUSEPORT)
int of_reuseport(struct sk_reuseport_md *ctx)
{
	__u32 second = 1;

#ifdef MIGRATE
	if (ctx->migrating_sk)
		ADD(migrated, 1);
	else
		second = 0;
#endif
	ADD(selected, 1);
	bpf_sk_select_reuseport(ctx, &sockets, &second, 0);
	return SK_PASS;
}
