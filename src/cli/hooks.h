/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of `sonde hooks` share. */
#ifndef SONDE_CLI_HOOKS_H
#define SONDE_CLI_HOOKS_H

#include "options.h"
#include "../base/buffer.h"
#include "../kernel/find.h"

/* Text of a stranger's, safe on a terminal. */
void hooks__escaped(struct buffer *b, const char *text);
/* {"kind":... without the closing brace. */
void hooks__json_head(struct buffer *b, const struct found *h);

/* -v: all that a person would look up by hand. */
struct hooks_about;
int hooks_about__new(struct live_schemas *known, struct hooks_about **ret) __must_check;
void hooks_about__free(struct hooks_about *a);
void hooks_about__text(struct hooks_about *a, const struct found *h, struct buffer *b, bool color);
/* More members of an object. */
void hooks_about__json(struct hooks_about *a, const struct found *h, struct buffer *b);

#endif
