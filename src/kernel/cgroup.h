/* SPDX-License-Identifier: Apache-2.0 */
/* Which cgroup does a path, a systemd unit or a container's id mean on this machine? */
#ifndef SONDE_CGROUP_H
#define SONDE_CGROUP_H

#include "../base/error.h"

/* A cgroup as the probes recognise it. */
struct cgroup_place {
	uint64_t id;       /* of its kernfs node: the inode of its directory */
	int32_t hierarchy; /* 0: the default one (v2); otherwise 1 + the controller's subsystem id
			      (v1) */
};

/* A directory below a cgroup mount, or a path within a hierarchy ("/system.slice"). -ENOENT: it is
 * neither, or no cgroups are mounted; -ENOMEM. */
int cgroup__by_path(const char *path, struct cgroup_place *place, struct error *err) __must_check;
/* A unit's name; ".service" may be left out. -ENOENT; -EINVAL: several cgroups are the unit's. */
int cgroup__by_unit(const char *unit, struct cgroup_place *place, struct error *err) __must_check;
/* A container's id, or its beginning. -ENOENT; -EINVAL: several begin so. */
int cgroup__by_container(const char *id, struct cgroup_place *place, struct error *err)
	__must_check;

#endif
