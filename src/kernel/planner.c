// SPDX-License-Identifier: Apache-2.0
#include "planner.h"
#include "../base/buffer.h"
#include "hook_kinds.h"
#include "probes.h"

#include <bpf/btf.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Where no argument and no result is: probes/lib/hooks.h. */
#define HOOK_ABSENT 0xff

/*
 * In the order in which they are taken; a hook of a single program bears its name alone. fexit
 * knows the verdict and costs least; where nobody wants a verdict, fentry costs less than a kprobe.
 */
static const struct way {
	const char *suffix, *also;
} ways[] = {
	{""},      {"__fexit"},  {"__kprobe", "__kretprobe"}, {"__fentry"}, {"__entry"},
	{"__lsm"}, {"__tp_btf"},
};

struct refusal {
	struct refusal *next;
	char *log;
	const char *why; /* behind the name */
	char program[];
};

struct planner {
	char *kinds;
	struct features features;
	struct refusal *refusals, **last;
	struct buffer why; /* of the last choice */
};

int planner__new(const char *kinds, const struct features *known, struct planner **ret)
{
	struct planner *p = calloc(1, sizeof(*p));

	if (p && kinds)
		p->kinds = strdup(kinds);
	if (!p || (kinds && !p->kinds)) {
		free(p);
		return -ENOMEM;
	}
	if (known)
		p->features = *known;
	p->last = &p->refusals;
	*ret = p;
	return 0;
}

int planner__like(const struct planner *p, struct planner **ret)
{
	return planner__new(p ? p->kinds : NULL, p ? &p->features : NULL, ret);
}

void planner__free(struct planner *p)
{
	if (!p)
		return;
	while (p->refusals) {
		struct refusal *next = p->refusals->next;

		free(p->refusals->log);
		free(p->refusals);
		p->refusals = next;
	}
	buffer__free(&p->why);
	free(p->kinds);
	free(p);
}

/* `kind`: "fexit/" */
static bool is_among(const char *kinds, const char *kind)
{
	size_t size = strlen(kind) - 1;

	for (const char *at = kinds; *at; at += strcspn(at, ","), at += *at == ',')
		if (strcspn(at, ",") == size && !memcmp(at, kind, size))
			return true;
	return false;
}

int planner__check_kinds(const char *kinds, struct error *err)
{
	static const char known[] = "fexit,kprobe,fentry,lsm";

	for (const char *at = kinds; *at; at += strcspn(at, ","), at += *at == ',') {
		int size = strcspn(at, ",");
		char kind[16] = "";

		memcpy(kind, at, min(size, 14));
		kind[min(size, 14)] = '/';
		if (!is_among(known, kind))
			return error__set(err, -EINVAL,
					  "--hooks: there is no kind \"%.*s\"; there are %s", size,
					  at, known);
	}
	if (!*kinds)
		return error__set(err, -EINVAL, "--hooks: no kind is named; there are %s", known);
	return 0;
}

static const struct refusal *find_refusal(const struct planner *p, const char *program)
{
	for (const struct refusal *r = p->refusals; r; r = r->next)
		if (!strcmp(r->program, program))
			return r;
	return NULL;
}

void planner__refuse(struct planner *p, const char *program, const char *why, char *log)
{
	size_t size = strlen(program) + 1;
	struct refusal *r = malloc(sizeof(*r) + size + strlen(why) + 1);

	if (!r) {
		free(log);
		return;
	}
	*r = (struct refusal){.log = log, .why = r->program + size};
	strcpy(r->program, program);
	strcpy(r->program + size, why);
	*p->last = r;
	p->last = &r->next;
}

const char *planner__refused(const struct planner *p, unsigned int index, const char **why,
			     const char **log)
{
	const struct refusal *r = p->refusals;

	while (r && index--)
		r = r->next;
	if (!r)
		return NULL;
	*why = r->why;
	*log = r->log;
	return r->program;
}

bool planner__has(struct planner *p, struct probes *probes, enum feature feature)
{
	const struct feature_result *result = &p->features.list[feature];

	if (result->state == FEATURE_UNKNOWN && !*result->why)
		features__try(&p->features, feature, probes__kernel(probes));
	return result->state == FEATURE_OK || result->state == FEATURE_LESSER;
}

struct feature_result planner__state(struct planner *p, struct probes *probes, const char *section)
{
	(void)planner__has(p, probes, hook_kind__of(section)->feature);
	return hook__state(probes__kernel(probes), &p->features, section);
}

/* Whether a program can be taken, and if not, or not without loss, why. */
static struct feature_result try(struct planner *p, struct probes *probes, const char *program,
				 const char *section)
{
	const struct hook_kind *kind = hook_kind__of(section);
	const struct refusal *refusal = find_refusal(p, program);
	struct feature_result result = {.state = FEATURE_MISSING};

	if (refusal) {
		snprintf(result.why, sizeof(result.why), "%.*s", (int)strcspn(refusal->why, "\n"),
			 refusal->why);
		return result;
	}
	if (p->kinds && strstr(program, "__") && !is_among(p->kinds, kind->sections)) {
		snprintf(result.why, sizeof(result.why), "not among the kinds of --hooks");
		return result;
	}
	return planner__state(p, probes, section);
}

void planner__choose(struct planner *p, struct probes *probes, const char *hook,
		     struct candidate *c)
{
	buffer__reset(&p->why);
	*c = (struct candidate){.section = "none",
				.state = {.state = FEATURE_MISSING, .why = "no probe captures it"}};
	for (unsigned int i = 0; i < ARRAY_SIZE(ways); i++) {
		char name[64];
		const char *program, *section, *other, *also = NULL;
		struct feature_result state;

		snprintf(name, sizeof(name), "%s%s", hook, ways[i].suffix);
		program = probes__program(probes, name, &section);
		if (!program)
			continue;
		if (ways[i].also) {
			snprintf(name, sizeof(name), "%s%s", hook, ways[i].also);
			also = probes__program(probes, name, &other);
		}
		state = try(p, probes, program, section);
		if (state.state != FEATURE_MISSING) {
			const char *lesser = hook_kind__of(section)->lesser;

			/* Than what comes before it: what comes first tells all that there is. */
			if (state.state == FEATURE_OK && lesser && p->why.size) {
				state.state = FEATURE_LESSER;
				snprintf(state.why, sizeof(state.why), "%s", lesser);
			}
			c->program = program;
			c->also = also;
			c->section = section;
			c->state = state;
			break;
		}
		if (!p->why.size) {
			c->section = section;
			c->state = state;
		}
		buffer__printf(&p->why, "%s%s: %s", p->why.size ? "\n" : "", section, state.why);
	}
	c->why = p->why.size ? buffer__string(&p->why) : NULL;
}

/* The parameters of the kernel's function behind a section; NULL: not known. */
static const struct btf_type *prototype(const struct btf *kernel, const char *section)
{
	static const struct hook_kind function = {.prefix = "", .btf_kind = BTF_KIND_FUNC};
	const struct hook_kind *kind = hook_kind__of(section);
	int id = hook_kind__btf_id(kind->prefix ? kind : &function, kernel, section);

	return id > 0 ? btf__type_by_id(kernel, btf__type_by_id(kernel, id)->type) : NULL;
}

bool planner__has_function(struct probes *probes, const char *section)
{
	const struct btf *kernel = probes__kernel(probes);

	return !kernel || prototype(kernel, section);
}

/* A structure that is passed by value takes two words where it has more than 8 bytes. */
static unsigned int words_of(const struct btf *kernel, uint32_t type)
{
	const struct btf_type *t = btf__type_by_id(kernel, type);

	while (btf_is_mod(t) || btf_is_typedef(t))
		t = btf__type_by_id(kernel, t->type);
	return btf_is_composite(t) && t->size > 8 ? 2 : 1;
}

static unsigned int words_before(const struct btf *kernel, const struct btf_type *proto,
				 unsigned int param)
{
	unsigned int words = 0;

	for (unsigned int i = 0; i < param; i++)
		words += words_of(kernel, btf_params(proto)[i].type);
	return words;
}

static uint8_t place_of(const struct btf *kernel, const struct btf_type *proto, const char *name,
			size_t size)
{
	const struct btf_param *params = btf_params(proto);

	for (unsigned int i = 0; i < btf_vlen(proto); i++) {
		const char *theirs = btf__name_by_offset(kernel, params[i].name_off);

		if (strlen(theirs) == size && !memcmp(theirs, name, size))
			return words_before(kernel, proto, i);
	}
	return HOOK_ABSENT;
}

/* The next argument's name in "struct file *file, int mask": the last word before a comma. */
static const char *next_name(const char **text, size_t *size)
{
	const char *end = *text + strcspn(*text, ","), *start = end;

	if (!**text)
		return NULL;
	while (start > *text && (start[-1] == '_' || isalnum((unsigned char)start[-1])))
		start--;
	*size = end - start;
	*text = *end ? end + 1 : end;
	return start;
}

bool planner__arguments(struct probes *probes, const char *hook, const char *section,
			struct hook_places *places)
{
	const struct btf *kernel = probes__kernel(probes);
	const struct btf_type *proto;
	char variable[80];
	const char *text, *name;
	unsigned int count = 0;
	size_t size;

	snprintf(variable, sizeof(variable), "sonde_hook__%s", hook);
	text = probes__tag(probes, variable, "args:");
	if (!text)
		return false;
	proto = prototype(kernel, section);
	memset(places, HOOK_ABSENT, sizeof(*places));
	for (const char *rest = text; next_name(&rest, &size);)
		count++;
	for (unsigned int i = 0; (name = next_name(&text, &size)) && i < HOOK_ARGS; i++) {
		uint8_t place = proto ? place_of(kernel, proto, name, size) : i;

		/* Another name for the same, as far as can be told. */
		if (place == HOOK_ABSENT && proto && btf_vlen(proto) == count)
			place = i;
		places->arg[i] = place;
	}
	if (proto)
		places->result = words_before(kernel, proto, btf_vlen(proto));
	return true;
}

bool planner__hook_of(const struct probes *probes, const char *program, char *hook, size_t room)
{
	char variable[80];

	for (unsigned int i = 0; i < 2 * ARRAY_SIZE(ways); i++) {
		const char *suffix = i % 2 ? ways[i / 2].also : ways[i / 2].suffix;
		size_t size = strlen(program), rest = suffix ? strlen(suffix) : 0;

		if (!rest || size <= rest || strcmp(program + size - rest, suffix))
			continue;
		snprintf(hook, room, "%.*s", (int)(size - rest), program);
		snprintf(variable, sizeof(variable), "sonde_hook__%s", hook);
		if (probes__tag(probes, variable, "args:"))
			return true;
	}
	return false;
}
