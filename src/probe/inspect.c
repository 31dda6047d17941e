// SPDX-License-Identifier: Apache-2.0
#include "inspect.h"
#include "../event/render.h"
#include "../kernel/map_users.h"
#include "../kernel/probe_file.h"
#include "../kernel/probe_types.h"
#include "../kernel/probes.h"
#include "../kernel/probe_types.h"
#include "../kernel/program_types.h"
#include "../kernel/type_text.h"
#include "sections.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

struct inspection {
	struct buffer *b;
	bool json;
	const char *path;
	struct probe_file *file;
	struct bpf_object *object;
	const struct btf *btf;
	unsigned int left; /* programs that were left out */
};

static int be_silent(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return 0;
}

static void put_string(struct inspection *i, const char *text)
{
	if (i->json)
		render__json_string(i->b, text, strlen(text));
	else
		render__escaped(i->b, text, strlen(text));
}

static void put_key(struct inspection *i, const char *before, const char *key, const char *text)
{
	buffer__printf(i->b, "%s\"%s\":", before, key);
	put_string(i, text);
}

static const char *section_of(const struct bpf_program *p)
{
	const char *section = bpf_program__section_name(p);

	return section + (*section == '?');
}

/* What a program calls, and the functions that it calls. */
static void mark_helpers(struct inspection *i, const struct bpf_program *p, bool *helpers)
{
	struct map_users *users;
	size_t size;
	const void *elf = probe_file__elf(i->file, &size);

	if (map_users__new(elf, size, &users))
		return;
	map_users__add(users, bpf_program__name(p));
	for (unsigned int k = 1; k < MAX_HELPERS; k++)
		helpers[k] = map_users__call(users, k);
	map_users__free(users);
}

static void put_helpers(struct inspection *i, const bool *helpers)
{
	bool first = true;

	buffer__text(i->b, i->json ? ",\"helpers\":[" : "");
	for (unsigned int k = 1; k < MAX_HELPERS; k++) {
		char number[16];
		const char *name = helper_name(k);

		if (!helpers[k])
			continue;
		snprintf(number, sizeof(number), "#%u", k);
		if (!i->json)
			buffer__text(i->b, first ? "    calls: " : ", ");
		else
			buffer__text(i->b, first ? "" : ",");
		put_string(i, name ?: number);
		first = false;
	}
	buffer__text(i->b, i->json ? "]" : first ? "" : "\n");
}

/* The catalogue's words are Markdown: in text they need no marks. */
static void put_attaching(struct inspection *i, const struct bpf_program *p)
{
	const struct program_row *type, *row = program_row__of(section_of(p), &type);
	char text[512], *to = text;

	if (bpf_program__type(p) == BPF_PROG_TYPE_UNSPEC) {
		section__explain(section_of(p), text, sizeof(text));
	} else {
		for (const char *c = row ? type->attaches : ""; *c && to < text + sizeof(text) - 1;
		     c++)
			if (*c != '`')
				*to++ = *c;
		*to = '\0';
	}
	if (!*text)
		return;
	if (i->json) {
		put_key(i, ",", "attached", text);
		return;
	}
	buffer__printf(i->b, bpf_program__type(p) ? "    attached " : "    not attached: ");
	put_string(i, text);
	buffer__char(i->b, '\n');
}

/* What probe.bpf.h calls where the kernel has it, and does without where not. */
static bool is_optional(const struct inspection *i, unsigned int helper)
{
	const struct bpf_map *map = bpf_object__find_map_by_name(i->object, "tasks");

	return (helper == BPF_FUNC_task_storage_get || helper == BPF_FUNC_get_current_task_btf) &&
	       map && probe_object__shares(i->object, map);
}

static unsigned int needed(const struct inspection *i, const struct bpf_program *p,
			   const bool *helpers)
{
	unsigned int version = since__program(section_of(p));

	for (unsigned int k = 1; k < MAX_HELPERS; k++)
		if (helpers[k] && !is_optional(i, k))
			version = max(version, since__helper(k));
	return version;
}

static void put_program(struct inspection *i, const struct bpf_program *p, unsigned int *most)
{
	enum bpf_attach_type attach = bpf_program__expected_attach_type(p);
	const char *type = libbpf_bpf_prog_type_str(bpf_program__type(p)) ?: "unknown";
	const char *how = attach ? libbpf_bpf_attach_type_str(attach) : NULL;
	const char *slash = strchr(section_of(p), '/');
	bool sleepable = bpf_program__flags(p) & BPF_F_SLEEPABLE, helpers[MAX_HELPERS] = {};
	unsigned int version;
	char text[16];

	mark_helpers(i, p, helpers);
	version = needed(i, p, helpers);
	*most = max(*most, version);
	since__text(version, text, sizeof(text));
	if (i->json) {
		put_key(i, "{", "name", bpf_program__name(p));
		put_key(i, ",", "section", section_of(p));
		put_key(i, ",", "type", type);
		if (how)
			put_key(i, ",", "attach", how);
		if (slash)
			put_key(i, ",", "target", slash + 1);
		buffer__printf(i->b, ",\"sleepable\":%s,\"instructions\":%zu",
			       sleepable ? "true" : "false", bpf_program__insn_cnt(p));
		if (version)
			put_key(i, ",", "kernel", text);
		put_attaching(i, p);
		put_helpers(i, helpers);
		buffer__char(i->b, '}');
		return;
	}
	buffer__text(i->b, "  ");
	put_string(i, bpf_program__name(p));
	buffer__text(i->b, "  SEC(\"");
	put_string(i, section_of(p));
	buffer__printf(i->b, "\")  %s%s%s%s, %zu instructions", type, how ? ", " : "", how ?: "",
		       sleepable ? ", sleepable" : "", bpf_program__insn_cnt(p));
	buffer__printf(i->b, version ? ", kernel %s\n" : "\n", text);
	put_attaching(i, p);
	put_helpers(i, helpers);
}

static void put_programs(struct inspection *i, unsigned int *most)
{
	struct bpf_program *p;
	bool first = true;

	buffer__text(i->b, i->json ? ",\"programs\":[" : "programs\n");
	bpf_object__for_each_program(p, i->object) {
		probe_type__complete(p);
		buffer__text(i->b, i->json && !first ? "," : "");
		first = false;
		put_program(i, p, most);
	}
	buffer__text(i->b, i->json ? "]" : first ? "  none\n" : "");
}

static void put_type(struct inspection *i, const char *key, uint32_t type, uint32_t size)
{
	struct buffer text = {};

	if (type)
		type__declare(&text, i->btf, type, "");
	else
		buffer__printf(&text, "%u bytes", size);
	while (text.size && text.data[text.size - 1] == ' ')
		text.size--;
	if (i->json)
		put_key(i, ",", key, buffer__string(&text));
	else
		put_string(i, buffer__string(&text));
	buffer__free(&text);
}

static void put_map(struct inspection *i, const struct bpf_map *map, unsigned int *most)
{
	const char *type = libbpf_bpf_map_type_str(bpf_map__type(map)) ?: "unknown";
	bool shared = probe_object__shares(i->object, map);

	/* For sonde's own there are others on older kernels. */
	if (!shared)
		*most = max(*most, since__map(bpf_map__type(map)));
	if (i->json) {
		put_key(i, "{", "name", bpf_map__name(map));
		put_key(i, ",", "type", type);
		put_type(i, "key", bpf_map__btf_key_type_id(map), bpf_map__key_size(map));
		put_type(i, "value", bpf_map__btf_value_type_id(map), bpf_map__value_size(map));
		buffer__printf(i->b, ",\"entries\":%u,\"shared\":%s}", bpf_map__max_entries(map),
			       shared ? "true" : "false");
		return;
	}
	buffer__text(i->b, "  ");
	put_string(i, bpf_map__name(map));
	buffer__printf(i->b, "  %s, %u entries: ", type, bpf_map__max_entries(map));
	put_type(i, "key", bpf_map__btf_key_type_id(map), bpf_map__key_size(map));
	buffer__text(i->b, " -> ");
	put_type(i, "value", bpf_map__btf_value_type_id(map), bpf_map__value_size(map));
	buffer__text(i->b, shared ? "; sonde's\n" : "\n");
}

static void put_maps(struct inspection *i, unsigned int *most)
{
	struct bpf_map *map;
	bool first = true;

	buffer__text(i->b, i->json ? ",\"maps\":[" : "maps\n");
	bpf_object__for_each_map(map, i->object) {
		buffer__text(i->b, i->json && !first ? "," : "");
		first = false;
		put_map(i, map, most);
	}
	buffer__text(i->b, i->json ? "]" : first ? "  none\n" : "");
}

static void put_events(struct inspection *i)
{
	unsigned int count;
	const struct schema *events = probe_file__events(i->file, &count);

	if (i->json)
		buffer__text(i->b, ",\"events\":[");
	else if (count)
		buffer__text(i->b, "events\n");
	for (unsigned int k = 0; k < count; k++) {
		if (i->json) {
			put_key(i, k ? ",{" : "{", "name", events[k].name);
			put_key(i, ",", "help", events[k].help);
			buffer__text(i->b, ",\"fields\":[");
		} else {
			buffer__text(i->b, "  ");
			put_string(i, events[k].name);
			buffer__char(i->b, '(');
		}
		for (unsigned int n = 0; n < events[k].count; n++) {
			buffer__text(i->b, !n ? "" : i->json ? "," : ", ");
			put_string(i, events[k].fields[n].name);
		}
		if (i->json) {
			buffer__text(i->b, "]}");
		} else {
			buffer__text(i->b, ")  ");
			put_string(i, events[k].help);
			buffer__char(i->b, '\n');
		}
	}
	buffer__text(i->b, i->json ? "]" : "");
}

/* Functions of the kernel's that it calls by name, or variables that it reads. */
static void put_externals(struct inspection *i)
{
	bool first = true;

	buffer__text(i->b, i->json ? ",\"kernel_symbols\":[" : "");
	for (uint32_t k = 1; k < btf__type_cnt(i->btf); k++) {
		const struct btf_type *t = btf__type_by_id(i->btf, k);
		bool external = btf_is_func(t)  ? btf_vlen(t) == BTF_FUNC_EXTERN
				: btf_is_var(t) ? btf_var(t)->linkage == BTF_VAR_GLOBAL_EXTERN
						: false;

		if (!external)
			continue;
		if (i->json)
			buffer__text(i->b, first ? "" : ",");
		else
			buffer__text(i->b, first ? "kernel functions and variables: " : ", ");
		put_string(i, btf__name_by_offset(i->btf, t->name_off));
		first = false;
	}
	buffer__text(i->b, i->json ? "]" : first ? "" : "\n");
}

static void put_lines(struct inspection *i, const char *indent, const char *text)
{
	while (*text) {
		int size = strcspn(text, "\n");

		buffer__text(i->b, indent);
		render__escaped(i->b, text, size);
		buffer__char(i->b, '\n');
		text += size + (text[size] == '\n');
	}
}

static void put_left(void *context, const char *section, const char *why)
{
	struct inspection *i = context;

	if (i->json) {
		put_key(i, i->left++ ? ",{" : "{", "section", section);
		put_key(i, ",", "why", why);
		buffer__char(i->b, '}');
		return;
	}
	buffer__text(i->b, i->left++ ? "" : "what does not load here, while the rest does:\n");
	buffer__text(i->b, "  ");
	put_string(i, section);
	buffer__text(i->b, ":\n");
	put_lines(i, "    ", why);
}

/* In parts, as it would be for `sonde probe run`, with maps of its own. */
static void put_loading(struct inspection *i)
{
	static const struct probe_options nothing;
	const struct told_constants constants = {.cpus = libbpf_num_possible_cpus()};
	const struct probe_loading loading = {
		.constants = &constants, .slots = 1, .options = &nothing};
	struct error err = {};
	const char *why = err.text;
	int code;

	if (geteuid()) {
		if (i->json)
			buffer__text(i->b, ",\"loads\":null");
		else
			buffer__text(i->b, "whether it loads here: only root can try\n");
		return;
	}
	code = probe_file__load(i->file, &loading, &err);
	if (i->json) {
		buffer__printf(i->b, ",\"loads\":%s", code ? "false" : "true");
		if (code)
			put_key(i, ",", "why", why);
		buffer__text(i->b, code ? "" : ",\"left_out\":[");
	} else if (code) {
		buffer__text(i->b, "it does not load here:\n");
		put_lines(i, "  ", why);
	}
	if (code)
		return;
	probe_file__tell_left(i->file, put_left, i);
	buffer__text(i->b, i->json ? "]" : i->left ? "" : "it loads here\n");
}

static void put_all(struct inspection *i)
{
	unsigned int most = 0;
	char text[16];

	if (i->json)
		put_key(i, "{", "file", i->path);
	put_programs(i, &most);
	put_maps(i, &most);
	put_events(i);
	put_externals(i);
	since__text(most, text, sizeof(text));
	if (i->json)
		put_key(i, ",", "kernel", text);
	else if (most)
		buffer__printf(i->b, "needs a kernel from %s on\n", text);
	put_loading(i);
	buffer__text(i->b, i->json ? "}\n" : "");
}

int probe_inspect(const char *path, bool json, struct buffer *b, struct error *err)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = "own");
	struct inspection i = {.b = b, .json = json, .path = path};
	int code = probe_file__new(path, 0, &i.file, err);
	struct bpf_program *program;
	const void *elf;
	size_t size;

	if (code)
		return code;
	libbpf_set_print(be_silent);
	elf = probe_file__elf(i.file, &size);
	i.object = bpf_object__open_mem(elf, size, &opts);
	if (i.object) {
		bpf_object__for_each_program(program, i.object)
			probe_type__complete(program);
		i.btf = bpf_object__btf(i.object);
		put_all(&i);
	} else {
		code = error__set(
			err, -EINVAL,
			"%s: libbpf cannot open it: a section, map or type that it does not "
			"know",
			path);
	}
	bpf_object__close(i.object);
	probe_file__free(i.file);
	return code;
}
