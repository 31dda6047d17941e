// SPDX-License-Identifier: Apache-2.0
#include "probe_replace.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The kernel keeps 15 characters of a name. */
static bool is_named(int fd, const char *name)
{
	struct bpf_prog_info info = {};
	__u32 size = sizeof(info);

	return !bpf_obj_get_info_by_fd(fd, &info, &size) &&
	       !strncmp(info.name, name, sizeof(info.name) - 1);
}

static int find_named(const char *name, struct error *err)
{
	__u32 id = 0, first = 0;
	int found = -1;

	while (!bpf_prog_get_next_id(id, &id)) {
		int fd = bpf_prog_get_fd_by_id(id);

		if (fd < 0 || !is_named(fd, name)) {
			close_fd(fd);
			continue;
		}
		if (found >= 0) {
			close_fd(fd);
			close_fd(found);
			return error__set(err, -EINVAL,
					  "--replaces %s: there are several programs of that name: "
					  "say which by its id, %u, %u ...",
					  name, first, id);
		}
		found = fd;
		first = id;
	}
	return found;
}

static int find_program(const char *program, struct error *err)
{
	char *end;
	unsigned long id = strtoul(program, &end, 10);
	int fd = *end ? find_named(program, err) : bpf_prog_get_fd_by_id(id);

	return fd >= 0 ? fd
		       : error__set(err, -EINVAL,
				    "--replaces %s: no BPF program of that name or id is loaded",
				    program);
}

int probe_replace__set(struct bpf_object *o, const char *program, int *fd, struct error *err)
{
	struct bpf_program *p;

	bpf_object__for_each_program(p, o) {
		const char *section = bpf_program__section_name(p);
		const char *function = strchr(section, '/');
		int code;

		if (bpf_program__type(p) != BPF_PROG_TYPE_EXT || !bpf_program__autoload(p))
			continue;
		if (!program || !function)
			return error__set(
				err, -EINVAL,
				!function ? "%s names no function: SEC(\"freplace/FUNCTION\")"
					  : "%s needs --replaces ID|NAME, the program whose "
					    "function it takes",
				section);
		if (*fd < 0)
			*fd = find_program(program, err);
		if (*fd < 0)
			return *fd;
		code = bpf_program__set_attach_target(p, *fd, function + 1);
		if (code)
			return error__set(err, -EINVAL, "--replaces %s: it has no function %s",
					  program, function + 1);
	}
	return 0;
}
