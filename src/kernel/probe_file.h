/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An object file of BPF programs that a user brings: with EVENT()s, which then are events like the
 * built-in ones, or made for something else.
 */
#ifndef SONDE_PROBE_FILE_H
#define SONDE_PROBE_FILE_H

#include "../base/error.h"
#include "../event/schema.h"
#include "told.h"

struct bpf_map;
struct bpf_object;
struct bpf_program;
struct btf;
struct object;
struct planner;
struct probe_file;
struct probes;
struct sonde_counters;

/* Reads it; nothing is loaded. -EINVAL: no object file of BPF programs with types, or damaged;
 * -ENOENT ...: it cannot be read. The ids of its events begin at `first_id`. */
int probe_file__new(const char *path, unsigned int first_id, struct probe_file **ret,
		    struct error *err) __must_check;
/* Detaches, unloads and frees. */
void probe_file__free(struct probe_file *f);
const char *probe_file__path(const struct probe_file *f);
const struct schema *probe_file__events(const struct probe_file *f, unsigned int *count);
/* The file itself. */
const void *probe_file__elf(const struct probe_file *f, size_t *size);
/* Whether all its programs may call a helper that those of tracing have; true too of a file that
 * asks nothing of tasks. */
bool probe_file__helped(const struct probe_file *f, unsigned int helper);
/* What it was compiled with. */
struct probes *probe_file__probes(const struct probe_file *f);

/* Where its programs go that do not say it themselves, and what its variables are. NULL, 0: not
 * said. */
struct probe_options {
	const char *interface;      /* xdp, tc, socket, lwt; a device of infrared */
	const char *cgroup;         /* a directory */
	const char *replaces;       /* ID|NAME: freplace */
	const char *socket;         /* PID:FD: sk_reuseport, socket */
	const char *route;          /* PREFIX[,GATEWAY]: lwt */
	uint32_t command;           /* its process, which waits to begin: the cgroup is its own */
	const char *binary;         /* PATH[:FUNCTION]: uprobe, usdt */
	const char *perf;           /* NAME[@HERTZ | /PERIOD] */
	uint32_t pid;               /* uprobe, usdt, perf_event: of it alone */
	bool always;                /* also those files of whose events none is asked for */
	const char *const *set;     /* NAME=VALUE, ended by NULL */
	const char *const *entries; /* MAP[KEY]=VALUE, ended by NULL */
};

/*
 * Opens and loads it, without those programs whose section or hook is not there or that the kernel
 * refuses, unless that is all of them: `owners` have what programs with EVENT()s share, the rings
 * above all; `first_slot` and `slots` are what they are told apart by. -EPERM, -EINVAL ...: `err`
 * names the program and line that the kernel refuses. Of these -EINVAL says that the file or the
 * options are wrong, and nothing of the kernel.
 */
struct probe_loading {
	const struct told_constants *constants;
	struct object *const *owners;
	unsigned int owner_count, first_slot, slots;
	const struct probe_options *options;
	const struct planner *planner; /* which kinds of hook may be taken */
};
int probe_file__load(struct probe_file *f, const struct probe_loading *loading, struct error *err)
	__must_check;
/*
 * Attaches each program by its section; `refused` is told of those that cannot be. -ENOENT: none
 * could; -EAGAIN: a hook is to be served by another of its programs, so nothing is attached, and
 * the file is to be loaded again.
 */
int probe_file__attach(struct probe_file *f, const struct probe_options *options,
		       void (*refused)(void *context, const char *what, const char *why),
		       void *context) __must_check;
void probe_file__detach(struct probe_file *f);
/* Of its iterators, one by one: a descriptor from which it is read; negative: no more. */
int probe_file__iterate(const struct probe_file *f, unsigned int index);
/* The programs that were left out when the others were loaded, by their sections, and why. */
void probe_file__tell_left(const struct probe_file *f,
			   void (*each)(void *context, const char *section, const char *why),
			   void *context);
/* How its loading and attaching ended: 0; -EINVAL: the file or the options are wrong; others. */
int probe_file__code(const struct probe_file *f);
bool probe_file__attached(const struct probe_file *f);

/* After loading. */
struct bpf_object *probe_file__object(const struct probe_file *f);
/* Of an object's types: whether it was made with probe.bpf.h. */
bool probe_btf__is_ours(const struct btf *btf);
/* Whether a map is one of those that EVENT()s share, and not the file's own. */
bool probe_object__shares(const struct bpf_object *o, const struct bpf_map *map);
/* Of EVENT()s: slots that it uses, from `first_slot` on, the counters of one on a CPU, and how
 * often the kernel skipped its programs (~0: unknown). */
unsigned int probe_file__slots(const struct probe_file *f);
struct sonde_counters *probe_file__counters(const struct probe_file *f, unsigned int slot,
					    unsigned int cpu);
uint64_t probe_file__missed(const struct probe_file *f);

/* A variable of the file, by name: its bytes before or after loading. NULL: there is none. */
struct probe_variable {
	struct bpf_map *map;
	uint32_t type; /* its id */
	uint32_t offset, size;
};
bool probe_object__variable(const struct bpf_object *o, const char *name,
			    struct probe_variable *ret);

#endif
