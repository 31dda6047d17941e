// SPDX-License-Identifier: Apache-2.0
#include "program_types.h"

#include "../base/suggest.h"

#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

/* The kernel's headers have it from 6.4 on. */
#define BPF_PROG_TYPE_NETFILTER 32

static const struct program_row rows[] = {
#define FAMILY(title, text) {.kind = ROW_FAMILY, .name = title, .does = text},
#define TYPE(title, ...)    {.kind = ROW_TYPE, .name = title, __VA_ARGS__},
#define SECTION(pattern, behind, of, version)                                                      \
	{.kind = ROW_SECTION,                                                                      \
	 .name = pattern,                                                                          \
	 .target = behind,                                                                         \
	 .type = BPF_PROG_TYPE_##of,                                                               \
	 .since = version},
#include "catalogue/program_types.def"
};

const struct program_row *program_rows(unsigned int *count)
{
	*count = ARRAY_SIZE(rows);
	return rows;
}

/* "kprobe+": "kprobe" and "kprobe/TARGET", as in libbpf's own table. */
static bool matches(const char *pattern, const char *section)
{
	size_t size = strlen(pattern);

	if (!size || pattern[size - 1] != '+')
		return !strcmp(pattern, section);
	size--;
	return !strncmp(pattern, section, size) && (!section[size] || section[size] == '/');
}

const struct program_row *program_row__of(const char *section, const struct program_row **type)
{
	section += *section == '?';
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].kind == ROW_TYPE)
			*type = &rows[i];
		else if (rows[i].kind == ROW_SECTION && matches(rows[i].name, section))
			return &rows[i];
	}
	return NULL;
}

void section__explain(const char *section, char *to, size_t room)
{
	const struct program_row *type;
	const char *slash;
	struct suggest near;

	section += *section == '?';
	slash = strchrnul(section, '/');
	if (program_row__of(section, &type)) {
		snprintf(to, room,
			 "the libbpf that sonde was built with does not know this section");
		return;
	}
	/* What stands before the slash, unless the whole is a name: "xdp/devmap". */
	suggest__start(&near, section, strlen(section));
	for (int whole = 1; whole >= 0 && !near.best; whole--) {
		if (!whole)
			suggest__start(&near, section, slash - section);
		for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++)
			if (rows[i].kind == ROW_SECTION)
				suggest__offer_bytes(&near, rows[i].name,
						     strcspn(rows[i].name, "+"));
	}
	snprintf(to, room, "no section of a BPF program is called so%s%.*s%s",
		 near.best ? "; did you mean " : "", near.best ? (int)near.best_size : 0,
		 near.best ?: "", near.best ? "?" : "");
}
