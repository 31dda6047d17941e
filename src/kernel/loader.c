// SPDX-License-Identifier: Apache-2.0
#include "loader.h"
#include "../base/thread.h"
#include "hook_kinds.h"
#include "modules.h"

#include <assert.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <sonde/named.h>
#include <stdio.h>
#include <string.h>

#define MAX_PROGRAMS LOADER_PROGRAMS
#define AT_ONCE      64              /* programs: the verifier takes megabytes for each */
#define LOG_SIZE     ((1 << 24) - 1) /* the most that kernels take */

/* A program on its way into the kernel. */
struct load {
	struct bpf_program *program;
	const char *section; /* without '?' */
	const struct hook_kind *kind;
	struct bpf_insn *insns; /* relocated */
	size_t count;
	struct bpf_prog_load_opts opts;
	char *log; /* the memory is touched only if the kernel refuses */
	struct thread thread;
	int module; /* whose function it is attached to: its types; or -1 */
	int fd;     /* negative errno: refused */
};

struct loader {
	int handlers[HOOK_KINDS]; /* libbpf's; 0: none */
	const struct btf *kernel;
	struct load loads[MAX_PROGRAMS];
	unsigned int count;
	const struct loader_copy *copies; /* ended by one without a program; NULL: none */
};

static void *load(void *context)
{
	struct load *p = context;

	p->fd = bpf_prog_load(p->kind->type, bpf_program__name(p->program), "Dual BSD/GPL",
			      p->insns, p->count, &p->opts);
	if (p->fd < 0)
		p->fd = -errno;
	return NULL;
}

/* The copy of a program for a hook that a user named knows which it is. */
static void set_index(struct load *p, uint32_t index)
{
	for (size_t i = 0; p->insns && i + 1 < p->count; i++) {
		if (p->insns[i].code != (BPF_LD | BPF_IMM | BPF_DW) || p->insns[i].src_reg ||
		    p->insns[i].imm != (int32_t)(uint32_t)SONDE_NAMED_INDEX ||
		    p->insns[i + 1].imm != (int32_t)(SONDE_NAMED_INDEX >> 32))
			continue;
		p->insns[i].imm = index;
		p->insns[i + 1].imm = 0;
	}
}

/* The type that a program is checked against: the kernel's, or one of a module's. */
static int type_of(struct load *p, const struct btf *kernel, const char *section)
{
	char module[64];
	struct btf *types;
	int type;

	p->module = -1;
	if (!p->kind->prefix || !hook__module(section, module, sizeof(module)))
		return hook_kind__btf_id(p->kind, kernel, section);
	types = module__types(module, kernel);
	if (!types)
		return -errno;
	type = hook_kind__btf_id(p->kind, types, section);
	btf__free(types);
	if (type > 0)
		p->module = module__open(module);
	return type > 0 && p->module < 0 ? p->module : type;
}

static void prepare(struct load *p, const struct bpf_prog_load_opts *opts, const struct btf *kernel,
		    uint32_t index)
{
	const char *section = p->section + (*p->section == '?');
	int type;
	size_t size = bpf_program__insn_cnt(p->program) * sizeof(*p->insns);

	p->kind = hook_kind__of(section);
	type = type_of(p, kernel, section);
	p->fd = type < 0 ? type : -ENOMEM;
	p->log = calloc(1, LOG_SIZE);
	p->insns = malloc(size);
	if (type < 0 || !p->log || !p->insns)
		return;
	memcpy(p->insns, bpf_program__insns(p->program), size);
	p->count = bpf_program__insn_cnt(p->program);
	set_index(p, index);
	memcpy(&p->opts, opts, min(opts->sz, sizeof(p->opts))); /* libbpf may be a newer one */
	p->opts.sz = sizeof(p->opts);
	p->opts.expected_attach_type = p->kind->attach;
	p->opts.attach_btf_id = type;
	p->opts.attach_btf_obj_fd = max(p->module, 0);
	p->opts.log_buf = p->log;
	p->opts.log_size = LOG_SIZE;
	thread__begin(&p->thread, load, p);
}

static void begin_one(struct loader *l, struct bpf_program *program, const char *section,
		      uint32_t index, const struct bpf_prog_load_opts *opts)
{
	struct load *p = &l->loads[l->count];

	assert(l->count < MAX_PROGRAMS);
	if (l->count >= AT_ONCE)
		thread__end(&l->loads[l->count - AT_ONCE].thread);
	l->count++;
	p->program = program;
	p->section = section;
	prepare(p, opts, l->kernel, index);
}

/*
 * libbpf is about to load a program with these options, which point into memory that stays until it
 * is unloaded. That a load failed is told at the end: libbpf would take away the maps from under
 * the others.
 */
static int begin(struct bpf_program *program, struct bpf_prog_load_opts *opts, long cookie)
{
	static const struct bpf_insn nothing[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K},
		{.code = BPF_JMP | BPF_EXIT},
	};
	struct loader *l = (struct loader *)cookie;
	const char *section = bpf_program__section_name(program);
	bool copied = false;

	for (const struct loader_copy *c = l->copies; c && c->program; c++) {
		if (strcmp(c->program, bpf_program__name(program)))
			continue;
		begin_one(l, program, c->section, c->index, opts);
		copied = true;
	}
	if (!copied)
		begin_one(l, program, section + (*section == '?'), 0, opts);
	opts->func_info_cnt = opts->line_info_cnt = 0;
	return bpf_program__set_insns(program, (struct bpf_insn *)nothing, ARRAY_SIZE(nothing));
}

/* libbpf 1.1 frees its list when the last handler leaves, and goes on using it: one that no section
 * asks for stays. */
__attribute__((constructor)) static void hold_list(void)
{
	libbpf_register_prog_handler("sonde/none", BPF_PROG_TYPE_UNSPEC, 0, NULL);
}

static void unregister(struct loader *l)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(l->handlers); i++) {
		if (l->handlers[i] > 0)
			libbpf_unregister_prog_handler(l->handlers[i]);
		l->handlers[i] = 0;
	}
}

int loader__new(struct loader **ret)
{
	struct loader *l = calloc(1, sizeof(*l));
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .cookie = (long)l,
		    .prog_prepare_load_fn = begin);

	if (!l)
		return -ENOMEM;
	for (unsigned int i = 0; i < HOOK_KINDS; i++) {
		/* Were it BPF_PROG_TYPE_TRACING, libbpf would read the kernel's types itself. */
		l->handlers[i] = libbpf_register_prog_handler(
			hook_kinds[i].sections, BPF_PROG_TYPE_RAW_TRACEPOINT, 0, &opts);
		if (l->handlers[i] < 0) {
			loader__free(l);
			return -ENOMEM;
		}
	}
	*ret = l;
	return 0;
}

static void shrink_log(struct load *p)
{
	char *log = p->log;

	if (log && p->fd < 0 && *log)
		p->log = realloc(log, strlen(log) + 1) ?: log;
	else
		free(take_ptr(p->log));
}

/* What only loading needs; what the verifier said of a program that was refused stays, in as much
 * memory as it takes. */
static void release(struct loader *l)
{
	unregister(l);
	for (unsigned int i = 0; i < l->count; i++) {
		free(take_ptr(l->loads[i].insns));
		close_fd(l->loads[i].module);
		l->loads[i].module = -1;
		shrink_log(&l->loads[i]);
	}
}

void loader__free(struct loader *l)
{
	if (!l)
		return;
	release(l);
	for (unsigned int i = 0; i < l->count; i++) {
		close_fd(l->loads[i].fd);
		free(l->loads[i].log);
	}
	free(l);
}

/* The verifier's log ends with what is wrong; what lies before is how it came there. */
static const char *last_lines(const char *log, size_t limit)
{
	size_t size = strlen(log);
	const char *from;

	if (size <= limit)
		return log;
	from = strchr(log + size - limit, '\n');
	return from ? from + 1 : log + size - limit;
}

void loader__copy(struct loader *l, const struct loader_copy *copies)
{
	l->copies = copies;
}

static int not_allowed(struct error *err)
{
	return error__set(err, -EPERM, "the kernel does not let this process load BPF programs");
}

int loader__load(struct loader *l, struct bpf_object *object, const struct btf *kernel,
		 struct error *err)
{
	int code;

	l->kernel = kernel;
	code = bpf_object__load(object);
	for (unsigned int i = 0; i < l->count; i++)
		thread__end(&l->loads[i].thread);
	/* Of a program that is copied, what the others still read goes with it. */
	for (unsigned int i = 0; i < l->count; i++)
		bpf_program__unload(l->loads[i].program);
	release(l);
	if (code == -EPERM || code == -EACCES)
		return not_allowed(err);
	return code ? error__set(err, code,
				 "the kernel refuses the probes: %s\n"
				 "`sonde doctor` tells what this kernel offers.",
				 strerror(-code))
		    : 0;
}

static unsigned int find(const struct loader *l, const char *program)
{
	unsigned int i = 0;

	while (i < l->count && strcmp(bpf_program__name(l->loads[i].program), program) &&
	       strcmp(l->loads[i].section, program))
		i++;
	assert(i < l->count);
	return i;
}

char *loader__take_log(struct loader *l, const char *program)
{
	return take_ptr(l->loads[find(l, program)].log);
}

int loader__check(const struct loader *l, const char *program, struct error *err)
{
	const struct load *p = &l->loads[find(l, program)];
	const char *log = p->log ? last_lines(p->log, 800) : "";

	if (p->fd >= 0)
		return 0;
	if (!*log && (p->fd == -EPERM || p->fd == -EACCES))
		return not_allowed(err);
	return error__set(err, p->fd,
			  "the kernel refuses the probe %s: %s\n%s"
			  "`sonde doctor` tells what this kernel offers.",
			  program, strerror(-p->fd), log);
}

int loader__fd(const struct loader *l, const char *program)
{
	return l->loads[find(l, program)].fd;
}
