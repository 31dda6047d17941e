// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Who removes files, and which? By a kprobe on what every way of removing one goes through, so that
 * links and renames do not hide it.
 *     sonde probe run unlinks.bpf.o -- make clean
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/socket.h>

EVENT(unlinks, mine, "a file is about to be removed")
{
	struct sonde_file_ref file;
};

SEC("kprobe/security_inode_unlink")
int BPF_KPROBE(on_unlink, struct inode *dir, struct dentry *dentry)
{
	struct sonde_event__unlinks *e = begin(unlinks);

	if (!e)
		return 0;
	put_dentry(unlinks, file, number_of(dentry));
	return submit(e);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
