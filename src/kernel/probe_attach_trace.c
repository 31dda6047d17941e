// SPDX-License-Identifier: Apache-2.0
/* Programs of functions and probes of programs, and iterators. */
#include "probe_attach_inside.h"

#include <bpf/bpf.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Libraries without a path are libbpf's to find. */
static int explain_user(struct attaching *a, int code, const char *path, const char *what)
{
	bool usdt = !strncmp(a->section, "usdt", 4);
	struct stat st;

	if (code == -EOPNOTSUPP && usdt)
		return error__set(
			a->err, code,
			"kernels before 5.15 attach the probes of a library to one process only: "
			"-p PID");
	if (code != -ENOENT && code != -ESRCH && !(usdt && code == -EINVAL))
		return code;
	if (strchr(path, '/') && stat(path, &st))
		return error__set(a->err, code, "%s: %s", path, strerror(errno));
	if (usdt)
		return error__set(a->err, code,
				  "%s has no %s, or libbpf cannot find an argument of it (in an "
				  "array, or a floating-point number): sonde hooks -v 'usdt:%s:*' "
				  "tells where they are, and sonde trace -e may read them",
				  path, what, path);
	return error__set(a->err, code,
			  "%s has no %s, or is not there: sonde hooks finds those that it has",
			  path, what);
}

/* "PATH:PROVIDER:NAME" */
static int attach_usdt(struct attaching *a, char *text, const char *binary, int pid)
{
	char *name = strrchr(text, ':'), *provider, what[256];
	const char *path = binary ?: text;

	if (name)
		*name++ = '\0';
	provider = name ? strrchr(text, ':') : NULL;
	if (!provider)
		return error__set(a->err, -EINVAL, "it needs --binary PATH:PROVIDER:NAME");
	*provider++ = '\0';
	snprintf(what, sizeof(what), "probe %s:%s", provider, name);
	return explain_user(a,
			    attach__took(a, bpf_program__attach_usdt(a->program, pid, path,
								     provider, name, NULL)),
			    path, what);
}

/* "uprobe/PATH:FUNCTION+OFFSET", "uprobe/PATH:OFFSET"; the path may be --binary's. */
int attach__user(struct attaching *a)
{
	LIBBPF_OPTS(bpf_uprobe_opts, opts, .retprobe = !strncmp(a->section, "uret", 4));
	const char *slash = strchr(a->section, '/'), *path;
	const char *binary = slash ? a->options->binary : NULL;
	char text[512], what[256], *function, *plus;
	size_t offset = 0;
	int pid = a->options->pid ? (int)a->options->pid : -1;

	snprintf(text, sizeof(text), "%s", slash ? slash + 1 : a->options->binary ?: "");
	path = binary ?: text;
	if (!strncmp(a->section, "usdt", 4))
		return attach_usdt(a, text, binary, pid);
	function = strrchr(text, ':');
	if (!function)
		return error__set(a->err, -EINVAL, "it needs --binary PATH:FUNCTION");
	*function++ = '\0';
	snprintf(what, sizeof(what), "function %s", function);
	plus = isdigit((unsigned char)*function) ? function : strchr(function, '+');
	if (plus)
		offset = strtoul(plus + (*plus == '+'), NULL, 0);
	if (plus)
		*plus = '\0';
	opts.func_name = *function ? function : NULL;
	return explain_user(a,
			    attach__took(a, bpf_program__attach_uprobe_opts(a->program, pid, path,
									    offset, &opts)),
			    path, what);
}

static bool fits(const char *target, const struct bpf_object *o, const struct bpf_map *map)
{
	switch (bpf_map__type(map)) {
	case BPF_MAP_TYPE_HASH:
	case BPF_MAP_TYPE_LRU_HASH:
	case BPF_MAP_TYPE_PERCPU_HASH:
	case BPF_MAP_TYPE_LRU_PERCPU_HASH:
	case BPF_MAP_TYPE_ARRAY:
	case BPF_MAP_TYPE_PERCPU_ARRAY:
		return !strcmp(target, "bpf_map_elem") && !bpf_map__is_internal(map) &&
		       !probe_object__shares(o, map);
	case BPF_MAP_TYPE_SK_STORAGE:
		return !strcmp(target, "bpf_sk_storage_map");
	case BPF_MAP_TYPE_SOCKMAP:
	case BPF_MAP_TYPE_SOCKHASH:
		return !strcmp(target, "sockmap");
	default:
		return false;
	}
}

/* The map that ATTACH() names, else the first that fits; -1: this target goes through no map. */
static int map_to_read(struct attaching *a, const char *target)
{
	struct bpf_map *map;

	if (strcmp(target, "bpf_map_elem") && strcmp(target, "bpf_sk_storage_map") &&
	    strcmp(target, "sockmap"))
		return -1;
	bpf_object__for_each_map(map, a->object)
		if (*a->tag ? !strcmp(a->tag, bpf_map__name(map)) : fits(target, a->object, map))
			return bpf_map__fd(map);
	return error__set(a->err, -EINVAL,
			  *a->tag ? "the file has no map %s" : "the file has no map for it%s",
			  a->tag);
}

int attach__iterator(struct attaching *a)
{
	LIBBPF_OPTS(bpf_iter_attach_opts, opts);
	const char *target = strchr(a->section, '/');
	union bpf_iter_link_info info = {};
	int map = map_to_read(a, target ? target + 1 : ""), code;

	if (map < -1)
		return map;
	if (map >= 0)
		info.map.map_fd = map;
	/* From the root on. */
	if (target && !strcmp(target, "/cgroup"))
		info.cgroup.order = BPF_CGROUP_ITER_DESCENDANTS_PRE;
	if (map >= 0 || info.cgroup.order) {
		opts.link_info = &info;
		opts.link_info_len = sizeof(info);
	}
	code = attach__took(a, bpf_program__attach_iter(a->program, &opts));
	a->link->iterates = !code;
	return code;
}
