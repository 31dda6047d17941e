// SPDX-License-Identifier: Apache-2.0
#include "type_text.h"

#include <bpf/btf.h>
#include <stdio.h>
#include <string.h>

#define DEEPEST 16 /* pointers, arrays and qualifiers around a name */
#define LONGEST 400

static const char *name_of(const struct btf *btf, const struct btf_type *t)
{
	const char *name = btf__name_by_offset(btf, t->name_off);

	return name && *name ? name : "{...}";
}

static bool is_modified_pointer(const struct btf *btf, const struct btf_type *t)
{
	for (unsigned int i = 0; t && i < DEEPEST && (btf_is_mod(t) || btf_is_type_tag(t)); i++)
		t = btf__type_by_id(btf, t->type);
	return t && btf_is_ptr(t);
}

/* Whether a pointer to it needs parentheses. */
static bool binds_tighter(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	for (unsigned int i = 0; t && i < DEEPEST && (btf_is_mod(t) || btf_is_type_tag(t)); i++)
		t = btf__type_by_id(btf, t->type);
	return t && (btf_is_array(t) || btf_is_func_proto(t));
}

static const char *keyword(const struct btf_type *t)
{
	switch (btf_kind(t)) {
	case BTF_KIND_STRUCT:
		return "struct ";
	case BTF_KIND_UNION:
		return "union ";
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return "enum ";
	case BTF_KIND_FWD:
		return btf_kflag(t) ? "union " : "struct ";
	default:
		return "";
	}
}

static const char *qualifier(const struct btf_type *t)
{
	return btf_kind(t) == BTF_KIND_CONST ? "const "
	       : btf_is_volatile(t)          ? "volatile "
					     : "restrict ";
}

static void parameters(struct buffer *b, const struct btf *btf, const struct btf_type *proto,
		       unsigned int skip, unsigned int depth);

/* From the name outwards: `declarator` is what stands around it so far. */
static void declare(struct buffer *b, const struct btf *btf, uint32_t id, const char *declarator,
		    unsigned int depth)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	char outer[LONGEST];

	if (!t || depth > DEEPEST || b->size > LONGEST * 10) {
		buffer__printf(b, "? %s", declarator);
	} else if (btf_is_void(t)) {
		buffer__printf(b, "void%s%s", *declarator ? " " : "", declarator);
	} else if (btf_is_ptr(t)) {
		snprintf(outer, sizeof(outer), binds_tighter(btf, t->type) ? "(*%s)" : "*%s",
			 declarator);
		declare(b, btf, t->type, outer, depth + 1);
	} else if (btf_is_mod(t)) {
		/* That of a pointer stands behind its star. */
		if (is_modified_pointer(btf, t)) {
			snprintf(outer, sizeof(outer), "%s%s", qualifier(t), declarator);
			declare(b, btf, t->type, outer, depth + 1);
		} else {
			buffer__text(b, qualifier(t));
			declare(b, btf, t->type, declarator, depth + 1);
		}
	} else if (btf_is_type_tag(t)) {
		declare(b, btf, t->type, declarator, depth + 1);
	} else if (btf_is_array(t)) {
		snprintf(outer, sizeof(outer), "%s[%u]", declarator, btf_array(t)->nelems);
		declare(b, btf, btf_array(t)->type, outer, depth + 1);
	} else if (btf_is_func_proto(t)) {
		struct buffer text = {};

		buffer__text(&text, declarator);
		parameters(&text, btf, t, 0, depth + 1);
		declare(b, btf, t->type, buffer__string(&text), depth + 1);
		buffer__free(&text);
	} else {
		buffer__printf(b, "%s%s%s%s", keyword(t), name_of(btf, t), *declarator ? " " : "",
			       declarator);
	}
}

static void parameters(struct buffer *b, const struct btf *btf, const struct btf_type *proto,
		       unsigned int skip, unsigned int depth)
{
	buffer__char(b, '(');
	for (unsigned int i = skip; i < btf_vlen(proto); i++) {
		const struct btf_param *p = &btf_params(proto)[i];

		buffer__text(b, i > skip ? ", " : "");
		if (p->type)
			declare(b, btf, p->type, btf__name_by_offset(btf, p->name_off) ?: "",
				depth);
		else
			buffer__text(b, "...");
	}
	buffer__text(b, btf_vlen(proto) > skip ? ")" : "void)");
}

void type__declare(struct buffer *b, const struct btf *btf, uint32_t id, const char *name)
{
	struct buffer text = {};

	declare(&text, btf, id, name, 0);
	buffer__bytes(b, text.data, text.size);
	buffer__free(&text);
}

const struct btf_type *prototype__of(const struct btf *btf, uint32_t id)
{
	const struct btf_type *t = btf__type_by_id(btf, id);

	for (unsigned int i = 0; t && i < DEEPEST; i++) {
		if (btf_is_func_proto(t))
			return t;
		if (!btf_is_func(t) && !btf_is_ptr(t) && !btf_is_typedef(t) && !btf_is_mod(t))
			return NULL;
		t = btf__type_by_id(btf, t->type);
	}
	return NULL;
}

void type__parameters(struct buffer *b, const struct btf *btf, uint32_t id, unsigned int skip)
{
	const struct btf_type *proto = prototype__of(btf, id);

	if (proto)
		parameters(b, btf, proto, skip, 0);
}

void type__signature(struct buffer *b, const struct btf *btf, uint32_t id, const char *name)
{
	const struct btf_type *proto = prototype__of(btf, id);
	struct buffer text = {};

	buffer__text(&text, name);
	type__parameters(&text, btf, id, 0);
	if (proto)
		type__declare(b, btf, proto->type, buffer__string(&text));
	buffer__free(&text);
}
