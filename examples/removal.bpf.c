// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Who removes which files: is it asked for, allowed, done? Three functions of the kernel, each of
 * which is hooked by the best means that the kernel has, with its arguments found by their names.
 *     sonde probe build removal.bpf.c
 *     sonde probe run removal.bpf.o -- rm -f FILE
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/hooks.h>

EVENT(removal_asked, examples, "a name is to be removed")
{
	struct sonde_file_ref dir;
};

ENTRY_HOOK_AT(removal_asked, "security_path_unlink", struct path *dir)
{
	struct sonde_event__removal_asked *e = begin(removal_asked);

	if (!e)
		return 0;
	put_path(removal_asked, dir, dir);
	return submit(e);
}

EVENT(removal_allowed, examples, "the security modules say whether a name may be removed")
{
	__s64 res RESULT;
	struct sonde_file_ref name;
};

LSM_HOOK_AT(removal_allowed, "security_inode_unlink", inode_unlink, struct dentry *dentry)
{
	struct sonde_event__removal_allowed *e = begin_hook(removal_allowed);

	if (!e)
		return 0;
	put_dentry(removal_allowed, name, dentry);
	return submit(e);
}

EVENT(removal_done, examples, "a name was removed")
{
	__s64 res RESULT;
	__u64 ino HELP("inode number of its directory");
};

FUNCTION_HOOK_AT(int, removal_done, "vfs_unlink", struct inode *dir)
{
	struct sonde_event__removal_done *e = begin_hook(removal_done);

	if (!e)
		return 0;
	e->ino = BPF_CORE_READ(dir, i_ino);
	return submit(e);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
