/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which events does a person want to see? A filter in the syntax of sysdig and Falco, compiled for
 * the events of this run: what can be decided in the kernel is handed out as terms, the rest is
 * decided here.
 */
#ifndef SONDE_FILTER_H
#define SONDE_FILTER_H

#include "../base/buffer.h"
#include "../base/error.h"
#include "../event/event.h"

struct filter;

#define FILTER_MAX_SIZE  (1 << 20) /* bytes of a filter's text */
#define FILTER_MAX_DEPTH 100       /* parentheses and `not (` within each other */

/*
 * Compiles `text` for the events that may occur. `schemas` must outlive the filter.
 * -EINVAL: the filter is wrong; `err` says all errors, each with a caret under its place. -E2BIG,
 * -ENOMEM.
 */
int filter__new(const char *text, const struct schemas *schemas, struct filter **ret,
		struct error *err) __must_check;
void filter__free(struct filter *f);

/* Not const: remembers where an event's arguments are. One thread at a time. */
bool filter__matches(struct filter *f, const struct event *e);

/* What must be captured so that the filter can decide: enum field_needs. */
unsigned int filter__needs(const struct filter *f);

/* May this event match at all? */
bool filter__may_match(const struct filter *f, unsigned int event);
/* Sets in `bits`, (schemas->count + 63) / 64 words, the events that may match, and clears the
 * others. */
void filter__calls(const struct filter *f, uint64_t *bits);

enum filter_op { FILTER_EQ, FILTER_NE, FILTER_LT, FILTER_LE, FILTER_GT, FILTER_GE };

/* Holds when (number at `offset`, & mask) op value. */
struct filter_term {
	uint16_t offset; /* from the start of struct sonde_record */
	uint8_t size;    /* 1, 2, 4 or 8 bytes there */
	uint8_t op;      /* enum filter_op */
	bool is_signed;  /* the number is extended by its sign, and so compared */
	bool last;       /* ends a clause */
	uint64_t mask;
	uint64_t value;
};

#define FILTER_MAX_TERMS 64

/* Each clause must hold; of the terms of one clause, at least one. */
struct filter_terms {
	unsigned int count;
	bool exact; /* the terms decide all: user space has nothing left to ask of this event */
	struct filter_term list[FILTER_MAX_TERMS];
};

/*
 * What the finished record of a call, or other event, tells the kernel. The terms hold for each
 * record that the filter wants, and perhaps for others. They speak of records without
 * SONDE_RECORD_ENTRY. 0 terms: no condition.
 */
void filter__kernel_terms(const struct filter *f, unsigned int event, struct filter_terms *terms);
/* Does a record pass the terms? What the generated program must do; for tests and for readers
 * without a kernel. */
bool filter_terms__hold(const struct filter_terms *terms, const struct sonde_record *record);

/* Who decides what: the events that are captured, the kernel's conditions, and those left to user
 * space. `selected`: bits of the events that come into question; NULL: all. */
void filter__explain(const struct filter *f, const uint64_t *selected, struct buffer *out);

#endif
