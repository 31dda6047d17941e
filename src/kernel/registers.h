/* SPDX-License-Identifier: Apache-2.0 */
/* Where does this machine's calling convention keep what a function is given and what it returns?
 * Offsets are in struct pt_regs, in bytes. */
#ifndef SONDE_REGISTERS_H
#define SONDE_REGISTERS_H

#include "../base/base.h"

struct machine_register {
	const char *name;
	uint8_t offset;
};

/* Of numbers and addresses, in the order of the arguments. */
extern const struct machine_register argument_registers[];
extern const unsigned int argument_register_count;
extern const struct machine_register result_registers[2];
/* Where it points to when a function begins, and from where on, in bytes, arguments are there. */
extern const struct machine_register stack_register;
extern const unsigned int stack_begin;

/* A register by any of its names, "rdi", "edi", "w0", which need no NUL; negative: there is none.
 */
int register__offset(const char *name, size_t size);

#endif
