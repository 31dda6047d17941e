/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's part of a filter as a BPF program: a stage between the probe that made a record and
 * the programs that put it into its ring, or count it as filtered. All three are entries of one
 * program array and so of one type.
 */
#ifndef SONDE_FILTER_GENERATE_H
#define SONDE_FILTER_GENERATE_H

#include "filter.h"

#include <linux/bpf.h>

struct filter_stage {
	int scratches;        /* fd of the array whose values hold the finished record */
	uint32_t first_index; /* of the hook: the CPU's number is added */
	uint32_t record;      /* offset of the record in the value; its header is complete, flags
				 included */
	int stages;           /* fd of the program array */
	uint32_t keep,
		drop; /* entries in it: where the generated program goes on. Neither comes back */
};

struct filter_program {
	struct bpf_insn *insns;
	uint32_t count;
};

/*
 * Records that the filter may want, and those of a call's entry, go on to `keep`, all others to
 * `drop`. -E2BIG: the filter has more conditions than one program should hold; user space decides
 * alone. -ENOMEM.
 */
int filter__generate(const struct filter *f, const struct filter_stage *stage,
		     struct filter_program *ret) __must_check;
void filter_program__free(struct filter_program *p);

#endif
