// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Which files does a process have open, or who of all has a file open? What lsof finds out in
 * /proc, from the kernel itself: an iterator, read when it ends. From 5.11 on.
 *     sonde probe run open_files.bpf.o --set only=PID -- true
 *     sonde probe run open_files.bpf.o -- true | grep /var/log
 */
#include <sonde/probe.bpf.h>

#define MAX_PATH 256

const volatile __u32 only; /* 0: all */

SEC("iter/task_file")
int on_file(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	char path[MAX_PATH] = {};

	if (!task || !file || (only && task->tgid != (int)only))
		return 0;
	(void)!bpf_d_path(&file->f_path, path, sizeof(path));
	BPF_SEQ_PRINTF(ctx->meta->seq, "%d %s fd=%u inode=%lu %s\n", task->tgid, task->comm,
		       ctx->fd, file->f_inode->i_ino, path);
	return 0;
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
