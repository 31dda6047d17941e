// SPDX-License-Identifier: Apache-2.0
#include "binary.h"

#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

void paths__release(struct paths *p)
{
	for (unsigned int i = 0; i < p->count; i++)
		free(p->list[i]);
	free(p->list);
	*p = (struct paths){};
}

static int add_path(struct paths *p, const char *path)
{
	char **list;

	for (unsigned int i = 0; i < p->count; i++)
		if (!strcmp(p->list[i], path))
			return 0;
	list = realloc(p->list, (p->count + 1) * sizeof(*list));
	if (!list)
		return -ENOMEM;
	p->list = list;
	list[p->count] = strdup(path);
	return list[p->count] ? (p->count++, 0) : -ENOMEM;
}

/* /proc/PID/maps: 7f00-7f01 r-xp 00000000 fe:00 1234  /lib/x.so */
static int add_mapped(struct paths *p, const char *pid, struct error *err)
{
	char name[64], line[4400], inside[4500];
	FILE *file;
	int code = 0;

	snprintf(name, sizeof(name), "/proc/%.20s/maps", pid);
	file = fopen(name, "re");
	if (!file)
		return error__set(err, errno == EACCES ? -EACCES : -ENOENT,
				  errno == ENOENT
					  ? "there is no process %s"
					  : "process %s: its files are not for this user to see",
				  pid);
	while (!code && fgets(line, sizeof(line), file)) {
		unsigned long long inode;
		struct stat s;
		char flags[8];
		int at = 0;

		if (sscanf(line, "%*s %7s %*s %*s %llu %n", flags, &inode, &at) != 2 ||
		    flags[2] != 'x' || line[at] != '/')
			continue;
		line[strcspn(line, "\n")] = '\0';
		/* Of another mount namespace, or replaced: by the process's own root. */
		snprintf(inside, sizeof(inside), "/proc/%.20s/root%s", pid, line + at);
		if (!stat(line + at, &s) && s.st_ino == inode)
			code = add_path(p, line + at);
		else if (!stat(inside, &s) && s.st_ino == inode)
			code = add_path(p, inside);
	}
	if (!code && ferror(file))
		code = error__set(err, -EACCES,
				  "process %s: its files are not for this user to see", pid);
	fclose(file);
	return code;
}

static bool add_first(struct paths *p, const char *directory, int size, const char *name,
		      const char *ending)
{
	glob_t found = {};
	char pattern[400];
	bool any = false;

	snprintf(pattern, sizeof(pattern), "%.*s/%.200s%s", size, directory, name, ending);
	if (!glob(pattern, 0, NULL, &found))
		any = !add_path(p, found.gl_pathv[0]);
	globfree(&found);
	return any;
}

/* Where the linker looks on most systems, in its order. */
static const char *const library_directories[] = {
	"/usr/local/lib",
	"/lib/x86_64-linux-gnu",
	"/usr/lib/x86_64-linux-gnu",
	"/lib/aarch64-linux-gnu",
	"/usr/lib/aarch64-linux-gnu",
	"/lib64",
	"/usr/lib64",
	"/lib",
	"/usr/lib",
};

static int add_named(struct paths *p, const char *name, struct error *err)
{
	/* A name without a version; NAME.so alone may be a linker's script. */
	static const char *const endings[] = {"", ".so.[0-9]*", ".so"};
	const char *path = getenv("PATH") ?: "/usr/bin:/bin";

	if (strpbrk(name, "*?[\\"))
		return error__set(
			err, -EINVAL,
			"%s: a program or library, not a pattern, stands in front of the second colon",
			name);
	for (unsigned int i = 0; i < ARRAY_SIZE(library_directories); i++)
		for (unsigned int e = !strstr(name, ".so"); e < ARRAY_SIZE(endings); e++)
			if (add_first(p, library_directories[i], 99, name, endings[e]))
				return 0;
	for (size_t size; *path; path += size + (path[size] == ':')) {
		size = strcspn(path, ":");
		if (size && size < 200 && add_first(p, path, size, name, ""))
			return 0;
	}
	return error__set(
		err, -ENOENT,
		"there is no library and no program %s; with its path it is found wherever it is",
		name);
}

static bool is_file(const char *word, size_t size)
{
	char path[PATH_MAX];

	return snprintf(path, sizeof(path), "%.*s", (int)size, word) < PATH_MAX &&
	       !access(path, F_OK);
}

size_t binary__file_size(const char *word)
{
	size_t first = strcspn(word, ":"), size = first;

	/* A path may have colons itself. */
	while (memchr(word, '/', first) && word[size] && !is_file(word, size))
		size += 1 + strcspn(word + size + 1, ":");
	return word[size] ? size : first;
}

int binary__paths(const char *word, struct paths *ret, struct error *err)
{
	struct paths p = {};
	int code;

	if (!*word)
		return error__set(err, -EINVAL,
				  "a program, a library or a pid is missing behind the colon");
	if (strchr(word, '/'))
		code = add_path(&p, word);
	else if (!word[strspn(word, "0123456789")])
		code = add_mapped(&p, word, err);
	else
		code = add_named(&p, word, err);
	if (code)
		paths__release(&p);
	else
		*ret = p;
	return code;
}

/* An address of the loaded program as an offset in its file. */
static bool find_place(Elf *elf, uint64_t address, uint64_t *place)
{
	size_t count = 0;

	if (elf_getphdrnum(elf, &count))
		return false;
	for (size_t i = 0; i < count; i++) {
		GElf_Phdr segment;

		if (!gelf_getphdr(elf, i, &segment) || segment.p_type != PT_LOAD ||
		    address < segment.p_vaddr || address - segment.p_vaddr >= segment.p_filesz)
			continue;
		*place = address - segment.p_vaddr + segment.p_offset;
		return true;
	}
	return false;
}

static void read_symbols(Elf *elf, Elf_Scn *section, const GElf_Shdr *header,
			 const struct binary_reader *reader)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t entry = gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT);
	size_t count = data && entry ? data->d_size / entry : 0;

	for (size_t i = 0; i < count; i++) {
		struct binary_symbol found = {};
		GElf_Sym symbol;

		if (!gelf_getsym(data, i, &symbol) || symbol.st_shndx == SHN_UNDEF)
			continue;
		found.indirect = GELF_ST_TYPE(symbol.st_info) == STT_GNU_IFUNC;
		if (GELF_ST_TYPE(symbol.st_info) != STT_FUNC && !found.indirect)
			continue;
		found.name = elf_strptr(elf, header->sh_link, symbol.st_name);
		found.size = symbol.st_size;
		found.address = symbol.st_value;
		if (found.name && *found.name && find_place(elf, symbol.st_value, &found.place))
			reader->symbol(reader->context, &found);
	}
}

/* What a note holds: three addresses, then three texts. */
static void read_note(Elf *elf, const char *desc, size_t size, uint64_t moved,
		      const struct binary_reader *reader)
{
	size_t word = gelf_getclass(elf) == ELFCLASS32 ? 4 : 8;
	uint64_t addresses[3] = {};
	const char *texts[3], *at = desc + 3 * word, *end = desc + size;
	struct binary_probe probe = {};

	if (size < 3 * word)
		return;
	for (unsigned int i = 0; i < 3; i++)
		memcpy(&addresses[i], desc + i * word, word);
	for (unsigned int i = 0; i < 3; i++) {
		const char *nul = memchr(at, '\0', end - at);

		if (!nul)
			return;
		texts[i] = at;
		at = nul + 1;
	}
	/* The linker moved the program after the note was made: .stapsdt.base tells how far. */
	if (moved)
		moved -= addresses[1];
	if (!*texts[1] || !find_place(elf, addresses[0] + moved, &probe.place))
		return;
	if (addresses[2] && !find_place(elf, addresses[2] + moved, &probe.semaphore))
		probe.semaphore = 0;
	probe.provider = texts[0];
	probe.name = texts[1];
	probe.arguments = texts[2];
	reader->probe(reader->context, &probe);
}

static void read_notes(Elf *elf, Elf_Scn *section, uint64_t base,
		       const struct binary_reader *reader)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t at = 0, next, name, desc;
	GElf_Nhdr note;

	for (; data && (next = gelf_getnote(data, at, &note, &name, &desc)) > 0; at = next) {
		const char *bytes = data->d_buf;

		if (note.n_type == 3 && note.n_namesz == sizeof("stapsdt") &&
		    !memcmp(bytes + name, "stapsdt", sizeof("stapsdt")))
			read_note(elf, bytes + desc, note.n_descsz, base, reader);
	}
}

static void read_sections(Elf *elf, const struct binary_reader *reader)
{
	Elf_Scn *section = NULL, *notes = NULL;
	size_t names = 0;
	uint64_t base = 0;

	if (elf_getshdrstrndx(elf, &names))
		return;
	while ((section = elf_nextscn(elf, section))) {
		const char *name;
		GElf_Shdr header;

		if (!gelf_getshdr(section, &header))
			continue;
		name = elf_strptr(elf, names, header.sh_name) ?: "";
		if ((header.sh_type == SHT_SYMTAB || header.sh_type == SHT_DYNSYM) &&
		    reader->symbol)
			read_symbols(elf, section, &header, reader);
		else if (header.sh_type == SHT_NOTE && !strcmp(name, ".note.stapsdt"))
			notes = section;
		else if (!strcmp(name, ".stapsdt.base"))
			base = header.sh_addr;
	}
	if (notes && reader->probe)
		read_notes(elf, notes, base, reader);
}

int binary__read(const char *path, const struct binary_reader *reader, struct error *err)
{
	__cleanup(fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	GElf_Ehdr header;
	struct stat s;
	Elf *elf;
	int code = 0;

	if (fd < 0)
		return error__set(err, -errno, "%s: %s", path, strerror(errno));
	if (fstat(fd, &s) || !S_ISREG(s.st_mode))
		return error__set(err, -EINVAL, "%s: not a program or library", path);
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header) ||
	    (header.e_type != ET_EXEC && header.e_type != ET_DYN))
		code = error__set(err, -EINVAL, "%s: not a program or library, as ELF files are",
				  path);
	else
		read_sections(elf, reader);
	elf_end(elf);
	return code;
}

bool usdt__next_argument(const char **arguments, struct usdt_argument *argument)
{
	const char *at = *arguments + strspn(*arguments, " ");
	unsigned int depth = 0;
	char *end;

	*argument = (struct usdt_argument){.size = strtol(at, &end, 10)};
	if (end == at)
		return false;
	argument->is_float = *end == 'f';
	end += argument->is_float;
	if (*end++ != '@')
		return false;
	/* A blank within brackets belongs to it: [sp, 16] */
	for (at = end; *at && (*at != ' ' || depth); at++)
		depth += *at == '[' || *at == '('              ? 1
			 : depth && (*at == ']' || *at == ')') ? -1
							       : 0;
	argument->place = end;
	argument->place_size = at - end;
	*arguments = at;
	return argument->place_size > 0;
}
