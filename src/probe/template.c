// SPDX-License-Identifier: Apache-2.0
#include "template.h"
#include <errno.h>
int probe_template(const char *kind, const char *target, struct buffer *b, struct error *err)
{
	return -EINVAL;
}
