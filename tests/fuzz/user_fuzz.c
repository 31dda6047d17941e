// SPDX-License-Identifier: Apache-2.0
/*
 * Any bytes as a program: its functions' names, their parameters, the members behind them, its USDT
 * probes. The first byte says what is asked, then up to a newline stand expressions, "" for all;
 * the program follows. Or a symbol that is to be made readable. tests/fuzz/seeds/user makes the
 * programs to begin with.
 */
#include "src/kernel/demangle.h"
#include "src/kernel/named.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define MOST_HOOKS 30

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_symbol(const uint8_t *data, size_t size)
{
	char *symbol = strndup((const char *)data, size), *plain = demangle(symbol);

	(void)is_clone(symbol);
	if (plain)
		assert(strlen(plain) < 4000);
	free(plain);
	free(symbol);
}

/* What a probe reads of its registers is within them. */
static int take_hook(void *context, const char *name, const char *place, struct named_hook *h)
{
	unsigned int *count = context;

	assert(*name && *place && h->from.count <= SONDE_NAMED_FIELDS);
	assert(h->schema.count == h->from.count && h->param_count <= ARRAY_SIZE(h->params));
	for (unsigned int i = 0; i < h->from.count; i++) {
		const struct sonde_named_field *f = &h->from.fields[i];

		assert(*h->fields[i].name && f->steps < SONDE_NAMED_STEPS);
		assert(f->bit + f->bits <= 64);
		assert(f->what == SONDE_NAMED_CONSTANT || f->offsets[0] < 168);
	}
	named_hook__free(h);
	return ++*count < MOST_HOOKS ? 0 : -E2BIG;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *line = size ? memchr(data, '\n', size) : NULL;
	size_t length = line ? line - data : 0;
	unsigned int count = 0;
	char chosen[400], pattern[64];
	struct named_user u = {.chosen = chosen, .each = take_hook, .context = &count};
	struct error err = {};
	int fd;

	if (size && *data == 'D') {
		read_symbol(data + 1, size - 1);
		return 0;
	}
	if (!length || length > sizeof(chosen))
		return 0;
	u.usdt = *data == 'U';
	u.at_return = *data == 'R';
	snprintf(chosen, sizeof(chosen), "%.*s", (int)length - 1, data + 1);
	fd = memfd_create("elf", 0);
	snprintf(pattern, sizeof(pattern), "/proc/self/fd/%d:*", fd);
	if (write(fd, line + 1, size - length - 1) == (ssize_t)(size - length - 1))
		(void)!named_user__find(&u, pattern, &err);
	close(fd);
	return 0;
}
