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
/* Its directory, opened, which is one of v2; -ENOENT, -EINVAL: it is of v1. */
int cgroup__open(const char *path, struct error *err) __must_check;
/* The directory of the v2 cgroup that this process is in. -ENOENT: v2 is not mounted. */
int cgroup__here(char *path, size_t room, struct error *err) __must_check;
/* A unit's name; ".service" may be left out. -ENOENT; -EINVAL: several cgroups are the unit's. */
int cgroup__by_unit(const char *unit, struct cgroup_place *place, struct error *err) __must_check;
/* A container's id, or its beginning. -ENOENT; -EINVAL: several begin so. */
int cgroup__by_container(const char *id, struct cgroup_place *place, struct error *err)
	__must_check;

#endif
