/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says, before anything is started, that tracing will not be possible: who must call, or what
 * the kernel lacks.
 */
#include "rights.h"
#include "../kernel/features.h"

#include <errno.h>
#include <stdio.h>

int trace_options__check_rights(const struct trace_options *o)
{
	struct error err = {};
	int r = features__check(&err);

	if (!r)
		return STATUS_OK;
	if (r == -EPERM && geteuid())
		fprintf(stderr, "sonde: %s; run: sudo %s\n", err.text, o->command_line);
	else
		fprintf(stderr, "sonde: %s\nsonde doctor says more\n", err.text);
	return STATUS_FAILURE;
}
