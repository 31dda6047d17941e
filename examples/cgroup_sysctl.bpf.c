// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Which program reads or writes which setting under /proc/sys? --set deny=1 lets nobody write.
 *     sonde probe build cgroup_sysctl.bpf.c
 *     sonde probe run cgroup_sysctl.bpf.o -- CMD
 *     sonde probe run cgroup_sysctl.bpf.o --cgroup / 'evt.arg.write = 1'
 */
#include <linux/bpf.h>
#include <sonde/probe.bpf.h>

__u8 deny = 0;

EVENT(setting, mine, "a program reads or writes a setting under /proc/sys")
{
	char name[64];
	char value[64]; /* the new one, where it is written */
	__u8 write QUIET;
	__u8 denied QUIET;
};

SEC("cgroup/sysctl")
int setting(struct bpf_sysctl *ctx)
{
	bool denied = deny && ctx->write;
	struct sonde_event__setting *e = begin(setting);

	if (!e)
		return !denied;
	e->write = ctx->write;
	e->denied = denied;
	bpf_sysctl_get_name(ctx, e->name, sizeof(e->name), 0);
	if (e->write)
		bpf_sysctl_get_new_value(ctx, e->value, sizeof(e->value));
	else
		bpf_sysctl_get_current_value(ctx, e->value, sizeof(e->value));
	submit(e);
	return !denied;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
