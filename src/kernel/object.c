// SPDX-License-Identifier: Apache-2.0
#include "object.h"
#include "core_btf.h"
#include "hook_kinds.h"
#include "kprobe.h"
#include "loader.h"
#include "map_users.h"

#include <assert.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

/* The object file, between these two: src/kernel/embed.S. */
extern const char sonde_probes_begin[], sonde_probes_end[];

#define MAX_LINKS    1024
#define MAX_SECTIONS 8

struct object {
	struct bpf_object *bpf;
	struct btf *kernel;      /* the types of the running kernel; NULL until asked for */
	int types;               /* those that matter, as a file that libbpf reads; -1: none */
	struct loader *loader;   /* NULL: not to be loaded */
	struct map_users *users; /* NULL until a program is wanted */
	struct {
		int program, link; /* file descriptors */
	} links[MAX_LINKS];
	unsigned int link_count;
	struct {
		const char *name;
		void *memory; /* after loading: the map itself */
		size_t size;
	} sections[MAX_SECTIONS];
	unsigned int section_count;
	bool loaded;
};

static int be_silent(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return 0;
}

const struct btf *object__kernel_types(struct object *o)
{
	if (!o->kernel)
		o->kernel = core_btf__kernel();
	return o->kernel;
}

/* `types`: a file with the kernel's types that the object's accesses are relocated by; NULL: all.
 */
static int open_with(struct object **ret, const char *types, struct error *err)
{
	struct object *o = calloc(1, sizeof(*o));
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "sonde", .btf_custom_path = types);

	if (!o)
		return -ENOMEM;
	libbpf_set_print(be_silent);
	o->types = -1;
	o->bpf = bpf_object__open_mem(sonde_probes_begin, sonde_probes_end - sonde_probes_begin,
				      &opts);
	if (!o->bpf) {
		free(o);
		return error__set(err, -errno, "the built-in probes cannot be opened: %s",
				  strerror(errno));
	}
	*ret = o;
	return 0;
}

int object__open(struct object **ret, struct error *err)
{
	return open_with(ret, NULL, err);
}

int object__open_here(struct object **ret, struct error *err)
{
	struct object *plain, *o;
	struct loader *loader;
	const struct btf *kernel;
	char path[40];
	int types, code = loader__new(&loader);

	if (code)
		return code;
	code = open_with(&plain, NULL, err);
	if (code) {
		loader__free(loader);
		return code;
	}
	kernel = object__kernel_types(plain);
	types = kernel ? core_btf__reduce(kernel, bpf_object__btf(plain->bpf)) : -ENOENT;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", types);
	if (types < 0 || access(path, R_OK)) { /* slower, but it works */
		close_fd(types);
		plain->loader = loader;
		*ret = plain;
		return 0;
	}
	code = open_with(&o, path, err);
	if (code) {
		close(types);
		loader__free(loader);
	} else {
		o->types = types;
		o->loader = loader;
		o->kernel = take_ptr(plain->kernel);
		*ret = o;
	}
	object__free(plain);
	return code;
}

void object__free(struct object *o)
{
	if (!o)
		return;
	for (unsigned int i = o->link_count; i > 0; i--)
		close(o->links[i - 1].link);
	for (unsigned int i = 0; i < o->section_count; i++)
		munmap(o->sections[i].memory, o->sections[i].size);
	btf__free(o->kernel);
	close_fd(o->types);
	bpf_object__close(o->bpf);
	map_users__free(o->users);
	loader__free(o->loader);
	free(o);
}

struct bpf_object *object__bpf(struct object *o)
{
	return o->bpf;
}

struct bpf_map *object__map(struct object *o, const char *name)
{
	struct bpf_map *map;

	/* libbpf names the maps of sections after the object; the section's name is what stays. */
	bpf_object__for_each_map(map, o->bpf)
	{
		const char *full = bpf_map__name(map);
		const char *dot = name[0] == '.' ? strchr(full, '.') : full;

		if (dot && !strcmp(dot, name))
			return map;
	}
	assert(!"no such map");
	return NULL;
}

static const struct btf_var_secinfo *find_variable(struct object *o, const char *section,
						   const char *name)
{
	const struct btf *btf = bpf_object__btf(o->bpf);
	int id = btf__find_by_name_kind(btf, section, BTF_KIND_DATASEC);
	const struct btf_type *t;
	const struct btf_var_secinfo *v;

	assert(id > 0);
	t = btf__type_by_id(btf, id);
	v = btf_var_secinfos(t);
	for (int i = 0; i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, btf__type_by_id(btf, v[i].type)->name_off),
			    name))
			return &v[i];
	assert(!"no such variable");
	return NULL;
}

/* The memory of a .data map, shared with the kernel. */
static char *section_memory(struct object *o, const char *section)
{
	struct bpf_map *map = object__map(o, section);
	size_t page = sysconf(_SC_PAGESIZE), size;
	void *memory;

	for (unsigned int i = 0; i < o->section_count; i++)
		if (!strcmp(o->sections[i].name, section))
			return o->sections[i].memory;
	size = (bpf_map__value_size(map) + page - 1) / page * page;
	memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map), 0);
	assert(memory != MAP_FAILED && o->section_count < MAX_SECTIONS);
	o->sections[o->section_count].name = section;
	o->sections[o->section_count].memory = memory;
	o->sections[o->section_count++].size = size;
	return memory;
}

void *object__variable(struct object *o, const char *section, const char *name)
{
	size_t size;
	char *memory = o->loaded ? section_memory(o, section)
				 : (char *)bpf_map__initial_value(object__map(o, section), &size);

	return memory + find_variable(o, section, name)->offset;
}

void object__set_constant(struct object *o, const char *name, const void *value, size_t size)
{
	assert(find_variable(o, ".rodata", name)->size == size);
	memcpy(object__variable(o, ".rodata", name), value, size);
}

int object__share(struct object *o, struct object *owner, struct error *err)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, o->bpf)
	{
		const char *name = bpf_map__name(map), *section = strchr(name, '.');
		struct bpf_map *theirs;

		if (!bpf_map__autocreate(map) || bpf_map__fd(map) >= 0 ||
		    (section && !strncmp(section, ".rodata", 7)) || !strcmp(name, "scratches"))
			continue;
		theirs = object__map(owner, section ? section : name);
		if (bpf_map__fd(theirs) < 0)
			continue;
		if (bpf_map__reuse_fd(map, bpf_map__fd(theirs)))
			return error__set(err, -errno, "the probes' map %s cannot be shared: %s",
					  name, strerror(errno));
	}
	return 0;
}

int object__want(struct object *o, const char *program)
{
	int code = 0;

	if (!o->users)
		code = map_users__new(sonde_probes_begin, sonde_probes_end - sonde_probes_begin,
				      &o->users);
	if (code)
		return code;
	bpf_program__set_autoload(bpf_object__find_program_by_name(o->bpf, program), true);
	map_users__add(o->users, program);
	return 0;
}

static void leave_out_maps(struct object *o)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, o->bpf)
	{
		const char *name = bpf_map__name(map), *section = strchr(name, '.');

		if (!map_users__have(o->users, section ? section : name))
			bpf_map__set_autocreate(map, false);
	}
}

int object__load(struct object *o, struct error *err)
{
	int code;

	leave_out_maps(o);
	code = loader__load(o->loader, o->bpf, object__kernel_types(o), err);

	o->loaded = !code;
	return code;
}

int object__check(const struct object *o, const char *program, struct error *err)
{
	return loader__check(o->loader, program, err);
}

char *object__take_log(struct object *o, const char *program)
{
	return loader__take_log(o->loader, program);
}

int object__program(const struct object *o, const char *name)
{
	return loader__fd(o->loader, name);
}

void object__copy(struct object *o, const struct loader_copy *copies)
{
	loader__copy(o->loader, copies);
}

int object__attach(struct object *o, const char *program, struct error *err)
{
	struct bpf_program *p = bpf_object__find_program_by_name(o->bpf, program);
	const char *section = p ? bpf_program__section_name(p) : program, *target;
	const struct hook_kind *kind;
	int fd = object__program(o, program), link;

	assert(o->link_count < MAX_LINKS);
	section += *section == '?';
	kind = hook_kind__of(section);
	target = strchr(section, '/') + 1;
	if (kind->type == BPF_PROG_TYPE_KPROBE)
		link = kprobe__attach(fd, target, kind->feature == FEATURE_KRETPROBE);
	else if (kind->type == BPF_PROG_TYPE_TRACEPOINT)
		link = tracepoint__attach(fd, target);
	else
		link = bpf_link_create(fd, 0, kind->attach, NULL);
	if (link < 0)
		return error__set(err, link, "the hook %s cannot be attached: %s", section,
				  strerror(-link));
	o->links[o->link_count].program = fd;
	o->links[o->link_count++].link = link;
	return 0;
}

void object__detach(struct object *o, const char *program)
{
	int fd = object__program(o, program);

	for (unsigned int i = 0; i < o->link_count; i++) {
		if (o->links[i].program != fd)
			continue;
		close(o->links[i].link);
		o->links[i] = o->links[--o->link_count];
		return;
	}
}

uint64_t object__missed(struct object *o, const char *program)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(object__program(o, program), &info, &size) ||
	    size < offsetof(struct bpf_prog_info, recursion_misses) + sizeof(info.recursion_misses))
		return ~0ull;
	return info.recursion_misses;
}

int object__tracepoint_id(struct object *o, const char *tracepoint)
{
	char section[128];

	snprintf(section, sizeof(section), "tp_btf/%s", tracepoint);
	return hook_kind__btf_id(hook_kind__of(section), object__kernel_types(o), section);
}

int object__tracepoint_args(struct object *o, const char *tracepoint)
{
	int id = object__tracepoint_id(o, tracepoint);
	const struct btf_type *t;

	if (id <= 0)
		return -1;
	t = btf__type_by_id(o->kernel, btf__type_by_id(o->kernel, id)->type); /* pointer */
	/* A function, whose first argument is the kernel's own. */
	t = btf__type_by_id(o->kernel, t->type);
	return btf_vlen(t) - 1;
}

void object__drop_types(struct object *o)
{
	btf__free(o->kernel);
	o->kernel = NULL;
}

bool object__kernel_has(struct object *o, const char *enumeration, const char *value)
{
	const struct btf *btf = object__kernel_types(o);
	int id = btf ? btf__find_by_name_kind(btf, enumeration, BTF_KIND_ENUM) : -1;
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, id) : NULL;

	for (int i = 0; t && i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_enum(t)[i].name_off), value))
			return true;
	return false;
}

size_t object__offset(struct object *o, const char *type, const char *member)
{
	const struct btf *btf = bpf_object__btf(o->bpf);
	int id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);
	const struct btf_type *t = btf__type_by_id(btf, id);

	assert(id > 0);
	for (int i = 0; i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_members(t)[i].name_off), member))
			return btf_members(t)[i].offset / 8;
	assert(!"no such member");
	return 0;
}

const char *object__tag(struct object *o, const char *variable, const char *prefix)
{
	const struct btf *btf = bpf_object__btf(o->bpf);
	int id = btf__find_by_name_kind(btf, variable, BTF_KIND_VAR);
	size_t size = strlen(prefix);

	for (uint32_t i = 1; id > 0 && i < btf__type_cnt(btf); i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);
		const char *text = btf__name_by_offset(btf, t->name_off);

		if (btf_is_decl_tag(t) && (int)t->type == id && !strncmp(text, prefix, size))
			return text + size;
	}
	return NULL;
}
