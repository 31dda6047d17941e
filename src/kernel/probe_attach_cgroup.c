// SPDX-License-Identifier: Apache-2.0
/* Programs of a cgroup: of --cgroup's, or of one that the command has for itself. */
#include "cgroup.h"
#include "probe_attach_inside.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static int move(const char *directory, const char *pid)
{
	__cleanup(fd) int at = open(directory, O_PATH | O_CLOEXEC), fd = -1;

	fd = openat(at, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	return fd < 0 || write(fd, pid, strlen(pid)) < 0 ? -errno : 0;
}

/* Below the cgroup that we are in, so that what limits us limits the command. */
static int make_own(struct attaching *a)
{
	char path[PATH_MAX], own[PATH_MAX + 32], pid[16];
	int code = cgroup__here(path, sizeof(path), a->err);

	if (code)
		return code;
	snprintf(own, sizeof(own), "%s/sonde-%d", path, getpid());
	snprintf(pid, sizeof(pid), "%u", a->options->command);
	if (mkdir(own, 0755))
		return error__set(a->err, -errno,
				  "%s: %s: --cgroup PATH names a cgroup that is there", own,
				  strerror(errno));
	code = move(own, pid);
	if (code) {
		rmdir(own);
		return error__set(a->err, code, "%s: the command cannot be put there: %s", own,
				  strerror(-code));
	}
	a->links->cgroup = strdup(own);
	return a->links->cgroup ? 0 : -ENOMEM;
}

static int open_cgroup(struct attaching *a)
{
	int code, fd;

	if (a->options->cgroup)
		return cgroup__open(a->options->cgroup, a->err);
	if (!a->options->command)
		return error__set(a->err, -EINVAL, "it needs --cgroup PATH, or a command: -- CMD");
	code = a->links->cgroup ? 0 : make_own(a);
	if (code)
		return code;
	fd = open(a->links->cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int attach__cgroup(struct attaching *a)
{
	enum bpf_attach_type type = bpf_program__expected_attach_type(a->program);
	__cleanup(fd) int fd = open_cgroup(a);

	if (fd < 0)
		return fd;
	/* SEC("cgroup/skb") does not say which way. */
	if (bpf_program__type(a->program) == BPF_PROG_TYPE_CGROUP_SKB && !type &&
	    attach__says(a, "egress"))
		type = BPF_CGROUP_INET_EGRESS;
	else if (bpf_program__type(a->program) == BPF_PROG_TYPE_SOCK_OPS)
		type = BPF_CGROUP_SOCK_OPS;
	return attach__link(a, fd, type);
}

/* Who outlived the command goes where it would have been. */
void probe_cgroup__release(struct probe_links *links)
{
	char path[PATH_MAX], parent[PATH_MAX], pid[16];
	FILE *f;

	if (!links->cgroup)
		return;
	snprintf(path, sizeof(path), "%s/cgroup.procs", links->cgroup);
	snprintf(parent, sizeof(parent), "%.*s", (int)(strrchr(links->cgroup, '/') - links->cgroup),
		 links->cgroup);
	f = fopen(path, "re");
	while (f && fscanf(f, "%15s", pid) == 1)
		(void)!move(parent, pid);
	if (f)
		fclose(f);
	rmdir(links->cgroup);
	free(links->cgroup);
}
