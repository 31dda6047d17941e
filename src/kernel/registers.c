// SPDX-License-Identifier: Apache-2.0
#include "registers.h"

#include <string.h>

#if defined(__x86_64__)
const struct machine_register argument_registers[] = {
	{"rdi", 112}, {"rsi", 104}, {"rdx", 96}, {"rcx", 88}, {"r8", 72}, {"r9", 64},
};
const struct machine_register result_registers[] = {{"rax", 80}, {"rdx", 96}};
const struct machine_register stack_register = {"rsp", 152};
const unsigned int stack_begin = 8; /* behind the address to return to */

static const struct {
	const char *names[4]; /* of 8, 4, 2 and 1 bytes */
	uint8_t offset;
} registers[] = {
	{{"rdi", "edi", "di", "dil"}, 112},    {{"rsi", "esi", "si", "sil"}, 104},
	{{"rdx", "edx", "dx", "dl"}, 96},      {{"rcx", "ecx", "cx", "cl"}, 88},
	{{"r8", "r8d", "r8w", "r8b"}, 72},     {{"r9", "r9d", "r9w", "r9b"}, 64},
	{{"rax", "eax", "ax", "al"}, 80},      {{"rbx", "ebx", "bx", "bl"}, 40},
	{{"rbp", "ebp", "bp", "bpl"}, 32},     {{"rsp", "esp", "sp", "spl"}, 152},
	{{"r10", "r10d", "r10w", "r10b"}, 56}, {{"r11", "r11d", "r11w", "r11b"}, 48},
	{{"r12", "r12d", "r12w", "r12b"}, 24}, {{"r13", "r13d", "r13w", "r13b"}, 16},
	{{"r14", "r14d", "r14w", "r14b"}, 8},  {{"r15", "r15d", "r15w", "r15b"}, 0},
	{{"rip", "eip", "ip", "ip"}, 128},
};

int register__offset(const char *name, size_t size)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(registers); i++)
		for (unsigned int k = 0; k < ARRAY_SIZE(registers[i].names); k++)
			if (strlen(registers[i].names[k]) == size &&
			    !memcmp(registers[i].names[k], name, size))
				return registers[i].offset;
	return -1;
}
#elif defined(__aarch64__)
const struct machine_register argument_registers[] = {
	{"x0", 0},  {"x1", 8},  {"x2", 16}, {"x3", 24},
	{"x4", 32}, {"x5", 40}, {"x6", 48}, {"x7", 56},
};
const struct machine_register result_registers[] = {{"x0", 0}, {"x1", 8}};
const struct machine_register stack_register = {"sp", 248};
const unsigned int stack_begin = 0;

int register__offset(const char *name, size_t size)
{
	if (size == 2 && !memcmp(name, "sp", 2))
		return 31 * 8;
	return size > 1 && (*name == 'x' || *name == 'w') && atoi(name + 1) < 31
		       ? 8 * atoi(name + 1)
		       : -1;
}
#endif

const unsigned int argument_register_count = ARRAY_SIZE(argument_registers);
