/* SPDX-License-Identifier: Apache-2.0 */
/* What those share who attach programs of a family: of tracing, of the network, of cgroups. */
#ifndef SONDE_PROBE_ATTACH_INSIDE_H
#define SONDE_PROBE_ATTACH_INSIDE_H

#include "probe_attach.h"
#include "probe_file.h"
#include "probe_perf.h"

#include <bpf/libbpf.h>

struct probe_link {
	struct bpf_link *link;  /* NULL: one of the others */
	int fd;                 /* a link or a socket, or -1 */
	struct perf_links perf; /* one for each CPU */
	bool iterates;
	/* What no descriptor holds: takes it back, and frees it. */
	void (*undo)(void *what);
	void *what;
};

/* What attaching one program takes. */
struct attaching {
	struct bpf_object *object;
	struct bpf_program *program;
	const struct probe_options *options;
	const char *section; /* without '?' */
	const char *tag;     /* what ATTACH() says; "" */
	struct probe_links *links;
	struct probe_link *link;
	struct error *err;
};

int attach__took(struct attaching *a, struct bpf_link *link);
/* By a link of its own, which libbpf need not know. */
int attach__link(struct attaching *a, int target, unsigned int type);
int attach__undo(struct attaching *a, void (*undo)(void *what), const void *what, size_t size);
/* Its section, ATTACH() or name says a word: "egress". */
bool attach__says(const struct attaching *a, const char *word);
/* --interface; negative: `err` says why. */
int attach__interface(struct attaching *a);

/* probe_attach_trace.c */
int attach__user(struct attaching *a);
int attach__iterator(struct attaching *a);

/* probe_attach_net.c */
int attach__xdp(struct attaching *a);
int attach__tc(struct attaching *a);
int attach__netns(struct attaching *a);
int attach__netfilter(struct attaching *a);
int attach__lirc(struct attaching *a);

/* probe_attach_socket.c */
int attach__socket(struct attaching *a);
int attach__reuseport(struct attaching *a);
int attach__sockmap(struct attaching *a);

/* probe_attach_route.c */
int attach__action(struct attaching *a);
int attach__route(struct attaching *a);
/* Takes the queueing discipline away that filters were attached to, unless others have some there
 * by now. */
void attach__leave_hook(unsigned int interface);

/* probe_attach_cgroup.c */
int attach__cgroup(struct attaching *a);
void probe_cgroup__release(struct probe_links *links);

/* probe_attach_ops.c: the maps of struct_ops. */
int attach__ops(struct bpf_map *map, struct probe_link *link);

#endif
