// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* All that can be wrong with a section; only one program is right. */
#include "mine.h"

COUNT(right);

SEC("raw_tp/sys_enter")
int BPF_PROG(right, struct pt_regs *regs, long number)
{
	if (number == SYS_KILL && is_mine())
		SAW(right);
	return 0;
}

#define WRONG(name, section)                                                                       \
	SEC(section) int name(void *ctx)                                                           \
	{                                                                                          \
		return 0;                                                                          \
	}

WRONG(misspelt, "kporbe/vfs_read")
WRONG(no_kind, "something else")
WRONG(no_tracepoint, "tp_btf/no_such_tracepoint")
WRONG(no_event, "tp/no/such")
WRONG(no_function, "kprobe/no_such_function")
WRONG(nowhere, "kprobe")
WRONG(no_file, "uprobe//no/such/file:main")
WRONG(no_symbol, "uprobe//bin/sh:no_such_function")
WRONG(no_probe, "usdt//bin/sh:no:such")
WRONG(no_iterator, "iter/nothing")
