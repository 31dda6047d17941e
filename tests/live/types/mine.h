/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* What the programs of program_types_test share: each counts what live-types does, and nobody else.
 */
#ifndef MINE_H
#define MINE_H

#include <sonde/probe.bpf.h>

#define SYS_KILL 62
#define EPERM    1

/* Shown as a variable. A section without a target takes the bare name. */
#define COUNT(name)          __u64 saw_##name
#define SAW(name)            SAW_SO_MANY(name, 1)
#define SAW_SO_MANY(name, n) __sync_fetch_and_add(&saw_##name, n)

/* It calls itself so when it begins. */
static __always_inline bool is_mine(void)
{
	char comm[16] = {};

	bpf_get_current_comm(comm, sizeof(comm));
	return comm[0] == 't' && comm[1] == 'y' && comm[2] == 'p' && comm[3] == 'e' &&
	       comm[4] == 's' && !comm[5] && is_traced();
}

char LICENSE[] SEC("license") = "GPL";

#endif
