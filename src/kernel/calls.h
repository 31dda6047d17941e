/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue as the system call program reads it: what to fetch of each call that is asked for. */
#ifndef SONDE_CALLS_H
#define SONDE_CALLS_H

#include "../event/schema.h"
#include "../event/select.h"
#include <sonde/call.h>

/* Whether anything of this call can be read at its entry only. */
bool call__has_entry(const struct schema *s);

/*
 * Fills `table` (native calls, then 32-bit ones: 2 * SONDE_CALL_NUMBERS entries). With `entries`, what only the entry
 * shows is fetched there. With `env`, environments are fetched, not only counted. Calls that are not selected are there too, without SONDE_CALL_ON.
 */
void calls__fill(struct sonde_call *table, const struct schema *list, unsigned int count,
		 const struct selection *selected, bool entries, bool env);

#endif
