/* SPDX-License-Identifier: Apache-2.0 */
/* What does a cgroup's path tell: which container, of which runtime, which systemd unit? */
#ifndef SONDE_CGROUP_PATH_H
#define SONDE_CGROUP_PATH_H

#include "../base/base.h"

struct cgroup_facts {
	const char *runtime; /* a constant: "docker" ...; "host" outside of containers */
	const char *id;	     /* within the path: id_size bytes */
	size_t id_size;
	const char *unit;    /* within the path: the innermost .service, .scope ...; unit_size bytes, 0: none */
	size_t unit_size;
};

/* `path` is `size` bytes. Container ids of 64 hexadecimal digits are cut to 12 as docker shows them. */
void cgroup_path__read(const char *path, size_t size, struct cgroup_facts *facts);

#endif
