/* SPDX-License-Identifier: Apache-2.0 */
/* What the files that write templates share. */
#ifndef SONDE_TEMPLATE_INSIDE_H
#define SONDE_TEMPLATE_INSIDE_H

#include "template.h"
#include "../base/buffer.h"
#include "../kernel/named.h"

#include <stdio.h>

struct template
{
	struct buffer *b;
	const char *kind, *target;
	char name[100]; /* of the event and the program */
	struct probes *probes;
	struct named_hooks hooks; /* with fields, where the kernel tells them */
};

void template__head(struct template *t, const char *what);
void template__license(struct template *t);
/* EVENT() with a member for each field; `result`: the first is what came of it. */
void template__event(struct template *t, const struct field *fields, unsigned int count,
		     const char *help, bool result);
/* Whether a field's bytes follow the fixed part. */
bool template__is_data(const struct field *f);

/* Each writes the template of some kinds. -EINVAL, -ENOENT: `err` says what is wrong with the
 * target. */
int template__tracepoint(struct template *t, struct error *err);
int template__function(struct template *t, struct error *err);
int template__call(struct template *t, struct error *err);
int template__user(struct template *t, struct error *err);
int template__usdt(struct template *t, struct error *err);
int template__perf(struct template *t, struct error *err);
int template__network(struct template *t, struct error *err);
int template__iterator(struct template *t, struct error *err);

#endif
