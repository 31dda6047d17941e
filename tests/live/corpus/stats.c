// SPDX-License-Identifier: Apache-2.0
/* What files are, whose they are, what is allowed, and when they changed. */
#include "corpus.h"
#include <sys/time.h>
#include <sys/vfs.h>
#include <utime.h>

int main(void)
{
	char buffer[512];
	struct timespec both[2] = {{1000000000, 5}, {1000000001, 999999999}};
	struct timespec special[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
	struct timeval old[2] = {{1000000000, 7}, {1000000001, 999999}};
	struct utimbuf older = {900000000, 900000001};
	int fd = CALL(open, "file", O_RDWR | O_CREAT, 0600), dir;

	CALL(umask, 027);
	CALL(umask, 022);
	CALL(write, fd, "12345", 5);
	CALL(symlink, "file", "link");
	CALL(stat, "file", buffer);
	CALL(stat, "link", buffer);
	CALL(stat, ".", buffer);
	CALL(stat, "/dev/null", buffer);
	CALL(stat, "missing", buffer);
	CALL(stat, "file", NULL);
	CALL(lstat, "link", buffer);
	CALL(lstat, "file/x", buffer);
	CALL(fstat, fd, buffer);
	CALL(fstat, 99, buffer);
	CALL(newfstatat, AT_FDCWD, "link", buffer, AT_SYMLINK_NOFOLLOW);
	CALL(newfstatat, fd, "", buffer, AT_EMPTY_PATH);
	dir = CALL(open, ".", O_RDONLY | O_DIRECTORY);
	CALL(newfstatat, dir, "file", buffer, 0);
	CALL(newfstatat, dir, "file", buffer, 0x40000000);
	CALL(statx, dir, "file", AT_STATX_SYNC_AS_STAT, STATX_MODE | STATX_SIZE, buffer);
	CALL(statx, AT_FDCWD, "link", AT_SYMLINK_NOFOLLOW | AT_STATX_DONT_SYNC, STATX_TYPE, buffer);
	CALL(statx, AT_FDCWD, "missing", 0, STATX_ALL, buffer);
	CALL(statfs, "/proc", buffer);
	CALL(statfs, "missing", buffer);
	CALL(fstatfs, -5, buffer);
	CALL(ustat, 0, buffer);
	CALL(access, "file", F_OK);
	CALL(access, "file", R_OK | W_OK);
	CALL(access, "file", 8);
	CALL(access, "missing", X_OK);
	CALL(faccessat, dir, "file", W_OK);
	CALL(faccessat2, dir, "link", R_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW);
	CALL(faccessat2, dir, "link", R_OK, 0x10000);

	CALL(chmod, "file", 04755);
	CALL(chmod, "missing", 0);
	CALL(fchmod, fd, 01777);
	CALL(fchmod, 99, 0);
	CALL(fchmodat, dir, "file", 0640);
	CALL(chown, "file", 1000, 1001);
	CALL(chown, "file", -1, -1);
	CALL(chown, "missing", 0, 0);
	CALL(fchown, fd, 0, -1);
	CALL(lchown, "link", 12, 13);
	CALL(fchownat, dir, "link", 14, 15, AT_SYMLINK_NOFOLLOW);
	CALL(fchownat, dir, "", 14, 15, 0);

	CALL(utime, "file", &older);
	CALL(utime, "file", NULL);
	CALL(utimes, "file", old);
	CALL(utimes, "missing", NULL);
	CALL(futimesat, dir, "file", old);
	CALL(utimensat, dir, "file", both, 0);
	CALL(utimensat, AT_FDCWD, "link", special, AT_SYMLINK_NOFOLLOW);
	CALL(utimensat, AT_FDCWD, "missing", NULL, 0);
	CALL(close, dir);
	CALL(close, fd);
	return 0;
}
