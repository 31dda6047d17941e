// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * System calls: one record at the exit, where the saved registers still hold the arguments. One program serves them
 * all; the table `calls`, which user space derives from the catalogue, tells what each argument is.
 */
#include <sonde/probe.bpf.h>
#include "lib/call.h"

const volatile struct sonde_ids sonde_ids__sys_exit = {};
const volatile struct sonde_ids sonde_ids__sys_enter = {};

SEC("?tp_btf/sys_exit")
int BPF_PROG(sys_exit, struct pt_regs *regs, long ret)
{
	return capture_exit(ctx, regs, ret, sonde_ids__sys_exit.hook);
}
