// SPDX-License-Identifier: Apache-2.0
/* Pipes, and calls that move bytes between descriptors inside the kernel. */
#include "corpus.h"
#include <signal.h>
#include <sys/uio.h>

int main(void)
{
	char buffer[64];
	struct iovec two[2] = {{"gift", 4}, {" wrapped", 8}};
	loff_t in = 2, out = 100;
	int a[2], b[2], file, other;

	CALL(pipe, a);
	CALL(pipe2, b, O_CLOEXEC | O_NONBLOCK);
	CALL(pipe2, b + 64, 0x40000000);
	CALL(pipe, BAD_ADDRESS);
	CALL(write, a[1], "through the pipe", 16);
	CALL(tee, a[0], b[1], 7, SPLICE_F_NONBLOCK);
	CALL(read, a[0], buffer, 4);
	CALL(read, b[0], buffer, sizeof(buffer));
	CALL(read, b[0], buffer, sizeof(buffer));
	CALL(splice, a[0], NULL, b[1], NULL, 5, SPLICE_F_MOVE | SPLICE_F_MORE);
	CALL(vmsplice, b[1], two, 2, 0);
	CALL(fcntl, a[0], F_GETPIPE_SZ);
	CALL(fcntl, a[0], F_SETPIPE_SZ, 8192);
	file = CALL(open, "file", O_RDWR | O_CREAT, 0600);
	other = CALL(open, "other", O_RDWR | O_CREAT, 0600);
	CALL(splice, b[0], NULL, file, &out, 64, 0);
	CALL(lseek, file, 0L, SEEK_SET);
	CALL(write, file, "0123456789", 10);
	CALL(sendfile, other, file, &in, 4);
	CALL(sendfile, other, file, NULL, 4);
	CALL(sendfile, 99, file, NULL, 4);
	in = 0;
	out = 3;
	CALL(copy_file_range, file, &in, other, &out, 5, 0);
	CALL(copy_file_range, file, NULL, other, NULL, 5, 1);
	CALL(splice, file, NULL, other, NULL, 5, 0);
	CALL(tee, file, other, 5, 0);
	signal(SIGPIPE, SIG_IGN);
	CALL(close, a[0]);
	CALL(write, a[1], "nobody", 6);
	CALL(close, a[1]);
	CALL(close, b[1]);
	CALL(read, b[0], buffer, sizeof(buffer));
	CALL(close, b[0]);
	return 0;
}
