// SPDX-License-Identifier: Apache-2.0
/* Directories, links, names and special files; the paths of descriptors after their parent was
 * renamed. */
#include "corpus.h"
#include <linux/fs.h>
#include <sys/sysmacros.h>

int main(void)
{
	char buffer[1024];
	int dir, fd;

	CALL(mkdir, "one", 0755);
	CALL(mkdir, "one", 0755);
	CALL(mkdir, "no/where", 0700);
	dir = CALL(open, "one", O_RDONLY | O_DIRECTORY);
	CALL(mkdirat, dir, "two", 0711);
	fd = CALL(openat, dir, "two/file", O_RDWR | O_CREAT, 0600);
	CALL(write, fd, "x", 1);
	CALL(getdents64, dir, buffer, sizeof(buffer));
	CALL(getdents64, dir, buffer, sizeof(buffer));
	CALL(getdents64, dir, buffer, 3);
	CALL(lseek, dir, 0L, SEEK_SET);
	CALL(getdents, dir, buffer, sizeof(buffer));
	CALL(getdents, dir, buffer, sizeof(buffer));
	CALL(getcwd, buffer, sizeof(buffer));
	CALL(getcwd, buffer, 2);
	CALL(chdir, "one/two");
	CALL(getcwd, buffer, sizeof(buffer));
	CALL(openat, AT_FDCWD, "missing", O_RDONLY);
	CALL(fchdir, dir);
	CALL(openat, AT_FDCWD, "missing", O_RDONLY);
	CALL(chdir, "..");
	CALL(chdir, "missing");
	CALL(fchdir, 99);

	/* Known under its old path, then its parents get other names. */
	CALL(rename, "one", "uno");
	CALL(write, fd, "y", 1);
	CALL(renameat, dir, "two", dir, "due");
	CALL(write, fd, "z", 1);
	CALL(renameat2, dir, "due", AT_FDCWD, "uno/zwei", RENAME_NOREPLACE);
	CALL(fsync, fd);
	CALL(mkdir, "other", 0777);
	CALL(renameat2, AT_FDCWD, "uno", AT_FDCWD, "other", RENAME_EXCHANGE);
	CALL(fsync, fd);
	CALL(rename, "missing", "there");
	CALL(renameat2, dir, "missing", dir, "there", RENAME_WHITEOUT | RENAME_NOREPLACE);

	close_it(CALL(creat, "file", 0600));
	CALL(link, "file", "hard");
	CALL(link, "missing", "hard2");
	CALL(linkat, AT_FDCWD, "hard", dir, "harder", AT_SYMLINK_FOLLOW);
	CALL(linkat, fd, "", AT_FDCWD, "there", 0x4);
	CALL(symlink, "file", "soft");
	CALL(symlink, "", "soft2");
	CALL(symlinkat, "../file", dir, "softer");
	CALL(readlink, "soft", buffer, sizeof(buffer));
	CALL(readlink, "soft", buffer, 2);
	CALL(readlink, "file", buffer, sizeof(buffer));
	CALL(readlinkat, dir, "softer", buffer, sizeof(buffer));
	CALL(readlinkat, dir, "missing", buffer, sizeof(buffer));
	CALL(unlink, "hard");
	CALL(unlink, "missing");
	CALL(unlinkat, dir, "harder", 0);
	CALL(unlinkat, dir, "softer", AT_REMOVEDIR);
	CALL(unlink, "file");
	CALL(rmdir, "other");
	CALL(rmdir, "file");
	CALL(mknod, "fifo", S_IFIFO | 0644, 0);
	CALL(mknod, "plain", S_IFREG | 0600, 0);
	CALL(mknod, "null", S_IFCHR | 0666, makedev(1, 3));
	CALL(mknodat, dir, "zero", S_IFCHR | 0600, makedev(1, 5));
	CALL(mknodat, dir, "socket", S_IFSOCK | 0600, 0);
	CALL(mknodat, dir, "zero", S_IFBLK | 0600, makedev(300, 70000));

	/* Deleted, and still open. */
	CALL(unlinkat, dir, "zwei/file", 0);
	CALL(write, fd, "w", 1);
	CALL(close, fd);
	CALL(close, dir);
	IN_CHILD(CALL(chroot, "other"); CALL(chdir, "/"); CALL(open, "/etc", O_RDONLY));
	CALL(chroot, "missing");
	CALL(pivot_root, "missing", "missing");
	return 0;
}
