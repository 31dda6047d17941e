// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Who gives the kernel's own threads work to do, and to which queue? What they do then is seen as
 * theirs; only here is it known for whom.
 *
 * Kernel types that sonde does not read yet: only the members that are read stand here, and CO-RE
 * finds where they are in the kernel that runs. In probes/ they belong into lib/kernel.h or its
 * kin. CONTRIBUTING.md, "An event is one file", tells how a probe becomes a part of sonde.
 */
#include <sonde/probe.bpf.h>

struct work_struct {
	void *func;
} __attribute__((preserve_access_index));

struct workqueue_struct {
	char name[24];
} __attribute__((preserve_access_index));

struct pool_workqueue {
	struct workqueue_struct *wq;
} __attribute__((preserve_access_index));

EVENT(workqueue_queue_work, system, "work was given to the kernel's threads")
{
	char queue[24];
	__u64 function KIND(address) HELP("that does it");
};

SEC("?tp_btf/workqueue_queue_work")
int BPF_PROG(workqueue_queue_work, int req_cpu, struct pool_workqueue *pwq,
	     struct work_struct *work)
{
	struct sonde_event__workqueue_queue_work *e = begin(workqueue_queue_work);

	if (!e)
		return 0;
	bpf_core_read_str(e->queue, sizeof(e->queue), &pwq->wq->name);
	e->function = (__u64)work->func;
	return submit(e);
}

/* As a file of its own; in probes/ all are of one license. */
char LICENSE[] SEC("license") = "Dual BSD/GPL";
