// SPDX-License-Identifier: Apache-2.0
#include "operations.h"

#include <catalogue/call_numbers.h>
#include <string.h>

enum {
	NONE = 0,
	FD = SONDE_SQE(4, 4),
	FILE = SONDE_SQE(SONDE_SQE_FILE, 4),
	ADDR2 = SONDE_SQE(8, 8),
	ADDR = SONDE_SQE(16, 8),
	LEN = SONDE_SQE(24, 4),
	FLAGS = SONDE_SQE(28, 4),
	INDEX = SONDE_SQE(44, 4),
	ADDR_LEN = SONDE_SQE(44, 2),
	ADDR3 = SONDE_SQE(48, 8),
};

enum {
	DIRECT = SONDE_OPERATION_DIRECT,
	OFFSETS = SONDE_OPERATION_OFFSETS,
};

const struct sonde_operation operations[2 * SONDE_OPERATIONS] = {
#define OPERATION(number, name, more, call_name, ...)                                              \
	[number] = {.call = SONDE_NR_##call_name + 1, .flags = (more), .args = {__VA_ARGS__}},
#define INSTEAD(number, more, member, bits, wanted, call_name, ...)                                \
	[SONDE_OPERATIONS + (number)] = {.call = SONDE_NR_##call_name + 1,                         \
					 .flags = (more),                                          \
					 .test = (member),                                         \
					 .mask = (bits),                                           \
					 .value = (wanted),                                        \
					 .args = {__VA_ARGS__}},
#include <catalogue/operations.def>
#undef OPERATION
#undef INSTEAD
};

/* Those that are shown as a near relation, or not at all. */
static const char *const resembling[] = {"preadv", "pwritev",  "accept", "epoll_wait",
					 "poll",   "renameat", "futex",  NULL};

bool operations__resemble(const struct schema *call)
{
	for (unsigned int i = 0; resembling[i]; i++)
		if (!strcmp(resembling[i], call->name))
			return true;
	return false;
}

bool operations__do(const struct schema *call)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(operations); i++)
		if (call->number >= 0 && operations[i].call == call->number + 1)
			return true;
	return false;
}
