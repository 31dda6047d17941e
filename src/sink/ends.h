/* SPDX-License-Identifier: Apache-2.0 */
/* Why did a process end? Remembers who sent which signal to whom, so that an exit by signal can say
 * so. */
#ifndef SONDE_ENDS_H
#define SONDE_ENDS_H

#include "../event/render.h"

#define ENDS_SIGNALS 64

struct ends_signal {
	uint64_t time;
	uint32_t target, sender, sender_tid;
	int32_t sig;
	bool oom, kernel;
	const char *reason; /* SI_USER ..., or NULL */
	char name[32];      /* of the sender, escaped */
};

struct ends {
	struct ends_signal signals[ENDS_SIGNALS]; /* a ring */
	unsigned int next;
};

/* Learns from signal and oom_kill events, ignores others. */
void ends__learn(struct ends *ends, const struct event *e);
/* --- SIGTERM to sh[4242] (SI_USER) ---, +++ exited with 1 +++, +++ killed by SIGKILL +++ and who
 * sent it. false: neither. */
bool ends__render(const struct ends *ends, struct buffer *b, const struct render *r,
		  const struct event *e);

#endif
