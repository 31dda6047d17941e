// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* What is mounted where, and unmounted. */
#include <sonde/probe.bpf.h>
#include <sonde/lib/hooks.h>

/* Of a struct vfsmount *, what it shows. */
#define put_filesystem(e, event, vfsmount)                                                         \
	do {                                                                                       \
		struct mount *m__ = mount_of((__u64)(vfsmount));                                   \
                                                                                                   \
		put_text(e, event, dev_name, BPF_CORE_READ(m__, mnt_devname));                     \
		put_text(e, event, type, BPF_CORE_READ(vfsmount, mnt_sb, s_type, name));           \
	} while (0)

HOOK_EVENT(security_sb_mount, file, "a filesystem is mounted, or a mount changed")
{
	__s64 res RESULT;
	struct sonde_data dev_name KIND(string) HELP("the device, or what stands in its place");
	struct sonde_file_ref path;
	struct sonde_data type KIND(string) HELP("of the filesystem");
	__u64 flags FLAGS(mount);
	struct sonde_data data KIND(string) HELP("options of the filesystem");
}
INSTEAD("mount", "blind to what the paths led to")
SONDE_TAG("blind:mounts made by fsopen, fsmount and move_mount");

LSM_HOOK(security_sb_mount, sb_mount, const char *dev_name, const struct path *path,
	 const char *type, unsigned long flags, void *data)
{
	struct sonde_event__security_sb_mount *e = begin_hook(security_sb_mount);

	if (!e)
		return 0;
	put_text_if_any(e, security_sb_mount, dev_name, dev_name);
	put_path(security_sb_mount, path, path);
	put_text_if_any(e, security_sb_mount, type, type);
	e->flags = flags;
	put_text_if_any(e, security_sb_mount, data, data);
	return submit(e);
}

HOOK_EVENT(security_sb_umount, file, "a mount is taken away")
{
	__s64 res RESULT;
	struct sonde_file_ref mnt HELP("where it is mounted");
	__u32 flags FLAGS(umount);
	struct sonde_data dev_name KIND(string) HELP("the device, or what stands in its place");
	struct sonde_data type KIND(string) HELP("of the filesystem");
}
INSTEAD("umount", "blind to the mount that the path led to, what goes with a namespace");

LSM_HOOK(security_sb_umount, sb_umount, struct vfsmount *mnt, int flags)
{
	struct sonde_event__security_sb_umount *e = begin_hook(security_sb_umount);

	if (!e)
		return 0;
	append_path(scratch_index(sonde_ids__security_sb_umount.hook), (__u64)mnt,
		    (__u64)BPF_CORE_READ(mnt, mnt_root),
		    SLOT(struct sonde_event__security_sb_umount, mnt));
	e->flags = flags;
	put_filesystem(e, security_sb_umount, mnt);
	return submit(e);
}

HOOK_EVENT(security_move_mount, file, "a mount made by fsmount or open_tree is attached, or moved")
{
	__s64 res RESULT;
	struct sonde_file_ref from_path HELP("/: it was not attached");
	struct sonde_file_ref to_path;
	struct sonde_data dev_name KIND(string) HELP("the device, or what stands in its place");
	struct sonde_data type KIND(string) HELP("of the filesystem");
}
INSTEAD("move_mount", "blind to the mounts that the paths led to");

LSM_HOOK(security_move_mount, move_mount, const struct path *from_path, const struct path *to_path)
{
	struct sonde_event__security_move_mount *e = begin_hook(security_move_mount);
	struct vfsmount *mnt;

	if (!e)
		return 0;
	mnt = BPF_CORE_READ(from_path, mnt);
	put_path(security_move_mount, from_path, from_path);
	put_path(security_move_mount, to_path, to_path);
	put_filesystem(e, security_move_mount, mnt);
	return submit(e);
}
