/* SPDX-License-Identifier: Apache-2.0 */
/* What does a cgroup's path tell: which container, of which runtime, which systemd unit? */
#ifndef SONDE_CGROUP_PATH_H
#define SONDE_CGROUP_PATH_H

#include "../base/base.h"

struct cgroup_facts {
	const char *runtime;   /* a constant: "docker" ...; "host" outside of containers */
	char id[256];          /* of the container; "" outside */
	const char *container; /* the component of the path that names it; NULL outside */
	char unit[256]; /* the innermost .service, .scope ..., as systemctl names it; "": none */
};

/*
 * `path` is `size` bytes. The innermost container counts. Ids of 64 hexadecimal digits are cut to
 * 12, as docker shows them; names of machines are as machinectl shows them.
 */
void cgroup_path__read(const char *path, size_t size, struct cgroup_facts *facts);

#endif
