// SPDX-License-Identifier: Apache-2.0
/* Fields of the one who did it: process, ancestors, thread, user, group, container. */
#include "fields_get.h"

#define GET(name)                                                                                  \
	void field_get__##name(const struct event *e, struct field_use *use, struct value *v)

/* Introductions that contradict each other may form a ring. */
#define MAX_ANCESTORS 64

static const struct process *ancestor(const struct event *e, int generation)
{
	const struct process *p = e->process;

	if (generation > MAX_ANCESTORS)
		return NULL;
	while (p && generation-- > 0)
		p = host__parent(e->host, p);
	return p;
}

/* The leader of the session or process group, or while it is unknown the eldest ancestor within. */
static const struct process *leader(const struct event *e, bool session)
{
	const struct process *p = e->process, *eldest = p;
	uint32_t id;

	if (!p)
		return NULL;
	id = session ? p->info->sid : p->info->pgid;
	for (int i = 0; p && i < MAX_ANCESTORS; i++) {
		if ((session ? p->info->sid : p->info->pgid) == id)
			eldest = p;
		if (p->pid == id)
			return p;
		p = host__parent(e->host, p);
	}
	return eldest;
}

static const struct process *who(const struct event *e, const struct field_use *use)
{
	switch (use->def->part) {
	case WHO_PARENT:
		return ancestor(e, 1);
	case WHO_ANCESTOR:
		return ancestor(e, use->index);
	case WHO_SESSION:
		return leader(e, true);
	case WHO_GROUP:
		return leader(e, false);
	default:
		return e->process;
	}
}

GET(proc_pid)
{
	if (e->record->subject != SONDE_SUBJECT_NONE)
		value__set_number(v, e->record->pid);
}

GET(thread_tid)
{
	if (e->record->subject != SONDE_SUBJECT_NONE)
		value__set_number(v, e->record->tid);
}

GET(proc_ppid)
{
	if (e->process && e->process->info->ppid != ~0u)
		value__set_number(v, e->process->info->ppid);
}

GET(proc_apid)
{
	const struct process *p = ancestor(e, use->index);

	if (p)
		value__set_number(v, p->pid);
}

GET(proc_number)
{
	const struct sonde_process *i;
	uint64_t start;

	if (!e->process)
		return;
	i = e->process->info;
	switch (use->def->part) {
#define ID(part, member)                                                                           \
	case part:                                                                                 \
		if (i->member != ~0u)                                                              \
			value__set_number(v, i->member);                                           \
		break;
		ID(NUMBER_VPID, ns_pid)
		ID(NUMBER_PVPID, ns_ppid)
		ID(NUMBER_VTID, ns_tid)
		ID(NUMBER_PGID, pgid)
		ID(NUMBER_VPGID, ns_pgid)
		ID(NUMBER_SID, ns_sid)
#undef ID
	case NUMBER_EXE_INO:
		if (!i->kernel_thread)
			value__set_number(v, i->exe_ino);
		break;
	case NUMBER_EXE_CTIME:
		if (i->exe_ctime)
			value__set_number(v, i->exe_ctime);
		break;
	case NUMBER_EXE_MTIME:
		if (i->exe_mtime)
			value__set_number(v, i->exe_mtime);
		break;
	default:
		if (i->ns[use->def->part - NUMBER_NS])
			value__set_number(v, i->ns[use->def->part - NUMBER_NS]);
		break;
	case NUMBER_CTIME_TO_START:
		start = host__real_time(e->host, i->start_time);
		if (i->exe_ctime && start >= i->exe_ctime)
			value__set_number(v, start - i->exe_ctime);
		break;
	}
}

GET(proc_name)
{
	const struct process *p = who(e, use);

	if (p)
		value__set_text(v, &p->name);
}

GET(thread_name)
{
	if (e->process)
		value__set_text(v, &e->process->thread_name);
}

GET(proc_exepath)
{
	const struct process *p = who(e, use);

	if (p)
		value__set_text(v, &p->exe);
}

/* Bytes of argv[0], without its NUL. */
static size_t first_size(const struct text *argv)
{
	return argv->data ? strnlen(argv->data, argv->size) : 0;
}

GET(proc_exe)
{
	const struct process *p = who(e, use);

	if (!p)
		return;
	value__set_text(v, &p->argv);
	if (v->state == VALUE_OK) {
		v->size = v->whole = first_size(&p->argv);
		v->cut = false;
	}
}

/* The arguments behind argv[0], a blank before each. */
static void put_args(struct buffer *b, const struct text *argv)
{
	size_t at = first_size(argv) + 1;

	while (at < argv->size) {
		size_t size = strnlen(argv->data + at, argv->size - at);

		buffer__char(b, ' ');
		buffer__bytes(b, argv->data + at, size);
		at += size + 1;
	}
}

static void command_line(const struct event *e, const struct process *p, const struct text *first,
			 struct value *v)
{
	size_t start = e->scratch->size;

	if (first->data)
		buffer__bytes(e->scratch, first->data, first->size);
	put_args(e->scratch, &p->argv);
	value__set_scratch(v, e, start);
	v->cut = p->argv.size != p->argv.whole;
}

GET(proc_args)
{
	size_t start = e->scratch->size;

	if (!e->process)
		return;
	if (!e->process->argv.data) {
		value__set_text(v, &e->process->argv);
		return;
	}
	put_args(e->scratch, &e->process->argv);
	value__set_scratch(v, e, start);
	if (v->state == VALUE_OK && v->size) {
		v->data = (const char *)v->data + 1;
		v->size--;
		v->whole--;
	} else if (v->state != VALUE_OK) {
		value__set_string(v, "");
	}
	v->cut = e->process->argv.size != e->process->argv.whole;
}

GET(proc_cmdline)
{
	const struct process *p = who(e, use);

	if (p)
		command_line(e, p, &p->name, v);
}

GET(proc_exeline)
{
	if (e->process) {
		const struct text *argv = &e->process->argv;
		struct text first = {.data = argv->data, .size = first_size(argv)};

		command_line(e, e->process, &first, v);
	}
}

static void count_args(const struct event *e, struct value *v, bool bytes)
{
	uint64_t count = 0, sum = 0;
	size_t at;

	if (!e->process || !e->process->argv.data)
		return;
	for (at = first_size(&e->process->argv) + 1; at < e->process->argv.size; count++) {
		size_t size = strnlen(e->process->argv.data + at, e->process->argv.size - at);

		sum += size;
		at += size + 1;
	}
	value__set_number(v, bytes ? sum : count);
}

GET(proc_cmdnargs)
{
	count_args(e, v, false);
}

GET(proc_cmdlenargs)
{
	count_args(e, v, true);
}

GET(proc_env)
{
	size_t start = e->scratch->size, name = strlen(use->argument), at = 0;
	const struct text *env;

	if (!e->process || !e->process->env.data)
		return;
	env = &e->process->env;
	while (at < env->size) {
		const char *one = env->data + at;
		size_t size = strnlen(one, env->size - at);

		if (name && size > name && one[name] == '=' && !memcmp(one, use->argument, name)) {
			value__set_bytes(v, one + name + 1, size - name - 1);
			return;
		}
		if (!name) {
			if (at)
				buffer__char(e->scratch, ' ');
			buffer__bytes(e->scratch, one, size);
		}
		at += size + 1;
	}
	if (!name && env->size) {
		value__set_scratch(v, e, start);
		v->cut = env->size != env->whole;
	}
}

GET(proc_cwd)
{
	if (e->process)
		value__set_text(v, &e->process->cwd);
}

GET(proc_tty)
{
	const char *tty;

	if (!e->process)
		return;
	tty = host__tty(e->host, e->process->info->tty);
	value__set_string(v, tty ? tty : "0");
}

GET(proc_loginshell)
{
	static const char *const shells[] = {"ash", "bash", "csh",  "dash", "fish",
					     "ksh", "sh",   "tcsh", "zsh"};
	const struct process *p = e->process;

	for (int i = 0; p && i < MAX_ANCESTORS; i++) {
		for (unsigned int j = 0; j < ARRAY_SIZE(shells); j++) {
			if (p->name.data && p->name.size == strlen(shells[j]) &&
			    !memcmp(p->name.data, shells[j], p->name.size))
				value__set_number(v, p->pid);
		}
		p = host__parent(e->host, p);
	}
}

static const struct process *self_or_parent(const struct event *e, const struct field_use *use)
{
	return use->def->part == WHO_PARENT ? ancestor(e, 1) : e->process;
}

GET(proc_duration)
{
	const struct process *p = self_or_parent(e, use);

	if (p && e->record->time >= p->info->start_time)
		value__set_number(v, e->record->time - p->info->start_time);
}

GET(proc_started)
{
	const struct process *p = self_or_parent(e, use);

	if (p)
		value__set_number(v, host__real_time(e->host, p->info->start_time));
}

GET(proc_exe_flag)
{
	if (e->process)
		value__set_number(v, !!(e->process->info->exe_flags & use->def->part));
}

GET(proc_leads)
{
	const struct sonde_process *i;

	if (!e->process)
		return;
	i = e->process->info;
	value__set_number(v, e->process->pid == (use->def->part == WHO_SESSION ? i->sid : i->pgid));
}

GET(proc_is_kernel)
{
	if (e->process)
		value__set_number(v, e->process->info->kernel_thread == 1);
}

GET(proc_unit)
{
	if (e->process && e->process->unit && e->process->unit[0])
		value__set_string(v, e->process->unit);
}

GET(proc_cgroup)
{
	if (e->process)
		value__set_text(v, &e->process->cgroup);
}

GET(thread_is_main)
{
	if (e->record->subject != SONDE_SUBJECT_NONE)
		value__set_number(v, e->record->pid == e->record->tid);
}

GET(thread_caps)
{
	const struct sonde_process *i;

	if (!e->process)
		return;
	i = e->process->info;
	value__set_number(v, use->def->part == CAPS_EFFECTIVE   ? i->cap_effective
			     : use->def->part == CAPS_PERMITTED ? i->cap_permitted
								: i->cap_inheritable);
}

static uint32_t id_of(const struct process *p, unsigned int part)
{
	switch (part) {
	case ID_UID:
		return p->info->uid;
	case ID_EUID:
		return p->info->euid;
	case ID_LOGIN:
		return p->info->loginuid;
	case ID_GID:
		return p->info->gid;
	default:
		return p->info->egid;
	}
}

GET(user_id)
{
	if (e->process)
		value__set_number(v, (int64_t)(int32_t)id_of(e->process, use->def->part));
}

GET(user_name)
{
	if (e->process)
		value__set_string(v, host__user(e->host, id_of(e->process, use->def->part)));
}

GET(group_name)
{
	if (e->process)
		value__set_string(v, host__group(e->host, id_of(e->process, use->def->part)));
}

static const char *named(const char *container)
{
	return container && *container ? container : "host";
}

GET(container_full_id)
{
	if (e->process)
		value__set_string(v, named(e->process->container_id));
}

/* Engines show the first 12 of a hash's 64 digits; other names stay whole. */
GET(container_id)
{
	field_get__container_full_id(e, use, v);
	if (v->state == VALUE_OK && v->size == 64 && strspn(v->data, "0123456789abcdef") == 64)
		v->size = v->whole = 12;
}

GET(container_runtime)
{
	if (e->process)
		value__set_string(v, named(e->process->container_runtime));
}
