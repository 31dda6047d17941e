/* SPDX-License-Identifier: Apache-2.0 */
/* What a filter is made of inside: places in its text, conditions, the tree of and, or and not. */
#ifndef SONDE_FILTER_NODE_H
#define SONDE_FILTER_NODE_H

#include "../host/fields.h"
#include "filter.h"

struct span {
	uint32_t at, size;
};

enum op {
	OP_EQ,
	OP_NE,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_IN,
	OP_INTERSECTS,
	OP_CONTAINS,
	OP_ICONTAINS,
	OP_BCONTAINS,
	OP_STARTSWITH,
	OP_BSTARTSWITH,
	OP_ENDSWITH,
	OP_GLOB,
	OP_IGLOB,
	OP_PMATCH,
	OP_EXISTS,
	OP_TRUE, /* a boolean field alone: evt.failed */
	OPS,
};

extern const char *const op_names[OPS];

static inline bool op_takes_list(enum op op)
{
	return op == OP_IN || op == OP_INTERSECTS || op == OP_PMATCH;
}

/* A constant as it was written, quotes and escapes undone. */
struct constant {
	struct span span;
	const char *text; /* with a NUL behind it */
	uint32_t size;
};

enum compare_how {
	COMPARE_NEVER, /* constant or operator do not apply to this event's field */
	COMPARE_NUMBER,
	COMPARE_BITS, /* some (number & mask) == value */
	COMPARE_REAL, /* floating-point numbers */
	COMPARE_TEXT,
	COMPARE_ADDRESS, /* IP addresses and networks */
	COMPARE_EXISTS,
};

enum text_of {
	TEXT_DATA,     /* the bytes behind the value */
	TEXT_RENDERED, /* as a template would show it */
	TEXT_FILE,     /* the name of what the kernel resolved */
};

struct bits {
	uint64_t number, mask;
};

struct network {
	uint8_t address[16];
	uint8_t size;   /* 4 or 16 */
	uint8_t prefix; /* bits that count */
};

struct pattern {
	const char *text;
	uint32_t size;
};

/* A comparison with everything known that can be known before the first event. */
struct compare {
	uint8_t how; /* enum compare_how */
	uint8_t op;
	uint8_t text_of;
	bool is_signed;
	/* What it was made for. */
	uint8_t kind;
	bool is_result;
	const struct values *values;
	uint32_t count;
	union {
		uint64_t *numbers; /* sorted for IN */
		double *reals;
		struct bits *bits;
		struct pattern *patterns; /* sorted by size, then bytes, for EQ, NE and IN */
		struct network *networks;
		void *memory;
	};
};

#define NO_COMPARE 0xffff

struct condition {
	struct span field, op_at, whole;
	struct field_use use;
	enum op op;
	uint32_t first_constant, constant_count;
	/* Comparisons: one, or for an event's arguments one for each kind and table of names that
	 * occurs. */
	struct compare *compares;
	uint32_t compare_count;
	uint16_t *compare_of; /* evt.arg: by event; NO_COMPARE: the event has no such argument */
	const struct field **argument_of; /* evt.arg: by event */
	uint64_t *events;           /* decided by the event alone: the events for which it holds */
	uint32_t on_true, on_false; /* the next condition, or one of JUMP_* */
};

#define JUMP_ACCEPT 0xfffffffeu
#define JUMP_REJECT 0xffffffffu

enum node_type { NODE_CONDITION, NODE_AND, NODE_OR, NODE_NOT, NODE_ERROR };

#define NO_NODE 0xffffffffu

struct node {
	uint8_t type;
	uint32_t condition;
	uint32_t first, last; /* children */
	uint32_t next;        /* sibling */
	struct span span;
};

struct problem {
	struct span span;
	char text[232];
};

#define MAX_PROBLEMS 8 /* that are told in full */

struct problems {
	struct problem list[MAX_PROBLEMS];
	unsigned int count; /* also of those that are not kept */
};

struct filter {
	char *text;
	uint32_t size;
	const struct schemas *schemas;
	struct node *nodes;
	uint32_t node_count, node_capacity, root;
	struct condition *conditions;
	uint32_t condition_count, condition_capacity;
	struct constant *constants;
	uint32_t constant_count, constant_capacity;
	char *strings; /* the constants' bytes; never more than the text, each with its NUL */
	uint32_t strings_size;
	uint32_t start; /* condition at which the evaluation begins */
	uint64_t *calls;
};

/* Room for one more element of a growing array; NULL without memory. */
void *filter__more(void **list, uint32_t count, uint32_t *capacity, size_t size);
static inline uint32_t filter__words(const struct filter *f)
{
	return (f->schemas->count + 63) / 64;
}

/* report.c */
void problems__add(struct problems *p, struct span span, const char *fmt, ...) __printf_like(3, 4);
/* Says them in `err` with a caret under each place. Returns -EINVAL. */
int problems__report(const struct problems *p, const char *text, size_t size, struct error *err);

/* parse.c: fills nodes, conditions and constants; -ENOMEM only. The errors go to `p`. */
int filter__parse(struct filter *f, struct problems *p) __must_check;

/* check.c: finds out what a condition compares; -ENOMEM only. */
int filter__check(struct filter *f, struct condition *c, struct problems *p) __must_check;
/* The comparison for an argument of this kind and table; NULL when there is none. */
struct compare *condition__compare(const struct condition *c, const struct field *field,
				   bool is_result);
void condition__free(struct condition *c);

/* constant.c: what a constant means to a field. 0, -EINVAL (not of this form), -ERANGE (too large
 * for it). */
int constant__number(const struct constant *c, const struct field *field, uint64_t *number);
int constant__bits(const struct constant *c, const struct field *field, struct bits *bits);
int constant__real(const struct constant *c, const struct field *field, double *real);
int constant__network(const struct constant *c, struct network *n);
/* Undoes bcontains' hexadecimal digits in place. */
int constant__hex(const struct constant *c, char *bytes, uint32_t *size);
/* Each name that a constant of this field may have, by number; NULL after the last. */
const char *field__constant_name(const struct field *field, unsigned int index, uint64_t *number);

/* A call's result: signed, whatever its kind. */
static inline bool is_result(const struct schema *s, const struct field *field)
{
	return field == s->fields && s->flags & SCHEMA_RESULT;
}

/* match.c */
bool text__contains(const char *text, size_t size, const char *part, size_t part_size);
bool text__contains_nocase(const char *text, size_t size, const char *part, size_t part_size);
bool text__glob(const char *text, size_t size, const char *glob, size_t glob_size, bool nocase);
bool text__path_under(const char *text, size_t size, const char *prefix, size_t prefix_size);
bool text__matches(enum op op, const char *text, size_t size, const struct pattern *p);

/* compare.c: how an operator and its constants are compared with a field; they fit, or why not. */
enum fit { FIT, MISFIT_OPERATOR, MISFIT_CONSTANT, MISFIT_RANGE };
/* `fits`, one for each constant, or NULL, tells how that constant fared. -ENOMEM; otherwise `how`
 * may be COMPARE_NEVER. */
int compare__make(struct compare *cmp, const struct field_use *use, const struct field *field,
		  bool is_result, enum op op, const struct constant *constants, uint32_t count,
		  uint8_t *fits, enum fit *fit) __must_check;
/* The operators that a field takes, for people. */
void compare__operators(const struct field_use *use, const struct field *field, struct buffer *out);
const char *compare__sort(const struct field_use *use, const struct field *field); /* "a number" */

/* eval.c */
bool compare__holds(const struct compare *c, const struct event *e, const struct value *v);
bool condition__holds(struct condition *c, const struct event *e);

/* kernel.c: what is known of a node when only the event's kind is. */
enum verdict { VERDICT_NO, VERDICT_YES, VERDICT_PERHAPS };
enum verdict node__verdict(const struct filter *f, uint32_t node, unsigned int event);

#endif
