// SPDX-License-Identifier: Apache-2.0
#include "named.h"
#include "../base/buffer.h"
#include "../base/suggest.h"
#include "find.h"
#include "hook_kinds.h"
#include "kprobe.h"
#include "modules.h"
#include "probes.h"

#include <bpf/btf.h>
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <stdio.h>
#include <string.h>

struct kept {
	struct kept *next;
	char data[] __attribute__((aligned(8)));
};

static const struct kind_of_hook {
	const char *word;    /* in front of the colon */
	const char *program; /* of probes/named.bpf.c */
	const char *section; /* in front of what it is attached to */
} kinds_of_hook[] = {
	{"tracepoint:", "named_tp", "tp/"},
	{"t:", "named_tp", "tp/"},
	{"rawtracepoint:", "named_tp_btf", "tp_btf/"},
	{"rt:", "named_tp_btf", "tp_btf/"},
	{"kprobe:", "named_kprobe", "kprobe/"},
	{"k:", "named_kprobe", "kprobe/"},
	{"kretprobe:", "named_kretprobe", "kretprobe/"},
	{"kr:", "named_kretprobe", "kretprobe/"},
	{"fentry:", "named_fentry", "fentry/"},
	{"fexit:", "named_fexit", "fexit/"},
	{"lsm:", "named_lsm", "lsm/"},
	{"uprobe:", "named_kprobe", "uprobe/"},
	{"u:", "named_kprobe", "uprobe/"},
	{"uretprobe:", "named_kprobe", "uretprobe/"},
	{"ur:", "named_kprobe", "uretprobe/"},
	{"usdt:", "named_kprobe", "usdt/"},
};

struct named_hook *named_hook__new(void)
{
	struct named_hook *h = calloc(1, sizeof(*h));

	if (h)
		h->schema = (struct schema){.category = "named",
					    .help = "",
					    .number = -1,
					    .compat_number = -1,
					    .fields = h->fields};
	return h;
}

void named_hook__free(struct named_hook *h)
{
	while (h && h->kept) {
		struct kept *next = h->kept->next;

		free(h->kept);
		h->kept = next;
	}
	free(h);
}

void *named_hook__keep(struct named_hook *h, const void *data, size_t size)
{
	struct kept *k = malloc(sizeof(*k) + size + 1);

	if (!k)
		return NULL;
	if (size) /* of nothing there may be no address */
		memcpy(k->data, data, size);
	k->data[size] = '\0';
	k->next = h->kept;
	h->kept = k;
	return k->data;
}

void named_hook__add(struct named_hook *h, const struct field *field,
		     const struct sonde_named_field *from)
{
	struct field *f = &h->fields[h->from.count];

	if (h->from.count == SONDE_NAMED_FIELDS) {
		h->schema.blind = "fields behind those that a record has room for";
		return;
	}
	h->from.fields[h->from.count++] = *from;
	*f = *field;
	f->offset = h->schema.fixed;
	f->size = kinds[f->kind].class == CLASS_NUMBER || kinds[f->kind].class == CLASS_SIGNED
			  ? kinds[f->kind].size
			  : 8;
	h->schema.fixed += 8;
	h->schema.count = h->from.count;
}

static const struct kind_of_hook *kind_of(const char *word)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(kinds_of_hook); i++)
		if (!strncmp(word, kinds_of_hook[i].word, strlen(kinds_of_hook[i].word)))
			return &kinds_of_hook[i];
	return NULL;
}

static size_t word_size(const char *text, bool angles)
{
	unsigned int round = 0, angle = 0;
	size_t i = 0;

	while (text[i] && (text[i] != ',' || round || (angle && angles))) {
		/* operator<, operator-> */
		if (!round && !strncmp(text + i, "operator", 8)) {
			i += 8 + strspn(text + i + 8, "<=>-");
			continue;
		}
		round += text[i] == '(';
		round -= round && text[i] == ')';
		angle += !round && text[i] == '<';
		angle -= angle && !round && text[i] == '>' && text[i - 1] != '-';
		i++;
	}
	return angles && angle ? word_size(text, false) : i;
}

size_t named__word_size(const char *text)
{
	return word_size(text, true);
}

bool named__is(const char *word)
{
	return kind_of(word) != NULL;
}

void named_hooks__release(struct named_hooks *all)
{
	for (unsigned int i = 0; i < all->count; i++)
		named_hook__free(all->list[i]);
	free(all->list);
	modules__free(all->modules);
	*all = (struct named_hooks){};
}

/* Of a kind's words the long one. */
static const char *long_word(const struct kind_of_hook *kind)
{
	while (kind > kinds_of_hook && !strcmp(kind[-1].section, kind->section))
		kind--;
	return kind->word;
}

/*
 * Where the arguments that a user chose begin: in the parentheses with which a word ends. C++ has
 * others, in "operator()" and "(anonymous namespace)::f". NULL: none are chosen.
 */
static const char *choice_of(const char *word)
{
	size_t at = strlen(word), depth = 0;

	if (!at || word[at - 1] != ')')
		return NULL;
	do {
		at--;
		depth += word[at] == ')';
		depth -= word[at] == '(';
	} while (at && depth);
	return depth || (at >= 8 && !strncmp(word + at - 8, "operator", 8)) ? NULL : word + at;
}

void named__spell(struct buffer *b, const char *word)
{
	const struct kind_of_hook *kind = kind_of(word);
	const char *target = word + strlen(kind->word);

	buffer__text(b, long_word(kind));
	if (!strcmp(kind->section, "tp/") && !strchr(target, ':'))
		buffer__text(b, "*:");
	/* A comma would be the end of it. */
	for (const char *end = choice_of(word); *target && target != end; target++)
		buffer__char(b, *target == ',' ? '?' : *target);
}

/* The hook of a kind with this target: "block/block_rq_issue", "inet_listen"; of a module, as its
 * section has it; `called_so`: and its name. */
static struct named_hook *make(const struct kind_of_hook *kind, const char *module, bool called_so,
			       const char *target)
{
	struct named_hook *h = named_hook__new();
	struct buffer name = {}, section = {};

	if (!h)
		return NULL;
	buffer__printf(&name, "%s%s%s%s", long_word(kind), called_so ? module : "",
		       called_so ? ":" : "", target);
	for (char *slash = name.data; (slash = strchr(buffer__string(&name), '/'));)
		*slash = ':';
	buffer__printf(&section, "%s%s%s%s", kind->section, module, *module ? ":" : "", target);
	h->schema.name = named_hook__keep(h, name.data, name.size);
	h->section = named_hook__keep(h, section.data, section.size);
	h->program = kind->program;
	buffer__free(&name);
	buffer__free(&section);
	if (!h->schema.name || !h->section) {
		named_hook__free(h);
		return NULL;
	}
	return h;
}

/* NULL: it is there already, or `code` says why not. */
static int append(struct named_hooks *all, struct named_hook *h)
{
	struct named_hook **list;

	for (unsigned int i = 0; i < all->count; i++) {
		if (strcmp(all->list[i]->section, h->section))
			continue;
		named_hook__free(h);
		return 0;
	}
	list = realloc(all->list, (all->count + 1) * sizeof(*list));
	if (!list) {
		named_hook__free(h);
		return -ENOMEM;
	}
	all->list = list;
	all->list[all->count++] = h;
	return 0;
}

static bool has_enums(const struct named_hook *h)
{
	for (unsigned int i = 0; i < h->from.count; i++)
		if (h->fields[i].values && !h->fields[i].values->count)
			return true;
	return false;
}

static int add_tracepoint(struct named_hooks *all, const struct kind_of_hook *kind,
			  const char *target, const char *chosen, struct probes *probes,
			  struct error *err)
{
	struct named_hook *h = make(kind, "", false, target);
	char category[64];
	char *format = NULL;
	int code = h ? tracepoint__format(target, &format) : -ENOMEM;

	snprintf(category, sizeof(category), "%.*s", (int)strcspn(target, "/"), target);
	if (!code)
		code = named_tracepoint__read(h, category, format);
	/* Reading the kernel's types takes longer than all the rest. */
	if (!code && has_enums(h) && probes && probes__kernel(probes))
		named_function__enums(h, probes__kernel(probes));
	if (!code && *chosen)
		code = named_hook__choose(h, NULL, chosen, err);
	free(format);
	if (code) {
		named_hook__free(h);
		return code;
	}
	return append(all, h);
}

/* Where functions are looked for. */
struct function_search {
	struct named_hooks *all;
	const struct kind_of_hook *kind;
	const char *word, *pattern, *chosen;
	const char *module; /* a pattern; NULL: in the kernel, and in modules if need be */
	struct suggest near;
	bool found;
	struct error *err;
};

static int add_function(const struct function_search *s, const char *module, const char *target,
			const struct btf *types, uint32_t id)
{
	const struct kind_of_hook *kind = s->kind;
	struct named_hook *h = make(kind, module, s->module != NULL, target);
	bool words = strcmp(kind->section, "kprobe/") && strcmp(kind->section, "kretprobe/");
	bool result = !strcmp(kind->section, "fexit/") || !strcmp(kind->section, "kretprobe/");
	const struct types kernel = types__kernel(types);
	int code = h ? 0 : -ENOMEM;

	if (!code)
		code = named_function__read(h, types, id, words, result);
	if (!code && *s->chosen)
		code = named_hook__choose(h, &kernel, s->chosen, s->err);
	if (!code && result)
		h->schema.flags |= SCHEMA_TIMED;
	if (code) {
		named_hook__free(h);
		return code;
	}
	return append(s->all, h);
}

/* The nearest is offered as `sonde hooks` does. */
static int no_tracepoint(const struct kind_of_hook *kind, const char *pattern, struct error *err)
{
	struct found_hooks all = {};
	char word[200];
	int code;

	snprintf(word, sizeof(word), "tracepoint:%s%s", strchr(pattern, ':') ? "" : "*:", pattern);
	code = find__word(&all, word, NULL, err);
	found_hooks__release(&all);
	return code ?: error__set(err, -ENOENT, "this kernel has no %s%s", kind->word, pattern);
}

/* Tracepoints that match "block:block_rq_*". */
static int find_tracepoints(struct named_hooks *all, const struct kind_of_hook *kind,
			    const char *pattern, const char *chosen, struct probes *probes,
			    struct error *err)
{
	char path[512], target[256];
	const char *root = tracepoint__root();
	unsigned int before = all->count;
	char *colon;
	glob_t found = {};
	int code = 0;

	if (!root)
		return error__set(err, -EACCES,
				  "%s%s: tracefs is not mounted, or not readable: as root,\n"
				  "mount -t tracefs tracefs /sys/kernel/tracing",
				  kind->word, pattern);
	snprintf(target, sizeof(target), "%s", pattern);
	colon = strchr(target, ':');
	if (colon)
		*colon = '/';
	/* A name alone means it in all groups. */
	snprintf(path, sizeof(path), "%s/events/%s%s/format", root, colon ? "" : "*/", target);
	if (strstr(target, "..") || glob(path, GLOB_NOSORT, NULL, &found))
		found.gl_pathc = 0;
	for (size_t i = 0; i < found.gl_pathc && !code; i++) {
		const char *name = found.gl_pathv[i] + strlen(root) + strlen("/events/");

		/* Formats of what ftrace itself writes: no tracepoints. */
		if (!strncmp(name, "ftrace/", 7))
			continue;
		snprintf(target, sizeof(target), "%.*s", (int)(strlen(name) - strlen("/format")),
			 name);
		code = add_tracepoint(all, kind, target, chosen, probes, err);
	}
	globfree(&found);
	if (code)
		return error__set(err, code, "%s%s: its format cannot be read: %s", kind->word,
				  pattern, strerror(-code));
	return all->count == before ? no_tracepoint(kind, pattern, err) : 0;
}

/* The name that the kernel's types have for it: without the prefix. NULL: it is none of this kind.
 */
static const char *typed_name(const struct btf *kernel, const struct btf_type *t,
			      const struct hook_kind *kind)
{
	const char *prefix = kind->prefix ?: "", *name;

	if (btf_kind(t) != (kind->prefix ? kind->btf_kind : BTF_KIND_FUNC))
		return NULL;
	name = btf__name_by_offset(kernel, t->name_off);
	return strncmp(name, prefix, strlen(prefix)) ? NULL : name + strlen(prefix);
}

static int find_among(struct function_search *s, const struct btf *types, uint32_t first,
		      const char *module)
{
	const struct hook_kind *hook = hook_kind__of(s->kind->section);
	bool globs = strpbrk(s->pattern, "*?[");
	int code = 0;

	for (uint32_t i = first; i < btf__type_cnt(types) && !code; i++) {
		const char *name = typed_name(types, btf__type_by_id(types, i), hook);

		if (!name || (globs ? fnmatch(s->pattern, name, 0) : strcmp(s->pattern, name))) {
			if (name && !globs)
				suggest__offer(&s->near, name);
			continue;
		}
		s->found = true;
		code = add_function(s, module, name, types, i);
	}
	return code;
}

/* In all of them, or in those that were named: "veth:veth_xmit". */
static int find_in_modules(struct function_search *s, const struct btf *kernel)
{
	int code = 0;

	if (!s->all->modules)
		s->all->modules = modules__types(kernel);
	for (const struct module_types *m = s->all->modules; m && !code; m = m->next)
		if (!s->module || !fnmatch(s->module, m->name, 0))
			code = find_among(s, m->btf, m->first, m->name);
	return code;
}

static int find_functions(struct function_search *s, struct probes *probes)
{
	const struct btf *kernel = probes__kernel(probes);
	const char *colon = strchr(s->pattern, ':');
	bool globs = strpbrk(s->pattern, "*?[");
	char module[64];
	int code = 0;

	if (!kernel)
		return error__set(s->err, -ENOENT, "%s: this kernel does not tell its types",
				  s->word);
	if (colon) {
		snprintf(module, sizeof(module), "%.*s", (int)(colon - s->pattern), s->pattern);
		s->module = module;
		s->pattern = colon + 1;
	}
	suggest__start(&s->near, s->pattern, strlen(s->pattern));
	if (!colon)
		code = find_among(s, kernel, 1, "");
	if (!code && (!s->found || globs))
		code = find_in_modules(s, kernel);
	if (code || s->found)
		return code;
	return error__set(s->err, -ENOENT, "this kernel has no %s%s%s%s", s->word,
			  s->near.best ? "; did you mean " : "", s->near.best ?: "",
			  s->near.best ? "?" : "");
}

struct user_search {
	struct named_hooks *all;
	const struct kind_of_hook *kind;
};

static int add_user(void *context, const char *name, const char *place, struct named_hook *h)
{
	struct user_search *s = context;
	struct buffer b = {};
	int code = 0;

	buffer__printf(&b, "%s%s", long_word(s->kind), name);
	h->schema.name = named_hook__keep(h, b.data, b.size);
	buffer__reset(&b);
	buffer__printf(&b, "%s%s", s->kind->section, place);
	h->section = named_hook__keep(h, b.data, b.size);
	h->program = s->kind->program;
	if (!strcmp(s->kind->section, "uretprobe/"))
		h->schema.flags |= SCHEMA_TIMED;
	buffer__free(&b);
	if (!h->schema.name || !h->section)
		code = -ENOMEM;
	if (code) {
		named_hook__free(h);
		return code;
	}
	return append(s->all, h);
}

static int find_user(struct named_hooks *all, const struct kind_of_hook *kind, const char *pattern,
		     const char *chosen, struct error *err)
{
	struct user_search s = {all, kind};
	struct named_user user = {.usdt = !strcmp(kind->section, "usdt/"),
				  .at_return = !strcmp(kind->section, "uretprobe/"),
				  .each = add_user,
				  .chosen = chosen,
				  .context = &s};

	return named_user__find(&user, pattern, err);
}

static bool is_balanced(const char *word)
{
	int depth = 0;

	for (; *word && depth >= 0; word++)
		depth += (*word == '(') - (*word == ')');
	return !depth;
}

static int find(struct named_hooks *all, const struct kind_of_hook *kind, const char *pattern,
		const char *chosen, struct probes *probes, struct error *err)
{
	char spelt[160];

	snprintf(spelt, sizeof(spelt), "%s%s", kind->word, pattern);
	if (!strcmp(kind->section, "tp/"))
		return find_tracepoints(all, kind, pattern, chosen, probes, err);
	if (!strncmp(kind->section, "u", 1))
		return find_user(all, kind, pattern, chosen, err);
	return find_functions(
		&(struct function_search){all, kind, spelt, pattern, chosen, .err = err}, probes);
}

int named__find(struct named_hooks *all, const char *word, struct probes *probes, struct error *err)
{
	const struct kind_of_hook *kind = kind_of(word);
	const char *choice = choice_of(word);
	size_t size = choice ? (size_t)(choice - word) : strlen(word);
	char *pattern, *chosen;
	int code = -ENOMEM;

	if (!kind || size <= strlen(kind->word))
		return error__set(err, -EINVAL, "\"%s\" names no hook", word);
	if (!is_balanced(word))
		return error__set(err, -EINVAL, "%s: the closing parenthesis is missing", word);
	pattern = strndup(word + strlen(kind->word), size - strlen(kind->word));
	chosen = strdup(choice ? choice + 1 : "");
	if (pattern && chosen) {
		if (choice)
			chosen[strlen(chosen) - 1] = '\0';
		code = find(all, kind, pattern, chosen, probes, err);
	}
	free(pattern);
	free(chosen);
	return code;
}
