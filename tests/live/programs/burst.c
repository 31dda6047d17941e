// SPDX-License-Identifier: Apache-2.0
/* argv[1] writes of argv[2] bytes to /dev/null, as fast as it can. */
#include "../corpus/corpus.h"

int main(int argc, char **argv)
{
	static char bytes[65536];
	long count = argc > 1 ? atol(argv[1]) : 1000, size = argc > 2 ? atol(argv[2]) : 0;
	int fd = open("/dev/null", O_WRONLY);

	for (long i = 0; i < count; i++)
		if (CALL(write, fd, bytes, size) != size)
			return 1;
	return 0;
}
