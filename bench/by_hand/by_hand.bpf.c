// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What tracepoints by name are held against: the same fields of the same tracepoints, written by
 * hand. */
#include <sonde/probe.bpf.h>

char LICENSE[] SEC("license") = "Dual BSD/GPL";

EVENT(by_hand_close, file, "close was called")
{
	__s64 syscall_nr;
	__u64 fd;
};

struct enter_close {
	__u64 common;
	__s32 nr;
	__u32 unused;
	__u64 fd;
};

SEC("?tp/syscalls/sys_enter_close")
int by_hand_close(struct enter_close *ctx)
{
	struct sonde_event__by_hand_close *e = begin(by_hand_close);

	if (!e)
		return 0;
	e->syscall_nr = ctx->nr;
	e->fd = (__u32)ctx->fd;
	return submit(e);
}

EVENT(by_hand_signal, signal, "a signal was sent")
{
	__s64 sig, err, code;
	struct sonde_data comm KIND(string);
	__s64 pid, group, outcome;
};

struct signal_generate {
	__u64 common;
	__s32 sig, err, code;
	char comm[16];
	__s32 pid, group, outcome;
};

SEC("?tp/signal/signal_generate")
int by_hand_signal(struct signal_generate *ctx)
{
	struct sonde_event__by_hand_signal *e = begin(by_hand_signal);

	if (!e)
		return 0;
	e->sig = ctx->sig;
	e->err = ctx->err;
	e->code = ctx->code;
	e->pid = ctx->pid;
	e->group = ctx->group;
	e->outcome = ctx->outcome;
	append_kernel_string_upto(scratch_of(e), SLOT(struct sonde_event__by_hand_signal, comm),
				  ctx->comm, sizeof(ctx->comm));
	return submit(e);
}
