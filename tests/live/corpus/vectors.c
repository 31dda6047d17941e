// SPDX-License-Identifier: Apache-2.0
/* Reading and writing by vectors, also in another process's memory. */
#include "corpus.h"
#include <sys/uio.h>

int main(void)
{
	static char first[8], second[16], many[12][4];
	struct iovec out[3] = {
		{"alpha ", 6}, {"", 0}, {"beta gamma delta epsilon zeta eta theta", 39}};
	struct iovec in[2] = {{first, sizeof(first)}, {second, sizeof(second)}}, wide[12];
	struct iovec bad[2] = {{"good", 4}, {BAD_ADDRESS, 4}};
	struct iovec remote[1] = {{"remote bytes", 12}};
	int fd = CALL(open, "file", O_RDWR | O_CREAT, 0600);

	for (unsigned int i = 0; i < ARRAY_SIZE(wide); i++)
		wide[i] = (struct iovec){many[i], sizeof(many[i])};
	CALL(writev, fd, out, 3);
	CALL(writev, fd, out, 0);
	CALL(writev, fd, NULL, -1);
	CALL(writev, fd, BAD_ADDRESS, 1);
	CALL(writev, fd, bad, 2);
	CALL(pwritev, fd, out, 1, 3L, 0L);
	CALL(pwritev2, fd, out, 3, -1L, 0L, RWF_APPEND | RWF_DSYNC);
	CALL(pwritev2, fd, out, 3, 0L, 0L, 0x8000);
	CALL(lseek, fd, 0L, SEEK_SET);
	CALL(readv, fd, in, 2);
	CALL(readv, fd, wide, 12);
	CALL(readv, fd, in, 2);
	CALL(preadv, fd, in, 2, 5L, 0L);
	CALL(preadv, fd, in, 2, 1000L, 0L);
	CALL(preadv2, fd, in, 1, 0L, 0L, RWF_HIPRI);
	CALL(preadv, 99, in, 1, 0L, 0L);
	CALL(process_vm_readv, getpid(), in, 1, remote, 1, 0L);
	CALL(process_vm_writev, getpid(), remote, 1, in + 1, 1, 0L);
	CALL(process_vm_readv, getpid(), in, 1, remote, 1, 7L);
	CALL(close, fd);
	return 0;
}
