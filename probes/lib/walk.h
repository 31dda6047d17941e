/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/*
 * Paths, as the kernel knows them: the components of a dentry's or kernfs node's path, leaf first,
 * each ended by NUL, appended to `intro`. User space turns them round. Everything is read with
 * probe_read, so that it may be a task's, a file's or a cgroup's, and that a freed object gives
 * garbage at worst, not a fault.
 */
#ifndef SONDE_WALK_H
#define SONDE_WALK_H

#include "kernel_fs.h"

#define PATH_DEPTH      64 /* components, and mounts, of a path */
#define CGROUP_DEPTH    24
#define MNT_INTERNAL    0x4000 /* never attached, and not to be: mqueue, memfd */
#define COMPONENT_BYTES 256    /* NAME_MAX and NUL */

enum walk_result {
	WALK_CUT = 1 << 0, /* more components, or more bytes, than were taken */
	WALK_ON = 1 << 2,
	WALK_UNREACHABLE = 1 << 1, /* the mount is detached: the path begins at its root */
};

/* The struct mount of which a struct vfsmount is a part. */
static __always_inline struct mount *mount_of(__u64 vfsmount)
{
	return (void *)(vfsmount - bpf_core_field_offset(struct mount, mnt));
}

static __always_inline struct kernfs_node *kernfs_parent(struct kernfs_node *kn)
{
	if (bpf_core_field_exists(kn->__parent))
		return BPF_CORE_READ(kn, __parent);
	return BPF_CORE_READ((struct kernfs_node___old *)kn, parent);
}

/* Appends one component; false when there is no room. The offset lives in memory: see struct
 * scratch. */
static __always_inline bool put_component(struct scratch *s, const void *name)
{
	__u64 at = s->intro_size;
	long n;

	if (at >= INTRO_BYTES)
		return false;
	n = bpf_probe_read_kernel_str(&s->intro[at & (INTRO_BYTES - 1)], COMPONENT_BYTES, name);
	if (n <= 0)
		return false;
	s->intro_size += n;
	return true;
}

/*
 * One step upwards from s->walk. Of a function of its own, with its state in memory: the verifier
 * goes through it once, and not once for each component that there may be. WALK_ON: there is more.
 */
__noinline int walk_step(__u32 index)
{
	struct scratch *s = scratch_at(index);
	struct dentry *d, *parent;
	struct mount *m, *up;

	if (!s)
		return WALK_CUT;
	d = (void *)s->walk.dentry;
	m = (void *)s->walk.mount;
	if (s->walk.dentry == s->walk.root) {
		up = BPF_CORE_READ(m, mnt_parent);
		if (up == m)
			return BPF_CORE_READ(m, mnt_ns) ||
					       BPF_CORE_READ(m, mnt.mnt_flags) & MNT_INTERNAL
				       ? 0
				       : WALK_UNREACHABLE;
		s->walk.dentry = (__u64)BPF_CORE_READ(m, mnt_mountpoint);
		s->walk.mount = (__u64)up;
		s->walk.root = (__u64)BPF_CORE_READ(up, mnt.mnt_root);
		return WALK_ON;
	}
	parent = BPF_CORE_READ(d, d_parent);
	if (parent == d || !parent) { /* a root that is not its mount's: an internal mount */
		char name[2] = {};

		/* What is never linked, as a memfd, has all its name here. */
		bpf_probe_read_kernel(name, 1, BPF_CORE_READ(d, d_name.name));
		if (!name[0] || name[0] == '/')
			return WALK_UNREACHABLE;
		return put_component(s, BPF_CORE_READ(d, d_name.name)) ? 0 : WALK_CUT;
	}
	s->walk.dentry = (__u64)parent;
	return put_component(s, BPF_CORE_READ(d, d_name.name)) ? WALK_ON : WALK_CUT;
}

/*
 * Appends the path of (vfsmount, dentry) to intro. Returns enum walk_result bits.
 * Follows mounts upwards as the kernel's prepend_path() does, to the root of the mount namespace.
 */
__noinline int walk_path(__u32 index, __u64 vfsmount, __u64 dentry)
{
	struct scratch *s = scratch_at(index);
	struct mount *m = mount_of(vfsmount);
	int result;

	if (!s)
		return WALK_CUT;
	s->walk.dentry = dentry;
	s->walk.mount = (__u64)m;
	s->walk.root = (__u64)BPF_CORE_READ(m, mnt.mnt_root);
	for (int i = 0; i < PATH_DEPTH; i++) {
		result = walk_step(index);
		if (result != WALK_ON)
			return result;
	}
	return WALK_CUT;
}

/* Appends the path of a kernfs node to intro. Returns enum walk_result bits. */
__noinline int walk_kernfs(__u32 index, __u64 node)
{
	struct scratch *s = scratch_at(index);
	struct kernfs_node *kn = (void *)node, *parent;

	if (!s)
		return WALK_CUT;
	for (int i = 0; i < CGROUP_DEPTH; i++) {
		parent = kernfs_parent(kn);
		if (!parent)
			return 0;
		if (!put_component(s, BPF_CORE_READ(kn, name)))
			break;
		kn = parent;
	}
	return WALK_CUT;
}

#endif
