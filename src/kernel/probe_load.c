// SPDX-License-Identifier: Apache-2.0
/* How is an object file loaded, if need be without those of its programs that this kernel refuses?
 */
#include "hook_kinds.h"
#include "map_users.h"
#include "object.h"
#include "planner.h"
#include "probe_file_inside.h"
#include "probe_replace.h"
#include "probe_set.h"
#include "probe_types.h"
#include "probes.h"
#include "program_types.h"
#include "refusal.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <sonde/control.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define LOG_SIZE ((1ul << 24) - 1) /* the most that kernels take; touched where they refuse */

void probe_file__unload(struct probe_file *f)
{
	if (f->counters)
		munmap(take_ptr(f->counters), f->counters_size);
	bpf_object__close(take_ptr(f->object));
	f->slots = 0;
}

static const struct schema *find_event(const struct probe_file *f, const char *name)
{
	unsigned int count;
	const struct schema *list = probe_file__events(f, &count);

	for (unsigned int i = 0; i < count; i++)
		if (!strcmp(list[i].name, name))
			return &list[i];
	/* A further program of the only event. */
	return count == 1 ? list : NULL;
}

static void set_constant(void *context, const char *name, const void *value, size_t size)
{
	struct probe_file *f = context;
	struct probe_variable v;
	size_t room;
	char *memory;

	if (!probe_object__variable(f->object, name, &v) || v.size != size)
		return;
	memory = (char *)bpf_map__initial_value(v.map, &room);
	if (memory && v.offset + size <= room)
		memcpy(memory + v.offset, value, size);
}

/* Each event has a slot and a scratch, as far as there are slots. */
static void set_ids(struct probe_file *f, const struct probe_loading *l)
{
	const struct btf *btf = bpf_object__btf(f->object);
	unsigned int next = 0;

	for (uint32_t i = 1; i < btf__type_cnt(btf); i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);
		const char *name = btf__name_by_offset(btf, t->name_off);
		const struct schema *event;
		unsigned int place;

		if (!btf_is_var(t) || strncmp(name, "sonde_ids__", 11) || !l->slots)
			continue;
		event = find_event(f, name + 11);
		place = next++ % l->slots;
		set_constant(
			f, name,
			&(uint32_t[]){place << 16 | (l->first_slot + place), event ? event->id : 0},
			2 * sizeof(uint32_t));
	}
	f->slots = min(next, l->slots);
}

static int share_map(struct bpf_map *map, const struct probe_loading *l, const char *path,
		     struct error *err)
{
	for (unsigned int i = 0; i < l->owner_count; i++) {
		struct bpf_map *theirs = object__map(l->owners[i], probe_file__map_name(map));

		if (map__fd(theirs) < 0)
			continue;
		if (bpf_map__type(theirs) != bpf_map__type(map) ||
		    bpf_map__key_size(theirs) != bpf_map__key_size(map) ||
		    bpf_map__value_size(theirs) != bpf_map__value_size(map))
			return error__set(
				err, -EINVAL,
				"%s: its map %s is laid out otherwise than sonde's: it was built with the "
				"headers of another version; build it again: sonde probe build",
				path, probe_file__map_name(map));
		if (bpf_map__reuse_fd(map, bpf_map__fd(theirs)))
			return error__set(err, -errno, "%s: the map %s cannot be shared: %s", path,
					  probe_file__map_name(map), strerror(errno));
		return 0;
	}
	return 0;
}

/* What probe.bpf.h brought along: shared where a program uses it, otherwise left out. */
static int prepare_maps(struct probe_file *f, const struct probe_loading *l, struct error *err)
{
	struct map_users *users = NULL;
	struct bpf_program *program;
	struct bpf_map *map;
	int code = map_users__new(f->elf, f->size, &users);

	if (code)
		return error__set(err, code, "%s: its relocations cannot be read", f->path);
	bpf_object__for_each_program(program, f->object)
		if (bpf_program__autoload(program))
			map_users__add(users, bpf_program__name(program));
	bpf_object__for_each_map(map, f->object) {
		const char *name = probe_file__map_name(map);

		if (!probe_object__shares(f->object, map) || code)
			continue;
		if (!map_users__have(users, name) ||
		    !strcmp(name, l->constants->task_storage ? "tasks_by_tid" : "tasks"))
			bpf_map__set_autocreate(map, false);
		else if (!strcmp(name, "scratches"))
			bpf_map__set_max_entries(map, max(f->slots, 1u) * l->constants->cpus);
		else
			code = share_map(map, l, f->path, err);
	}
	map_users__free(users);
	return code;
}

static int map_counters(struct probe_file *f, struct error *err)
{
	struct bpf_map *map = bpf_object__find_map_by_name(f->object, "scratches");
	size_t page = sysconf(_SC_PAGESIZE);
	void *memory;

	if (!map || map__fd(map) < 0) {
		f->slots = 0;
		return 0;
	}
	f->stride = (bpf_map__value_size(map) + 7u) & ~7u;
	f->counters_size = (f->stride * bpf_map__max_entries(map) + page - 1) / page * page;
	memory = mmap(NULL, f->counters_size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map),
		      0);
	if (memory == MAP_FAILED)
		return error__set(err, -errno, "%s: its counters cannot be mapped: %s", f->path,
				  strerror(errno));
	f->counters = memory;
	return 0;
}

static int be_silent(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return 0;
}

/* Gives each program room for what the verifier says. NULL: no memory. */
static char *give_logs(struct probe_file *f, size_t *size)
{
	unsigned int count = 0;
	struct bpf_program *program;
	char *logs;

	bpf_object__for_each_program(program, f->object)
		count++;
	*size = (count + 1) * (LOG_SIZE + 1);
	logs = mmap(NULL, *size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (logs == MAP_FAILED)
		return NULL;
	count = 0;
	bpf_object__for_each_program(program, f->object)
		(void)!bpf_program__set_log_buf(program, logs + count++ * (LOG_SIZE + 1), LOG_SIZE);
	return logs;
}

static int load(struct probe_file *f, bool *again, struct error *err)
{
	const struct probe_hooks hooks = probe_file__hooks(f);
	size_t size;
	char *logs = give_logs(f, &size);
	unsigned int i = 0;
	struct bpf_program *program;
	int code = bpf_object__load(f->object);

	if (!code && logs)
		munmap(logs, size);
	if (!code)
		return 0;
	if (code == -EINVAL)
		code = -ENOEXEC;
	bpf_object__for_each_program(program, f->object) {
		const char *log = logs ? logs + i++ * (LOG_SIZE + 1) : "";

		if (!*log)
			continue;
		code = refusal__tell(err, code, f->path, bpf_program__name(program), log);
		*again |= probe_hooks__refuse(&hooks, bpf_program__name(program), err->text);
	}
	if (logs)
		munmap(logs, size);
	if (code == -EPERM || code == -EACCES)
		return error__set(err, code,
				  "%s: the kernel does not let it be loaded: %s; sonde doctor says "
				  "what works here",
				  f->path, strerror(-code));
	return error__set(err, code, "%s: the kernel refuses it: %s%s", f->path,
			  code == -ENOEXEC ? "it does not know this kind" : strerror(-code),
			  code == -ESRCH || code == -ENOENT
				  ? "; a function or type that it names is not there"
				  : "");
}

static const struct left_out *find_left(const struct probe_file *f, const char *name)
{
	for (unsigned int i = 0; i < f->left_count; i++)
		if (!strcmp(f->left[i].name, name))
			return &f->left[i];
	return NULL;
}

static int leave_out(struct probe_file *f, const char *name, const char *section,
		     const struct error *why)
{
	struct left_out *list = realloc(f->left, (f->left_count + 1) * sizeof(*list));

	if (!list)
		return -ENOMEM;
	f->left = list;
	list[f->left_count++] = (struct left_out){strdup(name), strdup(section), *why};
	return list[f->left_count - 1].name && list[f->left_count - 1].section ? 0 : -ENOMEM;
}

/* Of those that are to be loaded; sections that nobody knows are left out. */
static int leave_unknown(struct probe_file *f, struct error *err)
{
	struct bpf_program *program;
	unsigned int count = 0, left = 0;
	int code = 0;

	bpf_object__for_each_program(program, f->object) {
		const char *name = bpf_program__name(program);
		const char *section = bpf_program__section_name(program);

		if (f->alone && strcmp(name, f->alone))
			bpf_program__set_autoload(program, false);
		count += bpf_program__autoload(program);
		if (!code && bpf_program__autoload(program) && !find_left(f, name) &&
		    bpf_program__type(program) == BPF_PROG_TYPE_UNSPEC) {
			struct error why = {};
			char text[200];

			section__explain(section, text, sizeof(text));
			(void)!error__set(&why, -EINVAL, "%s", text);
			code = leave_out(f, name, section, &why);
		}
		if (bpf_program__autoload(program) && find_left(f, name)) {
			bpf_program__set_autoload(program, false);
			left++;
		}
	}
	if (code || !left || left < count)
		return code;
	return error__set(err, f->left->why.code, "%s: %s: %s", f->path, f->left->section,
			  f->left->why.text);
}

/* What is marked "?" is of a hook that not every kernel has; in a file that knows nothing of sonde
 * it is left to whoever made it. */
static bool is_ours(const struct probe_file *f)
{
	return probe_btf__is_ours(probes__types(f->probes));
}

struct probe_hooks probe_file__hooks(const struct probe_file *f)
{
	return (struct probe_hooks){f->planner, f->probes, f->object, is_ours(f)};
}

static void choose(struct probe_file *f)
{
	const struct probe_hooks hooks = probe_file__hooks(f);
	bool links = probes__kernel_has(f->probes, "bpf_attach_type", "BPF_STRUCT_OPS");
	struct bpf_program *program;
	struct bpf_map *map;

	bpf_object__for_each_program(program, f->object) {
		if (hooks.optional)
			bpf_program__set_autoload(program, true);
		probe_type__complete(program);
	}
	bpf_object__for_each_map(map, f->object)
		if (links && bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			(void)!bpf_map__set_map_flags(map, bpf_map__map_flags(map) | PROBE_F_LINK);
	probe_hooks__choose(&hooks);
	if (!is_ours(f))
		probe_hooks__choose_twins(&hooks);
}

/* ARGUMENTS_OF(): how many a tracepoint of this kernel has. */
static void tell_arguments(struct probe_file *f)
{
	const struct btf *btf = probes__types(f->probes);

	for (uint32_t i = 1; i < btf__type_cnt(btf); i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);
		const char *tag = btf__name_by_offset(btf, t->name_off);
		uint32_t count;

		if (!btf_is_decl_tag(t) || strncmp(tag, "arguments:", 10) ||
		    !btf_is_var(btf__type_by_id(btf, t->type)))
			continue;
		count = max(tracepoint_args(probes__kernel(f->probes), tag + 10), 0);
		set_constant(f, btf__name_by_offset(btf, btf__type_by_id(btf, t->type)->name_off),
			     &count, sizeof(count));
	}
}

static int try_to_load(struct probe_file *f, const struct probe_loading *l, bool *again,
		       struct error *err)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "own",
		    .btf_custom_path = probes__kernel_file(f->probes));
	__cleanup(fd) int replaced = -1;
	const bool no = false;
	int code;

	*again = false;
	libbpf_set_print(be_silent);
	f->object = bpf_object__open_mem(f->elf, f->size, &opts);
	if (!f->object)
		return error__set(err, -EINVAL, "%s: libbpf cannot open it: %s", f->path,
				  errno == ESRCH || errno == EINVAL || errno == ENOTSUP
					  ? "a section, map or type that it does not know"
				  : errno > __LIBBPF_ERRNO__START ? "it is damaged"
								  : strerror(errno));
	f->cpus = l->constants->cpus;
	choose(f);
	code = leave_unknown(f, err);
	told__everywhere(f->probes, l->constants, set_constant, f);
	if (!probe_file__helped(f, BPF_FUNC_get_current_task_btf))
		set_constant(f, "has_task_btf", &no, sizeof(no));
	if (!probe_file__helped(f, BPF_FUNC_get_current_pid_tgid))
		set_constant(f, "has_current", &no, sizeof(no));
	tell_arguments(f);
	set_ids(f, l);
	if (!code)
		code = probe_set__all(f->object, f->path, l->options->set, err);
	if (!code)
		code = probe_replace__set(f->object, l->options->replaces, &replaced, err);
	if (!code)
		code = prepare_maps(f, l, err);
	return code ? code : load(f, again, err);
}

/* Again, as long as a hook whose program is refused has another one. */
static int load_file(struct probe_file *f, const struct probe_loading *l, struct error *err)
{
	bool again;
	int code = f->planner ? 0 : planner__like(l->planner, &f->planner);

	if (code)
		return code;
	do {
		probe_file__unload(f);
		code = try_to_load(f, l, &again, err);
	} while (code && again);
	if (!code)
		code = map_counters(f, err);
	if (code)
		probe_file__unload(f);
	return code;
}

/*
 * The kernel refuses a program, or its hook is not there: which one it is, libbpf does not tell, so
 * each is tried alone. True: others are left.
 */
static bool leave_refused(struct probe_file *f, const struct probe_loading *l)
{
	unsigned int tried = 0, refused = 0;
	bool ok = true;

	for (unsigned int i = 0; ok; i++) {
		LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "own");
		struct bpf_object *o = bpf_object__open_mem(f->elf, f->size, &opts);
		struct bpf_program *p = NULL;
		struct error why = {};

		for (unsigned int k = 0; o && k <= i; k++)
			p = bpf_object__next_program(o, p);
		if (!p) {
			bpf_object__close(o);
			break;
		}
		f->alone = bpf_program__name(p);
		if (!find_left(f, f->alone)) {
			tried++;
			if (load_file(f, l, &why)) {
				ok = !leave_out(f, f->alone, bpf_program__section_name(p), &why);
				refused++;
			}
			probe_file__unload(f);
		}
		f->alone = NULL;
		bpf_object__close(o);
	}
	return ok && refused && refused < tried;
}

int probe_file__load(struct probe_file *f, const struct probe_loading *l, struct error *err)
{
	f->code = load_file(f, l, err);
	if (f->code && f->code != -EINVAL && leave_refused(f, l)) {
		*err = (struct error){};
		f->code = load_file(f, l, err);
	}
	return f->code;
}
