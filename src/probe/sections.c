// SPDX-License-Identifier: Apache-2.0
#include "sections.h"
#include "../kernel/program_types.h"

#include <bpf/bpf.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <string.h>

static const char *const helpers[] = {
/* Newer headers give it the number, too. */
#define NAME(name, ...) [BPF_FUNC_##name] = #name
	__BPF_FUNC_MAPPER(NAME)
#undef NAME
};

const char *helper_name(unsigned int helper)
{
	return helper < ARRAY_SIZE(helpers) ? helpers[helper] : NULL;
}

/* Helpers are numbered as they came: the last of each kernel. */
static const struct {
	uint16_t last, version;
} helper_versions[] = {
	{3, 319},   {13, 401},  {26, 404},  {37, 408},  {43, 409},  {50, 412},  {59, 415},
	{68, 417},  {82, 418},  {90, 420},  {94, 500},  {104, 501}, {108, 502}, {109, 503},
	{110, 504}, {115, 505}, {118, 506}, {124, 507}, {135, 508}, {141, 509}, {155, 510},
	{162, 511}, {163, 512}, {165, 513}, {168, 514}, {175, 515}, {179, 516}, {185, 517},
	{193, 518}, {203, 519}, {207, 600}, {209, 601}, {211, 602},
};

unsigned int since__helper(unsigned int helper)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(helper_versions); i++)
		if (helper <= helper_versions[i].last)
			return helper_versions[i].version;
	return 0;
}

/* By number, too. */
static const uint16_t map_versions[] = {
	0,   319, 319, 402, 403, 406, 406, 406, 408, 410, 410, 411, 412, 412, 414, 414,
	415, 418, 418, 418, 419, 419, 419, 419, 502, 504, 506, 508, 510, 511, 516, 601,
};

unsigned int since__map(unsigned int type)
{
	return type < ARRAY_SIZE(map_versions) ? map_versions[type] : type == 32 ? 602 : 0;
}

unsigned int since__program(const char *section)
{
	const struct program_row *type, *row = program_row__of(section, &type);

	return row ? row->since : 0;
}

void since__text(unsigned int version, char *to, size_t room)
{
	snprintf(to, room, "%u.%u", version / 100, version % 100);
}
