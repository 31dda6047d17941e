// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * The tasks that are there already: labels for those that are traced and their descendants,
 * introductions, and what each is doing just now. User space reads the iterator as often as it
 * needs to; `pass` says what for.
 */
#include <sonde/probe.bpf.h>
#include <sonde/lib/call.h>

struct sonde_iteration iteration SEC(".data.iteration");

/* By thread group: what is traced, and whose ancestors are introduced. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 65536);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, __u32);
} targets SEC(".maps");

HOOK(iterate_tasks);

#define ANCESTORS 16

static __always_inline bool is_target(__u32 tgid)
{
	__u32 *what = bpf_map_lookup_elem(&targets, &tgid);

	return what && *what == SONDE_TARGET_TRACE;
}

static __always_inline void label(struct task_struct *task)
{
	struct task_value *v = task_value_of(task, false);
	struct task_struct *parent = task->real_parent;
	__u32 tgid = task->tgid, what = SONDE_TARGET_TRACE;

	if (follow_cgroup) {
		if ((v && v->labels) || !in_traced_cgroup((__u64)BPF_CORE_READ(task, cgroups)))
			return;
		v = task_value_of(task, true);
		if (!v)
			return;
		label_by_cgroup(v, (__u64)BPF_CORE_READ(task, cgroups));
	} else {
		if ((v && v->labels & LABEL_FOLLOW) ||
		    (!is_target(tgid) && !is_target(BPF_CORE_READ(parent, tgid))))
			return;
		v = task_value_of(task, true);
		if (!v)
			return;
		v->labels |= LABEL_FOLLOW;
	}
	bpf_map_update_elem(&targets, &tgid, &what, BPF_ANY);
	__sync_fetch_and_add(&iteration.labelled, 1);
	what = SONDE_TARGET_ANCESTOR;
	for (int i = 0; i < ANCESTORS; i++) {
		tgid = BPF_CORE_READ(parent, tgid);
		if (!tgid)
			break;
		bpf_map_update_elem(&targets, &tgid, &what, BPF_NOEXIST);
		parent = BPF_CORE_READ(parent, real_parent);
	}
}

/* As append_fd(), of the task at s->task: any, not the current one. */
__noinline int append_fd_of_task(__u32 index, int fd, __u32 slot)
{
	struct scratch *s = scratch_at(index);
	struct task_struct *task;
	struct file **table;

	if (!s)
		return 0;
	task = (void *)s->task;
	if (fd == AT_FDCWD)
		return append_path(index, (__u64)BPF_CORE_READ(task, fs, pwd.mnt),
				   (__u64)BPF_CORE_READ(task, fs, pwd.dentry), slot);
	if (fd < 0 || (__u32)fd >= BPF_CORE_READ(task, files, fdt, max_fds))
		return 0;
	table = BPF_CORE_READ(task, files, fdt, fd);
	append_entry(index, s, table + fd, slot);
	return 0;
}

struct present_record {
	struct sonde_record record;
	struct sonde_present present;
};

/* What its descriptors are, as the table of calls says which of its arguments are some. */
static __always_inline void present_fds(struct scratch *s, __u32 index)
{
	struct present_record *r = (void *)s->data;
	__u32 number = (r->present.nr & (SONDE_CALL_NUMBERS - 1)) |
		       (r->present.compat ? SONDE_CALL_NUMBERS : 0);

	if (r->present.nr < 0 || r->present.nr >= SONDE_CALL_NUMBERS || !config.resolve_files)
		return;
	barrier_var(number);
	s->call = calls[number & (2 * SONDE_CALL_NUMBERS - 1)];
	for (__u32 i = 0; i < SONDE_CALL_ARGS; i++)
		if (s->call.args[i].fetch == SONDE_FETCH_FD)
			append_fd_of_task(index, r->present.args[i], i + 1);
}

static __always_inline void present(struct seq_file *seq, struct scratch *s, __u32 index,
				    struct task_struct *task)
{
	struct present_record *r = (void *)s->data;
	struct pt_regs *regs = task_regs(task);
	__u64 size;

	__builtin_memset(r, 0, sizeof(*r));
	r->record.event = SONDE_EVENT_PRESENT;
	r->record.class = SONDE_CLASS_INTRO;
	r->record.subject = SONDE_SUBJECT_CURRENT;
	r->record.hook = sonde_ids__iterate_tasks.hook;
	r->record.pid = task->tgid;
	r->record.tid = task->pid;
	r->record.key = key_of(task);
	r->record.time = bpf_ktime_get_boot_ns();
	r->present.compat = call_is_compat(task);
	r->present.nr = READ_CALL_NUMBER(regs);
	copy_args(r->present.args, regs, r->present.compat);
	r->present.sp = BPF_CORE_READ(regs, sp);
	r->present.ip = READ_IP(regs);
	r->present.switches = task->nvcsw + task->nivcsw;
	r->present.state = task_state(task);
	s->size = sizeof(*r);
	s->task = (__u64)task;
	present_fds(s, index);
	size = s->size;
	r->record.size = size;
	r->record.body = (size - sizeof(r->record)) / 8;
	barrier_var(size);
	if (size <= DATA_BYTES)
		bpf_seq_write(seq, s->data, size);
}

SEC("?iter/task")
int iterate_tasks(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct seq_file *seq = ctx->meta->seq;
	struct task_value *v;
	struct scratch *s;
	__u32 index, tgid;
	__u64 size;

	if (!task)
		return 0;
	/* Who traces is not traced, but may be the parent of whom is. */
	if ((__u32)task->tgid == own_pid && (!follow || iteration.pass != SONDE_PASS_INTRODUCE))
		return 0;
	if (iteration.pass == SONDE_PASS_LABEL) {
		label(task);
		return 0;
	}
	tgid = task->tgid;
	if (follow) {
		v = task_value_of(task, false);
		if (!(v && v->labels) &&
		    (iteration.pass == SONDE_PASS_PRESENT || !bpf_map_lookup_elem(&targets, &tgid)))
			return 0;
	}
	index = scratch_index(sonde_ids__iterate_tasks.hook);
	s = scratch_at(index);
	if (!s || !scratch__take(s))
		return 0;
	if (iteration.pass == SONDE_PASS_INTRODUCE) {
		s->task = (__u64)task;
		size = introduce_task(index, bpf_ktime_get_boot_ns(), SONDE_VERSION_LISTED,
				      sonde_ids__iterate_tasks.hook);
		((struct sonde_record *)s->intro)->size = size;
		((struct sonde_record *)s->intro)->body = (size - sizeof(struct sonde_record)) / 8;
		barrier_var(size);
		if (size <= INTRO_BYTES + SLACK_BYTES)
			bpf_seq_write(seq, s->intro, size);
	} else {
		present(seq, s, index, task);
	}
	scratch__release(s);
	return 0;
}
