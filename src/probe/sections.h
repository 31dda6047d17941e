/* SPDX-License-Identifier: Apache-2.0 */
/* Names of what objects are made of, and since which kernel there is each. */
#ifndef SONDE_PROBE_SECTIONS_H
#define SONDE_PROBE_SECTIONS_H

#include "../base/base.h"

/* A kernel's version, 5.10 as 510; 0: any that sonde runs on, or unknown. */
unsigned int since__program(const char *section);
unsigned int since__map(unsigned int type);
unsigned int since__helper(unsigned int helper);
/* "5.10" from 510. */
void since__text(unsigned int version, char *to, size_t room);

/* NULL: unknown. */
const char *helper_name(unsigned int helper);

#endif
