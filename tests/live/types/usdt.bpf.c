// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* A probe of live-types, which --binary names. */
#include "mine.h"
#include <bpf/usdt.bpf.h>

COUNT(usdt);
COUNT(usdt_constant);
COUNT(usdt_s);

SEC("usdt")
int BPF_USDT(on_usdt, long number, int constant)
{
	if (!is_mine())
		return 0;
	SAW_SO_MANY(usdt, number);
	SAW_SO_MANY(usdt_constant, -constant);
	return 0;
}

SEC("usdt.s")
int BPF_USDT(on_usdt_s, long number)
{
	if (is_mine())
		SAW_SO_MANY(usdt_s, number);
	return 0;
}
