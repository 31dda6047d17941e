/* SPDX-License-Identifier: Apache-2.0 */
/* What types do the kernel's modules have, beside the kernel's own? */
#ifndef SONDE_MODULES_H
#define SONDE_MODULES_H

#include "../base/base.h"

struct btf;

struct module_types {
	struct module_types *next;
	struct btf *btf; /* the kernel's, and behind them the module's */
	uint32_t first;  /* id of those */
	char name[];
};

/* Those of all modules that are loaded and tell their types. They refer to `kernel`. */
struct module_types *modules__types(const struct btf *kernel);
void modules__free(struct module_types *modules);

/* Of one; NULL: errno says why. */
struct btf *module__types(const char *name, const struct btf *kernel);
/* A descriptor by which the kernel knows a module's types; negative errno. */
int module__open(const char *name) __must_check;

#endif
