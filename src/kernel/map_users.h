/* SPDX-License-Identifier: Apache-2.0 */
/* Which maps do the probes' programs use, and which helpers do they call? Maps that none of the
 * loaded ones uses need not be created. */
#ifndef SONDE_MAP_USERS_H
#define SONDE_MAP_USERS_H

#include "../base/base.h"

#define MAX_HELPERS 512

struct map_users;

/* Reads it from the relocations of an object file, which must stay where it is. -EINVAL: it is
 * none; -ENOMEM. */
int map_users__new(const void *elf, size_t size, struct map_users **ret) __must_check;
void map_users__free(struct map_users *u);

/* Takes note that a program is to be loaded, with all functions that it calls. */
void map_users__add(struct map_users *u, const char *program);
/* Whether one of those that were added names this map: of a .maps section by its own name, of data
 * by that of its section. */
bool map_users__have(const struct map_users *u, const char *map);
/* Whether one of them calls the helper of this number. */
bool map_users__call(const struct map_users *u, unsigned int helper);

#endif
