// SPDX-License-Identifier: Apache-2.0
/* Makes argv[1] children, in groups of 50 at a time; the nth exits with n mod 251. With argv[2] it
 * waits for a byte first. */
#include "../corpus/corpus.h"

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 1000, alive = 0;
	char byte;

	if (argc > 2 && read(0, &byte, 1) < 0)
		return 1;
	for (int i = 0; i < count; i++) {
		pid_t child = fork();

		if (!child)
			_exit(i % 251);
		if (child < 0)
			return 2;
		if (++alive == 50)
			while (alive && wait(NULL) > 0)
				alive--;
	}
	while (wait(NULL) > 0)
		;
	return 0;
}
