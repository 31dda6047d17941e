// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Functions and a probe of live-types, which --binary names. */
#include "mine.h"

COUNT(uprobe);
COUNT(uprobe_unread); /* text that was not in memory */
COUNT(uretprobe);

SEC("uprobe")
int BPF_KPROBE(on_uprobe, int number, const char *text)
{
	char c;

	if (!is_mine())
		return 0;
	SAW_SO_MANY(uprobe, number);
	if (bpf_probe_read_user(&c, 1, text))
		SAW(uprobe_unread);
	return 0;
}

SEC("uretprobe")
int BPF_KRETPROBE(on_uretprobe, int ret)
{
	if (is_mine())
		SAW_SO_MANY(uretprobe, ret);
	return 0;
}
