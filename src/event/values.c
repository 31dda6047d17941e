// SPDX-License-Identifier: Apache-2.0
/* What are the kernel's numbers called? Its own headers say so where the C library's differ. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <time.h>

#include <asm/ioctls.h>
#include <asm/mman.h>
#include <asm/poll.h>
#include <asm/ptrace.h>
#include <asm/termbits.h>
#ifdef __x86_64__
#include <asm/prctl.h>
#endif
#include <linux/aio_abi.h>
#include <linux/blkpg.h>
#include <linux/blktrace_api.h>
#include <linux/blkzoned.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/cdrom.h>
#include <linux/close_range.h>
#include <linux/dm-ioctl.h>
#include <linux/dma-buf.h>
#include <linux/dqblk_xfs.h>
#include <linux/eventpoll.h>
#include <linux/falloc.h>
#include <linux/fanotify.h>
#include <linux/fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <linux/fsverity.h>
#include <linux/fuse.h>
#include <linux/futex.h>
#include <linux/hdreg.h>
#include <linux/hidraw.h>
#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/inotify.h>
#include <linux/input.h>
#include <linux/io_uring.h>
#include <linux/ioprio.h>
#include <linux/kcmp.h>
#include <linux/kd.h>
#include <linux/kexec.h>
#include <linux/keyctl.h>
#include <linux/kvm.h>
#include <linux/landlock.h>
#include <linux/loop.h>
#include <linux/magic.h>
#include <linux/membarrier.h>
#include <linux/memfd.h>
#include <linux/mempolicy.h>
#include <linux/mman.h>
#include <linux/module.h>
#include <linux/mount.h>
#include <linux/msg.h>
#include <linux/netlink.h>
#include <linux/nsfs.h>
#include <linux/nvme_ioctl.h>
#include <linux/openat2.h>
#include <linux/perf_event.h>
#include <linux/personality.h>
#include <linux/pidfd.h>
#include <linux/prctl.h>
#include <linux/ptrace.h>
#include <linux/quota.h>
#include <linux/random.h>
#include <linux/rseq.h>
#include <linux/rtc.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/sem.h>
#include <linux/shm.h>
#include <linux/sockios.h>
#include <linux/stat.h>
#include <linux/sync_file.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <linux/un.h>
#include <linux/usbdevice_fs.h>
#include <linux/userfaultfd.h>
#include <linux/vfio.h>
#include <linux/vhost.h>
#include <linux/vt.h>
#include <linux/wait.h>
#include <linux/watchdog.h>
#include <linux/wireless.h>
#include <linux/xattr.h>
#include <scsi/sg.h>

#include "tables.h"

#include <string.h>

#include <catalogue/newer.h>

/* An int that is a flag is a word of 32 bits: it must not drag its sign along. */
#define WORD(x) (sizeof(x) <= 4 ? (uint64_t)(uint32_t)(x) : (uint64_t)(x))

/* clang-format off */
#define TABLE(name) static const struct named_value list_##name[] = {
#define TABLE_OCTAL(name) TABLE(name)
#define V(x) {#x, (uint64_t)(x), ~0ull},
#define F(x) {#x, WORD(x), WORD(x)},
#define P(mask, x) {#x, WORD(x), WORD(mask)},
#define N(x, n) {#x, (uint64_t)(n), ~0ull},
#define NF(x, n) {#x, WORD(n), WORD(n)},
#define NP(mask, x, n) {#x, WORD(n), WORD(mask)},
#define END };
#include <catalogue/values.def>

const struct values tables[TABLES] = {
	[TABLE_none] = {"", NULL, 0, false},
#define TABLE(name) [TABLE_##name] = {#name, list_##name, ARRAY_SIZE(list_##name), false},
#define TABLE_OCTAL(name) [TABLE_##name] = {#name, list_##name, ARRAY_SIZE(list_##name), true},
#include <catalogue/values.def>
};
/* clang-format on */

const struct values *values__find(const char *name)
{
	for (unsigned int i = TABLE_none + 1; i < TABLES; i++)
		if (!strcmp(tables[i].name, name))
			return &tables[i];
	return NULL;
}

const struct named_value *values__value(const struct values *values, uint64_t number)
{
	for (unsigned int i = 0; i < values->count; i++) {
		const struct named_value *v = &values->list[i];

		if ((number & v->mask) == v->number)
			return v;
	}
	return NULL;
}

/* Errors and signals are ascending, with few gaps: the search starts where there would be none. */
static const char *nearly_at(const struct values *values, int number)
{
	unsigned int i = number < 1 ? values->count : (unsigned int)number - 1;

	if (i >= values->count)
		i = values->count ? values->count - 1 : 0;
	for (; i < values->count && values->list[i].number > (uint64_t)number && i; i--)
		;
	for (; i < values->count; i++)
		if (values->list[i].number == (uint64_t)number)
			return values->list[i].name;
	return NULL;
}

const char *errno_name(int number)
{
	return nearly_at(&tables[TABLE_errno], number);
}

const char *signal_name(int number)
{
	return nearly_at(&tables[TABLE_signal], number);
}
