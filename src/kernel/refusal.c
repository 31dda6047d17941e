// SPDX-License-Identifier: Apache-2.0
#include "refusal.h"

#include <errno.h>
#include <string.h>

/* The first of these words that the end of the log has tells most. */
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
	{"map_value_or_null", "a lookup may find nothing: if (!value) return 0; before it is used"},
	{"mem_or_null",
	 "bpf_ringbuf_reserve() may have no room: if (!e) return 0; before it is used"},
	{"_or_null'", "it may be NULL: compare it with NULL before it is used"},
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
	{"invalid bpf_context access",
	 "there is no such member in this program's context, or not of this size: sonde hooks -v tells "
	 "what there is"},
	{"btf_vmlinux is malformed", "the kernel's types cannot be read"},
	{"is not a kernel function", "this kernel has no such function"},
	{"!read_ok",
	 "a register is used before it is set: is a variable read that no path has set?"},
};

const char *refusal__hint(const char *log)
{
	size_t size = strlen(log);
	const char *end = size > 2000 ? log + size - 2000 : log;

	for (unsigned int i = 0; i < ARRAY_SIZE(hints); i++)
		if (strstr(end, hints[i].words))
			return hints[i].hint;
	return NULL;
}

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

/* What is wrong: the last line that is no instruction and no statistics. */
static size_t last_words(const char *log, const char **ret)
{
	const char *line = log, *found = "";

	while (*line) {
		size_t size = strcspn(line, "\n");
		bool code = strspn(line, "0123456789") && line[strspn(line, "0123456789")] == ':';

		if (size && *line != ';' && !code && strncmp(line, "processed ", 10) &&
		    strncmp(line, "verification time", 17) && strncmp(line, "stack depth", 11) &&
		    strncmp(line, "-- ", 3) && strncmp(line, "peak_states", 11))
			found = line;
		line += size + (line[size] == '\n');
	}
	*ret = found;
	return strcspn(found, "\n");
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
