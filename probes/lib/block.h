/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Requests to block devices: which disk, and what is asked of it. */
#ifndef SONDE_BLOCK_H
#define SONDE_BLOCK_H

#include "kernel_fs.h"

static __always_inline struct gendisk *block_disk(struct request *rq)
{
	struct request___old *old = (void *)rq;

	if (bpf_core_field_exists(old->rq_disk))
		return BPF_CORE_READ(old, rq_disk);
	return BPF_CORE_READ(rq, q, disk);
}

#define REQ_OP_MASK   0xff
#define REQ_FLAG_MASK 0x3fff00 /* those that are the same on all kernels */

/* Operations on zones had other numbers before 6.0. */
static __always_inline __u32 block_operation(__u32 op)
{
	if (!bpf_core_type_exists(enum req_opf) || op < 10 || op > 17)
		return op;
	return op == 10   ? 11
	       : op == 11 ? 13
	       : op == 12 ? 15
	       : op == 13 ? 7
	       : op == 15 ? 17
	       : op == 17 ? 19
			  : op;
}

#endif
