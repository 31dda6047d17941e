// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
#include "types.h"

__u64 pulses, last;

SEC("lirc_mode2")
int of_lirc(unsigned int *sample)
{
	if ((*sample & 0xff000000) == 0x01000000) { /* LIRC_MODE2_PULSE */
		ADD(pulses, 1);
		last = *sample & 0xffffff;
	}
	return 0;
}
