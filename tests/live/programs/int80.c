// SPDX-License-Identifier: Apache-2.0
/* A 64-bit program that calls by the 32-bit gate; rubbish in the registers' upper halves means
 * nothing there. */
#include "../corpus/corpus.h"
#include <sys/mman.h>

#ifdef __x86_64__
static long gate(long number, unsigned long a, unsigned long b, unsigned long c)
{
	long result;

	__asm__ volatile("int $0x80"
			 : "=a"(result)
			 : "a"(number), "b"(a), "c"(b), "d"(c)
			 : "memory", "r8", "r9", "r10", "r11");
	return result;
}
#endif

int main(void)
{
#ifdef __x86_64__
	char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);

	strcpy(low, "low/path");
	gate(20, 0, 0, 0); /* getpid; as a 64-bit call: writev */
	gate(5, 0xdeadbeef00000000ul | (unsigned long)low, 0, 0); /* open; fstat */
	gate(4, 0xffffffff00000001ul, 0x100000000ul | (unsigned long)low,
	     0xabcd00000003ul);             /* write; stat */
	gate(90, (unsigned long)low, 0, 0); /* mmap of a structure; chmod */
	gate(9, 0, 0, 0);                   /* link; mmap */
	CALL(getppid);
#endif
	return 0;
}
