// SPDX-License-Identifier: Apache-2.0
#include "map_users.h"

#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <linux/bpf.h>
#include <string.h>

#define R_BPF_64_64  1 /* the address of a map, a variable or a function */
#define MAX_SECTIONS 2048

/* A function, or a global one that several programs call. */
struct function {
	const char *name;
	uint32_t section;
	uint64_t begin, end; /* bytes */
	bool added;
};

struct map_users {
	Elf *elf;
	Elf_Data *sections[MAX_SECTIONS];    /* those with instructions */
	Elf_Data *relocations[MAX_SECTIONS]; /* of these sections */
	Elf_Data *symbols;
	size_t names, section_names; /* string tables */
	struct function *functions;
	unsigned int function_count;
	const char **maps; /* that are used */
	unsigned int map_count;
	bool helpers[MAX_HELPERS]; /* that are called */
};

static const char *section_name(const struct map_users *u, uint32_t section)
{
	Elf_Scn *scn = elf_getscn(u->elf, section);
	GElf_Shdr header;

	return scn && gelf_getshdr(scn, &header)
		       ? elf_strptr(u->elf, u->section_names, header.sh_name) ?: ""
		       : "";
}

static int read_sections(struct map_users *u)
{
	Elf_Scn *scn = NULL;
	GElf_Shdr header;

	if (elf_getshdrstrndx(u->elf, &u->section_names))
		return -EINVAL;
	while ((scn = elf_nextscn(u->elf, scn))) {
		size_t section = elf_ndxscn(scn);

		if (!gelf_getshdr(scn, &header) || section >= MAX_SECTIONS)
			return -EINVAL;
		if (header.sh_type == SHT_SYMTAB) {
			u->symbols = elf_getdata(scn, NULL);
			u->names = header.sh_link;
		} else if (header.sh_type == SHT_REL && header.sh_info < MAX_SECTIONS) {
			u->relocations[header.sh_info] = elf_getdata(scn, NULL);
		} else if (header.sh_type == SHT_PROGBITS && header.sh_flags & SHF_EXECINSTR) {
			if (header.sh_offset % sizeof(struct bpf_insn))
				return -EINVAL;
			u->sections[section] = elf_getdata(scn, NULL);
		}
	}
	return u->symbols && u->symbols->d_buf ? 0 : -EINVAL;
}

/* Whether all that a symbol stands for are instructions of a section. */
static bool is_code(const struct map_users *u, const GElf_Sym *symbol)
{
	const Elf_Data *data =
		symbol->st_shndx < MAX_SECTIONS ? u->sections[symbol->st_shndx] : NULL;

	return data && data->d_buf && symbol->st_value <= data->d_size &&
	       symbol->st_size <= data->d_size - symbol->st_value &&
	       !(symbol->st_value % sizeof(struct bpf_insn));
}

static int read_functions(struct map_users *u)
{
	size_t count = u->symbols->d_size / sizeof(Elf64_Sym);
	GElf_Sym symbol;

	u->functions = calloc(count + 1, sizeof(*u->functions));
	u->maps = calloc(count + 1, sizeof(*u->maps));
	if (!u->functions || !u->maps)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		if (!gelf_getsym(u->symbols, i, &symbol) ||
		    GELF_ST_TYPE(symbol.st_info) != STT_FUNC || !is_code(u, &symbol))
			continue;
		u->functions[u->function_count++] = (struct function){
			.name = elf_strptr(u->elf, u->names, symbol.st_name) ?: "",
			.section = symbol.st_shndx,
			.begin = symbol.st_value,
			.end = symbol.st_value + symbol.st_size,
		};
	}
	return 0;
}

int map_users__new(const void *elf, size_t size, struct map_users **ret)
{
	struct map_users *u = calloc(1, sizeof(*u));
	int code = -EINVAL;

	if (!u)
		return -ENOMEM;
	elf_version(EV_CURRENT);
	u->elf = elf_memory((char *)elf, size);
	if (u->elf)
		code = read_sections(u);
	if (!code)
		code = read_functions(u);
	if (code) {
		map_users__free(u);
		return code;
	}
	*ret = u;
	return 0;
}

void map_users__free(struct map_users *u)
{
	if (!u)
		return;
	elf_end(u->elf);
	free(u->functions);
	free(u->maps);
	free(u);
}

bool map_users__have(const struct map_users *u, const char *map)
{
	for (unsigned int i = 0; i < u->map_count; i++)
		if (!strcmp(u->maps[i], map))
			return true;
	return false;
}

bool map_users__call(const struct map_users *u, unsigned int helper)
{
	return helper < MAX_HELPERS && u->helpers[helper];
}

static void add_function(struct map_users *u, struct function *f);

static void add_function_at(struct map_users *u, uint32_t section, uint64_t at)
{
	for (unsigned int i = 0; i < u->function_count; i++) {
		struct function *f = &u->functions[i];

		if (f->section == section && f->begin <= at && at < f->end)
			add_function(u, f);
	}
}

/* What the instruction at `offset` refers to: a function, or something in a map. */
static void follow(struct map_users *u, const struct function *f, const GElf_Rel *rel)
{
	const struct bpf_insn *insn =
		(void *)((char *)u->sections[f->section]->d_buf + rel->r_offset);
	const char *name;
	GElf_Sym symbol;

	if (!gelf_getsym(u->symbols, GELF_R_SYM(rel->r_info), &symbol))
		return;
	if (symbol.st_shndx < MAX_SECTIONS && u->sections[symbol.st_shndx]) {
		/* A static function is reached from its section: a call counts instructions from
		 * the next, an address bytes. */
		uint64_t from_section = GELF_R_TYPE(rel->r_info) == R_BPF_64_64
						? (uint64_t)insn->imm
						: (insn->imm + 1) * sizeof(*insn);

		if (GELF_ST_TYPE(symbol.st_info) == STT_SECTION)
			add_function_at(u, symbol.st_shndx, from_section);
		else
			add_function_at(u, symbol.st_shndx, symbol.st_value);
		return;
	}
	if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx >= SHN_LORESERVE)
		return;
	name = section_name(u, symbol.st_shndx);
	if (!strcmp(name, ".maps"))
		name = elf_strptr(u->elf, u->names, symbol.st_name);
	if (name && !map_users__have(u, name))
		u->maps[u->map_count++] = name;
}

static void add_function(struct map_users *u, struct function *f)
{
	const struct bpf_insn *insns = u->sections[f->section]->d_buf;
	const Elf_Data *relocations = u->relocations[f->section];
	GElf_Rel rel;

	if (f->added)
		return;
	f->added = true;
	for (size_t i = 0; relocations && i < relocations->d_size / sizeof(Elf64_Rel); i++)
		if (gelf_getrel((Elf_Data *)relocations, i, &rel) && f->begin <= rel.r_offset &&
		    rel.r_offset < f->end && f->end - rel.r_offset >= sizeof(*insns) &&
		    !(rel.r_offset % sizeof(*insns)))
			follow(u, f, &rel);
	/* Calls within the section need no relocation; a call that has one is followed twice, to no
	 * harm: it leads to the section's own functions then. */
	for (uint64_t i = f->begin / sizeof(*insns); i < f->end / sizeof(*insns); i++) {
		if (insns[i].code != (BPF_JMP | BPF_CALL))
			continue;
		if (insns[i].src_reg == BPF_PSEUDO_CALL)
			add_function_at(u, f->section, (i + 1 + insns[i].imm) * sizeof(*insns));
		else if (!insns[i].src_reg && (uint32_t)insns[i].imm < MAX_HELPERS)
			u->helpers[insns[i].imm] = true;
	}
}

void map_users__add(struct map_users *u, const char *program)
{
	for (unsigned int i = 0; i < u->function_count; i++)
		if (!strcmp(u->functions[i].name, program))
			add_function(u, &u->functions[i]);
}
