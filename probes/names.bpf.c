// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Names that come and go in directories. An overlay asks twice: for its own name, and for the one
 * in the layer below. */
#include <sonde/probe.bpf.h>
#include <sonde/lib/hooks.h>

HOOK_EVENT(security_inode_unlink, file, "a name of a file is removed")
{
	__s64 res RESULT;
	struct sonde_file_ref file;
	INODE_FIELDS;
	__u32 links HELP("names that the file has, this one included");
}
INSTEAD("unlink,!rmdir",
	"blind to the file that the path led to, what file systems remove by themselves");

LSM_HOOK(security_inode_unlink, inode_unlink, struct inode *dir, struct dentry *dentry)
{
	struct sonde_event__security_inode_unlink *e = begin_hook(security_inode_unlink);

	if (!e)
		return 0;
	put_dentry(security_inode_unlink, file, dentry);
	put_inode(e, BPF_CORE_READ(dentry, d_inode));
	e->links = BPF_CORE_READ(dentry, d_inode, i_nlink);
	return submit(e);
}

HOOK_EVENT(security_inode_rename, file, "a file or directory gets another name")
{
	__s64 res RESULT;
	struct sonde_file_ref old_path;
	struct sonde_file_ref new_path;
	__u32 flags FLAGS(rename);
	INODE_FIELDS;
	__u64 replaced HELP("inode of the file that had the new name and loses it; 0: none");
}
INSTEAD("rename", "blind to the files that the paths led to");

LSM_HOOK(security_inode_rename, inode_rename, struct dentry *old_dentry, struct dentry *new_dentry,
	 unsigned int flags)
{
	struct sonde_event__security_inode_rename *e = begin_hook(security_inode_rename);

	if (!e)
		return 0;
	put_dentry(security_inode_rename, old_path, old_dentry);
	put_dentry(security_inode_rename, new_path, new_dentry);
	e->flags = flags;
	put_inode(e, BPF_CORE_READ(old_dentry, d_inode));
	e->replaced = BPF_CORE_READ(new_dentry, d_inode, i_ino);
	return submit(e);
}

HOOK_EVENT(security_inode_symlink, file, "a symbolic link is made")
{
	__s64 res RESULT;
	struct sonde_file_ref link;
	struct sonde_data old_name KIND(path) HELP("what it leads to");
}
INSTEAD("symlink", "blind to the directory that the path led to");

LSM_HOOK(security_inode_symlink, inode_symlink, struct dentry *dentry, const char *old_name)
{
	struct sonde_event__security_inode_symlink *e = begin_hook(security_inode_symlink);

	if (!e)
		return 0;
	put_dentry(security_inode_symlink, link, dentry);
	put_text(e, security_inode_symlink, old_name, old_name);
	return submit(e);
}

HOOK_EVENT(security_inode_mknod, file, "a device, named pipe or socket is made")
{
	__s64 res RESULT;
	struct sonde_file_ref path;
	__u32 mode KIND(fmode);
	__u32 dev KIND(dev) HELP("the device that it stands for");
}
INSTEAD("mknod", "blind to sockets, which bind makes, and the directory that the path led to");

LSM_HOOK(security_inode_mknod, inode_mknod, struct dentry *dentry, unsigned short mode,
	 unsigned int dev)
{
	struct sonde_event__security_inode_mknod *e = begin_hook(security_inode_mknod);

	if (!e)
		return 0;
	put_dentry(security_inode_mknod, path, dentry);
	e->mode = mode;
	e->dev = user_dev(dev);
	return submit(e);
}
