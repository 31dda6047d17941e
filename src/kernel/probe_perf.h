/* SPDX-License-Identifier: Apache-2.0 */
/* Programs of the section perf_event: which counter drives them, and how often? */
#ifndef SONDE_PROBE_PERF_H
#define SONDE_PROBE_PERF_H

#include "../base/error.h"

struct bpf_link;
struct bpf_program;

struct perf_links {
	struct bpf_link **list;
	unsigned int count;
};

/*
 * "NAME@HERTZ", "NAME/PERIOD", "NAME" (each time, or 1,000,000 cycles and the like): on each CPU,
 * or of one process. "timer@HERTZ": on one CPU only. -EINVAL: `err` lists the names.
 */
int probe_perf__attach(struct bpf_program *program, const char *event, uint32_t pid,
		       struct perf_links *links, struct error *err) __must_check;
void perf_links__release(struct perf_links *links);

#endif
