// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/*
 * What is typed into the shells of this machine? By a uprobe on the function of bash that takes a
 * line into its history.
 *     sonde probe run history.bpf.o -- bash
 *     sonde probe run history.bpf.o --binary /usr/local/bin/bash
 */
#include <sonde/probe.bpf.h>

EVENT(history, mine, "a line was typed into a shell")
{
	struct sonde_data line KIND(string) FROM_USER;
};

SEC("uprobe//bin/bash:add_history")
int BPF_KPROBE(on_line, const char *line)
{
	struct sonde_event__history *e = begin(history);

	if (!e)
		return 0;
	append_user_string(scratch_of(e), SLOT(struct sonde_event__history, line), line,
			   config.string_limit);
	return submit(e);
}

char LICENSE[] SEC("license") = "Dual BSD/GPL";
