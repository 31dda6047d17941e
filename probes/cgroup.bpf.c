// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * Control groups: who makes and removes them, who is put into which; and which of them are
 * containers.
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/hooks.h>

#define CGROUP_FIELDS                                                                              \
	__u64 cgroup_id HELP("inode number of the cgroup's directory");                            \
	struct sonde_data path KIND(path) HELP("in its hierarchy");                                \
	__s32 hierarchy QUIET HELP("its number, as in /proc/cgroups; 0: the unified one (v2)");    \
	char controller[16] QUIET HELP("v1: the hierarchy's first, or its own name");              \
	__s32 level HELP("below the root")

#define CONTROLLERS 16

/* Of a hierarchy of its own (v1): what it controls, as it is in /proc/PID/cgroup. */
static __always_inline void read_controller(char *to, __u32 size, struct cgroup *cgrp)
{
	struct cgroup_root *root = BPF_CORE_READ(cgrp, root);
	unsigned int mask = BPF_CORE_READ(root, subsys_mask);
	struct cgroup_subsys_state *css = NULL;

	if (!BPF_CORE_READ(root, hierarchy_id))
		return;
	bpf_core_read_str(to, size, &root->name);
	for (unsigned int i = 0; i < CONTROLLERS; i++) {
		if (!(mask >> i & 1))
			continue;
		bpf_probe_read_kernel(&css, sizeof(css),
				      (void *)cgrp + bpf_core_field_offset(struct cgroup, subsys) +
					      i * sizeof(css));
		bpf_probe_read_kernel_str(to, size, BPF_CORE_READ(css, ss, name));
		return;
	}
}

#define CGROUP_FILL(e, event, cgrp, text)                                                          \
	do {                                                                                       \
		(e)->cgroup_id = BPF_CORE_READ(cgrp, kn, id);                                      \
		(e)->hierarchy = BPF_CORE_READ(cgrp, root, hierarchy_id);                          \
		read_controller((e)->controller, sizeof((e)->controller), cgrp);                   \
		(e)->level = BPF_CORE_READ(cgrp, level);                                           \
		put_text(e, event, path, text);                                                    \
	} while (0)

HOOK_EVENT(cgroup_mkdir, cgroup, "a cgroup was made")
{
	CGROUP_FIELDS;
};

SEC("?tp_btf/cgroup_mkdir")
int BPF_PROG(cgroup_mkdir, struct cgroup *cgrp, const char *path)
{
	struct sonde_event__cgroup_mkdir *e = begin(cgroup_mkdir);

	if (!e)
		return 0;
	CGROUP_FILL(e, cgroup_mkdir, cgrp, path);
	return submit(e);
}

HOOK_EVENT(cgroup_rmdir, cgroup, "a cgroup was removed")
{
	CGROUP_FIELDS;
};

SEC("?tp_btf/cgroup_rmdir")
int BPF_PROG(cgroup_rmdir, struct cgroup *cgrp, const char *path)
{
	struct sonde_event__cgroup_rmdir *e = begin(cgroup_rmdir);

	if (!e)
		return 0;
	CGROUP_FILL(e, cgroup_rmdir, cgrp, path);
	return submit(e);
}

/* The record's subject is the mover; the event is shown when he or whom he moves is traced. */
HOOK_EVENT(cgroup_attach_task, cgroup, "a task was put into a cgroup")
{
	__s32 moved KIND(pid) HELP("thread group of the task that is moved");
	__s32 moved_tid KIND(pid);
	__u64 moved_key KIND(hex) DETAIL HELP("key of its process");
	char moved_name[16] HELP("its comm");
	CGROUP_FIELDS;
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
	bpf_core_read_str(e->moved_name, sizeof(e->moved_name), &task->comm);
	e->whole_process = threadgroup & 1;
	CGROUP_FILL(e, cgroup_attach_task, to, path);
	return submit(e);
}

/*
 * Whether a cgroup is a container is told by its name, which user space knows to read: it drops the
 * others, and fills in what is empty here. With several hierarchies (v1) a container has a cgroup
 * in each: that of the memory controller counts.
 */
#define CONTAINER_FIELDS                                                                           \
	struct sonde_data id KIND(string)                                                          \
		HELP("the container's: of 64 hexadecimal digits the first 12");                    \
	struct sonde_data runtime KIND(string) HELP("what made it, as its cgroup's name tells");   \
	__u64 cgroup_id;                                                                           \
	struct sonde_data path KIND(path) HELP("of its cgroup")

#define CONTAINER_BLIND                                                                            \
	"blind:containers without a cgroup of their own; runtimes whose names are not known"

static __always_inline bool may_be_container(struct cgroup *cgrp)
{
	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id))
		return BPF_CORE_READ(cgrp, root, subsys_mask) >>
			       bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id) &
		       1;
	return !BPF_CORE_READ(cgrp, root, hierarchy_id);
}

HOOK_EVENT(container_create, cgroup, "a container begins: its cgroup was made")
{
	CONTAINER_FIELDS;
}
SONDE_TAG(CONTAINER_BLIND);

SEC("?tp_btf/cgroup_mkdir")
int BPF_PROG(container_create, struct cgroup *cgrp, const char *path)
{
	struct sonde_event__container_create *e;

	if (!may_be_container(cgrp))
		return end_early(sonde_ids__container_create.hook, SONDE_FILTERED);
	e = begin(container_create);
	if (!e)
		return 0;
	e->cgroup_id = BPF_CORE_READ(cgrp, kn, id);
	put_text(e, container_create, path, path);
	return submit(e);
}

HOOK_EVENT(container_remove, cgroup, "a container is gone: its cgroup was removed")
{
	CONTAINER_FIELDS;
}
SONDE_TAG(CONTAINER_BLIND);

SEC("?tp_btf/cgroup_rmdir")
int BPF_PROG(container_remove, struct cgroup *cgrp, const char *path)
{
	struct sonde_event__container_remove *e;

	if (!may_be_container(cgrp))
		return end_early(sonde_ids__container_remove.hook, SONDE_FILTERED);
	e = begin(container_remove);
	if (!e)
		return 0;
	e->cgroup_id = BPF_CORE_READ(cgrp, kn, id);
	put_text(e, container_remove, path, path);
	return submit(e);
}
