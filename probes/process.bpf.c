// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* The life of tasks: who forks, executes, renames itself, exits; and the labels by which a tree is
 * followed. */
#include <sonde/probe.bpf.h>
#include <sonde/lib/call.h>

EVENT(fork, process, "a task made a child: a process or a thread")
{
	__s32 child KIND(pid) HELP("thread group of the child: the caller's own for a thread");
	__s32 child_tid KIND(pid);
	__u64 child_key KIND(hex) DETAIL HELP("key of the child's process");
	__s32 ns_child KIND(pid) HELP("in the child's own pid namespace");
	__s32 ns_child_tid KIND(pid);
};

SEC("?tp_btf/sched_process_fork")
int BPF_PROG(sched_process_fork, struct task_struct *parent, struct task_struct *child)
{
	struct sonde_event__fork *e;
	struct task_value *p, *c;
	struct pid *pid;

	forget_tid(child->pid);
	if (follow) {
		p = current_value(false);
		if (p && p->labels) {
			c = task_value_of(child, true);
			if (!c) /* nor are its own children followed */
				return end_early(sonde_ids__fork.hook, SONDE_LOST_MEMORY);
			c->labels = p->labels;
		}
	}
	/* Also where nobody asked for the event: a parent is introduced before its children name
	 * it. */
	e = begin(fork);
	if (!e)
		return 0;
	if (config.quiet & SONDE_QUIET_FORK)
		return scratch__drop(scratch_of(e));
	e->child = child->tgid;
	e->child_tid = child->pid;
	e->child_key = key_of(child);
	pid = BPF_CORE_READ(child, thread_pid);
	e->ns_child_tid = pid_number(pid, BPF_CORE_READ(pid, level));
	e->ns_child = pid_number(BPF_CORE_READ(child, group_leader, thread_pid),
				 BPF_CORE_READ(pid, level));
	return submit(e);
}

EVENT(exec, process, "a task runs another program: succeeded, and in the new program's own words")
{
	struct sonde_data filename KIND(path)
		HELP("as given to the kernel: of a script, the script");
	struct sonde_data interp KIND(path)
		HELP("what runs it: the program, or the script's interpreter");
	struct sonde_data argv KIND(strings) HELP("as executed: from the new memory");
	__s32 old_tid KIND(pid) HELP("of the thread that called: it takes its leader's id");
};

SEC("?tp_btf/sched_process_exec")
int BPF_PROG(sched_process_exec, struct task_struct *task, int old_pid, struct linux_binprm *bprm)
{
	struct sonde_event__exec *e;
	struct scratch *s;
	unsigned long start, end;

	change_tid(old_pid, task->pid);
	tasks_changed(); /* the call itself returns only later */
	e = begin(exec);
	if (!e)
		return 0;
	s = scratch_of(e);
	e->old_tid = old_pid;
	append_kernel_string(s, SLOT(struct sonde_event__exec, filename),
			     BPF_CORE_READ(bprm, filename));
	append_kernel_string(s, SLOT(struct sonde_event__exec, interp),
			     BPF_CORE_READ(bprm, interp));
	start = BPF_CORE_READ(task, mm, arg_start);
	end = BPF_CORE_READ(task, mm, arg_end);
	e->argv.address = start;
	append_user_bytes(s, SLOT(struct sonde_event__exec, argv), SONDE_ITEM_DATA, (void *)start,
			  end > start ? end - start : 0, SLACK_BYTES);
	return submit(e);
}

EVENT(exit, process, "a task ended: its thread, and with the last one its process")
{
	__s32 code KIND(int) HELP("exit status, when no signal ended it");
	__s32 sig KIND(signal) HELP("the signal that ended it, or 0");
	__u8 core KIND(bool) HELP("memory was dumped");
	__u8 group_dead KIND(bool) HELP("the last thread: the process is gone");
};

#define SIGNAL_GROUP_EXIT 4

/* exit and exit_group: their registers still lie at the top of the task's kernel stack. */
static __always_inline void capture_exit_call(struct pt_regs *regs)
{
	long nr = READ_CALL_NUMBER(regs);
	const struct sonde_call *call;
	__u64 args[SONDE_CALL_ARGS] = {};
	struct scratch *s;
	__u64 *fixed;
	__u32 number;
	bool compat;

	if ((unsigned long)nr >= SONDE_CALL_NUMBERS)
		return;
	call = find_call(nr, &number, &compat);
	if (!(call->flags & SONDE_CALL_ON) || !(call->flags & SONDE_CALL_NO_RETURN) ||
	    (call->flags & SONDE_CALL_ENTRY))
		return;
	s = begin_event(sonde_ids__exit.hook, call->event, 16, false);
	if (!s)
		return;
	copy_args(args, regs, compat);
	fixed = (void *)&s->data[sizeof(struct sonde_record)];
	fixed[0] = 0;
	fixed[1] = args[0];
	s->flags = SONDE_RECORD_NO_RETURN | (compat ? SONDE_RECORD_COMPAT : 0);
	scratch__finish(s);
}

/* Processes of which a thread was the last, so that of those that end together it is one only. */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u8);
} ended SEC(".maps");

static __always_inline bool is_last(struct task_struct *task)
{
	__u64 key = key_of(task);
	__u8 yes = 1;

	/* As an int: before 6.4 the upper half of the result is anything. */
	return !BPF_CORE_READ(task, signal, live.counter) &&
	       (int)bpf_map_update_elem(&ended, &key, &yes, BPF_NOEXIST) != -EEXIST;
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(sched_process_exit, struct task_struct *task)
{
	struct sonde_event__exit *e;
	int code, group;

	if (config.exit_calls)
		capture_exit_call(task_regs(task));
	tasks_changed(); /* its children have another parent now */
	e = begin(exit);
	if (!e)
		return 0;
	code = BPF_CORE_READ(task, exit_code);
	group = BPF_CORE_READ(task, signal, group_exit_code);
	if (BPF_CORE_READ(task, signal, flags) & SIGNAL_GROUP_EXIT)
		code = group;
	e->group_dead = is_last(task);
	e->sig = code & 0x7f;
	e->core = (code & 0x80) != 0;
	e->code = e->sig ? 0 : code >> 8 & 0xff;
	return submit(e);
}

EVENT(rename_task, thread,
      "a task changed its name (comm); each exec does, therefore not in @process")
{
	__s32 renamed_tid KIND(pid) HELP("the task renamed: seldom another than the caller");
	char old[16];
	char new[16];
};

SEC("?tp_btf/task_rename")
int BPF_PROG(task_rename, struct task_struct *task, const char *comm)
{
	struct sonde_event__rename_task *e = NULL;

	if (!(config.quiet & SONDE_QUIET_RENAME))
		e = begin(rename_task);
	/* Last: the new name is not set yet, and whoever looked for this event has seen the old
	 * one. */
	tasks_changed();
	if (!e)
		return 0;
	e->renamed_tid = task->pid;
	bpf_core_read_str(e->old, sizeof(e->old), &task->comm);
	bpf_probe_read_kernel_str(e->new, sizeof(e->new), comm);
	return submit(e);
}
