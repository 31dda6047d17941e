/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of hook that sonde attaches to: what a program's section says, and what the kernel is
 * told then. */
#ifndef SONDE_HOOK_KINDS_H
#define SONDE_HOOK_KINDS_H

#include "features.h"

#include <linux/bpf.h>

struct btf;

struct hook_kind {
	const char *sections; /* what a section of this kind begins with: "fexit/" */
	enum feature feature;
	enum bpf_prog_type type;
	enum bpf_attach_type attach;
	const char *prefix; /* of the name of the type that its programs are checked against; NULL:
			       they are against none */
	uint32_t btf_kind;
	const char *lesser; /* what it does not know that others would tell, or NULL */
};

#define HOOK_KINDS 17
extern const struct hook_kind hook_kinds[HOOK_KINDS];

/* What a section names: "vfs_read" of "fexit/vfs_read", and of "fexit/veth:veth_xmit", of a module,
 * "veth_xmit". */
const char *hook__target(const char *section);
/* The module, "veth"; false: it is none's. */
bool hook__module(const char *section, char *name, size_t room);

/* `section` without '?'. NULL: a kind that is not known. */
const struct hook_kind *hook_kind__of(const char *section);
/*
 * The kernel's id of the type that programs of a section such as tp_btf/sys_exit are checked
 * against. 0: against none; -ENOENT: this kernel has no such hook, as far as its types tell.
 */
int hook_kind__btf_id(const struct hook_kind *kind, const struct btf *kernel, const char *section);

/* How many arguments a tracepoint has; -1: this kernel has none of that name. */
int tracepoint_args(const struct btf *kernel, const char *tracepoint);

/* Whether a kernel with these types (NULL: not known) has the hook of a section, given what is
 * known of its kind. */
struct feature_result hook__state(const struct btf *kernel, const struct features *f,
				  const char *section);

#endif
