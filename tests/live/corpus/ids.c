// SPDX-License-Identifier: Apache-2.0
/* Users, groups and capabilities. */
#include "corpus.h"
#include <linux/capability.h>
#include <sys/fsuid.h>

static void other_user(void)
{
	gid_t groups[3] = {4, 24, 1000000};
	uid_t r, e, s;

	CALL(setgroups, 3, groups);
	CALL(getgroups, 3, groups);
	CALL(getgroups, 0, NULL);
	CALL(getgroups, 1, groups);
	CALL(setfsuid, 7);
	CALL(setfsgid, 8);
	CALL(setfsuid, -1);
	CALL(setresgid, 11, 12, 13);
	CALL(getresgid, &r, &e, &s);
	CALL(setregid, -1, 11);
	CALL(setgid, 11);
	CALL(setresuid, 21, 22, 0);
	CALL(getresuid, &r, &e, &s);
	CALL(setreuid, 0, 0);
	CALL(setuid, 1000);
	CALL(getuid);
	CALL(geteuid);
	CALL(setuid, 0);
	CALL(setgroups, 0, NULL);
	CALL(open, "/etc/shadow", O_RDONLY);
}

int main(void)
{
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0}, old = {0x11, 0};
	struct __user_cap_data_struct data[2] = {{0}};

	CALL(getuid);
	CALL(getgid);
	CALL(geteuid);
	CALL(getegid);
	CALL(getresuid, BAD_ADDRESS, NULL, NULL);
	IN_CHILD(other_user());
	CALL(capget, &header, NULL);
	CALL(capget, &old, data);
	data[0].effective = data[0].permitted = 1 << CAP_CHOWN | 1 << CAP_NET_ADMIN;
	data[1].effective = data[1].permitted = 1 << (CAP_BPF - 32);
	data[0].inheritable = 1 << CAP_NET_ADMIN;
	IN_CHILD(CALL(capset, &header, data); CALL(capget, &header, data));
	header.pid = 1;
	CALL(capset, &header, data);
	return 0;
}
