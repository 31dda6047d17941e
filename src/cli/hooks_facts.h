/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of one hook: gathered from the kernel's types, tracefs, the ELF file, and by
 * trying. */
#ifndef SONDE_HOOKS_FACTS_H
#define SONDE_HOOKS_FACTS_H

#include "../event/schema.h"
#include "../kernel/features.h"
#include "../kernel/find.h"
#include "../kernel/named.h"

struct hook_argument {
	char name[80];
	char type[200];
	char place[80]; /* register, or what USDT says; "" */
	int offset;     /* in the context; -1: none */
	unsigned int size;
	const struct field *field; /* how sonde shows it; NULL: it does not */
	char shown[160];           /* the same in words: the kind, or the names of several fields */
};

struct hook_section {
	char name[300];
	struct feature_result state;
};

struct hook_facts {
	struct hook_argument *arguments;
	unsigned int argument_count;
	struct hook_section sections[4];
	unsigned int section_count;
	char template[16];     /* KIND of sonde probe new */
	char *context, *print; /* or NULL */
	bool traceable;        /* -e takes its word */
	struct named_hooks named;
};

struct hooks_about;
void hook_facts__find(struct hook_facts *f, struct hooks_about *a, const struct found *h);
void hook_facts__release(struct hook_facts *f);

#endif
