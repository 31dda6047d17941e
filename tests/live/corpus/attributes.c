// SPDX-License-Identifier: Apache-2.0
/* Extended attributes. */
#include "corpus.h"
#include <sys/xattr.h>

int main(void)
{
	char buffer[256];
	int fd = CALL(open, "file", O_RDWR | O_CREAT, 0600);

	CALL(symlink, "file", "link");
	CALL(setxattr, "file", "user.first", "value", 5, XATTR_CREATE);
	CALL(setxattr, "file", "user.first", "value", 5, XATTR_CREATE);
	CALL(setxattr, "file", "user.binary", "\0\1\2\377", 4, 0);
	CALL(setxattr, "missing", "user.first", "value", 5, XATTR_REPLACE);
	CALL(lsetxattr, "link", "trusted.of-a-link", "long value, longer than thirty-two bytes", 40,
	     0);
	CALL(fsetxattr, fd, "user.third", "", 0, 0);
	CALL(fsetxattr, 99, "user.third", NULL, 0, 0);
	CALL(getxattr, "file", "user.first", buffer, sizeof(buffer));
	CALL(getxattr, "file", "user.first", NULL, 0);
	CALL(getxattr, "file", "user.first", buffer, 2);
	CALL(getxattr, "file", "user.none", buffer, sizeof(buffer));
	CALL(lgetxattr, "link", "trusted.of-a-link", buffer, sizeof(buffer));
	CALL(fgetxattr, fd, "user.binary", buffer, sizeof(buffer));
	CALL(listxattr, "missing", buffer, sizeof(buffer));
	CALL(llistxattr, "link", buffer, 1);
	CALL(flistxattr, 99, buffer, sizeof(buffer));
	CALL(removexattr, "file", "user.first");
	CALL(removexattr, "file", "user.first");
	CALL(lremovexattr, "link", "trusted.of-a-link");
	CALL(fremovexattr, fd, "user.binary");
	CALL(fremovexattr, fd, BAD_ADDRESS);
	CALL(close, fd);
	return 0;
}
