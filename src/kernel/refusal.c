// SPDX-License-Identifier: Apache-2.0
#include "refusal.h"

#include <errno.h>
#include <string.h>

/* The first of these words that the log's last words have tells most; or else, that its end has. */
static const struct {
	const char *words, *hint;
} hints[] = {
	{"invalid CO-RE relocation",
	 "this kernel has no such type or member: ask by bpf_core_field_exists() before reading it, or "
	 "use a flavour (struct NAME___old)"},
	{"failed to resolve CO-RE relocation",
	 "this kernel has no such type or member: ask by bpf_core_field_exists() before reading it"},
	{"cannot call GPL-restricted function",
	 "this helper is for GPL programs only: char LICENSE[] SEC(\"license\") = \"GPL\";"},
	{"cannot call GPL only function",
	 "this helper is for GPL programs only: char LICENSE[] SEC(\"license\") = \"GPL\";"},
	{"unknown func",
	 "programs of this type may not call this helper, or this kernel does not have it: sonde probe "
	 "inspect tells since when"},
	{"program of this type cannot use helper",
	 "programs of this type may not call this helper: another kind of hook may"},
	{"helper call is not allowed in probe",
	 "programs of this type may not call this helper: another kind of hook may"},
	{"number of funcs in func_info",
	 "this kernel takes no functions as arguments (callbacks): bpf_loop() and its kin are from 5.17"},
	{"invalid func unknown",
	 "this kernel does not have this helper: sonde probe inspect tells since when"},
	{"cannot pass map_type", "this helper is not for maps of this type"},
	{"map_value_or_null", "a lookup may find nothing: if (!value) return 0; before it is used"},
	{"mem_or_null",
	 "bpf_ringbuf_reserve() may have no room: if (!e) return 0; before it is used"},
	{"_or_null", "it may be NULL: compare it with NULL before it is used"},
	{"unbounded memory access",
	 "the verifier knows no bound of an offset or size here: compare it with a constant just before "
	 "(if (n > MAX) n = MAX;), or mask it (n & (SIZE - 1))"},
	{"unbounded min value",
	 "the number may be negative for all that the verifier knows: make it unsigned and bound it"},
	{"min value is negative",
	 "the number may be negative for all that the verifier knows: make it unsigned, or mask it"},
	{"outside of the allowed memory range",
	 "the access may lie behind the end: bound the offset by the size of what it is in"},
	{"outside of the allowed range",
	 "the access may lie behind the end: bound the offset by the size of what it is in"},
	{"invalid access to map value",
	 "the access may lie behind the end of the map's value: bound the offset by its size"},
	{"outside of the packet",
	 "compare with data_end before the packet is read: if (data + size > data_end) return ...;"},
	{"invalid access to packet",
	 "compare with data_end before the packet is read: if (data + size > data_end) return ...;"},
	{"combined stack size",
	 "functions that call each other share 512 bytes of stack: move large variables into a per-CPU "
	 "array map"},
	{"stack depth",
	 "512 bytes of stack are all there is: move large variables into a per-CPU array map"},
	{"misaligned stack access",
	 "give the member its natural alignment (no __attribute__((packed))), or copy it with memcpy()"},
	{"misaligned",
	 "the access is not aligned: copy it with __builtin_memcpy() or bpf_probe_read_kernel()"},
	{"invalid indirect read from stack",
	 "a helper is given stack memory that is not all set: initialise the struct ({}), padding "
	 "included (__builtin_memset())"},
	{"invalid read from stack",
	 "a variable on the stack is read before it is set: initialise it"},
	{"invalid write to stack",
	 "512 bytes of stack are all there is: move large variables into a per-CPU array map"},
	{"back-edge",
	 "this kernel takes no loops that it cannot count: bound it by a constant, #pragma unroll, "
	 "or bpf_loop() (5.17)"},
	{"infinite loop detected",
	 "the loop does not end for all that the verifier sees: bound it by a constant"},
	{"BPF program is too large",
	 "the verifier gave up after a million steps: fewer branches in loops, loops in functions of their "
	 "own (__noinline), or bpf_loop()"},
	{"jumps is too complex", "the verifier gave up: fewer branches in loops, or bpf_loop()"},
	{"reference leak",
	 "what was reserved or acquired must be submitted, discarded or released on each way out"},
	{"Unreleased reference",
	 "what was reserved or acquired must be submitted, discarded or released on each way out"},
	{"invalid mem access 'inv'",
	 "this is a number to the verifier, not an address that it knows: read through it with "
	 "BPF_CORE_READ() or bpf_probe_read_kernel() (a program's memory: bpf_probe_read_user())"},
	{"invalid mem access 'scalar'",
	 "this is a number to the verifier, not an address that it knows: read through it with "
	 "BPF_CORE_READ() or bpf_probe_read_kernel() (a program's memory: bpf_probe_read_user())"},
	{"At program exit the register R0",
	 "this kind of program may return certain values only: 0 suits most"},
	{"R0 !read_ok", "the program ends without a result: return 0;"},
	{"the register R0", "this kind of program may return certain values only: 0 suits most"},
	{"type=scalar expected=",
	 "the helper wants an address that the verifier knows, and this is a number to it: copy what lies "
	 "there into a variable first, or give a map's own address (&map)"},
	{"type=inv expected=",
	 "the helper wants an address that the verifier knows, and this is a number to it: copy what lies "
	 "there into a variable first, or give a map's own address (&map)"},
	{"variable ctx access",
	 "of the context only fixed places can be read: unroll the loop, or use if for each place"},
	{"write into map forbidden", "const variables cannot be written while it runs: drop const"},
	{"invalid bpf_context access",
	 "there is no such member in this program's context, or not of this size: sonde hooks -v tells "
	 "what there is"},
	{"btf_vmlinux is malformed", "the kernel's types cannot be read"},
	{"is not a kernel function", "this kernel has no such function"},
	{"!read_ok",
	 "a register is used before it is set: is a variable read that no path has set?"},
};

/* The last "; source @ file.c:12" or, from older kernels, "; source". */
static size_t last_source(const char *log, const char **ret)
{
	const char *at = log, *found = NULL;

	while ((at = strstr(at, "; "))) {
		if (at == log || at[-1] == '\n')
			found = at;
		at++;
	}
	*ret = found ? found + 2 : "";
	return strcspn(*ret, "\n");
}

/* "R0=ctx R1_w=...": what the registers hold, and not what is wrong with one. */
static bool is_state(const char *line)
{
	size_t name = *line == 'R' ? 1 + strspn(line + 1, "0123456789") : 0;

	return name > 1 && (line[name] == '=' || line[name] == '_');
}

/* Lines that say how the verifier came there, and statistics. */
static bool is_aside(const char *line, size_t size)
{
	static const char *const begin[] = {
		"processed ",   "verification time", "stack depth ", "-- ",        "peak_states",
		"old state:",   "cur state:",        "from ",        "last_idx",   "regs=",
		"parent ",      "mark_precise",      "arg#",         "Global ",    "Func#",
		"Validating ",  "BPF program load",  "frame",        "returning ", "caller",
		"to caller at", "propagating ",
	};
	bool code = strspn(line, "0123456789") && line[strspn(line, "0123456789")] == ':';

	if (!size || *line == ';' || *line == ' ' || code || is_state(line))
		return true;
	for (unsigned int i = 0; i < ARRAY_SIZE(begin); i++)
		if (!strncmp(line, begin[i], strlen(begin[i])))
			return true;
	return false;
}

#define LOOP "infinite loop detected"

/* What is wrong: the last line that says something. */
static size_t last_words(const char *log, const char **ret)
{
	const char *line = log, *found = "";

	while (*line) {
		size_t size = strcspn(line, "\n");

		const char *loop = memmem(line, size, LOOP, strlen(LOOP));

		/* Behind an instruction (6.3 and newer). */
		if (loop)
			found = loop;
		else if (!is_aside(line, size))
			found = line;
		line += size + (line[size] == '\n');
	}
	*ret = found;
	return strcspn(found, "\n");
}

static const char *hint_of(const char *text, size_t size)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(hints); i++)
		if (memmem(text, size, hints[i].words, strlen(hints[i].words)))
			return hints[i].hint;
	return NULL;
}

const char *refusal__hint(const char *log)
{
	size_t size = strlen(log), words;
	const char *said, *hint;

	words = last_words(log, &said);
	hint = hint_of(said, words);
	return hint ?: hint_of(size > 400 ? log + size - 400 : log, min(size, 400u));
}

int refusal__tell(struct error *err, int code, const char *path, const char *program,
		  const char *log)
{
	const char *source, *words, *hint = refusal__hint(log);
	int source_size = min(last_source(log, &source), 400u);
	int words_size = min(last_words(log, &words), 400u);

	if (!words_size) { /* it did not come to read the program */
		words = code == -ENOEXEC ? "it does not know this kind" : strerror(-code);
		words_size = strlen(words);
	}

	return error__set(err, code, "%s: the kernel refuses the program %s: %.*s%s%.*s%s%s", path,
			  program, words_size, words, source_size ? "\n    at: " : "", source_size,
			  source, hint ? "\n    hint: " : "", hint ?: "");
}
