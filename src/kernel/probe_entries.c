// SPDX-License-Identifier: Apache-2.0
#include "probe_entries.h"
#include "probe_file.h"
#include "probe_set.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

#define MAX_BYTES 256 /* of a key, or a value */

struct entry {
	const char *text; /* all of it */
	char map[64], key[MAX_BYTES], value[MAX_BYTES];
};

static bool parse(const char *text, struct entry *e)
{
	*e = (struct entry){.text = text};
	return sscanf(text, "%63[^[][%255[^]]]=%255[^\n]", e->map, e->key, e->value) == 3;
}

static bool is_of_sockets(const struct bpf_map *map)
{
	return bpf_map__type(map) == BPF_MAP_TYPE_SOCKMAP ||
	       bpf_map__type(map) == BPF_MAP_TYPE_SOCKHASH ||
	       bpf_map__type(map) == BPF_MAP_TYPE_REUSEPORT_SOCKARRAY;
}

int probe_entries__socket(const char *text, struct error *err)
{
	unsigned int pid, fd;
	char rest;
	int process, ret;

	if (sscanf(text, "%u:%u%c", &pid, &fd, &rest) != 2)
		return error__set(err, -EINVAL, "%s: a socket is PID:FD", text);
	process = syscall(SYS_pidfd_open, pid, 0);
	if (process < 0)
		return error__set(err, -EINVAL, "%s: there is no process %u", text, pid);
	ret = syscall(SYS_pidfd_getfd, process, fd, 0);
	if (ret < 0)
		ret = error__set(err, errno == EBADF ? -EINVAL : -errno,
				 errno == EBADF ? "%s: the process has no such descriptor"
						: "%s: its descriptor cannot be had: %m",
				 text);
	close(process);
	return ret;
}

/* What an entry of a map of interfaces or CPUs runs. */
static int program_of(const struct bpf_object *o, enum bpf_attach_type type)
{
	struct bpf_program *p;

	bpf_object__for_each_program(p, o)
		if (bpf_program__type(p) == BPF_PROG_TYPE_XDP &&
		    bpf_program__expected_attach_type(p) == type)
			return bpf_program__fd(p);
	return 0;
}

/* What a value is for its kind of map, into `value`; `fd`: to be closed when it is there. */
static int value_of(const struct bpf_object *o, const struct bpf_map *map, const struct entry *e,
		    void *value, int *fd, struct error *err)
{
	uint32_t *words = value;
	bool cpus = bpf_map__type(map) == BPF_MAP_TYPE_CPUMAP;

	switch (bpf_map__type(map)) {
	case BPF_MAP_TYPE_DEVMAP:
	case BPF_MAP_TYPE_DEVMAP_HASH:
	case BPF_MAP_TYPE_CPUMAP:
		words[0] = cpus ? strtoul(e->value, NULL, 0) : if_nametoindex(e->value);
		if (!words[0])
			return error__set(err, -EINVAL, "--entry %s: %s", e->text,
					  cpus ? "the value is how many packets may wait"
					       : "there is no such interface");
		if (bpf_map__value_size(map) >= 8)
			words[1] = program_of(o, cpus ? BPF_XDP_CPUMAP : BPF_XDP_DEVMAP);
		return 0;
	case BPF_MAP_TYPE_SOCKMAP:
	case BPF_MAP_TYPE_SOCKHASH:
	case BPF_MAP_TYPE_REUSEPORT_SOCKARRAY:
		*fd = probe_entries__socket(e->value, err);
		words[0] = *fd;
		return *fd < 0 ? *fd : 0;
	default:
		return probe_set__value(bpf_object__btf(o), bpf_map__btf_value_type_id(map), value,
					bpf_map__value_size(map), e->value, e->text, err);
	}
}

static int put(const struct bpf_object *o, const struct bpf_map *map, const struct entry *e,
	       struct error *err)
{
	/* A map of all CPUs has a value for each. */
	char key[MAX_BYTES] = {}, value[MAX_BYTES] = {};
	__cleanup(fd) int fd = -1;
	int code;

	if (bpf_map__key_size(map) > sizeof(key) || bpf_map__value_size(map) > sizeof(value) ||
	    bpf_map__type(map) == BPF_MAP_TYPE_PERCPU_HASH ||
	    bpf_map__type(map) == BPF_MAP_TYPE_PERCPU_ARRAY)
		return error__set(err, -EINVAL, "--entry %s: maps of this kind are not filled",
				  e->text);
	if (bpf_map__btf_key_type_id(map) || bpf_map__key_size(map) != 4) {
		code = probe_set__value(bpf_object__btf(o), bpf_map__btf_key_type_id(map), key,
					bpf_map__key_size(map), e->key, e->text, err);
		if (code)
			return code;
	} else {
		*(uint32_t *)key = strtoul(e->key, NULL, 0);
	}
	code = value_of(o, map, e, value, &fd, err);
	if (code)
		return code;
	if (bpf_map_update_elem(bpf_map__fd(map), key, value, BPF_ANY))
		return error__set(err, errno == E2BIG ? -EINVAL : -errno,
				  errno == E2BIG ? "--entry %s: the map has no such key"
						 : "--entry %s: the kernel refuses it: %m",
				  e->text);
	return 0;
}

int probe_entries__put(const struct bpf_object *o, const struct probe_options *options,
		       bool sockets, struct error *err)
{
	for (const char *const *text = options->entries; text && *text; text++) {
		const struct bpf_map *map;
		struct entry e;
		int code;

		if (!parse(*text, &e))
			return error__set(err, -EINVAL, "--entry %s: it is MAP[KEY]=VALUE", *text);
		map = bpf_object__find_map_by_name(o, e.map);
		if (!map)
			return error__set(err, -EINVAL, "--entry %s: there is no map %s", *text,
					  e.map);
		if (is_of_sockets(map) != sockets)
			continue;
		code = put(o, map, &e, err);
		if (code)
			return code;
	}
	return 0;
}
