/* SPDX-License-Identifier: Apache-2.0 */
/* Why does the verifier refuse a program: in which line of its source, and what to do about it? */
#ifndef SONDE_REFUSAL_H
#define SONDE_REFUSAL_H

#include "../base/error.h"

/* From the verifier's log. Returns `code`; `err` has the program, the line, the verifier's words,
 * and a hint where one is known. */
int refusal__tell(struct error *err, int code, const char *path, const char *program,
		  const char *log);
/* What to do about what the log ends with; NULL: not known. */
const char *refusal__hint(const char *log);

#endif
