// SPDX-License-Identifier: Apache-2.0
/* Maps of struct_ops: what the kernel calls instead of functions of its own. */
#include "probe_attach_inside.h"
#include "probe_types.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <linux/bpf.h>

/*
 * With this flag (6.4) they are registered by a link, which ends with this process in any way.
 * Those without it stay when it is killed, until somebody deletes the element of the map. libbpf
 * makes the link from 1.2 on.
 */
int attach__ops(struct bpf_map *map, struct probe_link *link)
{
	link->link = bpf_map__attach_struct_ops(map);
	if (!link->link)
		return -errno;
	if (!(bpf_map__map_flags(map) & PROBE_F_LINK) || libbpf_minor_version() >= 2 ||
	    libbpf_major_version() > 1)
		return 0;
	link->fd = bpf_link_create(bpf_map__fd(map), 0, ATTACH_STRUCT_OPS, NULL);
	return link->fd < 0 ? -errno : 0;
}
