// SPDX-License-Identifier: Apache-2.0
#include "probe_file.h"
#include "btf_schema.h"
#include "hook_kinds.h"
#include "map_users.h"
#include "object.h"
#include "probe_attach.h"
#include "probe_replace.h"
#include "probe_set.h"
#include "probe_types.h"
#include "probes.h"
#include "program_types.h"
#include "refusal.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <sonde/control.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define MAX_FILE (256l << 20)
#define LOG_SIZE ((1ul << 24) - 1) /* the most that kernels take; touched where they refuse */

/* A program without which the rest of the file runs, and why. */
struct left_out {
	char *name, *section;
	struct error why;
};

struct probe_file {
	char *path;
	void *elf;
	size_t size;
	struct probes *probes;
	struct btf_schemas *events;
	struct bpf_object *object;
	struct probe_links links;
	unsigned int slots, cpus;
	int code; /* of loading */
	struct left_out *left;
	unsigned int left_count;
	const char *alone; /* the one program that is tried; NULL: all */
	char *counters;    /* the scratches, mapped */
	size_t counters_size, stride;
};

/* What probe.bpf.h brings along. The scratches are each file's own. */
static const char *const shared_maps[] = {
	"rings",    "tasks",         "tasks_by_tid", "files",
	"variants", "socket_owners", "hook_entries", ".data.config",
};

static int read_file(struct probe_file *f, struct error *err)
{
	__cleanup(fd) int fd = open(f->path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t got = 0;

	if (fd < 0 || fstat(fd, &st))
		return error__set(err, -errno, "%s: %s", f->path, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size > MAX_FILE)
		return error__set(err, -EINVAL, "%s: not an object file", f->path);
	f->elf = malloc(st.st_size + 1);
	if (!f->elf)
		return -ENOMEM;
	while (got >= 0 && f->size < (size_t)st.st_size) {
		got = read(fd, (char *)f->elf + f->size, st.st_size - f->size);
		if (!got)
			break;
		f->size += got > 0 ? got : 0;
	}
	return got < 0 ? error__set(err, -errno, "%s: %s", f->path, strerror(errno)) : 0;
}

int probe_file__new(const char *path, unsigned int first_id, struct probe_file **ret,
		    struct error *err)
{
	struct probe_file *f = calloc(1, sizeof(*f));
	struct error why = {};
	int code;

	if (!f)
		return -ENOMEM;
	f->path = strdup(path);
	code = f->path ? read_file(f, err) : -ENOMEM;
	if (!code) {
		code = probes__new(f->elf, f->size, &f->probes, &why);
		if (!code)
			code = btf_schemas__new(probes__types(f->probes), first_id, &f->events,
						&why);
		if (code)
			code = error__set(err, code, "%s: %s", path,
					  *why.text ? why.text : strerror(-code));
	}
	if (code) {
		probe_file__free(f);
		return code;
	}
	*ret = f;
	return 0;
}

static void unload(struct probe_file *f)
{
	if (f->counters)
		munmap(take_ptr(f->counters), f->counters_size);
	bpf_object__close(take_ptr(f->object));
	f->slots = 0;
}

void probe_file__free(struct probe_file *f)
{
	if (!f)
		return;
	probe_links__release(&f->links);
	unload(f);
	for (unsigned int i = 0; i < f->left_count; i++) {
		free(f->left[i].name);
		free(f->left[i].section);
	}
	free(f->left);
	btf_schemas__free(f->events);
	probes__free(f->probes);
	free(f->elf);
	free(f->path);
	free(f);
}

const char *probe_file__path(const struct probe_file *f)
{
	return f->path;
}

const struct schema *probe_file__events(const struct probe_file *f, unsigned int *count)
{
	return btf_schemas__list(f->events, count);
}

const void *probe_file__elf(const struct probe_file *f, size_t *size)
{
	*size = f->size;
	return f->elf;
}

bool probe_file__helped(const struct probe_file *f, unsigned int helper)
{
	const char *section;

	if (btf__find_by_name_kind(probes__types(f->probes), "tasks_by_tid", BTF_KIND_VAR) < 0)
		return true;
	for (unsigned int i = 0; (section = probes__section(f->probes, i)); i++)
		if (!probe_type__helps(section, helper))
			return false;
	return true;
}

struct probes *probe_file__probes(const struct probe_file *f)
{
	return f->probes;
}

struct bpf_object *probe_file__object(const struct probe_file *f)
{
	return f->object;
}

/* Maps of sections are named after the object; the section's name is what stays. */
static const char *map_name(const struct bpf_map *map)
{
	const char *name = bpf_map__name(map), *section = strchr(name, '.');

	return section ?: name;
}

bool probe_file__is_shared(const struct bpf_map *map)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(shared_maps); i++)
		if (!strcmp(map_name(map), shared_maps[i]))
			return true;
	return !strcmp(map_name(map), "scratches") || !strcmp(map_name(map), ".bss.types");
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
		struct bpf_map *theirs = object__map(l->owners[i], map_name(map));

		if (bpf_map__fd(theirs) < 0)
			continue;
		if (bpf_map__type(theirs) != bpf_map__type(map) ||
		    bpf_map__key_size(theirs) != bpf_map__key_size(map) ||
		    bpf_map__value_size(theirs) != bpf_map__value_size(map))
			return error__set(
				err, -EINVAL,
				"%s: its map %s is laid out otherwise than sonde's: it was built with the "
				"headers of another version; build it again: sonde probe build",
				path, map_name(map));
		if (bpf_map__reuse_fd(map, bpf_map__fd(theirs)))
			return error__set(err, -errno, "%s: the map %s cannot be shared: %s", path,
					  map_name(map), strerror(errno));
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
		map_users__add(users, bpf_program__name(program));
	bpf_object__for_each_map(map, f->object)
	{
		const char *name = map_name(map);

		if (!probe_file__is_shared(map) || code)
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

	if (!map || bpf_map__fd(map) < 0) {
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

	bpf_object__for_each_program(program, f->object) count++;
	*size = (count + 1) * (LOG_SIZE + 1);
	logs = mmap(NULL, *size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (logs == MAP_FAILED)
		return NULL;
	count = 0;
	bpf_object__for_each_program(program, f->object)(void) !bpf_program__set_log_buf(
		program, logs + count++ * (LOG_SIZE + 1), LOG_SIZE);
	return logs;
}

static int load(struct probe_file *f, struct error *err)
{
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
	bpf_object__for_each_program(program, f->object)
	{
		const char *log = logs ? logs + i++ * (LOG_SIZE + 1) : "";

		if (*log)
			code = refusal__tell(err, code, f->path, bpf_program__name(program), log);
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

	bpf_object__for_each_program(program, f->object)
	{
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

/* Those of EVENT()s are all meant, "?" or not. Otherwise what is marked so is of a hook that not
 * every kernel has; in a file that knows nothing of sonde it is left to whoever made it. -ENOENT:
 * none is left. */
static int choose(struct probe_file *f, struct error *err)
{
	bool links = probes__kernel_has(f->probes, "bpf_attach_type", "BPF_STRUCT_OPS");
	struct probe_variable v;
	bool ours = probe_object__variable(f->object, "own_pid", &v);
	const struct bpf_program *missing = NULL;
	struct bpf_program *program;
	struct bpf_map *map;
	unsigned int count, left = 0;

	probe_file__events(f, &count);
	bpf_object__for_each_program(program, f->object)
	{
		const char *section = bpf_program__section_name(program);
		const struct hook_kind *kind = hook_kind__of(section);

		if (count)
			bpf_program__set_autoload(program, true);
		else if (ours && probes__optional(f->probes, bpf_program__name(program)))
			bpf_program__set_autoload(
				program, !kind || hook_kind__btf_id(kind, probes__kernel(f->probes),
								    section) >= 0);
		probe_type__complete(program);
		left += bpf_program__autoload(program);
		missing = bpf_program__autoload(program) ? missing : program;
	}
	bpf_object__for_each_map(map, f->object) if (links &&
						     bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)(
		void) !bpf_map__set_map_flags(map, bpf_map__map_flags(map) | PROBE_F_LINK);
	return left || !missing ? 0
				: error__set(err, -ENOENT, "%s: this kernel has no %s", f->path,
					     bpf_program__section_name(missing));
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

static int load_file(struct probe_file *f, const struct probe_loading *l, struct error *err)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "own",
		    .btf_custom_path = probes__kernel_file(f->probes));
	__cleanup(fd) int replaced = -1;
	const bool no = false;
	int code;

	libbpf_set_print(be_silent);
	f->object = bpf_object__open_mem(f->elf, f->size, &opts);
	if (!f->object)
		return error__set(err, -EINVAL, "%s: libbpf cannot open it: %s", f->path,
				  errno == ESRCH || errno == EINVAL || errno == ENOTSUP
					  ? "a section, map or type that it does not know"
					  : strerror(errno));
	f->cpus = l->constants->cpus;
	code = choose(f, err);
	if (!code)
		code = leave_unknown(f, err);
	told__everywhere(f->probes, l->constants, set_constant, f);
	if (!probe_file__helped(f, BPF_FUNC_get_current_task_btf))
		set_constant(f, "has_task_btf", &no, sizeof(no));
	tell_arguments(f);
	set_ids(f, l);
	if (!code)
		code = probe_set__all(f->object, f->path, l->options->set, err);
	if (!code)
		code = probe_replace__set(f->object, l->options->replaces, &replaced, err);
	if (!code)
		code = prepare_maps(f, l, err);
	if (!code)
		code = load(f, err);
	if (!code)
		code = map_counters(f, err);
	probes__forget_kernel(f->probes);
	if (code)
		unload(f);
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
			unload(f);
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

int probe_file__code(const struct probe_file *f)
{
	return f->code;
}

const char *probe_file__left(const struct probe_file *f, unsigned int index, const char **why)
{
	if (index >= f->left_count)
		return NULL;
	*why = f->left[index].why.text;
	return f->left[index].section;
}

int probe_file__attach(struct probe_file *f, const struct probe_options *options,
		       void (*refused)(void *context, const char *what, const char *why),
		       void *context)
{
	const struct probes *optional;
	unsigned int events;
	int code;

	probe_file__events(f, &events);
	optional = events ? NULL : f->probes;
	for (unsigned int i = 0; i < f->left_count; i++)
		if (!optional || !probes__optional(optional, f->left[i].name))
			refused(context, f->left[i].section, f->left[i].why.text);
	code = probe_attach__all(f->object, optional, options, &f->links, refused, context);
	if (code == -EINVAL)
		f->code = code;
	return code;
}

void probe_file__detach(struct probe_file *f)
{
	probe_links__release(&f->links);
}

int probe_file__iterate(const struct probe_file *f, unsigned int index)
{
	return probe_links__iterator(&f->links, index);
}

bool probe_file__attached(const struct probe_file *f)
{
	return f->links.count;
}

unsigned int probe_file__slots(const struct probe_file *f)
{
	return f->slots;
}

struct sonde_counters *probe_file__counters(const struct probe_file *f, unsigned int slot,
					    unsigned int cpu)
{
	return f->counters ? (void *)(f->counters + f->stride * (slot * f->cpus + cpu)) : NULL;
}

uint64_t probe_file__missed(const struct probe_file *f)
{
	struct bpf_program *program;
	uint64_t sum = 0;

	bpf_object__for_each_program(program, f->object)
	{
		struct bpf_prog_info info = {};
		__u32 size = sizeof(info);

		if (bpf_program__fd(program) < 0)
			continue;
		if (bpf_obj_get_info_by_fd(bpf_program__fd(program), &info, &size) ||
		    size < offsetof(struct bpf_prog_info, recursion_misses) +
				    sizeof(info.recursion_misses))
			return ~0ull;
		sum += info.recursion_misses;
	}
	return sum;
}

bool probe_object__variable(const struct bpf_object *o, const char *name,
			    struct probe_variable *ret)
{
	const struct btf *btf = bpf_object__btf(o);

	for (uint32_t i = btf ? btf__type_cnt(btf) - 1 : 0; i; i--) {
		const struct btf_type *t = btf__type_by_id(btf, i);
		const char *section = btf__name_by_offset(btf, t->name_off);
		struct bpf_map *map;

		if (!btf_is_datasec(t))
			continue;
		for (unsigned int k = 0; k < btf_vlen(t); k++) {
			const struct btf_var_secinfo *v = &btf_var_secinfos(t)[k];
			const struct btf_type *var = btf__type_by_id(btf, v->type);

			if (strcmp(btf__name_by_offset(btf, var->name_off), name))
				continue;
			bpf_object__for_each_map(map, o)
			{
				if (bpf_map__is_internal(map) && !strcmp(map_name(map), section)) {
					*ret = (struct probe_variable){map, var->type, v->offset,
								       v->size};
					return true;
				}
			}
		}
	}
	return false;
}
