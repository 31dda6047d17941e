/* SPDX-License-Identifier: Apache-2.0 */
/* -c: how often, how long, how many failed. strace's table with p50 and p99; calls that wait have a
 * table of their own. */
#ifndef SONDE_SUMMARY_H
#define SONDE_SUMMARY_H

#include "sink.h"

/* Needs events with their latency. `json`: one object instead of tables. */
int summary__new(int fd, bool json, struct sink **ret) __must_check;

#endif
