// SPDX-License-Identifier: Apache-2.0
#include "template.h"
#include "../base/suggest.h"
#include "../host/fields.h"

#include <errno.h>

#define WIDTH_LIMIT 1000

struct piece {
	char *text; /* what stands before the field */
	size_t size;
	bool field; /* the last piece has none */
	bool left;
	unsigned int width;
	struct field_use use;
};

struct template
{
	struct sink sink;
	struct render render;
	struct piece *pieces;
	unsigned int count;
	struct buffer scratch, escaped;
};

static void template__event(struct sink *sink, const struct event *e)
{
	struct template *t = (struct template *)sink;
	struct buffer *b = &sink->out;

	for (unsigned int i = 0; i < t->count; i++) {
		struct piece *p = &t->pieces[i];
		unsigned int columns = 0;
		struct value v;

		buffer__bytes(b, p->text, p->size);
		if (!p->field)
			continue;
		buffer__reset(&t->scratch);
		buffer__reset(&t->escaped);
		field_use__value(&p->use, e, &v);
		if (v.state != VALUE_NONE)
			render__plain(&t->scratch, &t->render, e, &v);
		if (v.state == VALUE_NONE || v.state == VALUE_GONE)
			buffer__char(&t->escaped, '-');
		else
			render__escaped(&t->escaped, t->scratch.data, t->scratch.size);
		for (size_t k = 0; k < t->escaped.size; k++)
			columns += (t->escaped.data[k] & 0xc0) != 0x80;
		for (; !p->left && columns < p->width; columns++)
			buffer__char(b, ' ');
		buffer__bytes(b, t->escaped.data, t->escaped.size);
		for (; p->left && columns < p->width; columns++)
			buffer__char(b, ' ');
	}
	buffer__char(b, '\n');
}

static void template__free(struct sink *sink)
{
	struct template *t = (struct template *)sink;

	for (unsigned int i = 0; i < t->count; i++)
		free(t->pieces[i].text);
	free(t->pieces);
	buffer__free(&t->scratch);
	buffer__free(&t->escaped);
	free(t);
}

static const struct sink_ops template_ops = {.event = template__event, .free = template__free};

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '.';
}

/* The bytes of a field's name with its index: proc.aname[2], evt.arg.flags, evt.arg.how->flags. */
static size_t name_size(const char *p)
{
	bool argument = !strncmp(p, "evt.arg.", 8);
	size_t size = 0;

	while (is_name(p[size]) ||
	       (argument && p[size] == '-' && p[size + 1] == '>' && is_name(p[size + 2])))
		size += p[size] == '-' ? 2 : 1;
	if (size && p[size] == '[' && strchr(p + size, ']'))
		size = strchr(p + size, ']') + 1 - p;
	return size;
}

static const char *nearest(const char *name)
{
	struct suggest s;

	suggest__start(&s, name, strlen(name));
	for (unsigned int i = 0; i < field_def_count; i++)
		suggest__offer(&s, field_defs[i].field.name);
	return s.best;
}

/* A name may be followed by a full stop that is none of it. Returns how much of `p` was taken. */
static size_t parse_field(struct piece *piece, const char *p, struct buffer *wrong)
{
	size_t size = name_size(p), tried;
	char name[128];
	const char *near;
	int err = -ENOENT;

	for (tried = min(size, sizeof(name) - 1); tried; tried--) {
		memcpy(name, p, tried);
		name[tried] = 0;
		err = field_use__parse(&piece->use, name);
		if (!err)
			return tried;
		if (name[tried - 1] != '.')
			break;
	}
	size = min(size, sizeof(name) - 1);
	memcpy(name, p, size);
	name[size] = 0;
	if (wrong->size)
		buffer__char(wrong, '\n');
	buffer__text(wrong, "--format: ");
	if (!size) {
		buffer__text(wrong,
			     "a % without a field's name behind it; %% stands for the sign itself");
		return 0;
	}
	buffer__char(wrong, '%');
	render__escaped(wrong, name, size);
	near = err == -ENOENT ? nearest(name) : NULL;
	if (err != -ENOENT) {
		buffer__text(wrong, ": an index or a name is missing, or there is one too many");
	} else {
		buffer__text(wrong, ": there is no such field");
		if (near) {
			buffer__text(wrong, "; did you mean %");
			buffer__text(wrong, near);
			buffer__char(wrong, '?');
		}
	}
	return size;
}

static struct piece *add_piece(struct template *t, struct buffer *text)
{
	struct piece *pieces = realloc(t->pieces, (t->count + 1) * sizeof(*pieces));
	struct piece *p;

	if (!pieces || text->failed)
		return NULL;
	t->pieces = pieces;
	p = &pieces[t->count++];
	*p = (struct piece){.text = text->data, .size = text->size, .field = true};
	*text = (struct buffer){};
	return p;
}

static int parse(struct template *t, const char *p, uint32_t *needs, struct buffer *wrong)
{
	struct buffer text = {};
	struct piece *piece;

	while (*p) {
		if (p[0] == '\\' && (p[1] == 'n' || p[1] == 't' || p[1] == '\\')) {
			buffer__char(&text, p[1] == 'n' ? '\n' : p[1] == 't' ? '\t' : '\\');
			p += 2;
			continue;
		}
		if (p[0] != '%' || p[1] == '%') {
			buffer__char(&text, *p);
			p += p[0] == '%' ? 2 : 1;
			continue;
		}
		piece = add_piece(t, &text);
		if (!piece)
			break;
		p++;
		piece->left = *p == '-';
		p += piece->left;
		for (; *p >= '0' && *p <= '9'; p++)
			piece->width =
				min(piece->width * 10 + (*p - '0'), (unsigned int)WIDTH_LIMIT);
		p += parse_field(piece, p, wrong);
		if (piece->use.def)
			*needs |= piece->use.def->needs;
	}
	piece = *p ? NULL : add_piece(t, &text);
	if (!piece) {
		buffer__free(&text);
		return -ENOMEM;
	}
	piece->field = false;
	return 0;
}

int template__new(int fd, const char *format, uint32_t string_limit, struct sink **ret,
		  uint32_t *needs, struct error *err)
{
	struct template *t = calloc(1, sizeof(*t));
	struct buffer wrong = {};
	int code;

	if (!t)
		return error__set(err, -ENOMEM, "--format: no memory");
	t->sink.ops = &template_ops;
	t->sink.fd = fd;
	t->render.string_limit = string_limit;
	*needs = 0;
	code = parse(t, format, needs, &wrong);
	if (code)
		(void)error__set(err, code, "--format: no memory");
	else if (wrong.size)
		code = error__set(err, -EINVAL, "%s", buffer__string(&wrong));
	buffer__free(&wrong);
	if (code)
		sink__free(&t->sink);
	else
		*ret = &t->sink;
	return code;
}

static int unknown_argument(const struct piece *p, const struct schemas *all,
			    const uint64_t *selected, struct error *err)
{
	struct suggest s;

	if (p->use.index >= 0)
		return error__set(err, -EINVAL,
				  "--format: %%evt.arg[%d]: no event here has so many arguments",
				  p->use.index);
	suggest__start(&s, p->use.argument, strlen(p->use.argument));
	for (unsigned int i = 0; i < all->count; i++) {
		for (unsigned int j = 0;
		     selected[i / 64] >> (i % 64) & 1 && j < all->list[i]->count; j++)
			suggest__offer(&s, all->list[i]->fields[j].name);
	}
	return error__set(err, -EINVAL,
			  "--format: %%evt.arg.%s: no event here has such an argument%s%s%s",
			  p->use.argument, s.best ? "; did you mean %evt.arg." : "",
			  s.best ? s.best : "", s.best ? "?" : "");
}

int template__check(const struct sink *sink, const struct schemas *all, const uint64_t *selected,
		    struct error *err)
{
	const struct template *t = (const struct template *)sink;

	for (unsigned int i = 0; i < t->count; i++) {
		const struct piece *p = &t->pieces[i];
		bool found = false, any = false;

		if (!p->field || p->use.def->takes != TAKES_ARGUMENT)
			continue;
		for (unsigned int j = 0; j < all->count && !found; j++) {
			if (!(selected[j / 64] >> (j % 64) & 1))
				continue;
			any = true;
			found = field_use__argument(&p->use, all->list[j]) != NULL;
		}
		if (any && !found)
			return unknown_argument(p, all, selected, err);
	}
	return 0;
}
