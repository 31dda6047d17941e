/* SPDX-License-Identifier: Apache-2.0 */
/* The second filter point of system calls: a generated program, put in while the probes run. */
#ifndef SONDE_STAGE_H
#define SONDE_STAGE_H

#include "../base/error.h"

struct bpf_insn;
struct object;

/* What a generated program must know. */
struct stage {
	int scratches;        /* fd of the array whose values hold the finished record */
	uint32_t first_index; /* of the hook: the CPU's number is added */
	uint32_t record;      /* offset of the record in the value */
	int stages;           /* fd of the program array */
	uint32_t keep, drop;  /* entries in it */
	int sys_exit;         /* the kernel's id of the tracepoint's type; negative: it has none */
};

/* Before opening: there will be a filter. */
void stage__want(struct object *o);
/* Before loading: whether there will be one. */
void stage__prepare(struct object *o, bool wanted);
/* After loading. */
int stage__open(struct object *o, uint32_t first_index, struct stage *stage, struct error *err)
	__must_check;
/* Loads the program and puts it in the place of the one that is there, with no record unfiltered or
 * lost between. `count` 0: there is no filter any more. */
int stage__install(const struct stage *stage, const struct bpf_insn *insns, size_t count,
		   struct error *err) __must_check;

#endif
