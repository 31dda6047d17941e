/* SPDX-License-Identifier: Apache-2.0 */
/* What the section of a BPF program stands for: catalogue/program_types.def as an array. */
#ifndef SONDE_PROGRAM_TYPES_H
#define SONDE_PROGRAM_TYPES_H

#include "../base/base.h"

enum program_row_kind { ROW_FAMILY, ROW_TYPE, ROW_SECTION };

/* A family's types, and a type's sections, stand behind it. */
struct program_row {
	enum program_row_kind kind;
	const char *name;     /* title, type, or pattern */
	const char *does;     /* of a family: its introduction */
	const char *context;  /* from here on only of types; Markdown */
	const char *reads;    /* "arguments ..." */
	const char *code;     /* its beginning */
	const char *attaches; /* "sonde attaches it ..." */
	const char *limits;   /* a sentence or more, without the last full stop */
	const char *shown;    /* a file; NULL: none yet */
	const char *target;   /* of sections: what stands behind the slash; "": nothing */
	unsigned int type;    /* BPF_PROG_TYPE_* */
	unsigned int since;   /* 5.10 as 510 */
};

const struct program_row *program_rows(unsigned int *count);
/* The row of a section ("kprobe/do_unlinkat", with or without "?"), and of its type. NULL: none. */
const struct program_row *program_row__of(const char *section, const struct program_row **type);
/* What is wrong with a section that libbpf makes no program of. */
void section__explain(const char *section, char *to, size_t room);

#endif
