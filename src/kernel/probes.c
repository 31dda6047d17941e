// SPDX-License-Identifier: Apache-2.0
#include "probes.h"
#include "btf_check.h"
#include "core_btf.h"

#include <bpf/btf.h>
#include <errno.h>
#include <gelf.h>
#include <libelf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The object file, between these two: src/kernel/embed.S. */
extern const char sonde_probes_begin[], sonde_probes_end[];

struct program {
	const char *name;
	size_t section;
};

struct probes {
	Elf *elf;
	size_t size;                         /* of the file */
	size_t section_count, section_names; /* a string table */
	struct program *programs;            /* by name */
	unsigned int program_count;
	struct btf *types;
	struct btf *kernel; /* NULL until asked for */
	int kernel_file;    /* -1: not made yet */
	char kernel_path[40];
};

static bool header_of(const struct probes *p, size_t section, GElf_Shdr *header)
{
	Elf_Scn *scn = elf_getscn(p->elf, section);

	return scn && gelf_getshdr(scn, header);
}

static const char *section_name(const struct probes *p, size_t section)
{
	GElf_Shdr header;

	return header_of(p, section, &header)
		       ? elf_strptr(p->elf, p->section_names, header.sh_name) ?: ""
		       : "";
}

static const Elf_Data *section_data(const struct probes *p, const char *name)
{
	for (size_t i = 1; i < p->section_count; i++)
		if (!strcmp(section_name(p, i), name))
			return elf_getdata(elf_getscn(p->elf, i), NULL);
	return NULL;
}

/* Functions that programs share are in .text. */
static bool has_programs(const struct probes *p, size_t section)
{
	GElf_Shdr header;

	return header_of(p, section, &header) && header.sh_flags & SHF_EXECINSTR &&
	       header.sh_type == SHT_PROGBITS && strcmp(section_name(p, section), ".text");
}

const char *probes__section(const struct probes *p, unsigned int index)
{
	for (size_t i = 1; i < p->section_count; i++) {
		const char *name = section_name(p, i);

		if (has_programs(p, i) && !index--)
			return name + (*name == '?');
	}
	return NULL;
}

/* Every section lies in the file. */
static bool is_whole(const struct probes *p)
{
	GElf_Shdr header;

	for (size_t i = 1; i < p->section_count; i++)
		if (!header_of(p, i, &header) ||
		    (header.sh_type != SHT_NOBITS &&
		     (header.sh_offset > p->size || header.sh_size > p->size - header.sh_offset)))
			return false;
	return true;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct program *)a)->name, ((const struct program *)b)->name);
}

static int read_programs(struct probes *p)
{
	Elf_Data *symbols = NULL;
	GElf_Shdr header = {};
	GElf_Sym symbol;

	for (size_t i = 1; i < p->section_count && !symbols; i++)
		if (header_of(p, i, &header) && header.sh_type == SHT_SYMTAB)
			symbols = elf_getdata(elf_getscn(p->elf, i), NULL);
	if (!symbols || !symbols->d_buf)
		return -EINVAL;
	p->programs = calloc(symbols->d_size / sizeof(Elf64_Sym) + 1, sizeof(*p->programs));
	if (!p->programs)
		return -ENOMEM;
	for (int i = 0; gelf_getsym(symbols, i, &symbol); i++) {
		const char *name = elf_strptr(p->elf, header.sh_link, symbol.st_name);

		if (GELF_ST_TYPE(symbol.st_info) == STT_FUNC && name &&
		    has_programs(p, symbol.st_shndx))
			p->programs[p->program_count++] = (struct program){name, symbol.st_shndx};
	}
	qsort(p->programs, p->program_count, sizeof(*p->programs), by_name);
	return 0;
}

static int read_types(struct probes *p, struct error *err)
{
	const Elf_Data *data = section_data(p, ".BTF");

	if (!data || !data->d_buf)
		return -EINVAL;
	p->types = btf__new(data->d_buf, data->d_size);
	return p->types ? btf__check(p->types, err) : -errno;
}

/* Whether its numbers are as this machine has them. */
static bool is_ours(const GElf_Ehdr *header)
{
	return header->e_ident[EI_DATA] ==
	       (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB);
}

int probes__new(const void *elf, size_t size, struct probes **ret, struct error *err)
{
	struct probes *p = calloc(1, sizeof(*p));
	GElf_Ehdr header;
	int code = -EINVAL;

	if (!p)
		return -ENOMEM;
	p->kernel_file = -1;
	p->size = size;
	elf_version(EV_CURRENT);
	p->elf = elf_memory((char *)elf, size);
	if (p->elf && gelf_getehdr(p->elf, &header) && gelf_getclass(p->elf) == ELFCLASS64 &&
	    header.e_machine == EM_BPF && header.e_type == ET_REL && is_ours(&header) &&
	    !elf_getshdrnum(p->elf, &p->section_count) &&
	    !elf_getshdrstrndx(p->elf, &p->section_names) && is_whole(p))
		code = read_programs(p);
	if (!code)
		code = read_types(p, err);
	if (code) {
		probes__free(p);
		return error__set(err, code, "the probes cannot be read: %s",
				  code == -EINVAL
					  ? "not an object file for BPF with type information"
					  : strerror(-code));
	}
	*ret = p;
	return 0;
}

int probes__built_in(struct probes **ret, struct error *err)
{
	return probes__new(sonde_probes_begin, sonde_probes_end - sonde_probes_begin, ret, err);
}

void probes__free(struct probes *p)
{
	if (!p)
		return;
	probes__forget_kernel(p);
	close_fd(p->kernel_file);
	btf__free(p->types);
	free(p->programs);
	elf_end(p->elf);
	free(p);
}

const struct btf *probes__types(const struct probes *p)
{
	return p->types;
}

const char *probes__tag(const struct probes *p, const char *variable, const char *prefix)
{
	int id = btf__find_by_name_kind(p->types, variable, BTF_KIND_VAR);
	size_t size = strlen(prefix);

	for (uint32_t i = 1; id > 0 && i < btf__type_cnt(p->types); i++) {
		const struct btf_type *t = btf__type_by_id(p->types, i);
		const char *text = btf__name_by_offset(p->types, t->name_off);

		if (btf_is_decl_tag(t) && (int)t->type == id && !strncmp(text, prefix, size))
			return text + size;
	}
	return NULL;
}

static const struct program *find(const struct probes *p, const char *name)
{
	const struct program key = {.name = name};

	return bsearch(&key, p->programs, p->program_count, sizeof(key), by_name);
}

bool probes__optional(const struct probes *p, const char *name)
{
	const struct program *program = find(p, name);
	char event[100];

	snprintf(event, sizeof(event), "sonde_event__%s", name);
	return program && *section_name(p, program->section) == '?' &&
	       btf__find_by_name_kind(p->types, event, BTF_KIND_STRUCT) < 0;
}

const char *probes__program(const struct probes *p, const char *name, const char **section)
{
	const struct program *program = find(p, name);

	if (!program)
		return NULL;
	*section = section_name(p, program->section);
	*section += **section == '?';
	return program->name;
}

const struct btf *probes__kernel(struct probes *p)
{
	if (!p->kernel)
		p->kernel = core_btf__kernel();
	return p->kernel;
}

const char *probes__kernel_file(struct probes *p)
{
	const struct btf *kernel = p->kernel_file < 0 ? probes__kernel(p) : NULL;

	if (kernel)
		p->kernel_file = core_btf__reduce(kernel, p->types);
	snprintf(p->kernel_path, sizeof(p->kernel_path), "/proc/self/fd/%d", p->kernel_file);
	return p->kernel_file >= 0 && !access(p->kernel_path, R_OK) ? p->kernel_path : NULL;
}

void probes__forget_kernel(struct probes *p)
{
	btf__free(p->kernel);
	p->kernel = NULL;
}

bool probes__kernel_has(struct probes *p, const char *enumeration, const char *value)
{
	const struct btf *btf = probes__kernel(p);
	int id = btf ? btf__find_by_name_kind(btf, enumeration, BTF_KIND_ENUM) : -1;
	const struct btf_type *t = id > 0 ? btf__type_by_id(btf, id) : NULL;

	for (int i = 0; t && i < btf_vlen(t); i++)
		if (!strcmp(btf__name_by_offset(btf, btf_enum(t)[i].name_off), value))
			return true;
	return false;
}

/* A copy in the making: the header, the sections' headers, and what is in those that are kept. */
struct cut {
	const struct probes *probes;
	const char *const *programs;
	unsigned int count;
	const bool *wanted; /* by section: those that have them */
	char *elf;
	size_t size;
};

static bool keeps(const struct cut *c, size_t section)
{
	const char *name = section_name(c->probes, section);
	GElf_Shdr header;

	if (has_programs(c->probes, section))
		return c->wanted[section];
	if (!header_of(c->probes, section, &header) || !strncmp(name, ".debug", 6))
		return false;
	if (header.sh_type != SHT_REL)
		return true;
	/* Relocations: of what is kept; those of types are for debuggers. */
	section = header.sh_info;
	return header_of(c->probes, section, &header) && header.sh_type != SHT_REL &&
	       keeps(c, section) && strncmp(section_name(c->probes, section), ".BTF", 4);
}

static bool keeps_code(const struct cut *c, const char *section)
{
	for (unsigned int i = 0; i < c->count; i++)
		if (!strcmp(section_name(c->probes, find(c->probes, c->programs[i])->section),
			    section))
			return true;
	return !strcmp(section, ".text");
}

/*
 * One of the lists in .BTF.ext: the size of an entry, then for each section its name, a number, and
 * so many entries. Returns the size of what is kept.
 */
static size_t cut_list(const struct cut *c, const char *from, size_t size, char *to)
{
	const char *end = from + size;
	struct {
		uint32_t name, count;
	} part;
	uint32_t entry;
	char *begin = to;

	if (size < sizeof(entry))
		return 0;
	memcpy(&entry, from, sizeof(entry));
	to = mempcpy(to, &entry, sizeof(entry));
	for (from += sizeof(entry); from + sizeof(part) <= end;) {
		size_t bytes;

		memcpy(&part, from, sizeof(part));
		bytes = sizeof(part) + (size_t)part.count * entry;
		if (bytes > (size_t)(end - from))
			break;
		if (keeps_code(c, btf__name_by_offset(c->probes->types, part.name) ?: ""))
			to = mempcpy(to, from, bytes);
		from += bytes;
	}
	return to - begin;
}

/* Where the lists lie in .BTF.ext: behind its header, whose size the header tells. */
struct btf_ext_head {
	uint16_t magic;
	uint8_t version, flags;
	uint32_t size;
	struct {
		uint32_t offset, size;
	} lists[3];
};

static size_t cut_ext(const struct cut *c, const Elf_Data *data, char *to)
{
	/* Copies: in a damaged file nothing is aligned. */
	struct btf_ext_head from, head;
	size_t at = sizeof(head);

	if (data->d_size < sizeof(from))
		return 0;
	memcpy(&from, data->d_buf, sizeof(from));
	if (from.size < sizeof(from))
		return 0;
	head = from;
	head.size = sizeof(head);
	for (unsigned int i = 0; i < ARRAY_SIZE(head.lists); i++) {
		size_t begin = (size_t)from.size + from.lists[i].offset;

		head.lists[i].offset = at - sizeof(head);
		head.lists[i].size = 0;
		if (begin > data->d_size || from.lists[i].size > data->d_size - begin)
			continue;
		head.lists[i].size =
			cut_list(c, (const char *)data->d_buf + begin, from.lists[i].size, to + at);
		at += head.lists[i].size;
	}
	memcpy(to, &head, sizeof(head));
	return at;
}

static void copy_section(struct cut *c, size_t section, Elf64_Shdr *header)
{
	const char *name = section_name(c->probes, section);
	Elf_Data *data =
		keeps(c, section) ? elf_rawdata(elf_getscn(c->probes->elf, section), NULL) : NULL;

	/* Without content nobody takes it for a program. */
	if (!data) {
		header->sh_type = SHT_NOBITS;
		header->sh_flags = 0;
		header->sh_size = 0;
		return;
	}
	if (header->sh_type == SHT_NOBITS)
		return;
	header->sh_offset = c->size;
	if (!strcmp(name, ".BTF.ext"))
		header->sh_size = cut_ext(c, data, c->elf + c->size);
	else if (data->d_size)
		memcpy(c->elf + c->size, data->d_buf, data->d_size);
	c->size += (header->sh_size + 7) & ~7ul;
}

static int copy_sections(struct cut *c)
{
	size_t count = c->probes->section_count,
	       size = sizeof(Elf64_Ehdr) + count * sizeof(Elf64_Shdr);
	const Elf64_Ehdr *from = (const void *)elf_rawfile(c->probes->elf, NULL);
	Elf64_Ehdr *header;
	Elf64_Shdr *sections;
	GElf_Shdr section;

	if (from->e_shoff > c->probes->size ||
	    count > (c->probes->size - from->e_shoff) / sizeof(Elf64_Shdr))
		return -EINVAL;
	for (size_t i = 1; i < count; i++)
		if (header_of(c->probes, i, &section) && section.sh_type != SHT_NOBITS)
			size += (section.sh_size + 7) & ~7ul;
	c->elf = calloc(1, size);
	if (!c->elf)
		return -ENOMEM;
	header = (void *)c->elf;
	sections = (void *)(header + 1);
	*header = *from;
	header->e_shoff = sizeof(*header);
	c->size = sizeof(*header) + count * sizeof(*sections);
	memcpy(sections, (const char *)from + from->e_shoff, count * sizeof(*sections));
	for (size_t i = 1; i < count; i++)
		copy_section(c, i, &sections[i]);
	return 0;
}

int probes__cut(const struct probes *p, const char *const *programs, unsigned int count, void **elf,
		size_t *size)
{
	bool *wanted = calloc(p->section_count, sizeof(*wanted));
	struct cut c = {.probes = p, .programs = programs, .count = count, .wanted = wanted};
	int code;

	if (!wanted)
		return -ENOMEM;
	for (unsigned int i = 0; i < count; i++)
		wanted[find(p, programs[i])->section] = true;
	code = copy_sections(&c);
	free(wanted);
	*elf = c.elf;
	*size = c.size;
	return code;
}
