/* SPDX-License-Identifier: Apache-2.0 */
/* The catalogue as the system call program reads it: what to fetch of each call asked for. */
#ifndef SONDE_CALLS_H
#define SONDE_CALLS_H

#include "../event/schema.h"
#include "../event/select.h"
#include <sonde/call.h>

/* Whether anything of this call can be read at its entry only. */
bool call__has_entry(const struct schema *s);

/* What is wanted of the calls. */
struct calls_wanted {
	const struct selection *selected;
	bool entries; /* fetch what only the entry shows */
	bool env;     /* fetch environments, instead of counting them */
	/* Told of each value of a selecting argument with which other things are to be fetched; or
	 * NULL. */
	void (*variant)(void *context, const struct sonde_call_key *key,
			const struct sonde_call *call);
	void *context;
};

/*
 * Fills `table`: native calls, then 32-bit ones, 2 * SONDE_CALL_NUMBERS entries. Calls that are not
 * selected are there too, without SONDE_CALL_ON.
 */
void calls__fill(struct sonde_call *table, const struct schema *list, unsigned int count,
		 const struct calls_wanted *wanted);

#endif
