// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Names that come and go in directories. An overlay asks twice: for its own name, and for the one
 * in the layer below. */
#include <sonde/probe.bpf.h>
#include "lib/hooks.h"

HOOK_EVENT(security_inode_unlink, file, "a name of a file is removed")
{
	__s64 res RESULT;
	struct sonde_file_ref file;
	__u64 ino;
	__u32 dev KIND(dev) HELP("of the filesystem");
	__u32 mode KIND(fmode);
	__u32 links HELP("names that the file has, this one included");
};

LSM_HOOK(security_inode_unlink, inode_unlink, struct inode *dir, struct dentry *dentry)
{
	struct sonde_event__security_inode_unlink *e = begin_hook(security_inode_unlink);

	if (!e)
		return 0;
	put_dentry(security_inode_unlink, file, dentry);
	e->ino = BPF_CORE_READ(dentry, d_inode, i_ino);
	e->dev = user_dev(BPF_CORE_READ(dentry, d_sb, s_dev));
	e->mode = BPF_CORE_READ(dentry, d_inode, i_mode);
	e->links = BPF_CORE_READ(dentry, d_inode, i_nlink);
	return submit(e);
}
