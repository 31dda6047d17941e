// SPDX-License-Identifier: Apache-2.0
/* Opening, reading, writing, sizes, locks and duplicates of descriptors. */
#include "corpus.h"
#include <linux/openat2.h>
#include <sys/file.h>
#include <sys/ioctl.h>

int main(void)
{
	char text[100] = "", long_name[300];
	struct open_how how = {.flags = O_RDONLY | O_CLOEXEC,
			       .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_BENEATH};
	struct open_how create = {.flags = O_RDWR | O_CREAT, .mode = 0640};
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 10, .l_len = 20};
	struct {
		struct file_handle h;
		unsigned char bytes[128];
	} handle = {.h.handle_bytes = 128};
	int fd, other, mount_id, waiting = 0;

	fd = CALL(open, "plain", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	CALL(write, fd, "hello, world\n", 13);
	CALL(write, fd, "escapes: \t\"\\\001\033[31m\377\n", 22);
	CALL(write, fd, "0123456789012345678901234567890123456789012345678901234567890123456789",
	     70);
	CALL(write, fd, "", 0);
	CALL(write, fd, BAD_ADDRESS, 5);
	CALL(lseek, fd, 0L, SEEK_SET);
	CALL(read, fd, text, 13);
	CALL(read, fd, text, 100);
	CALL(read, fd, text, 100);
	CALL(read, fd, BAD_ADDRESS, 0);
	CALL(pwrite64, fd, "JE", 2, 0);
	CALL(pread64, fd, text, 5, 0);
	CALL(pread64, fd, text, 5, -1L);
	CALL(lseek, fd, -3L, SEEK_END);
	CALL(lseek, fd, 0L, SEEK_DATA);
	CALL(lseek, fd, -3L, SEEK_CUR);
	CALL(lseek, fd, 0L, 77);
	CALL(ftruncate, fd, 4096L);
	CALL(truncate, "plain", 100L);
	CALL(truncate, "plain", -1L);
	CALL(fallocate, fd, FALLOC_FL_KEEP_SIZE, 0L, 8192L);
	CALL(fallocate, fd, 0, 0L, 0L);
	CALL(fsync, fd);
	CALL(fdatasync, fd);
	CALL(sync_file_range, fd, 0L, 4096L, SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
	CALL(fadvise64, fd, 0L, 0L, POSIX_FADV_SEQUENTIAL);
	CALL(readahead, fd, 0L, 4096L);
	CALL(ioctl, fd, FIONREAD, &waiting);
	CALL(ioctl, fd, FIOCLEX);
	CALL(ioctl, fd, TIOCGWINSZ, text);
	CALL(ioctl, fd, 0xdeadbeef, 1);
	CALL(ioctl, -1, FIONREAD, &waiting);

	other = CALL(dup, fd);
	CALL(dup2, fd, 20);
	CALL(dup2, fd, 20);
	CALL(dup3, fd, 21, O_CLOEXEC);
	CALL(dup3, fd, fd, 0);
	CALL(dup, -1);
	CALL(close, other);
	CALL(close, 20);
	CALL(close, -1);
	CALL(close, 777);
	CALL(close_range, 21, 22, 0);
	CALL(close_range, 5, 3, 0);

	CALL(fcntl, fd, F_GETFL);
	CALL(fcntl, fd, F_SETFL, O_APPEND | O_NONBLOCK);
	CALL(fcntl, fd, F_GETFL);
	CALL(fcntl, fd, F_GETFD);
	CALL(fcntl, fd, F_SETFD, 0);
	CALL(fcntl, fd, F_GETFD);
	close_it(CALL(fcntl, fd, F_DUPFD_CLOEXEC, 100));
	close_it(CALL(fcntl, fd, F_DUPFD, 100));
	CALL(fcntl, fd, F_SETLK, &lock);
	CALL(fcntl, fd, F_GETLK, &lock);
	lock.l_type = F_UNLCK;
	CALL(fcntl, fd, F_SETLKW, &lock);
	CALL(fcntl, fd, F_OFD_SETLK, &lock);
	CALL(fcntl, fd, F_GETOWN);
	CALL(fcntl, fd, F_SETSIG, 10);
	CALL(fcntl, fd, F_GETSIG);
	CALL(fcntl, fd, F_GETLEASE);
	CALL(fcntl, fd, F_GETPIPE_SZ);
	CALL(fcntl, fd, 9999, 1);
	CALL(flock, fd, LOCK_EX | LOCK_NB);
	CALL(flock, fd, LOCK_UN);
	CALL(flock, fd, 0);
	CALL(close, fd);

	fd = CALL(openat, AT_FDCWD, "plain", O_WRONLY | O_TRUNC | O_NOFOLLOW);
	CALL(close, fd);
	fd = CALL(creat, "made", 0600);
	CALL(close, fd);
	fd = CALL(openat, AT_FDCWD, ".", O_RDONLY | O_DIRECTORY | O_PATH);
	CALL(read, fd, text, 1);
	other = CALL(openat, fd, "made", O_RDONLY | O_NONBLOCK);
	CALL(close, other);
	other = CALL(openat, fd, ".", O_RDWR | O_TMPFILE, 0600);
	CALL(close, other);
	other = CALL(openat2, fd, "plain", &how, sizeof(how));
	CALL(close, other);
	other = CALL(openat2, fd, "more", &create, sizeof(create));
	CALL(close, other);
	CALL(openat2, fd, "/etc/passwd", &how, sizeof(how));
	CALL(openat2, fd, "plain", &how, 3);
	CALL(name_to_handle_at, fd, "missing", &handle, &mount_id, 0);
	CALL(close, fd);

	CALL(open, "missing", O_RDONLY);
	CALL(open, "plain", O_RDWR | O_CREAT | O_EXCL, 0644);
	CALL(open, "plain/below", O_RDONLY);
	CALL(open, ".", O_WRONLY);
	CALL(open, "", O_RDONLY);
	CALL(open, BAD_ADDRESS, O_RDONLY);
	CALL(open, NULL, O_RDONLY);
	CALL(openat, 99, "plain", O_RDONLY);
	CALL(openat, AT_FDCWD, "with \"quotes\", \t tabs and \033[31m red", O_RDONLY);
	memset(long_name, 'n', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = 0;
	CALL(open, long_name, O_RDONLY);
	CALL(creat, "no/where", 0777);
	fd = CALL(open, "/dev/null", O_RDWR | O_NOCTTY);
	CALL(write, fd, text, 100);
	CALL(close, fd);
	CALL(syncfs, 99);
	return 0;
}
