// SPDX-License-Identifier: Apache-2.0
#include "object.h"
#include "../base/thread.h"
#include "hook_kinds.h"
#include "kprobe.h"
#include "loader.h"
#include "map_users.h"
#include "probes.h"

#include <assert.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define MAX_PROGRAMS LOADER_PROGRAMS
#define MAX_SECTIONS 8
#define FEW_LINKS    8

struct object {
	struct probes *probes;
	struct bpf_object *bpf;
	struct loader *loader;
	const char *programs[MAX_PROGRAMS]; /* that are wanted */
	unsigned int program_count;
	struct {
		int program, link; /* file descriptors */
	} * links;
	unsigned int link_count;
	struct {
		const char *name;
		void *memory; /* after loading: the map itself */
		size_t size;
	} sections[MAX_SECTIONS];
	unsigned int section_count;
	bool loaded;
	int to_close; /* links, while they are */
};

static int be_silent(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return 0;
}

int object__new(struct probes *probes, struct object **ret)
{
	*ret = calloc(1, sizeof(**ret));
	if (!*ret)
		return -ENOMEM;
	(*ret)->probes = probes;
	return 0;
}

void object__want(struct object *o, const char *program)
{
	assert(o->program_count < MAX_PROGRAMS);
	o->programs[o->program_count++] = program;
}

/* Maps that no wanted program uses, nor what it calls, are not created. */
static int leave_out_maps(struct object *o, const void *elf, size_t size)
{
	struct map_users *users = NULL;
	struct bpf_map *map;
	int code = map_users__new(elf, size, &users);

	for (unsigned int i = 0; !code && i < o->program_count; i++)
		map_users__add(users, o->programs[i]);
	bpf_object__for_each_map(map, o->bpf) {
		const char *name = bpf_map__name(map), *section = strchr(name, '.');

		if (!code && !map_users__have(users, section ? section : name))
			bpf_map__set_autocreate(map, false);
	}
	map_users__free(users);
	return code;
}

static int open_elf(struct object *o, const void *elf, size_t size)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "sonde",
		    .btf_custom_path = probes__kernel_file(o->probes));
	int code = loader__new(&o->loader);

	if (code)
		return code;
	libbpf_set_print(be_silent);
	o->bpf = bpf_object__open_mem(elf, size, &opts);
	if (!o->bpf)
		return -errno;
	for (unsigned int i = 0; i < o->program_count; i++)
		bpf_program__set_autoload(bpf_object__find_program_by_name(o->bpf, o->programs[i]),
					  true);
	return leave_out_maps(o, elf, size);
}

int object__open(struct object *o, struct error *err)
{
	void *elf;
	size_t size;
	int code = probes__cut(o->probes, o->programs, o->program_count, &elf, &size);

	if (!code)
		code = open_elf(o, elf, size);
	free(elf);
	return code ? error__set(err, code, "the probes cannot be opened: %s", strerror(-code)) : 0;
}

static void *close_some(void *context)
{
	struct object *o = context;
	int i;

	while ((i = __atomic_sub_fetch(&o->to_close, 1, __ATOMIC_RELAXED)) >= 0)
		close(o->links[i].link);
	return NULL;
}

/* The last one first. From 6.13 on the kernel waits with each for all programs that run, and does
 * so side by side. */
static void close_links(struct object *o)
{
	struct thread threads[16] = {};

	o->to_close = o->link_count;
	for (unsigned int i = 0; i < ARRAY_SIZE(threads) && o->link_count > FEW_LINKS; i++)
		thread__begin(&threads[i], close_some, o);
	close_some(o);
	for (unsigned int i = 0; i < ARRAY_SIZE(threads); i++)
		thread__end(&threads[i]);
	free(o->links);
}

void object__free(struct object *o)
{
	if (!o)
		return;
	close_links(o);
	for (unsigned int i = 0; i < o->section_count; i++)
		munmap(o->sections[i].memory, o->sections[i].size);
	bpf_object__close(o->bpf);
	loader__free(o->loader);
	free(o);
}

struct bpf_map *object__map(struct object *o, const char *name)
{
	struct bpf_map *map;

	/* libbpf names the maps of sections after the object; the section's name is what stays. */
	bpf_object__for_each_map(map, o->bpf) {
		const char *full = bpf_map__name(map);
		const char *dot = name[0] == '.' ? strchr(full, '.') : full;

		if (dot && !strcmp(dot, name))
			return map;
	}
	assert(!"no such map");
	return NULL;
}

/* From 1.4 on libbpf has a descriptor for each map, which is of nothing before it is created. */
int map__fd(const struct bpf_map *map)
{
	return bpf_map__autocreate(map) ? bpf_map__fd(map) : -1;
}

static const struct btf_var_secinfo *find_variable(struct object *o, const char *section,
						   const char *name)
{
	const struct btf *btf = bpf_object__btf(o->bpf);
	const struct btf_type *t;
	const struct btf_var_secinfo *v;
	uint32_t id = btf__type_cnt(btf) - 1;

	/* They are the last of the types. */
	while (id && strcmp(btf__name_by_offset(btf, btf__type_by_id(btf, id)->name_off), section))
		id--;
	assert(id);
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

	bpf_object__for_each_map(map, o->bpf) {
		const char *name = bpf_map__name(map), *section = strchr(name, '.');
		struct bpf_map *theirs;

		if (!bpf_map__autocreate(map) || map__fd(map) >= 0 ||
		    (section && !strncmp(section, ".rodata", 7)) || !strcmp(name, "scratches"))
			continue;
		theirs = object__map(owner, section ? section : name);
		if (map__fd(theirs) < 0)
			continue;
		if (bpf_map__reuse_fd(map, bpf_map__fd(theirs)))
			return error__set(err, -errno, "the probes' map %s cannot be shared: %s",
					  name, strerror(errno));
	}
	return 0;
}

int object__load(struct object *o, struct error *err)
{
	int code = loader__load(o->loader, o->bpf, probes__kernel(o->probes), err);

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

/* `link`: its file descriptor, or negative errno. */
static int keep_link(struct object *o, int program, int link)
{
	void *links;

	if (link < 0)
		return link;
	links = realloc(o->links, (o->link_count + 1) * sizeof(*o->links));
	if (!links) {
		close(link);
		return -ENOMEM;
	}
	o->links = links;
	o->links[o->link_count].program = program;
	o->links[o->link_count++].link = link;
	return 0;
}

static int cannot_attach(const char *hook, int code, struct error *err)
{
	return error__set(err, code, "the hook %s cannot be attached: %s", hook, strerror(-code));
}

int object__attach(struct object *o, const char *program, struct error *err)
{
	struct bpf_program *p = bpf_object__find_program_by_name(o->bpf, program);
	const char *section = p ? bpf_program__section_name(p) : program, *target;
	const struct hook_kind *kind;
	int fd = object__program(o, program), link;

	section += *section == '?';
	kind = hook_kind__of(section);
	target = kind->feature == FEATURE_UPROBE ? strchr(section, '/') + 1 : hook__target(section);
	if (kind->feature == FEATURE_UPROBE)
		link = uprobe__attach(fd, target, !strncmp(section, "uret", 4));
	else if (kind->type == BPF_PROG_TYPE_KPROBE)
		link = kprobe__attach(fd, target, kind->feature == FEATURE_KRETPROBE);
	else if (kind->type == BPF_PROG_TYPE_TRACEPOINT)
		link = tracepoint__attach(fd, target);
	else
		link = bpf_link_create(fd, 0, kind->attach, NULL);
	link = keep_link(o, fd, link);
	return link < 0 ? cannot_attach(section, link, err) : 0;
}

int object__attach_tracepoint(struct object *o, const char *program, const char *tracepoint,
			      uint64_t cookie, struct error *err)
{
	int fd = object__program(o, program);
	int link = keep_link(o, fd, tracepoint__attach_with(fd, tracepoint, cookie));

	return link < 0 ? cannot_attach(tracepoint, link, err) : 0;
}

static int keep_many(struct object *o, int program, int link, unsigned int count, struct error *err)
{
	link = keep_link(o, program, link);
	return link < 0 ? error__set(err, link, "%u functions cannot be attached to at once: %s",
				     count, strerror(-link))
			: 0;
}

int object__attach_many(struct object *o, const char *program, const char **functions,
			const uint64_t *cookies, unsigned int count, bool at_return,
			struct error *err)
{
	int fd = object__program(o, program);
	LIBBPF_OPTS(bpf_link_create_opts, opts, .kprobe_multi.syms = functions,
		    .kprobe_multi.cookies = (const __u64 *)cookies, .kprobe_multi.cnt = count,
		    .kprobe_multi.flags = at_return ? BPF_F_KPROBE_MULTI_RETURN : 0);

	return keep_many(o, fd, bpf_link_create(fd, 0, BPF_TRACE_KPROBE_MULTI, &opts), count, err);
}

int object__attach_places(struct object *o, const char *program, const struct uprobe_places *places,
			  bool at_return, struct error *err)
{
	int fd = object__program(o, program);

	return keep_many(o, fd, uprobe__attach_many(fd, places, at_return), places->count, err);
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
	return hook_kind__btf_id(hook_kind__of(section), probes__kernel(o->probes), section);
}

int object__tracepoint_args(struct object *o, const char *tracepoint)
{
	return tracepoint_args(probes__kernel(o->probes), tracepoint);
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
