// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Who is put into which cgroup, and by whom? systemd, container runtimes and shells move tasks;
 * limits and accounting follow.
 *
 * About another task than the one that acts: the record's subject is the mover, the fields say who
 * was moved, and the event is shown when either of them is traced. CONTRIBUTING.md, "An event is
 * one file", tells how it becomes a part of sonde.
 */
#include <sonde/probe.bpf.h>

EVENT(cgroup_attach_task, process, "a task was put into a cgroup")
{
	__s32 moved KIND(pid) HELP("thread group of the task that is moved");
	__s32 moved_tid KIND(pid);
	__u64 moved_key KIND(hex) HELP("key of its process");
	__u64 cgroup_id HELP("inode number of the cgroup's directory");
	struct sonde_data path KIND(path) HELP("in its hierarchy");
	__u8 whole_process KIND(bool) HELP("with all its threads");
};

SEC("?tp_btf/cgroup_attach_task")
int BPF_PROG(cgroup_attach_task, struct cgroup *to, const char *path, struct task_struct *task,
	     int threadgroup)
{
	struct sonde_event__cgroup_attach_task *e =
		begin_if(cgroup_attach_task, task_is_followed(task));

	if (!e)
		return 0;
	e->moved = task->tgid;
	e->moved_tid = task->pid;
	e->moved_key = key_of(task);
	e->cgroup_id = BPF_CORE_READ(to, kn, id);
	e->whole_process = threadgroup & 1;
	append_kernel_string(scratch_of(e), SLOT(struct sonde_event__cgroup_attach_task, path),
			     path);
	return submit(e);
}
