/* SPDX-License-Identifier: Apache-2.0 */
/* What a person at the terminal notices of sonde: how soon it shows something, what it takes while
 * nothing happens. */
#ifndef SONDE_BENCH_COMMAND_H
#define SONDE_BENCH_COMMAND_H

#include "../src/base/base.h"

struct command_costs {
	double first_event_ms; /* from the start of the command to the first event on its output;
				  median */
	double idle_percent;   /* of one CPU, while the traced process sleeps */
	double screen_p99_ms;  /* from a call to its line on the output */
	double memory_mb; /* resident beside the rings, after a million events of 10,000 processes
			     and paths */
};

/*
 * Measures `sonde`, a path. What could not be measured is negative, and `why` says why. Files are
 * made in `directory`.
 */
void command__measure(const char *sonde, const char *directory, struct command_costs *costs,
		      char *why, size_t size);

#endif
