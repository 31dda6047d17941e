// SPDX-License-Identifier: Apache-2.0
/* Room is made once for all of it: a key and a value have their bounds each. */
#include "json_head.h"

#define VALUE_BYTES 32 /* the longest name of an errno, nanoseconds since the epoch in quotes */
#define HEAD_BYTES  (JSON_FD_NUMBER * (FRAGMENT_BYTES + VALUE_BYTES))

static char *put_key(char *p, const struct fragment *f)
{
	memcpy(p, f->text, FRAGMENT_BYTES);
	return p + f->size;
}

static char *put_unsigned(char *p, uint64_t n)
{
	return p + unsigned_digits(p, n);
}

static char *put_signed(char *p, int64_t n)
{
	if (n >= 0)
		return put_unsigned(p, n);
	*p = '-';
	return put_unsigned(p + 1, -(uint64_t)n);
}

static void nine_digits(char *to, uint32_t n)
{
	for (unsigned int i = 9; i > 0; n /= 10)
		to[--i] = '0' + n % 10;
}

/* The time of day and the time since the epoch have the same fraction. */
static char *put_times(char *p, const struct json_plan *plan, struct clock *clock,
		       const struct event *e)
{
	uint32_t fraction = clock__show(clock, e->host, e->record->time);
	char digits[9];

	nine_digits(digits, fraction);
	p = put_key(p, &plan->specials[JSON_TIME]);
	*p++ = '"';
	memcpy(p, clock->text, sizeof(clock->text));
	p += sizeof(clock->text);
	*p++ = '.';
	memcpy(p, digits, sizeof(digits));
	p += sizeof(digits);
	*p++ = '"';
	p = put_key(p, &plan->specials[JSON_RAW_TIME]);
	*p++ = '"';
	if (likely(clock->second)) {
		memcpy(p, clock->epoch, sizeof(clock->epoch));
		p += clock->epoch_size;
		memcpy(p, digits, sizeof(digits));
		p += sizeof(digits);
	} else {
		p = put_unsigned(p, fraction);
	}
	*p++ = '"';
	return p;
}

static char *put_result(char *p, const struct json_plan *plan, const struct event *e)
{
	const char *name = "SUCCESS";
	int64_t result = event__result(e);

	if (event__failed(e))
		name = errno_name(-result);
	p = put_key(p, &plan->specials[JSON_RESULT]);
	*p++ = '"';
	if (name) {
		size_t size = strnlen(name, VALUE_BYTES - 2);

		memcpy(p, name, size);
		p += size;
	} else {
		p = put_signed(p, result);
	}
	*p++ = '"';
	p = put_key(p, &plan->specials[JSON_RAW_RESULT]);
	return put_signed(p, result);
}

void json_head__put(const struct json_plan *plan, const struct json_schema *js, struct clock *clock,
		    struct buffer *b, const struct event *e, bool pending)
{
	char *p;

	if (!buffer__reserve(b, HEAD_BYTES))
		return;
	p = put_key(b->data + b->size, &plan->specials[JSON_NUMBER]);
	p = put_unsigned(p, e->number);
	p = put_times(p, plan, clock, e);
	p = put_key(p, &plan->specials[JSON_CPU]);
	p = put_unsigned(p, e->record->cpu);
	if (!pending) {
		if (js->result)
			p = put_result(p, plan, e);
		p = put_key(p, &plan->specials[JSON_FAILED]);
		memcpy(p, event__failed(e) ? "true " : "false", 5);
		p += event__failed(e) ? 4 : 5;
	}
	b->size = p - b->data;
}
