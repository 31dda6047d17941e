// SPDX-License-Identifier: Apache-2.0
/* Prints docs/program-types.md from catalogue/program_types.def. */
#include "src/kernel/program_types.h"

#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>

static const char introduction[] =
	"<!-- SPDX-License-Identifier: Apache-2.0 -->\n# Program types\n\n"
	"The section of a BPF program, `SEC(\"...\")`, says what it is and where it goes. This is every "
	"kind that there is: what it is good for, what it is called with, how it gets at its arguments, "
	"from which Linux on, and how `sonde probe run FILE.bpf.o` attaches it. `sonde probe inspect` says "
	"the same of the programs in a file.\n\n"
	"## Which one\n\n"
	"Ask what you want to know, and take the first that answers it:\n\n"
	"1. *Nothing need be written* for most questions: `sonde trace -e tracepoint:...`, `-e "
	"kprobe:...`, `-e uprobe:...` show any hook with its arguments. A program is for counting, "
	"combining, deciding.\n"
	"2. *A system call*: `SEC(\"tp_btf/sys_exit\")`, which has the arguments and the result, misses "
	"none, and is what `sonde probe new syscall NAME` writes. ksyscall costs the other calls "
	"nothing.\n"
	"3. *Something that the kernel does*: a tracepoint, as tp_btf; on kernels without BTF as raw_tp or "
	"tracepoint. If there is none, a function: fexit, or fentry if the result does not matter; "
	"kprobe and kretprobe where those are not to be had.\n"
	"4. *Something that a program does*: usdt if its authors thought of it, else uprobe and "
	"uretprobe.\n"
	"5. *What is there now*, rather than what happens: iter.\n"
	"6. *Where the time goes*: perf_event.\n"
	"7. *Something is to be refused*: lsm, or fmod_ret where the boot parameters are not yours; for "
	"a container or a service the programs of cgroups.\n"
	"8. *Packets*: xdp to count or drop many, tc for both directions and for more knowledge, "
	"cgroup_skb for those of a service, sockops for the life of connections.\n\n"
	"`sonde doctor` says which of them work on this machine, `sonde hooks -v` what a hook is called "
	"with, `sonde probe new` writes most of them.\n\n"
	"Two macros save the unpacking of contexts: `BPF_PROG(name, arguments)` where they are words "
	"(tp_btf, fentry, fexit, fmod_ret, lsm, struct_ops), `BPF_KPROBE(name, arguments)` where they are "
	"registers (kprobe, uprobe). Both come with `#include <sonde/probe.bpf.h>`.\n";

static void print_since(unsigned int version)
{
	printf("%u.%u", version / 100, version % 100);
}

/* One line for all sections that came with the same kernel. */
static void print_sections(const struct program_row *first, const struct program_row *end)
{
	bool any = false;

	for (const struct program_row *r = first; r < end && r->kind == ROW_SECTION; r++) {
		bool told = false;

		for (const struct program_row *k = first; k < r; k++)
			told |= k->since == r->since;
		if (told)
			continue;
		printf("%sLinux ", any ? "; " : "");
		print_since(r->since);
		printf(": ");
		any = false;
		for (const struct program_row *k = r; k < end && k->kind == ROW_SECTION; k++) {
			if (k->since != r->since)
				continue;
			printf("%s`SEC(\"%.*s%s%s\")`", any ? ", " : "", (int)strcspn(k->name, "+"),
			       k->name, *k->target ? "/" : "", k->target);
			any = true;
		}
	}
	printf(".");
}

/* "a, b" as links from docs/. */
static void print_files(const char *files)
{
	while (*files) {
		int size = strcspn(files, ",");

		printf("[%.*s](../%.*s)", size, files, size, files);
		files += size;
		files += strspn(files, ", ");
		printf(*files ? ", " : "");
	}
}

/* The code is a beginning: what is open is closed. */
static void print_end(const char *code)
{
	const char *line = code;
	int depth = 0;

	for (const char *c = code; *c; c++) {
		depth += *c == '{' ? 1 : *c == '}' ? -1 : 0;
		if (*c == '\n' && c[1])
			line = c + 1;
	}
	if (!depth)
		return;
	if (strncmp(line, "\treturn", 7))
		printf(strncmp(line, "\tif", 3) ? "\t...\n" : "\t\t...\n");
	printf("}\n");
}

static void print_type(const struct program_row *r, const struct program_row *end)
{
	printf("\n### %s\n\n%s\n\n```c\n%s", r->name, r->does, r->code);
	print_end(r->code);
	printf("```\n\n");
	printf("- **From** ");
	print_sections(r + 1, end);
	printf("\n- **Context**: %s.\n- **Arguments** %s.\n- **sonde** attaches it %s.\n- **Limits**: %s.\n",
	       r->context, r->reads, r->attaches, r->limits);
	if (!r->shown)
		return;
	printf("- **See** ");
	print_files(r->shown);
	printf(".\n");
}

static void print_table(const struct program_row *rows, unsigned int count)
{
	const struct program_row *type = NULL;

	printf("\n## All sections\n\n| section | type of program | Linux | see |\n|---|---|---|---|\n");
	for (unsigned int i = 0; i < count; i++) {
		const struct program_row *r = &rows[i];

		if (r->kind == ROW_TYPE)
			type = r;
		if (r->kind != ROW_SECTION)
			continue;
		printf("| `%.*s%s%s` | %s | ", (int)strcspn(r->name, "+"), r->name,
		       *r->target ? "/" : "", r->target,
		       r->type < 32 ? libbpf_bpf_prog_type_str(r->type) : "netfilter");
		print_since(r->since);
		printf(" | %s |\n", type->name);
	}
}

int main(void)
{
	unsigned int count;
	const struct program_row *rows = program_rows(&count);

	fputs(introduction, stdout);
	for (unsigned int i = 0; i < count; i++)
		if (rows[i].kind == ROW_FAMILY)
			printf("\n## %s\n\n%s\n", rows[i].name, rows[i].does);
		else if (rows[i].kind == ROW_TYPE)
			print_type(&rows[i], rows + count);
	print_table(rows, count);
	return 0;
}
