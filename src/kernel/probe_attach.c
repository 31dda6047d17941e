// SPDX-License-Identifier: Apache-2.0
#include "probe_attach_inside.h"
#include "kprobe.h"
#include "probe_entries.h"
#include "probe_types.h"
#include "probes.h"
#include "program_types.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

static const char *section_of(const struct bpf_program *p)
{
	const char *section = bpf_program__section_name(p);

	return section + (*section == '?');
}

/* ATTACH("...") behind the program's arguments: a tag of its function. */
static const char *tag_of(const struct bpf_object *o, const char *program)
{
	const struct btf *btf = bpf_object__btf(o);
	int id = btf ? btf__find_by_name_kind(btf, program, BTF_KIND_FUNC) : -1;

	for (uint32_t i = 1; id > 0 && i < btf__type_cnt(btf); i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);
		const char *text = btf__name_by_offset(btf, t->name_off);

		if (btf_is_decl_tag(t) && (int)t->type == id && !strncmp(text, "attach:", 7))
			return text + 7;
	}
	return "";
}

int attach__took(struct attaching *a, struct bpf_link *link)
{
	a->link->link = link;
	return link ? 0 : -errno;
}

int attach__link(struct attaching *a, int target, unsigned int type)
{
	a->link->fd = bpf_link_create(bpf_program__fd(a->program), target, type, NULL);
	return a->link->fd < 0 ? -errno : 0;
}

int attach__undo(struct attaching *a, void (*undo)(void *what), const void *what, size_t size)
{
	a->link->what = malloc(size);
	if (!a->link->what)
		return -ENOMEM;
	memcpy(a->link->what, what, size);
	a->link->undo = undo;
	return 0;
}

bool attach__says(const struct attaching *a, const char *word)
{
	return strstr(a->section, word) || strstr(a->tag, word) ||
	       strstr(bpf_program__name(a->program), word);
}

int attach__interface(struct attaching *a)
{
	unsigned int index = a->options->interface ? if_nametoindex(a->options->interface) : 0;

	if (!a->options->interface)
		return error__set(a->err, -EINVAL, "it needs --interface NAME");
	return index ? (int)index
		     : error__set(a->err, -EINVAL, "there is no interface %s",
				  a->options->interface);
}

static int attach_perf(struct attaching *a)
{
	const char *event = a->options->perf ?: *a->tag ? a->tag : "cpu-clock@49";

	return probe_perf__attach(a->program, event, a->options->pid, &a->link->perf, a->err);
}

static int run_once(struct attaching *a)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	return bpf_prog_test_run_opts(bpf_program__fd(a->program), &opts) ? -errno : 0;
}

/* Of one function; what goes to many at once, libbpf attaches. */
static bool is_user(const char *section)
{
	size_t size = strcspn(section, "/");

	return (!strncmp(section, "uprobe", 6) || !strncmp(section, "uretprobe", 9) ||
		!strncmp(section, "usdt", 4)) &&
	       !memmem(section, size, ".multi", 6) && !memmem(section, size, ".session", 8);
}

/* SEC("kprobe") alone. */
static int explain_target(struct attaching *a)
{
	const struct program_row *type, *row = program_row__of(a->section, &type);

	if (!row)
		return error__set(a->err, -EOPNOTSUPP,
				  "sonde does not know where its section is attached");
	if (!*row->target || strchr(a->section, '/'))
		return -EOPNOTSUPP;
	return error__set(a->err, -EINVAL, "its section does not say where: SEC(\"%s/%s\")",
			  a->section, row->target);
}

/* A function that the compiler made a variant of is found, too. */
static int attach_kprobe(struct attaching *a)
{
	const char *target = strchr(a->section, '/');

	if (!target || strchr(target, '+'))
		return attach__took(a, bpf_program__attach(a->program));
	a->link->fd = kprobe__attach(bpf_program__fd(a->program), target + 1, a->section[1] == 'r');
	return min(a->link->fd, 0);
}

static int attach(struct attaching *a)
{
	int code;

	switch ((unsigned int)bpf_program__type(a->program)) { /* some are newer than the headers */
	case BPF_PROG_TYPE_XDP:
		return attach__xdp(a);
	case BPF_PROG_TYPE_SCHED_CLS:
		return attach__tc(a);
	case BPF_PROG_TYPE_SCHED_ACT:
		return attach__action(a);
	case BPF_PROG_TYPE_LWT_IN:
	case BPF_PROG_TYPE_LWT_OUT:
	case BPF_PROG_TYPE_LWT_XMIT:
	case BPF_PROG_TYPE_LWT_SEG6LOCAL:
		return attach__route(a);
	case BPF_PROG_TYPE_CGROUP_SKB:
	case BPF_PROG_TYPE_CGROUP_SOCK:
	case BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
	case BPF_PROG_TYPE_CGROUP_DEVICE:
	case BPF_PROG_TYPE_CGROUP_SYSCTL:
	case BPF_PROG_TYPE_CGROUP_SOCKOPT:
	case BPF_PROG_TYPE_SOCK_OPS:
		return attach__cgroup(a);
	case BPF_PROG_TYPE_FLOW_DISSECTOR:
	case BPF_PROG_TYPE_SK_LOOKUP:
		return attach__netns(a);
	case PROG_TYPE_NETFILTER:
		return attach__netfilter(a);
	case BPF_PROG_TYPE_LIRC_MODE2:
		return attach__lirc(a);
	case BPF_PROG_TYPE_SOCKET_FILTER:
		return attach__socket(a);
	case BPF_PROG_TYPE_SK_REUSEPORT:
		return attach__reuseport(a);
	case BPF_PROG_TYPE_SK_MSG:
	case BPF_PROG_TYPE_SK_SKB:
		return attach__sockmap(a);
	case BPF_PROG_TYPE_PERF_EVENT:
		return attach_perf(a);
	case BPF_PROG_TYPE_SYSCALL:
		return run_once(a);
	case BPF_PROG_TYPE_STRUCT_OPS:
		return 0; /* with its map */
	case BPF_PROG_TYPE_LSM:
		if (bpf_program__expected_attach_type(a->program) != BPF_LSM_MAC)
			return attach__cgroup(a);
		break;
	case BPF_PROG_TYPE_KPROBE:
		if (is_user(a->section))
			return attach__user(a);
		if (!strncmp(a->section, "kprobe/", 7) || !strncmp(a->section, "kretprobe/", 10))
			return attach_kprobe(a);
		break;
	case BPF_PROG_TYPE_TRACING:
		if (bpf_program__expected_attach_type(a->program) == BPF_TRACE_ITER)
			return attach__iterator(a);
		break;
	default:
		break;
	}
	code = attach__took(a, bpf_program__attach(a->program));
	return code == -EOPNOTSUPP ? explain_target(a) : code;
}

static const char *reason(int code)
{
	switch (code) {
	case -ENOENT:
	case -ESRCH:
		return "there is no such hook here";
	case -EOPNOTSUPP:
		return "the kernel does not support it";
	case -EPERM:
	case -EACCES:
		return "this process has not the right to";
	case -EBUSY:
		return "another program is attached there already";
	case -E2BIG:
		return "as many programs as the kernel takes are attached there already";
	}
	return strerror(-code);
}

static struct probe_link *add(struct probe_links *links)
{
	struct probe_link *list = realloc(links->list, (links->count + 1) * sizeof(*list));

	if (!list)
		return NULL;
	links->list = list;
	list[links->count] = (struct probe_link){.fd = -1};
	return &list[links->count++];
}

static void release(struct probe_link *l)
{
	if (l->link)
		(void)!bpf_link__destroy(l->link);
	close_fd(l->fd);
	perf_links__release(&l->perf);
	if (l->undo)
		l->undo(l->what);
	free(l->what);
}

static int attach_ops(struct bpf_object *o, struct probe_links *links,
		      void (*refused)(void *context, const char *what, const char *why),
		      void *context)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, o) {
		struct probe_link *link;
		int code;

		if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS)
			continue;
		link = add(links);
		if (!link)
			return -ENOMEM;
		code = attach__ops(map, link);
		if (!code)
			continue;
		links->count--;
		refused(context, bpf_map__name(map), reason(code));
	}
	return 0;
}

int probe_attach__all(struct bpf_object *o, const struct probes *optional,
		      const struct probe_options *options, struct probe_links *links,
		      void (*refused)(void *context, const char *what, const char *why),
		      void *context)
{
	struct bpf_program *program, *missing = NULL;
	struct error misuse = {};
	bool misused = false;
	int code, missing_code = 0;

	code = probe_entries__put(o, options, false, &misuse);
	if (code) {
		refused(context, "--entry", misuse.text);
		return code;
	}
	bpf_object__for_each_program(program, o) {
		struct error err = {};
		struct attaching a = {.object = o,
				      .program = program,
				      .options = options,
				      .section = section_of(program),
				      .tag = tag_of(o, bpf_program__name(program)),
				      .links = links,
				      .err = &err};

		if (!bpf_program__autoload(program))
			continue;
		a.link = add(links);
		if (!a.link)
			return -ENOMEM;
		code = attach(&a);
		if (!code)
			continue;
		misused |= code == -EINVAL && *err.text;
		release(&links->list[--links->count]);
		if (!optional || !probes__optional(optional, bpf_program__name(program)))
			refused(context, a.section, *err.text ? err.text : reason(code));
		else if (!links->count)
			missing = program, missing_code = code;
	}
	if (!links->count && missing)
		refused(context, section_of(missing), reason(missing_code));
	code = attach_ops(o, links, refused, context);
	if (code || !links->count)
		return code ?: misused ? -EINVAL : -ENOENT;
	/* A socket is driven by those programs only that its map has when it comes into it. */
	code = probe_entries__put(o, options, true, &misuse);
	if (code) {
		refused(context, "--entry", misuse.text);
		probe_links__release(links);
	}
	return code;
}

void probe_links__release(struct probe_links *links)
{
	for (unsigned int i = links->count; i > 0; i--)
		release(&links->list[i - 1]);
	free(links->list);
	probe_cgroup__release(links);
	*links = (struct probe_links){};
}

int probe_links__iterator(const struct probe_links *links, unsigned int index)
{
	for (unsigned int i = 0; i < links->count; i++)
		if (links->list[i].iterates && !index--)
			return bpf_iter_create(bpf_link__fd(links->list[i].link));
	return -1;
}
