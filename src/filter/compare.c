// SPDX-License-Identifier: Apache-2.0
/* How is a field compared? Joins the field's kind, the operator and the constants into a
 * comparison. */
#include "node.h"

#include <errno.h>

enum sort {
	SORT_NUMBER,
	SORT_REAL,
	SORT_NAMES,
	SORT_FLAGS,
	SORT_YES_NO,
	SORT_TEXT,
	SORT_ADDRESS,
	SORT_DESCRIPTOR,
	SORTS
};

#define BIT(op) (1u << OP_##op)
#define EQUAL   (BIT(EQ) | BIT(NE) | BIT(IN) | BIT(EXISTS))
#define ORDERED (EQUAL | BIT(LT) | BIT(LE) | BIT(GT) | BIT(GE) | BIT(INTERSECTS))
#define RESEMBLES                                                                                  \
	(BIT(CONTAINS) | BIT(ICONTAINS) | BIT(STARTSWITH) | BIT(ENDSWITH) | BIT(GLOB) | BIT(IGLOB))
#define BYTES (BIT(BCONTAINS) | BIT(BSTARTSWITH) | BIT(PMATCH))

static const struct {
	const char *words;
	uint32_t ops;
} sorts[SORTS] = {
	[SORT_NUMBER] = {"a number", ORDERED},
	[SORT_REAL] = {"a floating-point number", ORDERED},
	[SORT_NAMES] = {"a number with names", ORDERED | RESEMBLES},
	[SORT_FLAGS] = {"a set of flags", ORDERED | BIT(CONTAINS)},
	[SORT_YES_NO] = {"true or false", EQUAL | BIT(TRUE)},
	[SORT_TEXT] = {"text", EQUAL | BIT(INTERSECTS) | RESEMBLES | BYTES},
	[SORT_ADDRESS] = {"an IP address", EQUAL | BIT(INTERSECTS)},
	[SORT_DESCRIPTOR] = {"a descriptor", ORDERED | RESEMBLES | BYTES},
};

static enum sort sort_of(const struct field_use *use, const struct field *field)
{
	switch (field->kind) {
	case KIND_flags:
	case KIND_flags64:
	case KIND_mode:
	case KIND_fmode:
	case KIND_caps:
		return SORT_FLAGS;
	case KIND_bool:
		return SORT_YES_NO;
	case KIND_ip:
		return SORT_ADDRESS;
	case KIND_float:
	case KIND_double:
		return SORT_REAL;
	case KIND_fd:
		return SORT_DESCRIPTOR;
	case KIND_enum:
	case KIND_signal:
	case KIND_errno:
	case KIND_call:
	case KIND_ioctl:
		return SORT_NAMES;
	}
	if (kinds[field->kind].class > CLASS_SIGNED)
		return SORT_TEXT;
	return field->values ? SORT_NAMES : SORT_NUMBER;
}

const char *compare__sort(const struct field_use *use, const struct field *field)
{
	return sorts[sort_of(use, field)].words;
}

void compare__operators(const struct field_use *use, const struct field *field, struct buffer *out)
{
	uint32_t ops = sorts[sort_of(use, field)].ops;

	for (unsigned int op = 0; op < OP_TRUE; op++) {
		if (!(ops & 1u << op))
			continue;
		if (out->size)
			buffer__char(out, ' ');
		buffer__text(out, op_names[op]);
	}
}

static int order_numbers(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int order_patterns(const void *a, const void *b)
{
	const struct pattern *x = a, *y = b;

	return x->size != y->size ? (x->size > y->size) - (x->size < y->size)
				  : memcmp(x->text, y->text, x->size);
}

static enum fit fit_of(int err)
{
	return err == -ERANGE ? MISFIT_RANGE : err ? MISFIT_CONSTANT : FIT;
}

static enum op text_op(enum op op)
{
	return op == OP_INTERSECTS ? OP_IN : op;
}

static int make_text(struct compare *cmp, const struct field *field, enum op op,
		     const struct constant *constants, uint32_t count, uint8_t *fits)
{
	bool closed = field->kind == KIND_text && field->values &&
		      (op == OP_EQ || op == OP_NE || op == OP_IN);

	cmp->patterns = calloc(max(count, 1u), sizeof(*cmp->patterns));
	if (!cmp->patterns)
		return -ENOMEM;
	cmp->how = COMPARE_TEXT;
	cmp->op = text_op(op);
	for (uint32_t i = 0; i < count; i++) {
		bool known = !closed;

		for (unsigned int j = 0; !known && j < field->values->count; j++)
			known = !strcmp(field->values->list[j].name, constants[i].text);
		fits[i] = known ? FIT : MISFIT_CONSTANT;
		if (known)
			cmp->patterns[cmp->count++] =
				(struct pattern){constants[i].text, constants[i].size};
	}
	if (cmp->op == OP_EQ || cmp->op == OP_NE || cmp->op == OP_IN)
		qsort(cmp->patterns, cmp->count, sizeof(*cmp->patterns), order_patterns);
	return 0;
}

static int make_addresses(struct compare *cmp, enum op op, const struct constant *constants,
			  uint32_t count, uint8_t *fits)
{
	cmp->networks = calloc(max(count, 1u), sizeof(*cmp->networks));
	if (!cmp->networks)
		return -ENOMEM;
	cmp->how = COMPARE_ADDRESS;
	cmp->op = op;
	for (uint32_t i = 0; i < count; i++) {
		fits[i] = fit_of(constant__network(&constants[i], &cmp->networks[cmp->count]));
		cmp->count += fits[i] == FIT;
	}
	return 0;
}

static int make_reals(struct compare *cmp, const struct field *field, enum op op,
		      const struct constant *constants, uint32_t count, uint8_t *fits)
{
	cmp->reals = calloc(max(count, 1u), sizeof(*cmp->reals));
	if (!cmp->reals)
		return -ENOMEM;
	cmp->how = COMPARE_REAL;
	cmp->op = op == OP_INTERSECTS ? OP_IN : op;
	for (uint32_t i = 0; i < count; i++) {
		fits[i] = fit_of(constant__real(&constants[i], field, &cmp->reals[cmp->count]));
		cmp->count += fits[i] == FIT;
	}
	return 0;
}

static int make_bits(struct compare *cmp, const struct field *field,
		     const struct constant *constants, uint32_t count, uint8_t *fits)
{
	cmp->bits = calloc(max(count, 1u), sizeof(*cmp->bits));
	if (!cmp->bits)
		return -ENOMEM;
	cmp->how = COMPARE_BITS;
	for (uint32_t i = 0; i < count; i++) {
		fits[i] = fit_of(constant__bits(&constants[i], field, &cmp->bits[cmp->count]));
		cmp->count += fits[i] == FIT;
	}
	return 0;
}

/* startswith and its like ask for a name: the numbers whose names answer are known now. */
static int make_named(struct compare *cmp, const struct field *field, enum op op,
		      const struct constant *constant, uint8_t *fits)
{
	struct pattern pattern = {constant->text, constant->size};
	const char *name;
	uint32_t capacity = 0;
	uint64_t number;

	cmp->how = COMPARE_NUMBER;
	cmp->op = OP_IN;
	for (unsigned int i = 0; (name = field__constant_name(field, i, &number)); i++) {
		if (!text__matches(op, name, strlen(name), &pattern))
			continue;
		if (!filter__more((void **)&cmp->numbers, cmp->count, &capacity, sizeof(number)))
			return -ENOMEM;
		cmp->numbers[cmp->count++] = number;
	}
	fits[0] = cmp->count ? FIT : MISFIT_CONSTANT;
	if (cmp->count)
		qsort(cmp->numbers, cmp->count, sizeof(number), order_numbers);
	return 0;
}

/* evt.res says SUCCESS or an error's name; both are numbers. */
static int result_number(const struct constant *c, const struct field *field, uint64_t *number)
{
	int err;

	if (!strcmp(c->text, "SUCCESS")) {
		*number = 0;
		return 0;
	}
	err = constant__number(c, field, number);
	if (err)
		return err;
	if ((int64_t)*number < 0)
		*number = -*number;
	else if (*number && c->text[0] >= '0' && c->text[0] <= '9')
		return -EINVAL; /* a success is SUCCESS: its number is evt.rawres */
	return 0;
}

static int make_numbers(struct compare *cmp, const struct field_use *use, const struct field *field,
			enum op op, const struct constant *constants, uint32_t count, uint8_t *fits)
{
	static const struct field error = {.name = "errno", .kind = KIND_errno};
	bool result = use->def->means == MEANS_RESULT;

	cmp->numbers = calloc(max(count, 1u), sizeof(*cmp->numbers));
	if (!cmp->numbers)
		return -ENOMEM;
	cmp->how = COMPARE_NUMBER;
	cmp->op = op == OP_INTERSECTS ? OP_IN : op;
	for (uint32_t i = 0; i < count; i++) {
		uint64_t *number = &cmp->numbers[cmp->count];

		fits[i] = fit_of(result ? result_number(&constants[i], &error, number)
					: constant__number(&constants[i], field, number));
		cmp->count += fits[i] == FIT;
	}
	if (cmp->op == OP_IN)
		qsort(cmp->numbers, cmp->count, sizeof(*cmp->numbers), order_numbers);
	return 0;
}

/* Descriptors compare as numbers, but with a name where a name is given: evt.arg.fd=/etc/passwd. */
static bool is_file_name(const struct field *field, enum op op, const struct constant *constants,
			 uint32_t count)
{
	uint64_t number;

	if (field->kind != KIND_fd)
		return false;
	if ((RESEMBLES | BYTES) & 1u << op)
		return true;
	return count &&
	       (memchr(constants[0].text, '/', constants[0].size) ||
		memchr(constants[0].text, ':', constants[0].size)) &&
	       constant__number(&constants[0], field, &number);
}

static bool is_text_of_data(const struct field *field)
{
	return field->kind == KIND_path || field->kind == KIND_string || field->kind == KIND_text ||
	       field->kind == KIND_buffer;
}

static int make(struct compare *cmp, const struct field_use *use, const struct field *field,
		enum op op, const struct constant *constants, uint32_t count, uint8_t *fits)
{
	static const struct constant yes = {.text = "true", .size = 4};
	enum sort sort = sort_of(use, field);

	if (op == OP_EXISTS) {
		cmp->how = COMPARE_EXISTS;
		return 0;
	}
	if (op == OP_TRUE)
		return make_numbers(cmp, use, field, OP_EQ, &yes, 1, fits);
	if (sort == SORT_ADDRESS)
		return make_addresses(cmp, op, constants, count, fits);
	if (is_file_name(field, op, constants, count)) {
		cmp->text_of = TEXT_FILE;
		return make_text(cmp, field, op, constants, count, fits);
	}
	if (sort == SORT_REAL)
		return make_reals(cmp, field, op, constants, count, fits);
	if (sort == SORT_FLAGS && (op == OP_CONTAINS || op == OP_INTERSECTS))
		return make_bits(cmp, field, constants, count, fits);
	if (sort == SORT_NAMES && RESEMBLES & 1u << op)
		return make_named(cmp, field, op, constants, fits);
	if (sort != SORT_TEXT || (use->def->means == MEANS_RESULT && EQUAL & 1u << op))
		return make_numbers(cmp, use, field, op, constants, count, fits);
	cmp->text_of = is_text_of_data(field) ? TEXT_DATA : TEXT_RENDERED;
	return make_text(cmp, field, op, constants, count, fits);
}

int compare__make(struct compare *cmp, const struct field_use *use, const struct field *field,
		  bool is_result, enum op op, const struct constant *constants, uint32_t count,
		  uint8_t *fits, enum fit *fit)
{
	uint8_t one = FIT;
	int err;

	*cmp = (struct compare){
		.kind = field->kind, .values = field->values, .is_result = is_result};
	cmp->is_signed = is_result || kinds[field->kind].class == CLASS_SIGNED;
	*fit = MISFIT_OPERATOR;
	if (!(sorts[sort_of(use, field)].ops & 1u << op))
		return 0;
	err = make(cmp, use, field, op, constants, count, fits ? fits : &one);
	if (err)
		return err;
	*fit = FIT;
	if (cmp->how == COMPARE_EXISTS || cmp->count)
		return 0;
	*fit = MISFIT_CONSTANT;
	/* A name that this table does not have: no value equals it. */
	if (op == OP_NE && cmp->how == COMPARE_NUMBER) {
		cmp->how = COMPARE_BITS; /* with (n & 0) == 0, always true */
		cmp->count = 1;
		free(cmp->numbers);
		cmp->bits = calloc(1, sizeof(*cmp->bits));
		return cmp->bits ? 0 : -ENOMEM;
	}
	cmp->how = COMPARE_NEVER;
	return 0;
}
