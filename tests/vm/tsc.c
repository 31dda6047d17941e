// SPDX-License-Identifier: Apache-2.0
/* How fast does this machine's time stamp counter count? Prints kHz: 50 ms of it against the clock.
 */
#include <stdio.h>
#include <time.h>
#include <x86intrin.h>

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC_RAW, &t);
	return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

int main(void)
{
	double begin = now_ms(), end;
	unsigned long long ticks = __rdtsc();

	do
		end = now_ms();
	while (end - begin < 50);
	printf("%.0f\n", (__rdtsc() - ticks) / (end - begin));
	return 0;
}
