// SPDX-License-Identifier: Apache-2.0
#include "modules.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define DIRECTORY "/sys/kernel/btf"

struct btf *module__types(const char *name, const struct btf *kernel)
{
	char path[300];

	snprintf(path, sizeof(path), DIRECTORY "/%s", name);
	return btf__parse_split(path, (struct btf *)kernel);
}

static int add(struct module_types **modules, const struct btf *kernel, const char *name)
{
	struct module_types *m = calloc(1, sizeof(*m) + strlen(name) + 1);

	if (!m)
		return -ENOMEM;
	m->btf = module__types(name, kernel);
	/* It may be gone by now. */
	if (!m->btf) {
		free(m);
		return -errno;
	}
	m->first = btf__type_cnt(kernel);
	strcpy(m->name, name);
	m->next = *modules;
	*modules = m;
	return 0;
}

struct module_types *modules__types(const struct btf *kernel)
{
	DIR *directory = opendir(DIRECTORY);
	struct module_types *modules = NULL;
	struct dirent *entry;

	while (directory && (entry = readdir(directory)))
		if (*entry->d_name != '.' && strcmp(entry->d_name, "vmlinux") &&
		    add(&modules, kernel, entry->d_name) == -ENOMEM)
			break;
	if (directory)
		closedir(directory);
	return modules;
}

void modules__free(struct module_types *modules)
{
	while (modules) {
		struct module_types *next = modules->next;

		btf__free(modules->btf);
		free(modules);
		modules = next;
	}
}

int module__open(const char *name)
{
	uint32_t id = 0;

	while (!bpf_btf_get_next_id(id, &id)) {
		char theirs[64] = "";
		struct bpf_btf_info info = {.name = (uintptr_t)theirs, .name_len = sizeof(theirs)};
		uint32_t size = sizeof(info);
		int fd = bpf_btf_get_fd_by_id(id);

		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &info, &size) && info.kernel_btf &&
		    !strcmp(theirs, name))
			return fd;
		close(fd);
	}
	return -ENOENT;
}
