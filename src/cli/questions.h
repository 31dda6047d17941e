/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people ask of a tracer, and the command that answers: for bare `sonde`, man page, README
 * and a live test.
 */
#ifndef SONDE_QUESTIONS_H
#define SONDE_QUESTIONS_H

struct question {
	const char *question;
	const char *command; /* as typed; PID and DIR stand for the reader's own */
};

#define QUESTIONS 10

extern const struct question questions[QUESTIONS];

#endif
