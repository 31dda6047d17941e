// SPDX-License-Identifier: Apache-2.0
#include "../base/buffer.h"
#include "btf_schema.h"
#include "planner.h"
#include "probe_file_inside.h"
#include "probe_types.h"
#include "probes.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#define MAX_FILE (256l << 20)

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

void probe_file__free(struct probe_file *f)
{
	if (!f)
		return;
	probe_links__release(&f->links);
	probe_file__unload(f);
	for (unsigned int i = 0; i < f->left_count; i++) {
		free(f->left[i].name);
		free(f->left[i].section);
	}
	free(f->left);
	planner__free(f->planner);
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

	if (!probe_btf__is_ours(probes__types(f->probes)))
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
const char *probe_file__map_name(const struct bpf_map *map)
{
	const char *name = bpf_map__name(map), *section = strchr(name, '.');

	return section ?: name;
}

bool probe_btf__is_ours(const struct btf *btf)
{
	return btf && btf__find_by_name_kind(btf, "own_pid", BTF_KIND_VAR) > 0;
}

bool probe_object__shares(const struct bpf_object *o, const struct bpf_map *map)
{
	if (!probe_btf__is_ours(bpf_object__btf(o)))
		return false;
	for (unsigned int i = 0; i < ARRAY_SIZE(shared_maps); i++)
		if (!strcmp(probe_file__map_name(map), shared_maps[i]))
			return true;
	return !strcmp(probe_file__map_name(map), "scratches") ||
	       !strcmp(probe_file__map_name(map), ".bss.types");
}

int probe_file__code(const struct probe_file *f)
{
	return f->code;
}

void probe_file__tell_left(const struct probe_file *f,
			   void (*each)(void *context, const char *section, const char *why),
			   void *context)
{
	struct probe_hooks hooks = probe_file__hooks(f);
	const struct bpf_program *program = NULL;
	bool any = f->links.count;

	/* Where nothing works, it is told why not. */
	while (!any && (program = bpf_object__next_program(f->object, (void *)program)))
		any = bpf_program__fd(program) >= 0;
	hooks.optional &= any;
	for (unsigned int i = 0; i < f->left_count; i++)
		if (!hooks.optional || !probes__optional(f->probes, f->left[i].name))
			each(context, f->left[i].section, f->left[i].why.text);
	probe_hooks__tell(&hooks, each, context);
}

/* Where a hook has another program, it is not told of, but tried; the rest is told when all are
 * attached. */
struct telling {
	struct probe_hooks hooks;
	struct buffer told; /* section, why, each ended by 0 */
	bool again;
};

static void tell(void *context, const char *section, const char *why)
{
	struct telling *t = context;
	struct bpf_program *program;
	bool again = false;

	bpf_object__for_each_program(program, t->hooks.object) {
		const char *theirs = bpf_program__section_name(program);

		if (bpf_program__autoload(program) && !again &&
		    !strcmp(theirs + (*theirs == '?'), section))
			again = probe_hooks__refuse(&t->hooks, bpf_program__name(program), why);
	}
	t->again |= again;
	if (again)
		return;
	buffer__bytes(&t->told, section, strlen(section) + 1);
	buffer__bytes(&t->told, why, strlen(why) + 1);
}

int probe_file__attach(struct probe_file *f, const struct probe_options *options,
		       void (*refused)(void *context, const char *what, const char *why),
		       void *context)
{
	struct telling t = {probe_file__hooks(f)};
	const struct probes *optional = t.hooks.optional ? f->probes : NULL;
	int code = probe_attach__all(f->object, optional, options, &f->links, tell, &t);

	for (size_t at = 0; !t.again && !t.told.failed && at < t.told.size;) {
		const char *section = t.told.data + at, *why = section + strlen(section) + 1;

		refused(context, section, why);
		at = why + strlen(why) + 1 - t.told.data;
	}
	buffer__free(&t.told);
	if (t.again) {
		probe_links__release(&f->links);
		return -EAGAIN;
	}
	probe_file__tell_left(f, refused, context);
	probes__forget_kernel(f->probes);
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

	bpf_object__for_each_program(program, f->object) {
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
			bpf_object__for_each_map(map, o) {
				if (bpf_map__is_internal(map) &&
				    !strcmp(probe_file__map_name(map), section)) {
					*ret = (struct probe_variable){map, var->type, v->offset,
								       v->size};
					return true;
				}
			}
		}
	}
	return false;
}
