// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Who sends signals to whom? By ksyscall, which hooks the call and costs the others nothing.
 *     sonde probe run kills.bpf.o -- sh -c 'sleep 9 & kill %1'
 */
#include <sonde/probe.bpf.h>

EVENT(kills, mine, "kill(2) is called")
{
	__s32 target KIND(pid) HELP("0: its own process group, below 0: another one");
	__s32 sig KIND(signal);
};

SEC("ksyscall/kill")
int BPF_KSYSCALL(on_kill, int target, int sig)
{
	struct sonde_event__kills *e = begin(kills);

	if (!e)
		return 0;
	e->target = target;
	e->sig = sig;
	return submit(e);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
