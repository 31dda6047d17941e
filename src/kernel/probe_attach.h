/* SPDX-License-Identifier: Apache-2.0 */
/* Each program of an object file goes to the hook that its section names. */
#ifndef SONDE_PROBE_ATTACH_H
#define SONDE_PROBE_ATTACH_H

#include "../base/error.h"

struct bpf_object;
struct probe_options;

/* What keeps them attached. */
struct probes;
struct probe_links {
	struct probe_link *list;
	unsigned int count;
	bool routed;  /* the route of --route is there */
	char *cgroup; /* the directory that was made for the command; NULL: none */
};

/* `optional`: of a file whose programs marked "?" may be missing, as long as another one works;
 * NULL: none may. -EINVAL: what was refused was asked for wrongly; -ENOENT: nothing could be
 * attached. */
int probe_attach__all(struct bpf_object *o, const struct probes *optional,
		      const struct probe_options *options, struct probe_links *links,
		      void (*refused)(void *context, const char *what, const char *why),
		      void *context) __must_check;
void probe_links__release(struct probe_links *links);
/* Of an iterator: a descriptor from which it is read, anew each time; -1: no more. */
int probe_links__iterator(const struct probe_links *links, unsigned int index);

#endif
