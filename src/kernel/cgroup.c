// SPDX-License-Identifier: Apache-2.0
#include "cgroup.h"
#include "../base/suggest.h"
#include "../host/cgroup_path.h"

#include <bpf/btf.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_MOUNTS 32

/* Where a hierarchy is mounted. */
struct mount {
	char path[PATH_MAX];
	int32_t hierarchy;
};

struct mounts {
	struct mount list[MAX_MOUNTS];
	unsigned int count;
};

/* The number under which this kernel keeps a v1 controller: enum cgroup_subsys_id. */
static int subsystem_of(const struct btf *btf, const char *options)
{
	for (uint32_t i = 1; i < btf__type_cnt(btf); i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);

		if (!btf_is_enum(t) ||
		    strcmp(btf__name_by_offset(btf, t->name_off), "cgroup_subsys_id"))
			continue;
		for (int k = 0; k < btf_vlen(t); k++) {
			const char *name = btf__name_by_offset(btf, btf_enum(t)[k].name_off);
			size_t size = strlen(name) - strlen("_cgrp_id");

			for (const char *o = options; *o; o += strcspn(o, ","), o += *o == ',')
				if (strcspn(o, ",") == size && !strncmp(o, name, size))
					return btf_enum(t)[k].val;
		}
	}
	return -1;
}

static void add_mount(struct mounts *m, const char *path, int32_t hierarchy)
{
	if (m->count == MAX_MOUNTS)
		return;
	snprintf(m->list[m->count].path, sizeof(m->list[m->count].path), "%s", path);
	m->list[m->count++].hierarchy = hierarchy;
}

/* The default hierarchy first; of v1 those that the probes can follow: one with a controller. */
static int find_mounts(struct mounts *m, struct error *err)
{
	FILE *f = setmntent("/proc/self/mounts", "r");
	struct btf *btf = btf__load_vmlinux_btf();
	struct mntent *e;

	m->count = 0;
	while (f && (e = getmntent(f)))
		if (!strcmp(e->mnt_type, "cgroup2"))
			add_mount(m, e->mnt_dir, 0);
	if (f)
		rewind(f);
	while (f && btf && (e = getmntent(f))) {
		int id = strcmp(e->mnt_type, "cgroup") ? -1 : subsystem_of(btf, e->mnt_opts);

		if (id >= 0)
			add_mount(m, e->mnt_dir, id + 1);
	}
	if (f)
		endmntent(f);
	btf__free(btf);
	return m->count ? 0 : error__set(err, -ENOENT, "no cgroup file system is mounted here");
}

static int place_of(const char *path, int32_t hierarchy, struct cgroup_place *place)
{
	struct stat s;

	if (stat(path, &s) || !S_ISDIR(s.st_mode))
		return -ENOENT;
	*place = (struct cgroup_place){.id = s.st_ino, .hierarchy = hierarchy};
	return 0;
}

static bool is_below(const char *path, const char *dir)
{
	size_t size = strlen(dir);

	return !strncmp(path, dir, size) && (!path[size] || path[size] == '/');
}

/* The hierarchy that programs are attached to: v2, wherever it is mounted. */
static int default_mount(struct mounts *m, struct error *err)
{
	int code = find_mounts(m, err);

	if (!code && m->list[0].hierarchy)
		code = error__set(err, -ENOENT, "cgroup v2 is not mounted here");
	return code;
}

int cgroup__here(char *path, size_t room, struct error *err)
{
	struct mounts *m = malloc(sizeof(*m));
	int code = m ? default_mount(m, err) : -ENOMEM;
	FILE *f = fopen("/proc/self/cgroup", "re");
	char line[PATH_MAX] = "";

	if (!code && (!f || !m))
		code = -ENOENT;
	while (!code && fgets(line, sizeof(line), f) && strncmp(line, "0::", 3))
		*line = '\0';
	if (f)
		fclose(f);
	line[strcspn(line, "\n")] = '\0';
	if (!code)
		snprintf(path, room, "%s%s", m->list[0].path,
			 *line && strcmp(line + 3, "/") ? line + 3 : "");
	free(m);
	return code;
}

/* Its directory: PATH itself, if that is below a mount, or one below a mount. */
static int find_directory(const struct mounts *m, const char *path, char *full,
			  struct cgroup_place *place, struct error *err)
{
	char real[PATH_MAX];

	if (realpath(path, real))
		for (unsigned int i = 0; i < m->count; i++)
			if (is_below(real, m->list[i].path) &&
			    !place_of(real, m->list[i].hierarchy, place)) {
				snprintf(full, 2 * PATH_MAX, "%s", real);
				return 0;
			}
	for (unsigned int i = 0; i < m->count; i++) {
		snprintf(full, 2 * PATH_MAX, "%s/%s", m->list[i].path, path);
		if (!place_of(full, m->list[i].hierarchy, place))
			return 0;
	}
	return error__set(err, -ENOENT,
			  "there is no cgroup %s: neither a directory below a cgroup mount, nor a "
			  "path in one",
			  path);
}

int cgroup__by_path(const char *path, struct cgroup_place *place, struct error *err)
{
	char full[2 * PATH_MAX];
	struct mounts *m = malloc(sizeof(*m));
	int code = m ? find_mounts(m, err) : -ENOMEM;

	if (!code)
		code = find_directory(m, path, full, place, err);
	free(m);
	return code;
}

int cgroup__open(const char *path, struct error *err)
{
	char full[2 * PATH_MAX];
	struct mounts *m = malloc(sizeof(*m));
	struct cgroup_place place;
	int code = m ? default_mount(m, err) : -ENOMEM;

	if (!code)
		code = find_directory(m, path, full, &place, err);
	if (!code && place.hierarchy)
		code = error__set(err, -EINVAL,
				  "%s is a cgroup of v1: programs are attached to those below %s",
				  full, m->list[0].path);
	free(m);
	if (code)
		return code;
	code = open(full, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return code < 0 ? error__set(err, -errno, "%s: %s", full, strerror(errno)) : code;
}

struct search {
	const char *wanted;
	bool container;
	unsigned int found;
	struct suggest near; /* of units */
	char nearest[NAME_MAX + 1];
	struct cgroup_place place;
	char first[PATH_MAX];
};

static bool unit_matches(const char *unit, size_t size, const char *wanted)
{
	size_t want = strlen(wanted), service = strlen(".service");

	if (size == want)
		return !memcmp(unit, wanted, size);
	return size == want + service && !memcmp(unit, wanted, want) &&
	       !memcmp(unit + want, ".service", service);
}

/* Is this directory the cgroup of the unit or container itself, rather than one below it? */
static bool matches(const struct search *s, const char *path)
{
	const char *last = strrchr(path, '/') + 1;
	struct cgroup_facts f;

	cgroup_path__read(path, strlen(path), &f);
	if (!s->container)
		return unit_matches(last, strlen(last), s->wanted);
	if (f.container != last)
		return false;
	/* longer than what is shown of an id: the directory's name has all of it */
	return strlen(s->wanted) <= strlen(f.id) ? !strncmp(f.id, s->wanted, strlen(s->wanted))
						 : strstr(last, s->wanted) != NULL;
}

/* Any directory with a unit's suffix; ".service" need not be said. */
static void offer(struct search *s, const char *name)
{
	static const char *const suffixes[] = {".service", ".scope", ".slice", ".socket", ".mount"};
	size_t size = strlen(name);

	for (unsigned int i = 0; i < ARRAY_SIZE(suffixes) && !s->container; i++) {
		size_t suffix = strlen(suffixes[i]);

		if (size <= suffix || strcmp(name + size - suffix, suffixes[i]))
			continue;
		suggest__offer(&s->near, name);
		if (!i)
			suggest__offer_bytes(&s->near, name, size - suffix);
	}
	if (s->near.best == name) {
		snprintf(s->nearest, sizeof(s->nearest), "%s", name);
		s->near.best = s->nearest;
	}
}

static void search_mount(struct search *s, const struct mount *m)
{
	char *const roots[] = {(char *)m->path, NULL};
	FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR | FTS_XDEV, NULL);
	FTSENT *e;

	while (tree && (e = fts_read(tree))) {
		const char *path = e->fts_path + strlen(m->path);

		if (e->fts_info != FTS_D || !*path)
			continue;
		if (!matches(s, path)) {
			offer(s, strrchr(path, '/') + 1);
			continue;
		}
		if (!s->found++) {
			place_of(e->fts_path, m->hierarchy, &s->place);
			snprintf(s->first, sizeof(s->first), "%s", path);
		} else if (!strcmp(s->first, path)) {
			s->found--;
		}
		fts_set(tree, e, FTS_SKIP);
	}
	if (tree)
		fts_close(tree);
}

static int search(const char *wanted, bool container, struct cgroup_place *place, struct error *err)
{
	struct search s = {.wanted = wanted, .container = container};
	const char *what = container ? "container" : "unit";
	struct mounts *m = malloc(sizeof(*m));
	int code = m ? find_mounts(m, err) : -ENOMEM;

	suggest__start(&s.near, wanted, strlen(wanted));
	for (unsigned int i = 0; !code && i < m->count && !s.found; i++)
		search_mount(&s, &m->list[i]);
	free(m);
	if (code)
		return code;
	if (!s.found && s.near.best)
		return error__set(err, -ENOENT, "no cgroup belongs to a unit %s; did you mean %s?",
				  wanted, s.nearest);
	if (!s.found)
		return error__set(err, -ENOENT, "no cgroup belongs to a %s %s: is it running?",
				  what, wanted);
	if (s.found > 1)
		return error__set(err, -EINVAL,
				  "%u cgroups belong to a %s %s (%s is one): say more of its name",
				  s.found, what, wanted, s.first);
	*place = s.place;
	return 0;
}

int cgroup__by_unit(const char *unit, struct cgroup_place *place, struct error *err)
{
	return search(unit, false, place, err);
}

int cgroup__by_container(const char *id, struct cgroup_place *place, struct error *err)
{
	return search(id, true, place, err);
}
