// SPDX-License-Identifier: Apache-2.0
#include "core_btf.h"
#include "../base/table.h"

#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

struct btf *core_btf__kernel(void)
{
	__cleanup(fd) int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY | O_CLOEXEC);
	struct btf *btf;
	struct stat st;
	void *data;

	/* Kernels from 6.16 on map it, which saves a thousand reads of a page each. */
	if (fd < 0 || fstat(fd, &st) || !st.st_size)
		return btf__load_vmlinux_btf();
	data = mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (data == MAP_FAILED)
		return btf__load_vmlinux_btf();
	btf = btf__new(data, st.st_size);
	munmap(data, st.st_size);
	return btf;
}

struct name {
	struct table_node node;
	const char *text;
	size_t size;
};

struct reduction {
	const struct btf *kernel;
	struct btf *reduced;
	struct name *names;
	struct table table; /* of names */
	uint32_t *ids;      /* in the reduced, by those in the kernel's; 0: not wanted */
	uint32_t *wanted;   /* the kernel's, in the order of their new ids */
	unsigned int count;
};

static bool is_candidate(const struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_INT:
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_FLOAT:
		return t->name_off;
	}
	return false;
}

static bool is_named(const struct reduction *r, const char *text)
{
	size_t size = strlen(text);
	struct table_node *n = table__find(&r->table, hash_bytes(text, size));

	for (; n; n = table__next(n)) {
		struct name *name = container_of(n, struct name, node);

		if (name->size == size && !memcmp(name->text, text, size))
			return true;
	}
	return false;
}

/* The names of the object's types, without what tells flavours of one apart: ___old. */
static int collect_names(struct reduction *r, const struct btf *object)
{
	unsigned int count = btf__type_cnt(object);

	r->names = calloc(count, sizeof(*r->names));
	if (!r->names)
		return -ENOMEM;
	for (unsigned int i = 1; i < count; i++) {
		const struct btf_type *t = btf__type_by_id(object, i);
		struct name *name = &r->names[i];
		const char *flavour;

		if (!is_candidate(t))
			continue;
		name->text = btf__name_by_offset(object, t->name_off);
		flavour = strstr(name->text, "___");
		name->size = flavour && flavour > name->text ? (size_t)(flavour - name->text)
							     : strlen(name->text);
		if (table__add(&r->table, &name->node, hash_bytes(name->text, name->size)))
			return -ENOMEM;
	}
	return 0;
}

static void want(struct reduction *r, uint32_t id)
{
	if (!id || r->ids[id])
		return;
	r->wanted[r->count++] = id;
	r->ids[id] = r->count;
}

/* What is part of a type. Behind a pointer lies another one, which has accesses of its own. */
static void want_parts(struct reduction *r, const struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (unsigned int i = 0; i < btf_vlen(t); i++)
			want(r, btf_members(t)[i].type);
		break;
	case BTF_KIND_ARRAY:
		want(r, btf_array(t)->type);
		want(r, btf_array(t)->index_type);
		break;
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		want(r, t->type);
		break;
	}
}

static void renumber(const struct reduction *r, struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
	case BTF_KIND_UNION:
		for (unsigned int i = 0; i < btf_vlen(t); i++)
			btf_members(t)[i].type = r->ids[btf_members(t)[i].type];
		break;
	case BTF_KIND_ARRAY:
		btf_array(t)->type = r->ids[btf_array(t)->type];
		btf_array(t)->index_type = r->ids[btf_array(t)->index_type];
		break;
	case BTF_KIND_PTR: /* to void, unless there is what it points to */
	case BTF_KIND_TYPEDEF:
	case BTF_KIND_CONST:
	case BTF_KIND_VOLATILE:
	case BTF_KIND_RESTRICT:
	case BTF_KIND_TYPE_TAG:
		t->type = r->ids[t->type];
		break;
	}
}

static int reduce(struct reduction *r, const struct btf *object)
{
	unsigned int count = btf__type_cnt(r->kernel);
	int code = collect_names(r, object);

	if (code)
		return code;
	r->ids = calloc(count, sizeof(*r->ids));
	r->wanted = calloc(count, sizeof(*r->wanted));
	r->reduced = btf__new_empty();
	if (!r->ids || !r->wanted || !r->reduced)
		return -ENOMEM;
	for (unsigned int i = 1; i < count; i++) {
		const struct btf_type *t = btf__type_by_id(r->kernel, i);

		if (is_candidate(t) && is_named(r, btf__name_by_offset(r->kernel, t->name_off)))
			want(r, i);
	}
	for (unsigned int i = 0; i < r->count; i++)
		want_parts(r, btf__type_by_id(r->kernel, r->wanted[i]));
	for (unsigned int i = 0; i < r->count; i++) {
		code = btf__add_type(r->reduced, r->kernel,
				     btf__type_by_id(r->kernel, r->wanted[i]));
		if (code < 0)
			return code;
		/* It is ours, and nobody else looks at it yet. */
		renumber(r, (struct btf_type *)btf__type_by_id(r->reduced, code));
	}
	return 0;
}

static int write_out(const struct btf *btf)
{
	uint32_t size;
	const void *data = btf__raw_data(btf, &size);
	int fd = data ? memfd_create("sonde-types", MFD_CLOEXEC) : -1;
	ssize_t written;

	if (fd < 0)
		return -errno;
	written = write(fd, data, size);
	if (written == (ssize_t)size)
		return fd;
	close(fd);
	return -EIO;
}

int core_btf__reduce(const struct btf *kernel, const struct btf *object)
{
	struct reduction r = {.kernel = kernel};
	int fd = reduce(&r, object);

	if (!fd)
		fd = write_out(r.reduced);
	btf__free(r.reduced);
	table__release(&r.table);
	free(r.names);
	free(r.ids);
	free(r.wanted);
	return fd;
}
