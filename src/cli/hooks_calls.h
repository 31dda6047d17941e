/* SPDX-License-Identifier: Apache-2.0 */
/* A sink that counts calls, and at the end says which hooks show them. */
#ifndef SONDE_HOOKS_CALLS_H
#define SONDE_HOOKS_CALLS_H

#include "../sink/sink.h"

int hooks_calls__new(int fd, const struct schemas *all, bool json, struct sink **ret) __must_check;

#endif
