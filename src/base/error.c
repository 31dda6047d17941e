// SPDX-License-Identifier: Apache-2.0
#include "error.h"
#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>

int error__set(struct error *err, int code, const char *fmt, ...)
{
	va_list args;

	if (!err || err->code)
		return code;
	err->code = code;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	text__tame(err->text);
	return code;
}
