// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What is typed into the shells of this machine? By a uretprobe on the function of bash that reads
 * a line: what it returns is the line.
 *     sonde probe run typed.bpf.o -- bash
 *     sonde probe run typed.bpf.o --binary /usr/local/bin/bash
 */
#include <sonde/probe.bpf.h>

EVENT(typed, mine, "a line was typed into a shell")
{
	struct sonde_data line KIND(string) FROM_USER;
};

SEC("uretprobe//bin/bash:readline")
int BPF_KRETPROBE(on_line, const char *line)
{
	struct sonde_event__typed *e;

	if (!line) /* the end */
		return 0;
	e = begin(typed);
	if (!e)
		return 0;
	append_user_string(scratch_of(e), SLOT(struct sonde_event__typed, line), line,
			   config.string_limit);
	return submit(e);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
