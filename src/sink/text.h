/* SPDX-License-Identifier: Apache-2.0 */
/* Lines for people: what strace's users read at once, and who did it. */
#ifndef SONDE_TEXT_H
#define SONDE_TEXT_H

#include "sink.h"

enum text_time {
	TEXT_TIME_MILLI,    /* 13:37:42.123 */
	TEXT_TIME_SECOND,   /* -t */
	TEXT_TIME_MICRO,    /* -tt */
	TEXT_TIME_EPOCH,    /* -ttt */
	TEXT_TIME_RELATIVE, /* -r: since the line before */
	TEXT_TIME_NONE,
};

struct text_options {
	int fd;                /* where to; stays the caller's */
	uint32_t string_limit; /* -s */
	uint8_t time;          /* enum text_time */
	uint8_t quiet; /* 1: without the last line; 2: without those of processes that end, too */
	bool whole_machine; /* with unit, container or user, and the parent's name */
	bool names;         /* <what descriptors are> */
	bool latency;       /* -T */
	bool fold;          /* repeats within a second become ×N */
	bool colour;
	unsigned int column; /* where = stands in a call; 0: strace's 40 */
};

int text__new(const struct text_options *options, struct sink **ret) __must_check;

#endif
