// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Likewise, as programs that may sleep: they wait for memory that is not there. */
#include "mine.h"

COUNT(uprobe_s);
COUNT(uprobe_s_unread);
COUNT(uprobe_s_elf); /* the page was that of the file's head */
COUNT(uretprobe_s);

SEC("uprobe.s")
int BPF_KPROBE(on_uprobe_s, int number, const char *text)
{
	char c = 0;

	if (!is_mine())
		return 0;
	SAW_SO_MANY(uprobe_s, number);
	if (bpf_copy_from_user(&c, 1, text))
		SAW(uprobe_s_unread);
	if (c == 0x7f)
		SAW(uprobe_s_elf);
	return 0;
}

SEC("uretprobe.s")
int BPF_KRETPROBE(on_uretprobe_s, int ret)
{
	if (is_mine())
		SAW_SO_MANY(uretprobe_s, ret);
	return 0;
}
