// SPDX-License-Identifier: Apache-2.0
#include "fields_get.h"
#include "../event/render.h"

#include <ctype.h>
#include <errno.h>

#define NAMES(table, ...)                                                                          \
	static const struct named_value table##_list[] = {__VA_ARGS__};                            \
	static const struct values table = {#table, table##_list, ARRAY_SIZE(table##_list)}
#define N(text)                                                                                    \
	{                                                                                          \
		.name = text                                                                       \
	}

/* Fields whose text is one of few: a filter's constant must be among them. */
NAMES(field_directions, N("<"), N(">"));
NAMES(field_io_directions, N("r"), N("w"));
NAMES(field_runtimes, N("host"), N("docker"), N("containerd"), N("cri-o"), N("podman"),
      N("systemd-nspawn"), N("lxc"), N("kubepods"));
NAMES(field_fd_types, N("file"), N("directory"), N("ipv4"), N("ipv6"), N("unix"), N("pipe"),
      N("netlink"), N("packet"), N("socket"), N("event"), N("eventpoll"), N("signalfd"),
      N("timerfd"), N("inotify"), N("bpf"), N("userfaultfd"), N("io_uring"), N("memfd"), N("pidfd"),
      N("namespace"), N("unknown"));
NAMES(field_fd_typechars, N("f"), N("d"), N("4"), N("6"), N("u"), N("p"), N("e"), N("l"), N("s"),
      N("t"), N("i"), N("b"), N("r"), N("m"), N("n"), N("P"), N("o"));
NAMES(field_l4protos, N("tcp"), N("udp"), N("icmp"), N("raw"), N("sctp"), N("dccp"), N("mptcp"),
      N("udplite"));
NAMES(field_sockfamilies, N("ip"), N("unix"));

#define ANCESTOR      .takes = TAKES_INDEX, .many = true, .part = WHO_ANCESTOR
#define FD(need)      .needs = (need), .of = schema__has_descriptor
#define VALUES(table) .field.values = &(table)
#define ALIAS(other)  .field.alias = (other)
#define FIELD(text, sort, getter, words, ...)                                                      \
	{.field.name = text,                                                                       \
	 .field.kind = KIND_##sort,                                                                \
	 .field.help = words,                                                                      \
	 .field.provenance = FROM_KERNEL,                                                          \
	 .get = field_get__##getter,                                                               \
	 ##__VA_ARGS__},

const struct field_def field_defs[] = {
#include "fields.def"
};
#undef FIELD

const unsigned int field_def_count = ARRAY_SIZE(field_defs);

/* Several values in one text: the eldest first, as descent is read. */
static const struct field joined = {.name = "joined", .kind = KIND_text, .provenance = FROM_KERNEL};

static const struct field_def *find(const char *name, size_t size)
{
	for (unsigned int i = 0; i < field_def_count; i++) {
		const struct field *f = &field_defs[i].field;

		if (strlen(f->name) == size && !memcmp(f->name, name, size))
			return &field_defs[i];
		if (f->alias && strlen(f->alias) == size && !memcmp(f->alias, name, size))
			return &field_defs[i];
	}
	return NULL;
}

/* [n] or [key] behind a name; true when there is nothing behind it. */
static bool parse_bracket(struct field_use *use, const char *text)
{
	size_t size = strlen(text);
	int index = 0;

	if (size < 3 || text[0] != '[' || text[size - 1] != ']')
		return false;
	if (use->def->takes == TAKES_KEY) {
		if (size - 2 >= sizeof(use->argument))
			return false;
		memcpy(use->argument, text + 1, size - 2);
		use->argument[size - 2] = 0;
		return true;
	}
	if (use->def->takes != TAKES_INDEX && use->def->takes != TAKES_ARGUMENT)
		return false;
	for (const char *p = text + 1; *p != ']'; p++) {
		if (!isdigit((unsigned char)*p) || index > 1000)
			return false;
		index = index * 10 + *p - '0';
	}
	use->index = index;
	return true;
}

int field_use__parse(struct field_use *use, const char *name)
{
	size_t size = strcspn(name, "[");
	const struct field_def *def = find(name, size);
	static const char *const argument[] = {"evt.arg.", "evt.rawarg."};

	*use = (struct field_use){.index = -1};
	for (unsigned int i = 0; i < ARRAY_SIZE(argument) && !def; i++) {
		size_t prefix = strlen(argument[i]);

		if (strncmp(name, argument[i], prefix))
			continue;
		use->def = find("evt.arg", 7);
		if (!size || name[size] || size == prefix || size - prefix >= sizeof(use->argument))
			return -EINVAL;
		memcpy(use->argument, name + prefix, size - prefix + 1);
		return 0;
	}
	if (!def)
		return -ENOENT;
	use->def = def;
	if (name[size])
		return parse_bracket(use, name + size) ? 0 : -EINVAL;
	return def->takes == TAKES_ARGUMENT ? -EINVAL : 0;
}

const struct field *field_use__argument(const struct field_use *use, const struct schema *s)
{
	unsigned int i = use->index + !!(s->flags & SCHEMA_RESULT);

	if (use->index < 0)
		return schema__argument(s, use->argument);
	return i < s->count ? &s->fields[i] : NULL;
}

bool field_use__of(const struct field_use *use, const struct schema *s)
{
	if (use->def->means == MEANS_ARGUMENT)
		return field_use__argument(use, s) != NULL;
	return !use->def->of || use->def->of(s);
}

static void join(struct field_use *use, const struct event *e, struct value *v)
{
	static const struct render plain = {.string_limit = ~0u};
	struct field_use one = *use;
	struct buffer text = {}; /* the parts may be composed in the scratch themselves */
	struct value part;
	size_t start;
	int count = 0;

	do {
		one.index = count + 1;
		field_use__value(&one, e, &part);
	} while (part.state == VALUE_OK && ++count);
	for (one.index = count; one.index > 0; one.index--) {
		field_use__value(&one, e, &part);
		if (one.index < count)
			buffer__char(&text, '>');
		render__plain(&text, &plain, e, &part);
	}
	v->field = &joined;
	if (count && !text.failed) {
		start = e->scratch->size;
		buffer__bytes(e->scratch, text.data, text.size);
		value__set_scratch(v, e, start);
	}
	buffer__free(&text);
}

void field_use__value(struct field_use *use, const struct event *e, struct value *v)
{
	*v = (struct value){.state = VALUE_NONE, .field = &use->def->field};
	if (use->def->many && use->index < 0 && use->def->takes == TAKES_INDEX)
		join(use, e, v);
	else
		use->def->get(e, use, v);
	if (v->state == VALUE_NONE)
		v->field = NULL;
}
