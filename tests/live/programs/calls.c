// SPDX-License-Identifier: Apache-2.0
/* A few calls that calls_test knows. */
#include "../corpus/corpus.h"

int main(void)
{
	char buffer[100];
	int fd;

	CALL(getppid);
	fd = CALL(openat, AT_FDCWD, "made", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	CALL(openat, AT_FDCWD, "made", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
	CALL(write, fd, "abcdefghijklmnopqrstuvwxyz", 26);
	CALL(read, fd, buffer, 100);
	CALL(read, 77, buffer, 100);
	CALL(mkdir, "/", 0755);
	return 0;
}
