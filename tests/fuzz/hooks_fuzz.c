// SPDX-License-Identifier: Apache-2.0
/*
 * What a hook is found in: ELF files with symbols and USDT notes, `format` files of tracepoints,
 * the arguments of a USDT probe. All is read within its bounds. The first byte says which.
 */
#include "src/kernel/binary.h"
#include "src/kernel/find_tracefs.h"
#include "src/kernel/named.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_arguments(const char *text)
{
	const char *end = text + strlen(text);
	struct usdt_argument a;

	while (usdt__next_argument(&text, &a))
		assert(a.place_size && a.place + a.place_size <= end);
}

static void take_symbol(void *context, const struct binary_symbol *s)
{
	assert(*s->name);
	*(size_t *)context += strlen(s->name);
}

static void take_probe(void *context, const struct binary_probe *p)
{
	*(size_t *)context += strlen(p->provider) + strlen(p->name);
	read_arguments(p->arguments);
}

static void read_binary(const uint8_t *data, size_t size)
{
	size_t sum = 0;
	struct binary_reader reader = {take_symbol, take_probe, &sum};
	int fd = memfd_create("elf", 0);
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, data, size) == (ssize_t)size)
		(void)!binary__read(path, &reader, NULL);
	close(fd);
}

static void read_format(const char *text)
{
	struct named_hook *h = named_hook__new();
	struct tracepoint_field field;
	const char *end = text + strlen(text);

	for (const char *at = text; tracepoint__next_field(&at, &field);)
		assert(field.name >= field.declaration && field.name + field.name_size <= end &&
		       field.declaration + field.size <= end && at > text);
	(void)!named_tracepoint__read(h, "x", text);
	named_hook__free(h);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text;

	if (!size)
		return 0;
	if (*data == 'E') {
		read_binary(data + 1, size - 1);
		return 0;
	}
	text = strndup((const char *)data + 1, size - 1);
	if (*data == 'F')
		read_format(text);
	else
		read_arguments(text);
	free(text);
	return 0;
}
