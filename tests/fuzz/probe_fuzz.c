// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as an object file of probes: what of it is ours to read, its ELF sections, its types,
 * its events, which maps its programs use, and a part of it cut out. Then bytes as values of each
 * of its types. The corpus has a small object; its .BTF changes without its ELF breaking.
 */
#include "src/kernel/btf_check.h"
#include "src/kernel/btf_schema.h"
#include "src/kernel/map_users.h"
#include "src/kernel/probes.h"
#include "src/probe/typed.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <string.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int be_silent(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	libbpf_set_print(be_silent);
	return 0;
}

/* Types that were checked can be shown, whatever the bytes. */
static void show(const struct btf *btf)
{
	static const uint8_t bytes[64] = {1, 0xff, 2, 0x80, 'a', 'b', '"', 0x1b};
	uint8_t sum[64] = {};
	struct typed types;

	if (typed__read(&types, btf)) {
		typed__release(&types);
		return;
	}

	for (uint32_t i = 1; i < btf__type_cnt(btf) && i < 500; i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);
		struct buffer b = {};

		if (btf_is_func(t) || btf_is_func_proto(t) || btf_is_datasec(t) ||
		    btf_is_decl_tag(t) || btf_is_var(t))
			continue;
		typed__put(&b, &types, i, bytes, i % sizeof(bytes), i & 1);
		typed__add(btf, i, sum, bytes, i % sizeof(bytes));
		buffer__free(&b);
	}
	typed__release(&types);
}

static void read_schemas(const struct btf *btf)
{
	struct btf_schemas *schemas = NULL;

	if (!btf_schemas__new(btf, 1000, &schemas, NULL))
		btf_schemas__free(schemas);
}

static void read_object(const uint8_t *data, size_t size)
{
	struct map_users *users = NULL;
	struct probes *p = NULL;
	const char *section, *name;
	size_t cut_size;
	void *cut = NULL;

	if (!map_users__new(data, size, &users)) {
		map_users__add(users, "on_exit");
		(void)map_users__have(users, "m");
		map_users__free(users);
	}
	if (probes__new(data, size, &p, NULL))
		return;
	(void)probes__tag(p, "m", "histogram:");
	name = probes__program(p, "on_exit", &section);
	if (name && !probes__cut(p, &name, 1, &cut, &cut_size))
		free(cut);
	read_schemas(probes__types(p));
	show(probes__types(p));
	/* What is let pass is libbpf's to read next. */
	bpf_object__close(bpf_object__open_mem(data, size, NULL));
	probes__free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Sections in memory are aligned as the file's are. */
	uint8_t *copy = aligned_alloc(16, (size + 16) & ~15ul);
	struct btf *btf;

	if (!copy)
		return 0;
	memcpy(copy, data, size);
	read_object(copy, size);
	/* Without an ELF file around them: changed types are reached sooner. */
	btf = size > 4 ? btf__new(copy, size) : NULL;
	if (btf && !btf__check(btf, NULL)) {
		read_schemas(btf);
		show(btf);
	}
	btf__free(btf);
	free(copy);
	return 0;
}
