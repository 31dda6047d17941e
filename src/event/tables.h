/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of values.def by number, for code that knows which one it wants: &tables[TABLE_open].
 */
#ifndef SONDE_TABLES_H
#define SONDE_TABLES_H

#include "schema.h"

enum table {
	TABLE_none,
#define TABLE(name)       TABLE_##name,
#define TABLE_OCTAL(name) TABLE_##name,
#include <catalogue/values.def>
	TABLES,
};

extern const struct values tables[TABLES];

/* The entry whose number is `number` under its mask, flags excepted; NULL when there is none. */
const struct named_value *values__value(const struct values *values, uint64_t number);

#endif
